"""arXiv: prefixes before each term and ANDNOT (https://info.arxiv.org/help/api/user-manual.html#query_details)."""

from __future__ import annotations

from evidence_review.commands.search.strategy.translate import years
from evidence_review.commands.search.strategy.translate.base import (
    BROADER,
    NARROWER,
    URL_LIMIT,
    Grammar,
    Rendering,
    Target,
    day_span,
)
from evidence_review.commands.search.strategy.translate.fielded import Fielded, Into, render
from evidence_review.commands.search.strategy.tree import Dates, Term

_TEXT = ("ti", "abs")
_ANYWHERE = Into(("all",), NARROWER, "PubMed also maps the words to headings and variants", "Tag it, such as [tiab].")
_FIELDS = Fielded(
    "arXiv",
    {
        "tiab": Into(_TEXT),
        "ti": Into(("ti",)),
        "ab": Into(("abs",)),
        "tw": Into(("all",)),
        "all": Into(("all",)),
        "": _ANYWHERE,
        "au": Into(("au",)),
        "fau": Into(("au",)),
        "1au": Into(("au",), BROADER, "any author, not the first alone"),
        "lastau": Into(("au",), BROADER, "any author, not the last alone"),
        "ta": Into(("jr",), NARROWER, "only preprints whose authors added the journal"),
    },
    _TEXT,
)


def _term(term: Term) -> Rendering:
    return render(_FIELDS, term)


def _dates(dates: Dates) -> Rendering:
    other = years.other_date("arXiv", dates)
    if other:
        return other
    first, last = day_span(dates)
    ends = first.replace("-", ""), (last or "2100-12-31").replace("-", "")
    why = "arXiv knows the day of submission, which lies before publication"
    return Rendering(
        f"submittedDate:[{ends[0]}0000 TO {ends[1]}2359]", NARROWER, why, "Begin the range a year earlier."
    )


TARGET = Target(
    "arxiv",
    "arXiv",
    _term,
    _dates,
    Grammar(not_=" ANDNOT "),
    limit=URL_LIMIT,
)
