"""Ranges of dates for targets that know years, or days, in their query."""

from __future__ import annotations

from evidence_review.commands.search.strategy.fields import label
from evidence_review.commands.search.strategy.translate.base import (
    NARROWER,
    Rendering,
    day_span,
    dropped,
    year_span,
)
from evidence_review.commands.search.strategy.tree import Dates

PUBLISHED = frozenset({"dp", "epdat", "ppdat"})
_WIDEN = "Widen the range by a year at each end, and leave the rest to screening."


def other_date(target: str, dates: Dates) -> Rendering | None:
    """Return the rendering of a date that only PubMed keeps (entry, indexing …); None for a date of publication."""
    if dates.field in PUBLISHED:
        return None
    return dropped(
        f"the {label(dates.field)} is PubMed's own; {target} has no such date",
        "Limit by date of publication, or leave the limit to screening.",
    )


def limited(
    target: str, dates: Dates, query: str = "", more: str = "", parameter: dict[str, str] | None = None
) -> Rendering:
    """Return a range of dates for a target that keeps one date of a document; `more` is what else differs.

    PubMed searches [dp] in the date of print and in the electronic one (https://pubmed.ncbi.nlm.nih.gov/help/#dp): a
    document of which one lies in the range and the other not is found there, and here only if it is the date kept.
    """
    why = (
        f"PubMed takes the date of print and the electronic one, {target} keeps one date"
        if dates.field == "dp"
        else f"{target} keeps one date and does not tell the electronic one from that of print"
    )
    return Rendering(query, NARROWER, f"{why}; {more}" if more else why, _WIDEN, parameter=parameter)


def years(target: str, dates: Dates, pattern: str) -> Rendering:
    """Return a range of years written by `pattern` with {first} and {last}, open ends as 1000 and 3000."""
    other = other_date(target, dates)
    if other:
        return other
    first, last, whole = year_span(dates)
    query = pattern.format(first=first, last=3000 if last is None else last, before=first - 1, after=(last or 3000) + 1)
    return limited(target, dates, query, "" if whole else "the whole of the first and last year is searched")


def beside(target: str, dates: Dates, parameter: dict[str, str]) -> Rendering:
    """Return a range that limits the whole search, set beside the query; `parameter` has {first} and {last}."""
    other = other_date(target, dates)
    if other:
        return other
    first, last = day_span(dates)
    filled = {
        name: text.format(first=first, last=last or "") for name, text in parameter.items() if last or text != "{last}"
    }
    return limited(target, dates, more="set beside the query", parameter=filled)


def only_whole(target: str, dates: Dates) -> Rendering:
    """Return the rendering of a range inside a strategy, for a target that limits whole searches only."""
    return other_date(target, dates) or dropped(
        f"{target} takes dates as a limit on the whole search only",
        "Put the range at the end of the strategy, joined by AND to everything before it.",
    )
