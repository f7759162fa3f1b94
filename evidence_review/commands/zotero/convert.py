"""Between Zotero's items and records.

Since schema 41 journal articles have fields for PMID and PMCID; older data and other types keep them as lines of
`extra`, and there they are written, so that any version reads them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from evidence_review.commands.zotero.wanted import NAMESPACE
from evidence_review.formats import attachments, normalise, zotero_item
from evidence_review.model.record import Citation, Name, Parsed


def parsed(item: Mapping[str, Any], children: Sequence[Mapping[str, Any]] = ()) -> Parsed:
    """Return what an item with its notes and attachments says, as a record before it has an id."""
    data = item["data"]
    bag = zotero_item.bag(data)
    # What a push noted of decisions is no keyword, and must reach no screener.
    bag["keywords"] = [tag for tag in bag.get("keywords", []) if not tag.startswith(NAMESPACE)]
    bag["notes"] = [note for child in children if (note := _child(child))]
    citation, flags = normalise.citation({role: values for role, values in bag.items() if any(values)})
    raw = json.dumps(data, ensure_ascii=False, sort_keys=True)
    return Parsed(citation=citation, raw=raw, native_id=item["key"], flags=flags)


def _child(child: Mapping[str, Any]) -> str:
    data = child["data"]
    if data.get("itemType") == "note":
        return str(data.get("note") or "")
    if data.get("itemType") == "attachment":
        name = data.get("filename") or data.get("title") or data.get("url") or ""
        return attachments.note(child["key"], str(name))
    return ""


# CSL type → item type; field of a citation → the item type's field.
_TYPES = {
    "article-journal": "journalArticle", "book": "book", "chapter": "bookSection", "thesis": "thesis",
    "paper-conference": "conferencePaper", "report": "report", "article": "preprint", "webpage": "webpage",
    "post-weblog": "webpage", "article-newspaper": "newspaperArticle", "article-magazine": "magazineArticle",
}  # fmt: skip
_COMMON = {"title": "title", "abstract": "abstractNote", "date": "date", "language": "language"}
_FIELDS: Mapping[str, Mapping[str, str]] = {
    "journalArticle": {
        "container": "publicationTitle", "container_abbrev": "journalAbbreviation", "volume": "volume",
        "issue": "issue", "pages": "pages", "doi": "DOI", "issn": "ISSN",
    },
    "book": {"volume": "volume", "publisher": "publisher", "place": "place", "isbn": "ISBN"},
    "bookSection": {
        "container": "bookTitle", "volume": "volume", "pages": "pages", "publisher": "publisher", "place": "place",
        "isbn": "ISBN",
    },
    "thesis": {"publisher": "university", "place": "place"},
    "conferencePaper": {
        "container": "proceedingsTitle", "volume": "volume", "pages": "pages", "publisher": "publisher",
        "place": "place", "doi": "DOI", "isbn": "ISBN",
    },
    "report": {"publisher": "institution", "place": "place", "pages": "pages"},
    "preprint": {"container": "repository", "doi": "DOI"},
    "webpage": {"container": "websiteTitle"},
    "newspaperArticle": {"container": "publicationTitle", "pages": "pages", "place": "place", "issn": "ISSN"},
    "magazineArticle": {
        "container": "publicationTitle", "volume": "volume", "issue": "issue", "pages": "pages", "issn": "ISSN",
    },
    "document": {"publisher": "publisher"},
}  # fmt: skip


def item(citation: Citation, record: str) -> dict[str, Any]:
    """Return the fields of a new item; what its type has no field for goes to `extra`, line by line."""
    # What appeared in something and says no more of itself is most often an article.
    kind = _TYPES.get(citation.type) or ("journalArticle" if citation.container and not citation.type else "document")
    fields = {**_COMMON, **_FIELDS[kind]}
    data: dict[str, Any] = {"itemType": kind}
    for name, target in fields.items():
        value = getattr(citation, name)
        data[target] = ", ".join(value) if isinstance(value, tuple) else value
    data["date"] = citation.date or (str(citation.year) if citation.year is not None else "")
    if citation.article_number and not citation.pages and "pages" in fields:
        data["pages"] = citation.article_number
    if citation.urls:
        data["url"] = citation.urls[0]
    data["creators"] = [_creator(name) for name in citation.authors]
    lines = [("PMID", citation.pmid), ("PMCID", citation.pmcid)]
    lines += [("DOI", citation.doi)] if "doi" not in fields else []
    lines += [("evidence-review", record)]
    data["extra"] = "\n".join(f"{name}: {value}" for name, value in lines if value)
    return {name: value for name, value in data.items() if value not in ("", [])}


def _creator(name: Name) -> dict[str, str]:
    if name.literal or not name.given:
        return {"creatorType": "author", "name": str(name)}
    family = f"{name.family}, {name.suffix}" if name.suffix else name.family
    return {"creatorType": "author", "lastName": family, "firstName": name.given}
