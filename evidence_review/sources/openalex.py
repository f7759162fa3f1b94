"""OpenAlex (https://developers.openalex.org): works by cursor, abstracts inverted, a daily budget in dollars.

A 429 means either too many requests at once (seconds to wait) or a spent budget (hours): the two are told apart.
"""

from __future__ import annotations

import datetime
import json
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Pairs, Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.net.waits import asked_wait, budget_left
from evidence_review.sources import wrapped
from evidence_review.sources.base import Access, Charge, Got, Item, Page, Query, Service, Steps, made, paged, text_of
from evidence_review.sources.bodies import check_status, dicts, inner, json_of, message_in, need_count, need_list
from evidence_review.sources.fields import (
    csl_type,
    date_in,
    identifiers,
    narrowest,
    page_range,
    people,
    plain_line,
    written_name,
)

SERVICE = "OpenAlex"
PAGE = 100
# A burst is over in seconds; whoever is told to wait longer has spent the day's budget.
_BURST = 300.0
_STATUS = {"preprint": "preprint", "erratum": "erratum", "retraction": "retraction-notice"}


def read(reply: Reply) -> Page:
    """Read a page of works, or a single work."""
    if reply.status == 429:
        raise _too_many(reply)
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, dict) and "error" in data and "results" not in data:
        words = message_in(data)
        kind = "bad-request" if "invalid" in words.lower() or "not a valid" in words else "error-body"
        raise Failure(kind, f"{SERVICE} refuses the question: {words}")
    if wrapped.is_wrapped(data, "openalex"):
        return wrapped.page(data, SERVICE)
    if (
        isinstance(data, dict)
        and "results" not in data
        and str(data.get("id", "")).startswith("https://openalex.org/W")
    ):
        return Page(made([data], record))
    items = need_list(data, SERVICE, "results")
    meta = inner(data, "meta")
    hits = need_count(data, SERVICE, "meta", "count")
    return Page(
        made(items, record),
        hits=hits,
        next=text_of(meta.get("next_cursor")) if "next_cursor" in meta else _next_page(meta, hits),
        charge=_charge(meta.get("cost_usd"), reply),
    )


def _next_page(meta: dict[str, Any], hits: int) -> str:
    """Return the number of the next page of a reply that was asked for by pages, "" for the last."""
    page, size = meta.get("page"), meta.get("per_page")
    if not isinstance(page, int) or not isinstance(size, int) or page * size >= hits:
        return ""
    return str(page + 1)


def _charge(dollars: Any, reply: Reply) -> Charge | None:
    if not isinstance(dollars, (int, float)) or isinstance(dollars, bool):
        return None
    left = budget_left(reply.headers)[0] if "x-ratelimit-remaining-usd" in reply.headers else None
    return Charge(float(dollars), left)


def _too_many(reply: Reply) -> Failure:
    now = datetime.datetime.now(datetime.UTC)
    wait = asked_wait(reply.headers, now.timestamp())
    left, reset = budget_left(reply.headers)
    words = reply.head(1000).decode("utf-8", "replace").lower()
    spent = (left is not None and left <= 0) or "budget" in words or "credits" in words or "insufficient" in words
    if spent or (wait is not None and wait > _BURST):
        seconds = wait or reset or 0.0
        until = now + datetime.timedelta(seconds=seconds)
        again = f" until {until:%Y-%m-%d %H:%M} UTC" if seconds else ""
        words = f"{SERVICE}'s daily budget is spent{again}: run the command again then; what was fetched is kept."
        return Failure("budget", words, until=until if seconds else None)
    return Failure("rate-limit", f"{SERVICE} wants fewer requests in a second", wait=wait)


