"""OpenCitations (https://api.opencitations.net): who cites whom, and what its Meta knows of a document.

Lists of citations hold identifiers alone: each becomes a record of the document at the far end, to be completed from
elsewhere. Replies of the old COCI index (plain DOIs) and of the index v2 (`omid:… doi:… pmid:…`) are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Name, Parsed, Rejected
from evidence_review.net.exchange import Reply
from evidence_review.net.failures import Failure
from evidence_review.sources.base import Item, Page, Reader, made, text_of
from evidence_review.sources.bodies import check_status, dicts, inner, json_of, message_in, need_list
from evidence_review.sources.fields import (
    csl_type,
    date_in,
    identifiers,
    page_range,
    people,
    plain_line,
    written_name,
    year_of,
)

SERVICE = "OpenCitations"
_IN_BRACKETS = re.compile(r"\s*\[[^\]]*\]")


def read(reply: Reply) -> Page:
    """Read a list of citations, of metadata, or a SPARQL result about identifiers."""
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, dict) and "head" in data:
        rows = [
            {name: text_of(inner(row, name).get("value")) for name in row}
            for row in dicts(need_list(data, SERVICE, "results", "bindings"))
        ]
        return Page(made(rows, _identified), hits=len(rows))
    if not isinstance(data, list):
        raise Failure("shape", f"{SERVICE}'s answer is no list. {message_in(data)}".strip())
    entries = dicts(data)
    if entries and any("citing" in entry or "cited" in entry for entry in entries):
        return Page(_ends(data, reply.request), hits=len(data), links=_links(entries))
    return Page(made(data, described), hits=len(data))


def _links(entries: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return citing DOI → the DOIs it cites."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        found.setdefault(text.doi(text_of(entry.get("citing"))), []).append(text.doi(text_of(entry.get("cited"))))
    return {citing: tuple(filter(None, cited)) for citing, cited in found.items() if citing}


def _ends(entries: list[Any], address: str) -> Iterator[Item]:
    """Yield the documents at the far end: what cites where all cite the same, else what is cited."""
    cited = {text_of(entry.get("cited")) for entry in dicts(entries)}
    citing = {text_of(entry.get("citing")) for entry in dicts(entries)}
    sides = ("cited",) if len(cited) > 1 else ("citing",) if len(citing) > 1 else ("citing", "cited")
    if "/citations/" in address or "/references/" in address:
        sides = ("citing",) if "/citations/" in address else ("cited",)
    for side in sides:
        yield from made(entries, partial(_end, side=side))


def _end(entry: dict[str, Any], side: str) -> Item:
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    # Only the day of the citing document is told; the cited one's is but a distance from it.
    return known_by(text_of(entry.get(side)), raw, date_in(entry.get("creation")) if side == "citing" else "")


def _identified(row: dict[str, Any]) -> Item:
    ids = f"{row.get('value', '')} pmid:{row.get('pmid', '')} pmcid:{row.get('pmcid', '')} {row.get('paper', '')}"
    return known_by(ids, json.dumps(row, ensure_ascii=False))


def known_by(written: str, raw: str, date: str = "") -> Item:
    doi = text.doi(written)
    numbers = _ids(written)
    native = doi or numbers.get("pmid", "") or numbers.get("omid", "")
    if not native:
        return Rejected(0, "a document without an identifier", raw[:2000])
    citation = Citation(
        date=date,
        year=year_of(date),
        doi=doi,
        pmid=numbers.get("pmid", ""),
        pmcid=text.pmcid(numbers.get("pmcid", "")),
        other_ids=identifiers([("omid", numbers.get("omid", ""))]),
        database=SERVICE,
    )
    return Parsed(citation, raw, native_id=native)


def _ids(written: str) -> dict[str, str]:
    """Return the identifiers of `omid:br/06 doi:10.1/x pmid:12`, and of an address that ends in the OMID."""
    found = dict(re.findall(r"\b(omid|pmid|pmcid|issn|isbn):(\S+)", written))
    place = re.search(r"opencitations\S*|w3id\.org/oc/meta/(br/\d+)", written)
    if place and place[1]:
        found.setdefault("omid", place[1])
    return found


def described(entry: dict[str, Any]) -> Item:
    """Return a document that the service describes, under the field names of COCI or of Meta."""
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    written = text_of(entry.get("id")) or text_of(entry.get("doi"))
    ids, doi = _ids(written), text.doi(written)
    native = doi or ids.get("pmid", "") or ids.get("omid", "")
    if not native:
        return Rejected(0, "a document without an identifier", raw[:2000])
    date = date_in(entry.get("pub_date") or entry.get("year"))
    venue = text_of(entry.get("venue")) or text_of(entry.get("source_title"))
    first, _, last = text_of(entry.get("page")).partition("-")
    pages, number = page_range(first, last)
    citation = Citation(
        type=csl_type(entry.get("type")),
        title=plain_line(entry.get("title")),
        container=plain_line(_IN_BRACKETS.sub("", venue)),
        authors=_names(entry.get("author")),
        editors=_names(entry.get("editor")),
        year=year_of(date),
        date=date,
        volume=text_of(entry.get("volume")),
        issue=text_of(entry.get("issue")),
        pages=pages,
        article_number=number,
        doi=doi,
        pmid=text.pmid(ids.get("pmid", "")),
        other_ids=identifiers([("omid", ids.get("omid", ""))]),
        issn=text.issns(f"{venue} {text_of(entry.get('source_id'))}"),
        publisher=plain_line(_IN_BRACKETS.sub("", text_of(entry.get("publisher")))),
        database=SERVICE,
    )
    return Parsed(citation, raw, native_id=native)


def _names(value: Any) -> tuple[Name, ...]:
    return people(written_name(name) for name in _IN_BRACKETS.sub("", text_of(value)).split(";"))


READER = Reader("opencitations", SERVICE, read)
