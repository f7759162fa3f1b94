"""XLSX of any number of rows in bounded memory: one worksheet to read, nothing in it to fill in."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import IO, TYPE_CHECKING, Any

from evidence_review.sheets.table import spread, spread_headings, widened
from evidence_review.sheets.xlsx_write import Column, lay_out, put, repeatable, row_height, styles

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_PIECE = 1 << 18
_MOST_IN_MEMORY = 8_000_000


def xlsx_pieces(title: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Yield a workbook; the rows wait in a file until it is known which columns hold more than a cell can.

    Its first row and first column stay in sight. The same rows give the same bytes.
    """
    with (
        tempfile.SpooledTemporaryFile(max_size=_MOST_IN_MEMORY) as waiting,
        tempfile.TemporaryFile() as raw,
        tempfile.TemporaryFile() as finished,
    ):
        widths = [1] * len(columns)
        count = 0
        for row in rows:
            widths = widened(widths, row)
            pickle.dump(list(row), waiting, pickle.HIGHEST_PROTOCOL)
            count += 1
        waiting.seek(0)
        # What is read from there was written just above.
        _save(title, _spread(columns, widths), (spread(pickle.load(waiting), widths) for _ in range(count)), count, raw)  # noqa: S301
        repeatable(raw, finished)
        finished.seek(0)
        while piece := finished.read(_PIECE):
            yield piece


def _spread(columns: Sequence[Column], widths: Sequence[int]) -> list[Column]:
    by_name = {column.name: column for column in columns}
    headings = spread_headings([column.name for column in columns], widths)
    return [by_name.get(heading) or Column(heading, width=60) for heading in headings]


def _save(title: str, columns: Sequence[Column], rows: Iterable[Sequence[str]], count: int, out: IO[bytes]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page: Any = book.create_sheet(title)
    lay_out(page, columns, count, frozen=1)
    head, body = _model(page, heading=True), _model(page, heading=False)
    page.append(_cells(page, [column.name for column in columns], head))
    for number, row in enumerate(rows, start=2):
        page.row_dimensions[number].height = row_height(row, columns)
        page.append(_cells(page, row, body))
        # What has been written is asked for no more.
        del page.row_dimensions[number]
    book.save(out)


def _model(page: WriteOnlyWorksheet, heading: bool) -> Any:
    """Return a cell whose look others take over: to give each its own takes three times as long."""
    from openpyxl.cell import WriteOnlyCell

    cell: Any = WriteOnlyCell(page)
    look = styles()
    if heading:
        cell.font, cell.fill, cell.alignment = look.bold, look.head, look.top
    else:
        cell.alignment, cell.border = look.top, look.rule
    cell.number_format = "@"
    return cell


def _cells(page: WriteOnlyWorksheet, row: Sequence[str], model: Any) -> list[Any]:
    cells = []
    for text in row:
        cell = copy(model)
        put(cell, text)
        cells.append(cell)
    return cells
