"""Reading what people send back: CSV or XLSX, told apart by content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from evidence_review.errors import Problem, SheetError
from evidence_review.sheets.csv_file import read_csv
from evidence_review.sheets.table import Row, Table, Wanted, fold

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE = "Save it as XLSX, or as 'CSV UTF-8', and collect that."


def is_lock_file(name: str) -> bool:
    """Whether a file is the mark that Excel (`~$…`) or LibreOffice (`.~lock.…#`) leaves beside an open sheet."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return base.startswith(("~$", ".~lock."))


def read(
    source: Path | bytes,
    name: str = "",
    *,
    required: Sequence[str] = (),
    optional: Sequence[str] = (),
    faults: list[Problem] | None = None,
) -> Table:
    """Read the one worksheet, or the CSV file, that has the `required` columns. Every cell comes back as text.

    Headings equal to a required or optional name but for case, spaces, `_` and `-` come back under that name; other
    columns are kept under their own. Blank rows are skipped, short rows filled, formula guards taken off.

    Cells whose text nobody can know (a formula without a result, cells merged across rows) are refused. Who names
    `faults` gets these problems there instead, the cells being as they were read, to refuse them together with others.

    Raises:
        SheetError: the file cannot be read as a sheet; every problem is named with its row.
    """
    data, name = _bytes(source, name)
    wanted = Wanted.of(required, optional)
    sha256 = hashlib.sha256(data).hexdigest()
    if data.startswith(_ZIP):
        from evidence_review.sheets.xlsx_read import read_worksheet

        return _one_header(read_worksheet(data, name, wanted, sha256, faults))
    return _one_header(read_csv(data, name, wanted, sha256))


def read_all(source: Path | bytes, name: str = "") -> dict[str, Table]:
    """Read every worksheet that has a header, by its title; a CSV file is one worksheet, titled ""."""
    data, name = _bytes(source, name)
    sha256 = hashlib.sha256(data).hexdigest()
    if data.startswith(_ZIP):
        from evidence_review.sheets.xlsx_read import read_worksheets

        return {title: _one_header(table) for title, table in read_worksheets(data, name, sha256).items()}
    return {"": _one_header(read_csv(data, name, Wanted(), sha256))}


def _one_header(table: Table) -> Table:
    """Return a table without rows that repeat its header, as they come with a second sheet that was pasted below."""
    again = [row for row in table.rows if _is_header(row)]
    if not again:
        return table
    notes = [f"{table.where(row)} repeats the header; left out" for row in again]
    return replace(table, rows=tuple(row for row in table.rows if row not in again), notes=(*table.notes, *notes))


def _is_header(row: Row) -> bool:
    filled = [(column, cell) for column, cell in row.cells.items() if cell.strip()]
    return len(filled) > 1 and all(fold(cell) == fold(column) for column, cell in filled)


def _bytes(source: Path | bytes, name: str) -> tuple[bytes, str]:
    if isinstance(source, Path):
        name = name or source.name
        if is_lock_file(name):
            _refuse(name, "this is the mark of an open spreadsheet, not a sheet", "Close the sheet and name it itself.")
        try:
            data = source.read_bytes()
        except OSError as fault:
            _refuse(name, f"it cannot be opened ({fault.strerror})", "Check the name, and close it in other programs.")
    else:
        data = source
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        _refuse(name, "the file is empty", "Issue the sheet again, or take the copy that was filled in.")
    if data.startswith(_OLE):
        _refuse(name, "this is an old Excel workbook (.xls) or an encrypted one", _SAVE)
    if data.startswith((b"%PDF", b"{\\rtf", b"<html", b"<!DOCTYPE", b"<?xml")):
        _refuse(name, "this is no spreadsheet", _SAVE)
    return data, name


def _refuse(name: str, what: str, remedy: str) -> NoReturn:
    raise SheetError(f"{name} was not read.", [Problem(name, what, remedy)])
