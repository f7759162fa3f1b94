"""CORE, version 3 (https://api.core.ac.uk/docs/v3): works of repositories, 100 a page; more brings a 504.

Replies of version 2 are read, too.
"""

from __future__ import annotations

import json
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources.base import Access, Item, Page, Query, Service, Steps, made, next_place, text_of
from evidence_review.sources.bodies import (
    check_status,
    dicts,
    inner,
    json_of,
    listed,
    message_in,
    need_count,
    need_list,
)
from evidence_review.sources.fields import (
    abstract_of,
    csl_type,
    date_in,
    first,
    identifiers,
    people,
    plain_line,
    words,
    written_name,
    year_of,
)
from evidence_review.sources.slices import Axis, sliced

SERVICE = "CORE"
PAGE, CAP = 100, 10_000


def read(reply: Reply) -> Page:
    """Read a page of works, or a single one."""
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, list) and len(data) == 1:
        # Version 2 answers a batch of queries with a list of results.
        data = data[0]
    if isinstance(data, dict) and "status" in data and ("data" in data or "totalHits" in data):
        return _version_2(data)
    if isinstance(data, dict) and "results" not in data:
        if data.get("id") and data.get("title"):
            return Page(made([data], record))
        if message_in(data):
            raise Failure("error-body", f"{SERVICE} reports an error: {message_in(data)}")
    results = need_list(data, SERVICE, "results")
    hits = need_count(data, SERVICE, "totalHits")
    return Page(made(results, record), hits=hits, next=next_place(data.get("offset"), len(results), hits))


def _version_2(data: dict[str, Any]) -> Page:
    status, found = data.get("status"), data.get("data")
    if status == "Not found" and not found:
        return Page(iter(()), hits=need_count(data, SERVICE, "totalHits") if "totalHits" in data else 0)
    if status != "OK":
        raise Failure("error-body", f"{SERVICE} reports an error: {status}")
    if isinstance(found, dict):
        return Page(made([found], record))
    return Page(made(need_list(data, SERVICE, "data"), record), hits=need_count(data, SERVICE, "totalHits"))


def record(entry: dict[str, Any]) -> Item:
    """Return a work as a citation."""
    work = inner(entry, "_source") or entry
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    native = text_of(work.get("id"))
    if not native:
        return Rejected(0, "a work without an id", raw[:2000])
    authors = [
        item if isinstance(item, str) else text_of(inner({"a": item}, "a").get("name"))
        for item in listed(work.get("authors"))
    ]
    journal = next((plain_line(item.get("title")) for item in dicts(work.get("journals"))), "")
    date = date_in(work.get("publishedDate") or work.get("datePublished"))
    year = text.year(text_of(work.get("yearPublished")) or text_of(work.get("year"))) or year_of(date)
    links = [text_of(item.get("url")) for item in dicts(work.get("links"))]
    ids = [
        text_of(item.get("identifier")) if isinstance(item, dict) else text_of(item)
        for item in listed(work.get("identifiers"))
    ]
    doi = text.doi(text_of(work.get("doi"))) or text.doi(" ".join(name for name in ids if name.startswith("10.")))
    issn = [code for item in dicts(work.get("journals")) for code in listed(item.get("identifiers"))]
    kind = text_of(work.get("documentType"))
    citation = Citation(
        type=csl_type(kind) if kind.lower() not in ("", "unknown") else "document",
        title=plain_line(work.get("title")),
        container=journal,
        authors=people(written_name(name) for name in authors),
        year=year,
        date=date or (str(year) if year else ""),
        doi=doi,
        pmid=text.pmid(text_of(work.get("pubmedId"))),
        other_ids=identifiers([("core", native), ("arxiv", work.get("arxivId")), ("oai", first(work.get("oaiIds")))]),
        issn=text.issns(" ".join(map(str, issn))),
        abstract=abstract_of(work.get("abstract") or work.get("description")),
        keywords=words(work.get("topics") or []),
        language=text.language(text_of(inner(work, "language").get("code"))),
        publisher=plain_line(work.get("publisher")).strip("'"),
        urls=words([*links, text_of(work.get("downloadUrl"))]),
        database=SERVICE,
    )
    return Parsed(citation, raw, native_id=native)


_YEARS = Axis(
    "year",
    1400,
    2100,
    lambda first, last: f"(yearPublished>={first} AND yearPublished<={last})",
    without="NOT _exists_:yearPublished",
)


def _query(query: Query) -> str:
    chosen = query.text
    if query.published_from:
        chosen = f"({chosen}) AND yearPublished>={query.published_from[:4]}"
    if query.published_to:
        chosen = f"({chosen}) AND yearPublished<={query.published_to[:4]}"
    if query.added_since:
        chosen = f"({chosen}) AND createdDate>={query.added_since}"
    return chosen


def _page(chosen: str, access: Access, start: int, size: int = PAGE, *, carries: bool = True) -> Request:
    values = (("q", chosen), ("limit", str(size)), ("offset", str(start)))
    key = (("Authorization", f"Bearer {access.key}"),) if access.key else ()
    return Request(access.base, "/search/works", values, secret_headers=key, carries=carries)


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
    id="core",
    name=SERVICE,
    platform="CORE (API v3)",
    home="https://api.core.ac.uk/v3",
    searching=search,
    counting=count,
    reading=read,
    rate=Rate(10, 60.0, at_once=1),
    keyed_rate=Rate(25, 60.0, at_once=1),
    needs_key=True,
)
