"""XLSX as text: every cell becomes what a person sees in it; formulas give their result or are refused."""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from evidence_review.errors import Problem, SheetError
from evidence_review.sheets.guard import unguard
from evidence_review.sheets.table import LISTS, Table, Wanted, letter, plain, tabulate
from evidence_review.sheets.xlsx_merged import Merged, across_rows

# A sheet of 100,000 abstracts unpacks to some 300 MB; what claims more is not a sheet.
_UNPACKED_LIMIT = 1 << 30
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_OPEN_AND_SAVE = "Open it in a spreadsheet program and save it again as XLSX or as CSV UTF-8."


class _Formula(NamedTuple):
    """Where a formula stands, and how its result is shown."""

    title: str
    number: int
    place: int
    number_format: str


def read_worksheet(data: bytes, name: str, wanted: Wanted, sha256: str, faults: list[Problem] | None = None) -> Table:
    """Read the one worksheet that has the wanted columns; `faults` as in `evidence_review.sheets.read`.

    Raises:
        SheetError: no worksheet has them, several do, or cells cannot be read.
    """
    sheets, unknown = _worksheets(data, name, blocks=True)
    if not sheets:
        raise _refused(name, [Problem(name, "every worksheet is empty", "Issue the sheet again.")])
    fitting = [title for title, cells in sheets.items() if wanted.has_all(cells[0][1])]
    if len(fitting) > 1 and wanted.required:
        what = f"worksheets {', '.join(repr(title) for title in fitting)} all have the columns of this sheet"
        raise _refused(name, [Problem(name, what, "Keep the filled one and delete the copies.")])
    below = [title for title, cells in sheets.items() if not fitting and wanted.below(cells)]
    best = (fitting or below or [max(sheets, key=lambda title: wanted.found(sheets[title][0][1]))])[0]
    place = Table(name, (), (), worksheet=best, sha256=sha256, encoding="xlsx")
    table, problems = tabulate(sheets[best], wanted, place)
    if not fitting and not below and len(sheets) > 1:
        titles = ", ".join(repr(title) for title in sheets)
        problems = (*problems, Problem(name, f"none of its worksheets ({titles}) has all columns of this sheet"))
    # A formula on a worksheet that nobody reads is nobody's concern.
    if problems or (faults is None and best in unknown):
        raise _refused(name, [*problems, *unknown.get(best, ())])
    if faults is not None:
        faults += unknown.get(best, ())
    return table


def read_worksheets(data: bytes, name: str, sha256: str) -> dict[str, Table]:
    """Read every worksheet that has a header, by its title."""
    tables: dict[str, Table] = {}
    sheets, unknown = _worksheets(data, name, blocks=False)
    problems = [problem for found in unknown.values() for problem in found]
    for title, cells in sheets.items():
        # Two drop-downs may begin with the same answer; their worksheet is ours and is no table.
        if title == LISTS:
            continue
        place = Table(name, (), (), worksheet=title, sha256=sha256, encoding="xlsx")
        tables[title], found = tabulate(cells, Wanted(), place)
        problems += found
    if problems:
        raise _refused(name, problems)
    return tables


def _refused(name: str, problems: Any) -> SheetError:
    return SheetError(f"{name} was not read; nothing of it was taken.", problems)


