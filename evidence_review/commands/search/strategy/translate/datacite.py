"""DataCite: an Elasticsearch query string over the metadata (https://support.datacite.org/docs/api-queries)."""

from __future__ import annotations

from dataclasses import replace

from evidence_review.commands.search.strategy.translate import years
from evidence_review.commands.search.strategy.translate.base import (
    BROADER,
    EXACT,
    NARROWER,
    URL_LIMIT,
    Rendering,
    Target,
)
from evidence_review.commands.search.strategy.translate.fielded import Fielded, Into, render
from evidence_review.commands.search.strategy.tree import Dates, Term

_TITLE, _ABSTRACT, _CREATOR = "titles.title", "descriptions.description", "creators.name"
_FIELDS = Fielded(
    "DataCite",
    {
        "tiab": Into((_TITLE, _ABSTRACT)),
        "ti": Into((_TITLE,)),
        "ab": Into((_ABSTRACT,)),
        "tw": Into((_TITLE, _ABSTRACT, "subjects.subject")),
        "": Into((), NARROWER, "PubMed also maps the words to headings and variants", "Tag the term, such as [tiab]."),
        "all": Into(()),
        "ot": Into(("subjects.subject",)),
        "au": Into((_CREATOR,)),
        "fau": Into((_CREATOR,)),
        "1au": Into((_CREATOR,), BROADER, "any author, not the first alone"),
        "lastau": Into((_CREATOR,), BROADER, "any author, not the last alone"),
        "ad": Into(("creators.affiliation.name",)),
        "ta": Into(("container.title",)),
        "aid": Into(("doi",)),
        "pubn": Into(("publisher",)),
    },
    (_TITLE, _ABSTRACT, "subjects.subject"),
    near='"{phrase}"~{n}',
)


def _term(term: Term) -> Rendering:
    rendering = render(_FIELDS, term)
    if term.near is not None and rendering.outcome == EXACT:
        return replace(rendering, outcome=NARROWER, why="words in another order count as farther apart")
    return rendering


def _dates(dates: Dates) -> Rendering:
    return years.years("DataCite", dates, "publicationYear:[{first} TO {last}]")


TARGET = Target("datacite", "DataCite", _term, _dates, limit=URL_LIMIT)
