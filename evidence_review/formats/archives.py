"""Zip archives from people: what must hold before anything is read from one."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath

from evidence_review.errors import InputError

# A zip may hold this much in all, and be this many times smaller than what it holds; exports shrink to a tenth at most.
_MOST_BYTES = 3_000_000_000
_MOST_RATIO = 200
_SMALL = 20_000_000
_MOST_ENTRIES = 10_000


def check_archive(name: str, size: int, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse an archive that would blow up or whose entries point outside.

    Raises:
        InputError: saying which entry, and what to do.
    """
    whole = sum(entry.file_size for entry in entries)
    if len(entries) > _MOST_ENTRIES or whole > _MOST_BYTES or (whole > _SMALL and whole > _MOST_RATIO * max(size, 1)):
        raise InputError(
            f"{name} would unpack to {whole:,} bytes in {len(entries):,} files from {size:,} bytes: "
            "this is no archive of exports. Unpack it yourself if you trust it, and load the files."
        )
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        if ".." in parts or entry.filename.startswith(("/", "\\")) or (parts and parts[0].endswith(":")):
            raise InputError(
                f"{name} has an entry '{entry.filename}' that points outside the archive. Nothing was read from "
                "it; make a new archive of the exports alone."
            )
        if entry.flag_bits & 0x1:
            raise InputError(f"{name} is locked with a password. Unpack it yourself and load the files.")