def record(work: dict[str, Any]) -> Item:
    """Return a work as a citation."""
    raw = json.dumps(work, ensure_ascii=False, separators=(",", ":"))
    native = text_of(work.get("id")).rsplit("/", 1)[-1]
    if not native:
        return Rejected(0, "a work without an id", raw[:2000])
    place = inner(work, "primary_location")
    shelf = inner(place, "source") or inner(work, "host_venue")
    biblio, ids = inner(work, "biblio"), inner(work, "ids")
    kind = text_of(work.get("type_crossref")) or text_of(work.get("type"))
    pages, number = page_range(text_of(biblio.get("first_page")), text_of(biblio.get("last_page")))
    names = [_author(item) for item in dicts(work.get("authorships"))]
    status = [_STATUS[word] for word in (text_of(work.get("type")),) if word in _STATUS]
    status += ["retracted"] if work.get("is_retracted") is True else []
    shelf_issn = shelf.get("issn")
    citation = Citation(
        type=csl_type(kind),
        title=plain_line(work.get("title") or work.get("display_name")),
        container=plain_line(shelf.get("display_name") or place.get("raw_source_name")),
        authors=people(names),
        authors_truncated=work.get("is_authors_truncated") is True,
        year=text.year(text_of(work.get("publication_year"))),
        date=date_in(work.get("publication_date")) or text_of(work.get("publication_year")),
        volume=text_of(biblio.get("volume")),
        issue=text_of(biblio.get("issue")),
        pages=pages,
        article_number=number,
        doi=text.doi(text_of(work.get("doi") or ids.get("doi"))),
        pmid=text.pmid(text_of(ids.get("pmid"))),
        pmcid=text.pmcid(text_of(ids.get("pmcid"))),
        other_ids=identifiers([("openalex", native), ("mag", ids.get("mag"))]),
        issn=text.issns(" ".join(map(str, shelf_issn)) if isinstance(shelf_issn, list) else text_of(shelf_issn)),
        abstract=abstract_in(work.get("abstract_inverted_index")),
        keywords=tuple(filter(None, (plain_line(item.get("display_name")) for item in dicts(work.get("keywords"))))),
        terms=_terms(work),
        language=text.language(text_of(work.get("language"))),
        publisher=plain_line(shelf.get("host_organization_name") or shelf.get("publisher")),
        urls=tuple(dict.fromkeys(filter(None, (text_of(place.get("landing_page_url")), text_of(work.get("id")))))),
        database=SERVICE,
        status=tuple(dict.fromkeys(status)),
    )
    return Parsed(citation, raw, native_id=native)


def _author(item: dict[str, Any]) -> Any:
    return written_name(item.get("raw_author_name") or inner(item, "author").get("display_name"))


def _terms(work: dict[str, Any]) -> tuple[str, ...]:
    found = []
    for item in dicts(work.get("mesh")):
        name = ("*" if item.get("is_major_topic") is True else "") + text_of(item.get("descriptor_name"))
        qualifier = text_of(item.get("qualifier_name"))
        found.append(f"{name}/{qualifier}" if qualifier else name)
    return tuple(dict.fromkeys(filter(None, found)))


def abstract_in(index: Any) -> str:
    """Return the abstract of an inverted index: word → its places."""
    if not isinstance(index, dict):
        return ""
    placed = [
        (place, word)
        for word, places in index.items()
        if isinstance(places, list)
        for place in places
        if isinstance(place, int)
    ]
    return plain_line(" ".join(word for _, word in sorted(placed)))


def secrets(access: Access) -> Pairs:
    """Return what identifies the user."""
    return tuple((name, value) for name, value in (("api_key", access.key), ("mailto", access.email)) if value)


def works(access: Access, chosen: str, cursor: str, size: int = PAGE, *, carries: bool = True) -> Request:
    """Return a request for a page of the works that a filter chooses."""
    values = (("filter", chosen), ("per_page", str(size)), ("cursor", cursor))
    return Request(access.base, "/works", values, secret_params=secrets(access), carries=carries)


def _filter(query: Query) -> str:
    beside = dict(query.parameters)
    begin, end = narrowest(
        (query.published_from, query.published_to),
        (beside.get("from_publication_date", ""), beside.get("to_publication_date", "")),
    )
    parts = [f"title_and_abstract.search.exact:{query.text}"] if query.text else []
    parts += [f"from_publication_date:{begin}"] if begin else []
    parts += [f"to_publication_date:{end}"] if end else []
    parts += [f"language:{'|'.join(query.languages)}"] if query.languages else []
    parts += [f"from_created_date:{query.added_since}"] if query.added_since else []
    return ",".join(parts)


def count(query: Query, access: Access) -> Request:
    """Return a request for the number of hits."""
    return works(access, _filter(query), "*", 1, carries=False)


def search(query: Query, access: Access) -> Steps:
    """Yield the pages of a search."""
    return by_cursor(access, _filter(query))


def by_cursor(access: Access, chosen: str) -> Steps:
    """Yield all pages of the works that a filter chooses."""
    cursors = {"*"}

    def follow(got: Got, _: int) -> Request | None:
        if not got.next or got.next in cursors:
            return None
        cursors.add(got.next)
        return works(access, chosen, got.next)

    return paged(works(access, chosen, "*"), follow)


SOURCE = Service(
    id="openalex",
    name=SERVICE,
    platform="OpenAlex (REST API)",
    home="https://api.openalex.org",
    searching=search,
    limits_language=True,
    page_size=PAGE,
    counting=count,
    reading=read,
    rate=Rate(5, 1.0, at_once=2),
    keyed_rate=Rate(10, 1.0, at_once=3),
)
