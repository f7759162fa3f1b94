"""Where two people differ: one row a cell, both answers side by side, a column for the one that shall hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evidence_review.errors import Problem, suggest
from evidence_review.forms.cells import read_cell, write_cell
from evidence_review.forms.desk import Desk
from evidence_review.forms.fault import CellFault
from evidence_review.forms.found import Collected, Desktop, Unknown, withdrawn
from evidence_review.forms.identify import CONSENSUS_COLUMN
from evidence_review.model.events import CONSENSUS, Value
from evidence_review.model.form import FormField
from evidence_review.sheets import Row, Table, fold, plain, write_csv
from evidence_review.sheets.form_layout import BY, FORM, ITEM, STUDY, STUDY_ID
from evidence_review.state.values import Difference, Place

GROUP, FIELD, LABEL, PAGE, QUOTE, NOTE = "group", "field", "label", "page", "quote", "note"


def columns(people: Sequence[str]) -> tuple[str, ...]:
    """Return the headings of a sheet of differences between `people`."""
    said = [name for person in people for name in (person, f"{person} page", f"{person} quote")]
    return (STUDY_ID, STUDY, GROUP, ITEM, FIELD, LABEL, *said, CONSENSUS_COLUMN, PAGE, QUOTE, BY, NOTE, FORM)


def sheet(desk: Desk, found: Sequence[Difference]) -> bytes:
    """Return the sheet of these differences as CSV."""
    people = list(dict.fromkeys(person for one in found for person in one.said))
    labels = {subject.id: subject.label for listed in desk.subjects.values() for subject in listed}
    rows = []
    for one in found:
        place, form = one.place, desk.forms[one.place.form]
        field = _field(desk, place)
        said = [text for person in people for text in _said(one.said.get(person))]
        rows.append(
            (place.study, labels.get(place.study, ""), place.group, place.item, place.field,
             field.label if field else "", *said, "", "", "", "", "", f"{form.id}@{form.version}")
        )  # fmt: skip
    return write_csv(columns(people), rows)


def _said(value: Value | None) -> tuple[str, str, str]:
    return (write_cell(value.value, value.status), value.page, value.quote) if value else ("", "", "")


def _field(desk: Desk, place: Place) -> FormField | None:
    form = desk.forms.get(place.form)
    return next((one for one in form.fields_of(place.group) if one.id == place.field), None) if form else None


def places(table: Table, studies: Mapping[str, str]) -> set[Place]:
    """Return the cells that a sheet of differences speaks of."""
    found = set()
    for row in table.rows:
        reader = _Reader(table, row)
        study = studies.get(reader.text(STUDY_ID).casefold(), reader.text(STUDY_ID))
        found.add(reader.place(study))
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    table: Table
    row: Row

    def raw(self, name: str) -> str:
        heading = next((one for one in self.table.columns if fold(one) == fold(name)), name)
        return self.row.get(heading)

    def text(self, name: str) -> str:
        return plain(self.raw(name))

    def place(self, study: str) -> Place:
        form = self.text(FORM).partition("@")[0]
        return Place(study, form, self.text(GROUP), self.text(ITEM).removesuffix(".0"), self.text(FIELD))

    def problem(self, name: str, what: str, remedy: str = "") -> Problem:
        return Problem(self.table.where(self.row, name), what, remedy)


def collect_consensus(top: Desktop, table: Table, name: str) -> Collected:
    """Read a sheet of differences: each filled `consensus` cell becomes the value that holds.

    One that was settled here and is empty now is taken back, as an extractor's is.
    """
    out = Collected(notes=list(table.notes))
    seen: dict[Place, int] = {}
    here = {
        place: old for (_, role, place), old in top.latest.items() if role == CONSENSUS and top.comes_from(old, name)
    }
    for row in table.rows:
        reader = _Reader(table, row)
        if not reader.text(CONSENSUS_COLUMN):
            old = here.get(reader.place(top.studies.get(reader.text(STUDY_ID).casefold(), "")))
            if old is not None:
                out.withdrawn += 1
                out.values.append(withdrawn(old, name, row.number, top.when))
            continue
        value = _settled(top, reader, name, seen, out)
        if value is None:
            continue
        out.cells += 1
        before = top.latest.get((value.by, CONSENSUS, _place_of(top, value)))
        if before is None or (before.value, before.status, before.page, before.quote) != (
            value.value, value.status, value.page, value.quote,
        ):  # fmt: skip
            out.values.append(value)
            if person := _person(top.desk, reader):
                out.whose[_place_of(top, value)] = reader.table.where(reader.row), person
    return out


def _place_of(top: Desktop, value: Value) -> Place:
    return Place(value.study, value.form.partition("@")[0], value.group, value.item, value.field)


def _forms(desk: Desk) -> str:
    return " or ".join(f"'{form.id}@{form.version}'" for form in desk.forms.values())


def _settled(top: Desktop, reader: _Reader, name: str, seen: dict[Place, int], out: Collected) -> Value | None:
    given = reader.text(STUDY_ID)
    study = top.studies.get(given.casefold())
    if study is None:
        if f"R-{given.removeprefix('S-')}" in top.known_records:
            out.notes.append(f"{reader.table.where(reader.row)}: {given} is no included study (any more); left out")
        else:
            out.problems.append(reader.problem(STUDY_ID, f"there is no study '{given}'", "Copy the id as issued."))
        return None
    place = reader.place(study)
    field = _field(top.desk, place)
    if field is None:
        where = reader.table.where(reader.row)
        if place.form not in top.desk.forms and place.form in top.forms_used():
            out.notes.append(f"{where}: '{place.form}' is planned no more; left out")
            return None
        if place.form not in top.desk.forms:
            what = f"form '{place.form}' is not one of this review" if place.form else "the form is not named"
            out.problems.append(reader.problem(FORM, what, f"Put back {_forms(top.desk)}, as it was issued."))
            return None
        if place.field in top.former_fields(place.form, place.group):
            out.notes.append(f"{where}: the form has no field '{place.field}' any more; left out")
            return None
        names = [one.id for form in top.desk.forms.values() for one in form.fields_of(place.group)]
        what = f"form '{place.form}' has no field '{place.field}'" + (f" in '{place.group}'" if place.group else "")
        out.problems.append(reader.problem(FIELD, what, suggest(place.field, names)))
        return None
    if place in seen:
        out.problems.append(
            reader.problem(FIELD, f"this cell stands twice, also in row {seen[place]}", "Keep one row.")
        )
        return None
    seen[place] = reader.row.number
    try:
        reading = read_cell(field, _answer(top.desk, reader))
    except CellFault as fault:
        problem = reader.problem(CONSENSUS_COLUMN, fault.what, fault.remedy)
        out.problems.append(problem)
        if fault.answer:
            older = reader.text(FORM).partition("@")[2] != top.desk.forms[place.form].version
            cell = Unknown(place.form, place.group, field, fault.answer, name, reader.row.number, older)
            out.unknown[problem] = cell
        return None
    if reading is None:
        return None
    by = reader.text(BY) or CONSENSUS
    if by != CONSENSUS and by not in top.desk.team:
        out.problems.append(reader.problem(BY, f"'{by}' is not in the team", suggest(by, top.desk.team)))
        return None
    page, quote = _source(top.desk, reader)
    return Value(
        study, top.reports[study][0], reader.text(FORM), place.group, place.item, place.field, reading.value,
        reading.status, page, quote, by, CONSENSUS, name, str(reader.row.number), top.when,
    )  # fmt: skip


def _answer(desk: Desk, reader: _Reader) -> str:
    """Return the settled answer; a person's id stands for that person's answer."""
    person = _person(desk, reader)
    return reader.raw(person) if person else reader.raw(CONSENSUS_COLUMN)


def _person(desk: Desk, reader: _Reader) -> str:
    word = reader.text(CONSENSUS_COLUMN).casefold()
    return next((one for one in desk.team if one.casefold() == word), "")


def _source(desk: Desk, reader: _Reader) -> tuple[str, str]:
    """Return page and quote: as written, else those of the one person whose answer was taken."""
    page, quote = reader.raw(PAGE).strip(), reader.raw(QUOTE).strip()
    answer = " ".join(_answer(desk, reader).split()).casefold()
    agree = [one for one in desk.team if " ".join(reader.raw(one).split()).casefold() == answer]
    if agree and answer:
        page = page or reader.raw(f"{agree[0]} page").strip()
        quote = quote or reader.raw(f"{agree[0]} quote").strip()
    return page, quote
