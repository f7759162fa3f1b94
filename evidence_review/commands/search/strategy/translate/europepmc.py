"""Europe PMC: fields by name, MeSH among the keywords without explosion (https://europepmc.org/searchsyntax)."""

from __future__ import annotations

from evidence_review.commands.search.strategy.fields import HEADINGS
from evidence_review.commands.search.strategy.translate import years
from evidence_review.commands.search.strategy.translate.base import (
    BROADER,
    NARROWER,
    Rendering,
    Target,
    day_span,
    year_span,
)
from evidence_review.commands.search.strategy.translate.fielded import Fielded, Into, render
from evidence_review.commands.search.strategy.tree import Dates, Term
from evidence_review.sources.languages import KNOWN

_TEXT = ("TITLE_ABS",)
_EXPLODED = Into(
    ("KW",),
    NARROWER,
    "Europe PMC does not explode headings, and preprints carry none",
    "Add the narrower headings, and the concept as free text.",
)
_FLAT = Into(("KW",), BROADER, "KW also holds the authors' keywords")
_ANYWHERE = Into((), BROADER, "Europe PMC also looks in the full text", "Tag the term, such as [tiab].")
_FIELDS = Fielded(
    "Europe PMC",
    {
        "tiab": Into(_TEXT),
        "ti": Into(("TITLE",)),
        "ab": Into(("ABSTRACT",)),
        "": _ANYWHERE,
        "all": _ANYWHERE,
        "tw": _ANYWHERE,
        "ot": Into(("KW",), BROADER, "KW also holds MeSH headings"),
        "pt": Into(("PUB_TYPE",)),
        "nm": Into(("CHEM",), NARROWER, "only substances that MEDLINE indexed"),
        "au": Into(("AUTH",)),
        "fau": Into(("AUTH",)),
        "1au": Into(("AUTH",), BROADER, "any author, not the first alone"),
        "lastau": Into(("AUTH",), BROADER, "any author, not the last alone"),
        "cn": Into(("AUTH",)),
        "ir": Into(("INVESTIGATOR",)),
        "ad": Into(("AFF",)),
        "ta": Into(("JOURNAL",)),
        "is": Into(("ISSN",)),
        "vi": Into(("VOLUME",)),
        "ip": Into(("ISSUE",)),
        "gr": Into(("GRANT_ID",)),
        "aid": Into(("DOI",)),
        "pmid": Into(("EXT_ID",)),
        "isbn": Into(("ISBN",)),
    },
    _TEXT,
)
# https://europepmc.org/searchsyntax gives LANG the codes of ISO 639-2 (bibliographic), which are those of MARC.
_LANGUAGES = {name.lower(): marc for marc, name in KNOWN.values()}
# PubMed searches these types together with the narrower ones.
_BROAD_TYPES = frozenset(
    {"clinical study", "clinical trial", "controlled clinical trial", "guideline", "observational study", "review"}
)


def _term(term: Term) -> Rendering:
    if term.field == "pt" and term.text.lower() in _BROAD_TYPES:
        why = "PubMed adds the narrower types, as systematic reviews to reviews; Europe PMC does not"
        into = Into(("PUB_TYPE",), NARROWER, why, "Add the narrower types, each with [pt].")
        return render(Fielded(_FIELDS.name, {"pt": into}, _TEXT), term)
    if term.field in HEADINGS:
        into = _EXPLODED if term.explode else _FLAT
        if term.field == "majr":
            why = "; ".join(filter(None, (into.why, "major topics are not told apart")))
            into = Into(into.fields, into.outcome, why, into.mend)
        fields = Fielded(_FIELDS.name, {term.field: into}, _TEXT)
        return render(fields, term)
    if term.field == "la":
        code = _LANGUAGES.get(term.text.lower(), term.text.lower())
        return Rendering(f'LANG:"{code}"')
    return render(_FIELDS, term)


def _dates(dates: Dates) -> Rendering:
    """Return a range in the dates that Europe PMC keeps as PubMed does: of print (or its year), and electronic."""
    other = years.other_date("Europe PMC", dates)
    if other:
        return other
    begin, end = day_span(dates)
    first, last, whole = year_span(dates)
    days = f"[{begin} TO {end or '3000-12-31'}]"
    electronic, printed, earliest = f"E_PDATE:{days}", f"P_PDATE:{days}", f"FIRST_PDATE:{days}"
    year = f"PUB_YEAR:[{first} TO {3000 if last is None else last}]"
    # Not every document has a date of print or an electronic one; the year and the first date all of them have.
    both = (year, electronic) if whole else (printed, electronic, earliest)
    query = {"epdat": electronic, "ppdat": printed}.get(dates.field, f"({' OR '.join(both)})")
    if whole:
        return Rendering(query)
    return Rendering(query, BROADER, "where only a month or a year is known, Europe PMC sets the day itself")


TARGET = Target("europepmc", "Europe PMC", _term, _dates)
