"""One writer at a time: a lock that the operating system takes back when its holder dies."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from evidence_review.errors import LockedError

WAIT_SECONDS = 10.0


def _holder(note: Path) -> str:
    try:
        data = json.loads(note.read_text(encoding="utf-8"))
        return f"'evidence-review {data['verb']}' (process {data['pid']}, since {data['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another evidence-review command"


@contextmanager
def held(path: Path, verb: str, since: str, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock file `path` while the body runs; wait up to `wait` seconds for another holder.

    Raises:
        LockedError: the lock was not free in time; the message says who holds it.
    """
    lock = FileLock(path, timeout=wait)
    note = path.with_suffix(".holder")
    try:
        lock.acquire()
    except Timeout:
        raise LockedError(
            f"{_holder(note)} is writing this review and did not finish within {wait:.0f} s. "
            "Nothing was changed; wait for it to end, then run this command again."
        ) from None
    try:
        note.write_text(json.dumps({"verb": verb, "pid": os.getpid(), "since": since}), encoding="utf-8")
        yield
    finally:
        with suppress(OSError):
            note.unlink()
        lock.release()
