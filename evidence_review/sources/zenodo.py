"""Zenodo (https://developers.zenodo.org): replies of its search, one record or a page of them."""

from __future__ import annotations

import json
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Reply
from evidence_review.sources.base import Item, Page, Reader, made, text_of
from evidence_review.sources.bodies import check_status, dicts, inner, json_of, need_count, need_list
from evidence_review.sources.fields import (
    abstract_of,
    csl_type,
    date_in,
    identifiers,
    page_range,
    people,
    plain_line,
    words,
    written_name,
    year_of,
)

SERVICE = "Zenodo"


def read(reply: Reply) -> Page:
    """Read a page of records, or a single one."""
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, dict) and "metadata" in data and "hits" not in data:
        return Page(made([data], _record))
    return Page(
        made(need_list(data, SERVICE, "hits", "hits"), _record),
        hits=need_count(data, SERVICE, "hits", "total"),
        next=text_of(inner(data, "links").get("next")),
    )


def _record(entry: dict[str, Any]) -> Item:
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    native = text_of(entry.get("id")) or text_of(entry.get("recid"))
    if not native:
        return Rejected(0, "a record without an id", raw[:2000])
    facts = inner(entry, "metadata")
    journal, kind = inner(facts, "journal"), inner(facts, "resource_type")
    date = date_in(facts.get("publication_date"))
    start, _, end = text_of(journal.get("pages")).partition("-")
    pages, number = page_range(start, end)
    sort = text_of(kind.get("subtype")) or text_of(kind.get("type"))
    citation = Citation(
        type=csl_type(sort) or "document",
        title=plain_line(facts.get("title") or entry.get("title")),
        container=plain_line(journal.get("title")),
        authors=people(written_name(item.get("name")) for item in dicts(facts.get("creators"))),
        year=year_of(date),
        date=date,
        volume=text_of(journal.get("volume")),
        issue=text_of(journal.get("issue")),
        pages=pages,
        article_number=number,
        doi=text.doi(text_of(entry.get("doi") or facts.get("doi"))),
        other_ids=identifiers([("zenodo", native)]),
        abstract=abstract_of(facts.get("description")),
        keywords=words(facts.get("keywords") or []),
        language=text.language(text_of(facts.get("language"))),
        publisher=SERVICE,
        urls=words([text_of(entry.get("doi_url")), f"https://zenodo.org/records/{native}"]),
        database=SERVICE,
        status=("preprint",) if sort == "preprint" else (),
    )
    return Parsed(citation, raw, native_id=native)


READER = Reader("zenodo", SERVICE, read)
