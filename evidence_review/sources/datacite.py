"""DataCite (https://support.datacite.org/docs/api): DOIs of data, software, theses and grey literature, by cursor."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from evidence_review import text
from evidence_review.model.record import Citation, Name, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources.base import Access, Got, Item, Page, Query, Service, Steps, made, paged, text_of
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
    words,
    written_name,
    year_of,
)

SERVICE = "DataCite"
PAGE = 500
_CURSOR = "page[cursor]"


def read(reply: Reply) -> Page:
    """Read a page of DOIs, or a single one."""
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, dict) and "errors" in data and "data" not in data:
        raise Failure("bad-request", f"{SERVICE} refuses the question: {message_in(data)}")
    if isinstance(data, dict) and isinstance(data.get("data"), dict):
        return Page(made([data["data"]], record))
    if isinstance(data, dict) and "attributes" in data:
        return Page(made([data], record))
    items = need_list(data, SERVICE, "data")
    return Page(
        made(items, record),
        hits=need_count(data, SERVICE, "meta", "total"),
        next=_following(text_of(inner(data, "links").get("next"))),
    )


def _following(address: str) -> str:
    """Return the cursor in the address of the next page, or its number where pages were asked for by number."""
    values = parse_qs(address.partition("?")[2])
    return next(iter(values.get(_CURSOR, values.get("page[number]", []))), "")


def record(entry: dict[str, Any]) -> Item:
    """Return a DOI's metadata as a citation."""
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    facts = inner(entry, "attributes")
    doi = text.doi(text_of(facts.get("doi")) or text_of(entry.get("id")))
    if not doi:
        return Rejected(0, "an entry without a DOI", raw[:2000])
    titles = [item for item in dicts(facts.get("titles")) if item.get("title")]
    main = next((item for item in titles if not item.get("titleType")), titles[0] if titles else {})
    original = next((item for item in titles if item.get("titleType") == "TranslatedTitle"), {})
    types, shelf = inner(facts, "types"), inner(facts, "container")
    date = _date(facts)
    pages, number = page_range(text_of(shelf.get("firstPage")), text_of(shelf.get("lastPage")))
    related = [text_of(item.get("relatedIdentifier")) for item in dicts(facts.get("relatedIdentifiers"))
               if item.get("relatedIdentifierType") == "ISSN"]  # fmt: skip
    abstracts = [text_of(item.get("description")) for item in dicts(facts.get("descriptions"))
                 if item.get("descriptionType") in ("Abstract", None)]  # fmt: skip
    publisher = facts.get("publisher")
    citation = Citation(
        type=text_of(types.get("citeproc")) or csl_type(types.get("resourceTypeGeneral")),
        title=plain_line(main.get("title")),
        title_original=plain_line(original.get("title")) if original is not main else "",
        container=plain_line(shelf.get("title")),
        authors=people(_name(item) for item in dicts(facts.get("creators"))),
        editors=people(
            _name(item) for item in dicts(facts.get("contributors")) if item.get("contributorType") == "Editor"
        ),
        year=text.year(text_of(facts.get("publicationYear"))) or year_of(date),
        date=date,
        volume=text_of(shelf.get("volume")),
        issue=text_of(shelf.get("issue")),
        pages=pages,
        article_number=number,
        doi=doi,
        other_ids=identifiers([("client", inner(entry, "relationships", "client", "data").get("id"))]),
        issn=text.issns(" ".join(related)),
        abstract=abstract_of("\n".join(abstracts)),
        keywords=words([text_of(item.get("subject")) for item in dicts(facts.get("subjects"))]),
        language=text.language(text_of(facts.get("language"))),
        publisher=plain_line(inner(facts, "publisher").get("name") if isinstance(publisher, dict) else publisher),
        urls=tuple(filter(None, (text_of(facts.get("url")), f"https://doi.org/{doi}"))),
        database=SERVICE,
        status=("preprint",) if types.get("resourceTypeGeneral") == "Preprint" else (),
    )
    return Parsed(citation, raw, native_id=doi)


def _date(facts: dict[str, Any]) -> str:
    """Return the date of issue, else the year of publication."""
    year = text_of(facts.get("publicationYear"))
    for item in dicts(facts.get("dates")):
        date = date_in(item.get("date")) if item.get("dateType") == "Issued" else ""
        if date and (not year or date.startswith(year)):
            return date
    return date_in(year)


def _name(item: dict[str, Any]) -> Name:
    if item.get("familyName"):
        return person(item.get("familyName"), item.get("givenName"))
    if item.get("nameType") == "Organizational":
        return Name(literal=plain_line(item.get("name")))
    return written_name(item.get("name"))


def _page(query: Query, access: Access, cursor: str, size: int = PAGE, *, carries: bool = True) -> Request:
    chosen = query.text
    if query.published_from or query.published_to:
        begin, end = query.published_from[:4] or "*", query.published_to[:4] or "*"
        chosen = f"({chosen}) AND publicationYear:[{begin} TO {end}]"
    if query.added_since:
        chosen = f"({chosen}) AND created:[{query.added_since} TO *]"
    values = (("query", chosen), ("page[size]", str(size)), (_CURSOR, cursor))
    mail = (("mailto", access.email),) if access.email else ()
    return Request(access.base, "/dois", values, secret_params=mail, carries=carries)


def count(query: Query, access: Access) -> Request:
    """Return a request for the number of hits."""
    return _page(query, access, "1", 0, carries=False)


def search(query: Query, access: Access) -> Steps:
    """Yield the pages of a search."""
    seen = {"1"}

    def follow(got: Got, _: int) -> Request | None:
        if not got.next or got.next in seen:
            return None
        seen.add(got.next)
        return _page(query, access, got.next)

    limits = "publication dates by year" if query.published_from or query.published_to else ""
    return paged(_page(query, access, "1"), follow, limits)


SOURCE = Service(
    id="datacite",
    name=SERVICE,
    platform="DataCite (REST API)",
    home="https://api.datacite.org",
    searching=search,
    counting=count,
    reading=read,
    rate=Rate(3, 1.0, at_once=2),
    keyed_rate=Rate(3, 1.0, at_once=2),
)
