"""What is appended to a review so that its events say what was found: only what is not said already."""

from __future__ import annotations

from collections.abc import Iterable

from evidence_review.commands.dedup.find import REFUSED, Found
from evidence_review.commands.dedup.review import Review
from evidence_review.model.events import DOUBTFUL, LINKED, MERGED, UNDONE, DuplicateEvent
from evidence_review.state.clusters import ENGINE, standing_events

_JUDGED_AGAIN = "judged again"


def _wanted(review: Review, found: Found, when: str) -> Iterable[DuplicateEvent]:
    ids = review.ids
    for merge in found.merges:
        edge = merge.edge
        yield DuplicateEvent(MERGED, ids[merge.record], ids[merge.kept], edge.rule, edge.scores, ENGINE, when)
    for edge in found.links:
        yield DuplicateEvent(LINKED, ids[edge.one], ids[edge.two], edge.rule, edge.scores, ENGINE, when)
    for edge, reason in found.doubts:
        rule = f"{REFUSED}: {edge.rule}" if reason else edge.rule
        yield DuplicateEvent(DOUBTFUL, ids[edge.one], ids[edge.two], rule, edge.scores, ENGINE, when, reason)


def changes(review: Review, found: Found, when: str) -> list[DuplicateEvent]:
    """Return the events that make what stands today into what was `found`. A person's word is never touched."""
    standing = standing_events(review.events)
    events = []
    wanted = set()
    for event in _wanted(review, found, when):
        pair = frozenset((event.record, event.kept))
        wanted.add(pair)
        said = standing.get(pair)
        if said is None:
            events.append(event)
        elif said.by == ENGINE:
            same = (said.event, said.record, said.kept) == (event.event, event.record, event.kept)
            if not same:
                events.append(event)
    for pair, said in standing.items():
        if said.by == ENGINE and said.event in (MERGED, LINKED, DOUBTFUL) and pair not in wanted:
            events.append(DuplicateEvent(UNDONE, said.record, said.kept, _JUDGED_AGAIN, "", ENGINE, when))
    return events
