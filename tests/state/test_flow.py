"""The flow's counts: what each box holds, and that they add up whatever happens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_reviews import AWAITED, first_version, protocol, record, snapshots

from evidence_review.model.events import Decision, DuplicateEvent, Edition, Retrieval
from evidence_review.model.ids import study_id
from evidence_review.model.protocol import Adjustment, Reason
from evidence_review.model.search_run import SearchRun
from evidence_review.state import counting, identities
from evidence_review.state.flow import Count, Flow
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import stand
from evidence_review.state.waiting import waiting


def counted(snapshot: Snapshot) -> Flow:
    return counting.count(snapshot, stand(snapshot))


def merged(record_id: str, kept: str, event: str = "merged", by: str = "dedup") -> DuplicateEvent:
    return DuplicateEvent(event, record_id, kept, "doi", "", by, "2026-11-20T10:00:00Z")


def decided(
    record_id: str, stage: str, verdict: str, screener: str, reason: str = "", role: str = "screener"
) -> Decision:
    return Decision(record_id, stage, screener, verdict, reason, "", role, "1", "s.csv", "2", "2026-11-20T10:00:00Z")


def small_review() -> Snapshot:
    """Three database records, two of them copies, a register's, and two of a website, one a copy of a database's."""
    routes = {"pubmed": "database", "trials": "register", "site": "website"}
    records = [record(0, "pubmed"), record(1, "pubmed"), record(2, "pubmed"), record(3, "trials"), record(4, "site"),
               record(5, "site")]  # fmt: skip
    ids = [item.id for item in records]
    decisions = []
    for place, verdict, reason in ((0, "include", ""), (2, "exclude", "E1"), (3, "include", ""), (5, "include", "")):
        for person in ("reviewer-1", "reviewer-2"):
            decisions.append(decided(ids[place], "title-abstract", verdict, person, reason))
    for person in ("reviewer-1", "reviewer-2"):
        decisions.append(decided(ids[0], "full-text", "include", person))
        decisions.append(decided(ids[5], "full-text", "exclude", person, "E2"))
    return Snapshot(
        protocol(routes),
        {item.id: item for item in records},
        tuple(
            SearchRun(f"0001-load.{name}", name, route, "file", loaded=n, files=((f"{name}.ris", "ab" * 32),))
            for name, route, n in (("pubmed", "database", 3), ("trials", "register", 1), ("site", "website", 2))
        ),
        (merged(ids[1], ids[0]), merged(ids[4], ids[0])),
        tuple(decisions),
        (Retrieval(ids[3], "not-retrieved", "library", "", "reviewer-1", "", "", "2026-11-21T10:00:00Z"),),
    )


def test_each_box_holds_what_it_says() -> None:
    """A small review is counted by hand."""
    flow = counted(small_review())
    expected = {
        "database_results": 3, "register_results": 1, "website_results": 2, "duplicates": 1, "other_duplicates": 1,
        "records_screened": 3, "records_excluded": 1, "dbr_sought_reports": 2, "dbr_notretrieved_reports": 1,
        "dbr_assessed": 1, "dbr_excluded": 0, "dbr_included": 1, "other_records_screened": 1,
        "other_sought_reports": 1, "other_assessed": 1, "other_excluded": 1, "other_included": 0, "new_reports": 1,
        "new_studies": 1,
    }  # fmt: skip
    assert {key: flow.n(key) for key in expected} == expected
    assert identities.check(flow) == ()
    assert flow.counts["database_results"].parts["pubmed"].files == (("pubmed.ris", "ab" * 32),)
    assert flow.counts["other_excluded"].parts["E2"].label == "reason E2"


def test_what_awaits_classification_is_neither_excluded_nor_in_the_way_of_a_final_report() -> None:
    """Both screeners gave the reason that the protocol marks so; once the authors answer, a later word counts."""
    snapshot = small_review()
    ids = list(snapshot.records)
    first, second = ids[0], ids[5]
    open_now = [
        decided(one, "full-text", "exclude", person, AWAITED)
        for one in (first, second)
        for person in ("reviewer-1", "reviewer-2")
    ]
    snapshot = replace(snapshot, decisions=(*snapshot.decisions, *open_now))
    flow = counted(snapshot)
    expected = {"dbr_assessed": 1, "awaiting_classification": 1, "other_awaiting_classification": 1, "dbr_excluded": 0,
                "other_excluded": 0, "new_reports": 0}  # fmt: skip
    assert {key: flow.n(key) for key in expected} == expected
    assert identities.check(flow) == ()
    assert [item.what for item in waiting(snapshot, stand(snapshot))] == ["records not looked at for duplicates"]
    fewer = flow.with_count(replace(flow.counts["awaiting_classification"], n=0, ids=()))
    assert {"I7", "I12"} <= {failure.identity for failure in identities.check(fewer)}
    answered = [decided(first, "full-text", "include", person) for person in ("reviewer-1", "reviewer-2")]
    later = counted(replace(snapshot, decisions=(*snapshot.decisions, *answered)))
    assert (later.n("awaiting_classification"), later.n("new_reports")) == (0, 1)


def test_only_a_report_can_await_classification() -> None:
    with pytest.raises(ValueError, match=r"stages: \[full-text\]"):
        Reason(code="W1", label="authors asked", awaiting=True)


def test_a_late_duplicate_between_arms_moves_the_record_to_the_main_arm() -> None:
    """A website's record found to be the register's counts once, as a duplicate of the other arm."""
    snapshot = small_review()
    ids = list(snapshot.records)
    late = replace(snapshot, duplicates=(*snapshot.duplicates, merged(ids[3], ids[5])))
    flow = counted(late)
    assert (flow.n("other_duplicates"), flow.n("duplicates"), flow.n("other_records_screened")) == (2, 1, 0)
    assert identities.check(flow) == ()


def test_taking_a_merge_back_brings_the_record_back() -> None:
    snapshot = small_review()
    ids = list(snapshot.records)
    flow = counted(replace(snapshot, duplicates=(*snapshot.duplicates, merged(ids[1], ids[0], "undone", "reviewer-1"))))
    assert (flow.n("duplicates"), flow.n("awaiting_screening")) == (0, 1)
    assert identities.check(flow) == ()


def test_an_update_adds_what_the_previous_version_held() -> None:
    """Totals are the previous version's cited numbers and ours, less a declared overlap."""
    snapshot = small_review()
    ids = {"studies": 44, "reports": 50, "reference": "First version"}
    plan = protocol(
        {"pubmed": "database", "trials": "register", "site": "website"},
        updates=ids,
        adjustments=[{"identity": "I9", "count": -1, "reason": "one study was in both"}],
    )
    flow = counted(replace(snapshot, protocol=plan))
    assert (flow.n("total_studies"), flow.n("total_reports")) == (44, 51)
    assert identities.check(flow, plan.adjustments) == ()
    assert [failure.identity for failure in identities.check(flow)] == ["I9"]


