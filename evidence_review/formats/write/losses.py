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


# What a format can hold, but not all of it.
_IN_PART = {"urls": "holds the first only", "type": "has no such type; it becomes a general one"}


class Losses:
    """What `writer` cannot hold of the records noted so far, for records that are not all at hand at once."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._lacking = tuple(item.name for item in fields(Citation) if item.name not in writer.holds)
        self._counts: Counter[str] = Counter()
        self._ids: dict[str, list[str]] = {}

    def note(self, record: Record) -> None:
        """Note what is lost of a record."""
        if verbatim(record, self._writer.name):
            return
        if self._writer.single_url and len(record.citation.urls) > 1:
            self._note("urls", record)
        kind, types = record.citation.type, self._writer.types
        if kind and types is not None and kind not in types:
            self._note("type", record)
        for name in self._lacking:
            if getattr(record.citation, name) not in _EMPTY:
                self._note(name, record)

    def _note(self, name: str, record: Record) -> None:
        self._counts[name] += 1
        shown = self._ids.setdefault(name, [])
        if len(shown) < _SHOWN:
            shown.append(record.id or f"record {record.position}")

    def found(self) -> list[Loss]:
        """Return the losses, field by field."""
        label = self._writer.label
        return [
            Loss(
                name, count, tuple(self._ids[name]),
                f"{label} has no field for it" if name in self._lacking else f"{label} {_IN_PART[name]}",
            )
            for name, count in self._counts.items()
        ]  # fmt: skip


def verbatim(record: Record, target: str) -> bool:
    """Whether a record goes out byte for byte as it came: it came in the same format, and its raw text is kept."""
    return record.format == target and bool(record.raw)
