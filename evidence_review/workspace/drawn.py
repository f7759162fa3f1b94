"""Which pictures of the report were drawn before values were recorded that they may show."""

from __future__ import annotations

from collections.abc import Iterable

from evidence_review.model.ledger import LedgerEntry
from evidence_review.workspace.layout import LIBRARY

_DRAWN_FROM = ("values.csv", "studies.csv")
# They write values, too, but how sure the review is of a result stands in tables only.
_JUDGING = ("synthesise-cerqual", "synthesise-grade")


def last_change(ledger: Iterable[LedgerEntry]) -> int:
    """Return the number of the last run that recorded what pictures are drawn from, 0 where none did."""
    return max((entry.seq for entry in ledger if _changes(entry)), default=0)


def _changes(entry: LedgerEntry) -> bool:
    return entry.verb not in _JUDGING and any(
        path.startswith(f"{LIBRARY}/") and path.rsplit("/", 1)[-1] in _DRAWN_FROM for path in entry.outputs
    )
