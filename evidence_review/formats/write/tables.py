"""Tables out, CSV and XLSX: one column a field, which this program and people both read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from evidence_review import text
from evidence_review.formats.base import Writer
from evidence_review.model.record import Citation, Name, Record
from evidence_review.sheets import csv_line, csv_pieces
from evidence_review.sheets.csv_file import Line

COLUMNS = (
    "id", "type", "title", "title_original", "authors", "editors", "year", "date", "journal", "journal_abbreviation",
    "volume", "issue", "pages", "article_number", "doi", "pmid", "pmcid", "other_ids", "issn", "isbn", "abstract",
    "keywords", "terms", "language", "publisher", "place", "url", "database", "notes", "status",
)  # fmt: skip
_HOLDS = frozenset(
    {"type", "title", "title_original", "authors", "authors_truncated", "editors", "year", "date", "container",
     "container_abbrev", "volume", "issue", "pages", "article_number", "doi", "pmid", "pmcid", "other_ids",
     "issn", "isbn",
     "abstract", "keywords", "terms", "language", "publisher", "place", "urls", "database", "notes", "status"}
)  # fmt: skip


def person(name: Name) -> str:
    """Return a name for a cell of names parted by semicolons."""
    if name.literal:
        words = name.literal.replace(";", ",")
        # What would be read as a person is marked as a group by a comma at its end.
        return words if text.person(words).literal else f"{words},"
    return ", ".join(part for part in (name.family, name.given, name.suffix) if part).replace(";", ",")


def _joined(values: Sequence[str]) -> str:
    return "; ".join(value.replace(";", ",") for value in values)


def cells(record: Record) -> list[str]:
    """Return a record as the cells of `COLUMNS`."""
    it: Citation = record.citation
    kind = "preprint" if it.type == "article" else it.type
    authors = "; ".join([*(person(name) for name in it.authors), *(["et al."] if it.authors_truncated else [])])
    return [
        record.id, kind, it.title, it.title_original, authors, "; ".join(map(person, it.editors)),
        str(it.year or ""), it.date if len(it.date) > 4 else "", it.container, it.container_abbrev, it.volume, it.issue,
        it.pages, it.article_number, it.doi, it.pmid, it.pmcid,
        "; ".join(f"{scheme}:{value}" for scheme, value in it.other_ids), "; ".join(it.issn), "; ".join(it.isbn),
        it.abstract, _joined(it.keywords), _joined(it.terms), it.language, it.publisher, it.place, " ".join(it.urls),
        it.database, "; ".join(it.notes), "; ".join(it.status),
    ]  # fmt: skip


class CsvWriter(Writer):
    """CSV."""

    name = "csv"
    label = "CSV"
    suffix = ".csv"
    single_url = False
    types = None
    holds = _HOLDS

    def entry(self, record: Record) -> Line:
        """Return the record's line, where all its cells fit."""
        return csv_line(cells(record))

    def assemble(self, entries: Iterable[Line]) -> Iterator[bytes]:
        """Yield the file: UTF-8 with a byte order mark, cells that look like formulas guarded."""
        return csv_pieces(COLUMNS, entries)


class XlsxWriter(Writer):
    """XLSX."""

    name = "xlsx"
    label = "XLSX"
    suffix = ".xlsx"
    single_url = False
    types = None
    holds = _HOLDS

    def entry(self, record: Record) -> list[str]:
        """Return the record's cells."""
        return cells(record)

    def assemble(self, entries: Iterable[list[str]]) -> Iterator[bytes]:
        """Yield the workbook."""
        return _workbook(COLUMNS, entries)


def _workbook(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    from evidence_review.sheets.xlsx_stream import xlsx_pieces
    from evidence_review.sheets.xlsx_write import Column

    widths = {"title": 60.0, "authors": 30.0, "abstract": 60.0, "journal": 30.0}
    return xlsx_pieces("records", [Column(name, widths.get(name, 14.0)) for name in names], rows)


def with_outcomes(
    target: str, data: Iterable[Record], outcomes: Mapping[str, Sequence[str]], names: Sequence[str]
) -> Iterator[bytes]:
    """Yield records as a table (`csv` or `xlsx`) with further columns by record id, such as why each was excluded."""
    blank = [""] * len(names)
    columns = (*COLUMNS, *names)
    rows = ([*cells(record), *outcomes.get(record.id, blank)] for record in data)
    return csv_pieces(columns, map(csv_line, rows)) if target == "csv" else _workbook(columns, rows)
