"""Ranges of dates for targets that know years, or days, in their query."""

from __future__ import annotations

from evidence_review.commands.search.strategy.fields import label
from evidence_review.commands.search.strategy.translate.base import (
    BROADER,
    EXACT,
    Rendering,
    day_span,
    dropped,
    year_span,
)
from evidence_review.commands.search.strategy.tree import Dates

PUBLISHED = frozenset({"dp", "epdat", "ppdat"})


def other_date(target: str, dates: Dates) -> Rendering | None:
    """Return the rendering of a date that only PubMed keeps (entry, indexing …); None for a date of publication."""
    if dates.field in PUBLISHED:
        return None
    return dropped(
        f"the {label(dates.field)} is PubMed's own; {target} has no such date",
        "Limit by date of publication, or leave the limit to screening.",
    )


def years(target: str, dates: Dates, pattern: str) -> Rendering:
    """Return a range of years written by `pattern` with {first} and {last}, open ends as 1000 and 3000."""
    other = other_date(target, dates)
    if other:
        return other
    first, last, whole = year_span(dates)
    query = pattern.format(first=first, last=3000 if last is None else last, before=first - 1, after=(last or 3000) + 1)
    if whole:
        return Rendering(query)
    return Rendering(query, BROADER, f"{target} knows years only: the whole of the first and last year is searched")


def days(target: str, dates: Dates, pattern: str, outcome: str = EXACT, why: str = "") -> Rendering:
    """Return a range of days written by `pattern` with {first} and {last}."""
    other = other_date(target, dates)
    if other:
        return other
    first, last = day_span(dates)
    return Rendering(pattern.format(first=first, last=last or "3000-12-31"), outcome, why)


def beside(target: str, dates: Dates, parameter: dict[str, str]) -> Rendering:
    """Return a range that limits the whole search, set beside the query; `parameter` has {first} and {last}."""
    other = other_date(target, dates)
    if other:
        return other
    first, last = day_span(dates)
    filled = {
        name: text.format(first=first, last=last or "") for name, text in parameter.items() if last or text != "{last}"
    }
    return Rendering("", EXACT, "set beside the query", parameter=filled)


def only_whole(target: str, dates: Dates) -> Rendering:
    """Return the rendering of a range inside a strategy, for a target that limits whole searches only."""
    return other_date(target, dates) or dropped(
        f"{target} takes dates as a limit on the whole search only",
        "Put the range at the end of the strategy, joined by AND to everything before it.",
    )
