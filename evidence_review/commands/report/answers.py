"""What only the authors can say of a checklist's items: a sheet beside the protocol, written once and then theirs.

A row is an answer where it gives a place or a note; what the program finds in the report itself needs none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence_review.commands.report.checklists import CHECKLISTS, Answer, Checklist, item_ids
from evidence_review.errors import Problem, SheetError, suggest
from evidence_review.sheets import Row, Table, read, write_csv

COLUMNS = ("checklist", "item", "what is asked", "place", "note")


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers by checklist and item, and the rows of the sheet that nobody has filled in yet."""

    given: Mapping[tuple[str, str], Answer]
    blank: frozenset[tuple[str, str]] = frozenset()


def read_answers(path: Path) -> Answers:
    """Return what stands in the sheet; nothing where there is no sheet.

    Raises:
        SheetError: a row names no item, or one that another row names; every such row is told.
    """
    if not path.exists():
        return Answers({})
    table = read(path, required=COLUMNS[:2], optional=COLUMNS[2:])
    given: dict[tuple[str, str], Answer] = {}
    blank: set[tuple[str, str]] = set()
    rows: dict[tuple[str, str], int] = {}
    problems: list[Problem] = []
    for row in table.rows:
        key = _key(table, row, problems)
        if key is None:
            continue
        if key in rows:
            where = table.where(row, "item")
            what = f"item '{key[1]}' of {CHECKLISTS[key[0]][0]} stands in row {rows[key]} already"
            problems.append(Problem(where, what, "Keep one of the two rows."))
            continue
        rows[key] = row.number
        answer = Answer(row.plain("place"), row.plain("note"))
        if answer.place or answer.note:
            given[key] = answer
        else:
            blank.add(key)
    if problems:
        raise SheetError("The authors' answers to the checklists cannot be read; nothing was rendered.", problems)
    return Answers(given, frozenset(blank))


def _key(table: Table, row: Row, problems: list[Problem]) -> tuple[str, str] | None:
    """Return the checklist and the item that a row is about, None (and a problem) where there are no such."""
    word = row.plain("checklist").casefold()
    known = {name: name for name in CHECKLISTS} | {title.casefold(): name for name, (title, _) in CHECKLISTS.items()}
    if word not in known:
        what = f"there is no checklist '{row.plain('checklist')}'"
        problems.append(Problem(table.where(row, "checklist"), what, suggest(word, CHECKLISTS)))
        return None
    name = known[word]
    ids = {one.casefold(): one for one in item_ids(name)}
    item = row.plain("item").casefold()
    if item not in ids:
        what = f"{CHECKLISTS[name][0]} has no item '{row.plain('item')}'"
        valid = f"Its items: {', '.join(ids.values())}."
        problems.append(Problem(table.where(row, "item"), what, valid))
        return None
    return name, ids[item]


def sheet(lists: Iterable[Checklist]) -> bytes:
    """Return a sheet with a row for each item that is left for the authors, to be filled in."""
    rows = [(one.id, item.id, f"{item.topic}: {item.text}", "", "") for one in lists for item in one.left]
    return write_csv(COLUMNS, rows)
