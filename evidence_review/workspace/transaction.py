"""One run of one command that changes a review: what it adds and writes, and its line in the ledger."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from evidence_review import __version__
from evidence_review.errors import StorageError
from evidence_review.model.events import Event, TakenBack
from evidence_review.model.ledger import GENESIS, LedgerEntry, run_name, seal
from evidence_review.model.record import Parsed
from evidence_review.model.search_run import SearchRun, run_to_dict
from evidence_review.workspace import drawn, records, tables
from evidence_review.workspace.clock import stamp
from evidence_review.workspace.disk import sha256_file
from evidence_review.workspace.layout import Layout
from evidence_review.workspace.records import Prepared
from evidence_review.workspace.staging import Staging


class Transaction:
    """The changes of one run of one command. `run` is the run's name, `when` its time, for use in events."""

    def __init__(
        self,
        layout: Layout,
        ledger: Sequence[LedgerEntry],
        command: Sequence[str],
        staging: Staging,
        verb: str,
        arguments: dict[str, Any],
        moment: datetime.datetime,
    ) -> None:
        self._layout = layout
        self._ledger = ledger
        self._command = command
        self._staging = staging
        self._verb = verb
        self._arguments = arguments
        self._inputs: dict[str, str] = {}
        self._taken_back: set[tuple[str, str]] | None = None
        self._sheets: dict[str, Path] = {}
        self._known: records.Known | None = None
        self._write_record: Callable[[bytes], None] | None = None
        self.counts: dict[str, Any] = {}
        self.when = stamp(moment)
        self.run = run_name(len(self._ledger) + 1, verb)

    def add_record(self, parsed: Parsed, source: str, run: str, position: int, format: str) -> tuple[str, bool]:
        """Add what a source gave as a record; return its id and whether it is new (else it was already there)."""
        return self.add_prepared(records.prepare(parsed, source, format), source, run, position)

    def add_prepared(self, prepared: Prepared, source: str, run: str, position: int) -> tuple[str, bool]:
        """Add a record that `records.prepare` made ready; return its id and whether it is new."""
        if self._known is None:
            self._known = records.known(self._layout.records, self._gone_runs())
        identifier, new = self._known.take(prepared[0])
        if new:
            self._write(records.line(prepared, identifier, source, run, position))
        return identifier, new

    def add_again(self, written: bytes, run: str, position: int) -> None:
        """Add a record that is in the review by another run now, where only its earlier line is to be had."""
        self._write(records.again(written, run, position))

    def _write(self, line: bytes) -> None:
        if self._write_record is None:
            self._write_record = self._staging.appending(self._layout.records)
        self._write_record(line)

    def take_back(self, events: Sequence[TakenBack]) -> None:
        """Take back what runs brought; done first, for what is added after it may be among that."""
        self._gone_runs().update((event.source, event.run) for event in events)
        self.add_events(events)

    def _gone_runs(self) -> set[tuple[str, str]]:
        if self._taken_back is None:
            said = tables.read(self._layout.taken_back, TakenBack)
            self._taken_back = {(event.source, event.run) for event in said}
        return self._taken_back

    def add_run(self, run: SearchRun) -> None:
        """Write the manifest of a search run."""
        folder = self._layout.searches / run.source / run.id
        self.write(folder / "manifest.json", encode_json(run_to_dict(run)))

    def add_events(self, events: Iterable[Event]) -> None:
        """Append events to the file of their kind."""
        for kind, batch in groupby(events, key=type):
            target = tables.file_of(kind, self._layout)
            if not target.exists() and not self._staging.will_append(target):
                self._staging.append(target, tables.header(kind))
            self._staging.append(target, tables.rows(batch))

    def write(self, path: Path, data: bytes, *, keep_existing: bool = False) -> None:
        """Write a whole file of the review folder; with `keep_existing` only where there is none.

        A file that lay there with these very bytes, but that no run is known to have written (a committed report beside
        a fresh library), is written all the same: the ledger must name the run that vouches for it.
        """
        if keep_existing:
            self._staging.create(path, data)
            return
        last, digest = self._last_writer(path), hashlib.sha256(data).hexdigest()
        known = last is not None and last.outputs[self._layout.inside(path)] == digest
        self._staging.replace(path, data, known=known)

    def append(self, path: Path, data: bytes) -> None:
        """Write at the end of a file of the library that only grows, so that how it stood earlier can be told."""
        self._staging.append(path, data)

    def draw(self, path: Path, data: bytes) -> None:
        """Write a picture of what was extracted or appraised.

        One that comes out the same although values were recorded since is written all the same: the ledger must name
        the run that looked at them, or readers would be told for ever that the picture is old.
        """
        last = self._last_writer(path)
        if last is not None and last.seq < drawn.last_change(self._ledger):
            self._staging.replace(path, data, known=False)
        else:
            self.write(path, data)

    def _last_writer(self, path: Path) -> LedgerEntry | None:
        name = self._layout.inside(path)
        return next((entry for entry in reversed(self._ledger) if name in entry.outputs), None)

    def keep_import(self, data: bytes, suffix: str) -> str:
        """Keep a byte copy of a loaded file; return its sha256."""
        digest = hashlib.sha256(data).hexdigest()
        self._staging.create(self._layout.imports / f"{digest}{suffix}", data)
        return digest

    def keep_import_of(self, source: BinaryIO, sha256: str, suffix: str) -> str:
        """Keep a byte copy of a loaded file of any size whose hash is known; return the sha256 of what was copied."""
        return self._staging.create_from(self._layout.imports / f"{sha256}{suffix}", source)

    def read_input(self, name: str, sha256: str) -> None:
        """Note in the ledger that a file was read."""
        self._inputs[name] = sha256

    def read_sheet(self, name: str, path: Path, sha256: str) -> None:
        """Note in the ledger that a sheet was read, wherever it lies: one that came by mail is kept as well."""
        self._sheets[name] = path
        self.read_input(name, sha256)

    def saw(self, names: Iterable[str]) -> None:
        """Note in the ledger that files of the folder were read (their names inside it)."""
        for name in names:
            self.read_input(name, sha256_file(self._layout.folder / name))

    def _keep_sheets(self) -> None:
        """Keep a byte copy of each sheet that was read, so that the row a decision names can always be looked up."""
        for name, digest in self._inputs.items():
            path = self._sheets.get(name, self._layout.folder / name)
            if (name in self._sheets or path.is_relative_to(self._layout.sheets)) and path.is_file():
                data = path.read_bytes()
                if hashlib.sha256(data).hexdigest() == digest:
                    self._staging.create(self._layout.collected / f"{digest}{path.suffix}", data)

    def _must_be_as_written(self) -> None:
        """Refuse to go on with a file that something else changed: the ledger would vouch for it from then on.

        Not so records and citations, which can be made again from the files and replies that they were read from.
        """
        for path, digest in self._staging.grown().items():
            last = self._last_writer(path)
            made_again = path in (self._layout.records, self._layout.citations)
            if last is None or last.outputs[self._layout.inside(path)] == digest or made_again:
                continue
            what = f"is not as run {last.run} wrote it" if digest else f"is gone since run {last.run} wrote it"
            raise StorageError(
                f"{self._layout.inside(path)} {what}. Nothing was changed: put it back from a backup. "
                "'evidence-review audit verify' names every such file."
            )

    def seal(self) -> None:
        """Write the ledger line of these changes, the last thing before they are committed; none where none is made."""
        if self._staging.empty:
            return
        protocol = self._layout.protocol
        if protocol.exists():
            data = protocol.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            self._inputs.setdefault(self._layout.inside(protocol), digest)
            self._staging.create(self._layout.protocol_versions / f"{digest}.yml", data)
        self._keep_sheets()
        self._must_be_as_written()
        entry = LedgerEntry(
            seq=len(self._ledger) + 1,
            verb=self._verb,
            when=self.when,
            version=__version__,
            command=list(self._command),
            arguments=self._arguments,
            inputs=dict(sorted(self._inputs.items())),
            outputs=dict(sorted(self._staging.outputs().items())),
            counts=self.counts,
            previous=self._ledger[-1].hash if self._ledger else GENESIS,
        )
        entry = replace(entry, hash=seal(entry))
        line = json.dumps({name: getattr(entry, name) for name in LedgerEntry.__dataclass_fields__}, ensure_ascii=False)
        self._staging.append(self._layout.ledger, (line + "\n").encode("utf-8"))


def encode_json(data: Any) -> bytes:
    """Return data as indented JSON bytes, keys in the order given."""
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def encode_line(data: Any) -> bytes:
    """Return data as one line of JSON bytes."""
    return (json.dumps(data, ensure_ascii=False) + "\n").encode("utf-8")
