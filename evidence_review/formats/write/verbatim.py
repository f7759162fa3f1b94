"""Which records go out as they came."""

from __future__ import annotations

from evidence_review.model.record import Record


def verbatim(record: Record, target: str) -> bool:
    """Whether a record goes out byte for byte as it came: it came in the same format, and its raw text is kept."""
    return record.format == target and bool(record.raw)
