"""What changed in a living review since its last version, and where totals differ from the sum of their parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidence_review.model.events import Edition
from evidence_review.model.ids import study_id
from evidence_review.model.protocol import Adjustment
from evidence_review.state import standing as places
from evidence_review.state.boxes import REPORTS, STUDIES
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, Study


@dataclass(frozen=True, slots=True)
class Since:
    """The previous version of a living review: its `edition`, the ids of the records that it had (`old`), and which of
    its studies and reports are included no longer (`withdrawn`, by unit), or were not then and are now (`added`).
    `earlier` are the studies of now that have a report of then.
    """

    edition: Edition
    old: frozenset[str]
    withdrawn: Mapping[str, tuple[str, ...]]
    added: Mapping[str, tuple[str, ...]]
    earlier: frozenset[str] = frozenset()


def since_last(snapshot: Snapshot, standing: Standing) -> Since | None:
    """Return the last version that ended, None where this is the first."""
    if not snapshot.editions:
        return None
    edition = snapshot.editions[-1]
    # Not the first so many records: of those that were there then, some may have been taken back since.
    until = place_of(edition.run)
    old = frozenset(record.id for record in snapshot.records.values() if place_of(record.run) <= until)
    keeper_of = standing.clusters.keeper_of
    now = [keeper_of.get(report, report) for report in edition.reports.split()]
    had = set(now)
    included = standing.having(places.INCLUDED)
    earlier = [
        study for study in standing.studies if not all(is_new(report, standing, old) for report in study.reports)
    ]
    same = _matched(edition, earlier, standing)
    stayed = set(same.values())
    withdrawn = {
        STUDIES: tuple(study for study in edition.studies.split() if study not in same),
        # Of two reports that are copies, as is known now, one is there no longer.
        REPORTS: tuple(report for place, report in enumerate(now) if report not in included or report in now[:place]),
    }
    added = {
        STUDIES: tuple(study.id for study in earlier if study.id not in stayed),
        REPORTS: tuple(keeper for keeper in included if keeper not in had and not is_new(keeper, standing, old)),
    }
    return Since(edition, old, withdrawn, added, frozenset(study.id for study in earlier))


def _matched(edition: Edition, earlier: Iterable[Study], standing: Standing) -> Mapping[str, str]:
    """Return which study of now each study of the version is, one to one: of two that became one, one is no longer
    there, and of one that became two, one was taken in.

    A study may have another id now, where its reports were joined anew or another copy stands for one of them: it is
    known by every record of its reports.
    """
    members_of = standing.clusters.members_of
    records = {study.id: {one for report in study.reports for one in members_of[report]} for study in earlier}
    named = {study: {study, *map(study_id, held)} for study, held in records.items()}
    had = set(edition.reports.split())
    same = {then: then for then in edition.studies.split() if then in records}
    free = [now for now in records if now not in same]
    for then in edition.studies.split():
        if then in same:
            continue
        by_name = [now for now in free if then in named[now]]
        found = next(iter(by_name or [now for now in free if records[now] & had]), None)
        if found is not None:
            same[then] = found
            free.remove(found)
    return same


def place_of(run: str) -> int:
    """Return the place in the ledger of a run's name, such as `0003-load.1`."""
    return int(run.partition("-")[0])


def is_new(keeper: str, standing: Standing, old: frozenset[str]) -> bool:
    """Whether no record of a cluster was there in the previous version."""
    return not old or not any(member in old for member in standing.clusters.members_of[keeper])


def changed_since(adjustments: Iterable[Adjustment], unit: str, since: Since | None) -> int:
    """Return by how much the total differs from previous and new together: a declared overlap with the earlier review,
    or, from version to version of this one, what of the old records is included no longer or taken in.
    """
    if since is not None:
        return len(since.added[unit]) - len(since.withdrawn[unit])
    return adjusted(adjustments, "I9", unit, whole=unit == STUDIES)


def adjusted(adjustments: Iterable[Adjustment], identity: str, subject: str, *, whole: bool = True) -> int:
    """Return the sum of the declared differences that speak of `identity` and `subject`, a box or unit.

    `I9 reports` names its subject; a bare `I9` speaks of the subject that is the `whole` of it (for I9: studies).
    """
    total = 0
    for item in adjustments:
        name, _, about = item.identity.strip().partition(" ")
        if name.upper() == identity and (about.strip() == subject or (whole and not about)):
            total += item.count
    return total
