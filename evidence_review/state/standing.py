"""The one place where each record is: the partition behind every box of the flow diagram.

Record by record (identity I12): every record identified is a duplicate or stands for its cluster, and every cluster is
in exactly one state of `STATES`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress

from evidence_review.model.events import (
    EXCLUDE,
    FULL_TEXT,
    NOT_RETRIEVED,
    RETRIEVED,
    TITLE_ABSTRACT,
    Decision,
    Retrieval,
)
from evidence_review.model.ids import study_id
from evidence_review.model.record import short_reference
from evidence_review.model.search_run import MAIN_ROUTES
from evidence_review.state import screening
from evidence_review.state.clusters import Clusters, cluster
from evidence_review.state.renumbered import decisions_today
from evidence_review.state.screening import Outcome, outcomes
from evidence_review.state.snapshot import Snapshot

BEFORE_SCREENING = "before-screening"

REMOVED_AUTOMATION = "removed by automation before screening"
REMOVED_OTHER = "removed before screening for other reasons"
AWAITING_SCREENING = "awaiting title and abstract screening"
CONFLICT_SCREENING = "conflict at title and abstract"
UNSCREENED = "left unscreened when screening stopped"
EXCLUDED_SCREENING = "excluded at title and abstract"
AWAITING_RETRIEVAL = "awaiting full text"
NOT_OBTAINED = "full text not retrieved"
AWAITING_ELIGIBILITY = "awaiting full-text screening"
CONFLICT_ELIGIBILITY = "conflict at full text"
EXCLUDED_ELIGIBILITY = "excluded at full text"
AWAITING_CLASSIFICATION = "awaiting classification"
INCLUDED = "included"

STATES = (
    REMOVED_AUTOMATION, REMOVED_OTHER, AWAITING_SCREENING, CONFLICT_SCREENING, UNSCREENED, EXCLUDED_SCREENING,
    AWAITING_RETRIEVAL, NOT_OBTAINED, AWAITING_ELIGIBILITY, CONFLICT_ELIGIBILITY, EXCLUDED_ELIGIBILITY,
    AWAITING_CLASSIFICATION, INCLUDED,
)  # fmt: skip
# What keeps a report from being final. Who awaits classification was judged: it cannot be judged further now.
WAITING = (
    AWAITING_SCREENING, CONFLICT_SCREENING, AWAITING_RETRIEVAL, AWAITING_ELIGIBILITY, CONFLICT_ELIGIBILITY,
)  # fmt: skip

MAIN, OTHER = "databases and registers", "other methods"


@dataclass(frozen=True, slots=True)
class Study:
    """An included study: `reports` are record ids, the main report first; `label` as people cite it."""

    id: str
    label: str
    reports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where every record of a review stands.

    `state_of` and `arm_of` are keyed by the record that stands for a cluster; `title_abstract` and `full_text` hold the
    outcomes of the two stages for the records that reached them; `retrieval` the last word on a report's full text.
    """

    clusters: Clusters
    state_of: Mapping[str, str]
    arm_of: Mapping[str, str]
    title_abstract: Mapping[str, Outcome]
    full_text: Mapping[str, Outcome]
    retrieval: Mapping[str, Retrieval]
    studies: tuple[Study, ...]

    def having(self, *states: str) -> list[str]:
        """Return the keepers that are in one of `states`, in the order of identification."""
        return list(compress(self.state_of, map(frozenset(states).__contains__, self.state_of.values())))


def arms(snapshot: Snapshot, clusters: Clusters) -> dict[str, str]:
    """Return the arm of the flow diagram for every record, by the route of its source."""
    routes = {run.source: run.route for run in snapshot.runs}
    routes.update({source.id: source.route for source in snapshot.protocol.sources})
    sources = {record.source for record in snapshot.records.values()}
    arm = {source: MAIN if routes.get(source, "database") in MAIN_ROUTES else OTHER for source in sources}
    return {record.id: arm[record.source] for record in snapshot.records.values() if record.id in clusters.keeper_of}


def _removed(decisions: list[Decision]) -> str | None:
    """Return why a cluster was taken out before screening, by its last decision; None where it is in (again)."""
    if not decisions or decisions[-1].verdict != EXCLUDE:
        return None
    return REMOVED_AUTOMATION if decisions[-1].role == screening.AUTOMATION else REMOVED_OTHER


def _missing(retrieval: Retrieval | None, judged: bool, cut_off: str, today: datetime.date) -> str | None:
    """Return the waiting or final state of a report without a full text; None where there is one.

    Who has `judged` a report at full text has had it in hand, also where nobody noted its retrieval.
    """
    if retrieval is not None and retrieval.outcome == RETRIEVED:
        return None
    if retrieval is not None and retrieval.outcome == NOT_RETRIEVED:
        return NOT_OBTAINED
    if judged:
        return None
    if cut_off and today > datetime.date.fromisoformat(cut_off):
        return NOT_OBTAINED
    return AWAITING_RETRIEVAL


_SCREENING_STATE = {
    screening.AWAITING: AWAITING_SCREENING,
    screening.CONFLICT: CONFLICT_SCREENING,
    screening.UNSCREENED: UNSCREENED,
    screening.EXCLUDED: EXCLUDED_SCREENING,
}
_ELIGIBILITY_STATE = {
    screening.AWAITING: AWAITING_ELIGIBILITY,
    screening.CONFLICT: CONFLICT_ELIGIBILITY,
    screening.UNSCREENED: AWAITING_ELIGIBILITY,
    screening.EXCLUDED: EXCLUDED_ELIGIBILITY,
    screening.INCLUDED: INCLUDED,
}


