"""What a format cannot hold of the records it is given, field by field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields

from evidence_review.formats.base import Writer
from evidence_review.model.record import Citation, Record

_EMPTY: tuple[object, ...] = ("", (), None, False)
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Loss:
    """A citation field that `count` of the records have and the target has no room for; `ids` are the first of them."""

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
        self._lacking = tuple(item.name for item in fields(Citation) if item.name not in writer.holds)
        self._counts: Counter[str] = Counter()
        self._ids: dict[str, list[str]] = {name: [] for name in self._lacking}

    def note(self, record: Record) -> None:
        """Note what is lost of a record."""
        if verbatim(record, self._writer.name):
            return
        for name in self._lacking:
            if getattr(record.citation, name) not in _EMPTY:
                self._counts[name] += 1
                if len(self._ids[name]) < _SHOWN:
                    self._ids[name].append(record.id or f"record {record.position}")

    def found(self) -> list[Loss]:
        """Return the losses, field by field."""
        why = f"{self._writer.label} has no field for it"
        return [Loss(name, count, tuple(self._ids[name]), why) for name, count in self._counts.items()]


def verbatim(record: Record, target: str) -> bool:
    """Whether a record goes out byte for byte as it came: it came in the same format, and its raw text is kept."""
    return record.format == target and bool(record.raw)
