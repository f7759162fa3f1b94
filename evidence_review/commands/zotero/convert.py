"""Between Zotero's items and records.

Item types and their fields: https://api.zotero.org/schema. Since schema 41 journal articles have fields for PMID and
PMCID; older data and other types keep them as lines of `extra`, and there they are written, so that any version reads
them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from evidence_review import text
from evidence_review.commands.zotero.wanted import NAMESPACE
from evidence_review.formats import attachments, normalise, types
from evidence_review.model.record import Citation, Name, Parsed

_LINE = re.compile(r"^\s*(PMID|PMCID|DOI|ISSN|ISBN)\s*[:=]\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_CONTAINERS = (
    "publicationTitle", "bookTitle", "proceedingsTitle", "encyclopediaTitle", "dictionaryTitle", "websiteTitle",
    "blogTitle", "forumTitle", "programTitle", "repository", "seriesTitle",
)  # fmt: skip
_PUBLISHERS = ("publisher", "institution", "university", "label", "studio", "network", "distributor", "company")
CHILDREN = ("note", "attachment", "annotation")


def parsed(item: Mapping[str, Any], children: Sequence[Mapping[str, Any]] = ()) -> Parsed:
    """Return what an item with its notes and attachments says, as a record before it has an id."""
    data = item["data"]
    get = data.get
    extra = {name.lower(): value for name, value in _LINE.findall(str(get("extra") or ""))}
    creators = [each for each in get("creators") or () if isinstance(each, Mapping)]
    bag: normalise.Bag = {
        "type": [types.from_word(str(get("itemType", "")))],
        "title": _texts(data, "title", "caseName", "nameOfAct", "subject"),
        "container": _texts(data, *_CONTAINERS),
        "container_abbrev": _texts(data, "journalAbbreviation"),
        "names": _names(creators, "author", "contributor", "presenter", "inventor", "programmer", "podcaster"),
        "editor_names": _names(creators, "editor", "bookAuthor", "seriesEditor"),
        "date": _texts(data, "date"),
        "volume": _texts(data, "volume"),
        "issue": _texts(data, "issue"),
        "pages": _texts(data, "pages"),
        "doi": [*_texts(data, "DOI"), extra.get("doi", "")],
        "pmid": [*_texts(data, "PMID"), extra.get("pmid", "")],
        "pmcid": [*_texts(data, "PMCID"), extra.get("pmcid", "")],
        "issn": [*_texts(data, "ISSN"), extra.get("issn", "")],
        "isbn": [*_texts(data, "ISBN"), extra.get("isbn", "")],
        "abstract": _texts(data, "abstractNote"),
        "keywords": _keywords(get("tags") or ()),
        "language": _texts(data, "language"),
        "publisher": _texts(data, *_PUBLISHERS),
        "place": _texts(data, "place"),
        "urls": _texts(data, "url"),
        "database": _texts(data, "libraryCatalog"),
        "notes": [note for child in children if (note := _child(child))],
    }
    citation, flags = normalise.citation({role: values for role, values in bag.items() if any(values)})
    raw = json.dumps(data, ensure_ascii=False, sort_keys=True)
    return Parsed(citation=citation, raw=raw, native_id=item["key"], flags=flags)


def _keywords(tags: Sequence[Any]) -> list[str]:
    """Return the tags that people gave: what a push noted of decisions is no keyword, and must reach no screener."""
    names = [str(tag["tag"]) for tag in tags if isinstance(tag, Mapping) and tag.get("tag")]
    return [name for name in names if not name.startswith(NAMESPACE)]


def _texts(data: Mapping[str, Any], *names: str) -> list[str]:
    return [str(data[name]) for name in names if data.get(name)]


def _names(creators: Sequence[Mapping[str, Any]], *roles: str) -> list[Name]:
    """Return the creators of the first role that has any."""
    for role in roles:
        found = [_name(each) for each in creators if each.get("creatorType") == role]
        if found:
            return found
    return []


def _name(creator: Mapping[str, Any]) -> Name:
    family, given = str(creator.get("lastName") or ""), str(creator.get("firstName") or "")
    if family and given:
        return Name(family=family, given=given)
    whole = str(creator.get("name") or family or given)
    return text.person(whole)


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
