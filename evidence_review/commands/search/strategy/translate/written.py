"""A translated tree before it becomes one line: leaves are query text, so it can be cut where a line grows too long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote

from evidence_review.commands.search.strategy.translate.base import Grammar

AND, OR, NOT = "and", "or", "not"


@dataclass(frozen=True, slots=True)
class Combined:
    """Two or more expressions under one operator; of a NOT, the second is taken away from the first."""

    operator: str
    parts: tuple[Written, ...]


Written = str | Combined

# Beyond this many a strategy should be shortened by a person instead.
MOST_LINES = 24


def line(written: Written, grammar: Grammar) -> str:
    """Return an expression as one line of a target's syntax."""
    if isinstance(written, str):
        return written
    sign = {AND: grammar.and_, OR: grammar.or_, NOT: grammar.not_}[written.operator]
    parts = (f"({line(part, grammar)})" if isinstance(part, Combined) else part for part in written.parts)
    return sign.join(parts)


def encoded(query: str) -> int:
    """Return how many bytes a query takes in a URL."""
    return len(quote(query, safe=""))


def cut(written: Written, grammar: Grammar, limit: int, most: int = MOST_LINES) -> tuple[str, ...] | None:
    """Return lines of at most `limit` URL-encoded bytes that find the same between them; None where `most` do not do.

    Alternatives are shared out: `a AND (b OR c)` finds what `a AND b` and `a AND c` find together. The longest list of
    alternatives is halved until every line is short enough; what stands after a NOT cannot be cut.
    """
    whole = line(written, grammar)
    if encoded(whole) <= limit:
        return (whole,)
    longest = _longest(written, grammar)
    if longest is None or most < 2:
        return None
    middle = len(longest.parts) // 2
    lines: list[str] = []
    for half in (longest.parts[:middle], longest.parts[middle:]):
        part = half[0] if len(half) == 1 else Combined(OR, half)
        short = cut(_put(written, longest, part), grammar, limit, most - len(lines))
        if short is None:
            return None
        lines.extend(short)
    return tuple(lines)


def _longest(written: Written, grammar: Grammar) -> Combined | None:
    """Return the longest list of alternatives that every find goes through."""
    if isinstance(written, str):
        return None
    if written.operator == OR:
        return written
    open_to = written.parts[:1] if written.operator == NOT else written.parts
    found = [inner for part in open_to if (inner := _longest(part, grammar)) is not None]
    return max(found, key=lambda inner: encoded(line(inner, grammar)), default=None)


def _put(written: Written, old: Combined, new: Written) -> Written:
    """Return an expression with `old` (the very object) replaced by `new`."""
    if written is old:
        return new
    if isinstance(written, str):
        return written
    return replace(written, parts=tuple(_put(part, old, new) for part in written.parts))
