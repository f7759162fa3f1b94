"""What follows from files that were loaded by mistake and taken back: whose words count no more, and whose still do.

What was said of a document holds for all its copies, whoever's row it was said in. So a decision on a record that is in
the review no more counts for the copy of it that stays; only where none stays does it count for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from evidence_review.model.events import (
    CitationLink,
    Copy,
    Decision,
    DuplicateEvent,
    Event,
    Notice,
    Retrieval,
    StudyLink,
    Value,
)
from evidence_review.model.ids import study_id
from evidence_review.state.clusters import cluster

# What is said of a document, whichever copy of it stood in the sheet.
_OF_DOCUMENTS = (Decision, Retrieval, Copy, Notice, StudyLink, Value)


@dataclass(frozen=True, slots=True)
class Gone:
    """What was taken back: the `runs`, as (source, run), and the records that only they brought.

    `copy_of` maps each such record to the record that stands for the copies of it that stay, "" where none does.
    """

    runs: frozenset[tuple[str, str]] = frozenset()
    copy_of: Mapping[str, str] = field(default_factory=dict)

    def left(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield the events that count: those on records that are gone as events on their copies, or not at all."""
        for event in events:
            kept = self._left(event)
            if kept is not None:
                yield kept

    def _left(self, event: Any) -> Any:
        if isinstance(event, DuplicateEvent):
            return None if {event.record, event.kept} & self.copy_of.keys() else event
        if isinstance(event, CitationLink):
            record = self.copy_of.get(event.record, event.record)
            seed = self.copy_of.get(event.seed) or event.seed
            return replace(event, record=record, seed=seed) if record else None
        if getattr(event, "record", "") not in self.copy_of:
            return event
        copy = self.copy_of[event.record]
        if not copy or not isinstance(event, _OF_DOCUMENTS):
            return None
        if isinstance(event, (StudyLink, Value)) and event.study == study_id(event.record):
            return replace(event, record=copy, study=study_id(copy))
        return replace(event, record=copy)


def gone_rows(rows: Sequence[int]) -> str:
    """Say which rows of a sheet are about records that were taken back."""
    told = ", ".join(map(str, rows))
    return f"row{'' if len(rows) == 1 else 's'} {told} left out: what brought the record was taken back after all"


def gone(
    brought: Sequence[tuple[str, str, str]],
    runs: frozenset[tuple[str, str]],
    duplicates: Iterable[DuplicateEvent],
) -> Gone:
    """Return what follows from taking back `runs`.

    Args:
        brought: (record, source, run) in the order of identification; a record that several runs brought, each at a
            time when it was not in the review, stands there once for each of them.
        runs: (source, run) of what was taken back.
        duplicates: every statement about pairs of records.
    """
    everyone = list(dict.fromkeys(record for record, _, _ in brought))
    staying = {record for record, source, run in brought if (source, run) not in runs}
    if len(staying) == len(everyone):
        return Gone(runs)
    said = tuple(duplicates)
    now = cluster([record for record in everyone if record in staying], said).keeper_of
    copy_of: dict[str, str] = {}
    for members in cluster(everyone, said).members_of.values():
        keepers = {now[member] for member in members if member in staying}
        # Where those that stay are no longer known to be one, nobody can say whose decision it was.
        copy = next(iter(keepers)) if len(keepers) == 1 else ""
        copy_of.update((member, copy) for member in members if member not in staying)
    return Gone(runs, copy_of)
