"""ERIC: Lucene fields, its own descriptors in place of MeSH (https://eric.ed.gov/?api)."""

from __future__ import annotations

from evidence_review.commands.search.strategy.translate import years
from evidence_review.commands.search.strategy.translate.base import BROADER, NARROWER, URL_LIMIT, Rendering, Target
from evidence_review.commands.search.strategy.translate.fielded import Fielded, Into, render
from evidence_review.commands.search.strategy.tree import Dates, Term

_TEXT = ("title", "description")
_FIELDS = Fielded(
    "ERIC",
    {
        "tiab": Into(_TEXT),
        "ti": Into(("title",)),
        "ab": Into(("description",)),
        "tw": Into((*_TEXT, "subject")),
        "": Into((), NARROWER, "PubMed also maps the words to headings and variants", "Tag the term, such as [tiab]."),
        "all": Into(()),
        "au": Into(("author",)),
        "fau": Into(("author",)),
        "1au": Into(("author",), BROADER, "any author, not the first alone"),
        "lastau": Into(("author",), BROADER, "any author, not the last alone"),
        "ta": Into(("source",)),
        "is": Into(("issn",)),
        "la": Into(("language",)),
        "pubn": Into(("publisher",)),
        "cn": Into(("institution",)),
    },
    (*_TEXT, "subject"),
)


def _term(term: Term) -> Rendering:
    return render(_FIELDS, term)


def _dates(dates: Dates) -> Rendering:
    return years.years("ERIC", dates, "publicationdateyear:[{first} TO {last}]")


TARGET = Target("eric", "ERIC", _term, _dates, limit=URL_LIMIT)
