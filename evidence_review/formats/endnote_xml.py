"""EndNote XML, as EndNote, Zotero, Mendeley and Bookends write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from evidence_review import text
from evidence_review.formats import xml_records
from evidence_review.formats.base import Item, Text
from evidence_review.formats.normalise import Bag, citation
from evidence_review.formats.types import from_word
from evidence_review.formats.xml_records import all_inner, inner
from evidence_review.model.record import Parsed, Rejected

# ref-type codes, where the name is missing: https://support.clarivate.com (EndNote reference types)
_CODES = {
    "17": "journal article", "6": "book", "5": "book section", "28": "edited book", "10": "conference proceedings",
    "47": "conference paper", "27": "report", "32": "thesis", "13": "generic", "12": "web page", "25": "patent",
    "23": "newspaper article", "19": "magazine article", "34": "unpublished work", "43": "electronic article",
    "44": "electronic book", "46": "government document", "58": "pamphlet", "59": "dataset", "45": "online database",
    "21": "film or broadcast", "9": "computer program", "31": "statute", "7": "case", "14": "hearing", "20": "map",
    "57": "podcast", "60": "electronic book section", "35": "artwork", "3": "audiovisual material",
    "26": "personal communication",
}  # fmt: skip
_PATHS = {
    "title": "titles/title",
    "title_original": "titles/translated-title",
    "container_abbrev": "periodical/abbr-1",
    "authors": "contributors/authors/author",
    "editors": "contributors/secondary-authors/author",
    "year": "dates/year",
    "date": "dates/pub-dates/date",
    "volume": "volume",
    "pages": "pages",
    "article_number": "custom7",
    "doi": "electronic-resource-num",
    "number": "isbn",
    "abstract": "abstract",
    "keywords": "keywords/keyword",
    "language": "language",
    "publisher": "publisher",
    "place": "pub-location",
    "database": "remote-database-name",
    "kind": "work-type",
    "notes": "notes",
}


class EndnoteXml:
    """EndNote XML."""

    name = "endnote-xml"
    label = "EndNote XML"
    suffix = ".xml"

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the file holds."""
        for piece in xml_records.slices(source, "record"):
            try:
                node = xml_records.element(piece.raw)
            except ParseError as fault:
                yield Rejected(piece.line, xml_records.fault_words(fault), piece.raw)
                continue
            yield record(node, piece)


def record(node: Element, piece: xml_records.Slice) -> Parsed | Rejected:
    """Return one EndNote record."""
    bag: Bag = {}
    trace: list[tuple[str, str, int]] = []
    for role, path in _PATHS.items():
        if found := all_inner(node, path):
            bag[role] = found
            trace.append((role, path, piece.line))
    csl = _type(node)
    bag["type"] = [csl]
    bag["container"] = all_inner(node, "periodical/full-title") or all_inner(node, "titles/secondary-title")
    if csl == "book":
        bag["container"] = []
    elif csl in {"chapter", "paper-conference"}:
        bag["container"] = all_inner(node, "titles/secondary-title") or bag["container"]
    if bag.get("container_abbrev") == bag["container"]:
        bag["container_abbrev"] = all_inner(node, "titles/alt-title")
    bag["issue"] = all_inner(node, "number") or all_inner(node, "issue")
    bag["urls"] = [inner(item) for item in node.iterfind("urls//url")]
    bag["doi"] = [*bag.get("doi", []), *(url for url in bag["urls"] if "10." in url)]
    if csl == "patent":
        bag["number"] = []
    _identifiers(node, bag)
    if not any(any(values) for role, values in bag.items() if role != "type"):
        return Rejected(piece.line, "the record says nothing", piece.raw)
    made, flags = citation(bag)
    if "\ufffd" in piece.raw:
        flags = (*flags, "undecodable byte")
    return Parsed(made, piece.raw, piece.line, "", tuple(trace), flags)


def _type(node: Element) -> str:
    kind = node.find("ref-type")
    if kind is None:
        return "document"
    # Mendeley and Zotero write a name with a code of their own, so the name goes first.
    return from_word(kind.get("name", "")) or from_word(_CODES.get(inner(kind), "")) or "document"


def _identifiers(node: Element, bag: Bag) -> None:
    accession = inner(node.find("accession-num"))
    database = " ".join(bag.get("database", [])).lower()
    provider = inner(node.find("remote-database-provider")).lower()
    others: list[tuple[str, str]] = []
    if re.fullmatch(r"L\d{6,}", accession):
        others.append(("embase", accession))
    elif accession.startswith(("WOS:", "BIOSIS:", "ZOOREC:", "MEDLINE:")):
        others.append(("wos", accession))
    elif (
        text.pmid(accession) == accession
        and accession
        and ("medline" in database or "pubmed" in database or "nlm" in provider or len(accession) == 8)
    ):
        bag["pmid"] = [accession]
    elif accession:
        others.append(("accession", accession))
    bag["pmcid"] = all_inner(node, "custom2")
    bag["other_ids"] = others
