"""Sheets out: one set a person, studies filled in, never over a file that stands there already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_review.forms import provenance
from evidence_review.forms.cells import write_cell
from evidence_review.forms.desk import Desk, Filled, Subject
from evidence_review.forms.identify import part_of, study_ids
from evidence_review.model.events import EXTRACTOR, REPORTED, VERIFIER, Value
from evidence_review.model.form import FormField
from evidence_review.sheets import fold, read_all, write_csv
from evidence_review.sheets.form_layout import (
    BY,
    CHECKED,
    FORM,
    PREFILLED,
    REPORT,
    REPORT_ID,
    ROLE,
    STUDY,
    STUDY_ID,
    Part,
)
from evidence_review.state.values import Values

if TYPE_CHECKING:
    from evidence_review.sheets.xlsx_write import Worksheet


# What is filled in already stands out from what people fill in; nothing is locked, for rows are added.
_KEYS = (STUDY_ID, STUDY, REPORT_ID, REPORT, PREFILLED, BY, ROLE, FORM)


@dataclass(frozen=True, slots=True)
class Issued:
    """A sheet to be written: `studies` is the number of studies in it."""

    path: Path
    data: bytes
    studies: int


@dataclass(frozen=True, slots=True)
class Made:
    """One sheet's worth of rows before it is a file."""

    part: Part
    columns: tuple[str, ...]
    lines: list[Sequence[str]]
    studies: int


def issue(desk: Desk, person: str, kind: str, values: Values, role: str = EXTRACTOR) -> list[Issued]:
    """Return the sheets that `person` does not have yet; `kind` is csv or xlsx.

    The rows of a verifier hold what stands now, for checking; those of an extractor what this person said before, where
    the sheet that it came from is gone. A study that stands in one of the person's sheets is not issued again.

    Raises:
        SheetError: a sheet that stands there already cannot be read, so nobody can say what is in it.
    """
    covered = _covered(desk, person, role)
    stem = f"{person}-verify" if role == VERIFIER else person
    rows: list[Made] = []
    for part in desk.parts():
        have = covered.get((part.form.id, part.group), ())
        missing = [one for one in due(desk, part.form.id, values, role) if one.id not in have]
        if missing:
            prefill = (
                {} if role == VERIFIER else {one.id: desk.prefill.get((one.id, part.group), ()) for one in missing}
            )
            prefill = prefill if any(prefill.values()) else {}
            columns = part.columns(checked=role == VERIFIER, prefilled=bool(prefill))
            lines = list(_rows(part, missing, person, role, values, prefill))
            rows.append(Made(part, columns, lines, len(missing)))
    if not rows:
        return []
    if kind == "xlsx":
        return [Issued(_free(desk.folder, stem, ".xlsx"), _workbook(rows), max(row.studies for row in rows))]
    several = len(desk.forms) > 1 or desk.verb == "appraise"
    sheets = []
    for made in rows:
        part = made.part
        name = "-".join([stem, *([part.form.id] if several else []), *([part.group] if part.group else [])])
        sheets.append(Issued(_free(desk.folder, name, ".csv"), write_csv(made.columns, made.lines), made.studies))
    return sheets


def due(desk: Desk, form: str, values: Values, role: str) -> list[Subject]:
    """Return the studies of a form that a sheet is for: to be verified are those of which somebody said something."""
    return [one for one in desk.subjects[form] if role != VERIFIER or values.of_study(one.id, form)]


def _covered(desk: Desk, person: str, role: str) -> dict[tuple[str, str], set[str]]:
    """Return the studies that stand in the person's sheets already, by form and group."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in desk.sheets():
        for title, table in read_all(path).items():
            owner = part_of(desk, table, title)
            if owner is not None and owner.by == person and owner.role == role:
                found.setdefault((owner.part.form.id, owner.part.group), set()).update(study_ids(table))
    return found


def outdated(desk: Desk, person: str, role: str = EXTRACTOR) -> list[tuple[Path, str, list[str]]]:
    """Return the person's sheets that lack fields of the form as it is now: the file, its version, and the fields."""
    found = []
    for path in desk.sheets():
        for title, table in read_all(path).items():
            owner = part_of(desk, table, title)
            if owner is None or (owner.by, owner.role) != (person, role):
                continue
            have = {fold(heading) for heading in table.columns}
            missing = [field.id for field in owner.part.fields if fold(field.id) not in have]
            if missing and owner.version != owner.part.form.version:
                found.append((path, owner.version, missing))
    return found


def came_later(desk: Desk, values: Values) -> list[tuple[str, list[str]]]:
    """Return the studies that were verified before all their values were there, with the fields that nobody checked."""
    found = []
    for form, subjects in desk.subjects.items():
        for one in subjects:
            cells = values.of_study(one.id, form)
            fresh = [cell.place.field for cell in cells if cell.checked is None and cell.settled is None]
            if fresh and len(fresh) < len(cells):
                found.append((one.id, list(dict.fromkeys(fresh))))
    return found


def _free(folder: Path, name: str, suffix: str) -> Path:
    path, number = folder / f"{name}{suffix}", 2
    while path.exists():
        path, number = folder / f"{name}_{number}{suffix}", number + 1
    return path


def _rows(
    part: Part, subjects: Iterable[Subject], person: str, role: str, values: Values,
    prefill: Mapping[str, Sequence[Filled]],
) -> Iterable[Sequence[str]]:  # fmt: skip
    for one in subjects:
        report, title = one.reports[0]
        for item, said, marks in _entries(part, one, person, role, values, prefill):
            yield (
                one.id, one.label, report, title, *((item,) if part.group else ()),
                *_cells(part, said), *marks, person, role, part.name,
            )  # fmt: skip


