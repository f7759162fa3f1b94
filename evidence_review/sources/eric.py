"""ERIC (https://eric.ed.gov/?api): education research, by start and rows."""

from __future__ import annotations

import json
import re
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources import languages
from evidence_review.sources.base import Access, Item, Page, Query, Service, Steps, by_offset, made, next_place, text_of
from evidence_review.sources.bodies import check_status, json_of, message_in, need_count, need_list
from evidence_review.sources.fields import (
    abstract_of,
    csl_type,
    first,
    identifiers,
    people,
    plain_line,
    words,
    written_name,
)

SERVICE = "ERIC"
PAGE = 200
FIELDS = (
    "id,title,author,source,publicationdateyear,description,subject,peerreviewed,abstractor,audience,authorxlink,"
    "e_datemodified,e_fulltextauth,e_yearadded,educationlevel,identifiersgeo,identifierslaw,identifierstest,"
    "institution,isbn,issn,language,publicationtype,publisher,sourceid,sponsor,url"
)


def read(reply: Reply) -> Page:
    """Read a page of records."""
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, dict) and "error" in data:
        raise Failure("bad-request", f"{SERVICE} refuses the question: {message_in(data)}")
    docs = need_list(data, SERVICE, "response", "docs")
    hits = need_count(data, SERVICE, "response", "numFound")
    return Page(made(docs, record), hits=hits, next=next_place(data["response"].get("start"), len(docs), hits))


def record(entry: dict[str, Any]) -> Item:
    """Return a record as a citation. The journal is named in `source`, its volume and pages only in words there."""
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    native = text_of(entry.get("id"))
    if not native:
        return Rejected(0, "a record without an id", raw[:2000])
    year = text.year(text_of(entry.get("publicationdateyear")))
    kinds = words(entry.get("publicationtype") or [])
    publisher = first(entry.get("publisher"))
    addresses = words(entry.get("url") or [])
    citation = Citation(
        type=next((found for found in map(csl_type, kinds) if found and found != "document"), "")
        or ("report" if any(kind.startswith("Reports") for kind in kinds) else "document"),
        title=plain_line(entry.get("title")),
        container=plain_line(entry.get("source")),
        authors=people(written_name(name) for name in words(entry.get("author") or [])),
        year=year,
        date=str(year) if year else "",
        doi=text.doi(" ".join(address for address in addresses if "doi.org" in address)),
        other_ids=identifiers([("eric", native)]),
        issn=text.issns(" ".join(words(entry.get("issn") or []))),
        isbn=text.isbns(" ".join(words(entry.get("isbn") or []))),
        abstract=abstract_of(entry.get("description")),
        terms=words(entry.get("subject") or []),
        language=text.language(first(entry.get("language"))),
        publisher=re.split(r"\.\s", plain_line(publisher))[0],
        urls=(f"https://eric.ed.gov/?id={native}", *addresses),
        database=SERVICE,
        notes=(f"Publication types: {'; '.join(kinds)}",) if kinds else (),
    )
    return Parsed(citation, raw, native_id=native)


def _page(query: Query, access: Access, start: int, size: int = PAGE, *, carries: bool = True) -> Request:
    chosen = languages.limited(query.text, query.languages, lambda code: f"language:{languages.name(code)}")
    if query.published_from or query.published_to:
        begin, end = query.published_from[:4] or "*", query.published_to[:4] or "*"
        chosen = f"({chosen}) AND publicationdateyear:[{begin} TO {end}]"
    values = (("search", chosen), ("format", "json"), ("start", str(start)), ("rows", str(size)), ("fields", FIELDS))
    return Request(access.base, "/eric/", values, carries=carries)


def count(query: Query, access: Access) -> Request:
    """Return a request for the number of hits."""
    return _page(query, access, 0, 1, carries=False)


def search(query: Query, access: Access) -> Steps:
    """Yield the pages of a search. What was added since a date cannot be asked for: all is fetched again."""
    limits = "publication dates by year" if query.published_from or query.published_to else ""
    return by_offset(lambda start: _page(query, access, start), limits)


SOURCE = Service(
    id="eric",
    name=SERVICE,
    platform="ERIC (API)",
    home="https://api.ies.ed.gov",
    searching=search,
    limits_language=True,
    counting=count,
    reading=read,
    rate=Rate(1, 1.0, at_once=1),
    keyed_rate=Rate(1, 1.0, at_once=1),
)
