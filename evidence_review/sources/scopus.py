"""Scopus (https://dev.elsevier.com/documentation/ScopusSearchAPI.wadl): with a key; 5,000 a query, sliced by year.

The standard view has no abstracts and only the first author; an export file has more and is mostly the better way.
"""

from __future__ import annotations

import json
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Name, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.net.waits import budget_left
from evidence_review.sources import languages
from evidence_review.sources.base import Access, Item, Page, Query, Service, Steps, made, next_place, text_of
from evidence_review.sources.bodies import check_status, dicts, inner, json_of, message_in, need_count, need_list
from evidence_review.sources.fields import (
    abstract_of,
    csl_type,
    date_in,
    identifiers,
    page_range,
    people,
    person,
    plain_line,
    written_name,
    year_of,
)
from evidence_review.sources.slices import Axis, sliced

SERVICE = "Scopus"
PAGE, CAP = 25, 5000
_YEARS = Axis("year", 1700, 2100, lambda first, last: f"PUBYEAR > {first - 1} AND PUBYEAR < {last + 1}")
_EMPTY = "Result set was empty"


def read(reply: Reply) -> Page:
    """Read a page of a search."""
    left, _ = budget_left(reply.headers)
    if reply.status == 429 and left is not None and left <= 0:
        raise Failure("budget", f"{SERVICE}'s quota of the week is used up: run the command again when it is filled.")
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, dict) and "service-error" in data:
        raise Failure("error-body", f"{SERVICE} reports an error: {message_in(inner(data, 'service-error', 'status'))}")
    if isinstance(data, dict) and "serial-metadata-response" in data:
        raise Failure("unsupported", f"{SERVICE}'s answer describes a serial title, which is no record")
    hits = need_count(data, SERVICE, "search-results", "opensearch:totalResults")
    entries = need_list(data, SERVICE, "search-results", "entry")
    errors = [text_of(item.get("error")) for item in dicts(entries) if item.get("error")]
    if errors and (hits or errors != [_EMPTY]):
        raise Failure("error-body", f"{SERVICE} reports an error: {errors[0]}")
    asked = inner(data, "search-results", "opensearch:Query")
    start = inner(data, "search-results").get("opensearch:startIndex")
    return Page(
        iter(()) if errors else made(entries, record),
        hits=hits,
        next=next_place(start, 0 if errors else len(entries), hits),
        understood=text_of(asked.get("@searchTerms")),
    )


def record(entry: dict[str, Any]) -> Item:
    """Return an entry as a citation."""
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    native = text_of(entry.get("eid")) or text_of(entry.get("dc:identifier")).removeprefix("SCOPUS_ID:")
    if not native:
        return Rejected(0, "an entry without an id", raw[:2000])
    date = date_in(entry.get("prism:coverDate"))
    listed = dicts(entry.get("author"))
    pages, number = page_range(text_of(entry.get("prism:pageRange")))
    isbn = entry.get("prism:isbn")
    isbns = " ".join(text_of(item.get("$")) for item in dicts(isbn)) if isinstance(isbn, list) else text_of(isbn)
    citation = Citation(
        type=csl_type(entry.get("subtypeDescription")),
        title=plain_line(entry.get("dc:title")),
        container=plain_line(entry.get("prism:publicationName")),
        authors=people(map(_author, listed)) if listed else people([written_name(entry.get("dc:creator"))]),
        authors_truncated=not listed,
        year=year_of(date),
        date=date,
        volume=text_of(entry.get("prism:volume")),
        issue=text_of(entry.get("prism:issueIdentifier")),
        pages=pages,
        article_number=text_of(entry.get("article-number")) or number,
        doi=text.doi(text_of(entry.get("prism:doi"))),
        pmid=text.pmid(text_of(entry.get("pubmed-id"))),
        other_ids=identifiers([("scopus", native)]),
        issn=text.issns(" ".join(_hyphen(text_of(entry.get(name))) for name in ("prism:issn", "prism:eIssn"))),
        isbn=text.isbns(isbns),
        abstract=abstract_of(entry.get("dc:description")),
        keywords=tuple(part.strip() for part in text_of(entry.get("authkeywords")).split("|") if part.strip()),
        urls=tuple(text_of(item.get("@href")) for item in dicts(entry.get("link")) if item.get("@ref") == "scopus"),
        database=SERVICE,
        status=("erratum",) if entry.get("subtype") == "er" else ("retracted",) if entry.get("subtype") == "tb" else (),
    )
    return Parsed(citation, raw, native_id=native)


def _author(item: dict[str, Any]) -> Name:
    """Return an author of the complete view, where surname and given name stand apart."""
    if item.get("surname"):
        return person(item["surname"], item.get("given-name") or item.get("initials"))
    return written_name(item.get("authname"))


def _hyphen(issn: str) -> str:
    return f"{issn[:4]}-{issn[4:]}" if len(issn) == 8 and "-" not in issn else issn


def _page(text_: str, access: Access, start: int, size: int = PAGE, *, carries: bool = True) -> Request:
    values = (("query", text_), ("count", str(size)), ("start", str(start)), ("httpAccept", "application/json"))
    secret = tuple(
        (name, value) for name, value in (("X-ELS-APIKey", access.key), ("X-ELS-Insttoken", access.token)) if value
    )
    return Request(access.base, "/content/search/scopus", values, secret_headers=secret, carries=carries)


def _query(query: Query) -> str:
    chosen = languages.limited(query.text, query.languages, lambda code: f"LANGUAGE({languages.name(code).lower()})")
    if query.published_from:
        chosen = f"({chosen}) AND PUBYEAR > {int(query.published_from[:4]) - 1}"
    if query.published_to:
        chosen = f"({chosen}) AND PUBYEAR < {int(query.published_to[:4]) + 1}"
    if query.added_since:
        chosen = f"({chosen}) AND ORIG-LOAD-DATE AFT {query.added_since.replace('-', '')}"
    return chosen


def count(query: Query, access: Access) -> Request:
    """Return a request for the number of hits."""
    return _page(_query(query), access, 0, 1, carries=False)


def search(query: Query, access: Access) -> Steps:
    """Yield the pages of a search, year by year where one query would give only part."""
    limits = "publication dates by year" if query.published_from or query.published_to else ""

    def page(chosen: str, start: int, size: int) -> Request:
        return _page(chosen, access, start, size)

    return sliced(_query(query), (_YEARS,), (CAP, PAGE), page, limits)


SOURCE = Service(
    id="scopus",
    name=SERVICE,
    platform="Scopus (Elsevier API)",
    home="https://api.elsevier.com",
    searching=search,
    limits_language=True,
    counting=count,
    reading=read,
    rate=Rate(2, 1.0, at_once=1),
    keyed_rate=Rate(2, 1.0, at_once=1),
    needs_key=True,
)
