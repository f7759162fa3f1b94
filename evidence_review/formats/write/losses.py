"""What a format cannot hold of the records it is given, field by field: found by reading back what was written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from evidence_review.formats.base import Writer
from evidence_review.model.record import Citation, Parsed, Record

_EMPTY: tuple[object, ...] = ("", (), None, False)
_SHOWN = 10
# So many records are read back at a time.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Loss:
    """A citation field that `count` of the records have and the target changes or drops; `ids` are the first of them.

    A record that cannot be read back at all has the field `record`.
    """

    field: str
    count: int
    ids: tuple[str, ...]
    why: str

    def __str__(self) -> str:
        return f"{self.field}: lost in {self.count} record{'' if self.count == 1 else 's'} ({self.why})"


def losses(records: Iterable[Record], writer: Writer) -> list[Loss]:
    """Return what `writer` cannot hold of `records`; records that go out as they came lose nothing."""
    seen = Losses(writer)
    for record in records:
        seen.note(record)
    return seen.found()


class Losses:
    """What `writer` cannot hold of the records noted so far, for records that are not all at hand at once."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._waiting: list[Record] = []
        self._ids: dict[tuple[str, str], list[str]] = {}
        self._counts: dict[tuple[str, str], int] = {}
        self._children: list[tuple[Record, str]] = []
        self._keys: set[str] = set()

    def note(self, record: Record) -> None:
        """Note what is lost of a record."""
        if verbatim(record, self._writer.name):
            if record.format == "bibtex":
                self._note_inheriting(record)
            return
        self._waiting.append(record)
        if len(self._waiting) >= _BATCH:
            self._read_back(self._waiting)
            self._waiting = []

    def found(self) -> list[Loss]:
        """Return the losses, in the order of a citation's fields."""
        self._read_back(self._waiting)
        self._waiting = []
        for record, parent in self._children:
            if parent not in self._keys:
                self._lost(
                    "inherited fields", f"the entry that it refers to by crossref, {parent}, is not among them", record
                )
        self._children = []
        order = {name: place for place, name in enumerate(_FIELDS)}
        return [
            Loss(name, self._counts[name, why], tuple(shown), f"{self._writer.label} {why}" if name in order else why)
            for (name, why), shown in sorted(self._ids.items(), key=lambda item: order.get(item[0][0], -1))
        ]

    def _note_inheriting(self, record: Record) -> None:
        """Note an entry that takes fields from another: without that one, they are lost."""
        if match := _KEY.search(record.raw):
            self._keys.add(match.group(1).strip().lower())
        if match := _CROSSREF.search(record.raw):
            self._children.append((record, match.group(1).strip().lower()))

    def _read_back(self, records: Sequence[Record]) -> None:
        """Write records, read them as any program's, and note what differs."""
        # Reading stands on the floor of formats, which offers the writers too.
        from evidence_review.formats.reading import open_bytes

        if not records:
            return
        writer = self._writer
        data = b"".join(writer.write(records))
        items = list(open_bytes(data, f"written{writer.suffix}", format=writer.name))
        if len(items) != len(records) or not all(isinstance(item, Parsed) for item in items):
            if len(records) == 1:
                self._lost("record", f"{writer.label} cannot hold it: nothing is read back", records[0])
                return
            middle = len(records) // 2
            self._read_back(records[:middle])
            self._read_back(records[middle:])
            return
        for record, item in zip(records, items, strict=True):
            assert isinstance(item, Parsed)
            if record.citation != item.citation:
                self._compare(record, item.citation)

    def _compare(self, record: Record, after: Citation) -> None:
        for name in _FIELDS:
            was, now = getattr(record.citation, name), getattr(after, name)
            if name == "container_abbrev" and was == after.container:
                # It stands in the file once instead of twice.
                continue
            if was != now and was not in _EMPTY:
                self._lost(name, _why(name, was, now, self._writer), record)

    def _lost(self, name: str, why: str, record: Record) -> None:
        loss = (name, why)
        self._counts[loss] = self._counts.get(loss, 0) + 1
        shown = self._ids.setdefault(loss, [])
        if len(shown) < _SHOWN:
            shown.append(record.id or f"record {record.position}")


_FIELDS = tuple(item.name for item in fields(Citation))
_KEY = re.compile(r"@\s*\w+\s*[{(]\s*([^\s,{}()]+)\s*,")
_CROSSREF = re.compile(r"\bcrossref\s*=\s*[{\"]([^}\"]+)", re.IGNORECASE)


def _why(name: str, was: object, now: object, writer: Writer) -> str:
    """Say in words how a value changed on its way."""
    if name not in writer.holds:
        return "has no field for it"
    if name == "type" and writer.types is not None and was not in writer.types:
        return "has no such type; it becomes a general one"
    if isinstance(was, tuple) and isinstance(now, tuple):
        if now and now == was[: len(now)]:
            return "holds the first only" if len(now) == 1 else "does not hold all of them"
        if " ".join(map(str, was)) == " ".join(map(str, now)):
            return "joins several into one"
        return "does not hold such values" if not now else "changes their form"
    if isinstance(was, str) and isinstance(now, str) and was.split() == now.split():
        return "has no line breaks; they become spaces" if "\n" in was else "does not keep blanks at an end or in a row"
    return "changes its form" if now not in _EMPTY else "has no place for it beside the other fields of such a record"


def verbatim(record: Record, target: str) -> bool:
    """Whether a record goes out byte for byte as it came: it came in the same format, and its raw text is kept."""
    return record.format == target and bool(record.raw)
