"""Which records go out as they came."""

from __future__ import annotations

from evidence_review.model.record import Record


def verbatim(record: Record, target: str) -> bool:
    """Whether a record goes out byte for byte as it came: it came in the same format, and its raw text is kept.

    Lines of RIS that are indented are written anew: hardly any program finds a record in them.
    """
    return record.format == target and bool(record.raw) and not (target == "ris" and record.raw[0] in " \t\u00a0>")
