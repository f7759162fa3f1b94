"""Merges fold into clusters: each record in exactly one, a person's word above a rule's, nothing undone by accident."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_review.model.events import DISTINCT, DOUBTFUL, LINKED, MERGED, UNDONE, DuplicateEvent
from evidence_review.state.clusters import cluster

RECORDS = ["a", "b", "c", "d", "e"]


def said(event: str, record: str, kept: str, by: str = "dedup") -> DuplicateEvent:
    return DuplicateEvent(event, record, kept, "rule", "", by, "2026-11-20T10:00:00Z")


def groups(*events: DuplicateEvent) -> set[frozenset[str]]:
    return {frozenset(members) for members in cluster(RECORDS, events).members_of.values()}


def together(*records: str) -> set[frozenset[str]]:
    return {frozenset(records), *(frozenset(record) for record in RECORDS if record not in records)} - {frozenset()}


CASES = [
    pytest.param([said(MERGED, "b", "a")], together("a", "b"), id="a merge joins two"),
    pytest.param([said(MERGED, "b", "a"), said(MERGED, "c", "b")], together("a", "b", "c"), id="merges join on"),
    pytest.param([said(MERGED, "b", "a"), said(UNDONE, "b", "a", "anna")], together(), id="a merge can be undone"),
    pytest.param(
        [said(MERGED, "b", "a"), said(UNDONE, "a", "b", "anna"), said(MERGED, "b", "a")],
        together(), id="a rule does not outrank the person who undid it, whichever way round the pair is named",
    ),
    pytest.param(
        [said(DISTINCT, "a", "b", "anna"), said(MERGED, "b", "a")], together(), id="distinct holds against later rules"
    ),
    pytest.param(
        [said(DISTINCT, "a", "b", "anna"), said(MERGED, "b", "a", "ben")], together("a", "b"),
        id="a later person outranks an earlier one",
    ),
    pytest.param([said(MERGED, "b", "a"), said(UNDONE, "b", "a")], together(), id="a rule may take back its own merge"),
    pytest.param([said(LINKED, "b", "a")], together(), id="linked reports are not merged"),
    pytest.param([said(MERGED, "z", "a")], together(), id="a record that is not there joins nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("events", "expected"), CASES)
def test_what_holds_today(events: list[DuplicateEvent], expected: set[frozenset[str]]) -> None:
    """Each case says in its id what must hold."""
    assert groups(*events) == expected


def test_the_keeper_is_the_one_that_others_were_merged_into() -> None:
    """Also where it was identified later than its copies."""
    found = cluster(RECORDS, [said(MERGED, "a", "c"), said(MERGED, "b", "c")])
    assert found.members_of["c"] == ("c", "a", "b")
    assert found.removed() == ["a", "b"]


def test_a_doubtful_pair_is_settled_by_any_later_word() -> None:
    """Told distinct, merged, or joined through a third record, it waits no longer."""
    doubt = said(DOUBTFUL, "a", "b")
    assert cluster(RECORDS, [doubt]).doubtful == (doubt,)
    assert cluster(RECORDS, [doubt, said(DISTINCT, "a", "b", "anna")]).doubtful == ()
    assert cluster(RECORDS, [doubt, said(MERGED, "a", "b", "anna")]).doubtful == ()
    assert cluster(RECORDS, [doubt, said(MERGED, "a", "c"), said(MERGED, "b", "c")]).doubtful == ()


@given(
    events=st.lists(
        st.builds(
            said,
            st.sampled_from((MERGED, MERGED, UNDONE, DISTINCT, LINKED, DOUBTFUL)),
            st.sampled_from(RECORDS), st.sampled_from(RECORDS), st.sampled_from(("dedup", "anna")),
        ),
        max_size=15,
    ),
    seed=st.integers(0, 99),
)  # fmt: skip
@settings(max_examples=200)
def test_each_record_is_in_exactly_one_cluster(events: list[DuplicateEvent], seed: int) -> None:
    """Whatever was said, the clusters are a partition, and the order of identification does not change it."""
    found = cluster(RECORDS, events)
    assert sorted(member for members in found.members_of.values() for member in members) == RECORDS
    assert all(found.keeper_of[member] == keeper for keeper, members in found.members_of.items() for member in members)
    shuffled = random.Random(seed).sample(RECORDS, len(RECORDS))
    assert {frozenset(members) for members in cluster(shuffled, events).members_of.values()} == groups(*events)
