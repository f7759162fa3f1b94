"""Shortcuts and deviations: found by comparing what was planned with what was done, whoever noted it or not."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from random_reviews import protocol, record, snapshots

from evidence_review.model.events import Decision, Retrieval, Value
from evidence_review.model.ledger import GENESIS, LedgerEntry
from evidence_review.model.record import Record
from evidence_review.model.search_run import SearchRun
from evidence_review.state import deviations, shortcuts
from evidence_review.state.deviations import AMENDED, UNLOGGED, changed, find
from evidence_review.state.screening import people_needed
from evidence_review.state.shortcuts import DECLARED, FOUND, taken
from evidence_review.state.snapshot import Amendment, Snapshot
from evidence_review.state.standing import stand

ROUTES = {"pubmed": "database", "embase": "database", "trials": "register", "site": "website", "refs": "citation"}
WHEN = "2026-11-20T10:00:00Z"


def runs(*names: str) -> tuple[SearchRun, ...]:
    return tuple(SearchRun(f"0001-load.{name}", name, ROUTES[name], "file") for name in names)


def decided(
    item: Record, stage: str, verdict: str, *people: str, role: str = "screener", reason: str = ""
) -> list[Decision]:
    return [Decision(item.id, stage, person, verdict, reason, "", role, "1", "s.csv", "2", WHEN) for person in people]


def review(**parts: Any) -> Snapshot:
    """Two records from PubMed, every source searched, both included by two people."""
    records = [record(0, "pubmed"), record(1, "pubmed")]
    decisions = [
        decision
        for item in records
        for stage in ("title-abstract", "full-text")
        for decision in decided(item, stage, "include", "reviewer-1", "reviewer-2")
    ]
    plan = parts.pop("plan", {})
    made = Snapshot(
        protocol(ROUTES, **plan),
        {item.id: item for item in records},
        runs(*ROUTES),
        decisions=tuple(decisions),
        today=datetime.date(2026, 11, 23),
    )
    return replace(made, **parts)


def rules(snapshot: Snapshot) -> set[str]:
    return {item.rule for item in taken(snapshot, stand(snapshot)) if item.origin == FOUND}


def test_what_nobody_shortened_is_not_told() -> None:
    """Two databases, a register, grey literature, citations and two people throughout leave only the last steps."""
    assert rules(review()) == {"no-tool", "no-certainty"}


def test_findings_whose_confidence_was_judged_are_no_shortcut() -> None:
    """Also where the protocol says nothing of certainty; a finding alone is no judgement."""

    def value(field: str, said: str) -> Value:
        return Value("F1", "", "cerqual@2018", "", "", field, said, "reported", "", "", "a", "judge", "", "", WHEN)

    assert "no-certainty" in rules(review(values=(value("finding", "Teams grew"),)))
    assert "no-certainty" not in rules(review(values=(value("finding", "Teams grew"), value("confidence", "low"))))


SEARCHES = {
    ("pubmed",): {"one-database", "no-register", "no-citation", "no-grey"},
    ("pubmed", "embase"): {"no-register", "no-citation", "no-grey"},
    ("trials", "site"): {"no-database", "no-citation"},
    ("pubmed", "embase", "trials", "refs"): {"no-grey"},
}


@pytest.mark.parametrize("searched", SEARCHES)
def test_sources_that_were_left_out(searched: tuple[str, ...]) -> None:
    assert rules(review(runs=runs(*searched))) - {"no-tool", "no-certainty"} == SEARCHES[searched]


@pytest.mark.parametrize(
    ("reason", "rule", "words"),
    [
        ("stopping rule: hypergeometric, target 0.95", "unscreened", "A stopping rule left 1\u00a0record unscreened."),
        (
            "stopped without a rule: no {time}", "unscreened-anyway",
            "Screening stopped before a rule allowed it (stopped without a rule: no {time}); "
            "1\u00a0record stayed unscreened.",
        ),
    ],
)  # fmt: skip
def test_what_was_left_unscreened_is_told_by_its_ground(reason: str, rule: str, words: str) -> None:
    """Only a rule that promised something is called one."""
    left = decided(record(0, "pubmed"), "title-abstract", "unscreened", "automation", role="automation", reason=reason)
    snapshot = review(decisions=tuple(left))
    (told,) = [item for item in taken(snapshot, stand(snapshot)) if item.rule.startswith("unscreened")]
    assert (told.rule, str(told.what)) == (rule, words)


def test_records_judged_by_one_person_are_counted() -> None:
    """Who settles a conflict, and a rule, are no second reader."""
    one, two = record(0, "pubmed"), record(1, "pubmed")
    snapshot = review(
        plan={"modes": ("single", "single")},
        decisions=(
            *decided(one, "title-abstract", "include", "reviewer-1"),
            *decided(two, "title-abstract", "exclude", "rule", role="automation", reason="E1"),
            *decided(one, "full-text", "include", "reviewer-1"),
            *decided(one, "full-text", "include", "arbiter", role="arbiter"),
        ),
    )
    told = {item.rule: item.what for item in taken(snapshot, stand(snapshot)) if item.rule}
    assert str(told["title-abstract-one-person"]) == "One person judged 1 of 2\u00a0records at title and abstract."
    assert told["title-abstract-one-person"].counts["alone"].ids == (one.id,)
    assert told["title-abstract-automation"].counts["machine"].ids == (two.id,)
    assert told["full-text-one-person"].counts["alone"].ids == (one.id,)


def test_reports_missing_at_the_cut_off_are_told_apart_from_those_sought_in_vain() -> None:
    one, two = record(0, "pubmed"), record(1, "pubmed")
    decisions = [*decided(one, "title-abstract", "include", "reviewer-1", "reviewer-2"),
                 *decided(two, "title-abstract", "include", "reviewer-1", "reviewer-2")]  # fmt: skip
    gone = Retrieval(two.id, "not-retrieved", "library", "", "reviewer-1", "", "", WHEN)
    snapshot = review(plan={"cut_off": "2026-11-22"}, decisions=tuple(decisions), retrievals=(gone,))
    told = {item.rule: item.what for item in taken(snapshot, stand(snapshot))}
    assert told["cut-off"].counts["cut"].ids == (one.id,)


def test_work_on_other_days_than_planned_is_told() -> None:
    """A search on another day, and decisions after the day on which the answer was needed, counted once a record."""
    snapshot = review(plan={"timeline": {"deadline": "2026-11-19"}})
    plan = snapshot.protocol.model_copy(
        update={
            "sources": tuple(
                one.model_copy(update={"searched_on": "2026-10-01"}) if one.id in ("pubmed", "embase") else one
                for one in snapshot.protocol.sources
            )
        }
    )
    days = {"pubmed": "2026-10-01", "embase": "2026-10-05"}
    searched = tuple(replace(run, searched_on=days.get(run.source, "")) for run in snapshot.runs)
    snapshot = replace(snapshot, protocol=plan, runs=searched)
    told = {item.section: str(item.done) for item in find(snapshot, stand(snapshot), {})}
    assert told["sources.embase.searched_on"] == "Searched on 2026-10-05."
    assert "sources.pubmed.searched_on" not in told
    assert told["timeline.deadline"] == "Decided after that day: 2\u00a0records."
    assert "timeline.deadline" not in {item.section for item in find(review(), stand(review()), {})}


def test_declared_limits_are_not_told_twice() -> None:
    limits = {"languages": ["en"], "published_from": "2014-01-01"}
    assert {"language", "date"} <= rules(review(plan={"limits": limits}))
    said = [{"step": "search", "what": "One language and publications from 2014 on"}]
    snapshot = review(plan={"limits": limits, "shortcuts": said})
    assert not {"language", "date"} & rules(snapshot)
    assert next(iter(taken(snapshot, stand(snapshot)))).origin == DECLARED


def ledger(*digests: str) -> tuple[LedgerEntry, ...]:
    return tuple(
        LedgerEntry(
            seq=place,
            verb="load",
            when=WHEN,
            version="0.1",
            command=(),
            arguments={},
            inputs={"protocols/random.yml": digest},
            outputs={},
            counts={},
            previous=GENESIS,
        )
        for place, digest in enumerate(digests, start=1)
    )


def departures(
    snapshot: Snapshot, versions: dict[str, dict[str, Any]] | None = None, current: str = ""
) -> list[tuple[str, str, str]]:
    found = find(snapshot, stand(snapshot), versions or {}, current)
    return [(item.kind, item.section, str(item.done)) for item in found]


def test_a_review_done_as_planned_has_no_deviation() -> None:
    assert departures(review()) == []


def test_a_logged_amendment_is_told_once() -> None:
    """The change of the file's hash that the amendment explains is not told again."""
    amendment = Amendment("2026-11-19", "full_text.cut_off", "2026-12-14", "2026-11-23", "late", "after screening", "b")
    assert departures(review(amendments=(amendment,), ledger=ledger("a", "b"))) == [
        (AMENDED, "full_text.cut_off", "2026-11-23")
    ]


