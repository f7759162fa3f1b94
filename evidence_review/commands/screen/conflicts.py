"""`screen conflicts`: what people judged differently, side by side, to be settled by a third or by agreement."""

from __future__ import annotations

from dataclasses import replace

from evidence_review.commands.screen import columns
from evidence_review.commands.screen.identity import SUFFIXES, batch_name, file_stem, numbers
from evidence_review.commands.screen.issue import write_criteria, write_table
from evidence_review.commands.screen.recognise import recognise
from evidence_review.commands.screen.review import StageView
from evidence_review.errors import SheetError
from evidence_review.model.events import Decision
from evidence_review.state.screening import AUTOMATION, SETTLING_ROLES
from evidence_review.summary import Summary, counted
from evidence_review.workspace import issued as sheets
from evidence_review.workspace.issued import CONFLICTS, Issued
from evidence_review.workspace.transaction import Transaction
from evidence_review.workspace.workspace import Workspace


def run(workspace: Workspace, stage: str, format: str = "csv") -> Summary:
    """Write a sheet of the conflicts of a stage that stand in none yet, and again a sheet whose file is gone.

    Raises:
        SheetError: a file of the sheet's name is there and is none of this review's.
    """
    view = StageView.read(workspace, stage)
    recognised, problems = recognise(view)
    if problems:
        raise SheetError("Files in the screening folder are not sheets of this review; nothing was written.", problems)
    view = replace(view, issued=(*view.issued, *recognised))
    known = {view.keeper(record) for sheet in view.of_stage(CONFLICTS) for record in sheet.records}
    fresh = [record for record in view.in_conflict if record not in known]
    sheet = _sheet(view, fresh, format) if fresh else None
    with workspace.transaction("screen", {"action": "conflicts", "stage": stage}) as tx:
        tx.saw(one.path for one in recognised)
        new = [replace(one, when=tx.when) for one in (*recognised, *([sheet] if sheet else ()))]
        again = _gone(view)
        for one in (*([sheet] if sheet else ()), *again):
            _write(tx, view, one)
        if sheet is not None:
            write_criteria(tx, view)
        if new:
            tx.write(workspace.layout.issued, sheets.encode((*sheets.read(workspace.layout.issued), *new)))
        tx.counts.update({"conflicts": len(view.in_conflict), "issued": len(fresh)})
    return _told(view, sheet, fresh, again)


def _gone(view: StageView) -> list[Issued]:
    """Return the sheets with conflicts still open whose files are gone under every ending."""
    return [
        sheet
        for sheet in view.conflict_sheets()
        if not any((view.workspace.layout.folder / sheet.path).with_suffix(suffix).exists() for suffix in SUFFIXES)
    ]


def _write(tx: Transaction, view: StageView, sheet: Issued) -> None:
    keepers = {record: view.keeper(record) for record in sheet.records}
    voices = {record: _voices(view, keeper) for record, keeper in keepers.items() if keeper in view.outcomes}
    width = max(len(said) for said in voices.values())
    rows = [
        columns.conflict_row(shown, said, width, _arbiter(view, record), sheet.batch)
        for record, said in voices.items()
        if (shown := view.shown(record))
    ]
    write_table(tx, view, sheet, columns.conflict_columns(width), rows)


def _sheet(view: StageView, records: list[str], format: str) -> Issued:
    number = 1 + numbers(sheet.batch for sheet in view.of_stage(CONFLICTS))
    batch = batch_name(view.stage, CONFLICTS, number)
    path = view.workspace.layout.sheets / view.stage / f"{file_stem(batch, '')}.{format}"
    name = view.workspace.layout.inside(path)
    if path.exists():
        raise SheetError(f"{name} is there, but was not issued for this review: move it away. Nothing was written.")
    return Issued(batch, view.stage, "", CONFLICTS, name, tuple(records), when="")


def _arbiter(view: StageView, record: str) -> str:
    """Return who settles a conflict by the plan; nobody where the arbiter is one of those who differ."""
    arbiter = view.plan.arbiter or ""
    return "" if arbiter in view.judged_by(record) else arbiter


def _voices(view: StageView, record: str) -> list[Decision]:
    """Return what people said on a record, in the order of time."""
    return [one for one in view.outcomes[record].decisions if one.role not in (AUTOMATION, *SETTLING_ROLES)]


def _told(view: StageView, sheet: Issued | None, fresh: list[str], again: list[Issued]) -> Summary:
    waiting = len(view.in_conflict)
    if sheet is not None:
        lines = [f"{sheet.path}: {counted(len(fresh), 'conflict')} to settle"]
    elif waiting:
        paths = ", ".join(one.path for one in view.conflict_sheets())
        lines = [f"{counted(waiting, 'conflict')} to settle in {paths}"]
    else:
        lines = [f"No conflicts at {view.stage}."]
    lines += [f"{one.path}: was gone and is written again" for one in again]
    data = {"stage": view.stage, "conflicts": waiting, "issued": sheet.path if sheet else "", "rows": len(fresh)}
    flag = "" if view.stage == "title-abstract" else f" --stage {view.stage}"
    return Summary(lines=tuple(lines), data=data, next=f"evidence-review screen collect{flag}" if waiting else "")
