"""XLSX for people: drop-downs, a header that stays, wrapped text, and only the cells to fill in unlocked."""

from __future__ import annotations

import datetime
import io
import math
import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any

from evidence_review.sheets.guard import guard
from evidence_review.sheets.table import LISTS, fold, split

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet as Page

# What XML 1.0 cannot carry, and `_x0041_`, which Excel would read as an escape of its own.
_NEEDS_ESCAPE = re.compile(r"[\x00-\x08\x0b\x0c\r\x0e-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_LINE = 14.5  # points
_HEAD, _EDIT, _MARK, _LINKED = "FFDDE6EE", "FFFFF8E1", "FFB03A2E", "FF1F4E79"
# Without a name a font is whatever the program takes first, such as a serif one in LibreOffice.
_FONT, _SIZE = "Calibri", 11
_EPOCH = "1980-01-01T00:00:00Z"
# Excel opens no workbook with more links on a worksheet, nor one with a longer link.
_LINKS_AT_MOST, _LINK_LENGTH = 65_000, 2_000


@dataclass(frozen=True, slots=True)
class Column:
    """How a column looks. `answers` make a drop-down (other words stay possible); `editable` unlocks its cells.

    In a column of `links` a web address can be clicked.
    """

    name: str
    width: float = 14
    answers: tuple[str, ...] = ()
    editable: bool = False
    help: str = ""
    links: bool = False


@dataclass(frozen=True, slots=True)
class Worksheet:
    """One worksheet. `rows` have a cell a column; `locked` protects all but the editable columns (no password).

    `frozen` columns stay in sight when scrolling; in `coloured` columns the words of `highlight` are coloured.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    locked: bool = True
    frozen: int = 0
    highlight: Sequence[str] = ()
    coloured: Sequence[str] = ()


def write_xlsx(worksheets: Sequence[Worksheet], when: str = _EPOCH) -> bytes:
    """Return a workbook. The same worksheets and `when` (the time noted in its properties) give the same bytes."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    lists: dict[tuple[str, ...], str] = {}
    for worksheet in worksheets:
        _write(book, worksheet, lists)
    _write_lists(book, lists)
    raw, finished = io.BytesIO(), io.BytesIO()
    book.save(raw)
    repeatable(raw, finished, when)
    return finished.getvalue()


@dataclass(frozen=True, slots=True)
class Styles:
    """How cells look: fonts of headings and links, fills of headings and of cells to fill in, the rest of any cell."""

    bold: Any
    linked: Any
    head: Any
    edit: Any
    top: Any
    rule: Any


def styles() -> Styles:
    """Return the looks of cells."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    return Styles(
        bold=Font(name=_FONT, size=_SIZE, bold=True),
        linked=Font(name=_FONT, size=_SIZE, color=_LINKED, underline="single"),
        head=PatternFill("solid", start_color=_HEAD),
        edit=PatternFill("solid", start_color=_EDIT),
        top=Alignment(vertical="top", wrap_text=True),
        rule=Border(bottom=Side(style="hair")),
    )


def lay_out(page: Any, columns: Sequence[Column], rows: int, frozen: int) -> None:
    """Set what holds for a whole worksheet: widths, what stays in sight, the filter, how it prints."""
    from openpyxl.utils import get_column_letter

    for place, column in enumerate(columns, start=1):
        page.column_dimensions[get_column_letter(place)].width = column.width
    page.freeze_panes = f"{get_column_letter(frozen + 1)}2"
    if rows:
        page.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{rows + 1}"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"


def _write(book: Workbook, worksheet: Worksheet, lists: dict[tuple[str, ...], str]) -> None:
    from openpyxl.styles import Protection
    from openpyxl.utils import get_column_letter

    page = book.create_sheet(worksheet.title[:31])
    headings, rows = split([column.name for column in worksheet.columns], worksheet.rows)
    by_name = {column.name: column for column in worksheet.columns}
    columns = [by_name.get(heading) or Column(heading, width=60) for heading in headings]
    lay_out(page, columns, len(rows), worksheet.frozen)
    look = styles()
    links = 0
    words = _pattern(worksheet.highlight)
    for place, column in enumerate(columns, start=1):
        cell = page.cell(1, place)
        put(cell, column.name)
        cell.font, cell.fill, cell.alignment = look.bold, look.head, look.top
    for number, row in enumerate(rows, start=2):
        page.row_dimensions[number].height = row_height(row, columns)
        for place, (column, text) in enumerate(zip(columns, row, strict=True), start=1):
            cell = page.cell(number, place)
            put(cell, text, words if column.name in worksheet.coloured else None)
            cell.alignment, cell.border = look.top, look.rule
            if column.links and _can_be_clicked(text) and links < _LINKS_AT_MOST:
                cell.hyperlink, cell.font = text, look.linked
                links += 1
            if column.editable:
                cell.fill = look.edit
                cell.protection = Protection(locked=False)
    if rows:
        for place, column in enumerate(columns, start=1):
            if column.answers or column.help:
                _validate(page, get_column_letter(place), len(rows) + 1, column, lists)
    if worksheet.locked:
        _protect(page)


def _can_be_clicked(text: str) -> bool:
    return text.startswith(("https://", "http://")) and len(text) <= _LINK_LENGTH and text.isprintable()


def row_height(row: Sequence[str], columns: Sequence[Column]) -> float:
    """Return a row's height in points, so that wrapped text is seen whole: some programs do not reckon it themselves.

    A column's width counts digits; running text takes a little less, and each line ends with room for half a word.
    Excel's highest row has 409 points.
    """
    lines = max(
        (
            sum(max(1, math.ceil(len(part) / max(1.2 * column.width - 5, 4))) for part in text.split("\n"))
            for text, column in zip(row, columns, strict=True)
        ),
        default=1,
    )
    return float(min(_LINE * lines + 3, 409))


def cell_text(text: str) -> str:
    """Return what stands in a cell for a text: guarded, and escaped where XML cannot carry it."""
    text = guard(text)
    if _NEEDS_ESCAPE.search(text):
        return _NEEDS_ESCAPE.sub(lambda found: f"_x{ord(found.group()):04X}_", text)
    return text


def put(cell: Any, text: str, words: re.Pattern[str] | None = None) -> None:
    """Put text into a cell as text: no formula, no number, no date."""
    from openpyxl.cell.rich_text import CellRichText

    text = cell_text(text)
    if not text:
        cell.number_format = "@"
        return
    cell.value = _coloured(text, words) if words is not None and words.search(text) else text
    if not isinstance(cell.value, CellRichText):
        cell.data_type = "s"
    cell.number_format = "@"


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    """Match the beginnings of words; the longest first, so that `partnership` wins over `partner`."""
    chosen = sorted({fold(word) for word in words if len(fold(word)) > 2}, key=lambda word: (-len(word), word))
    if not chosen:
        return None
    return re.compile(r"\b(?:" + "|".join(re.escape(word) for word in chosen) + r")\w*", re.IGNORECASE)


def _coloured(text: str, words: re.Pattern[str]) -> Any:
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont
    from openpyxl.styles.colors import Color

    font = InlineFont(rFont=_FONT, sz=_SIZE, b=True, color=Color(rgb=_MARK))
    parts: list[Any] = []
    end = 0
    for found in words.finditer(text):
        if found.start() > end:
            parts.append(text[end : found.start()])
        parts.append(TextBlock(font, found.group()))
        end = found.end()
    if end < len(text):
        parts.append(text[end:])
    return CellRichText(parts)


def _validate(page: Page, place: str, last: int, column: Column, lists: dict[tuple[str, ...], str]) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    rule: Any
    if column.answers:
        source = lists.setdefault(column.answers, get_column_letter(len(lists) + 1))
        rule = DataValidation(
            type="list", formula1=f"{LISTS}!${source}$1:${source}${len(column.answers)}", allow_blank=True
        )
        rule.errorStyle, rule.showErrorMessage = "warning", True
        rule.errorTitle, rule.error = "Not one of the answers", "Choose from the list, or keep what you typed."
    else:
        rule = DataValidation(allow_blank=True)
    if column.help:
        rule.showInputMessage, rule.promptTitle, rule.prompt = True, column.name[:32], column.help[:255]
    rule.add(f"{place}2:{place}{last}")
    page.add_data_validation(rule)


def _write_lists(book: Workbook, lists: dict[tuple[str, ...], str]) -> None:
    """Keep the drop-downs' answers on a hidden worksheet: written into the rule they may have 255 characters."""
    if not lists:
        return
    page = book.create_sheet(LISTS)
    for answers, place in lists.items():
        for number, answer in enumerate(answers, start=1):
            put(page[f"{place}{number}"], answer)
    page.sheet_state = "hidden"


def _protect(page: Page) -> None:
    page.protection.sheet = True
    page.protection.formatCells = page.protection.formatColumns = page.protection.formatRows = False
    page.protection.autoFilter = page.protection.sort = False


def repeatable(
    raw: IO[bytes],
    finished: IO[bytes],
    when: str = _EPOCH,
    instead: Mapping[str, tuple[Iterable[bytes], int]] = MappingProxyType({}),
) -> None:
    """Write the archive again with fixed times, so that the same sheet is the same file.

    `instead` has the pieces of which a part is made anew, and how many bytes these have at most.
    """
    stamp = datetime.datetime.fromisoformat(when).strftime("%Y-%m-%dT%H:%M:%SZ")
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(finished, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            entry = zipfile.ZipInfo(item.filename, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            if item.filename == "docProps/core.xml":
                body = re.sub(
                    rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp.encode(), old.read(item)
                )
                new.writestr(entry, body)
                continue
            pieces, entry.file_size = instead.get(item.filename, ((), item.file_size))
            with old.open(item) as part, new.open(entry, "w") as copied:
                if pieces:
                    copied.writelines(pieces)
                else:
                    shutil.copyfileobj(part, copied)
