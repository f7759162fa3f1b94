"""Writing records: `WRITERS` by name, `losses` says beforehand what a format has no room for."""

from __future__ import annotations

from evidence_review.formats.base import Writer
from evidence_review.formats.write.bibtex import BibtexWriter
from evidence_review.formats.write.csl_json import CslJsonWriter
from evidence_review.formats.write.endnote_xml import EndnoteXmlWriter
from evidence_review.formats.write.losses import Loss, Losses, Seen, losses, read_back
from evidence_review.formats.write.nbib import NbibWriter
from evidence_review.formats.write.ris import RisWriter
from evidence_review.formats.write.tables import CsvWriter, XlsxWriter

WRITERS: dict[str, Writer] = {
    "ris": RisWriter(),
    "nbib": NbibWriter(),
    "bibtex": BibtexWriter(),
    "csl-json": CslJsonWriter(),
    "endnote-xml": EndnoteXmlWriter(),
    "csv": CsvWriter(),
    "xlsx": XlsxWriter(),
}

__all__ = ["WRITERS", "Loss", "Losses", "Seen", "losses", "read_back"]
