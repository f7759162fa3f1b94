"""Crossref: no Boolean search at all. The words are ranked together, so a translation is a list of words.

https://github.com/CrossRef/rest-api-doc: `query.bibliographic` matches titles, authors, ISSNs and years.
"""

from __future__ import annotations

from evidence_review.commands.search.strategy.fields import HEADINGS, TEXT
from evidence_review.commands.search.strategy.translate import years
from evidence_review.commands.search.strategy.translate.base import (
    BROADER,
    Rendering,
    Target,
    dropped,
    natural,
    words_of,
)
from evidence_review.commands.search.strategy.tree import Dates, Term

_WHY = "Crossref ranks by shared words and combines nothing: AND, OR, NOT and phrases are lost"
_MEND = "Use Crossref to complete records, or search it with a few words of your own."


def _term(term: Term) -> Rendering:
    if term.field not in TEXT | HEADINGS:
        return dropped("Crossref's ranked search has words only", _MEND)
    text = natural(term.text) if term.field in HEADINGS else term.text
    words = [word.replace("*", "") for word in words_of(text)]
    return Rendering(" ".join(word for word in words if word), BROADER, _WHY, _MEND, guess=True)


def _dates(dates: Dates) -> Rendering:
    return years.only_whole("Crossref", dates)


def _top_dates(dates: Dates) -> Rendering:
    return years.beside("Crossref", dates, {"from-pub-date": "{first}", "until-pub-date": "{last}"})


TARGET = Target(
    "crossref",
    "Crossref",
    _term,
    _dates,
    top_dates=_top_dates,
    bag=True,
    limit=3_800,
    limit_note="Crossref refuses very long URLs",
    notes=("Crossref has no Boolean search: everything with any of these words is ranked, the best first.",),
)
