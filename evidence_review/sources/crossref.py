"""Crossref (https://github.com/CrossRef/rest-api-doc): everything with any of the words, ranked; no Boolean search.

So a search fetches the best-ranked records only, as many as `PLANNED`, and says so: it is a supplement.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from evidence_review import text
from evidence_review.model.record import Citation, Name, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources import wrapped
from evidence_review.sources.base import Access, Got, Item, Page, Query, Service, Steps, made, paged, text_of
from evidence_review.sources.bodies import (
    check_status,
    dicts,
    inner,
    json_of,
    message_in,
    need,
    need_count,
    need_list,
    own_words,
    xml_of,
)
from evidence_review.sources.fields import (
    abstract_of,
    csl_type,
    first,
    identifiers,
    iso_date,
    narrowest,
    page_range,
    people,
    person,
    plain_line,
    words,
    year_of,
)

SERVICE = "Crossref"
PAGE, PLANNED = 1000, 1000
_UPDATES = {"retraction": "retraction-notice", "erratum": "erratum", "correction": "erratum", "corrigendum": "erratum"}


def read(reply: Reply) -> Page:
    """Read a list of works, a single work, or a record in the service's XML."""
    if reply.status in (400, 404) and "cursor" in own_words(reply).lower():
        raise Failure("cursor-expired", f"{SERVICE} no longer takes the cursor: {own_words(reply)}")
    check_status(reply, SERVICE)
    if reply.head(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml"):
        return _xml(reply)
    data = json_of(reply, SERVICE)
    if wrapped.is_wrapped(data, "crossref"):
        return wrapped.page(data, SERVICE)
    if isinstance(data, dict) and data.get("status") not in ("ok", None):
        kind = "bad-request" if data.get("message-type") == "validation-failure" else "error-body"
        raise Failure(kind, f"{SERVICE} refuses the question: {message_in(data)}")
    message_kind = need(data, SERVICE, "message-type")
    if message_kind == "work":
        return Page(made([need(data, SERVICE, "message")], record))
    if message_kind != "work-list":
        raise Failure("unsupported", f"{SERVICE}'s answer is a '{message_kind}', which holds no works")
    message = inner(data, "message")
    query = inner(message, "query")
    return Page(
        made(need_list(data, SERVICE, "message", "items"), record),
        hits=need_count(data, SERVICE, "message", "total-results"),
        next=text_of(message.get("next-cursor")),
        understood=text_of(query.get("search-terms")),
    )


def record(work: dict[str, Any]) -> Item:
    """Return a work as a citation."""
    raw = json.dumps(work, ensure_ascii=False, separators=(",", ":"))
    doi = text.doi(text_of(work.get("DOI")))
    if not doi:
        return Rejected(0, "a work without a DOI", raw[:2000])
    date = _date(work)
    pages, number = page_range(text_of(work.get("page")))
    kind = text_of(work.get("subtype")) if work.get("subtype") == "preprint" else text_of(work.get("type"))
    status = ["preprint"] if kind in ("preprint", "posted-content") else []
    for update in dicts(work.get("update-to")):
        word = text_of(update.get("type")).lower()
        status.append(_UPDATES.get(word, "update"))
    status += ["retracted"] if any(text_of(item.get("type")).lower() == "retraction"
                                   for item in dicts(work.get("updated-by"))) else []  # fmt: skip
    title = plain_line(first(work.get("title")))
    subtitle = plain_line(first(work.get("subtitle")))
    citation = Citation(
        type=csl_type(kind),
        title=f"{title}: {subtitle}" if subtitle and subtitle.lower() not in title.lower() else title,
        title_original=plain_line(first(work.get("original-title"))),
        container=plain_line(first(work.get("container-title"))),
        container_abbrev=plain_line(first(work.get("short-container-title"))),
        authors=_names(work.get("author")),
        editors=_names(work.get("editor")),
        year=year_of(date),
        date=date,
        volume=text_of(work.get("volume")),
        issue=text_of(work.get("issue")),
        pages=pages,
        article_number=text_of(work.get("article-number")) or number,
        doi=doi,
        other_ids=identifiers([("alternative", item) for item in words(work.get("alternative-id") or [])]),
        issn=text.issns(" ".join(words(work.get("ISSN") or []))),
        isbn=text.isbns(" ".join(words(work.get("ISBN") or []))),
        abstract=abstract_of(work.get("abstract")),
        keywords=words(work.get("subject") or []),
        language=text.language(text_of(work.get("language"))),
        publisher=plain_line(work.get("publisher")),
        place=plain_line(work.get("publisher-location")),
        urls=(f"https://doi.org/{doi}",),
        database=SERVICE,
        status=tuple(dict.fromkeys(status)),
    )
    return Parsed(citation, raw, native_id=doi)


def _date(work: dict[str, Any]) -> str:
    """Return the publication date. `date-parts` is a list of lists that may hold null."""
    for name in ("issued", "published-print", "published-online", "published", "posted"):
        parts = inner(work, name).get("date-parts")
        if isinstance(parts, list) and parts and isinstance(parts[0], list):
            date = iso_date(*parts[0])
            if date:
                return date
    return ""


def _names(value: Any) -> tuple[Name, ...]:
    found = []
    for item in dicts(value):
        if item.get("name") and not item.get("family"):
            found.append(Name(literal=plain_line(item["name"])))
        else:
            found.append(person(item.get("family"), item.get("given"), item.get("suffix")))
    return people(found)


def _xml(reply: Reply) -> Page:
    root = xml_of(reply, SERVICE)
    query = next((node for node in root.iter() if node.tag.endswith("}query")), None)
    if query is None:
        raise Failure("shape", f"{SERVICE}'s XML holds no query result")
    if query.get("status") != "resolved":
        raise Failure("not-found", f"{SERVICE} does not know this DOI (status '{query.get('status', '')}')")
    return Page(_resolved(root, query))


def _resolved(root: Element, query: Element) -> Iterator[Item]:
    def at(name: str, among: Element = root) -> str:
        node = next((item for item in among.iter() if item.tag.endswith(f"}}{name}")), None)
        return "" if node is None else " ".join("".join(node.itertext()).split())

    dates = [node for node in root.iter() if node.tag.endswith("}publication_date")]
    date = next(filter(None, (iso_date(at("year", node), at("month", node), at("day", node)) for node in dates)), "")
    people_ = [node for node in root.iter() if node.tag.endswith("}person_name")]
    doi = text.doi(at("doi", query))
    pages, number = page_range(at("first_page"), at("last_page"))
    citation = Citation(
        type="article-journal" if at("journal_article") else "document",
        title=plain_line(at("title")),
        container=plain_line(at("full_title")),
        container_abbrev=at("abbrev_title"),
        authors=people(person(at("surname", node), at("given_name", node)) for node in people_),
        year=year_of(date),
        date=date,
        volume=at("volume"),
        issue=at("issue"),
        pages=pages,
        article_number=number,
        doi=doi,
        issn=text.issns(at("issn")),
        abstract=abstract_of(at("abstract")),
        database=SERVICE,
    )
    yield Parsed(citation, "", native_id=doi) if doi else Rejected(0, "a record without a DOI")


def _page(query: Query, access: Access, cursor: str, size: int = PAGE, *, carries: bool = True) -> Request:
    beside = dict(query.parameters)
    begin, end = narrowest(
        (query.published_from, query.published_to),
        (beside.get("from-pub-date", ""), beside.get("until-pub-date", "")),
    )
    chosen = [f"from-pub-date:{begin}"] if begin else []
    chosen += [f"until-pub-date:{end}"] if end else []
    chosen += [f"from-created-date:{query.added_since}"] if query.added_since else []
    values = [("query.bibliographic", query.text), ("rows", str(size)), ("cursor", cursor)]
    values += [("filter", ",".join(chosen))] if chosen else []
    mail = (("mailto", access.email),) if access.email else ()
    return Request(access.base, "/works", tuple(values), secret_params=mail, carries=carries)


def count(query: Query, access: Access) -> Request:
    """Return a request for the number of records with any of the words."""
    return _page(query, access, "*", 0, carries=False)


def search(query: Query, access: Access) -> Steps:
    """Yield the pages of the best-ranked records."""
    seen = {"*"}

    def follow(got: Got, _: int) -> Request | None:
        if not got.next or got.next in seen:
            return None
        seen.add(got.next)
        return _page(query, access, got.next)

    return paged(_page(query, access, "*"), follow, planned=PLANNED)


SOURCE = Service(
    id="crossref",
    name=SERVICE,
    platform="Crossref (REST API)",
    home="https://api.crossref.org",
    searching=search,
    counting=count,
    reading=read,
    rate=Rate(5, 1.0, at_once=1),
    keyed_rate=Rate(5, 1.0, at_once=1),
)
