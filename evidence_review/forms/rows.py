"""One row of a filled-in sheet: of which study and entry it is, and whether it belongs to this sheet at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evidence_review.errors import Problem, suggest
from evidence_review.forms.found import Collected, Desktop
from evidence_review.forms.identify import Owner
from evidence_review.sheets import Row, Table, fold, plain
from evidence_review.sheets.form_layout import BY, FORM, ITEM, OWN, PAGES, QUOTES, ROLE, STUDY_ID, headings
from evidence_review.state.values import form_id


@dataclass(frozen=True, slots=True)
class RowReader:
    """A row with the sheet that it stands in; `known` maps a heading as issued to the heading as the sheet has it.

    `withdraw` says that every empty cell takes back its value.
    """

    top: Desktop
    table: Table
    owner: Owner
    name: str
    known: Mapping[str, str]
    row: Row
    withdraw: bool = False

    def text(self, heading: str) -> str:
        """Return a cell as it stands."""
        return self.row.get(self.known.get(heading, heading))

    def plain(self, heading: str) -> str:
        """Return a cell without what people do not see."""
        return plain(self.text(heading))

    def problem(self, heading: str, what: str, remedy: str = "") -> Problem:
        """Return a problem with a cell of the row."""
        return Problem(self.table.where(self.row, self.known.get(heading, heading)), what, remedy)

    def blank(self) -> bool:
        """Whether no field, page or quote is filled in."""
        cells = [name for one in self.owner.part.fields for name in headings(one)]
        return not any(self.plain(name) for name in (*cells, PAGES, QUOTES))


def readers(top: Desktop, table: Table, owner: Owner, name: str, *, withdraw: bool = False) -> list[RowReader]:
    """Return a reader for each row of a sheet."""
    folded = {fold(heading): heading for heading in table.columns}
    issued = [*OWN, *(column for one in owner.part.fields for column in headings(one))]
    known = {heading: folded.get(fold(heading), heading) for heading in issued}
    return [RowReader(top, table, owner, name, known, row, withdraw) for row in table.rows]


def study_of(reader: RowReader, out: Collected) -> str | None:
    """Return the study that a row names; None where it names none, with the reason noted or refused."""
    given = reader.plain(STUDY_ID)
    study = reader.top.studies.get(given.casefold())
    if study is not None or (not given and reader.blank()):
        return study
    if not given:
        out.problems.append(
            reader.problem(STUDY_ID, "the row names no study", "Copy the study_id from another row of it.")
        )
    elif f"R-{given.removeprefix('S-')}" in reader.top.known_records:
        out.notes.append(
            f"{reader.table.where(reader.row)}: {given} is no included study (any more); the row was left out"
        )
    else:
        subjects = {one.id for listed in reader.top.desk.subjects.values() for one in listed}
        out.problems.append(
            reader.problem(
                STUDY_ID, f"there is no study '{given}'", suggest(given, subjects) or "Copy the id as issued."
            )
        )
    return None


def item_of(reader: RowReader, out: Collected) -> str | None:
    """Return the key of a group's entry, "" at study level, None where the row says nothing or is at fault."""
    if not reader.owner.part.group:
        return ""
    item = reader.plain(ITEM).removesuffix(".0")
    if item:
        return item
    if not reader.blank():
        what = f"this {reader.owner.part.group} has no key"
        out.problems.append(reader.problem(ITEM, what, "Write a short one, such as 1, 2, 3; it must stay the same."))
    return None


def stranger(reader: RowReader) -> Problem | None:
    """Refuse rows of another person or form that were pasted into a sheet: they would be taken for its owner's."""
    owner = reader.owner
    for heading, expected in ((BY, owner.by), (ROLE, owner.role), (FORM, owner.part.name)):
        given = reader.plain(heading)
        alike = given.casefold() == expected.casefold()
        older = heading == FORM and given.partition("/")[2] == owner.part.group and form_id(given) == owner.part.form.id
        if given and not alike and not older:
            return reader.problem(
                heading,
                f"'{given}' stands in a sheet of '{expected}'",
                "Keep each person's rows in a file of their own.",
            )
    return None
