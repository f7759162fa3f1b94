"""`screen conflicts`: what people judged differently, side by side, to be settled by a third or by agreement."""

from __future__ import annotations

from dataclasses import replace

from evidence_review.commands.screen import columns
from evidence_review.commands.screen.identity import batch_name, file_stem, numbers
from evidence_review.commands.screen.issue import write_criteria, write_table
from evidence_review.commands.screen.recognise import recognise
from evidence_review.commands.screen.review import StageView
from evidence_review.errors import SheetError
from evidence_review.model.events import Decision
from evidence_review.state.screening import AUTOMATION
from evidence_review.summary import Summary, counted
from evidence_review.workspace import issued as sheets
from evidence_review.workspace.issued import CONFLICTS, Issued
from evidence_review.workspace.workspace import Workspace


def run(workspace: Workspace, stage: str, format: str = "csv") -> Summary:
    """Write a sheet of the conflicts of a stage that stand in no conflicts sheet yet.

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
        if sheet is not None:
            voices = {record: _voices(view, record) for record in fresh}
            width = max(len(said) for said in voices.values())
            by = view.plan.arbiter or ""
            rows = [
                columns.conflict_row(view.snapshot.records[record], said, width, by, sheet.batch)
                for record, said in voices.items()
            ]
            write_table(tx, view, sheet, columns.conflict_columns(width), rows)
            write_criteria(tx, view)
        if new:
            tx.write(workspace.layout.issued, sheets.encode((*sheets.read(workspace.layout.issued), *new)))
        tx.counts.update({"conflicts": len(view.in_conflict), "issued": len(fresh)})
    return _told(view, sheet, fresh)


def _sheet(view: StageView, records: list[str], format: str) -> Issued:
    number = 1 + numbers(sheet.batch for sheet in view.of_stage(CONFLICTS))
    batch = batch_name(view.stage, CONFLICTS, number)
    path = view.workspace.layout.sheets / view.stage / f"{file_stem(batch, '')}.{format}"
    name = view.workspace.layout.inside(path)
    if path.exists():
        raise SheetError(f"{name} is there, but was not issued for this review: move it away. Nothing was written.")
    return Issued(batch, view.stage, "", CONFLICTS, name, tuple(records), when="")


def _voices(view: StageView, record: str) -> list[Decision]:
    """Return what people said on a record, in the order of time."""
    return [one for one in view.outcomes[record].decisions if one.role != AUTOMATION]


def _told(view: StageView, sheet: Issued | None, fresh: list[str]) -> Summary:
    waiting = len(view.in_conflict)
    if sheet is not None:
        lines = [f"{sheet.path}: {counted(len(fresh), 'conflict')} to settle"]
    elif waiting:
        paths = ", ".join(one.path for one in view.of_stage(CONFLICTS))
        lines = [f"{counted(waiting, 'conflict')} to settle in {paths}"]
    else:
        lines = [f"No conflicts at {view.stage}."]
    data = {"stage": view.stage, "conflicts": waiting, "issued": sheet.path if sheet else "", "rows": len(fresh)}
    flag = "" if view.stage == "title-abstract" else f" --stage {view.stage}"
    return Summary(lines=tuple(lines), data=data, next=f"evidence-review screen collect{flag}" if waiting else "")
