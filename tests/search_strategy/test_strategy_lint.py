"""What a peer reviewer of strategies would say."""

from __future__ import annotations

import json
from pathlib import Path

import made_strategies as made
import pytest
from hypothesis import given

from evidence_review.commands.search.strategy.describe import caret
from evidence_review.commands.search.strategy.lint import review
from evidence_review.commands.search.strategy.parse import parse
from evidence_review.commands.search.strategy.run import read_hits
from evidence_review.errors import InputError

BLOCK = "(Asthma[mh] OR asthma[tiab] OR wheez*[tiab])"


def found(text: str, hits: dict[int, int] | None = None) -> list[str]:
    """Return the findings as `code line:column`."""
    return [f"{item.code} {item.place.line}:{item.place.column}" for item in review(parse(text), hits)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{BLOCK} AND (Child[mh] OR child*[tiab])", []),
        (f"{BLOCK} AND child*[tiab]", ["no-synonym 1:50"]),
        (f"{BLOCK} AND (Child[mh] OR Infant[mh])", ["no-text-words 1:51"]),
        (f"{BLOCK} AND (child*[tiab] OR infant*[tiab])", ["no-heading 1:51"]),
        ('(asthma[tiab] OR Asthma[mh] OR "bronchial asth*"[tiab] OR wom?n[tiab])', ["foreign-wildcard 1:59"]),
        ("Asthma[mh] OR ast*[tiab]", ["short-truncation 1:15"]),
        ("asthma[tiab] OR Asthm*[mh]", ["truncated-heading 1:17"]),
        ("Asthma[mh] OR asthma[tiab] OR wheeze", ["untagged 1:31"]),
        ("Asthma[mh] OR lung disease[tiab]", ["unquoted-phrase 1:15"]),
        (f'{BLOCK} NOT "case report"[ti]', ["not-loses 1:50"]),
        (f"{BLOCK} NOT Animals[mh]", ["not-loses 1:50"]),
        (f"{BLOCK} NOT (Animals[mh] NOT Humans[mh])", []),
        (f"{BLOCK} NOT (Animals[mh] NOT (Animals[mh] AND Humans[mh]))", []),
        ("Asthma[mh] OR asthma[tiab] OR Asthma[tiab]", ["repeated 1:31"]),
        ('"Kidney Transplantaton"[mh] OR "kidney transplantation"[tiab]', ["misspelt-heading 1:1"]),
        ('asthma[tiab] OR "Epidemiologic Stuides"[mh]', ["misspelt-heading 1:17"]),
        ('"Nursing Homes"[mh] OR "nursing home"[tiab]', []),
        ('"Diabetis Mellitus, Type 2"[mh] OR diabet*[tiab]', ["misspelt-heading 1:1"]),
        ('"Paediatrics"[mh] OR child*[tiab]', ["misspelt-heading 1:1"]),
        ('"Health Behaviour"[mh] OR behavio*[tiab]', ["misspelt-heading 1:1"]),
        ('"Kidney Neoplasms"[mh] OR renal cell*[tiab]', []),
        ('"Hepatitis A"[mh] OR hepatitis[tiab]', []),
        ('"Hypotension"[mh] OR hypotension[tiab]', []),
        (f"{BLOCK} AND Humans[mh]", ["limit 1:50"]),
        ("‘asthma’[tiab] OR Asthma[mh]", ["single-quotes 1:1"]),
        (
            "Setting: (school*[tiab] OR Schools[mh])",
            ["headline 1:1", "no-synonym 1:1", "untagged 1:1", "missing-operator 1:11"],
        ),
        ("Asthma[mh] OR asthma[tiab] OR Randomised Controlled Trial[pt]", ["unknown-type 1:31"]),
        ("Neoplasms[mh] OR tumour[tiab]", ["spelling-variant 1:18"]),
        ("Neoplasms[mh] OR tumour[tiab] OR tumor[tiab]", []),
        ("Neoplasms[mh] OR tumour*[tiab] OR tumor*[tiab]", []),
        ("Neoplasms[mh] OR hospitalisation[tiab] OR hospital*[tiab]", []),
        (f"{BLOCK} AND 2010:2020[dp]", ["limit 1:50"]),
        (f"{BLOCK} AND english[la]", ["limit 1:50"]),
        (f"{BLOCK} AND (Child[mh] OR child*[tiab]", ["unbalanced-bracket 1:50"]),
        ("Asthma[mh] AND child*[tiab] OR infan*[tiab]", ["mixed-operators 1:29"]),
        ("", ["nothing 1:1"]),
        ("Asthma[mh] OR asthma.ti,ab. OR wheez*[tiab]", ["untagged 1:15", "foreign-syntax 1:21"]),
        ("Asthma[mh] OR (lung adj3 disease[tiab])", ["unquoted-phrase 1:16", "foreign-syntax 1:21"]),
        ("Asthma[mh] OR asthma:ti,ab,kw", ["untagged 1:15", "foreign-syntax 1:21"]),
    ],
)
def test_a_finding_for_each_fault_and_none_for_what_is_right(text: str, expected: list[str]) -> None:
    """Code and place of each finding."""
    assert found(text) == expected