def test_a_change_nobody_logged_is_found_by_its_hash() -> None:
    """What changed is told where both versions are kept; comments and spacing are no change."""
    old = {"title": "x", "screening": {"full_text": {"mode": "dual"}}}
    new = {"title": "x", "screening": {"full_text": {"mode": "single"}}}
    snapshot = review(ledger=ledger("a", "a", "b"))
    assert departures(snapshot, {"a": old, "b": new}) == [(UNLOGGED, "screening.full_text.mode", "single")]
    assert departures(snapshot, {"a": old, "b": old}) == []
    assert departures(snapshot) == [(UNLOGGED, "", "The protocol was changed before run 0003-load.")]
    assert departures(review(ledger=ledger("a")), {"a": old, "c": new}, "c")[0][1] == "screening.full_text.mode"


def test_an_amendment_covers_only_its_own_section() -> None:
    """What was changed in the same file and never logged is told, however many amendments lead to that version."""
    old = {"title": "x", "full_text": {"cut_off": "2026-12-14"}}
    new = {"title": "y", "full_text": {"cut_off": "2026-11-23"}}
    amendment = Amendment("2026-11-19", "full_text.cut_off", "2026-12-14", "2026-11-23", "late", "", "b")
    snapshot = review(amendments=(amendment,), ledger=ledger("a", "b"))
    assert departures(snapshot, {"a": old, "b": new}) == [
        (AMENDED, "full_text.cut_off", "2026-11-23"),
        (UNLOGGED, "title", "y"),
    ]


