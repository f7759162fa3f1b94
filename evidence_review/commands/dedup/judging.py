"""Judging pairs on this machine: candidates, grades, points and rules, in chunks, so that memory is bounded.

Forms go in; the pairs that matter (merged, linked, doubtful) come out with grades and points. Those that are distinct
are not kept: there are millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evidence_review.commands.dedup import blocks, collecting, grades, rules, score
from evidence_review.commands.dedup.columns import Columns, Ints, columns
from evidence_review.commands.dedup.form import Form
from evidence_review.model.events import DISTINCT

# Raised whenever a key, grade or rule changes: pairs judged by an older version are judged anew.
VERSION = "10"


@dataclass(frozen=True, slots=True)
class Judged:
    """Pairs that are not distinct: places of the two records, the rule (a place in `rules.RULES`), points, grades."""

    first: Ints
    second: Ints
    rule: NDArray[np.int8]
    points: NDArray[np.float32]
    grades: NDArray[np.int8]
    compared: int = 0
    capped: blocks.Capped = field(default_factory=blocks.Capped)

    def __len__(self) -> int:
        return len(self.first)


_DISTINCT = np.array([place for place, rule in enumerate(rules.RULES) if rule.outcome == DISTINCT], np.int8)


def judge(table: Columns, one: Ints, two: Ints) -> Judged:
    """Judge the given pairs and keep those that are not distinct."""
    keep = score.promising(table, one, two)
    pairs = score.score(table, one[keep], two[keep])
    decided = rules.decide(table, pairs)
    told = ~np.isin(decided, _DISTINCT)
    return Judged(
        pairs.first[told], pairs.second[told], decided[told], pairs.points[told], pairs.grades[told], len(one)
    )


def together(parts: Sequence[Judged], capped: blocks.Capped) -> Judged:
    """Return the pairs of several parts as one."""
    return Judged(
        np.concatenate([part.first for part in parts]) if parts else np.empty(0, np.int64),
        np.concatenate([part.second for part in parts]) if parts else np.empty(0, np.int64),
        np.concatenate([part.rule for part in parts]) if parts else np.empty(0, np.int8),
        np.concatenate([part.points for part in parts]) if parts else np.empty(0, np.float32),
        np.concatenate([part.grades for part in parts]) if parts else np.empty((0, len(grades.FIELDS)), np.int8),
        sum(part.compared for part in parts),
        capped,
    )


def _in_chunks(table: Columns, codes: Ints, capped: blocks.Capped) -> Judged:
    count = max(len(table), 1)
    parts = [
        judge(table, chunk // count, chunk % count)
        for chunk in (codes[start : start + score.CHUNK] for start in range(0, len(codes), score.CHUNK))
    ]
    return together(parts, capped)


def embedded(forms: Sequence[Form]) -> Judged:
    """Judge on this machine, chunk by chunk, so that memory is bounded by the candidates' codes."""
    with collecting.paused():
        codes, capped = blocks.candidates(forms)
        return _in_chunks(columns(forms), codes, capped)


def again(
    forms: Sequence[Form], fresh: NDArray[np.bool_], before: Sequence[tuple[int, int]]
) -> tuple[Judged, list[bool]]:
    """Judge only pairs with a `fresh` record; say which pairs judged `before` still hold.

    A pair still holds where both records are old and it is still a candidate: a block that outgrew the cap compares
    fewer of its pairs than before, never others.
    """
    codes, capped = blocks.candidates(forms)
    count = max(len(forms), 1)
    changed = fresh[codes // count] | fresh[codes % count]
    judged = _in_chunks(columns(forms), codes[changed], capped)
    old = np.array([min(pair) * count + max(pair) for pair in before], np.int64)
    return judged, np.isin(old, codes[~changed]).tolist()
