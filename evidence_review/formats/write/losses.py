"""What a format cannot hold of the records it is given, field by field: found by reading back what was written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

from evidence_review.formats.base import Writer
from evidence_review.formats.write.verbatim import verbatim
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


@dataclass(frozen=True, slots=True)
class Seen:
    """What reading back one batch of records showed: `changes` are (place in the batch, field, why).

    `keys` are those of BibTeX entries that go out as they came, `children` (place, key of the entry inherited from).
    """

    changes: tuple[tuple[int, str, str], ...] = ()
    keys: tuple[str, ...] = ()
    children: tuple[tuple[int, str], ...] = ()


def losses(records: Iterable[Record], writer: Writer) -> list[Loss]:
    """Return what `writer` cannot hold of `records`; records that go out as they came lose nothing."""
    found = Losses(writer)
    rest = iter(records)
    while batch := list(islice(rest, _BATCH)):
        names = [record.id or f"record {record.position}" for record in batch]
        found.note(read_back(batch, [writer.entry(record) for record in batch], writer), names)
    return found.found()


class Losses:
    """What `writer` cannot hold of the records noted so far, for records that are not all at hand at once."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._ids: dict[tuple[str, str], list[str]] = {}
        self._counts: dict[tuple[str, str], int] = {}
        self._children: list[tuple[str, str]] = []
        self._keys: set[str] = set()

    def note(self, seen: Seen, names: Sequence[str]) -> None:
        """Note what reading back a batch showed; `names` are those of its records."""
        for place, name, why in seen.changes:
            self._lost(name, why, names[place])
        self._keys.update(seen.keys)
        self._children += [(names[place], parent) for place, parent in seen.children]

    def found(self) -> list[Loss]:
        """Return the losses, in the order of a citation's fields."""
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

    def _lost(self, name: str, why: str, record: str) -> None:
        loss = (name, why)
        self._counts[loss] = self._counts.get(loss, 0) + 1
        shown = self._ids.setdefault(loss, [])
        if len(shown) < _SHOWN:
            shown.append(record)


def read_back(records: Sequence[Record], entries: Sequence[Any], writer: Writer) -> Seen:
    """Read what `writer` made of each record (its entry) as any program's, and say what differs."""
    made = [place for place, record in enumerate(records) if not verbatim(record, writer.name)]
    changes = sorted(_changes(made, records, entries, writer), key=lambda change: change[0])
    if writer.name != "bibtex" or len(made) == len(records):
        return Seen(tuple(changes))
    keys, children = [], []
    for place in sorted(set(range(len(records))).difference(made)):
        # An entry that takes fields from another loses them where that one is not written, too.
        if match := _KEY.search(records[place].raw):
            keys.append(match.group(1).strip().lower())
        if match := _CROSSREF.search(records[place].raw):
            children.append((place, match.group(1).strip().lower()))
    return Seen(tuple(changes), tuple(keys), tuple(children))


def _changes(
    places: Sequence[int], records: Sequence[Record], entries: Sequence[Any], writer: Writer
) -> Iterator[tuple[int, str, str]]:
    # Reading stands on the floor of formats, which offers the writers too.
    from evidence_review.formats.opening import read_written

    if not places:
        return
    items = read_written(b"".join(writer.assemble([entries[place] for place in places])), writer)
    if len(items) != len(places) or not all(isinstance(item, Parsed) for item in items):
        if len(places) == 1:
            yield places[0], "record", f"{writer.label} cannot hold it: nothing is read back"
            return
        middle = len(places) // 2
        yield from _changes(places[:middle], records, entries, writer)
        yield from _changes(places[middle:], records, entries, writer)
        return
    for place, item in zip(places, items, strict=True):
        assert isinstance(item, Parsed)
        before = records[place].citation
        if before != item.citation:
            yield from ((place, name, why) for name, why in _differences(before, item.citation, writer))


def _differences(before: Citation, after: Citation, writer: Writer) -> Iterator[tuple[str, str]]:
    for name in _FIELDS:
        was, now = getattr(before, name), getattr(after, name)
        if name == "container_abbrev" and was == after.container:
            # It stands in the file once instead of twice.
            continue
        if was != now and was not in _EMPTY:
            yield name, _why(name, was, now, writer)


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
