"""DOAJ, version 4 (https://doaj.org/api/v4/docs): articles page by page, the query standing in the path."""

from __future__ import annotations

import datetime
import json
from typing import Any
from urllib.parse import quote

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources.base import Access, Item, Page, Query, Service, Steps, made, text_of
from evidence_review.sources.bodies import check_status, dicts, inner, json_of, message_in, need_count, need_list
from evidence_review.sources.fields import (
    abstract_of,
    first,
    identifiers,
    iso_date,
    page_range,
    people,
    plain_line,
    words,
    written_name,
)
from evidence_review.sources.slices import Axis, sliced

SERVICE = "DOAJ"
# Beyond the first thousand, DOAJ refuses to page on (400: "You cannot access results beyond …").
PAGE, CAP = 100, 1000


def read(reply: Reply) -> Page:
    """Read a page of articles, or a single article."""
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, dict) and "bibjson" in data:
        return Page(made([data], record))
    if isinstance(data, dict) and "results" not in data and ("error" in data or "status" in data):
        raise Failure("bad-request", f"{SERVICE} refuses the question: {message_in(data)}")
    return Page(
        made(need_list(data, SERVICE, "results"), record),
        hits=need_count(data, SERVICE, "total"),
        next=text_of(data.get("next")),
        understood=text_of(data.get("query")),
    )


def record(entry: dict[str, Any]) -> Item:
    """Return an article as a citation."""
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    native, paper = text_of(entry.get("id")), inner(entry, "bibjson")
    if not native or not paper:
        return Rejected(0, "an article without id or content", raw[:2000])
    journal = inner(paper, "journal")
    ids = {text_of(item.get("type")): text_of(item.get("id")) for item in dicts(paper.get("identifier"))}
    year = text.year(text_of(paper.get("year")))
    pages, number = page_range(text_of(paper.get("start_page")), text_of(paper.get("end_page")))
    issn = " ".join([*words(journal.get("issns") or []), ids.get("eissn", ""), ids.get("pissn", "")])
    citation = Citation(
        type="article-journal",
        title=plain_line(paper.get("title")),
        container=plain_line(journal.get("title")),
        authors=people(written_name(item.get("name")) for item in dicts(paper.get("author"))),
        year=year,
        date=iso_date(year, paper.get("month")) if year else "",
        volume=text_of(journal.get("volume")),
        issue=text_of(journal.get("number")),
        pages=pages,
        article_number=number,
        doi=text.doi(ids.get("doi", "")),
        other_ids=identifiers([("doaj", native)]),
        issn=text.issns(issn),
        abstract=abstract_of(paper.get("abstract")),
        keywords=words(paper.get("keywords") or []),
        terms=words([text_of(item.get("term")) for item in dicts(paper.get("subject"))]),
        language=text.language(first(journal.get("language"))),
        publisher=plain_line(journal.get("publisher")),
        urls=words([text_of(item.get("url")) for item in dicts(paper.get("link"))]),
        database=SERVICE,
    )
    return Parsed(citation, raw, native_id=native)


def _days(first: int, last: int) -> str:
    return f"created_date:[{datetime.date.fromordinal(first)} TO {datetime.date.fromordinal(last)}]"


_YEARS = Axis(
    "year",
    1000,
    2999,
    lambda first, last: f"bibjson.year:[{first} TO {last}]",
    without="NOT _exists_:bibjson.year",
)
_DAYS = Axis("day of entry", datetime.date(2003, 1, 1).toordinal(), datetime.date(2100, 12, 31).toordinal(), _days)


def _query(query: Query) -> str:
    # An open end may not be written as a star: DOAJ refuses every query that has one outside quotes.
    chosen = query.text
    if query.published_from or query.published_to:
        begin, end = query.published_from[:4] or "1000", query.published_to[:4] or "2999"
        chosen = f"({chosen}) AND bibjson.year:[{begin} TO {end}]"
    if query.added_since:
        chosen = f"({chosen}) AND created_date:[{query.added_since} TO 2999-12-31]"
    return chosen


def _page(chosen: str, access: Access, start: int, size: int = PAGE, *, carries: bool = True) -> Request:
    values = (("page", str(-(-start // PAGE) + 1)), ("pageSize", str(size)))
    return Request(access.base, f"/search/articles/{quote(chosen, safe='')}", values, carries=carries)


def count(query: Query, access: Access) -> Request:
    """Return a request for the number of hits."""
    return _page(_query(query), access, 0, 1, carries=False)


def search(query: Query, access: Access) -> Steps:
    """Yield the pages of a search, by year and then by day of entry where one query would give only part."""
    limits = "publication dates by year" if query.published_from or query.published_to else ""

    def page(chosen: str, start: int, size: int) -> Request:
        return _page(chosen, access, start, size)

    return sliced(_query(query), (_YEARS, _DAYS), (CAP, PAGE), page, limits)


SOURCE = Service(
    id="doaj",
    name=SERVICE,
    platform="Directory of Open Access Journals (API v4)",
    home="https://doaj.org/api/v4",
    searching=search,
    counting=count,
    reading=read,
    rate=Rate(2, 1.0, at_once=1),
    keyed_rate=Rate(2, 1.0, at_once=1),
)
