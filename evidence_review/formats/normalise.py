"""From what a file says, by role, to a citation: the one normaliser behind every format.

A format fills a bag: role → the texts it found, in order. The roles are the fields of `Citation`, and:

| role | meaning |
|---|---|
| `year` | where the year stands apart from `date` |
| `page_first`, `page_last` | a page range in two fields (`pages` is one) |
| `doi`, `pmid`, `pmcid` | candidates; the first that can be read as one counts |
| `number` | ISSN and ISBN in one field |
| `kind` | publication types in the source's words: they decide `status` |
| `names` | authors already taken apart (`Name`), instead of `authors` |

Every rule here is stated in the field's notes on formats; what is unreadable stays empty and is flagged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Name
from evidence_review.text.status import statuses

Bag = dict[str, list[Any]]

# Roles whose texts become one running text, a list, or identifiers; used by readers to know the roles there are.
BOOK_TYPES = frozenset({"book", "chapter", "thesis", "report", "entry-encyclopedia", "entry-dictionary"})

_COUNTED = frozenset({"book", "thesis", "pamphlet"})
_NCT = re.compile(r"NCT\d{8}")
_STAR = re.compile(r"^\*+|\*+$")
_NONE: list[Any] = []


def citation(bag: Mapping[str, Sequence[Any]], order: str = "suffix-last") -> tuple[Citation, tuple[str, ...]]:
    """Return the citation that a bag of raw values makes, and doubts for people."""
    said, flags = facts(bag, order)
    return Citation(**said), flags


def facts(bag: Mapping[str, Sequence[Any]], order: str = "suffix-last") -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the fields of the citation that a bag of raw values makes, and doubts for people.

    The fields are those that are known, in the order in which `Citation` has them.
    """
    get = bag.get
    flags: list[str] = []
    kind = get("type", _NONE)
    csl = kind[0] if kind else ""
    title = _text(get("title", _NONE))
    authors, truncated = _people(get("names", _NONE), get("authors", _NONE), order)
    year, date = _dates(get("date", _NONE), get("year", _NONE), flags)
    pages, article = _pages(bag, csl, flags)
    abstract = _abstract(get("abstract", _NONE))
    container = _text(get("container", _NONE))
    issn, isbn = _numbers(bag, csl)
    made = {
        "type": csl,
        "title": title,
        "title_original": "title_original" in bag and _text(bag["title_original"]),
        "container": container,
        "container_abbrev": "container_abbrev" in bag and _text(bag["container_abbrev"]),
        "authors": authors,
        "authors_truncated": truncated or bool(get("truncated")),
        "editors": _people(get("editor_names", _NONE), get("editors", _NONE), order)[0],
        "year": year,
        "date": date,
        "volume": "volume" in bag and _volume(bag["volume"]),
        "issue": "issue" in bag and _text(bag["issue"]),
        "pages": pages,
        "article_number": article,
        "doi": "doi" in bag and _first(text.doi, bag["doi"]),
        "pmid": "pmid" in bag and _first(text.pmid, bag["pmid"]),
        "pmcid": "pmcid" in bag and _first(text.pmcid, bag["pmcid"]),
        "other_ids": _other_ids(get("other_ids", _NONE), get("trial", _NONE)),
        "issn": issn,
        "isbn": isbn,
        "abstract": abstract,
        "keywords": "keywords" in bag and _words(bag["keywords"]),
        "terms": "terms" in bag and _words(bag["terms"]),
        "language": "language" in bag and _first(text.language, bag["language"]),
        "publisher": "publisher" in bag and _text(bag["publisher"]),
        "place": "place" in bag and _text(bag["place"]),
        "urls": "urls" in bag and _urls(bag["urls"]),
        "database": "database" in bag and _text(bag["database"]),
        "notes": "notes" in bag and _notes(bag["notes"]),
        "status": statuses(title, container, get("kind", _NONE), get("status", _NONE)),
    }
    found: dict[str, Any] = {name: value for name, value in made.items() if value}
    if text.mojibake(title):
        flags.append("mojibake in title")
    if abstract and text.mojibake(abstract):
        flags.append("mojibake in abstract")
    if not title:
        flags.append("no title")
    if "issue" in found and len(found["issue"]) > 6 and found["issue"].isdecimal():
        # Ovid's MEDLINE writes the journal's NLM number there for what is ahead of print.
        flags.append(f"issue not understood: {found.pop('issue')}")
    return found, tuple(flags)


