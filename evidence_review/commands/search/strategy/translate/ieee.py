"""IEEE Xplore: Boolean words over all metadata (https://developer.ieee.org/docs/read/Searching_the_IEEE_Xplore)."""

from __future__ import annotations

from evidence_review.commands.search.strategy.translate import years
from evidence_review.commands.search.strategy.translate.base import (
    BROADER,
    NARROWER,
    URL_LIMIT,
    Rendering,
    Target,
    year_span,
)
from evidence_review.commands.search.strategy.translate.fielded import Fielded, Into, render
from evidence_review.commands.search.strategy.tree import Dates, Term

_METADATA = "IEEE Xplore searches all its metadata together"
_ANYWHERE = Into((), NARROWER, "all metadata, without PubMed's mapping", "Tag the term, such as [tiab].")
_BROAD = Into((), BROADER, _METADATA)
_TOGETHER = ("tiab", "ti", "ab", "tw", "ot", "au", "fau", "1au", "lastau", "ad", "ta", "is", "aid")
_FIELDS = Fielded(
    "IEEE Xplore",
    {
        "": _ANYWHERE,
        "all": Into(()),
        **dict.fromkeys(
            ("tiab", "ti", "ab", "tw", "ot", "au", "fau", "1au", "lastau", "ad", "ta", "is", "aid"), _BROAD
        ),
    },
    (),
)


def _term(term: Term) -> Rendering:
    return render(_FIELDS, term)


def _dates(dates: Dates) -> Rendering:
    return years.only_whole("IEEE Xplore", dates)


def _top_dates(dates: Dates) -> Rendering:
    other = years.other_date("IEEE Xplore", dates)
    if other:
        return other
    first, last, whole = year_span(dates)
    span = {"start_year": str(first), **({"end_year": str(last)} if last is not None else {})}
    more = "set beside the query" if whole else "set beside the query, by whole years"
    return years.limited("IEEE Xplore", dates, more=more, parameter=span)


TARGET = Target(
    "ieee",
    "IEEE Xplore",
    _term,
    _dates,
    top_dates=_top_dates,
    limit=URL_LIMIT,
    notes=("IEEE Xplore takes few words and wildcards at once: a long strategy may be refused. Count it first.",),
)
