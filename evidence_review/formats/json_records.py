"""CSL-JSON (https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html) and OpenAlex works, as files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from evidence_review import text
from evidence_review.errors import FormatError, Problem
from evidence_review.formats.base import Item, Text
from evidence_review.formats.normalise import Bag, citation
from evidence_review.formats.types import CSL, from_word
from evidence_review.model.record import Name, Parsed, Rejected
from evidence_review.sources import openalex


def items(source: Text) -> Iterator[tuple[int, Any, str]]:
    """Yield (line, value, raw text) of each record of a JSON file: a list, JSON lines, or an object with a list in it.

    Raises:
        FormatError: the file is no JSON, or larger than any export.
    """
    whole = source.text().lstrip("\ufeff")
    decoder = json.JSONDecoder()
    place = line = 0
    line = 1
    at = _skip(whole, 0)
    if at < len(whole) and whole[at] == "[":
        yield from _in_list(whole, at + 1, decoder, source.name)
        return
    while at < len(whole):
        line += whole.count("\n", place, at)
        place = at
        value, end = _decode(decoder, whole, at, line, source.name)
        inside = _list_within(value)
        if inside is None:
            yield line, value, whole[at:end]
        else:
            for one in inside:
                yield line, one, json.dumps(one, ensure_ascii=False)
        at = _skip(whole, end)


def _skip(whole: str, at: int) -> int:
    while at < len(whole) and (whole[at].isspace() or whole[at] in ",\0"):
        at += 1
    return at


def _in_list(whole: str, at: int, decoder: json.JSONDecoder, name: str) -> Iterator[tuple[int, Any, str]]:
    line = 1 + whole.count("\n", 0, at)
    place = at
    at = _skip(whole, at)
    while at < len(whole) and whole[at] != "]":
        line += whole.count("\n", place, at)
        place = at
        value, end = _decode(decoder, whole, at, line, name)
        yield line, value, whole[at:end]
        at = _skip(whole, end)
    if at >= len(whole):
        yield line + whole.count("\n", place), None, ""


def _decode(decoder: json.JSONDecoder, whole: str, at: int, line: int, name: str) -> tuple[Any, int]:
    try:
        return decoder.raw_decode(whole, at)
    except (ValueError, RecursionError) as fault:
        where = line + whole.count("\n", at, getattr(fault, "pos", at))
        raise FormatError(
            f"{name} is not valid JSON; nothing was read.",
            [
                Problem(
                    f"{name} line {where}",
                    str(getattr(fault, "msg", fault)),
                    "The file may be cut off: export it again.",
                )
            ],
        ) from None


def _list_within(value: Any) -> list[Any] | None:
    if isinstance(value, dict):
        for key in ("results", "items", "references", "records"):
            if isinstance(value.get(key), list) and value[key] and isinstance(value[key][0], dict):
                return list(value[key])
    return None


class CslJson:
    """CSL-JSON."""

    name = "csl-json"
    label = "CSL-JSON"
    suffix = ".json"

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the file holds."""
        for line, value, raw in items(source):
            if value is None:
                yield Rejected(line, "the list is not closed: the file may be cut off", raw)
            elif not isinstance(value, dict):
                yield Rejected(line, "not an object with fields", raw[:2000])
            else:
                yield record(value, line, raw)


_PMID = re.compile(r"\bPMID:\s*(\d{1,9})\b")
_PMCID = re.compile(r"\bPMCID:\s*(PMC\d+)\b")
_FIELDS = {
    "title": "title", "title_original": "original-title", "container": "container-title", "volume": "volume",
    "container_abbrev": "container-title-short", "pages": "page", "article_number": "number", "doi": "DOI",
    "pmid": "PMID", "pmcid": "PMCID", "issn": "ISSN", "isbn": "ISBN", "abstract": "abstract", "language": "language",
    "publisher": "publisher", "place": "publisher-place", "urls": "URL", "database": "source", "issue": "issue",
}  # fmt: skip


def record(data: Mapping[str, Any], line: int, raw: str) -> Parsed | Rejected:
    """Return one CSL item."""
    bag: Bag = {}
    trace: list[tuple[str, str, int]] = []
    for role, key in _FIELDS.items():
        found = _texts(
            data.get(key) if key != "container-title-short" else data.get(key, data.get("journalAbbreviation"))
        )
        if found:
            bag[role] = found
            trace.append((role, key, line))
    kind = str(data.get("type", ""))
    # In CSL an `article` is a preprint; as a word of databases it is one of a journal.
    bag["type"] = [kind if kind in CSL else from_word(kind) or kind or "document"]
    if not bag["type"][0].startswith("article"):
        bag.pop("article_number", None)
    bag["names"] = _names(data.get("author"))
    bag["editor_names"] = _names(data.get("editor"))
    bag["date"] = [_date(data.get("issued"))]
    bag["notes"] = _texts(data.get("note")) + _texts(data.get("annote"))
    # Zotero writes what CSL has no variable for into the note, one to a line: "PMID: 123".
    said = " ".join(bag["notes"])
    if "pmid" not in bag:
        bag["pmid"] = _PMID.findall(said)
    if "pmcid" not in bag:
        bag["pmcid"] = _PMCID.findall(said)
    # Commas part keywords only where no semicolon does: "Adaptation, Psychological; Humans" are two.
    bag["keywords"] = [
        part for value in _texts(data.get("keyword")) for part in value.split(";" if ";" in value else ",")
    ]
    bag["kind"] = _texts(data.get("genre")) + _texts(data.get("status"))
    if "place" not in bag:
        bag["place"] = _texts(data.get("event-place"))
    if "container" not in bag and bag["type"][0] == "paper-conference":
        bag["container"] = _texts(data.get("event-title", data.get("event")))
    if not bag.get("title"):
        bag["title"] = _texts(data.get("title-short")) + _texts(data.get("shortTitle"))
    if not any(any(values) for role, values in bag.items() if role != "type"):
        return Rejected(line, "the item says nothing", raw)
    made, flags = citation(bag)
    return Parsed(made, raw, line, "", tuple(trace), flags)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [str(value)]
    if isinstance(value, list):
        return [found for item in value for found in _texts(item)]
    return []


def _names(value: Any) -> list[Name]:
    found: list[Name] = []
    for item in value if isinstance(value, list) else []:
        if not isinstance(item, dict):
            continue
        literal = " ".join(_texts(item.get("literal")))
        if literal:
            found.append(Name(literal=text.clean(literal)))
            continue
        family = " ".join([*_texts(item.get("non-dropping-particle")), *_texts(item.get("family"))])
        given = " ".join([*_texts(item.get("given")), *_texts(item.get("dropping-particle"))])
        if family or given:
            found.append(Name(text.clean(family), text.clean(given), " ".join(_texts(item.get("suffix")))))
    return found


def _date(value: Any) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0]:
        numbers = [str(part) for part in parts[0] if part not in (None, "")]
        return "-".join(number.zfill(2) for number in numbers[:3])
    return " ".join(_texts(value.get("literal")) or _texts(value.get("raw")))


class OpenalexJson:
    """OpenAlex works, as its API gives them."""

    name = "openalex-json"
    label = "OpenAlex JSON"
    suffix = ".json"

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the file holds."""
        for line, value, raw in items(source):
            if not isinstance(value, dict):
                reason = (
                    "the list is not closed: the file may be cut off" if value is None else "not an object with fields"
                )
                yield Rejected(line, reason, raw[:2000])
                continue
            made = openalex.record(value)
            yield replace(made, line=line, raw=raw) if isinstance(made, Parsed) else Rejected(line, made.reason, raw)
