"""DOAJ: Lucene fields of the article record; wildcards and fuzzy searches are refused (https://doaj.org/api/v4/docs)."""

from __future__ import annotations

from evidence_review.commands.search.strategy.translate import years
from evidence_review.commands.search.strategy.translate.base import BROADER, NARROWER, URL_LIMIT, Rendering, Target
from evidence_review.commands.search.strategy.translate.fielded import Fielded, Into, render
from evidence_review.commands.search.strategy.tree import Dates, Term

_TEXT = ("bibjson.title", "bibjson.abstract")
_AUTHOR = "bibjson.author.name"
_FIELDS = Fielded(
    "DOAJ",
    {
        "tiab": Into(_TEXT),
        "ti": Into(("bibjson.title",)),
        "ab": Into(("bibjson.abstract",)),
        "tw": Into((*_TEXT, "bibjson.keywords"), NARROWER, "title, abstract and keywords only"),
        "": Into((), NARROWER, "PubMed also maps the words to headings and variants", "Tag the term, such as [tiab]."),
        "all": Into(()),
        "ot": Into(("bibjson.keywords",)),
        "au": Into((_AUTHOR,)),
        "fau": Into((_AUTHOR,)),
        "1au": Into((_AUTHOR,), BROADER, "any author, not the first alone"),
        "lastau": Into((_AUTHOR,), BROADER, "any author, not the last alone"),
        "ta": Into(("bibjson.journal.title",)),
        "is": Into(("issn",)),
        "aid": Into(("doi",)),
    },
    (*_TEXT, "bibjson.keywords"),
    wildcard=False,
    forbidden="?~",
)


def _term(term: Term) -> Rendering:
    return render(_FIELDS, term)


def _dates(dates: Dates) -> Rendering:
    return years.years("DOAJ", dates, "bibjson.year:[{first} TO {last}]")


TARGET = Target(
    "doaj",
    "DOAJ",
    _term,
    _dates,
    limit=URL_LIMIT,
)
