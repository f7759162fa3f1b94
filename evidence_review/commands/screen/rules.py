"""When to stop: one rule with a statistical promise, and heuristics that make none and are called so."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evidence_review.commands.screen.hypergeometric import CONFIDENCE, TARGET, p_value


class Rule(Protocol):
    """Whether to stop after labels (1 include, 0 exclude, in the order screened) of `total` records."""

    @property
    def statistical(self) -> bool:
        """Whether the rule promises a recall with a confidence."""

    def stops(self, labels: Sequence[int], total: int) -> bool:
        """Return whether screening may stop now."""


@dataclass(frozen=True, slots=True)
class Hypergeometric:
    """Stop when recall of at least `target` is certain with `confidence`."""

    target: float = TARGET
    confidence: float = CONFIDENCE
    statistical: bool = True

    def stops(self, labels: Sequence[int], total: int) -> bool:
        """Return whether the smallest p lies below 1 − confidence, or all are screened."""
        # A hair below, so that a p of exactly .05 is not taken for less by a rounding of the machine.
        alpha = (1 - self.confidence) * (1 - 1e-9)
        return len(labels) >= total or p_value(labels, total, self.target) < alpha


@dataclass(frozen=True, slots=True)
class InARow:
    """Stop after so many excludes in a row, when at least a share was screened. A heuristic without any promise."""

    excludes: int
    share: float = 0.0
    statistical: bool = False

    def stops(self, labels: Sequence[int], total: int) -> bool:
        """Return whether the last `excludes` labels are excludes and `share` of all was screened."""
        enough = len(labels) >= max(self.excludes, self.share * total)
        return len(labels) >= total or (enough and not any(labels[-self.excludes :]))


@dataclass(frozen=True, slots=True)
class Knee:
    """Stop after the knee of the recall curve (Cormack and Grossman 2016). A heuristic without any promise.

    The knee is the point farthest above the chord of the curve so far; screening stops when the curve rises at least
    six times (more while few are found) as steeply before the knee as after it.
    """

    statistical: bool = False

    def stops(self, labels: Sequence[int], total: int) -> bool:
        """Return whether the slope after the knee has fallen far enough."""
        import numpy as np

        found = int(np.sum(labels, dtype=int))
        if len(labels) >= total:
            return True
        if not found:
            return False
        so_far, place = np.cumsum(labels), np.arange(1, len(labels) + 1)
        above = so_far / found - place / len(labels)
        highest = int(above.argmax())
        knee, at_knee = highest + 1, int(so_far[highest])
        if above[highest] <= 0 or knee == len(labels):
            return False
        before, after = at_knee / knee, (found - at_knee + 1) / (len(labels) - knee)
        return before / after >= 156 - min(found, 150)


RULES: dict[str, Rule] = {
    "hypergeometric, target .95, confidence .95": Hypergeometric(),
    "hypergeometric, target .95, confidence .80": Hypergeometric(confidence=0.80),
    "hypergeometric, target .90, confidence .95": Hypergeometric(target=0.90),
    "heuristic: 50 excludes in a row": InARow(50),
    "heuristic: 200 excludes in a row": InARow(200),
    "heuristic: a tenth and 50 in a row": InARow(50, 0.1),
    "heuristic: knee": Knee(),
}


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where a rule would have stopped: the share of records `screened` by then, their `recall`, and the work saved."""

    rule: str
    statistical: bool
    screened: float
    recall: float
    work_saved: float


def first_stop(rule: Rule, found: Sequence[int], step: int) -> int:
    """Return after how many records a rule, asked after every `step`, stops."""
    labels = array("b", found)
    for read in range(step, len(labels), step):
        if rule.stops(labels[:read], len(labels)):
            return read
    return len(labels)
