"""Tables in XLSX workbooks, read cell by cell; formulas are never computed, only their stored results are taken."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from typing import Any

from evidence_review.errors import FormatError
from evidence_review.formats import columns
from evidence_review.formats.archives import check_archive
from evidence_review.formats.base import Item, Text
from evidence_review.formats.detect import table_vendor
from evidence_review.formats.table import Row, find_header, read_rows
from evidence_review.sheets.guard import unguard

_DAMAGED = "It may be damaged, or no workbook: open it in a spreadsheet program and save it again as .xlsx or CSV."


def is_workbook(head: bytes) -> bool:
    """Whether the first bytes are those of an XLSX workbook: a zip archive that begins with a workbook's parts."""
    return head.startswith(b"PK\x03\x04") and (b"xl/" in head or b"[Content_Types].xml" in head[:4096])


class Xlsx:
    """XLSX workbooks: every sheet that has a header with known columns."""

    name = "xlsx"
    label = "workbook (XLSX)"
    suffix = ".xlsx"

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the workbook holds."""
        import openpyxl

        with source.open() as stream:
            _check(source, stream)
            try:
                book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            except Exception as fault:  # openpyxl raises whatever its parsers meet in a damaged file
                raise FormatError(f"{source.name} cannot be opened as a workbook ({fault}). {_DAMAGED}") from None
            try:
                read = False
                for sheet in book.worksheets:
                    sheet.reset_dimensions()
                    header, _ = find_header(_rows(sheet), source.columns)
                    if header is None or (read and columns.known(header[1]) < 2):
                        continue
                    read = True
                    yield from read_rows(_rows(sheet), source, table_vendor(header[1]), ",")
            except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, EOFError, OSError) as fault:
                raise FormatError(f"{source.name} is damaged ({fault}). {_DAMAGED}") from None
            finally:
                book.close()
        if not read:
            raise FormatError(
                f"{source.name} has no sheet with headings that are known. Say which column is which in the protocol, "
                "under the source: columns: {title: HEADING, \u2026}."
            )


def _check(source: Text, stream: Any) -> None:
    try:
        with zipfile.ZipFile(stream) as archive:
            stream.seek(0, 2)
            size = stream.tell()
            check_archive(source.name, size, archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as fault:
        raise FormatError(f"{source.name} is damaged ({fault}). {_DAMAGED}") from None
    stream.seek(0)


def _rows(sheet: Any) -> Iterator[Row]:
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield number, [unguard(_text(value)) for value in row]


def _text(value: Any) -> str:
    """Return a cell as text: whole numbers without a point, dates in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    return str(value)
