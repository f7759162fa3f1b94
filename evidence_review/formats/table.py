"""Tables of records: CSV, TSV and XLSX of databases, screening tools and people.

The header is looked for below preambles such as a printed search query. A cell that swallowed the rows after it, which
an unclosed quote does, is flagged instead of being believed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import TextIOBase
from itertools import chain, islice

from evidence_review.csv_text import csv_text, long_cells
from evidence_review.errors import FormatError, Problem, suggest
from evidence_review.formats import columns
from evidence_review.formats.base import MOST_IN_A_RECORD, PREAMBLE, UNKNOWN_COLUMN, Aside, Item, Text
from evidence_review.formats.detect import table_vendor
from evidence_review.formats.normalise import Bag, citation
from evidence_review.formats.people import style
from evidence_review.formats.table_mends import USED, mend
from evidence_review.model.record import Parsed, Rejected
from evidence_review.sheets.guard import unguard
from evidence_review.sheets.table import CONTINUED

SEPARATORS = ",;\t|"
_HEADER_WITHIN = 40
# So many rows tell how a table that no vendor's is writes its people.
_TELL_STYLE = 500
_MOST_LINES_IN_A_CELL = 400
# So many rows are handed on together.
_STRETCH = 300

# A row with the line it begins on.
Row = tuple[int, list[str]]


def csv_rows(source: Text, separator: str) -> Iterator[Row]:
    """Yield the rows of a CSV file; a row that cannot be read raises FormatError with its line."""
    with source.stream() as stream:
        reader = csv.reader(_whole_lines(stream, source.name), delimiter=separator)
        at = 1
        try:
            with long_cells():
                for row in reader:
                    yield at, [unguard(cell) for cell in row]
                    at = reader.line_num + 1
        except csv.Error as fault:
            raise FormatError(
                f"{source.name} cannot be read as a table.",
                [Problem(f"{source.name} line {at}", str(fault), "Look for a quote that is opened and never closed.")],
            ) from None


def _whole_lines(stream: TextIOBase, name: str) -> Iterator[str]:
    for number, line in enumerate(iter(partial(stream.readline, MOST_IN_A_RECORD + 1), ""), start=1):
        if len(line) > MOST_IN_A_RECORD:
            raise FormatError(
                f"{name} cannot be read as a table.",
                [Problem(
                    f"{name} line {number}", f"the line has more than {MOST_IN_A_RECORD:,} characters",
                    "No database writes such rows: line ends are missing, or it is no table. Export it again.",
                )],
            )  # fmt: skip
        yield line.replace("\0", "")


def find_header(rows: Iterable[Row], own: Mapping[str, str]) -> tuple[Row | None, list[Row]]:
    """Return the header row, None where no row is one, and the rows above it."""
    above: list[Row] = []
    wanted = {columns.key(heading) for heading in own.values()}
    best: Row | None = None
    best_known = 0
    for place, (number, row) in enumerate(rows):
        cells = [cell.strip().strip('"\ufeff').strip() for cell in row]
        count = columns.known(cells) + 3 * len(wanted & {columns.key(cell) for cell in cells})
        if set(cells) >= columns.WOS_TAGS:
            count += 20
        above.append((number, cells))
        if count > best_known:
            best, best_known = (number, cells), count
        if (best_known >= 2 and place >= 3) or place >= _HEADER_WITHIN:
            break
    if best is None or best_known < 1:
        return None, above
    return best, [row for row in above if row[0] < best[0]]


@dataclass(frozen=True, slots=True)
class Shape:
    """How the rows of a table become records.

    `keys` are the headings as `columns.key` writes them, `roles` the fields of columns by their places, `rest` columns
    that continue others; `dialect` and `separator` are those of the table, `ids` the headings that name records.
    """

    headings: Sequence[str]
    keys: Sequence[str]
    roles: Mapping[int, str]
    rest: Sequence[tuple[int, int]]
    dialect: str
    separator: str
    ids: Sequence[str]

    def record(self, number: int, row: list[str]) -> Parsed | Rejected:
        """Return the record of a row."""
        if self.rest:
            row = _joined(row, self.rest)
        return _record(number, row, self.headings, self.keys, self.roles, self.dialect, self.separator, self.ids)


# A row with the shape that makes a record of it; or what was made already.
Entry = tuple[Shape, Row] | Item


def items(entries: Iterable[Entry]) -> Iterator[Item]:
    """Yield the records of rows, and what was made already."""
    for entry in entries:
        if isinstance(entry, tuple):
            shape, row = entry
            yield shape.record(*row)
        else:
            yield entry


def read_rows(rows: Iterator[Row], source: Text, dialect: str, separator: str) -> Iterator[Item]:
    """Yield the records of a table's rows."""
    return items(_entries(rows, source, dialect, separator))


