"""Ordinary records read the short way give what the engine gives that looks at each line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_review.formats import ris
from evidence_review.formats.ordinary import stretches
from evidence_review.formats.slices import Slice
from evidence_review.formats.tagged import Drafted, read_slice

PLAIN = replace(ris.LAYOUT, ordinary=None)
TAGS = (
    "TI",
    "AU",
    "A1",
    "T2",
    "PY",
    "SP",
    "DO",
    "KW",
    "AB",
    "UR",
    "N1",
    "ER",
    "TY",
    "QQ",
    "au",
    "PMID",
    "T",
    "AUTHOR",
    "",
)
GAPS = ("  - ",) * 12 + ("  -", " - ", "- ", "   - ", "\t- ", "  -  ", "  - \ufeff", "  - \xa0")
VALUES = (
    "Doe, J", "JOUR", "A title with words", "2020", "", " ", "x ", "&amp; <i>more</i>", "10.1234/a", "a  - b",
    "\x85", "\x0c", "\u2028y",
    "e\u0301", "\ufffd", "\x00", "continued", "ER  - ",
)  # fmt: skip
ENDS = ("\n",) * 12 + ("\r\n", "\r", "\n\n", "", " \n", "\x0b\n")
BETWEEN = (
    "",
    "\n",
    "\r\n \t\n",
    "2.\n",
    "   ",
    "\ufeff",
    "Link to the Ovid Full Text\n",
    "UR  - http://x.org/1\n",
    "\x0c\n",
    "text\n",
)


@st.composite
def records(draw: st.DrawFn) -> str:
    """Records as they should be, and some that are not."""
    pieces = []
    for _ in range(draw(st.integers(0, 5))):
        end = draw(st.sampled_from(("\n", "\r\n")))
        lines = draw(st.lists(st.tuples(st.sampled_from(TAGS[:11]), st.sampled_from(VALUES[:12])), max_size=8))
        pieces += [f"TY  - JOUR{end}", *(f"{tag}  - {value}{end}" for tag, value in lines)]
        if draw(st.booleans()):
            odd = st.tuples(*map(st.sampled_from, (TAGS, GAPS, VALUES, ENDS)))
            pieces += ["".join(parts) for parts in draw(st.lists(odd, max_size=4))]
        pieces += [
            draw(st.sampled_from((f"ER  - {end}", f"ER  -{end}", f"ER  - {end}", f"ER  - x{end}", "ER  - ", "")))
        ]
        pieces += [draw(st.sampled_from((end, *BETWEEN)))]
    return "".join(pieces)


def read(text: str, layout: ris.Layout, line: int = 1) -> list[Drafted]:
    part = Slice(line, text.encode("utf-8"))
    return list(read_slice(part, "utf-8", layout, ""))


@given(records(), st.integers(1, 1000))
@settings(max_examples=500)
def test_the_short_way_gives_what_looking_at_each_line_gives(text: str, line: int) -> None:
    """Records, rejections and asides are the same, with the same line numbers, raw texts, traces and flags."""
    assert read(text, ris.LAYOUT, line) == read(text, PLAIN, line)


@given(records(), st.data())
@settings(max_examples=500)
def test_so_it_does_where_records_are_damaged(text: str, data: st.DataObject) -> None:
    """Signs cut out, doubled or put in anywhere."""
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        until = data.draw(st.integers(at, min(at + 8, len(text))))
        text = (
            text[:at]
            + data.draw(st.sampled_from(("", "\n", "\r", " ", "-", "ER  -", "TY  - ", text[at:until] * 2)))
            + text[until:]
        )
    assert read(text, ris.LAYOUT) == read(text, PLAIN)


@pytest.mark.parametrize(
    "line", ["TI", "  - ", "TI  -", "TIT  - more", "\ufeffTI  - more", "TY - BOOK", "ER  - 1", "ER"]
)
def test_a_line_that_only_resembles_a_tagged_one_is_left_to_the_engine(line: str) -> None:
    text = f"TY  - JOUR\nAU  - Doe, J\n{line}\nER  - \n"
    assert ris.LAYOUT.ordinary is not None
    assert [one.tags for one in stretches(text, 1, ris.LAYOUT.ordinary)] == [None]
    assert read(text, ris.LAYOUT) == read(text, PLAIN)


def test_real_files_give_the_same_both_ways(corpus: Path) -> None:
    for path in sorted((corpus / "exports" / "ris").iterdir()):
        text = path.read_bytes().decode("utf-8-sig", "replace")
        assert read(text, ris.LAYOUT) == read(text, PLAIN), path.name


def test_an_ordinary_record_takes_the_short_way() -> None:
    """Were everything left to the engine, the tests above would hold and say nothing."""
    record = "TY  - JOUR\r\nAU  - Doe, J\r\nAU  - Roe, K\r\nDO  - \r\nTI  - Ways\r\nER  - \r\n"
    assert ris.LAYOUT.ordinary is not None
    found = list(stretches(f"{record}\r\n \r\n{record}1.\r\n{record}", 7, ris.LAYOUT.ordinary))
    assert [(one.number, one.tags is not None) for one in found] == [(7, True), (15, False), (22, True)]
    assert found[0].raw == record
    assert found[0].tags == {"TY": ["JOUR"], "AU": ["Doe, J", "Roe, K"], "TI": ["Ways"]}
    assert found[0].tags.lines == {"TY": [7], "AU": [8], "TI": [11]}
