"""Putting parts together by operators, from left to right, as PubMed does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evidence_review.commands.search.strategy.print import operand
from evidence_review.commands.search.strategy.terms import Report
from evidence_review.commands.search.strategy.tree import ERROR, And, Fault, Node, Not, Or, Unread

# No strategy that a person wrote comes near these; beyond them nothing is guessed.
MOST_DEPTH = 60
MOST_TERMS = 10_000
TOO_MANY = f"the strategy has more than {MOST_TERMS:,} terms"


class TooLarge(Exception):
    """The strategy is nested deeper, or has more terms, than anything can be done with."""


@dataclass(frozen=True, slots=True)
class Part:
    """A node on its way into a larger one; `negated` when a NOT stands before it with nothing to subtract from."""

    node: Node
    negated: bool = False
    depth: int = 0
    size: int = 1


def fold(parts: Sequence[tuple[str, Part]], report: Report) -> Part:
    """Return one part for (operator before it, part) in the order of the text; the first operator does not count.

    Raises:
        TooLarge: the result is beyond `MOST_DEPTH` or `MOST_TERMS`.
    """
    total = parts[0][1]
    running = ""
    for operator, part in parts[1:]:
        total, running = _joined(total, operator, part, running, report)
    if total.depth > MOST_DEPTH:
        raise TooLarge(f"the strategy is nested more than {MOST_DEPTH} levels deep")
    if total.size > MOST_TERMS:
        raise TooLarge(TOO_MANY)
    return total


def settled(part: Part, report: Report) -> Part:
    """Return a part that can stand alone: "everything but this" is no search."""
    if not part.negated:
        return part
    why, place = "NOT has nothing to take away from", part.node.place
    report(Fault("bare-not", ERROR, why, "Write what is searched before the NOT.", place))
    return Part(Unread(f"(NOT {operand(part.node)})", why, place))


def _joined(left: Part, operator: str, right: Part, running: str, report: Report) -> tuple[Part, str]:
    """Return two parts as one, and the operator of the list that goes on growing."""
    if operator == "NOT":
        operator, right = "AND", replace(right, negated=not right.negated)
    if operator == "OR":
        return _any(settled(left, report), settled(right, report), running)
    if left.negated and right.negated:
        # Neither this nor that: not any of the two.
        either, _ = _any(replace(left, negated=False), replace(right, negated=False), "")
        return replace(either, negated=True), ""
    place = left.node.place
    if left.negated or right.negated:
        keep, drop = (right, left) if left.negated else (left, right)
        return Part(Not(keep.node, drop.node, place), False, _deeper(left, right), left.size + right.size), "NOT"
    if running == "AND" and isinstance(left.node, And):
        return _longer(left, And((*left.node.parts, right.node), place), right), "AND"
    return Part(And((left.node, right.node), place), False, _deeper(left, right), left.size + right.size), "AND"


def _any(left: Part, right: Part, running: str) -> tuple[Part, str]:
    place = left.node.place
    if running == "OR" and isinstance(left.node, Or):
        return _longer(left, Or((*left.node.parts, right.node), place), right), "OR"
    return Part(Or((left.node, right.node), place), False, _deeper(left, right), left.size + right.size), "OR"


def _longer(left: Part, node: Node, right: Part) -> Part:
    return Part(node, False, max(left.depth, 1 + right.depth), left.size + right.size)


def _deeper(left: Part, right: Part) -> int:
    return 1 + max(left.depth, right.depth)
