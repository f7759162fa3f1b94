"""OpenAlex: one Boolean expression over titles and abstracts, for the filter `title_and_abstract.search.exact`.

https://developers.openalex.org/guides/searching: AND, OR, NOT in capitals, phrases in quotes, `~N` after a phrase, `*`
after three letters or more. The exact field matches words as they stand; the one without `.exact` matches stems, and
answers any `*` with an error. A comma would end the filter, also in quotes; the URL may have about 4 KB. Dates are
filters of their own.
"""

from __future__ import annotations

import re
from dataclasses import replace

from evidence_review.commands.search.strategy.translate import years
from evidence_review.commands.search.strategy.translate.base import BROADER, EXACT, NARROWER, Rendering, Target
from evidence_review.commands.search.strategy.translate.fielded import Fielded, Into, beginnings, render
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
    near='"{phrase}"~{n}',
    forbidden=",|!:?",
    gone=dict.fromkeys(("au", "1au", "lastau", "fau", "ad", "ta", "is", "la", "pmid", "aid", "gr"), _SEPARATE),
)


# OpenAlex refuses a '*' after fewer than three letters.
_TOO_SHORT = re.compile(r"(?<!\w)\w{0,2}\*")


def _term(term: Term) -> Rendering:
    if _TOO_SHORT.search(beginnings(term.text)):
        return render(replace(_FIELDS, wildcard=False), term)
    rendering = render(_FIELDS, term)
    if term.near is not None and rendering.outcome == EXACT:
        return replace(rendering, outcome=NARROWER, why="words in another order count as farther apart")
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