def _entries(
    part: Part, one: Subject, person: str, role: str, values: Values, prefill: Mapping[str, Sequence[Filled]]
) -> Iterable[tuple[str, Mapping[str, Value], tuple[str, ...]]]:
    """Yield an entry's key, what is filled in, and the cells that mark it: checked, or prefilled and checked."""
    items = values.items(one.id, part.form.id, part.group) if part.group else [""]
    entries = {item: _said(part, one, item, values, "" if role == VERIFIER else person) for item in items}
    if role != VERIFIER:
        entries = {item: said for item, said in entries.items() if said}
    if prefill.get(one.id) and not entries:
        for number, filled in enumerate(prefill[one.id], start=1):
            yield str(number), _registered(filled), (filled.source, "")
        return
    marks = ("", "") if prefill else ("",) if role == VERIFIER else ()
    # Where there is nothing yet, a row waits to be filled in.
    for item, said in (entries or {"1" if part.group else "": {}}).items():
        yield item, said, marks


def _registered(filled: Filled) -> dict[str, Value]:
    return {
        name: Value("", "", "", "", "", name, text, REPORTED, filled.source, filled.quotes.get(name, ""), "", "", "",
                    "", "")
        for name, text in filled.cells.items()
    }  # fmt: skip


def _said(part: Part, one: Subject, item: str, values: Values, person: str) -> dict[str, Value]:
    """Return what a person says in an entry, by field; for nobody, what holds of it."""
    found = {}
    for field in part.fields:
        cell = values.cell(one.id, part.form.id, field.id, part.group, item)
        value = None if cell is None else cell.people.get(person) if person else cell.final
        if value is not None:
            found[field.id] = value
    return found


def _cells(part: Part, said: Mapping[str, Value]) -> list[str]:
    """Return the cells from the first field to the shared pages and quotes."""
    cells: list[str] = []
    shared = [field.id for field in part.fields if not field.quoted]
    for field in part.fields:
        value = said.get(field.id)
        cells.append(write_cell(value.value, value.status) if value else "")
        if field.quoted:
            cells += [value.page, value.quote] if value else ["", ""]
    if shared:
        filled = [name for name in shared if name in said]
        cells.append(provenance.write({name: said[name].page for name in filled}, filled))
        cells.append(provenance.write({name: said[name].quote for name in filled}, filled))
    return cells


def _workbook(rows: Sequence[Made]) -> bytes:
    from evidence_review.sheets.xlsx_write import Column, Worksheet, write_xlsx

    sheets = []
    for made in rows:
        part, lines = made.part, made.lines
        by_heading = {heading: field for field in part.fields for heading in (field.id,)}
        columns = []
        for heading in made.columns:
            field = by_heading.get(heading)
            answers = answers_of(field) if field else ("yes",) if heading == CHECKED else ()
            width = 30 if field or heading in ("pages", "quotes", "report") else 14
            columns.append(
                Column(heading, width, answers, editable=heading not in _KEYS, help=_help(field) if field else "")
            )
        # Unlocked: people add rows for further items. One spare row each keeps drop-downs a step ahead.
        spare = [[""] * len(columns)] * (len(lines) if part.group else 0)
        sheets.append(
            Worksheet(_title(part, [row.part for row in rows]), columns, [*lines, *spare], locked=False, frozen=2)
        )
    sheets.append(_guide([row.part for row in rows]))
    return write_xlsx(sheets)


def answers_of(field: FormField) -> tuple[str, ...]:
    """Return the drop-down of a field; several answers cannot be chosen from one, so `choices` has none."""
    if field.type == "choice":
        return field.options
    return ("yes", "no", "unclear") if field.type == "yes-no" else ()


def _help(field: FormField) -> str:
    words = [field.label or field.id, field.help]
    if field.type == "choices":
        words.append(f"One or more, with ';' between: {'; '.join(field.options)}.")
    elif field.type == "choice" and len(field.options) <= 8:
        words.append(f"One of: {', '.join(field.options)}.")
    elif field.type not in ("text", "choice"):
        words.append(f"{field.type}{f', in {field.unit}' if field.unit else ''}.")
    words.append("NR, n/a or unclear where there is no plain answer." if not field.options else "")
    return " ".join(word for word in words if word)


def _title(part: Part, among: Iterable[Part]) -> str:
    """Return the name of a part's sheet; the form is named where there are several."""
    several = len({other.form.id for other in among}) > 1
    return f"{part.form.id} {part.group}".strip() if several else part.title


_GUIDE = {"sheet": 14, "field": 24, "label": 36, "type": 14, "required": 10, "answers": 60, "unit": 12, "help": 60}


def _guide(listed: Sequence[Part]) -> Worksheet:
    from evidence_review.sheets.xlsx_write import Column, Worksheet

    columns = [Column(name, width) for name, width in _GUIDE.items()]
    return Worksheet("help", columns, _explained(listed), locked=True, frozen=2)


def guide(desk: Desk) -> bytes:
    """Return what each column of the desk's sheets means and what it may say, as CSV to lie beside them."""
    return write_csv(list(_GUIDE), _explained(desk.parts()))


def _explained(listed: Sequence[Part]) -> list[tuple[str, ...]]:
    return [
        (_title(part, listed), field.id, field.label, field.type, "yes" if field.required else "",
         "; ".join(answers_of(field) or field.options), field.unit, field.help)
        for part in listed
        for field in part.fields
    ]  # fmt: skip
