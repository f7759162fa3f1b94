"""A sheet as values: columns and rows of text, each row knowing its number in the spreadsheet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from evidence_review.errors import Problem

# Excel's limit for one cell, in UTF-16 code units (Microsoft, "Excel specifications and limits"). What is longer is
# cut by Excel or spills into the next rows, so it is written into further columns instead.
CELL_LIMIT = 32_767
CONTINUED = " (continued)"
# The hidden worksheet with the answers of drop-downs.
LISTS = "lists"

_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\x00]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `number` is the one that the spreadsheet shows; `cells` has every column, blank where nothing stood."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def get(self, column: str) -> str:
        """Return a cell, "" where the sheet has no such column."""
        return self.cells.get(column, "")

    def plain(self, column: str) -> str:
        """Return a cell without the spaces and invisible characters that people do not see."""
        return plain(self.get(column))


@dataclass(frozen=True, slots=True)
class Table:
    """What was read from a file. `notes` say what the reader had to assume (an encoding, a separator).

    `worksheet` is the title of the worksheet ("" for CSV); `sha256` that of the file's bytes; `guessed` whether the
    encoding was guessed, so that letters outside ASCII are uncertain.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    worksheet: str = ""
    sha256: str = ""
    encoding: str = ""
    guessed: bool = False

    def where(self, row: Row | int | None = None, column: str = "") -> str:
        """Return the place of a problem: `sheet.csv row 41, column decision`."""
        place = f"{self.name}, worksheet '{self.worksheet}'" if self.worksheet else self.name
        if row is not None:
            number = row if isinstance(row, int) else row.number
            place += f"{',' if self.worksheet else ''} row {number}"
        return f"{place}, column {column}" if column else place


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns that a reader needs (`required`) and those that it also knows (`optional`)."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(required: Sequence[str], optional: Sequence[str]) -> Wanted:
        """Make the set of wanted columns."""
        names = {fold(name): name for name in (*optional, *required)}
        return Wanted(tuple(required), tuple(optional), names)

    def found(self, headings: Sequence[str]) -> int:
        """Return how many required columns stand in a header, plus a little for each optional one."""
        have = {fold(heading) for heading in headings}
        return 1000 * sum(fold(name) in have for name in self.required) + sum(
            fold(name) in have for name in self.optional
        )

    def has_all(self, headings: Sequence[str]) -> bool:
        """Whether every required column stands in a header."""
        have = {fold(heading) for heading in headings}
        return all(fold(name) in have for name in self.required)

    def below(self, rows: Sequence[tuple[int, Sequence[str]]]) -> int:
        """Return the number of the row that has every required column where the first has not; 0 where none does."""
        if not self.required or not rows or self.has_all(rows[0][1]):
            return 0
        return next((number for number, cells in rows if self.has_all(cells)), 0)


def plain(text: str) -> str:
    """Return a short answer as a person sees it: no outer or double spaces, no invisible characters, NFKC."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).split())


def fold(heading: str) -> str:
    """Return a heading for comparison: case, spaces, underscores and hyphens do not count."""
    return plain(re.sub(r"[_\-]", " ", heading)).casefold()


def letter(position: int) -> str:
    """Return the letter of a column (0 is A), as spreadsheets show it."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def units(text: str) -> int:
    """Return a text's length in UTF-16 code units, which is what spreadsheets count."""
    return len(text) + sum(character > "\uffff" for character in text)


