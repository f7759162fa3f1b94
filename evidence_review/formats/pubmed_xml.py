"""PubMed's XML as a file: the articles are understood by the same code that reads PubMed's answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element, ParseError

from evidence_review import text
from evidence_review.formats import xml_records
from evidence_review.formats.base import Item, Text
from evidence_review.model.record import Citation, Rejected
from evidence_review.sources import pubmed_xml


class PubmedXml:
    """PubMed XML."""

    name = "pubmed-xml"
    label = "PubMed XML"
    suffix = ".xml"

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the file holds."""
        for piece in xml_records.slices(source, "PubmedArticle", "PubmedBookArticle"):
            try:
                node = xml_records.element(piece.raw)
            except ParseError as fault:
                yield Rejected(piece.line, xml_records.fault_words(fault), piece.raw)
                continue
            raw = piece.raw.encode("utf-8", "replace")
            tag = node.tag.rpartition("}")[2]
            item = pubmed_xml.book(node, raw) if tag == "PubmedBookArticle" else pubmed_xml.article(node, raw)
            if isinstance(item, Rejected):
                yield Rejected(piece.line, item.reason, piece.raw)
            else:
                yield replace(item, citation=_mended(item.citation, node), line=piece.line, raw=piece.raw)


def _mended(citation: Citation, node: Element) -> Citation:
    """Return a citation with what only some articles have: a title in another language, an article number alone."""
    missing = text.is_null(citation.title) or "[not available]" in citation.title.lower()
    if missing and citation.title_original:
        citation = replace(citation, title=citation.title_original)
    if citation.title.endswith(".") and not citation.title.endswith(".."):
        citation = replace(citation, title=citation.title[:-1])
    number = node.find("MedlineCitation/Article/ELocationID[@EIdType='pii']")
    if number is not None and not citation.pages and not citation.article_number:
        found = (number.text or "").strip()
        if text.is_article_number(found) or (found.isalnum() and len(found) <= 8):
            citation = replace(citation, article_number=found)
    return citation
