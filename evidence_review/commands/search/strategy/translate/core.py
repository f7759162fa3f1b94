"""CORE: fields of the works index (https://api.core.ac.uk/docs/v3)."""

from __future__ import annotations

from evidence_review.commands.search.strategy.translate import years
from evidence_review.commands.search.strategy.translate.base import BROADER, URL_LIMIT, Rendering, Target
from evidence_review.commands.search.strategy.translate.fielded import Fielded, Into, render
from evidence_review.commands.search.strategy.tree import Dates, Term

_TEXT = ("title", "abstract")
_ANYWHERE = Into((), BROADER, "CORE also looks in the full text", "Tag the term, such as [tiab].")
_FIELDS = Fielded(
    "CORE",
    {
        "tiab": Into(_TEXT),
        "ti": Into(("title",)),
        "ab": Into(("abstract",)),
        "tw": _ANYWHERE,
        "": _ANYWHERE,
        "all": _ANYWHERE,
        "au": Into(("authors",)),
        "fau": Into(("authors",)),
        "1au": Into(("authors",), BROADER, "any author, not the first alone"),
        "lastau": Into(("authors",), BROADER, "any author, not the last alone"),
        "aid": Into(("doi",)),
        "pmid": Into(("pubmedId",)),
        "pubn": Into(("publisher",)),
    },
    _TEXT,
)


def _term(term: Term) -> Rendering:
    return render(_FIELDS, term)


def _dates(dates: Dates) -> Rendering:
    return years.years("CORE", dates, "(yearPublished>={first} AND yearPublished<={last})")


TARGET = Target("core", "CORE", _term, _dates, limit=URL_LIMIT)