def _check_archive(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(item.file_size for item in archive.infolist())
            names = set(archive.namelist())
            kind = archive.read("mimetype")[:80] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as fault:
        raise _refused(name, [Problem(name, f"the file is damaged ({fault})", _OPEN_AND_SAVE)]) from None
    if b"opendocument" in kind:
        raise _refused(name, [Problem(name, "this is an OpenDocument sheet (.ods)", _OPEN_AND_SAVE)])
    if "xl/workbook.xml" not in names:
        raise _refused(name, [Problem(name, "this archive is no workbook", _OPEN_AND_SAVE)])
    if size > _UNPACKED_LIMIT:
        raise _refused(name, [Problem(name, f"it unpacks to {size >> 20} MB, which no sheet does", "")])


def _worksheets(
    data: bytes, name: str, *, blocks: bool
) -> tuple[dict[str, list[tuple[int, list[str]]]], dict[str, list[Problem]]]:
    """Return the rows of each worksheet from its first filled row on, and its cells whose text nobody can know.

    These are formulas without a result and, where `blocks` are refused, cells merged across rows. Empty worksheets are
    left out.
    """
    _check_archive(data, name)
    formulas: list[_Formula] = []
    sheets: dict[str, list[tuple[int, list[str]]]] = {}
    merged: dict[str, list[Merged]] = {}
    for sheet in _load(data, name, values=False):
        sheets[sheet.title] = list(_rows(sheet.title, sheet.iter_rows(), formulas))
        if blocks:
            with sheet._get_source() as part:  # openpyxl has no public way to a worksheet's XML
                merged[sheet.title] = list(across_rows(part))
    unknown = _put_results(data, name, sheets, formulas) if formulas else {}
    found = {}
    for title, rows in sheets.items():
        first = next((place for place, (_, row) in enumerate(rows) if any(plain(cell) for cell in row)), None)
        if first is not None:
            found[title] = rows[first:]
            problems = _unclear(title, name, rows, merged.get(title, []), rows[first][0])
            unknown.setdefault(title, []).extend(problems)
    return found, {title: some for title, some in unknown.items() if some}


def _unclear(
    title: str, name: str, rows: list[tuple[int, list[str]]], merged: list[Merged], header: int
) -> Iterator[Problem]:
    """Yield a problem for each block of merged cells below the header that holds something."""
    for block in merged:
        cells = rows[block.first - 1][1] if block.first <= len(rows) else []
        if block.first <= header or block.column >= len(cells) or not plain(cells[block.column]):
            continue
        where = f"{name}, worksheet '{title}', row {block.first}, column {letter(block.column)}"
        what = f"the cells of rows {block.first} to {block.last} are merged, so it is not known for which they speak"
        yield Problem(where, what, "Unmerge them and fill in each row.")


def _load(data: bytes, name: str, *, values: bool) -> Iterator[Any]:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations that it does not know
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=values)
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # some programs write a wrong one, and rows would be missing
                yield sheet
            book.close()
    except Exception as fault:  # openpyxl lets KeyError, ValueError, TypeError, XML errors … through on damaged files
        if isinstance(fault, SheetError):
            raise
        what = f"the workbook cannot be read ({type(fault).__name__}: {fault})"
        raise _refused(name, [Problem(name, what, _OPEN_AND_SAVE)]) from fault


def _rows(title: str, rows: Any, formulas: list[_Formula]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, start=1):
        cells = []
        for place, cell in enumerate(row):
            if getattr(cell, "data_type", "") == "f":
                formulas.append(_Formula(title, number, place, str(getattr(cell, "number_format", ""))))
                cells.append("")
            else:
                cells.append(_text(cell.value, getattr(cell, "number_format", "")))
        yield number, cells


def _put_results(
    data: bytes, name: str, sheets: dict[str, list[tuple[int, list[str]]]], formulas: list[_Formula]
) -> dict[str, list[Problem]]:
    """Fill in what formulas gave when the workbook was last calculated; return those that gave nothing, by sheet."""
    results = {
        sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()]
        for sheet in _load(data, name, values=True)
    }
    unknown: dict[str, list[Problem]] = {}
    for title, number, place, number_format in formulas:
        row = results[title][number - 1]
        value = row[place] if place < len(row) else None
        if value is None:
            where = f"{name}, worksheet '{title}', row {number}, column {letter(place)}"
            remedy = "Type the answer itself, or save the workbook once in a spreadsheet program."
            unknown.setdefault(title, []).append(Problem(where, "a formula without a result", remedy))
        sheets[title][number - 1][1][place] = _text(value, number_format)
    return unknown


def _text(value: Any, number_format: str) -> str:
    """Return a cell's value as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    # A whole number is stored without its point: 100 % is 1, not 1.0.
    if isinstance(value, (int, float)) and "%" in str(number_format):
        return f"{value * 100:.10g}%"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    text = _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), str(value))
    return unguard(text.replace("\0", ""))
