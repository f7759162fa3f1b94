"""One cell: what people and spreadsheets write gets one spelling, and what could be two things is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_review.forms.cells import READERS, read_cell, write_cell
from evidence_review.forms.fault import CellFault
from evidence_review.model.form import FIELD_TYPES, FormField

OPTIONS = ("qualitative", "before-after", "unclear", "other", "1-2")
FIELDS = {
    kind: FormField.model_validate({"id": "x", "type": kind, "options": OPTIONS if kind.startswith("choice") else ()})
    for kind in FIELD_TYPES
}

GOOD = [
    ("integer", "1204", "1204"),
    ("integer", "1,204", "1204"),
    ("integer", "1 204", "1204"),
    ("integer", "12.0", "12"),
    ("integer", "−3", "-3"),
    ("number", "1.50", "1.50"),
    ("number", "0,5", "0.5"),
    ("number", "0,123", "0.123"),
    ("number", "1,234.5", "1234.5"),
    ("number", "1.234,5", "1234.5"),
    ("number", "1 234 567", "1234567"),
    ("number", "1e-3", "0.001"),
    ("number", "1234,567", "1234.567"),
    ("number", "٣", "3"),
    ("percentage", "82 %", "82"),
    ("percentage", "12,5%", "12.5"),
    ("date", "2015", "2015"),
    ("date", "2015-3", "2015-03"),
    ("date", "2015-12-14 00:00:00", "2015-12-14"),
    ("date", "14/12/2015", "2015-12-14"),
    ("date", "12/14/2015", "2015-12-14"),
    ("date", "04.12.2015", "2015-12-04"),
    ("date", "4 Dec 2015", "2015-12-04"),
    ("date", "December 2015", "2015-12"),
    ("date", "05/05/2015", "2015-05-05"),
    ("yes-no", "Y", "yes"),
    ("yes-no", "FALSE", "no"),
    ("choice", "Before–After", "before-after"),
    ("choice", "other: photovoice", "other: photovoice"),
    ("choices", "before-after; QUALITATIVE;before-after", "qualitative; before-after"),
    ("choices", "qualitative, before-after", "qualitative; before-after"),
    ("choices", "qualitative\nother: x", "qualitative; other: x"),
    ("country", "uk", "United Kingdom"),
    ("country", "Ivory Coast; DRC", "Côte d'Ivoire; Democratic Republic of the Congo"),
    ("country", "Cote d’Ivoire", "Côte d'Ivoire"),
    ("country", "The Gambia, Viet Nam", "Gambia; Viet Nam"),
    ("estimate", "0.63 (0.59 to 0.69)", "0.63 (0.59 to 0.69)"),
    ("estimate", "0.63 [0.59; 0.69]", "0.63 (0.59 to 0.69)"),
    ("estimate", "-0.71 (95% CI -1.06, -0.36)", "-0.71 (95% CI -1.06 to -0.36)"),
    ("estimate", "0,63 (0,59–0,69)", "0.63 (0.59 to 0.69)"),
    ("estimate", "2.5", "2.5"),
    ("text", "a \r\nb", "a\nb"),
    ("text", "unclear to me", "unclear to me"),
]


@pytest.mark.parametrize(("kind", "text", "value"), GOOD)
def test_what_people_write_is_taken_as_meant(kind: str, text: str, value: str) -> None:
    reading = read_cell(FIELDS[kind], text)
    assert reading is not None
    assert (reading.value, reading.status) == (value, "reported")


BAD = [
    ("integer", "12.5", "is not a whole number"),
    ("integer", "about 12", "is not a whole number"),
    ("number", "1,234", "could be 1234 or 1.234"),
    ("number", "<0.05", "is not a number"),
    ("number", "1.2.3", "is not a number"),
    ("number", "1e999", "is not a number"),
    ("number", "nan", "is not a number"),
    ("date", "04/12/2015", "could be two different days"),
    ("date", "2015-02-30", "is not a day of the calendar"),
    ("date", "42352", "is not a date"),
    ("date", "13/13/2015", "is not a day of the calendar"),
    ("yes-no", "perhaps", "is neither yes nor no"),
    ("choice", "quantitative", "is not one of the answers"),
    ("choice", "1-Feb", "is not one of the answers"),
    ("choice", "other:", "is not one of the answers"),
    ("choices", "qualitative; mixed", "'mixed' is not one of the answers"),
    ("country", "Utopia", "is not a country"),
    ("country", ";", "names nothing"),
    ("choices", "; |", "names nothing"),
    ("country", "Kenya and Uganda", "is not a country"),
    ("estimate", "0.63 (0.69 to 0.75)", "does not lie between"),
    ("estimate", "0.63 ± 0.1", "is not an estimate"),
    ("estimate", "significant", "is not an estimate"),
]


@pytest.mark.parametrize(("kind", "text", "what"), BAD)
def test_what_could_be_two_things_or_none_is_refused_with_a_remedy(kind: str, text: str, what: str) -> None:
    with pytest.raises(CellFault) as caught:
        read_cell(FIELDS[kind], text)
    assert what in caught.value.what
    assert caught.value.remedy


STATUSES = [
    ("NR", "not-reported"),
    ("not reported", "not-reported"),
    ("n/a", "not-applicable"),
    ("N.A.", "not-applicable"),
    ("Unclear", "unclear"),
    ("?", "unclear"),
]


@pytest.mark.parametrize("kind", FIELD_TYPES)
@pytest.mark.parametrize(("text", "status"), STATUSES)
def test_every_type_takes_a_status_instead_of_a_value(kind: str, text: str, status: str) -> None:
    reading = read_cell(FIELDS[kind], text)
    assert reading is not None and reading.status == status
    # An option of that name is both: an answer that can be counted, and a status.
    assert reading.value == ("unclear" if kind.startswith("choice") and text == "Unclear" else "")


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_an_empty_cell_says_nothing(kind: str) -> None:
    assert read_cell(FIELDS[kind], " \n\t") is None


def test_limits_are_held_and_units_taken_off() -> None:
    weeks = FormField(id="x", type="number", unit="weeks", minimum=0, maximum=520)
    reading = read_cell(weeks, "12 Weeks")
    assert reading is not None and reading.value == "12"
    for text, what in (("-1", "below 0"), ("521", "above 520"), ("12 months", "is not a number")):
        with pytest.raises(CellFault, match=what):
            read_cell(weeks, text)


ANYTHING = st.one_of(
    st.text(max_size=30),
    st.from_regex(re.compile(r"[-+]?[0-9][0-9.,e ]{0,8}", re.ASCII), fullmatch=True),
    st.from_regex(re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}", re.ASCII), fullmatch=True),
    st.lists(st.sampled_from([*OPTIONS, "Kenya", "UK", "x"]), max_size=4).map("; ".join),
)


def test_an_answer_named_like_a_status_says_the_same_however_often_it_is_written() -> None:
    assert read_cell(FIELDS["choices"], "UNCLEAR; unclear") == read_cell(FIELDS["choices"], "unclear")


@given(st.sampled_from(FIELD_TYPES), ANYTHING)
def test_a_value_reads_back_as_itself_and_nothing_but_a_named_fault_is_raised(kind: str, text: str) -> None:
    try:
        reading = read_cell(FIELDS[kind], text)
    except CellFault as fault:
        assert fault.what and fault.remedy
        return
    if reading is not None:
        assert read_cell(FIELDS[kind], write_cell(reading.value, reading.status)) == reading


def test_every_type_of_a_protocol_has_a_reader() -> None:
    assert set(READERS) == set(FIELD_TYPES)
