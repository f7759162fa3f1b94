"""OpenAlex: one Boolean expression over titles and abstracts, matched by word stems.

https://developers.openalex.org/guides/searching: AND, OR, NOT in capitals, phrases in quotes, stop words removed; a
comma would end the filter; the request's URL may have about 4 KB. Dates are filters of their own.
"""

from __future__ import annotations

from dataclasses import replace

from evidence_review.commands.search.strategy.translate import years
from evidence_review.commands.search.strategy.translate.base import BROADER, EXACT, NARROWER, Rendering, Target
from evidence_review.commands.search.strategy.translate.fielded import Fielded, Into, render
from evidence_review.commands.search.strategy.tree import Dates, Term

_BOTH = "OpenAlex searches title and abstract together"
_ANYWHERE = Into((), NARROWER, "OpenAlex is searched in title and abstract only", "Tag the term, such as [tiab].")
_SEPARATE = "a filter of its own in OpenAlex that cannot be joined to words"
_FIELDS = Fielded(
    "OpenAlex",
    {
        "tiab": Into(()),
        "ti": Into((), BROADER, _BOTH),
        "ab": Into((), BROADER, _BOTH),
        "tw": _ANYWHERE,
        "": _ANYWHERE,
        "all": _ANYWHERE,
    },
    (),
    wildcard=False,
    forbidden=",|!:",
    gone=dict.fromkeys(("au", "1au", "lastau", "fau", "ad", "ta", "is", "la", "pmid", "aid", "gr"), _SEPARATE),
)


def _term(term: Term) -> Rendering:
    rendering = render(_FIELDS, term)
    if rendering.outcome == EXACT:
        return replace(rendering, outcome=BROADER, why="OpenAlex matches word stems, so other endings are found too")
    return rendering


def _dates(dates: Dates) -> Rendering:
    return years.only_whole("OpenAlex", dates)


def _top_dates(dates: Dates) -> Rendering:
    return years.beside("OpenAlex", dates, {"from_publication_date": "{first}", "to_publication_date": "{last}"})


TARGET = Target(
    "openalex",
    "OpenAlex",
    _term,
    _dates,
    top_dates=_top_dates,
    limit=3_500,
    limit_note="OpenAlex refuses a URL over about 4 KB",
)
