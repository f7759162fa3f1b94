"""The disk: what it holds, made durable, and what it refuses, as a message with a remedy."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from evidence_review.errors import StorageError

_AT_ONCE = 8


class Digest(Protocol):
    """What `hashlib.sha256` gives."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""

    def hexdigest(self) -> str:
        """Return the digest so far."""
        ...


def sha256_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, without holding them all."""
    return sha256_of(path).hexdigest()


def sha256_of(path: Path) -> Digest:
    """Return the digest of a file's bytes, to which more can be added."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256")


@contextmanager
def storage_errors(doing: str) -> Iterator[None]:
    """Turn what a disk or folder refuses into a message with a remedy."""
    try:
        yield
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            remedy = "The disk is full (or its quota used up): free some space and run the command again."
        elif fault.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            remedy = "The folder or file may not be written: check its permissions, and close it in other programs."
        else:
            remedy = "Check the disk and run the command again."
        place = f" ({fault.filename})" if fault.filename else ""
        raise StorageError(f"{doing}: {fault.strerror or fault}{place}. {remedy}") from fault


def sync(path: Path) -> None:
    """Make a file durable."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def sync_all(paths: Sequence[Path]) -> None:
    """Make files durable; several at the same time, for each waits for the disk and the disk writes them together."""
    if len(paths) < 3:
        for path in paths:
            sync(path)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(sync, paths):
            pass


def sync_folder(path: Path) -> None:
    """Make what a folder lists durable."""
    if os.name == "nt":  # Windows cannot open a folder; its renames are journaled
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
