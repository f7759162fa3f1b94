"""Which records are copies of one another, and which are reports of one study, folded from duplicate events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evidence_review.model.events import DOUBTFUL, LINKED, MERGED, DuplicateEvent

ENGINE = "dedup"


@dataclass(frozen=True, slots=True)
class Clusters:
    """Records grouped into copies. Every record is in exactly one cluster, alone where nothing was merged.

    `keeper_of` maps each record to the record that stands for its cluster; `members_of` the other way, keeper first;
    `linked` are pairs of records that are different reports of one study; `doubtful` pairs wait for a person.
    """

    keeper_of: dict[str, str]
    members_of: dict[str, tuple[str, ...]]
    linked: tuple[tuple[str, str], ...]
    doubtful: tuple[DuplicateEvent, ...]

    @property
    def keepers(self) -> list[str]:
        """The records that stand for a cluster, in the order of identification."""
        return list(self.members_of)

    def removed(self) -> list[str]:
        """The records that were merged into another."""
        return [record for record, keeper in self.keeper_of.items() if record != keeper]


def standing_events(events: Iterable[DuplicateEvent]) -> dict[frozenset[str], DuplicateEvent]:
    """Return, for each pair of records, the statement that holds today.

    The last word counts, except that a person's word outranks every rule's, earlier or later.
    """
    last: dict[frozenset[str], DuplicateEvent] = {}
    for event in events:
        pair = frozenset((event.record, event.kept))
        before = last.get(pair)
        if before is not None and before.by != ENGINE and event.by == ENGINE:
            continue
        last[pair] = event
    return last


def cluster(records: Sequence[str], events: Iterable[DuplicateEvent]) -> Clusters:
    """Fold `events` over `records` (ids in the order of identification)."""
    known = set(records)
    parent: dict[str, str] = {}  # of the records that were merged, which are few; every other is its own

    def root(record: str) -> str:
        while (above := parent.get(record, record)) != record:
            parent[record] = parent.get(above, above)
            record = above
        return record

    linked: list[tuple[str, str]] = []
    doubtful: list[DuplicateEvent] = []
    merged_away: set[str] = set()
    for event in standing_events(events).values():
        if event.record not in known or event.kept not in known:
            continue
        if event.event == MERGED:
            parent[root(event.record)] = root(event.kept)
            merged_away.add(event.record)
        elif event.event == LINKED:
            linked.append((event.record, event.kept))
        elif event.event == DOUBTFUL:
            doubtful.append(event)

    groups: dict[str, list[str]] = {}
    for record in records:
        groups.setdefault(root(record) if record in parent else record, []).append(record)
    members_of: dict[str, tuple[str, ...]] = {}
    keeper_of: dict[str, str] = {}
    for members in groups.values():
        if len(members) == 1:
            keeper_of[members[0]] = members[0]
            members_of[members[0]] = (members[0],)
            continue
        keeper = next((member for member in members if member not in merged_away), members[0])
        members_of[keeper] = (keeper, *(member for member in members if member != keeper))
        for member in members:
            keeper_of[member] = keeper
    open_pairs = tuple(event for event in doubtful if keeper_of[event.record] != keeper_of[event.kept])
    return Clusters(keeper_of, members_of, tuple(linked), open_pairs)
