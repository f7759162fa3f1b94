"""Issuing, collecting and comparing sheets in a review folder: the same work for extraction and for appraisal."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence_review.errors import Problem, SheetError, UsageError, suggest
from evidence_review.forms import consensus, identify, renamed, settled
from evidence_review.forms.collect import collect_table
from evidence_review.forms.desk import FIELDS, Desk, lookup
from evidence_review.forms.found import Collected, Desktop, latest_values, merge
from evidence_review.forms.issue import came_later, due, guide, issue, outdated
from evidence_review.forms.plausible import odd
from evidence_review.model.events import CONSENSUS, EXTRACTOR, VERIFIER, WITHDRAWN, Value
from evidence_review.model.form import Form
from evidence_review.sheets import Table, read_all
from evidence_review.sheets.form_layout import STUDY_ID
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, stand
from evidence_review.state.values import Values, asked, differences, fold, shown, study_of
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace

_SHOWN = 10
_ORDER = {EXTRACTOR: 0, VERIFIER: 1, CONSENSUS: 2}


@dataclass(frozen=True, slots=True)
class View:
    """A review read once: what every piece of work on sheets needs of it.

    `values` has nothing of fields that a form of the desk has lost: no sheet could settle or check them any more.
    """

    workspace: Workspace
    snapshot: Snapshot
    standing: Standing
    values: Values
    desk: Desk


Plan = Callable[[Workspace, Snapshot, Standing, Values], Desk]


def view(workspace: Workspace, plan: Plan) -> View:
    """Read a review; `plan` makes the desk of it."""
    snapshot = workspace.snapshot()
    standing = stand(snapshot)
    values = fold(snapshot.values, standing)
    desk = plan(workspace, snapshot, standing, values)
    return View(workspace, snapshot, standing, asked(values, desk.forms.values()), desk)


def fingerprint(form: Form) -> str:
    """Return a short hash of a form, so that a form changed without a new version is noticed."""
    return hashlib.sha256(form.model_dump_json().encode("utf-8")).hexdigest()[:16]


def issue_sheets(seen: View, people: Sequence[str], kind: str, role: str = EXTRACTOR) -> Summary:
    """Write the sheets that `people` do not have yet."""
    desk = seen.desk
    for person in people:
        if person not in desk.team:
            raise UsageError(f"'{person}' is not in the team. {suggest(person, desk.team)}".strip())
    lines, written = [], []
    with seen.workspace.transaction(f"{desk.verb}-sheet", {"people": list(people), "format": kind, "role": role}) as tx:
        for person in people:
            sheets = issue(desk, person, kind, seen.values, role)
            for sheet in sheets:
                tx.write(sheet.path, sheet.data, keep_existing=True)
                place = seen.workspace.layout.inside(sheet.path)
                written.append(place)
                lines.append(f"{place}: {counted(sheet.studies, 'study', 'studies')} for {person}")
            if not sheets:
                lines.append(f"{person} has sheets of every study already; they were left as they are.")
            for path, version, missing in outdated(desk, person, role):
                lines.append(
                    f"{seen.workspace.layout.inside(path)} is of version {version} of the form and lacks "
                    f"{', '.join(missing)}. Put in the column; or collect the sheet, move it away and run this again: "
                    "the new one then holds what was collected."
                )
        for study, fields in came_later(desk, seen.values) if role == VERIFIER else ():
            lines.append(
                f"{study} got values after it was verified ({', '.join(fields)}). Collect the sheet it stands in, move "
                "it away and run this again: the new one then holds what is there now."
            )
        if written and kind == "csv":
            tx.write(desk.folder / FIELDS, guide(desk))
            lines.append(f"{seen.workspace.layout.inside(desk.folder / FIELDS)}: what each column means and may say")
        tx.counts["sheets"] = len(written)
    studies = {one.id for listed in desk.subjects.values() for one in listed}
    data = {"written": written, "studies": len(studies)}
    verb = f"evidence-review {desk.verb} collect"
    if not studies:
        return Summary(("No study is included yet, so there is nothing to write.",), data)
    if not any(due(desk, form, seen.values, role) for form in desk.forms):
        return Summary(("Nobody has filled in anything yet, so there is nothing to verify.",), data, verb)
    return Summary(tuple(lines), data, f"fill them in, then '{verb}'")


def collect_sheets(workspace: Workspace, verb: str, plan: Plan, files: Sequence[Path], *, withdraw: bool) -> Summary:
    """Read sheets back, all or nothing: `files`, or every sheet in the folder.

    Raises:
        SheetError: with every problem in every sheet; nothing was taken.
    """
    with workspace.transaction(f"{verb}-collect", {"files": [path.name for path in files]}) as tx:
        seen = view(workspace, plan)
        top = Desktop(
            seen.desk,
            lookup(seen.standing, seen.snapshot.gone),
            {study.id: study.reports for study in seen.standing.studies},
            frozenset(seen.snapshot.records) | seen.snapshot.gone.keys(),
            latest_values(seen.snapshot.values, study_of(seen.standing)),
            tx.when,
            frozenset(workspace.layout.inside(path) for path in seen.desk.sheets()),
            seen.snapshot.gone,
        )
        found, digests = _read(top, workspace, [path.resolve() for path in files], withdraw)
        found.problems = renamed.problems(top, found)
        if found.problems:
            count = len(found.problems)
            raise SheetError(f"The sheets have {counted(count, 'problem')}; nothing was taken.", found.problems)
        for name, (path, digest) in digests.items():
            tx.read_sheet(name, path, digest)
        tx.add_events(found.values)
        tx.counts.update(
            values=len(found.values), withdrawn=found.withdrawn, cells=found.cells, rows=found.rows,
            forms={f"{form.id}@{form.version}": fingerprint(form) for form in seen.desk.forms.values()},
        )  # fmt: skip
    if not digests:
        place = workspace.layout.inside(seen.desk.folder)
        words = f"There are no sheets in {place}/ yet, so there was nothing to read."
        return Summary((words,), {"sheets": 0, "new": 0, "withdrawn": 0, "doubts": []}, f"evidence-review {verb} sheet")
    return _told(seen, found, len(digests))


def _read(
    top: Desktop, workspace: Workspace, files: Sequence[Path], withdraw: bool
) -> tuple[Collected, dict[str, tuple[Path, str]]]:
    parts: list[tuple[int, Collected]] = []
    digests: dict[str, tuple[Path, str]] = {}
    rows_of: dict[tuple[str, ...], str] = {}
    names = Counter(path.name for path in files)
    for path in files or list(top.desk.sheets()):
        # Two copies of one sheet, from two computers say, are told apart by their folders.
        alone = path.name if names[path.name] == 1 else f"{path.parent.name}/{path.name}"
        name = workspace.layout.inside(path) if path.is_relative_to(workspace.layout.folder) else alone
        taken = False
        owners: list[identify.Owner] = []
        try:
            tables = read_all(path)
        except SheetError as fault:
            parts.append((0, Collected(problems=list(fault.problems) or [Problem(name, fault.message)])))
            continue
        for title, table in tables.items():
            if identify.is_consensus(table):
                parts.append((_ORDER[CONSENSUS], consensus.collect_consensus(top, table, name)))
            elif (owner := identify.part_of(top.desk, table, title)) is not None:
                owners.append(owner)
                one = collect_table(top, table, owner, name, withdraw=withdraw)
                one.problems += _in_two(one, name, table, rows_of)
                parts.append((_ORDER[owner.role], one))
            else:
                keyless = _keyless(top, table)
                parts.append((0, Collected(notes=[] if keyless else _former(top, table, name), problems=keyless)))
                taken = taken or bool(keyless)
                continue
            taken = True
            digests[name] = path, table.sha256
        if path.suffix.lower() == ".xlsx":
            parts.append((0, Collected(notes=_absent(name, owners))))
        if not taken and files:
            what = f"this is no sheet that 'evidence-review {top.desk.verb} sheet' wrote: it has no column 'study_id'"
            parts.append((0, Collected(problems=[Problem(name, what, "Name the sheet that was filled in.")])))
    return merge([part for _, part in sorted(parts, key=lambda pair: pair[0])]), digests


def _former(top: Desktop, table: Table, name: str) -> list[str]:
    """Say of a sheet that it is of a form or a group that is planned no more."""
    form, group = identify.form_named(table)
    if form in top.desk.forms and group:
        return [f"{name}: the form has no group '{group}' any more; the sheet was not read"]
    if form in top.forms_used() - top.desk.forms.keys():
        return [f"{name}: '{form}' is planned no more; the sheet was not read"]
    return []


def _keyless(top: Desktop, table: Table) -> list[Problem]:
    """Refuse a sheet that names a form of ours and has lost the column that says of which study its rows are."""
    form, _ = identify.form_named(table)
    if form not in top.desk.forms or identify.column(table, STUDY_ID) in table.columns:
        return []
    remedy = suggest(STUDY_ID, table.columns).partition(" Valid")[0]
    return [Problem(table.where(1), f"column '{STUDY_ID}' is missing", remedy or "Put it back as it was issued.")]


def _absent(name: str, owners: Sequence[identify.Owner]) -> list[str]:
    """Say which worksheets a workbook has lost: what was collected from them before stays, nothing new is read."""
    notes = []
    for form in {owner.part.form.id: owner.part.form for owner in owners}.values():
        there = {owner.part.group for owner in owners if owner.part.form.id == form.id}
        lost = [group.id for group in form.groups if group.id not in there]
        if lost:
            notes.append(f"{name} has no worksheet {' and none '.join(map(repr, lost))}, so nothing of it was read")
    return notes


def _in_two(found: Collected, name: str, table: Table, rows_of: dict[tuple[str, ...], str]) -> list[Problem]:
    """Refuse an entry that one person has filled in in two sheets: nobody could say which of them holds."""
    problems = {}
    for key, row in found.entries.items():
        if rows_of.setdefault(key, name) != name:
            what = f"study {key[-2]} is filled in here and in {rows_of[key]} by the same person"
            problems[key] = Problem(table.where(row), what, "Clear the row in one of the two sheets.")
    return list(problems.values())


def _told(seen: View, found: Collected, sheets: int) -> Summary:
    after = seen.values
    if found.values:
        after = asked(fold((*seen.snapshot.values, *found.values), seen.standing), seen.desk.forms.values())
    new = len(found.values) - found.withdrawn
    lines = [f"{counted(sheets, 'sheet')} read: {counted(found.cells, 'filled cell')} in {counted(found.rows, 'row')}."]
    if found.values:
        lines.append(f"New or changed values: {new}.")
    else:
        lines.append("Nothing new: every value was there already." if found.cells else "Nothing is filled in yet.")
    lines += [f"  {_change(before, value)}" for before, value in found.changed[:_SHOWN]]
    lines += [f"  … and {len(found.changed) - _SHOWN} more changed"] if len(found.changed) > _SHOWN else []
    if found.withdrawn:
        gone = [value for value in found.values if value.status == WITHDRAWN]
        lines.append(f"Taken back: {counted(found.withdrawn, 'value')} whose cell is empty now.")
        lines += [f"  {value.study}, {value.field} ({value.sheet} row {value.row})" for value in gone[:20]]
        lines += ["  …"] if len(gone) > 20 else []
    lines += [f"Note: {note}" for note in found.notes]
    lines += [f"Note: {note}" for note in settled.told(found, after)]
    doubts = odd(after, seen.desk.forms, [one.id for one in seen.standing.studies])
    lines += [f"Look again: {doubt}" for doubt in doubts]
    open_cells = [one for form in seen.desk.forms for one in differences(after, form)]
    if open_cells:
        lines.append(f"Cells at which people differ: {len(open_cells)}.")
    data = {
        "sheets": sheets, "cells": found.cells, "rows": found.rows, "new": new, "withdrawn": found.withdrawn,
        "notes": found.notes, "doubts": doubts, "differences": len(open_cells),
    }  # fmt: skip
    return Summary(tuple(lines), data, f"evidence-review {seen.desk.verb} differences" if open_cells else "")


def _change(before: Value, value: Value) -> str:
    where = " ".join(filter(None, (value.study, value.group, value.item)))
    return (
        f"{where}, {value.field}: '{shown(value)}' ({value.sheet} row {value.row}), before '{shown(before)}' "
        f"({before.sheet} row {before.row}, {before.when[:10]})"
    )


def write_differences(seen: View) -> Summary:
    """Write the sheet of cells at which two people differ, leaving out those that stand in such a sheet already."""
    desk = seen.desk
    studies = lookup(seen.standing, seen.snapshot.gone)
    listed = set()
    for path in desk.sheets():
        for table in read_all(path).values():
            if identify.is_consensus(table):
                listed |= consensus.places(table, studies)
    found = [one for form in desk.forms for one in differences(seen.values, form)]
    new = [one for one in found if one.place not in listed]
    path = _free(desk.folder)
    if new:
        with seen.workspace.transaction(f"{desk.verb}-differences") as tx:
            tx.write(path, consensus.sheet(desk, new), keep_existing=True)
            tx.counts["differences"] = len(new)
    lines = [f"Cells at which people differ and nobody has settled: {len(found)}."]
    if new:
        lines.append(f"{seen.workspace.layout.inside(path)}: {len(new)} to settle. In the column 'consensus' write the")
        lines.append("answer that shall hold, or the id of the person whose answer it is.")
    elif found:
        lines.append("All of them stand in a consensus sheet that waits to be filled in.")
    data = {"differences": len(found), "new": len(new), "sheet": seen.workspace.layout.inside(path) if new else ""}
    return Summary(tuple(lines), data, f"evidence-review {desk.verb} collect" if found else "")


def _free(folder: Path) -> Path:
    path, number = folder / "consensus.csv", 2
    while path.exists():
        path, number = folder / f"consensus_{number}.csv", number + 1
    return path
