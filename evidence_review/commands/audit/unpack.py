"""Reading a bundle that came from elsewhere: nothing leaves its folder, nothing grows without bounds."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from evidence_review.commands.audit.bundle import own_digest, pack
from evidence_review.commands.audit.crate import METADATA, Packed, packed_files
from evidence_review.errors import IdentityError, InputError, Problem
from evidence_review.workspace.disk import storage_errors

_MOST_METADATA = 200_000_000
_CHUNK = 1 << 20
_AGAIN = "Ask for the bundle again."
_DAMAGE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)


def unpack(path: Path, folder: Path) -> int:
    """Write a bundle's files below `folder` and hold each against its hash; return how many there are.

    Raises:
        InputError: the file is no bundle.
        IdentityError: something in it is not what it says; each such file is named.
    """
    said, found = own_digest(path)
    problems: list[Problem] = []
    try:
        with zipfile.ZipFile(path) as archive:
            expected = _listed(archive, path)
            present = [entry.filename for entry in archive.infolist()]
            problems += _strangers(present, expected)
            for name in expected:
                if name in present and not problems:
                    problems += _written(archive, name, expected[name], folder)
    except _DAMAGE as fault:  # a forged offset ends in a seek to nowhere, which is an OSError
        raise IdentityError(f"{path.name} is damaged: {fault}. {_AGAIN}") from fault
    if not problems and said != found:
        where = _place(path, folder, list(expected))
        problems = [Problem(path.name, f"a byte of the archive's own structure was changed, {where}", _AGAIN)]
    if problems:
        raise IdentityError(f"{path.name} is not what it says.", problems)
    return len(expected)


def _place(path: Path, folder: Path, names: list[str]) -> str:
    """Say where an archive whose files are whole differs from the one that these files give."""
    with zipfile.ZipFile(path) as archive:
        about = archive.read(METADATA)
    again = folder / ".again.zip"
    pack(again, about, {name: folder / name for name in names})
    with path.open("rb") as one, again.open("rb") as other, zipfile.ZipFile(again) as whole:
        same = _first_difference(one, other)
        starts = {entry.header_offset: entry.filename for entry in whole.infolist()}
        directory = whole.start_dir
    again.unlink()
    if same is None or same >= path.stat().st_size - 64:
        return "in the sha256 at its end"
    if same >= directory:
        return "in the list of files at its end"
    return f"at byte {same:,}, in what holds {starts[max(start for start in starts if start <= same)]}"


def _first_difference(one: BinaryIO, other: BinaryIO) -> int | None:
    place = 0
    while True:
        first, second = one.read(_CHUNK), other.read(_CHUNK)
        if first != second:
            pairs = enumerate(zip(first, second, strict=False))
            return place + next((number for number, (a, b) in pairs if a != b), min(len(first), len(second)))
        if not first:
            return None
        place += len(first)


def _listed(archive: zipfile.ZipFile, path: Path) -> dict[str, Packed]:
    try:
        entry = archive.getinfo(METADATA)
    except KeyError:
        raise InputError(
            f"{path.name} is no bundle: it has no {METADATA}. 'evidence-review audit bundle' writes one."
        ) from None
    if entry.file_size > _MOST_METADATA:
        raise IdentityError(f"{path.name}: {METADATA} claims {entry.file_size:,} bytes; it is not read. {_AGAIN}")
    try:
        return packed_files(archive.read(METADATA))
    except (*_DAMAGE, KeyError, TypeError, AttributeError) as fault:
        raise IdentityError(f"{path.name}: {METADATA} is damaged ({fault}). {_AGAIN}") from fault


def _strangers(present: list[str], expected: dict[str, Packed]) -> list[Problem]:
    problems = [Problem(name, "is listed but not in the bundle", _AGAIN) for name in expected if name not in present]
    for name in present:
        if name != METADATA and name not in expected:
            problems.append(Problem(name, "is in the bundle but not listed", _AGAIN))
        elif present.count(name) > 1:
            problems.append(Problem(name, "stands twice in the bundle", _AGAIN))
    problems += [Problem(name, "would be written outside the folder", _AGAIN) for name in expected if not safe(name)]
    return problems


def safe(name: str) -> bool:
    """Whether a name stays below the folder on every system: no root, no drive, no way up, no backslash."""
    path = PurePosixPath(name)
    return not (path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not path.parts)


def _written(archive: zipfile.ZipFile, name: str, packed: Packed, folder: Path) -> list[Problem]:
    """Write one file; a broken one is named."""
    try:
        return _write(archive, name, packed, folder)
    except _DAMAGE as fault:
        return [Problem(name, f"is damaged in the bundle ({fault})", _AGAIN)]


def _opened(target: Path) -> BinaryIO:
    with storage_errors("The bundle could not be unpacked"):
        target.parent.mkdir(parents=True, exist_ok=True)
        return target.open("wb")


def _write(archive: zipfile.ZipFile, name: str, packed: Packed, folder: Path) -> list[Problem]:
    """Write one file, reading no more of it than it says it has."""
    target = folder / name
    digest, left = hashlib.sha256(), packed.size + 1
    with archive.open(name) as source, _opened(target) as out:
        while left and (chunk := source.read(min(_CHUNK, left))):
            digest.update(chunk)
            with storage_errors("The bundle could not be unpacked"):
                out.write(chunk)
            left -= len(chunk)
    if left != 1 or digest.hexdigest() != packed.sha256:
        return [Problem(name, "does not have the content that the bundle lists", _AGAIN)]
    return []
