"""Pages and quotes of a row go out and come back to the fields that they belong to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_review.forms import provenance

NAMES = ("design", "n", "country")
CASES = [
    ("p. 3", {"": "p. 3"}),
    ("design: p. 3; n: 4", {"design": "p. 3", "n": "4"}),
    ("7; design: 3", {"": "7", "design": "3"}),
    ("Design : 3\nN:4", {"design": "3", "n": "4"}),
    ("see: 3", {"": "see: 3"}),
    ("  ", {}),
]


@pytest.mark.parametrize(("text", "entries"), CASES)
def test_an_entry_belongs_to_the_field_that_it_names(text: str, entries: dict[str, str]) -> None:
    assert provenance.read(text, NAMES, ";") == entries


PAGES = st.from_regex(r"[pP0-9a-z.]([pP0-9a-z. -]{0,8}[pP0-9a-z.])?", fullmatch=True)


@given(st.dictionaries(st.sampled_from(NAMES), PAGES))
def test_what_is_written_is_read_back(entries: dict[str, str]) -> None:
    found = provenance.read(provenance.write(entries, NAMES), NAMES)
    assert {name: found.get(name, found.get("", "")) for name in NAMES if found.get(name, found.get("", ""))} == entries
