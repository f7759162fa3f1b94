"""medRxiv and bioRxiv: searched through Europe PMC, which holds their preprints, or listed by their own API.

Their own API (https://api.biorxiv.org) knows no words: it gives all that was posted between two dates, each version by
itself. The size of a page is read from the reply: 100 was recorded, 30 elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources import europepmc
from evidence_review.sources.base import Access, Item, Page, Query, Service, Steps, by_offset, made, next_place, text_of
from evidence_review.sources.bodies import check_status, count_of, json_of, need_list
from evidence_review.sources.fields import abstract_of, date_in, identifiers, people, plain_line, written_name, year_of

_NAMES = {"medrxiv": "medRxiv", "biorxiv": "bioRxiv"}


def reader(server: str) -> Callable[[Reply], Page]:
    """Return the function that reads replies of `server`: its own, or those of Europe PMC."""

    def read(reply: Reply) -> Page:
        if b'"collection"' not in reply.head(100_000) and re.search(rb'"(hitCount|version)"', reply.head(400)):
            return europepmc.read(reply)
        return _own(reply, server)

    return read


def _own(reply: Reply, server: str) -> Page:
    service = _NAMES[server]
    check_status(reply, service)
    data = json_of(reply, service)
    messages = need_list(data, service, "messages")
    said = messages[0] if messages and isinstance(messages[0], dict) else {}
    status = text_of(said.get("status")).lower()
    if status == "no posts found":
        return Page(iter(()), hits=0)
    if status != "ok":
        raise Failure("error-body", f"{service} reports an error: {status or 'its answer has no status'}")
    total = count_of(text_of(said.get("total")))
    if total is None:
        raise Failure("shape", f"{service}'s answer does not say how many posts there are")
    items = need_list(data, service, "collection")
    following = next_place(said.get("cursor"), len(items), total)
    return Page(made(items, lambda entry: _record(entry, service)), hits=total, next=following)


def _record(entry: dict[str, Any], service: str) -> Item:
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    doi = text.doi(text_of(entry.get("doi")))
    if not doi:
        return Rejected(0, "a preprint without a DOI", raw[:2000])
    date = date_in(entry.get("date"))
    published = text.doi(text_of(entry.get("published")))
    version = text_of(entry.get("version"))
    citation = Citation(
        type="article",
        title=plain_line(entry.get("title")),
        container=service,
        authors=people(written_name(name) for name in text_of(entry.get("authors")).split(";")),
        year=year_of(date),
        date=date,
        doi=doi,
        other_ids=identifiers([("version", version), ("published-as", published)]),
        abstract=abstract_of(entry.get("abstract")),
        keywords=tuple(filter(None, (plain_line(entry.get("category")),))),
        urls=(f"https://www.{service.lower()}.org/content/{doi}v{version or '1'}",),
        publisher="Cold Spring Harbor Laboratory" if service == "bioRxiv" else "",
        database=service,
        status=("preprint",),
    )
    return Parsed(citation, raw, native_id=doi)


def _through_europepmc(server: str) -> Service:
    name = _NAMES[server]

    def within(query: Query) -> Query:
        return replace(query, text=f'({query.text}) AND (SRC:PPR) AND (PUBLISHER:"{name}")')

    return Service(
        id=server,
        name=name,
        platform=f"{name}, through Europe PMC",
        home=europepmc.SOURCE.home,
        searching=lambda query, access: europepmc.search(within(query), access),
        counting=lambda query, access: europepmc.count(within(query), access),
        reading=reader(server),
        rate=europepmc.SOURCE.rate,
        keyed_rate=europepmc.SOURCE.keyed_rate,
        target="europepmc",
    )


def _listing(server: str) -> Service:
    name = _NAMES[server]

    def page(query: Query, access: Access, start: int, *, carries: bool = True) -> Request:
        begin = query.added_since or query.published_from or "2013-11-01"
        path = f"/details/{server}/{begin}/{query.published_to or '2100-12-31'}/{start}/json"
        return Request(access.base, path, carries=carries)

    def search(query: Query, access: Access) -> Steps:
        limits = "everything posted between the dates: this API knows no words"
        return by_offset(lambda start: page(query, access, start), limits)

    return Service(
        id=f"{server}-api",
        name=f"{name} API",
        platform=f"{name} (own API, by date of posting)",
        home="https://api.biorxiv.org",
        searching=search,
        counting=lambda query, access: page(query, access, 0, carries=False),
        reading=reader(server),
        rate=Rate(1, 1.0, at_once=1),
        keyed_rate=Rate(1, 1.0, at_once=1),
        target="by-date",
    )


MEDRXIV, BIORXIV = _through_europepmc("medrxiv"), _through_europepmc("biorxiv")
MEDRXIV_API, BIORXIV_API = _listing("medrxiv"), _listing("biorxiv")
