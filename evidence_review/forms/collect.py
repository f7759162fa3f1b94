"""Sheets in: every cell checked by its field's type, all or nothing, and only what is new becomes an event."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from evidence_review.errors import Problem, suggest
from evidence_review.forms import provenance
from evidence_review.forms.cells import read_cell
from evidence_review.forms.fault import CellFault
from evidence_review.forms.found import Collected, Desktop, Unknown, withdrawn
from evidence_review.forms.identify import Owner
from evidence_review.forms.rows import RowReader, item_of, readers, stranger, study_of
from evidence_review.model.events import VERIFIER, Value
from evidence_review.model.form import FormField
from evidence_review.sheets import Table, fold
from evidence_review.sheets.form_layout import (
    CHECKED,
    NOTE,
    OWN,
    PAGES,
    PREFILLED,
    QUOTES,
    REPORT_ID,
    STUDY_ID,
    headings,
    is_note,
    page_column,
    quote_column,
)
from evidence_review.state.values import Place, meaning

_YES = ("yes", "y", "x", "1", "true", "ok")


def collect_table(top: Desktop, table: Table, owner: Owner, name: str, *, withdraw: bool = False) -> Collected:
    """Read one sheet. `name` is what its values note as their sheet."""
    out = Collected(notes=list(table.notes))
    former = top.former_fields(owner.part.form.id, owner.part.group)
    out.problems += _column_problems(table, owner, former)
    folded = {fold(one) for one in former}
    out.notes += [
        f"{name}, column '{heading}': the form has no such field any more; left out"
        for heading in table.columns
        if fold(heading) in folded
    ]
    if owner.by not in top.desk.team:
        out.problems.append(
            Problem(
                table.where(), f"'{owner.by}' is not in the team" if owner.by else "nobody is named as its author",
                suggest(owner.by, top.desk.team) or "Write the person's id into the column 'by'.",
            )
        )  # fmt: skip
    if out.problems:
        return out
    seen: dict[tuple[str, str], tuple[int, str]] = {}
    present: dict[str, set[str]] = {}
    # Filled rows first: where two studies turned out to be one, the empty row of the one takes nothing of the other.
    for reader in sorted(readers(top, table, owner, name, withdraw=withdraw), key=RowReader.blank):
        _collect_row(reader, out, seen, present)
    if out.unchecked:
        rows = ", ".join(map(str, out.unchecked[:20])) + (", …" if len(out.unchecked) > 20 else "")
        what = "row" if len(out.unchecked) == 1 else "rows"
        out.notes.append(
            f"{name}, {what} {rows}: filled in by a trial register; nothing of it counts until 'checked' says yes"
        )
    if out.elsewhere:
        count = len(out.elsewhere)
        cells, stay = ("1 cell is", "it stays") if count == 1 else (f"{count} cells are", "they stay")
        copies = ", ".join(dict.fromkeys(out.elsewhere))
        out.notes.append(
            f"{name}: {cells} empty here and filled in what was collected from {copies}; {stay}. To take that back: "
            f"'evidence-review {top.desk.verb} collect --withdraw'"
        )
    if owner.part.group:
        _vanished(top, table, owner, name, present, out, withdraw)
    return out


def _column_problems(table: Table, owner: Owner, former: Collection[str]) -> list[Problem]:
    have = {fold(heading): heading for heading in table.columns}
    fields = [name for one in owner.part.fields for name in headings(one)]
    dropped = [name for one in former for name in (one, f"{one} page", f"{one} quote")]
    own = {fold(name) for name in (*OWN, *fields, *dropped)}
    problems = []
    if owner.version == owner.part.form.version:
        missing = [one.id for one in owner.part.fields if fold(one.id) not in have]
        problems += [
            Problem(table.where(), f"column '{name}' is missing", "Put it back as it was issued; it may be empty.")
            for name in missing
        ]
    for folded, heading in have.items():
        if folded not in own and not is_note(heading) and any(row.plain(heading) for row in table.rows):
            remedy = suggest(heading, [one.id for one in owner.part.fields])
            remedy += f" A column of your own must be named '{NOTE} …'."
            problems.append(
                Problem(table.where(1), f"column '{heading}' is not in form {owner.part.name}", remedy.strip())
            )
    return problems


def _collect_row(
    reader: RowReader, out: Collected, seen: dict[tuple[str, str], tuple[int, str]], present: dict[str, set[str]]
) -> None:
    study = study_of(reader, out)
    if study is None:
        return
    item = item_of(reader, out)
    if item is None:
        return
    present.setdefault(study, set()).add(item)
    problem = stranger(reader)
    if problem:
        out.problems.append(problem)
        return
    blank = reader.blank()
    if (study, item) in seen and blank:
        return
    if (study, item) in seen:
        entry = f"entry '{item}' of " if item else ""
        row, first = seen[study, item]
        what = f"{entry}study {reader.plain(STUDY_ID)} stands twice, also in row {row}"
        if first.casefold() != reader.plain(STUDY_ID).casefold():
            what += f" as {first}, since their reports were found to be of one study"
        remedy = "Give each entry its own key in the column 'item'." if item else "Keep one of the two rows."
        out.problems.append(reader.problem(STUDY_ID, what, remedy))
        return
    seen.setdefault((study, item), (reader.row.number, reader.plain(STUDY_ID)))
    if reader.owner.role == VERIFIER and reader.plain(CHECKED).casefold() not in _YES:
        return
    if reader.plain(PREFILLED) and reader.plain(CHECKED).casefold() not in _YES:
        out.unchecked.append(reader.row.number)
        return
    if not blank:
        out.rows += 1
        part = reader.owner.part
        out.entries[reader.owner.by, reader.owner.role, part.form.id, part.group, study, item] = reader.row.number
    _collect_cells(reader, study, item, out, blank=blank)


def _what_to_write(field: FormField) -> str:
    none = "NR, n/a or unclear where there is none."
    return f"Write one of: {', '.join(field.options)}. Or {none}" if field.options else f"Write {none}"


def _collect_cells(reader: RowReader, study: str, item: str, out: Collected, *, blank: bool) -> None:
    fields = reader.owner.part.fields
    names = [one.id for one in fields]
    pages = provenance.read(reader.text(PAGES), names, ";")
    quotes = provenance.read(reader.text(QUOTES), names)
    record = _record(reader, study, out)
    for one in fields:
        try:
            reading = read_cell(one, reader.text(one.id))
        except CellFault as fault:
            problem = reader.problem(one.id, fault.what, fault.remedy)
            out.problems.append(problem)
            if fault.answer:
                part, row = reader.owner.part, reader.row.number
                older = reader.owner.version != part.form.version
                out.unknown[problem] = Unknown(part.form.id, part.group, one, fault.answer, reader.name, row, older)
            continue
        place = Place(study, reader.owner.part.form.id, reader.owner.part.group, item, one.id)
        before = reader.top.latest.get((reader.owner.by, reader.owner.role, place))
        if reading is None:
            if one.required and not blank:
                out.problems.append(reader.problem(one.id, "an answer is required", _what_to_write(one)))
            elif before is not None:
                _emptied(reader, before, out)
            continue
        out.cells += 1
        page, quote = _source(reader, one, pages, quotes)
        value = Value(
            study, record, _version(reader), reader.owner.part.group, item, one.id, reading.value, reading.status,
            page, quote, reader.owner.by, reader.owner.role, reader.name, str(reader.row.number), reader.top.when,
        )  # fmt: skip
        if before is None or _said(before) != _said(value):
            out.values.append(value)
            if before is not None and meaning(before) != meaning(value):
                out.changed.append((before, value))


def _said(value: Value) -> tuple[str, ...]:
    return value.value, value.status, value.page, value.quote, value.record, value.form


def _emptied(reader: RowReader, before: Value, out: Collected) -> None:
    """Take back the value of an empty cell where it came from this very sheet; one from a copy of it stays.

    Of a copy nobody knows whether its cell was emptied or never filled in.
    """
    if _may_take(reader.top, before, reader.name, withdraw=reader.withdraw):
        out.withdrawn += 1
        out.values.append(withdrawn(before, reader.name, reader.row.number, reader.top.when))
    elif before.sheet not in reader.top.sheets:
        out.elsewhere.append(before.sheet)


def _may_take(top: Desktop, value: Value, name: str, *, withdraw: bool) -> bool:
    """Whether a sheet takes a value back: its own, or on request that of a copy that does not lie in the folder."""
    return top.comes_from(value, name) or (withdraw and value.sheet not in top.sheets)


def _version(reader: RowReader) -> str:
    return f"{reader.owner.part.form.id}@{reader.owner.version}"


def _source(reader: RowReader, one: FormField, pages: Mapping[str, str], quotes: Mapping[str, str]) -> tuple[str, str]:
    page, quote = pages.get(one.id, pages.get("", "")), quotes.get(one.id, quotes.get("", ""))
    if one.quoted:
        page = reader.text(page_column(one)).strip() or page
        quote = reader.text(quote_column(one)).strip() or quote
    return page, quote


def _record(reader: RowReader, study: str, out: Collected) -> str:
    """Return the report that the row speaks of: the one named, else the study's main report."""
    reports = reader.top.reports[study]
    given = reader.plain(REPORT_ID)
    given = reader.top.gone.get(given) or given
    if not given or given in reports:
        return given or reports[0]
    if reader.top.studies.get(given.casefold()) == study:
        return given
    what = f"'{given}' is no report of study {study}"
    out.problems.append(reader.problem(REPORT_ID, what, f"Its reports: {', '.join(reports)}."))
    return reports[0]


def _vanished(
    top: Desktop, table: Table, owner: Owner, name: str, present: Mapping[str, set[str]], out: Collected, withdraw: bool
) -> None:
    """Notice entries that were collected before and whose rows are gone: taken back on request, else refused."""
    gone: dict[tuple[str, str], list[Value]] = {}
    for (by, role, place), value in top.latest.items():
        here = (by, role, place.form, place.group) == (owner.by, owner.role, owner.part.form.id, owner.part.group)
        if here and place.study in present and place.item not in present[place.study]:
            gone.setdefault((place.study, place.item), []).append(value)
    for (study, item), values in gone.items():
        if not any(_may_take(top, value, name, withdraw=withdraw) for value in values):
            continue
        if withdraw:
            out.withdrawn += len(values)
            out.values += [withdrawn(value, name, "", top.when) for value in values]
            continue
        remedy = f"Put the row back, or take its values back with 'evidence-review {top.desk.verb} collect --withdraw'."
        what = f"entry '{item}' of study {study}, collected before, has no row any more"
        out.problems.append(Problem(table.where(), what, remedy))
