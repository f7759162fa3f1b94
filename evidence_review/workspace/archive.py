"""Raw replies of one search run, byte for byte (gzip), with a journal: what a resumed or offline run reads again.

    library/<review>/searches/<source>/<run>/replies/00001.gz    the body, secrets taken out
    library/<review>/searches/<source>/<run>/journal.jsonl       one line a reply, written after its body is on disk

These files only grow, and each is written by itself, so they need no transaction: what a killed process leaves is a
body without a journal line, which the next run writes over.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence_review.errors import Problem, StorageError
from evidence_review.model.search_run import SearchRun
from evidence_review.net.exchange import Reply, Request, open_body
from evidence_review.net.failures import Failure
from evidence_review.net.store import SUCCESS, kept
from evidence_review.workspace import lock
from evidence_review.workspace.clock import now, stamp
from evidence_review.workspace.disk import sha256_file, storage_errors
from evidence_review.workspace.layout import Layout

JOURNAL, _REPLIES = "journal.jsonl", "replies"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal. `outcome` is `ok` or the kind of failure; `sha256` that of the body as archived."""

    number: int
    key: str
    request: str
    form: tuple[tuple[str, str], ...]
    status: int
    headers: Mapping[str, str]
    when: str
    bytes: int
    sha256: str
    outcome: str
    attempt: int = 1


class Archive:
    """The archive of one run. Use `opened`, which holds its lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size = 0
        self._lines = list(self._load())
        self._by_key: dict[str, Line] = {}
        self._attempt = max((line.attempt for line in self._lines), default=1)
        self._index()

    def _index(self) -> None:
        self._by_key = {
            line.key: line for line in self._lines if line.outcome == SUCCESS and line.attempt == self._attempt
        }

    def _load(self) -> Iterator[Line]:
        path = self._folder / JOURNAL
        if not path.exists():
            return
        data = path.read_bytes()
        whole, newline, _ = data.rpartition(b"\n")
        # A line that was cut off while it was written was never acknowledged: the next one is written over it.
        self._size = len(whole) + len(newline)
        for place, text in enumerate(whole.splitlines(), start=1):
            try:
                values: dict[str, Any] = json.loads(text)
                values["form"] = tuple((name, value) for name, value in values["form"])
                yield Line(**values)
            except (ValueError, TypeError, KeyError) as fault:
                raise StorageError(f"{path} line {place} is damaged ({fault}): put it back from a backup.") from fault

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every reply that was noted, in the order in which they came."""
        return tuple(self._lines)

    @property
    def attempt(self) -> int:
        """Which attempt is being made; a new one begins where a service forgot our place in its results."""
        return self._attempt

    def start_over(self) -> None:
        """Begin a new attempt. What the earlier ones fetched stays, but no longer answers questions."""
        self._attempt += 1
        self._index()

    def keep(self, request: Request, status: int, headers: Mapping[str, str], chunks: Iterable[bytes]) -> Reply:
        """Write a body as it arrives; a body that breaks off leaves nothing behind."""
        number = len(self._lines) + 1
        path = self._path(number)
        draft = path.with_suffix(".part")
        digest = hashlib.sha256()
        size = 0
        with storage_errors("A reply could not be kept"):
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("wb") as raw:
                # No name and no time in the header: the same body always gives the same bytes.
                with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as out:
                    for chunk in chunks:
                        digest.update(chunk)
                        size += len(chunk)
                        with storage_errors("A reply could not be kept"):
                            out.write(chunk)
                with storage_errors("A reply could not be kept"):
                    raw.flush()
                    os.fsync(raw.fileno())
            draft.replace(path)
        except BaseException:
            with suppress(OSError):
                draft.unlink()
            raise
        return Reply(
            lambda: open_body(path),
            status,
            kept(headers),
            number,
            digest.hexdigest(),
            self._name(number),
            request.shown,
        )

    def note(self, request: Request, reply: Reply, outcome: str) -> None:
        """Write the journal line of the reply that was kept last."""
        line = Line(
            number=reply.number,
            key=request.key,
            request=f"{request.method} {request.shown}",
            form=request.form or (),
            status=reply.status,
            headers=dict(reply.headers),
            when=stamp(now()),
            bytes=self._path(reply.number).stat().st_size,
            sha256=reply.sha256,
            outcome=outcome,
            attempt=self._attempt,
        )
        data = {name: getattr(line, name) for name in Line.__slots__}
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
        encoded = text.encode("utf-8", "surrogatepass")
        with storage_errors("A reply could not be noted"):
            (self._folder / JOURNAL).touch()
            with (self._folder / JOURNAL).open("rb+") as stream:
                stream.truncate(self._size)
                stream.seek(self._size)
                stream.write(encoded)
                stream.flush()
                os.fsync(stream.fileno())
        self._size += len(encoded)
        self._lines.append(line)
        if outcome == SUCCESS:
            self._by_key[line.key] = line

    def find(self, request: Request) -> Reply | None:
        """Return the archived answer to a question, checked against its hash.

        Raises:
            StorageError: the body is gone or was changed.
        """
        line = self._by_key.get(request.key)
        return None if line is None else self.reply(line)

    def reply(self, line: Line) -> Reply:
        """Return an archived reply."""
        path = self._path(line.number)
        try:
            digest = _sha256_of_body(path)
        except (OSError, Failure) as fault:
            raise StorageError(f"{path} is damaged or missing: put it back from a backup.") from fault
        if digest != line.sha256:
            raise StorageError(f"{path} was changed after it was archived: put it back from a backup.")
        return Reply(
            lambda: open_body(path), line.status, line.headers, line.number, line.sha256, self._name(line.number),
            line.request,
        )  # fmt: skip

    def files(self) -> tuple[tuple[str, str], ...]:
        """Return (name, sha256) of the journal, which names the hash of every body; none where nothing was asked."""
        path = self._folder / JOURNAL
        if not path.exists():
            return ()
        source, run = self._folder.parent.name, self._folder.name
        return ((f"searches/{source}/{run}/{JOURNAL}", sha256_file(path)),)

    def _name(self, number: int) -> str:
        return f"{_REPLIES}/{number:05d}.gz"

    def _path(self, number: int) -> Path:
        return self._folder / _REPLIES / f"{number:05d}.gz"


