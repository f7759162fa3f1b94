"""What a format cannot hold of the records it is given, field by field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from evidence_review.formats.base import Writer
from evidence_review.model.record import Citation, Record

_EMPTY: tuple[object, ...] = ("", (), None, False)


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
    counts: dict[str, list[str]] = {}
    for record in records:
        if verbatim(record, writer.name):
            continue
        for item in fields(Citation):
            if item.name not in writer.holds and getattr(record.citation, item.name) not in _EMPTY:
                counts.setdefault(item.name, []).append(record.id or f"record {record.position}")
    return [
        Loss(name, len(ids), tuple(ids[:10]), f"{writer.label} has no field for it") for name, ids in counts.items()
    ]


def verbatim(record: Record, target: str) -> bool:
    """Whether a record goes out byte for byte as it came: it came in the same format, and its raw text is kept."""
    return record.format == target and bool(record.raw)
