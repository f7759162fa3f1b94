"""Zotero's own items, as its API and the export of Better BibTeX give them.

Item types and their fields: https://api.zotero.org/schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evidence_review import text
from evidence_review.formats import normalise, types
from evidence_review.formats.base import Aside, Item, Text
from evidence_review.formats.json_records import items
from evidence_review.model.record import Name, Parsed, Rejected

_LINE = re.compile(r"^\s*(PMID|PMCID|DOI|ISSN|ISBN)\s*[:=]\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_CONTAINERS = (
    "publicationTitle", "bookTitle", "proceedingsTitle", "encyclopediaTitle", "dictionaryTitle", "websiteTitle",
    "blogTitle", "forumTitle", "programTitle", "repository", "seriesTitle",
)  # fmt: skip
_PUBLISHERS = ("publisher", "institution", "university", "label", "studio", "network", "distributor", "company")
# Who counts as the author of what has none by name: the primary creator in Zotero's schema, which it gives as CSL's
# `author`. Translators, reviewed authors, editors of series and the like are no authors there either.
_PRIMARY = {
    "artwork": "artist", "audioRecording": "performer", "bill": "sponsor", "computerProgram": "programmer",
    "film": "director", "hearing": "contributor", "interview": "interviewee", "map": "cartographer",
    "patent": "inventor", "podcast": "podcaster", "presentation": "presenter", "radioBroadcast": "director",
    "tvBroadcast": "director", "videoRecording": "director",
}  # fmt: skip
# Item types that belong to other items and are no references.
CHILDREN = ("note", "attachment", "annotation")


class ZoteroJson:
    """Zotero's items as JSON."""

    name = "zotero-json"
    label = "Zotero JSON"
    suffix = ".json"

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the file holds."""
        for line, value, raw in items(source):
            data = value.get("data", value) if isinstance(value, dict) else None
            if not isinstance(data, dict):
                reason = "the list is not closed: the file may be cut off" if value is None else "not an item"
                yield Rejected(line, reason, raw[:2000])
            elif data.get("itemType") in CHILDREN:
                yield Aside(line, str(data["itemType"]))
            else:
                yield _record(data, line, raw)


def _record(data: Mapping[str, Any], line: int, raw: str) -> Parsed | Rejected:
    found = bag(data)
    if not any(any(values) for role, values in found.items() if role != "type"):
        return Rejected(line, "the item says nothing", raw)
    made, flags = normalise.citation({role: values for role, values in found.items() if any(values)})
    key = str(data.get("key") or data.get("itemKey") or "")
    return Parsed(made, raw, line, key, flags=flags)


def bag(data: Mapping[str, Any]) -> normalise.Bag:
    """Return what an item says, by the roles of the normaliser."""
    get = data.get
    extra = {name.lower(): value for name, value in _LINE.findall(str(get("extra") or ""))}
    creators = [each for each in _listed(get("creators")) if isinstance(each, Mapping)]
    return {
        "type": [types.from_word(str(get("itemType", "")))],
        "title": _texts(data, "title", "caseName", "nameOfAct", "subject"),
        "container": _texts(data, *_CONTAINERS),
        "container_abbrev": _texts(data, "journalAbbreviation"),
        "names": _names(creators, _PRIMARY.get(str(get("itemType", "")), "author"), "author", "contributor"),
        "editor_names": _names(creators, "editor", "bookAuthor", "seriesEditor"),
        "date": _texts(data, "date", "issueDate", "dateDecided", "dateEnacted"),
        "volume": _texts(data, "volume"),
        "issue": _texts(data, "issue"),
        "pages": _texts(data, "pages"),
        "doi": [*_texts(data, "DOI"), extra.get("doi", "")],
        "pmid": [*_texts(data, "PMID"), extra.get("pmid", "")],
        "pmcid": [*_texts(data, "PMCID"), extra.get("pmcid", "")],
        "issn": [*_texts(data, "ISSN"), extra.get("issn", "")],
        "isbn": [*_texts(data, "ISBN"), extra.get("isbn", "")],
        "abstract": _texts(data, "abstractNote"),
        "keywords": _labels(get("tags"), "tag"),
        "language": _texts(data, "language"),
        "publisher": _texts(data, *_PUBLISHERS),
        "place": _texts(data, "place"),
        "urls": _texts(data, "url"),
        "database": _texts(data, "libraryCatalog"),
        "notes": _labels(get("notes"), "note"),
    }


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _labels(value: Any, key: str) -> list[str]:
    """Return the texts of a list of objects that hold them under `key`, or of a list of texts."""
    found = [each.get(key) if isinstance(each, Mapping) else each for each in _listed(value)]
    return [str(each) for each in found if each]


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
