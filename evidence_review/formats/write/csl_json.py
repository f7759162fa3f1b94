"""CSL-JSON out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from evidence_review.formats.base import Writer
from evidence_review.formats.write.verbatim import verbatim
from evidence_review.model.record import Citation, Name, Record

_PLAIN = {
    "title": "title", "title_original": "original-title", "container": "container-title", "volume": "volume",
    "container_abbrev": "container-title-short", "issue": "issue", "pages": "page", "doi": "DOI", "pmid": "PMID",
    "pmcid": "PMCID", "abstract": "abstract", "language": "language", "publisher": "publisher",
    "place": "publisher-place", "database": "source",
}  # fmt: skip


class CslJsonWriter(Writer):
    """CSL-JSON."""

    name = "csl-json"
    label = "CSL-JSON"
    suffix = ".json"
    single_url = True
    types = None
    holds = frozenset(
        {
            *_PLAIN,
            "type",
            "authors",
            "editors",
            "year",
            "date",
            "article_number",
            "issn",
            "isbn",
            "keywords",
            "urls",
            "notes",
        }
    )

    def entry(self, record: Record) -> tuple[str, bool]:
        """Return the record's item, and whether its id is still empty: then it is numbered where it comes to stand."""
        if verbatim(record, "csl-json"):
            return record.raw, False
        return json.dumps(item(record.citation, record.id), ensure_ascii=False, indent=1), not record.id

    def assemble(self, entries: Iterable[tuple[str, bool]]) -> Iterator[bytes]:
        """Yield the file."""
        yield b"["
        for place, (text, nameless) in enumerate(entries, start=1):
            if nameless:
                text = text.replace('""', f'"{place}"', 1)
            yield (("\n" if place == 1 else ",\n") + text).encode("utf-8", "replace")
        yield b"\n]\n"


def item(citation: Citation, identifier: str) -> dict[str, Any]:
    """Return a citation as a CSL item."""
    data: dict[str, Any] = {"id": identifier, "type": citation.type or "document"}
    for name, key in _PLAIN.items():
        if value := getattr(citation, name):
            data[key] = value
    for name, key in (("authors", "author"), ("editors", "editor")):
        if people := getattr(citation, name):
            data[key] = [_person(person) for person in people]
    parts = [int(part) for part in citation.date.split("-") if part.isdecimal()]
    if not parts and citation.year is not None:
        parts = [citation.year]
    if parts:
        data["issued"] = {"date-parts": [parts]}
    if citation.article_number and citation.type.startswith("article"):
        data["number"] = citation.article_number
    if citation.issn:
        data["ISSN"] = ", ".join(citation.issn)
    if citation.isbn:
        data["ISBN"] = ", ".join(citation.isbn)
    if citation.keywords:
        # The semicolon after a single one tells that its commas are its own.
        data["keyword"] = "; ".join(citation.keywords) + (";" if "," in citation.keywords[-1] else "")
    if citation.urls:
        data["URL"] = citation.urls[0]
    if citation.notes:
        data["note"] = " ".join(citation.notes)
    return data


def _person(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": name.literal}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {key: value for key, value in parts.items() if value}