@settings(max_examples=300)
@given(snapshots())
def test_every_identity_holds_in_any_review(snapshot: Snapshot) -> None:
    """Whatever was merged, undone, decided or sought, in any order, the boxes add up."""
    assert identities.hard(identities.check(counted(snapshot))) == ()


@settings(max_examples=150)
@given(snapshots(), st.data())
def test_changing_any_one_count_is_caught(snapshot: Snapshot, data: st.DataObject) -> None:
    """A number that was typed over its ids breaks an identity that names its box or one beside it."""
    flow = counted(snapshot)
    number = flow.counts[data.draw(st.sampled_from(sorted(flow.counts)))]
    wrong = replace(number, n=number.n + data.draw(st.sampled_from((-1, 1, 10))))
    assert identities.hard(identities.check(flow.with_count(wrong)))


@settings(max_examples=150)
@given(snapshots(), st.data())
def test_losing_any_one_record_is_caught(snapshot: Snapshot, data: st.DataObject) -> None:
    """A record that falls out of a box with its number corrected is missed all the same."""
    flow = counted(snapshot)
    filled = [key for key, number in flow.counts.items() if number.ids and key != "new_studies"]
    assume(filled)
    number = flow.counts[data.draw(st.sampled_from(sorted(filled)))]
    lost = data.draw(st.sampled_from(number.ids or ("",)))
    ids = tuple(item for item in number.ids or () if item != lost)
    assert identities.hard(identities.check(flow.with_count(replace(number, ids=ids, n=len(ids), parts={}))))


@settings(max_examples=150)
@given(snapshots(), st.data())
def test_bare_numbers_are_held_to_the_same_identities(snapshot: Snapshot, data: st.DataObject) -> None:
    """A flow that is only numbers passes when right, and not when any one of the template's boxes is changed."""
    flow = counted(snapshot)
    bare = Flow({key: Count(key, number.unit, number.n) for key, number in flow.counts.items()})
    assert identities.hard(identities.check(bare)) == ()
    keys = [key for key in bare.counts if key not in ("new_studies", "previous_studies", "previous_reports")]
    key = data.draw(st.sampled_from(sorted(keys)))
    changed = replace(bare.counts[key], n=bare.counts[key].n + data.draw(st.sampled_from((1, 7))))
    assert identities.hard(identities.check(bare.with_count(changed)))


def test_a_failure_names_the_records_on_one_side_only() -> None:
    flow = counted(small_review())
    screened = flow.counts["records_screened"]
    fewer = replace(screened, n=screened.n - 1, ids=(screened.ids or ())[1:])
    failures = identities.check(flow.with_count(fewer))
    assert [failure.identity for failure in failures] == ["I2", "I3"]
    assert all(failure.ids == (screened.ids or ())[:1] for failure in failures)