def tabulate(
    cells: Sequence[tuple[int, Sequence[str]]], wanted: Wanted, place: Table
) -> tuple[Table, tuple[Problem, ...]]:
    """Give raw rows (number, cells) their columns; the first is the header. `place` names the file in problems."""
    if number := wanted.below(cells):
        remedy = "Move them to the top, and delete what stands above them and is no row of the sheet."
        return place, (Problem(place.where(number), "the headings stand here, with other rows above them", remedy),)
    problems: list[Problem] = []
    header_number, header = cells[0]
    headings = _headings(header, wanted)
    used = {heading: where for where, heading in reversed(list(enumerate(headings))) if heading}
    for where, heading in enumerate(headings):
        if heading and used[heading] != where:
            problems.append(
                Problem(
                    place.where(header_number),
                    f"column '{heading}' stands twice, in {letter(used[heading])} and {letter(where)}",
                    "Keep one of them and rename or delete the other.",
                )
            )
    for name in wanted.required:
        if name not in used:
            spare = [heading for heading in used if heading not in wanted.names.values()]
            near = get_close_matches(fold(name), [fold(heading) for heading in spare], n=1, cutoff=0.6)
            remedy = f"If it is the one now called '{near[0]}', rename that back." if near else ""
            problems.append(
                Problem(
                    place.where(header_number),
                    f"column '{name}' is missing",
                    remedy or "Put the column back as it was issued.",
                )
            )
    rows = []
    for number, values in cells[1:]:
        if not any(plain(value) for value in values):
            continue
        surplus = [value for value in values[len(headings) :] if plain(value)]
        if surplus:
            problems.append(
                Problem(
                    place.where(number),
                    f"the row has {len(values)} cells and the header {len(headings)}",
                    "Delete what stands above the row of headings, or give every column one."
                    if place.worksheet
                    else "A separator or quote inside a cell was probably not quoted; mend the row, or save as XLSX.",
                )
            )
            continue
        filled = [*values, *[""] * (len(headings) - len(values))]
        named = {heading: filled[where] for where, heading in enumerate(headings) if heading and used[heading] == where}
        nameless = [where for where, heading in enumerate(headings) if not heading and plain(filled[where])]
        if nameless:
            named.update({f"column {letter(where)}": filled[where] for where in nameless})
        rows.append(Row(number, _joined(named)))
    columns = tuple(heading for heading in headings if heading and CONTINUED not in heading)
    return replace(place, columns=columns, rows=tuple(rows)), tuple(problems)


def _headings(header: Sequence[str], wanted: Wanted) -> list[str]:
    headings = [wanted.names.get(fold(cell), plain(cell)) for cell in header]
    while headings and not headings[-1]:
        headings.pop()
    return headings


def _joined(cells: dict[str, str]) -> dict[str, str]:
    """Join what was written into continuation columns, in their order, wherever they were moved to."""
    for heading in sorted((name for name in cells if CONTINUED in name), key=lambda name: (len(name), name)):
        rest = cells.pop(heading)
        base = heading.partition(CONTINUED)[0]
        cells[base] = cells.get(base, "") + rest
    return cells


def split(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Give what is too long for one cell further columns, `abstract (continued)`, to its right."""
    widths = [1] * len(columns)
    for row in rows:
        widths = widened(widths, row)
    return spread_headings(columns, widths), [spread(row, widths) for row in rows]


def widened(widths: Sequence[int], row: Sequence[str]) -> list[int]:
    """Return how many cells each column needs, where the rows before needed `widths`."""
    return [max(width, len(pieces(cell))) for width, cell in zip(widths, row, strict=True)]


def spread_headings(columns: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return the headings of columns that are so many cells wide."""
    return [
        name + (CONTINUED + (f" {part}" if part > 1 else "") if part else "")
        for name, width in zip(columns, widths, strict=True)
        for part in range(width)
    ]


def spread(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return a row in columns that are so many cells wide."""
    if len(row) == sum(widths):
        return list(row)
    return [
        piece
        for cut, width in zip(map(pieces, row), widths, strict=True)
        for piece in [*cut, *[""] * (width - len(cut))]
    ]


_ROOM = CELL_LIMIT - 1


def fits(text: str) -> bool:
    """Whether a text fits one cell, with room for the guard's apostrophe."""
    return len(text) <= _ROOM // 2 or units(text) <= _ROOM


def pieces(text: str) -> list[str]:
    """Cut a text into pieces that fit a cell."""
    if fits(text):
        return [text]
    cut: list[str] = []
    piece: list[str] = []
    used = 0
    for character in text:
        size = 2 if character > "\uffff" else 1
        if used + size > _ROOM:
            cut.append("".join(piece))
            piece, used = [], 0
        piece.append(character)
        used += size
    cut.append("".join(piece))
    return cut
