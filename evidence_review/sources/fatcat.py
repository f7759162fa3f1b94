"""Fatcat (https://guide.fatcat.wiki/search_api.html): releases as its search index answers them."""

from __future__ import annotations

import json
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Reply
from evidence_review.net.failures import Failure
from evidence_review.sources.base import Item, Page, Reader, made, text_of
from evidence_review.sources.bodies import check_status, inner, json_of, listed, message_in, need, need_count, need_list
from evidence_review.sources.fields import csl_type, date_in, identifiers, people, plain_line, written_name, year_of

SERVICE = "Fatcat"


def read(reply: Reply) -> Page:
    """Read a page of releases. The total is a number, or an object with one, as the index's version has it."""
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, dict) and "error" in data:
        raise Failure("bad-request", f"{SERVICE} refuses the question: {message_in(data)}")
    if isinstance(data, dict) and data.get("timed_out") is True:
        raise Failure("timeout", f"{SERVICE} ran out of time and answers in part")
    total = need(data, SERVICE, "hits", "total")
    path = ("hits", "total", "value") if isinstance(total, dict) else ("hits", "total")
    return Page(made(need_list(data, SERVICE, "hits", "hits"), _record), hits=need_count(data, SERVICE, *path))


def _record(entry: dict[str, Any]) -> Item:
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    facts = inner(entry, "_source") or entry
    doi = text.doi(text_of(facts.get("doi")))
    native = text_of(facts.get("ident")) or text_of(entry.get("_id")) or doi
    if not native:
        return Rejected(0, "a release without an id", raw[:2000])
    date = date_in(facts.get("release_date")) or date_in(facts.get("release_year"))
    citation = Citation(
        type=csl_type(facts.get("release_type")),
        title=plain_line(facts.get("title")),
        title_original=plain_line(facts.get("original_title")),
        container=plain_line(facts.get("container_name")),
        authors=people(written_name(name) for name in listed(facts.get("contrib_names"))),
        year=text.year(text_of(facts.get("release_year"))) or year_of(date),
        date=date,
        volume=text_of(facts.get("volume")),
        issue=text_of(facts.get("issue")),
        pages=text_of(facts.get("pages")),
        doi=doi,
        pmid=text.pmid(text_of(facts.get("pmid"))),
        pmcid=text.pmcid(text_of(facts.get("pmcid"))),
        other_ids=identifiers([("fatcat", native if native != doi else ""), ("arxiv", text_of(facts.get("arxiv_id")))]),
        issn=text.issns(text_of(facts.get("container_issnl"))),
        language=text.language(text_of(facts.get("language"))),
        publisher=plain_line(facts.get("publisher")),
        database=SERVICE,
    )
    return Parsed(citation, raw, native_id=native)


READER = Reader("fatcat", SERVICE, read)
