"""The records of export files: what is compared stays in memory, what is only written at the end waits in a file.

As values of Python a million records with their abstracts take some 4 GB; what is compared of them takes a quarter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePath
from tempfile import gettempdir
from typing import NamedTuple

from evidence_review import compact_json
from evidence_review.commands.dedup import collecting
from evidence_review.commands.dedup.form import Form, match_form
from evidence_review.errors import InputError, Problem, StorageError
from evidence_review.formats.base import UNKNOWN_COLUMN
from evidence_review.formats.inputs import Member, members, opened
from evidence_review.formats.reading import Reading
from evidence_review.model.ids import record_id, record_key
from evidence_review.model.record import Draft, Parsed, Record, Rejected, citation_from_dict, facts_to_dict
from evidence_review.spooled import Spooled, line_of

# A column called ID means nothing in a review, where every table counts from 1; here it is what people look for.
_ID_HEADINGS = ("id", "record id", "recordid", "key")


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say in words that a folder does not take what is written into it."""
    try:
        yield
    except OSError as fault:
        raise StorageError(
            f"{folder} could not be written ({fault.strerror or fault}). Choose another folder."
        ) from fault


class Gathered:
    """The records of all files in their order: each list has one place for each of them.

    `sources` are the names of the files, `source_ids` the ids that the records have there. By file, `rejected` has the
    record starts that gave no record, with line and reason, and `unread` the columns of a table that are not known.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Keep what is not compared in a temporary file, which is in `folder`.

        Raises:
            StorageError: the folder does not take it.
        """
        self.forms: list[Form] = []
        self.ids: list[str] = []
        self.sources: list[str] = []
        self.source_ids: list[str] = []
        self.rejected: dict[str, list[tuple[int, str]]] = {}
        self.unread: dict[str, list[str]] = {}
        with writing(folder or Path(gettempdir())):
            self._citations = Spooled(folder)

    def __len__(self) -> int:
        """How many records there are."""
        return len(self.ids)

    def add(self, record: _Read, identifier: str, source: str, source_id: str) -> None:
        """Add a record.

        Raises:
            StorageError: there is no room for the temporary file.
        """
        self.forms.append(record.form)
        self.ids.append(identifier)
        self.sources.append(source)
        self.source_ids.append(source_id)
        try:
            self._citations.append_line(record.citation)
        except OSError as fault:
            raise StorageError(
                f"What was read could not be put aside ({fault.strerror or fault}). Make room or choose another folder."
            ) from fault

    def __iter__(self) -> Iterator[Record]:
        """Yield each record."""
        return (self.waiting(place).record() for place in range(len(self)))

    def waiting(self, place: int) -> Waiting:
        """Return what waits in the file of the record at a place."""
        return Waiting(self.ids[place], self.sources[place], self._citations.line(place))


class Waiting(NamedTuple):
    """A record as it waits in the file, which may be made one again in any process."""

    identifier: str
    source: str
    citation: bytes

    def record(self) -> Record:
        """Return the record."""
        return Record(self.identifier, self.source, "", 0, citation_from_dict(compact_json.loads(self.citation)))


class _Read(NamedTuple):
    """What is made of a record where it is read, in any process; `identity` is what its key is made of."""

    form: Form
    citation: bytes
    key: str
    identity: str
    native_id: str


def _read(name: str, item: Parsed | Draft) -> _Read:
    identity = item.native_id or item.raw
    line = line_of(facts_to_dict(item.facts))
    return _Read(match_form(item.citation), line, record_key(name, identity), identity, item.native_id)


@collecting.paused()
def gather(paths: Sequence[Path], folder: Path | None = None) -> Gathered:
    """Read the records of files, with the ids that they have there; what is not compared waits in `folder`.

    `paths` may be folders, archives and standard input as well. A file is called by its name, and by its whole path
    where others have that name.

    Raises:
        FormatError: a file is in no format that is known.
        InputError: a file holds no record, or is named twice.
    """
    files = list(members(paths))
    doubled = [path for path, times in Counter(_place(file) for file in files).items() if times > 1]
    if doubled:
        raise InputError(f"{doubled[0]} is named twice. Name each file once.")
    names = Counter(_short(file) for file in files)
    called = [_short(file) if names[_short(file)] == 1 else file.name for file in files]
    readings = opened(zip(files, called, strict=True), lambda one: one[0].open(name=one[1], ids=_ID_HEADINGS))
    found = Gathered(folder)
    empty: list[Problem] = []
    for reading in readings:
        before = len(found)
        _add(found, reading)
        if len(found) == before:
            rejected = found.rejected.get(reading.name, ())
            first = "".join(f" (line {line}: {reason})" for line, reason in rejected[:1])
            empty.append(Problem("", f"{reading.name} holds no record that could be read{first}"))
    if empty:
        raise InputError("Nothing was compared. Export these again, or leave them out.", empty)
    return found


def _place(file: Member) -> str:
    return str(file.path.resolve()) if file.path is not None else file.name


def _short(file: Member) -> str:
    return PurePath(file.name).name


def _add(found: Gathered, reading: Reading) -> None:
    before = len(found)
    again: Counter[str] = Counter()
    name = reading.name
    for item in reading.each(partial(_read, name)):
        if isinstance(item, Rejected):
            found.rejected.setdefault(name, []).append((item.line, item.reason))
            continue
        again[item.key] += 1
        times = again[item.key]
        key = item.key if times == 1 else record_key(name, f"{item.identity}\0{times}")
        found.add(item, record_id(key, 12), name, item.native_id or f"#{len(found) - before + 1}")
    found.unread[name] = [aside.text for aside in reading.places if aside.kind == UNKNOWN_COLUMN]
