"""Every record is in exactly one place, and what people did decides which."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from hypothesis import given, settings
from random_reviews import protocol, record, snapshots

from evidence_review.model.events import STAGES, Decision, DuplicateEvent, Retrieval, StudyLink
from evidence_review.state import standing as places
from evidence_review.state.clusters import cluster
from evidence_review.state.screening import AUTOMATION, SETTLING_ROLES, decide, outcomes
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import stand
from evidence_review.state.waiting import waiting

WHEN = "2026-11-20T10:00:00Z"
TA, FT = "title-abstract", "full-text"


def decided(number: int, stage: str, who: str, verdict: str, reason: str = "", role: str = "screener") -> Decision:
    return Decision(f"R-{number:08d}", stage, who, verdict, reason, "", role, "1", "s.csv", "2", WHEN)


def both(number: int, stage: str, verdict: str, reason: str = "") -> list[Decision]:
    return [decided(number, stage, who, verdict, reason) for who in ("reviewer-1", "reviewer-2")]


def review(*events: object, count: int = 2, cut_off: str = "", modes: tuple[str, str] = ("dual", "dual")) -> Snapshot:
    flat = [item for event in events for item in (event if isinstance(event, list) else [event])]
    items = [record(number, "pubmed") for number in range(count)]
    return Snapshot(
        protocol({"pubmed": "database"}, modes, cut_off),
        {item.id: item for item in items},
        duplicates=tuple(item for item in flat if isinstance(item, DuplicateEvent)),
        decisions=tuple(item for item in flat if isinstance(item, Decision)),
        retrievals=tuple(item for item in flat if isinstance(item, Retrieval)),
        links=tuple(item for item in flat if isinstance(item, StudyLink)),
        today=datetime.date(2026, 11, 23),
    )


def got(number: int, outcome: str) -> Retrieval:
    return Retrieval(f"R-{number:08d}", outcome, "", "", "reviewer-1", "", "", WHEN)


def merged(number: int, kept: int, by: str = "reviewer-1") -> DuplicateEvent:
    return DuplicateEvent("merged", f"R-{number:08d}", f"R-{kept:08d}", "", "", by, WHEN)


# The first record's state after these events. Each id is a sentence.
CASES = [
    pytest.param([], "dual", places.AWAITING_SCREENING, id="nobody looked"),
    pytest.param([decided(0, TA, "reviewer-1", "include")], "dual", places.AWAITING_SCREENING, id="one of two looked"),
    pytest.param([decided(0, TA, "reviewer-1", "include")], "single", places.AWAITING_RETRIEVAL, id="one is enough"),
    pytest.param([decided(0, TA, "reviewer-1", "exclude")], "verify-excludes", places.AWAITING_SCREENING,
                 id="an exclude must be verified"),
    pytest.param([decided(0, TA, "reviewer-1", "include")], "verify-excludes", places.AWAITING_RETRIEVAL,
                 id="an include need not be verified"),
    pytest.param(both(0, TA, "exclude"), "dual", places.EXCLUDED_SCREENING, id="both excluded"),
    pytest.param([decided(0, TA, "reviewer-1", "include"), decided(0, TA, "reviewer-2", "exclude")], "dual",
                 places.CONFLICT_SCREENING, id="they differ"),
    pytest.param([decided(0, TA, "reviewer-1", "include"), decided(0, TA, "reviewer-2", "maybe")], "dual",
                 places.AWAITING_RETRIEVAL, id="include and maybe go on to full text"),
    pytest.param([decided(0, TA, "reviewer-1", "include"), decided(0, TA, "reviewer-2", "exclude"),
                  decided(0, TA, "arbiter", "exclude", "E1", "arbiter")], "dual",
                 places.EXCLUDED_SCREENING, id="the arbiter settles"),
    pytest.param([*both(0, TA, "exclude"), *both(0, TA, "include")], "dual", places.AWAITING_RETRIEVAL,
                 id="a changed mind counts"),
    pytest.param([merged(1, 0), decided(0, TA, "reviewer-1", "include"), decided(1, TA, "reviewer-2", "include")],
                 "dual", places.AWAITING_RETRIEVAL, id="decisions on a copy found later count for the record"),
    pytest.param([merged(1, 0), decided(0, TA, "reviewer-1", "include"), decided(1, TA, "reviewer-1", "exclude")],
                 "single", places.CONFLICT_SCREENING, id="who judged two copies differently must look again"),
    pytest.param([decided(0, TA, "stopping", "unscreened", "rule", "automation")], "dual", places.UNSCREENED,
                 id="a stopping rule left it"),
    pytest.param([decided(0, TA, "stopping", "unscreened", "rule", "automation"), *both(0, TA, "exclude")], "dual",
                 places.EXCLUDED_SCREENING, id="people looked after all"),
    pytest.param([*both(0, TA, "include"), got(0, "not-retrieved")], "dual", places.NOT_OBTAINED, id="no copy"),
    pytest.param([*both(0, TA, "include"), got(0, "not-retrieved"), got(0, "retrieved")], "dual",
                 places.AWAITING_ELIGIBILITY, id="a copy after all"),
    pytest.param([*both(0, TA, "include"), got(0, "retrieved"), *both(0, FT, "include")], "dual", places.INCLUDED,
                 id="included"),
    pytest.param([*both(0, TA, "include"), *both(0, FT, "include")], "dual", places.INCLUDED,
                 id="who judged the full text had it"),
    pytest.param([*both(0, TA, "include"), got(0, "retrieved"), *both(0, FT, "maybe")], "dual",
                 places.CONFLICT_ELIGIBILITY, id="a maybe at full text must be settled"),
    pytest.param([*both(0, TA, "include"), got(0, "retrieved"), decided(0, FT, "reviewer-1", "exclude", "E1"),
                  decided(0, FT, "reviewer-2", "exclude", "E2")], "dual", places.CONFLICT_ELIGIBILITY,
                 id="two reasons at full text must become one"),
    pytest.param([*both(0, TA, "exclude"), *both(0, FT, "include")], "dual", places.EXCLUDED_SCREENING,
                 id="a full-text decision does not overturn the exclusion before it"),
    pytest.param([decided(0, "before-screening", "filter", "exclude", "date", "automation")], "dual",
                 places.REMOVED_AUTOMATION, id="removed by a filter"),
    pytest.param([decided(0, "before-screening", "reviewer-1", "exclude", "E1")], "dual", places.REMOVED_OTHER,
                 id="removed by a person before screening"),
]  # fmt: skip


@pytest.mark.parametrize(("events", "mode", "state"), CASES)
def test_where_a_record_stands(events: list[object], mode: str, state: str) -> None:
    """Each case says in its id what happened."""
    assert stand(review(*events, modes=(mode, "dual"))).state_of["R-00000000"] == state


def test_after_the_cut_off_a_missing_full_text_is_not_retrieved() -> None:
    """Before it, it waits."""
    assert stand(review(both(0, TA, "include"), cut_off="2026-11-22")).state_of["R-00000000"] == places.NOT_OBTAINED
    assert (
        stand(review(both(0, TA, "include"), cut_off="2026-11-23")).state_of["R-00000000"] == places.AWAITING_RETRIEVAL
    )


def included(*more: object, count: int = 3) -> Snapshot:
    events = [item for number in range(count) for stage in (TA, FT) for item in both(number, stage, "include")]
    return review(events, *more, count=count)


def test_reports_of_one_study_are_counted_as_one_study() -> None:
    """Linked by a rule, or named by a person; undone, they are studies of their own again."""
    link = DuplicateEvent("linked", "R-00000001", "R-00000000", "erratum", "", "dedup", WHEN)
    studies = stand(included(link)).studies
    assert [study.reports for study in studies] == [("R-00000000", "R-00000001"), ("R-00000002",)]
    named = [
        StudyLink("linked", f"R-0000000{number}", "S-TWINNING", "Twinning", "reviewer-1", WHEN) for number in (0, 2)
    ]
    studies = stand(included(named)).studies
    assert (studies[0].id, studies[0].label) == ("S-TWINNING", "Twinning")
    assert studies[0].reports == ("R-00000000", "R-00000002")
    undone = replace(named[1], event="undone")
    assert len(stand(included(named, undone)).studies) == 3


def test_studies_that_would_be_cited_alike_are_told_apart() -> None:
    """Author2 2001 twice becomes a and b."""
    snapshot = included()
    same = snapshot.records["R-00000000"].citation
    twins = {key: replace(item, citation=same) for key, item in snapshot.records.items()}
    assert [study.label[-1] for study in stand(replace(snapshot, records=twins)).studies] == ["a", "b", "c"]


@given(snapshots())
@settings(max_examples=150)
def test_every_record_is_in_exactly_one_place(snapshot: Snapshot) -> None:
    """Records = duplicates + records standing for a cluster; each of these has one state, each study its reports."""
    standing = stand(snapshot)
    assert sorted([*standing.state_of, *standing.clusters.removed()]) == sorted(snapshot.records)
    assert set(standing.state_of.values()) <= set(places.STATES)
    reports = [report for study in standing.studies for report in study.reports]
    assert sorted(reports) == sorted(standing.having(places.INCLUDED))
    assert len({study.id for study in standing.studies}) == len(standing.studies)
    waited = {item.state for item in waiting(snapshot, standing)}
    assert any(state in waited for state in places.WAITING) == bool(standing.having(*places.WAITING))


@given(snapshots())
def test_records_judged_alike_are_decided_as_each_would_be_alone(snapshot: Snapshot) -> None:
    """What one pattern of verdicts led to holds for every record with it, and names that record's decisions."""
    clusters = cluster(list(snapshot.records), snapshot.duplicates)
    for stage in STAGES:
        plan = snapshot.protocol.stage(stage)
        of: dict[str, list[Decision]] = {keeper: [] for keeper in clusters.keepers}
        for decision in snapshot.decisions:
            if decision.stage == stage and decision.record in clusters.keeper_of:
                of[clusters.keeper_of[decision.record]].append(decision)
        alone = {keeper: decide(plan, stage, keeper, made) for keeper, made in of.items()}
        assert outcomes(plan, stage, clusters, snapshot.decisions, clusters.keepers) == alone
        for outcome in alone.values():
            own = {one.screener for one in outcome.decisions if one.role not in (*SETTLING_ROLES, AUTOMATION)}
            assert outcome.readers == own
            assert outcome.settled == any(one.role in SETTLING_ROLES for one in outcome.decisions)


def test_each_record_keeps_the_reason_and_the_people_that_it_was_given() -> None:
    """Records that were excluded for different reasons, or by different people or roles, are not alike."""
    snapshot = review(
        both(0, TA, "exclude", "E1"), both(1, TA, "exclude", "E2"), decided(2, TA, "reviewer-1", "include"),
        decided(3, TA, "reviewer-2", "include"), decided(4, TA, "reviewer-1", "include", role="arbiter"),
        count=5,
    )  # fmt: skip
    found = list(stand(snapshot).title_abstract.values())
    assert [one.reason for one in found[:2]] == ["E1", "E2"]
    assert [sorted(one.readers) for one in found[2:]] == [["reviewer-1"], ["reviewer-2"], []]
    assert [one.settled for one in found[2:]] == [False, False, True]