def _text(values: Sequence[str]) -> str:
    for value in values:
        if found := text.said(value):
            return found
    return ""


def _first(read: Any, values: Sequence[str]) -> str:
    for value in values:
        found: str = read(value)
        if found:
            return found
    return ""


def _people(names: Sequence[Name], texts: Sequence[str], order: str) -> tuple[tuple[Name, ...], bool]:
    if names:
        return text.uncut(names)
    return text.people(texts, order)


def _dates(dates: Sequence[str], years: Sequence[str], flags: list[str]) -> tuple[int | None, str]:
    """Return year and date. The year's own field wins where the two differ; the doubt is flagged."""
    year = None
    for value in years:
        year = text.year(value)
        if year is not None:
            break
    differs = ""
    for value in dates:
        value = text.clean(value)
        found = text.date(value)
        if not found and year is not None and value:
            # The day stands without its year: "SEP 22".
            found = text.date(f"{year} {value}")
        if not found:
            continue
        own = int(found[:4])
        if year is None or own == year:
            return own, found
        differs = differs or found
    if differs:
        flags.append(f"year {year}, but dated {differs}")
    if year is None:
        if any(value and not text.is_null(value) for value in (*years, *dates)):
            flags.append("date not understood")
        return None, ""
    return year, f"{year:04d}"


def _pages(bag: Mapping[str, Sequence[str]], csl: str, flags: list[str]) -> tuple[str, str]:
    article = _text(bag.get("article_number", _NONE))
    start = _text(bag.get("pages", _NONE)) or _text(bag.get("page_first", _NONE))
    end = _text(bag.get("page_last", _NONE))
    pages = text.pages(start, end) if start or end else ""
    if csl in _COUNTED and "-" not in pages:
        # For a whole book the number is that of all its pages.
        return "", article
    if pages and text.is_article_number(pages):
        return "", article or pages
    if pages and article and pages == article:
        return "", article
    if "-" in pages and text.pages_run_backwards(pages):
        flags.append(f"pages run backwards: {pages}")
    return pages, article


def _abstract(values: Sequence[str]) -> str:
    if not values:
        return ""
    parts = [found for value in values if (found := text.said(value))]
    return parts[0] if len(parts) == 1 else " ".join(dict.fromkeys(parts))


def _volume(values: Sequence[str]) -> str:
    found = _text(values)
    return re.sub(r"^(?:vol(?:ume)?|v)\.?\s*(?=\d)", "", found, flags=re.IGNORECASE) if found[:1] in "vV" else found


def _numbers(bag: Mapping[str, Sequence[str]], csl: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take ISSNs and ISBNs apart: eight digits against ten or thirteen."""
    mixed = [*bag.get("issn", _NONE), *bag.get("isbn", _NONE), *bag.get("number", _NONE)]
    if not mixed:
        return (), ()
    whole = " ; ".join(mixed)
    isbn = text.isbns(whole) if len(whole) > 9 else ()
    return text.issns(whole), isbn


def _other_ids(ids: Sequence[tuple[str, str]], trials: Sequence[str]) -> tuple[tuple[str, str], ...]:
    found = [(scheme, value.strip()) for scheme, value in ids if value.strip()]
    for value in trials:
        if "NCT" in value:
            found.extend(("nct", number) for number in _NCT.findall(value))
    return tuple(dict.fromkeys(found)) if found else ()


def _words(values: Sequence[str]) -> tuple[str, ...]:
    if not values:
        return ()
    found: dict[str, None] = {}
    for value in values:
        if word := text.said(value):
            found[word] = None
    return tuple(found)


def _urls(values: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in values:
        for part in value.split():
            if "://" in part or part.startswith("www."):
                found[part.rstrip(";,")] = None
    return tuple(found)


def _notes(values: Sequence[str]) -> tuple[str, ...]:
    if not values:
        return ()
    return tuple(dict.fromkeys(found for value in values if (found := text.clean(value))))
