"""Scopus: fields as functions, AND NOT, W/n (https://dev.elsevier.com/sc_search_tips.html)."""

from __future__ import annotations

from evidence_review.commands.search.strategy.fields import HEADINGS
from evidence_review.commands.search.strategy.translate import years
from evidence_review.commands.search.strategy.translate.base import (
    BROADER,
    NARROWER,
    URL_LIMIT,
    Grammar,
    Rendering,
    Target,
)
from evidence_review.commands.search.strategy.translate.fielded import Fielded, Into, render
from evidence_review.commands.search.strategy.tree import Dates, Term

_ANYWHERE = Into(
    ("TITLE-ABS-KEY",),
    NARROWER,
    "title, abstract and keywords only, without PubMed's mapping",
    "Tag it, such as [tiab].",
)
_FIELDS = Fielded(
    "Scopus",
    {
        "tiab": Into(("TITLE-ABS",)),
        "ti": Into(("TITLE",)),
        "ab": Into(("ABS",)),
        "tw": Into(("TITLE-ABS-KEY",)),
        "all": Into(("TITLE-ABS-KEY",), NARROWER, "title, abstract and keywords only"),
        "": _ANYWHERE,
        "ot": Into(("AUTHKEY",)),
        "nm": Into(("CHEMNAME",), NARROWER, "only substances that Scopus names"),
        "au": Into(("AUTH",)),
        "fau": Into(("AUTH",)),
        "1au": Into(("FIRSTAUTH",)),
        "lastau": Into(("AUTH",), BROADER, "any author, not the last alone"),
        "ad": Into(("AFFIL",)),
        "ta": Into(("SRCTITLE",), BROADER, "any journal whose title has these words"),
        "is": Into(("ISSN",)),
        "vi": Into(("VOLUME",)),
        "ip": Into(("ISSUE",)),
        "la": Into(("LANGUAGE",)),
        "aid": Into(("DOI",)),
        "pmid": Into(("PMID",)),
        "gr": Into(("FUND-NO",)),
        "isbn": Into(("ISBN",)),
    },
    ("TITLE-ABS-KEY",),
    pattern="{field}({value})",
    phrase_wildcard=True,
    near="{spaced}",
)
_TYPES = {
    "review": "re",
    "editorial": "ed",
    "letter": "le",
    "comment": "no",
    "erratum": "er",
    "published erratum": "er",
}


def _term(term: Term) -> Rendering:
    if term.field in HEADINGS:
        why = "Scopus does not explode headings, and has them for MEDLINE records only"
        mend = "Add the narrower headings, and the concept as free text."
        into = Into(
            ("INDEXTERMS",), NARROWER if term.explode else BROADER, why if term.explode else "any thesaurus", mend
        )
        return render(Fielded("Scopus", {term.field: into}, (), pattern=_FIELDS.pattern), term)
    if term.field == "pt" and term.text.lower() in _TYPES:
        return Rendering(
            f"DOCTYPE({_TYPES[term.text.lower()]})", BROADER, "Scopus draws its document types more widely"
        )
    return render(_FIELDS, term)


def _dates(dates: Dates) -> Rendering:
    return years.years("Scopus", dates, "(PUBYEAR > {before} AND PUBYEAR < {after})")


TARGET = Target(
    "scopus",
    "Scopus",
    _term,
    _dates,
    Grammar(not_=" AND NOT "),
    limit=URL_LIMIT,
)
