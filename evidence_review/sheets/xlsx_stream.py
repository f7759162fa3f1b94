"""XLSX of any number of rows in bounded memory: one worksheet to read, nothing in it to fill in."""

from __future__ import annotations

import io
import pickle
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any
from xml.sax.saxutils import escape
from zipfile import ZipFile

from evidence_review.errors import SheetError
from evidence_review.sheets.table import letter, spread, spread_headings, widened
from evidence_review.sheets.xlsx_write import Column, cell_text, lay_out, put, repeatable, row_height, styles

_PIECE = 1 << 18
_MOST_IN_MEMORY = 8_000_000
_PAGE = "xl/worksheets/sheet1.xml"
# The second row, of which the number of its cells' look is kept.
_BLANK_ROW = re.compile(rb'<row r="2".*?( s="\d+").*?</row>')
# Excel's limit for one worksheet (Microsoft, "Excel specifications and limits").
ROW_LIMIT = 1_048_576


def xlsx_pieces(title: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Yield a workbook; the rows wait in a file until it is known which columns hold more than a cell can.

    Its first row and first column stay in sight. The same rows give the same bytes.

    Raises:
        SheetError: there are more rows than a worksheet has.
    """
    with (
        tempfile.SpooledTemporaryFile(max_size=_MOST_IN_MEMORY) as waiting,
        tempfile.TemporaryFile() as finished,
    ):
        widths = [1] * len(columns)
        count = 0
        for row in rows:
            widths = widened(widths, row)
            pickle.dump(list(row), waiting, pickle.HIGHEST_PROTOCOL)
            count += 1
            if count == ROW_LIMIT:
                raise SheetError(
                    f"A worksheet has {ROW_LIMIT:,} rows, too few for so many records. Write them as CSV, or in parts."
                )
        size = waiting.tell()
        waiting.seek(0)
        # What is read from there was written just above.
        spread_rows = (spread(pickle.load(waiting), widths) for _ in range(count))  # noqa: S301
        _save(title, _spread(columns, widths), spread_rows, count, size, finished)
        finished.seek(0)
        while piece := finished.read(_PIECE):
            yield piece


def _spread(columns: Sequence[Column], widths: Sequence[int]) -> list[Column]:
    by_name = {column.name: column for column in columns}
    headings = spread_headings([column.name for column in columns], widths)
    return [by_name.get(heading) or Column(heading, width=60) for heading in headings]


def _save(
    title: str, columns: Sequence[Column], rows: Iterable[Sequence[str]], count: int, size: int, out: IO[bytes]
) -> None:
    """Write a workbook of `count` rows that take some `size` bytes: openpyxl makes all of it but the rows.

    To make an object of every cell, as openpyxl does, takes ten times as long.
    """
    pattern = _pattern_book(title, columns, count)
    with ZipFile(pattern) as parts:
        before, look, after = _BLANK_ROW.split(parts.read(_PAGE))
    # Whoever reads row by row must otherwise look through the whole worksheet for its last row first.
    size_of_page = f'<dimension ref="A1:{letter(len(columns) - 1)}{count + 1}"/><sheetViews>'
    before = before.replace(b"<sheetViews>", size_of_page.encode(), 1)
    looks = [(letter(place), look.decode()) for place in range(len(columns))]

    def page() -> Iterator[bytes]:
        yield before
        for number, row in enumerate(rows, start=2):
            yield _row(number, row, row_height(row, columns), looks)
        yield after

    # One byte becomes seven at most; what surrounds a cell has less than sixty.
    at_most = len(before) + len(after) + 7 * size + 60 * count * (len(columns) + 1)
    repeatable(pattern, out, instead={_PAGE: (page(), at_most)})


def _pattern_book(title: str, columns: Sequence[Column], count: int) -> IO[bytes]:
    """Return a workbook of the headings and one blank row, laid out for `count` rows."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    page: Any = book.create_sheet(title)
    lay_out(page, columns, count, frozen=1)
    look = styles()
    headings = []
    for column in columns:
        cell: Any = WriteOnlyCell(page)
        put(cell, column.name)
        cell.font, cell.fill, cell.alignment = look.bold, look.head, look.top
        headings.append(cell)
    page.append(headings)
    blank: Any = WriteOnlyCell(page)
    put(blank, "")
    blank.alignment, blank.border = look.top, look.rule
    page.append([blank])
    pattern = io.BytesIO()
    book.save(pattern)
    return pattern


def _row(number: int, row: Sequence[str], height: float, looks: Sequence[tuple[str, str]]) -> bytes:
    """Return a row of a worksheet as XML: each cell text, whatever it looks like."""
    cells = [f'<row r="{number}" ht="{height:.15g}" customHeight="1">']
    for text, (column, look) in zip(row, looks, strict=True):
        if not text:
            cells.append(f'<c r="{column}{number}"{look} t="n"></c>')
            continue
        shown = cell_text(text)
        space = "" if shown == shown.strip() else ' xml:space="preserve"'
        cells.append(f'<c r="{column}{number}"{look} t="inlineStr"><is><t{space}>{escape(shown)}</t></is></c>')
    cells.append("</row>")
    return "".join(cells).encode("ascii", "xmlcharrefreplace")