GAPS = {
    "the numbers are those of every box": ({}, []),
    "unknown duplicates may be any number that fits": ({"duplicates": None}, []),
    "more screened than found cannot be": ({"duplicates": None, "records_screened": 120}, ["I2", "I3"]),
    "unknown sought is worked out": ({"dbr_sought_reports": None, "dbr_assessed": 20}, ["I4", "I7"]),
    "nobody knows what was not retrieved": ({"dbr_notretrieved_reports": None}, []),
    "more assessed than sought cannot be": (
        {"dbr_notretrieved_reports": None, "dbr_assessed": 31, "dbr_excluded": 21},
        ["I4"],
    ),
    "studies stand in for reports that are not given": ({"new_reports": None, "new_studies": 9}, ["I7"]),
    "fewer reports than studies is a warning": ({"new_studies": 12}, ["I8"]),
    "more in the meta-analysis than there are": ({"total_studies_ma": 11}, ["I10"]),
    "an update must add up": ({"previous_studies": 5, "total_studies": 14}, ["I9"]),
    "more excluded than screened": (
        {"records_excluded": 100, "dbr_sought_reports": None, "dbr_notretrieved_reports": None},
        ["I3", "I4"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", GAPS)
def test_gaps_in_published_numbers(case: str) -> None:
    """What is unknown is left out of account as far as that is sound."""
    numbers: dict[str, int | None] = {
        "database_results": 100, "duplicates": 20, "records_screened": 80, "records_excluded": 50,
        "dbr_sought_reports": 30, "dbr_notretrieved_reports": 5, "dbr_assessed": 25, "dbr_excluded": 15,
        "new_reports": 10, "new_studies": 10,
    }  # fmt: skip
    changes, expected = GAPS[case]
    numbers |= changes
    flow = Flow({key: Count(key, "records", n) for key, n in numbers.items() if n is not None})
    assert [failure.identity for failure in identities.check(flow)] == expected


def test_a_declared_adjustment_bridges_its_identity_only() -> None:
    """One record that held three reports is said once, for I3."""
    numbers = {"records_screened": 10, "records_excluded": 4, "dbr_sought_reports": 8, "dbr_notretrieved_reports": 0}
    flow = Flow({key: Count(key, "records", n) for key, n in numbers.items()})
    assert [failure.identity for failure in identities.check(flow)] == ["I3"]
    assert identities.check(flow, [Adjustment(identity="I3", count=2, reason="a supplement with three papers")]) == ()
    assert identities.check(flow, [Adjustment(identity="I4", count=2, reason="another place")]) != ()


@settings(max_examples=300)
@given(snapshots(), st.data())
def test_a_new_version_totals_what_is_included_now(snapshot: Snapshot, data: st.DataObject) -> None:
    """Previous and new together, less what went and with what was taken in, are the studies and reports of now:
    whatever was merged, joined, parted, excluded or taken in across the versions.
    """
    kept = data.draw(st.integers(0, len(snapshot.records)))
    told = data.draw(st.integers(0, len(snapshot.decisions)))
    copies = data.draw(st.integers(0, len(snapshot.duplicates)))
    earlier = dict(list(snapshot.records.items())[:kept])
    links = snapshot.links if data.draw(st.booleans()) else ()
    before = stand(
        replace(
            snapshot, records=earlier, decisions=snapshot.decisions[:told], duplicates=snapshot.duplicates[:copies],
            links=links,
        )
    )  # fmt: skip
    second = replace(snapshot, editions=(first_version(before, kept),))
    standing, flow = stand(second), counted(second)
    assert flow.n("total_studies") == len(standing.studies)
    assert flow.n("total_reports") == sum(len(study.reports) for study in standing.studies)
    assert [failure for failure in identities.check(flow) if failure.identity == "I9"] == []


@pytest.mark.parametrize(("of_version", "merge", "withdrawn"), [((0,), (0, 3), 0), ((0, 3), (0, 3), 1)])
def test_a_duplicate_found_across_versions_takes_no_study_away(
    of_version: tuple[int, ...], merge: tuple[int, int], withdrawn: int
) -> None:
    """Another copy may stand for a study of the version: it is still there. Of two that are one, one is gone."""
    snapshot = small_review()
    ids = list(snapshot.records)
    taken = (Retrieval(ids[3], "retrieved", "library", "", "reviewer-1", "", "", "2026-11-22T10:00:00Z"),)
    full = tuple(decided(ids[3], "full-text", "include", person) for person in ("reviewer-1", "reviewer-2"))
    studies = " ".join(study_id(ids[place]) for place in of_version)
    reports = " ".join(ids[place] for place in of_version)
    n = str(len(of_version))
    ended = Edition("1", "6" if len(of_version) > 1 else "3", studies, reports, n, n, "0002-update", "2026-11-23")
    together = (merged(ids[merge[0]], ids[merge[1]], by="reviewer-1"),)
    second = replace(
        snapshot, decisions=(*snapshot.decisions, *full), retrievals=(*snapshot.retrievals, *taken), editions=(ended,),
        duplicates=(*snapshot.duplicates, *together),
    )  # fmt: skip
    standing, flow = stand(second), counted(second)
    assert len(standing.studies) == 1
    assert flow.since is not None
    assert len(flow.since.withdrawn["studies"]) == withdrawn
    assert (flow.n("total_studies"), flow.n("total_reports")) == (1, 1)
    assert identities.check(flow) == ()