CHANGES = [
    ({"a": 1}, {"a": 1}, []),
    ({"a": 1}, {"a": 2}, [("a", "1", "2")]),
    ({"a": {"b": [1, 2]}}, {"a": {"b": [1]}}, [("a.b", "1, 2", "1")]),
    ({}, {"a": {"b": 1}}, [("a", "not there", "b: 1")]),
    ({"a": 1}, {}, [("a", "1", "not there")]),
]


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES)
def test_two_protocols_are_compared_part_by_part(old: dict[str, Any], new: dict[str, Any], expected: list[Any]) -> None:
    assert list(changed(old, new)) == expected


def test_sources_not_searched_and_searched_without_a_plan() -> None:
    snapshot = review(runs=(*runs("pubmed", "trials", "site", "refs"), SearchRun("2", "google", "other", "manual")))
    assert [section for _, section, _ in departures(snapshot)] == ["sources.embase", "sources"]


def test_an_incomplete_search_is_a_deviation() -> None:
    broken = replace(runs("pubmed")[0], state="incomplete", reason="page 3 of 9 failed")
    told = departures(review(runs=(broken, *runs("embase", "trials", "site", "refs"))))
    assert told == [("found in the data", "sources.pubmed", "Run 0001-load.pubmed is incomplete: page 3 of 9 failed")]


def test_people_who_were_not_planned() -> None:
    one = record(0, "pubmed")
    more = decided(one, "full-text", "include", "stranger {0}")
    told = departures(review(decisions=(*review().decisions, *more)))
    assert told == [("found in the data", "screening.full_text.screeners", "stranger {0} judged 1\u00a0report.")]


def test_a_reason_that_the_protocol_does_not_have() -> None:
    """Given by a person it is a deviation; the words of a stopping rule are none."""
    one, two = record(0, "pubmed"), record(1, "pubmed")
    base = review().decisions
    rule = decided(two, "title-abstract", "unscreened", "automation", role="automation", reason="stopping rule: x")
    assert departures(review(decisions=(*base, *rule))) == []
    person = decided(one, "full-text", "include", "reviewer-1", reason="E{9}")
    told = departures(review(decisions=(*base, *person)))
    assert told == [("found in the data", "eligibility.exclude", "The reason 'E{9}' was given for 1\u00a0record.")]


def test_included_reports_from_outside_the_limits() -> None:
    plan = {"limits": {"published_from": "2001-01-01", "languages": ["en"]}}
    records = review().records
    first = next(iter(records))
    german = replace(records[first], citation=replace(records[first].citation, language="de"))
    told = departures(review(plan=plan, records={**records, first: german}))
    assert [section for _, section, _ in told] == ["limits", "limits.languages"]


def test_two_who_agreed_on_a_conflict_are_no_stranger() -> None:
    """A settlement by both planned screeners is planned; one with somebody else is not."""
    screening = {"title_abstract": {"mode": "dual", "screeners": ["reviewer-1", "reviewer-2"]}}
    for pair, strange in (("reviewer-2+reviewer-1", False), ("reviewer-1+arbiter", True)):
        decisions = tuple(decided(record(0, "pubmed"), "title-abstract", "include", pair, role="consensus"))
        told = departures(review(plan={"screening": screening}, decisions=decisions))
        assert any(section == "screening.title_abstract.screeners" for _, section, _ in told) == strange


