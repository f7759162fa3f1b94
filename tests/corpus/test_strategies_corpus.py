"""Real strategies of published reviews: read, printed back, translated."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import query_readers as readers

from evidence_review.commands.search.strategy.lint import review
from evidence_review.commands.search.strategy.parse import parse
from evidence_review.commands.search.strategy.print import to_pubmed
from evidence_review.commands.search.strategy.translate import TARGETS, translate
from evidence_review.commands.search.strategy.translate.base import EXACT
from evidence_review.commands.search.strategy.tree import And, Node, Not, Or, Strategy, Unread, leaves

pytestmark = pytest.mark.corpus

LOGICAL = [name for name, target in TARGETS.items() if not target.bag]


@pytest.fixture(scope="module")
def texts(corpus: Path) -> list[str]:
    """Every strategy, as published and as edited by those who collected them."""
    lines = (corpus / "queries" / "pubmed_strategies.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [item["query"] for item in found] + [item["edited_search"] for item in found]


@pytest.fixture(scope="module")
def strategies(texts: list[str]) -> list[Strategy]:
    """Every strategy, read."""
    return [parse(text) for text in texts]


def test_every_strategy_is_understood_in_every_part(strategies: list[Strategy]) -> None:
    """There are terms, and nothing is left unread."""
    for strategy in strategies:
        found = list(leaves(strategy.root))
        assert len(found) > 10
        assert not any(isinstance(leaf, Unread) for leaf in found)


def test_no_word_of_a_strategy_is_lost(strategies: list[Strategy]) -> None:
    """Taking the terms out of the text leaves operators, brackets and marks that a fault names."""
    for strategy in strategies:
        rest = list(strategy.text)
        for leaf in leaves(strategy.root):
            rest[leaf.place.start : leaf.place.end] = " " * (leaf.place.end - leaf.place.start)
        left = "".join(rest).replace("(", " ").replace(")", " ").split()
        named = {strategy.text[fault.place.start : fault.place.end] for fault in strategy.faults}
        assert [word for word in left if word.upper() not in ("AND", "OR", "NOT") and word not in named] == []


def test_each_prints_back_to_an_equal_tree(strategies: list[Strategy]) -> None:
    """Printing and reading are inverse."""
    for strategy in strategies:
        assert parse(to_pubmed(strategy.root)).root == strategy.root


@pytest.mark.parametrize("target", LOGICAL)
def test_each_translation_keeps_the_logic_of_the_terms_it_keeps(target: str, strategies: list[Strategy]) -> None:
    """Under random truths of the terms, tree and translation agree; dropped terms take no part."""
    chance = random.Random(3)
    for strategy in strategies:
        translation = translate(strategy, target)
        rows = [readers.read(target, row.query) if row.query else None for row in translation.rows]
        assert len(rows) == len(list(leaves(strategy.root)))
        assert all(row.why for row in translation.rows if row.outcome != EXACT)
        names = sorted(set().union(*(readers.atoms(row) for row in rows if row is not None)))
        wholes = [readers.read(target, query) for query in (translation.query, *translation.queries)]
        for share in (0.02, 0.1, 0.3, 0.6, 0.95):
            truth = {name: chance.random() < share for name in names}
            found = [None if row is None else readers.value(row, truth) for row in rows]
            expected = _meaning(strategy.root, found)
            assert readers.value(wholes[0], truth) is expected
            assert any(readers.value(part, truth) for part in wholes[1:]) is expected


def _meaning(node: Node, found: list[bool | None]) -> bool | None:
    match node:
        case And(parts=parts) | Or(parts=parts):
            values = [value for part in parts if (value := _meaning(part, found)) is not None]
            return (all(values) if isinstance(node, And) else any(values)) if values else None
        case Not(keep=keep, drop=drop):
            kept, dropped = _meaning(keep, found), _meaning(drop, found)
            return kept if kept is None or dropped is None else kept and not dropped
        case _:
            return found.pop(0)


def test_crossref_gets_words(strategies: list[Strategy]) -> None:
    """The bag of words is never empty, and has no operator in it."""
    for strategy in strategies:
        words = translate(strategy, "crossref").query.split()
        assert words
        assert not {"AND", "OR", "NOT"} & set(words)


def test_a_review_of_what_was_published_finds_doubts_but_nothing_broken(strategies: list[Strategy]) -> None:
    """These were run by their authors: there is advice, and no bracket or quote without a partner."""
    published = strategies[: len(strategies) // 2]
    findings = [finding for strategy in published for finding in review(strategy)]
    assert len(findings) > 50
    assert [finding for finding in findings if finding.severity == "error"] == []
