"""Semantic Scholar's bulk search: title and abstract, `+ | -` for AND, OR, NOT, `*` after a word, `~N` after a phrase.

https://api.semanticscholar.org/api-docs/graph#tag/Paper-Data/operation/get_graph_paper_bulk_search
"""

from __future__ import annotations

from dataclasses import replace

from evidence_review.commands.search.strategy.translate import years
from evidence_review.commands.search.strategy.translate.base import (
    BROADER,
    EXACT,
    NARROWER,
    URL_LIMIT,
    Grammar,
    Rendering,
    Target,
    year_span,
)
from evidence_review.commands.search.strategy.translate.fielded import Fielded, Into, render
from evidence_review.commands.search.strategy.tree import Dates, Term

_BOTH = "Semantic Scholar searches title and abstract together"
_ANYWHERE = Into(
    (), NARROWER, "Semantic Scholar is searched in title and abstract only", "Tag the term, such as [tiab]."
)
_FIELDS = Fielded(
    "Semantic Scholar",
    {
        "tiab": Into(()),
        "ti": Into((), BROADER, _BOTH),
        "ab": Into((), BROADER, _BOTH),
        "tw": _ANYWHERE,
        "": _ANYWHERE,
        "all": _ANYWHERE,
    },
    (),
    near='"{phrase}"~{n}',
    and_=" + ",
    or_=" | ",
)


def _term(term: Term) -> Rendering:
    rendering = render(_FIELDS, term)
    if term.near is not None and rendering.outcome == EXACT:
        return replace(rendering, outcome=NARROWER, why="words in another order count as farther apart")
    return rendering


def _dates(dates: Dates) -> Rendering:
    return years.only_whole("Semantic Scholar", dates)


def _top_dates(dates: Dates) -> Rendering:
    first, last, whole = year_span(dates)
    if whole:
        span = {"year": f"{first}-{'' if last is None else last}"}
        return years.other_date("Semantic Scholar", dates) or years.limited(
            "Semantic Scholar", dates, more="set beside the query", parameter=span
        )
    return years.beside("Semantic Scholar", dates, {"publicationDateOrYear": "{first}:{last}"})


TARGET = Target(
    "semanticscholar",
    "Semantic Scholar",
    _term,
    _dates,
    Grammar(" + ", " | ", " + -"),
    top_dates=_top_dates,
    limit=URL_LIMIT,
)