def test_a_line_that_the_last_line_does_not_use_is_named() -> None:
    """It would not be searched."""
    text = "#1 Asthma[mh] OR asthma[tiab]\n#2 Child[mh] OR child*[tiab]\n#3 Copper[mh] OR copper[tiab]\n#4 #1 AND #2"
    assert found(text) == ["unused-line 3:4"]


def test_a_line_that_finds_nothing_is_named() -> None:
    """Where somebody counted the lines."""
    text = "#1 Asthma[mh] OR asthma[tiab]\n#2 Child[mh] OR chidl*[tiab]\n#3 #1 AND #2"
    assert found(text, {1: 300, 2: 0, 3: 0}) == ["zero-hits 2:4", "zero-hits 3:4"]


def test_what_counting_printed_names_the_lines_that_find_nothing(tmp_path: Path) -> None:
    """PubMed's counts come first; a strategy without numbers has its lines by their place."""
    counts = [
        {"source": "pubmed", "what": "all", "hits": 0}, {"source": "pubmed", "what": "lines 1-2", "hits": 9},
        {"source": "pubmed", "what": "line 3", "hits": 0}, {"source": "europepmc", "what": "line 3", "hits": 7},
        {"source": "pubmed", "what": "line 4", "hits": None},
    ]  # fmt: skip
    path = tmp_path / "counts.json"
    path.write_text(json.dumps({"counts": counts}), encoding="utf-8")
    hits = read_hits(path)
    assert hits == {1: 9, 3: 0}
    text = "(Asthma[mh] OR\n asthma[tiab])\nAND (Chidl[mh] OR chidl*[tiab])"
    assert "zero-hits 3:6" in found(text, hits)
    path.write_text('{"count": 3}', encoding="utf-8")
    with pytest.raises(InputError, match="search count --lines --json"):
        read_hits(path)


def test_the_caret_stands_under_the_fault() -> None:
    """Also in a line too long to show whole."""
    text = "x[ti] OR " * 40 + "(y[ti] OR z[ti]"
    fault = next(item for item in review(parse(text)) if item.code == "unbalanced-bracket")
    shown, mark = caret(fault, text)
    assert (len(shown) <= 100, shown[mark.index("^")], mark.count("^")) == (True, "(", 1)


@given(made.texts)
def test_any_text_can_be_reviewed(text: str) -> None:
    """Every finding lies in the text and says what to do; one that is wrong for certain is an error."""
    strategy = parse(text)
    for finding in review(strategy):
        assert finding.what
        assert 0 <= finding.place.start <= finding.place.end <= len(text)
        assert len(caret(finding, text)) == 2
