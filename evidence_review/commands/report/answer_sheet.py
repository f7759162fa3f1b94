"""Write the sheet in which the authors answer what only they can say of the checklists, once and never over it."""

from __future__ import annotations

from evidence_review.commands.report import answers, checklists
from evidence_review.commands.report.conditions import conditions
from evidence_review.commands.report.run import gather, note_inputs
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace


def write_sheet(workspace: Workspace) -> Summary:
    """Write `protocols/<review>/checklists.csv` with the items that are TODO, or say what is still open in it.

    Raises:
        SheetError: the sheet that is there names an item that does not exist.
    """
    path = workspace.layout.checklist_answers
    found = gather(workspace)
    known = answers.read_answers(path)
    lists = checklists.fill(conditions(found), {}, found.snapshot.protocol.kind, known.given)
    left = [(one.id, item.id) for one in lists for item in one.left]
    place = workspace.layout.inside(path)
    data = {"file": place, "answered": len(known.given), "left": [list(key) for key in left]}
    if path.exists():
        missing = [f"{name} {item}" for name, item in left if (name, item) not in known.blank]
        lines = [
            f"{place} is there and stays as it is: {counted(len(known.given), 'answer')}, "
            f"{counted(len(left), 'item')} still open."
        ]
        lines += [f"Open, and without a row in it: {', '.join(missing)}."] if missing else []
        return Summary(tuple(lines), {**data, "written": False})
    with workspace.transaction("report", {"checklists": True}) as tx:
        tx.write(path, answers.sheet(lists), keep_existing=True)
        note_inputs(tx, workspace, found)
        tx.counts = {"items": len(left)}
    line = f"{place}: {counted(len(left), 'item')} that only you can answer. Fill in place or note, then render again."
    return Summary((line,), {**data, "written": True}, next="evidence-review report")
