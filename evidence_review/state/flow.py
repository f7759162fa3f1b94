"""The flow of a review from records found to studies included, as numbers by box (see `boxes`).

Records are counted down to screening, reports from retrieval on, studies at inclusion (Page et al. 2021,
10.1136/bmj.n71). `counting` makes a flow of records and events; a published one has numbers only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from evidence_review.state.boxes import ROUTE_BOX
from evidence_review.state.versions import Since

NO_REASON = "no-reason"


@dataclass(frozen=True, slots=True)
class Count:
    """One number of the flow, with what it was counted from.

    `unit` is records, reports or studies; `ids` what was counted (None where only the number is known, as for a
    published flow or the previous version of a review); `parts` split it, by source id or reason code; `runs` and
    `files` (name, sha256) are the runs and files that it came from.
    """

    key: str
    unit: str
    n: int
    ids: tuple[str, ...] | None = None
    label: str = ""
    parts: Mapping[str, Count] = field(default_factory=dict)
    runs: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """The counts by key, and, for a folded flow, what they must account for.

    `records` are all record ids, `keeper_of` maps each to the one that stands for its cluster (both None for a flow
    that has numbers only); `loaded` is how many new records the runs of each source say they brought; `since` is set
    where only what is new since an earlier version of the same review was counted.
    """

    counts: Mapping[str, Count]
    records: tuple[str, ...] | None = None
    keeper_of: Mapping[str, str] | None = None
    loaded: Mapping[str, int] = field(default_factory=dict)
    since: Since | None = None

    def get(self, key: str) -> Count | None:
        """Return a count, or None where it is unknown."""
        return self.counts.get(key)

    def n(self, key: str) -> int | None:
        """Return a number, or None where it is unknown."""
        count = self.counts.get(key)
        return None if count is None else count.n

    def having(self, key: str) -> int:
        """Return a number, 0 where it is unknown."""
        return self.n(key) or 0

    def with_count(self, count: Count) -> Flow:
        """Return this flow with one count put in the place of the one with its key."""
        return replace(self, counts={**self.counts, count.key: count})

    @property
    def has_other_arm(self) -> bool:
        """Whether anything came from other methods than databases and registers."""
        return any(self.having(ROUTE_BOX[route]) for route in ("website", "organisation", "citation", "other"))

    @property
    def is_update(self) -> bool:
        """Whether the review updates an earlier one whose size is known."""
        return bool(self.having("previous_studies") or self.having("previous_reports"))
