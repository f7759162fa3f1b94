"""All or nothing: the changes of one command are staged, committed with one rename, then applied.

Until `commit.json` stands in the pending folder nothing has happened; once it stands everything will, now or when the
next command opens the review. Each step of applying may be repeated: a replaced file is a rename, an appended one is
first cut back to the length it had.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, BinaryIO

from evidence_review.workspace.disk import Digest, sha256_of, sync, sync_all, sync_folder

_COMMIT = "commit.json"
_CHUNK = 1 << 20


class _Append:
    """What is to be added to a file, and the digest that the whole file will have; `before` is the one it has."""

    def __init__(self, stream: IO[bytes], digest: Digest) -> None:
        self.stream = stream
        self.digest = digest
        self.before = digest.hexdigest()

    def write(self, data: bytes) -> None:
        self.digest.update(data)
        self.stream.write(data)


class Staging:
    """Changes to files below `root`, staged in the folder `pending`."""

    def __init__(self, root: Path, pending: Path) -> None:
        self._root = root
        self._pending = pending
        self._ops: list[dict[str, Any]] = []
        self._appends: dict[Path, _Append] = {}
        self._numbers = itertools.count()

    def begin(self) -> None:
        """Finish what a dead process committed, throw away what it did not, and start afresh."""
        recover(self._root, self._pending)
        self._pending.mkdir(parents=True, exist_ok=True)

    def _staged(self) -> Path:
        """Return where the next change is staged; two threads never get the same place."""
        return self._pending / f"{next(self._numbers):04d}"

    def replace(self, target: Path, data: bytes, *, known: bool = True) -> None:
        """Stage `data` as the whole content of `target`.

        Nothing is staged where the file holds these bytes already and it is `known` that this program wrote them.
        """
        self._put(target, data, keep_existing=False, known=known)

    def create(self, target: Path, data: bytes) -> None:
        """Stage `data` for `target` unless a file of that name exists."""
        self._put(target, data, keep_existing=True)

    def create_from(self, target: Path, source: BinaryIO) -> str:
        """Stage what `source` gives for `target` unless a file of that name exists; return its sha256.

        Bytes are copied piece by piece, so that a file of any size fits in memory.
        """
        staged = self._staged()
        digest = hashlib.sha256()
        with staged.open("wb") as out:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                out.write(chunk)
        if target.exists():
            staged.unlink()
        else:
            place = target.relative_to(self._root).as_posix()
            self._ops.append({"kind": "replace", "target": place, "staged": staged.name, "sha256": digest.hexdigest()})
        return digest.hexdigest()

    def _put(self, target: Path, data: bytes, keep_existing: bool, known: bool = True) -> None:
        if target.exists() and (keep_existing or (known and target.read_bytes() == data)):
            return
        staged = self._staged()
        staged.write_bytes(data)
        self._ops.append(
            {
                "kind": "replace",
                "target": target.relative_to(self._root).as_posix(),
                "staged": staged.name,
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )

    def append(self, target: Path, data: bytes) -> None:
        """Stage `data` to be added at the end of `target`."""
        if not data:
            return
        self.appending(target)(data)

    def appending(self, target: Path) -> Callable[[bytes], None]:
        """Return what takes data to be added at the end of `target`, for whoever adds many pieces."""
        if target not in self._appends:
            staged = self._staged()
            digest = sha256_of(target) if target.exists() else hashlib.sha256()
            op = {
                "kind": "append",
                "target": target.relative_to(self._root).as_posix(),
                "staged": staged.name,
                "offset": target.stat().st_size if target.exists() else 0,
            }
            self._ops.append(op)
            self._appends[target] = _Append(staged.open("wb", buffering=_CHUNK), digest)
        return self._appends[target].write

    def will_append(self, target: Path) -> bool:
        """Whether something is already staged for the end of `target`."""
        return target in self._appends

    def grown(self) -> dict[Path, str]:
        """Return the files at whose ends something is staged, with the sha256 that each has now ("" where new)."""
        return {target: append.before if target.exists() else "" for target, append in self._appends.items()}

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not self._ops

    def outputs(self) -> dict[str, str]:
        """Return the sha256 that each changed file will have."""
        digests = {op["target"]: op["sha256"] for op in self._ops if op["kind"] == "replace"}
        for target, append in self._appends.items():
            digests[target.relative_to(self._root).as_posix()] = append.digest.hexdigest()
        return digests

    def commit(self) -> None:
        """Make every staged change real."""
        for append in self._appends.values():
            append.stream.close()
        sync_all([self._pending / op["staged"] for op in self._ops])
        draft = self._pending / "commit.draft"
        draft.write_text(json.dumps({"ops": self._ops}), encoding="utf-8")
        sync(draft)
        draft.replace(self._pending / _COMMIT)
        sync_folder(self._pending)
        recover(self._root, self._pending)

    def discard(self) -> None:
        """Forget every staged change."""
        for append in self._appends.values():
            append.stream.close()
        shutil.rmtree(self._pending, ignore_errors=True)


def has_pending(pending: Path) -> bool:
    """Whether a committed change still has to be applied."""
    return (pending / _COMMIT).exists()


def recover(root: Path, pending: Path) -> None:
    """Apply a committed change that was cut off; remove one that was never committed."""
    if not pending.exists():
        return
    commit = pending / _COMMIT
    if commit.exists():
        folders = set()
        for op in json.loads(commit.read_text(encoding="utf-8"))["ops"]:
            target, staged = root / op["target"], pending / op["staged"]
            target.parent.mkdir(parents=True, exist_ok=True)
            if op["kind"] == "replace":
                if staged.exists():
                    staged.replace(target)
            else:
                _apply_append(target, staged, op["offset"])
            folders.add(target.parent)
        for folder in sorted(folders):
            sync_folder(folder)
        commit.unlink()
        sync_folder(pending)
    shutil.rmtree(pending)


def _apply_append(target: Path, staged: Path, offset: int) -> None:
    if not offset:
        # All of the file is new: it is moved, and not there any more where this is done a second time.
        if staged.exists():
            staged.replace(target)
        return
    with target.open("rb+") as out, staged.open("rb") as source:
        out.truncate(offset)
        out.seek(offset)
        shutil.copyfileobj(source, out, _CHUNK)
        out.flush()
        os.fsync(out.fileno())
