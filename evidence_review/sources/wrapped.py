"""Single records in the flat form that enrichment tools store: {"source": …, "title": …, "authors": […], …}.

Such files lie in people's folders beside raw replies; they are read so that nothing has to be fetched twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Name, Parsed, Rejected
from evidence_review.net.failures import Failure
from evidence_review.sources.base import Item, Page, text_of
from evidence_review.sources.bodies import inner, listed
from evidence_review.sources.fields import (
    abstract_of,
    csl_type,
    date_in,
    first,
    identifiers,
    page_range,
    people,
    person,
    plain_line,
    written_name,
    year_of,
)


def is_wrapped(data: Any, *names: str) -> bool:
    """Whether a reply is such a record of one of these sources."""
    return isinstance(data, dict) and isinstance(data.get("source"), str) and data["source"] in names


def page(data: dict[str, Any], service: str) -> Page:
    """Return the record as a page; one without a title means that the service does not know the document."""
    if not plain_line(data.get("title")):
        raise Failure("not-found", f"{service} does not know this document: the stored answer has no title")
    return Page(_records(data, service))


def _records(data: dict[str, Any], service: str) -> Iterator[Item]:
    ids = inner(data, "ids") or inner(data, "external_ids")
    biblio, venue = inner(data, "biblio"), data.get("venue")
    journal = data.get("journal")
    place = plain_line(inner(data, "venue").get("display_name") or inner(data, "journal").get("name"))
    place = place or (plain_line(journal) if isinstance(journal, str) else "") or plain_line(venue)
    date = date_in(data.get("publication_date"))
    pages, number = page_range(
        text_of(data.get("page")) or text_of(biblio.get("first_page")), text_of(biblio.get("last_page"))
    )
    issn = data.get("issn") or inner(data, "venue").get("issn") or []
    index = data.get("abstract_inverted_index")
    native = first([text_of(data.get(name)) for name in ("openalex_id", "s2_paper_id", "doi")]) or text_of(
        data["title"]
    )
    citation = Citation(
        type=csl_type(data.get("type")) or "document",
        title=plain_line(data.get("title")),
        container=place,
        authors=people(_name(item) for item in listed(data.get("authors"))),
        year=text.year(text_of(data.get("publication_year")) or text_of(data.get("year"))) or year_of(date),
        date=date,
        volume=text_of(data.get("volume") or biblio.get("volume") or inner(data, "journal").get("volume")),
        issue=text_of(data.get("issue") or biblio.get("issue")),
        pages=pages,
        article_number=number,
        doi=text.doi(text_of(data.get("doi") or ids.get("doi") or ids.get("DOI"))),
        pmid=text.pmid(text_of(ids.get("pmid") or ids.get("PubMed"))),
        pmcid=text.pmcid(text_of(ids.get("pmcid") or ids.get("PubMedCentral"))),
        other_ids=identifiers([("openalex", text_of(data.get("openalex_id")).rsplit("/", 1)[-1])]),
        issn=text.issns(" ".join(map(str, issn))) if isinstance(issn, list) else (),
        abstract=abstract_of(data.get("abstract")) if not index else _inverted(index),
        publisher=plain_line(data.get("publisher")),
        database=service,
    )
    raw = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    yield Parsed(citation, raw, native_id=native) if native else Rejected(0, "a record without id or title", raw[:2000])


def _inverted(index: Any) -> str:
    entries = index.items() if isinstance(index, dict) else ()
    places = [(place, word) for word, found in entries for place in listed(found) if isinstance(place, int)]
    return plain_line(" ".join(word for _, word in sorted(places)))


def _name(item: Any) -> Name:
    if isinstance(item, str):
        return written_name(item)
    parts = item if isinstance(item, dict) else {}
    if parts.get("family"):
        return person(parts.get("family"), parts.get("given"))
    return written_name(first([text_of(parts.get(name)) for name in ("display_name", "name", "raw_name", "full_name")]))