def faults(layout: Layout, runs: Iterable[SearchRun]) -> Iterator[Problem]:
    """Yield what is gone or was changed in the archives of searches: bodies by the journal, journals by the manifests.

    A journal may have grown since its run's manifest was written (a resumed search that died): its beginning counts.
    """
    remedy = "Put it back from a backup."
    for run in runs:
        folder = layout.searches / run.source / run.id
        journal = folder / JOURNAL
        for name, digest in run.files:
            if name.rpartition("/")[2] == JOURNAL and not (journal.exists() and _began_as(journal, digest)):
                yield Problem(layout.inside(journal), f"is not what run {run.id} was made of", remedy)
        try:
            archived = Archive(folder)
            lines = archived.lines
        except StorageError as fault:
            yield Problem(layout.inside(journal), str(fault), remedy)
            continue
        for line in lines:
            try:
                archived.reply(line)
            except StorageError:
                where = layout.inside(folder / _REPLIES / f"{line.number:05d}.gz")
                yield Problem(where, "is gone, or not the reply that the journal names", remedy)


def _began_as(journal: Path, digest: str) -> bool:
    """Whether some number of the journal's first lines has this sha256."""
    running = hashlib.sha256()
    with journal.open("rb") as stream:
        for line in stream:
            running.update(line)
            if running.hexdigest() == digest:
                return True
    return False


def _sha256_of_body(path: Path) -> str:
    digest = hashlib.sha256()
    with open_body(path) as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def opened(folder: Path, verb: str) -> Iterator[Archive]:
    """Give the archive in `folder`, held so that no other process writes to it meanwhile.

    Raises:
        LockedError: another process is fetching this search.
    """
    with storage_errors("The archive could not be opened"):
        folder.mkdir(parents=True, exist_ok=True)
    with lock.held(folder / ".lock", verb, stamp(now())):
        yield Archive(folder)
