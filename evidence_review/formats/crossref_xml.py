"""Crossref's unixref XML: https://www.crossref.org/documentation/schema-library/."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from evidence_review import text
from evidence_review.formats import xml_records
from evidence_review.formats.base import Item, Text
from evidence_review.formats.normalise import Bag, citation
from evidence_review.formats.xml_records import all_inner, inner
from evidence_review.model.record import Name, Parsed, Rejected

# The element that is the item, with its CSL type, most specific first.
_ITEMS = (
    ("journal_article", "article-journal"), ("conference_paper", "paper-conference"), ("content_item", "chapter"),
    ("book_metadata", "book"), ("book_series_metadata", "book"), ("book_set_metadata", "book"),
    ("dissertation", "thesis"), ("report-paper_metadata", "report"), ("report-paper_series_metadata", "report"),
    ("posted_content", "article"), ("peer_review", "review"), ("standard_metadata", "standard"), ("dataset", "dataset"),
    ("database_metadata", "dataset"), ("journal_metadata", "periodical"), ("proceedings_metadata", "book"),
)  # fmt: skip
_DATES = ("publication_date", "posted_date", "approval_date", "review_date", "completion_date")


class CrossrefXml:
    """Crossref unixref XML."""

    name = "crossref-xml"
    label = "Crossref XML"
    suffix = ".xml"

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the file holds."""
        for piece in xml_records.slices(source, "doi_record"):
            try:
                node = xml_records.element(piece.raw)
            except ParseError as fault:
                yield Rejected(piece.line, xml_records.fault_words(fault), piece.raw)
                continue
            _without_namespaces(node)
            yield record(node, piece)


def _without_namespaces(node: Element) -> None:
    for item in node.iter():
        if isinstance(item.tag, str):
            item.tag = item.tag.rpartition("}")[2]


def record(node: Element, piece: xml_records.Slice) -> Parsed | Rejected:
    """Return one registered item."""
    item, csl = next(
        ((found, kind) for tag, kind in _ITEMS if (found := node.find(f".//{tag}")) is not None), (None, "")
    )
    if item is None:
        message = inner(node.find(".//error")) or inner(node.find(".//msg"))
        return Rejected(piece.line, f"no item that is known{': ' + message if message else ''}", piece.raw)
    bag: Bag = {"type": [csl]}
    title = inner(item.find("titles/title"))
    subtitle = inner(item.find("titles/subtitle"))
    bag["title"] = [f"{title.rstrip(':')}: {subtitle}" if title and subtitle else title]
    bag["title_original"] = all_inner(item, "titles/original_language_title")
    bag["names"] = _people(item, "author") or (
        [_person(lone)] if (lone := item.find("person_name")) is not None else []
    )
    bag["editor_names"] = _people(item, "editor")
    bag["doi"] = all_inner(item, "doi_data/doi")
    bag["urls"] = all_inner(item, "doi_data/resource")
    bag["abstract"] = [inner(found) for found in item.iter("abstract")][:1]
    bag["publisher"] = all_inner(item, "publisher/publisher_name")
    bag["place"] = all_inner(item, "publisher/publisher_place")
    bag["isbn"] = all_inner(item, "isbn")
    language = item.get("language") or ""
    _container(node, item, csl, bag)
    bag["language"] = [language or bag.pop("journal_language", [""])[0]]
    bag["date"] = [_date(item) or _date(node.find(".//journal_issue")) or _date(node.find(".//proceedings_metadata"))]
    bag["page_first"] = all_inner(item, "pages/first_page")
    bag["page_last"] = all_inner(item, "pages/last_page")
    if not bag["page_first"]:
        bag["article_number"] = [
            inner(found)
            for found in item.iter("item_number")
            if found.get("item_number_type") in {"article_number", "article-number"}
        ]
    if csl == "article" and item.get("type") in {"preprint", "working_paper", None}:
        bag["status"] = ["preprint"]
    bag["database"] = ["Crossref"]
    made, flags = citation(bag)
    if not (made.title or made.doi):
        return Rejected(piece.line, "the item has neither a title nor a DOI", piece.raw)
    trace = tuple((role, item.tag, piece.line) for role, values in bag.items() if values and any(values))
    return Parsed(made, piece.raw, piece.line, made.doi, trace, flags)


def _container(node: Element, item: Element, csl: str, bag: Bag) -> None:
    if csl == "article-journal":
        journal = node.find(".//journal_metadata")
        if journal is not None:
            bag["container"] = all_inner(journal, "full_title")
            bag["container_abbrev"] = all_inner(journal, "abbrev_title")
            bag["issn"] = all_inner(journal, "issn")
            bag["journal_language"] = [journal.get("language") or ""]
        issue = node.find(".//journal_issue")
        if issue is not None:
            bag["volume"] = all_inner(issue, "journal_volume/volume")
            bag["issue"] = all_inner(issue, "issue")
    elif csl == "paper-conference":
        bag["container"] = all_inner(node, ".//proceedings_metadata/proceedings_title")
        bag["isbn"] = all_inner(node, ".//proceedings_metadata/isbn")
        bag["publisher"] = all_inner(node, ".//proceedings_metadata/publisher/publisher_name")
    elif csl == "chapter":
        book = node.find(".//book_metadata")
        if book is None:
            book = node.find(".//book_series_metadata")
        if book is not None:
            bag["container"] = all_inner(book, "titles/title")
            bag["isbn"] = all_inner(book, "isbn")
            bag["publisher"] = all_inner(book, "publisher/publisher_name")
            bag["editor_names"] = bag["editor_names"] or _people(book, "editor")
    elif csl == "thesis":
        bag["publisher"] = all_inner(item, "institution/institution_name")
        bag["place"] = all_inner(item, "institution/institution_place")
    elif csl == "article":
        # What is posted but no preprint, such as a post of a blog, names its home as an institution.
        home = (
            "group_title" if item.get("type") in {"preprint", "working_paper", None} else "institution/institution_name"
        )
        bag["container"] = all_inner(item, home) or all_inner(item, "group_title")


def _people(item: Element, role: str) -> list[Name]:
    found: list[Name] = []
    for node in item.iterfind("contributors/*"):
        if node.get("contributor_role") != role:
            continue
        if node.tag == "organization":
            found.append(Name(literal=inner(node)))
        elif node.tag == "person_name":
            found.append(_person(node))
    return found


def _person(node: Element) -> Name:
    family, given = inner(node.find("surname")), inner(node.find("given_name"))
    return Name(family, given, inner(node.find("suffix"))) if given else text.person(family)


def _date(node: Element | None) -> str:
    """Return the earliest-named kind of date: print before online, as a citation does."""
    if node is None:
        return ""
    for tag in _DATES:
        found = sorted(node.iterfind(tag), key=lambda date: date.get("media_type") != "print")
        for date in found:
            parts = [inner(date.find(part)) for part in ("year", "month", "day")]
            if parts[0]:
                return "-".join(part.zfill(2) for part in parts if part)
    return ""