def stand(snapshot: Snapshot) -> Standing:
    """Fold a snapshot into the standing of every record."""
    clusters = cluster(list(snapshot.records), snapshot.duplicates)
    keeper_of = clusters.keeper_of
    arm_by_record = arms(snapshot, clusters)
    arm_of = {
        keeper: MAIN if any(arm_by_record[member] == MAIN for member in members) else OTHER
        for keeper, members in clusters.members_of.items()
    }
    before: dict[str, list[Decision]] = {}
    for decision in snapshot.decisions:
        if decision.stage == BEFORE_SCREENING and decision.record in keeper_of:
            before.setdefault(keeper_of[decision.record], []).append(decision)
    removed = {keeper: state for keeper, made in before.items() if (state := _removed(made))}
    plans = snapshot.protocol
    decisions = decisions_today(snapshot)
    reached = [keeper for keeper in clusters.keepers if keeper not in removed]
    first = outcomes(plans.stage(TITLE_ABSTRACT), TITLE_ABSTRACT, clusters, decisions, reached)
    sought = [keeper for keeper, outcome in first.items() if outcome.state == screening.INCLUDED]
    second = outcomes(plans.stage(FULL_TEXT), FULL_TEXT, clusters, decisions, sought)
    retrieval: dict[str, Retrieval] = {}
    for event in snapshot.retrievals:
        if event.record in keeper_of:
            retrieval[keeper_of[event.record]] = event

    awaited = {reason.code for reason in (*snapshot.former_reasons, *plans.eligibility.exclude) if reason.awaiting}
    state_of: dict[str, str] = {}
    for keeper in clusters.keepers:
        if keeper in removed:
            state_of[keeper] = removed[keeper]
            continue
        outcome = first[keeper]
        if outcome.state != screening.INCLUDED:
            state_of[keeper] = _SCREENING_STATE[outcome.state]
            continue
        state = _missing(retrieval.get(keeper), bool(second[keeper].decisions), plans.full_text.cut_off, snapshot.today)
        state = state or _ELIGIBILITY_STATE[second[keeper].state]
        awaits = state == EXCLUDED_ELIGIBILITY and second[keeper].reason in awaited
        state_of[keeper] = AWAITING_CLASSIFICATION if awaits else state
    included = [keeper for keeper, state in state_of.items() if state == INCLUDED]
    studies = group_studies(snapshot, clusters, included)
    return Standing(clusters, state_of, arm_of, first, second, retrieval, studies)


def group_studies(snapshot: Snapshot, clusters: Clusters, included: list[str]) -> tuple[Study, ...]:
    """Group included reports into studies by the links that rules found and people made.

    A report that nobody linked is a study of its own. A person's link names the study; a rule's link (article and
    erratum, preprint and article) joins two reports, the earlier identified being the main one.
    """
    position = {keeper: place for place, keeper in enumerate(included)}
    parent = {keeper: keeper for keeper in included}

    def root(keeper: str) -> str:
        while parent[keeper] != keeper:
            keeper = parent[keeper]
        return keeper

    def join(one: str, two: str) -> None:
        first, second = sorted((root(one), root(two)), key=position.__getitem__)
        parent[second] = first

    for record, kept in clusters.linked:
        pair = clusters.keeper_of[record], clusters.keeper_of[kept]
        if pair[0] in position and pair[1] in position:
            join(*pair)
    by_study: dict[str, str] = {}
    labels: dict[str, str] = {}
    named: dict[str, tuple[str, str]] = {}
    for link in snapshot.links:
        keeper = clusters.keeper_of.get(link.record)
        if keeper not in position:
            continue
        if link.event == "undone":
            named.pop(keeper, None)
        else:
            named[keeper] = (link.study, link.label)
    # Who names the id of a report's own study means to join that report.
    by_study.update((study_id(keeper), keeper) for keeper in included if keeper not in named)
    for keeper, (study, label) in named.items():
        if study in by_study:
            join(by_study[study], keeper)
        by_study[study] = keeper
        labels.setdefault(study, label)
    groups: dict[str, list[str]] = {}
    for keeper in included:
        groups.setdefault(root(keeper), []).append(keeper)
    studies = []
    for main, reports in groups.items():
        identifier = next((named[report][0] for report in reports if report in named), study_id(main))
        label = labels.get(identifier) or short_reference(snapshot.records[main].citation)
        studies.append(Study(identifier, label, tuple(reports)))
    return _told_apart(studies)


def _told_apart(studies: list[Study]) -> tuple[Study, ...]:
    """Add a, b, c … to studies that would be cited alike."""
    alike: dict[str, list[int]] = {}
    for place, study in enumerate(studies):
        alike.setdefault(study.label, []).append(place)
    named = list(studies)
    for label, places in alike.items():
        for number, place in enumerate(places):
            if len(places) > 1:
                suffix = chr(ord("a") + number) if number < 26 else f"-{number + 1}"
                named[place] = Study(studies[place].id, f"{label}{suffix}", studies[place].reports)
    return tuple(named)
