"""IEEE Xplore (https://developer.ieee.org/docs/read/Metadata_API_details): with a key, 200 records a page.

A key is good for some 200 requests a day. A page of one record comes without its list, so two are asked for.
"""

from __future__ import annotations

import json
import re
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources.base import Access, Item, Page, Query, Service, Steps, by_offset, made, next_place, text_of
from evidence_review.sources.bodies import check_status, dicts, inner, json_of, listed, message_in, need_count
from evidence_review.sources.fields import (
    abstract_of,
    date_in,
    identifiers,
    page_range,
    people,
    plain_line,
    words,
    written_name,
)

SERVICE = "IEEE Xplore"
PAGE = 200
_TYPES = {
    "conferences": "paper-conference", "conference publications": "paper-conference", "journals": "article-journal",
    "journals & magazines": "article-journal", "magazines": "article-magazine",
    "early access articles": "article-journal", "early access": "article-journal", "books": "book",
    "ebooks": "book", "courses": "document", "standards": "standard",
}  # fmt: skip


def read(reply: Reply) -> Page:
    """Read a page of articles."""
    said = reply.head(400).lower()
    if reply.status in (403, 429) and (b"over rate" in said or b"over qps" in said or b"quota" in said):
        if b"qps" in said:
            raise Failure("rate-limit", f"{SERVICE} wants fewer requests in a second")
        raise Failure("budget", f"{SERVICE}'s requests of the day are used up: run the command again tomorrow.")
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, dict) and "total_records" not in data and message_in(data):
        raise Failure("error-body", f"{SERVICE} reports an error: {message_in(data)}")
    hits = need_count(data, SERVICE, "total_records")
    articles = data.get("articles")
    if not isinstance(articles, list) and (hits or articles is not None):
        raise Failure("shape", f"{SERVICE}'s answer has no list 'articles' although it reports {hits:,} hits")
    start = _start(reply.request)
    found = listed(articles)
    return Page(made(found, record), hits=hits, next=next_place(start, len(found), hits))


def _start(address: str) -> int:
    """Return how many records lie before a page: the answer does not say it, its address does."""
    found = re.search(r"[?&]start_record=(\d{1,9})", address)
    return max(int(found[1]) - 1, 0) if found else 0


def record(entry: dict[str, Any]) -> Item:
    """Return an article as a citation."""
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    native = text_of(entry.get("article_number"))
    if not native:
        return Rejected(0, "an article without a number", raw[:2000])
    authors = sorted(dicts(inner(entry, "authors").get("authors")), key=_order)
    year = text.year(text_of(entry.get("publication_year")))
    terms = inner(entry, "index_terms")
    pages, number = page_range(text_of(entry.get("start_page")), text_of(entry.get("end_page")))
    isbns = [text_of(entry.get("isbn"))]
    isbns += [text_of(item.get("value")) for item in dicts(inner(entry, "isbn_formats").get("isbns"))]
    kind = text_of(entry.get("content_type"))
    place = plain_line(entry.get("conference_location"))
    days = plain_line(entry.get("conference_dates"))
    citation = Citation(
        type=_TYPES.get(kind.lower(), "document") if kind else "",
        title=plain_line(entry.get("title")),
        container=plain_line(entry.get("publication_title")),
        authors=people(written_name(item.get("full_name")) for item in authors),
        year=year,
        date=_date(text_of(entry.get("publication_date")), year),
        volume=text_of(entry.get("volume")),
        issue=text_of(entry.get("issue")),
        pages=pages,
        article_number=number,
        doi=text.doi(text_of(entry.get("doi"))),
        other_ids=identifiers([("ieee", native)]),
        issn=text.issns(text_of(entry.get("issn"))),
        isbn=text.isbns(" ".join(isbns)),
        abstract=abstract_of(entry.get("abstract")),
        keywords=words(inner(terms, "author_terms").get("terms") or []),
        terms=words(inner(terms, "ieee_terms").get("terms") or []),
        publisher=plain_line(entry.get("publisher")),
        place=place,
        urls=words([text_of(entry.get("html_url")) or text_of(entry.get("abstract_url"))]),
        database=SERVICE,
        notes=(f"Conference: {', '.join(filter(None, (place, days)))}",) if days else (),
    )
    return Parsed(citation, raw, native_id=native)


def _order(author: dict[str, Any]) -> int:
    place = author.get("author_order")
    return place if isinstance(place, int) else 1 << 30


def _date(written: str, year: int | None) -> str:
    """Return the ISO date, of a conference's `11-12 July 2018` the month; the year stands where the two disagree."""
    date = date_in(written) or text.date(written)
    if year is None:
        return date
    return date if date.startswith(str(year)) else str(year)


def _page(query: Query, access: Access, start: int, size: int = PAGE, *, carries: bool = True) -> Request:
    values = [
        ("querytext", query.text), ("format", "json"), ("max_records", str(size)), ("start_record", str(start + 1)),
        ("sort_field", "article_number"), ("sort_order", "asc"),
    ]  # fmt: skip
    beside = dict(query.parameters)
    begin = max(query.published_from[:4], beside.get("start_year", ""))
    end = min(filter(None, (query.published_to[:4], beside.get("end_year", ""))), default="")
    values += [("start_year", begin)] if begin else []
    values += [("end_year", end)] if end else []
    key = (("apikey", access.key),) if access.key else ()
    return Request(access.base, "/search/articles", tuple(values), secret_params=key, carries=carries)


def count(query: Query, access: Access) -> Request:
    """Return a request for the number of hits."""
    return _page(query, access, 0, 2, carries=False)


def search(query: Query, access: Access) -> Steps:
    """Yield the pages of a search. What was added since a date cannot be asked for: all is fetched again."""
    limits = ["publication dates by year"] if query.published_from or query.published_to else []
    limits += ["the date of addition cannot be asked for: everything was fetched again"] if query.added_since else []
    return by_offset(lambda start: _page(query, access, start), "; ".join(limits))


SOURCE = Service(
    id="ieee",
    name=SERVICE,
    platform="IEEE Xplore (Metadata API)",
    home="https://ieeexploreapi.ieee.org/api/v1",
    searching=search,
    counting=count,
    reading=read,
    rate=Rate(2, 1.0, at_once=1),
    keyed_rate=Rate(2, 1.0, at_once=1),
    needs_key=True,
)
