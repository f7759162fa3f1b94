"""Pairs as data: each says in `why` what it stands for. Adding one needs no Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evidence_review.commands.dedup import engines, keys, rules, score
from evidence_review.commands.dedup.columns import columns
from evidence_review.commands.dedup.form import match_form
from evidence_review.model.events import DISTINCT, DOUBTFUL, LINKED, MERGED
from evidence_review.model.record import citation_from_dict

CASES = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))


def judged(one: dict[str, Any], two: dict[str, Any]) -> str:
    """Return the outcome for two citations alone in a review, by way of the keys."""
    forms = [match_form(citation_from_dict(one)), match_form(citation_from_dict(two))]
    found = engines.embedded(forms)
    return rules.RULES[int(found.rule[0])].outcome if len(found) else DISTINCT


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_outcome(case: dict[str, Any]) -> None:
    """Each pair comes out as its case says, whichever record comes first."""
    assert judged(case["one"], case["two"]) == case["outcome"], case["why"]
    assert judged(case["two"], case["one"]) == case["outcome"], case["why"]


def test_every_outcome_has_cases() -> None:
    """The cases cover what can come out."""
    assert {case["outcome"] for case in CASES} == {MERGED, LINKED, DOUBTFUL, DISTINCT}


def test_some_rule_decides_every_pair() -> None:
    """No pair of grades falls through the table of rules."""
    forms = [match_form(citation_from_dict(case[side])) for case in CASES for side in ("one", "two")]
    first, second = np.triu_indices(len(forms), 1)
    table = columns(forms)
    assert (rules.decide(table, score.score(table, first, second)) >= 0).all()


def test_rules_and_keys_are_named_once() -> None:
    """A rule's name in duplicates.csv says which rule it was."""
    assert len({rule.name for rule in rules.RULES}) == len(rules.RULES)
    assert len({key.name for key in keys.KEYS}) == len(keys.KEYS)
