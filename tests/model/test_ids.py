"""Ids are stable, survive spreadsheets, and never meet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evidence_review.model.ids import LONG, RECORD_ID, SHORT, record_id, record_key, study_id
from evidence_review.workspace.records import Known


@given(st.text(), st.text())
def test_a_record_id_begins_with_letters_and_has_no_look_alikes(source: str, identity: str) -> None:
    key = record_key(source, identity)
    assert len(key) == LONG
    assert RECORD_ID.match(record_id(key))
    assert RECORD_ID.match(record_id(key, LONG))


def test_the_id_of_a_record_is_the_same_for_ever() -> None:
    """These ids stand in people's sheets: a changed hash would orphan every decision."""
    assert record_id(record_key("pubmed", "26666356")) == "R-1GRAH96H"
    assert study_id("R-JV6JF42Y") == "S-JV6JF42Y"


def test_source_and_identity_do_not_run_into_each_other() -> None:
    assert record_key("ab", "c") != record_key("a", "bc")


def test_two_records_whose_short_ids_would_meet_get_longer_ones() -> None:
    taken = Known()
    first, second = "A" * LONG, "A" * SHORT + "B" * (LONG - SHORT)
    assert taken.take(first) == ("R-" + "A" * SHORT, True)
    assert taken.take(second) == ("R-" + "A" * SHORT + "BB", True)
    assert taken.take(second) == ("R-" + "A" * SHORT + "BB", False)
