"""Semantic Scholar (https://api.semanticscholar.org/api-docs/graph): bulk search by token, 1,000 a page.

Zero hits come without `data`; a `total` above zero without it is a failure. Without a key the shared pool mostly
answers 429, and never says for how long.
"""

from __future__ import annotations

import json
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources import wrapped
from evidence_review.sources.base import Access, Got, Item, Page, Query, Service, Steps, made, paged, text_of
from evidence_review.sources.bodies import check_status, dicts, inner, json_of, listed, message_in, need_count
from evidence_review.sources.fields import (
    abstract_of,
    csl_type,
    date_in,
    identifiers,
    narrowest,
    page_range,
    people,
    plain_line,
    written_name,
    year_of,
)

SERVICE = "Semantic Scholar"
# Beyond ten million records the bulk search ends.
CAP = 10_000_000
FIELDS = (
    "paperId,externalIds,url,title,abstract,authors,venue,publicationVenue,journal,year,publicationDate,"
    "publicationTypes"
)


def read(reply: Reply) -> Page:
    """Read a page of papers, a list of references or citations, or a single paper."""
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, list):
        return Page(made([item for item in data if item is not None], record))
    if wrapped.is_wrapped(data, "semantic_scholar", "semanticscholar"):
        return wrapped.page(data, SERVICE)
    if isinstance(data, dict) and "error" in data:
        kind = "not-found" if "not found" in str(data["error"]).lower() else "bad-request"
        raise Failure(kind, f"{SERVICE} refuses the question: {message_in(data)}")
    if isinstance(data, dict) and "message" in data and "data" not in data:
        kind = "rate-limit" if str(data.get("code")) == "429" else "error-body"
        raise Failure(kind, f"{SERVICE} reports an error: {message_in(data)}")
    if isinstance(data, dict) and isinstance(data.get("recommendedPapers"), list):
        return Page(made(data["recommendedPapers"], record))
    if isinstance(data, dict) and "paperId" in data:
        return Page(made([data], record))
    return _list(data)


def _list(data: Any) -> Page:
    hits = need_count(data, SERVICE, "total") if isinstance(data, dict) and "total" in data else None
    items = data.get("data") if isinstance(data, dict) else None
    if items is None and hits == 0:
        items = []
    if not isinstance(items, list):
        raise Failure(
            "shape", f"{SERVICE}'s answer lacks 'data'" + (f" although it reports {hits:,} hits" if hits else "")
        )
    return Page(made(items, record), hits=hits, next=text_of(data.get("token")) or text_of(data.get("next")))


def record(entry: dict[str, Any]) -> Item:
    """Return a paper as a citation; an entry of a reference list holds it under another name."""
    paper = inner(entry, "citedPaper") or inner(entry, "citingPaper") or entry
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    native = text_of(paper.get("paperId"))
    title = plain_line(paper.get("title"))
    if not native and not title:
        return Rejected(0, "a paper without id and title", raw[:2000])
    ids, journal = inner(paper, "externalIds"), inner(paper, "journal")
    kinds = [text_of(kind) for kind in listed(paper.get("publicationTypes"))]
    date = date_in(paper.get("publicationDate")) or text_of(paper.get("year"))
    pages, number = page_range(text_of(journal.get("pages")).replace(" ", ""))
    shelf = inner(paper, "publicationVenue")
    citation = Citation(
        type=next((found for found in map(csl_type, kinds) if found and found != "document"), ""),
        title=title,
        container=plain_line(journal.get("name") or paper.get("venue") or shelf.get("name")),
        authors=people(written_name(item.get("name")) for item in dicts(paper.get("authors"))),
        year=text.year(text_of(paper.get("year"))) or year_of(date),
        date=date,
        volume=text_of(journal.get("volume")).strip(),
        pages=pages,
        article_number=number,
        doi=text.doi(text_of(ids.get("DOI"))),
        pmid=text.pmid(text_of(ids.get("PubMed"))),
        pmcid=text.pmcid(f"PMC{ids['PubMedCentral']}") if ids.get("PubMedCentral") else "",
        other_ids=identifiers(
            [
                ("semanticscholar", native),
                ("arxiv", ids.get("ArXiv")),
                ("mag", ids.get("MAG")),
                ("dblp", ids.get("DBLP")),
            ]
        ),
        issn=text.issns(text_of(shelf.get("issn"))),
        abstract=abstract_of(paper.get("abstract")),
        urls=tuple(filter(None, (text_of(paper.get("url")),))),
        database=SERVICE,
        status=("preprint",) if journal.get("name") in ("medRxiv", "bioRxiv", "ArXiv") else (),
    )
    return Parsed(citation, raw, native_id=native)


def _ends(span: str) -> tuple[str, str]:
    begin, _, end = span.partition(":")
    return begin, end


def _page(query: Query, access: Access, token: str = "", *, fields: str = FIELDS, carries: bool = True) -> Request:
    values = [("query", query.text), ("fields", fields)]
    spans = [value.replace("-", ":", 1) if name == "year" else value for name, value in query.parameters]
    begin, end = narrowest((query.published_from, query.published_to), *(_ends(span) for span in spans))
    if begin or end:
        values.append(("publicationDateOrYear", f"{begin}:{end}"))
    if token:
        values.append(("token", token))
    key = (("x-api-key", access.key),) if access.key else ()
    return Request(access.base, "/paper/search/bulk", tuple(values), secret_headers=key, carries=carries)


def count(query: Query, access: Access) -> Request:
    """Return a request for the number of hits; the service always sends a page with it."""
    return _page(query, access, fields="paperId", carries=False)


def search(query: Query, access: Access) -> Steps:
    """Yield the pages of a bulk search. What was added since a date cannot be asked for: all is fetched again."""

    def follow(got: Got, _: int) -> Request | None:
        return _page(query, access, got.next) if got.next else None

    limits = "the date of addition cannot be asked for: everything was fetched again" if query.added_since else ""
    return paged(_page(query, access), follow, limits, cap=CAP)


SOURCE = Service(
    id="semanticscholar",
    name=SERVICE,
    platform="Semantic Scholar (Academic Graph API, bulk search)",
    home="https://api.semanticscholar.org/graph/v1",
    searching=search,
    counting=count,
    reading=read,
    rate=Rate(1, 1.0, at_once=1),
    keyed_rate=Rate(1, 1.0, at_once=1),
)