def test_agreement_that_nobody_looked_at() -> None:
    """One person judged everything though the protocol asks for agreement first: no comparison is no agreement."""
    records = [record(0, "pubmed"), record(1, "pubmed")]
    decisions = tuple(one for item in records for one in decided(item, "title-abstract", "include", "reviewer-1"))
    screening = {"title_abstract": {"mode": "single", "agreement": 0.8}}
    told = departures(review(plan={"screening": screening}, decisions=decisions))
    words = "Nobody has been compared yet. One person judged 2\u00a0records alone."
    assert ("found in the data", "screening.title_abstract.agreement", words) in told


def test_less_agreement_than_aimed_at() -> None:
    one, two = record(0, "pubmed"), record(1, "pubmed")
    decisions = (
        *decided(one, "title-abstract", "include", "reviewer-1", "reviewer-2"),
        *decided(two, "title-abstract", "include", "reviewer-1"),
        *decided(two, "title-abstract", "exclude", "reviewer-2"),
        *decided(two, "title-abstract", "exclude", "arbiter", role="arbiter"),
        *decided(one, "full-text", "include", "reviewer-1", "reviewer-2"),
    )
    screening = {"title_abstract": {"mode": "dual", "agreement": 0.8}}
    told = departures(review(plan={"screening": screening}, decisions=decisions))
    assert ("found in the data", "screening.title_abstract.agreement", "1 of 2 verdicts were equal (50 %).") in told


def test_a_form_in_another_version() -> None:
    plan = {"extraction": {"form": {"id": "facts", "version": "2", "fields": [{"id": "design"}]}}}
    fields = dict.fromkeys(Value.__dataclass_fields__, "")
    value = Value(**{**fields, "study": "S-1", "form": "facts@1", "field": "design", "by": "reviewer-1"})
    told = departures(review(plan=plan, values=(value,)))
    assert ("found in the data", "extraction.form.version", "Version 1 was used for 1\u00a0study.") in told


def test_studies_that_a_planned_form_or_tool_says_nothing_about() -> None:
    """Two are included; one was extracted and none appraised. A plan for neither is departed from by nothing."""
    plan = {"extraction": {"form": {"id": "facts", "version": "1", "fields": [{"id": "design"}]}},
            "appraisal": {"tools": {"any": "mmat-2018"}}}  # fmt: skip
    snapshot = review(plan=plan)
    first = stand(snapshot).studies[0]
    fields = dict.fromkeys(Value.__dataclass_fields__, "")
    value = Value(**{**fields, "study": first.id, "form": "facts@1", "field": "design", "by": "reviewer-1"})
    assert departures(replace(snapshot, values=(value,))) == [
        ("found in the data", "extraction.form", "Nothing was extracted from 1\u00a0study."),
        ("found in the data", "appraisal.tools", "Nobody appraised 2\u00a0studies."),
    ]
    assert departures(review(values=(value,))) == []


@settings(max_examples=100)
@given(snapshots())
def test_every_number_told_has_its_ids(snapshot: Snapshot) -> None:
    """In any review each sentence can be written, and each of its numbers is the number of ids behind it."""
    standing = stand(snapshot)
    told = [item.what for item in shortcuts.taken(snapshot, standing)]
    told += [item.done for item in deviations.find(snapshot, standing, {}, "")]
    for sentence in told:
        assert str(sentence)
        for count in sentence.counts.values():
            assert count.ids is not None
            assert len(set(count.ids)) == count.n > 0


@settings(max_examples=200)
@given(snapshots())
def test_fewer_people_than_planned_are_always_told(snapshot: Snapshot) -> None:
    """Whatever happened: a record decided by fewer people than the protocol says is among the report's shortcuts.

    Settling a conflict, sending a record on and removing by rule are no second reading.
    """
    standing = stand(snapshot)
    told = {
        rule: {identifier for count in item.what.counts.values() for identifier in count.ids or ()}
        for item in taken(snapshot, standing)
        if (rule := item.rule)
    }
    for stage, outcomes in (("title-abstract", standing.title_abstract), ("full-text", standing.full_text)):
        plan = snapshot.protocol.stage(stage)
        for keeper, outcome in outcomes.items():
            if outcome.state not in ("included", "excluded") or standing.state_of[keeper] == "full text not retrieved":
                continue
            judged = [one for one in outcome.decisions if one.role in ("screener", "verifier")]
            needed = people_needed(plan, keeper, [one.verdict for one in judged])
            if len({one.screener for one in judged}) < needed:
                assert keeper in told.get(f"{stage}-one-person", set()) | told.get(f"{stage}-automation", set())