def _entries(rows: Iterator[Row], source: Text, dialect: str, separator: str) -> Iterator[Entry]:
    """Yield the rows of a table below its header, each with what makes a record of it."""
    taken: list[Row] = []

    def remembered() -> Iterator[Row]:
        for row in rows:
            taken.append(row)
            yield row

    header, above = find_header(remembered(), source.columns)
    if header is None:
        raise FormatError(
            f"{source.name} has no heading that is known.",
            [Problem(
                f"{source.name} line 1", "found: " + ", ".join(cell for _, row in taken[:1] for cell in row)[:300],
                "Say which column is which in the protocol, under the source: columns: {title: HEADING, …}.",
            )],
        )  # fmt: skip
    for number, row in above:
        if any(row):
            yield Aside(number, PREAMBLE, separator.join(row).strip()[:200])
    headings = header[1]
    _check_own_columns(source, headings, header[0])
    if "TI" in headings and set(headings) >= columns.WOS_TAGS:
        from evidence_review.formats import wos

        yield from wos.read_table(headings, _below(header[0], taken, rows), separator)
        return
    roles = columns.assign(headings, source.columns)
    keys = [columns.key(heading) for heading in headings]
    rest = _continued(headings)
    read = {*roles, *(place for place, _ in rest)}
    for place, (heading, name) in enumerate(zip(headings, keys, strict=True)):
        if name and place not in read and name not in USED:
            yield Aside(header[0], UNKNOWN_COLUMN, heading[:200])
    below = _below(header[0], taken, rows)
    if not dialect:
        first = list(islice(below, _TELL_STYLE))
        below = chain(first, below)
        places = [place for place, role in roles.items() if role == "authors"]
        dialect = style(row[place] for place in places for _, row in first if place < len(row))
    shape = Shape(headings, keys, roles, rest, dialect, separator, source.ids)
    for number, row in below:
        if row[0].strip('\ufeff "') == headings[0] and [cell.strip('\ufeff "') for cell in row] == headings:
            # Where files were put one after the other.
            yield Aside(number, PREAMBLE, "the headings again")
            continue
        if columns.are_headings(row):
            # The same, with a table that has other columns.
            yield from _entries(chain([(number, row)], below), source, table_vendor(row), separator)
            return
        yield shape, (number, row)


def _continued(headings: Sequence[str]) -> list[tuple[int, int]]:
    """Return the columns that continue others, which hold what was too long for one cell, each with the column."""
    at = {heading: place for place, heading in enumerate(headings)}
    found = [
        (place, at[base])
        for place, heading in enumerate(headings)
        if CONTINUED in heading and (base := heading.partition(CONTINUED)[0]) in at
    ]
    return sorted(found, key=lambda pair: (len(headings[pair[0]]), headings[pair[0]]))


def _joined(row: list[str], rest: Sequence[tuple[int, int]]) -> list[str]:
    """Return a row with what its columns hold in several cells in one."""
    joined = list(row)
    for place, base in rest:
        if place < len(row):
            joined[base] += joined[place]
            joined[place] = ""
    return joined


def _check_own_columns(source: Text, headings: Sequence[str], number: int) -> None:
    """Refuse a mapping of columns that names a field or a heading that there is not."""
    where = f"{source.name} line {number}"
    known = {columns.key(heading) for heading in headings}
    problems = [
        Problem(f"columns: {name}", "is no field that is known", suggest(name, columns.FIELDS))
        for name in source.columns
        if not columns.role_of(name)
    ]
    problems += [
        Problem(where, f"there is no heading '{heading}'", suggest(heading, headings))
        for heading in source.columns.values()
        if columns.key(heading) not in known
    ]
    if problems:
        raise FormatError(f"The columns named for {source.name} do not fit it; nothing was read.", problems)


def _below(header: int, taken: Sequence[Row], rows: Iterator[Row]) -> Iterator[Row]:
    for number, row in taken:
        if number > header and any(cell.strip() for cell in row):
            yield number, row
    for number, row in rows:
        if any(map(str.strip, row)):
            yield number, row


def _record(
    number: int,
    row: list[str],
    headings: Sequence[str],
    keys: Sequence[str],
    roles: Mapping[int, str],
    dialect: str,
    separator: str,
    ids: Sequence[str] = (),
) -> Parsed | Rejected:
    raw = csv_text([row], separator)
    bag: Bag = {}
    trace: list[tuple[str, str, int]] = []
    for place, role in roles.items():
        if place < len(row) and (cell := row[place].strip()):
            bag.setdefault(role, []).append(cell)
            trace.append((role, headings[place], number))
    if not bag:
        return Rejected(number, "none of the columns that are known has anything in this row", raw)
    cells = dict(zip(keys, row, strict=False))
    mend(bag, cells, dialect)
    made, flags = citation(bag)
    if extra := sum(1 for cell in row[len(headings) :] if cell.strip()):
        flags = (*flags, f"{extra} cells beyond the last column")
    if raw.count("\n") > _MOST_LINES_IN_A_CELL and any(cell.count("\n") > _MOST_LINES_IN_A_CELL for cell in row):
        flags = (*flags, "a cell spans very many lines: an unclosed quote?")
    if "\ufffd" in raw:
        flags = (*flags, "undecodable byte")
    native = bag["native"][0] if bag.get("native") else ""
    native = native or next((cells[name] for name in ids if cells.get(name, "").strip()), "")
    return Parsed(made, raw, number, native, tuple(trace), flags)


class Table:
    """A table in a text file."""

    name = "csv"
    label = "table (CSV, TSV)"
    suffix = ".csv"

    def read(self, source: Text, dialect: str) -> Iterator[Item]:
        """Yield what the table holds. `dialect` is `<separator name>:<vendor>`."""
        return items(self._entries(source, dialect))

    def stretches(self, source: Text, dialect: str) -> Iterator[list[Entry]]:
        """Yield what the table holds, some rows at a time, for `items` to make records of in any process."""
        entries = self._entries(source, dialect)
        return iter(lambda: list(islice(entries, _STRETCH)), [])

    def _entries(self, source: Text, dialect: str) -> Iterator[Entry]:
        kind, _, vendor = dialect.partition(":")
        separator = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}[kind or "comma"]
        return _entries(csv_rows(source, separator), source, vendor, separator)
