"""The formats that are read, in one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evidence_review.formats import enw, nbib, ovid, refworks, ris, tagged, wos
from evidence_review.formats.base import INDENTED, Aside, Format, Item, Text
from evidence_review.formats.bibtex import Bibtex
from evidence_review.formats.crossref_xml import CrossrefXml
from evidence_review.formats.endnote_xml import EndnoteXml
from evidence_review.formats.ictrp_xml import IctrpXml
from evidence_review.formats.indented import described, indented
from evidence_review.formats.json_records import CslJson, OpenalexJson
from evidence_review.formats.layout import Layout
from evidence_review.formats.pubmed_xml import PubmedXml
from evidence_review.formats.slices import Rest, Slice
from evidence_review.formats.table import Table
from evidence_review.formats.xlsx import Xlsx
from evidence_review.formats.zotero_item import ZoteroJson
from evidence_review.model.record import Draft


@dataclass(frozen=True, slots=True)
class Tagged:
    """A format of tagged lines."""

    name: str
    label: str
    suffix: str
    layout: Layout

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the file holds."""
        for item in self.drafts(source, dialect):
            yield item.parsed() if isinstance(item, Draft) else item

    def drafts(self, source: Text, dialect: str) -> Iterator[tagged.Drafted]:
        """Yield what the file holds, citations not made."""
        if source.indent:
            yield Aside(1, INDENTED, described(source.indent))
            yield from tagged.drafts(source, indented(self.layout, source.indent), dialect)
        else:
            yield from tagged.drafts(source, self.layout, dialect)

    def slices(self, source: Text) -> Iterator[Slice | Rest] | None:
        """Return the file in slices for `read_slice`, or None where it cannot be cut."""
        return None if source.indent else tagged.cut(source, self.layout)

    def read_slice(self, part: Slice, encoding: str, dialect: str) -> Iterator[tagged.Drafted]:
        """Yield what a slice holds, citations not made."""
        return tagged.read_slice(part, encoding, self.layout, dialect)

    def read_rest(self, part: Rest, source: Text, dialect: str) -> Iterator[tagged.Drafted]:
        """Yield what the rest of a file holds, citations not made."""
        return tagged.read_rest(part, source, self.layout, dialect)


FORMATS: dict[str, Format] = {
    "ris": Tagged("ris", "RIS", ".ris", ris.LAYOUT),
    "nbib": Tagged("nbib", "PubMed (NBIB, MEDLINE)", ".nbib", nbib.LAYOUT),
    "wos": Tagged("wos", "Web of Science", ".ciw", wos.LAYOUT),
    "ovid-tagged": Tagged("ovid-tagged", "Ovid tagged", ".txt", ovid.LAYOUT),
    "ovid-reprint": ovid.Reprint(),
    "refworks": Tagged("refworks", "RefWorks tagged", ".txt", refworks.LAYOUT),
    "enw": Tagged("enw", "EndNote tagged (refer)", ".enw", enw.LAYOUT),
    "bibtex": Bibtex(),
    "pubmed-xml": PubmedXml(),
    "endnote-xml": EndnoteXml(),
    "crossref-xml": CrossrefXml(),
    "ictrp-xml": IctrpXml(),
    "csl-json": CslJson(),
    "openalex-json": OpenalexJson(),
    "zotero-json": ZoteroJson(),
    "csv": Table(),
    "xlsx": Xlsx(),
}
