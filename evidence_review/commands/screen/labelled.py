"""A file of records whose labels are known, whatever the order of its columns, its encoding and its words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence_review.commands.screen.words import Unknown, Words
from evidence_review.errors import InputError, Problem, SheetError
from evidence_review.model.events import INCLUDE, MAYBE
from evidence_review.sheets import Row, Table, read
from evidence_review.sheets.encoding import decode
from evidence_review.summary import counted

# The column of labels, the best name first; the others are those that ASReview reads.
LABEL_COLUMNS = ("label_included", "included", "label", "included_label", "final_included", "included_final", "include")
_NOT_JUDGED = ("", "-1", "na", "n/a", "nan")


@dataclass(frozen=True, slots=True)
class Labelled:
    """Records with their labels, in the order of the file; `without` is the number of rows left out, having none."""

    titles: tuple[str, ...]
    abstracts: tuple[str, ...]
    labels: tuple[int, ...]
    without: int = 0
    notes: tuple[str, ...] = ()


def read_labelled(path: Path) -> Labelled:
    """Read `record_id,title,abstract,label_included`; labels are 1 and 0, or words such as yes and no.

    A row without a label (blank, or -1 as in ASReview) is left out and counted: nobody knows what it is.

    Raises:
        SheetError: the file cannot be read, has no labels, or labels that mean nothing known; every row is named.
        InputError: it has no include or nothing else.
    """
    table = read(path, required=("title",), optional=("record_id", "abstract", *LABEL_COLUMNS))
    column = _label_column(table)
    words, problems = Words.plain(), []
    rows: list[tuple[Row, int]] = []
    for row in table.rows:
        if row.plain(column).casefold() in _NOT_JUDGED:
            continue
        try:
            verdict = words.verdict(row[column])
        except Unknown:
            verdict = MAYBE
        if verdict == MAYBE:
            what = f"'{row.plain(column)}' is no label"
            problems.append(Problem(table.where(row, column), what, "Write 1 for included, 0 for excluded."))
        rows.append((row, int(verdict == INCLUDE)))
    if problems:
        raise SheetError(f"{table.name} was refused.", problems)
    includes = sum(label for _, label in rows)
    if includes in (0, len(rows)):
        raise InputError(f"{table.name} has {includes:,} includes among {len(rows):,} labels: both kinds are needed.")
    titles, abstracts = (tuple(row.get(name) for row, _ in rows) for name in ("title", "abstract"))
    notes = list(table.notes)
    if "abstract" not in table.columns:
        notes.append("No column 'abstract': titles alone count.")
    ids = [identifier for row, _ in rows if (identifier := row.plain("record_id"))]
    if again := len(ids) - len(set(ids)):
        notes.append(f"{counted(again, 'row')} with the record_id of a row before: every row counts as a record.")
    return Labelled(titles, abstracts, tuple(label for _, label in rows), len(table.rows) - len(rows), tuple(notes))


def read_text(path: Path) -> str:
    """Read a text whatever its encoding; an empty file is an empty text."""
    data = path.read_bytes()
    return decode(data, path.name).text if data else ""


def _label_column(table: Table) -> str:
    found = next((name for name in LABEL_COLUMNS if name in table.columns), "")
    if not found:
        what = f"no column of labels ({', '.join(LABEL_COLUMNS)})"
        remedy = f"Its columns are {', '.join(table.columns)}: call the one with 1 and 0 '{LABEL_COLUMNS[0]}'."
        raise SheetError(f"{table.name} was refused.", [Problem(table.name, what, remedy)])
    return found
