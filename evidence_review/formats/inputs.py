"""Where files of records come from: paths, folders, zip archives, standard input. Nothing is ever unpacked to disk."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, TypeVar, cast

from evidence_review.errors import FormatError, InputError, Problem
from evidence_review.formats.archives import check_archive
from evidence_review.formats.base import RawStream
from evidence_review.formats.opening import open_file, open_stream
from evidence_review.formats.reading import Reading

# Read as text where it stands in a folder or archive; anything else there is left alone and told.
SUFFIXES = frozenset(
    {".ris", ".nbib", ".txt", ".bib", ".biblatex", ".xml", ".ciw", ".isi", ".enw", ".ref", ".csv", ".tsv", ".tab",
     ".xlsx", ".json", ".csljson", ".cgi", ".medline"}
)  # fmt: skip
STANDARD_INPUT = Path("-")
ON_STANDARD_INPUT = "standard input"  # how a file that came there is called
Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of records: a `path`, or an entry of an archive, or what came on standard input.

    `read` gives its bytes, `open` a reading of it.
    """

    name: str
    path: Path | None
    opener: Callable[[], BinaryIO]

    @property
    def suffix(self) -> str:
        """The extension, for a copy's name."""
        suffix = PurePosixPath(self.name).suffix.lower()
        return suffix if suffix.lstrip(".").isalnum() and len(suffix) <= 9 else ".txt"

    def read(self) -> bytes:
        """Return all bytes."""
        with self.opener() as stream:
            return stream.read()

    def open(
        self, *, format: str = "", columns: Mapping[str, str] | None = None, name: str = "", ids: Sequence[str] = ()
    ) -> Reading:
        """Open the file as records; see `open_file`."""
        name = name or self.name
        if self.path is not None:
            return open_file(self.path, format=format, columns=columns, name=name, ids=ids)
        return open_stream(self.opener, name, format=format, columns=columns, ids=ids)


def members(paths: Iterable[Path], names: Sequence[str] = ()) -> Iterator[Member]:
    """Yield the files that paths stand for: a folder's and an archive's one by one, in the order of their names.

    Raises:
        InputError: a path does not exist, a folder or archive holds nothing to read, or an archive is unsafe.
    """
    for place, path in enumerate(paths):
        name = names[place] if place < len(names) else str(path)
        if path == STANDARD_INPUT:
            yield from _standard_input()
        elif path.is_dir():
            yield from _folder(path, name)
        elif not path.exists():
            raise InputError(f"{name} does not exist. Check the spelling and the folder.")
        elif _is_archive(path):
            yield from _archive(path, name)
        else:
            yield Member(name, path, _opener(path))


def opened(files: Iterable[Given], how: Callable[[Given], Reading]) -> list[Reading]:
    """Open all files, and say of all that cannot be what is wrong with them.

    Raises:
        InputError: at least one cannot be opened, or is in no format that is known.
    """
    readings: list[Reading] = []
    faults: list[InputError] = []
    for file in files:
        try:
            readings.append(how(file))
        except InputError as fault:
            faults.append(fault)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise FormatError(
            f"{len(faults)} files cannot be read, so that none was. Replace them, or leave them out.",
            [Problem("", str(fault)) for fault in faults],
        )
    return readings


def _standard_input() -> Iterator[Member]:
    """Yield what comes on standard input: a file, or the files of an archive."""
    kept = _Kept(sys.stdin.buffer)
    name = ON_STANDARD_INPUT
    found = _archive(kept.path, name) if _is_archive(kept.path) else [Member(name, None, _opener(kept.path))]
    for member in found:
        yield replace(member, opener=kept.opener(member.opener))


class _Kept:
    """What can be read only once, in a file of its own for as long as anybody may open it."""

    def __init__(self, stream: BinaryIO) -> None:
        folder = tempfile.mkdtemp()
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.path = Path(folder) / "input"
        with self.path.open("wb") as copy:
            shutil.copyfileobj(stream, copy, 1 << 20)

    def opener(self, opener: Callable[[], BinaryIO]) -> Callable[[], BinaryIO]:
        """Return an opener of the file that keeps it."""
        return partial(self._open, opener)

    def _open(self, opener: Callable[[], BinaryIO]) -> BinaryIO:
        return opener()


def _opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def _folder(path: Path, name: str) -> Iterator[Member]:
    files = [
        found for found in sorted(path.rglob("*"))
        if found.is_file() and found.suffix.lower() in {*SUFFIXES, ".zip"}
        and not any(part.startswith((".", "~", "__MACOSX")) for part in found.relative_to(path).parts)
    ]  # fmt: skip
    if not files:
        raise InputError(f"{name} holds no file that could be an export ({', '.join(sorted(SUFFIXES))}).")
    for file in files:
        inside = f"{name}/{file.relative_to(path).as_posix()}"
        if _is_archive(file):
            yield from _archive(file, inside)
        else:
            yield Member(inside, file, _opener(file))


def _is_archive(path: Path) -> bool:
    if path.suffix.lower() in {".xlsx", ".xlsm"} or not zipfile.is_zipfile(path):
        return False
    with path.open("rb") as stream:
        if stream.read(4) != b"PK\x03\x04":
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" not in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return True


def _archive(path: Path, name: str) -> Iterator[Member]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, ValueError, OSError) as fault:
        raise InputError(f"{name} is a damaged zip archive ({fault}). Download it again.") from None
    check_archive(name, path.stat().st_size, entries)
    wanted = [
        entry for entry in entries
        if PurePosixPath(entry.filename).suffix.lower() in SUFFIXES and not entry.filename.startswith(("__MACOSX", "."))
    ]  # fmt: skip
    if not wanted:
        raise InputError(f"{name} holds no file that could be an export ({', '.join(sorted(SUFFIXES))}).")
    for entry in sorted(wanted, key=lambda found: found.filename):
        yield Member(f"{name}/{entry.filename}", None, _entry(path, entry.filename))


def _entry(path: Path, entry: str) -> Callable[[], BinaryIO]:
    def opener() -> BinaryIO:
        # Reading stops where the entry's own size is reached, so an entry that lies about it gives no more.
        with zipfile.ZipFile(path) as archive:
            return cast(BinaryIO, io.BufferedReader(_Entry(archive.open(entry), f"{path.name}/{entry}")))

    return opener


class _Entry(RawStream):
    """An entry of an archive as a stream, unpacked as it is read; damage is told in words."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        super().__init__(stream)
        self._name = name

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # narrower than Buffer
        try:
            return super().readinto(buffer)
        except (zipfile.BadZipFile, zlib.error, EOFError) as fault:
            raise InputError(f"{self._name} is damaged in its archive ({fault}). Download the archive again.") from None
