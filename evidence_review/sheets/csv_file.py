"""CSV as spreadsheets read and write it: UTF-8 with a mark, so that Excel knows; commas; one line end for all."""

from __future__ import annotations

import csv
import io
import pickle
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from evidence_review.csv_text import csv_text, long_cells
from evidence_review.errors import Problem, SheetError
from evidence_review.sheets.encoding import decode
from evidence_review.sheets.guard import guard, unguard
from evidence_review.sheets.table import Table, Wanted, fits, spread, spread_headings, tabulate, widened

_MOST_IN_MEMORY = 8_000_000
SEPARATORS = (",", ";", "\t", "|")
_SEP_LINE = re.compile(r'"?sep=(.)"?[ ,;\t]*(\r\n|\r|\n)', re.IGNORECASE)


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[str]], separator: str = ",") -> bytes:
    """Return a sheet as CSV: UTF-8 with a byte order mark, formulas guarded, long cells in further columns.

    Every row has one cell a column. `separator` may be ";" for an Excel whose locale writes decimals with a comma.
    """
    return b"".join(csv_pieces(columns, (csv_line(row, separator) for row in rows), separator))


# A row whose cells all fit, as its line of the file, or the cells of one that has a longer.
Line = bytes | list[str]


def csv_line(row: Sequence[str], separator: str = ",") -> Line:
    """Return what a row becomes, as far as that can be known before all other rows are."""
    return _line(row, separator) if all(map(fits, row)) else list(row)


def csv_pieces(columns: Sequence[str], rows: Iterable[Line], separator: str = ",") -> Iterator[bytes]:
    """Yield what `write_csv` returns, in bounded memory: the lines wait in a file until all widths are known.

    `rows` are what `csv_line` makes of them with the same `separator`.
    """
    widths = [1] * len(columns)
    with tempfile.SpooledTemporaryFile(max_size=_MOST_IN_MEMORY) as waiting:
        for row in rows:
            if isinstance(row, list):
                widths = widened(widths, row)
            pickle.dump(row, waiting, pickle.HIGHEST_PROTOCOL)
        waiting.seek(0)
        yield b"\xef\xbb\xbf" + _line(spread_headings(columns, widths), separator)
        with long_cells(), suppress(EOFError):
            while True:
                yield _widened(pickle.load(waiting), widths, separator)  # noqa: S301  # written just above


def _widened(row: Line, widths: Sequence[int], separator: str) -> bytes:
    """Return a row's line in columns that are so many cells wide."""
    if isinstance(row, list):
        return _line(spread(row, widths), separator)
    if sum(widths) == len(widths):
        return row
    (cells,) = csv.reader(io.StringIO(row.decode("utf-8"), newline=""), delimiter=separator)
    return _line(spread([unguard(cell) for cell in cells], widths), separator)


def _line(cells: Sequence[str], separator: str) -> bytes:
    return csv_text([[guard(cell) for cell in cells]], separator).encode("utf-8", "replace")


def read_csv(data: bytes, name: str, wanted: Wanted, sha256: str) -> Table:
    """Read a CSV file whatever its encoding, separator and line ends.

    Raises:
        SheetError: with every problem of the file's form: quotes, cells, columns.
    """
    decoded = decode(data, name)
    body = decoded.text.removeprefix("\ufeff")
    said = _SEP_LINE.match(body)
    if said:
        body = body[said.end() :]
    separator = said.group(1) if said else _separator(body, wanted)
    place = Table(name, (), (), decoded.notes, sha256=sha256, encoding=decoded.encoding, guessed=decoded.guessed)
    with long_cells():
        cells = list(_cells(body, separator, place))
    filled = next((place for place, (_, row) in enumerate(cells) if any(cell.strip() for cell in row)), None)
    if filled is None:
        raise SheetError(f"{name} is empty.", [Problem(name, "no header and no rows", "Issue the sheet again.")])
    _whole_rows_in_one_cell(cells[filled][1], wanted, place)
    table, problems = tabulate(cells[filled:], wanted, place)
    if problems:
        raise SheetError(f"{name} was not read; nothing of it was taken.", problems)
    return table


def _separator(text: str, wanted: Wanted) -> str:
    """Return the separator that finds most of the wanted columns in the first row, else makes most cells of it."""

    def rank(separator: str) -> tuple[int, int]:
        try:
            header = next((row for row in csv.reader(_lines(text), delimiter=separator) if any(row)), [])
        except csv.Error:
            return (0, 0)
        return (wanted.found([unguard(cell) for cell in header]), len(header))

    return max(SEPARATORS, key=rank)


def _lines(text: str) -> Iterator[str]:
    """Yield lines with their ends, cut at CR, LF and CRLF only (`splitlines` would also cut at U+2028)."""
    return iter(io.StringIO(text, newline=""))


def _cells(text: str, separator: str, place: Table) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's number, as a spreadsheet shows it, and its cells."""
    reader = csv.reader(_lines(text), delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        begun = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise SheetError(
                f"{place.name} was not read; nothing of it was taken.",
                [
                    Problem(
                        f"{place.where(number)} (line {begun} of the file)",
                        f"a quotation mark is open or stands in the wrong place ({fault})",
                        'Inside a quoted cell every quotation mark must be doubled (""): open the sheet in a '
                        "spreadsheet and save it again.",
                    )
                ],
            ) from None
        yield number, [unguard(cell) for cell in row]


def _whole_rows_in_one_cell(header: Sequence[str], wanted: Wanted, place: Table) -> None:
    """Recognise what Excel makes of a CSV whose separator is not its locale's: every row in the first cell."""
    filled = [cell for cell in header if cell.strip()]
    if len(filled) != 1 or not wanted.required or wanted.found(filled):
        return
    if any(wanted.has_all(filled[0].replace('"', "").split(separator)) for separator in SEPARATORS):
        raise SheetError(
            f"{place.name} was not read; nothing of it was taken.",
            [
                Problem(
                    place.where(1),
                    "every row stands in one single cell: it was opened with another separator than it was written "
                    "with, and saved so",
                    "Take the file as it was issued, open it with 'Data > From Text/CSV' (UTF-8), or ask for the "
                    "sheet with '--format xlsx'.",
                )
            ],
        )
