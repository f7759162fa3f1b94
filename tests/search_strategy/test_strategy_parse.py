"""Reading a strategy: what it means, where its parts stand, and what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import made_strategies as made
import pytest
from hypothesis import given, settings

from evidence_review.commands.search.strategy.parse import parse
from evidence_review.commands.search.strategy.print import to_pubmed
from evidence_review.commands.search.strategy.tree import Node, Term, Unread, leaves

CASES = json.loads((Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_strategy_is_read_as_pubmed_reads_it(case: dict) -> None:
    """The normalised strategy, and the code and place of every fault, are those of the case."""
    strategy = parse(case["text"])
    found = [f"{fault.code} {fault.place.line}:{fault.place.column}" for fault in strategy.faults]
    assert case["normalised"] == to_pubmed(strategy.root)
    assert case["faults"] == found


def test_every_fault_says_what_is_wrong_and_what_to_do() -> None:
    """No fault is only a code."""
    faults = [fault for case in CASES for fault in parse(case["text"]).faults]
    assert len(faults) > 20
    assert all(fault.what and fault.remedy for fault in faults)


def test_each_term_knows_its_place_in_the_text() -> None:
    """Line, column and offsets of a term lead back to it, also across lines and curly quotes."""
    text = "“sham treatment”[tiab] OR\n  (kidney transplant* [ti] AND Mice[mh])"
    found = [leaf for leaf in leaves(parse(text).root) if isinstance(leaf, Term)]
    assert [(term.place.line, term.place.column) for term in found] == [(1, 1), (2, 4), (2, 32)]
    assert [text[term.place.start : term.place.end] for term in found] == [
        "“sham treatment”[tiab]",
        "kidney transplant* [ti]",
        "Mice[mh]",
    ]


def test_numbered_lines_keep_their_own_trees_and_references() -> None:
    """Each line can be searched by itself, and says which lines it uses."""
    strategy = parse("#1 a[ti]\n#2 b[ti] OR c[ti]\n#5 #1 AND #2")
    assert [(line.number, to_pubmed(line.node), line.refers) for line in strategy.lines] == [
        (1, "a[ti]", ()),
        (2, "b[ti] OR c[ti]", ()),
        (5, "a[ti] AND (b[ti] OR c[ti])", (1, 2)),
    ]


@given(made.trees(made.terms() | made.dates))
def test_a_printed_tree_is_read_as_an_equal_tree(tree: Node) -> None:
    """Printing and reading are inverse."""
    strategy = parse(to_pubmed(tree))
    assert tree == strategy.root


@settings(max_examples=400)
@given(made.texts)
def test_any_text_gives_a_tree_that_prints_back_to_itself(text: str) -> None:
    """Nothing is refused, and what is printed is on one line and means what was read."""
    strategy = parse(text)
    printed = to_pubmed(strategy.root)
    assert strategy.root == parse(printed).root
    assert "\n" not in printed


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    ["(" * 50_000, ")" * 50_000, "[" * 50_000, '"' * 50_001, "(" * 20_000 + "a" + ")" * 20_000, "a AND b OR " * 10_000,
     "a OR " * 30_000, "NOT " * 20_000, "and " * 20_000, "(a OR (b AND " * 5_000, "a[tiab] : " * 10_000,
     "#1 a[ti]\n#2 " + " " * 50_000 + "b[ti]", "1\ta\n2\tb" + "\t" * 50_000, "heart failure/ " * 10_000,
     "S1 AND " * 10_000,
     "#1 a[ti]\n#2 " + "Filters: " * 10_000],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_monstrous_text_neither_raises_nor_takes_long(text: str) -> None:
    """Depth and length are bounded by what is done with them, not by the interpreter."""
    strategy = parse(text)
    assert parse(to_pubmed(strategy.root)).root == strategy.root


def test_what_is_too_large_is_said_and_not_searched_in_part() -> None:
    """A strategy beyond the limits is no search at all, rather than a piece of one."""
    strategy = parse("a[ti] AND b[ti] OR " * 100 + "c[ti]")
    assert isinstance(strategy.root, Unread)
    assert "too-large" in [fault.code for fault in strategy.faults]
