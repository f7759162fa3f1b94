"""Sheets that already lie in the screening folder of a fresh library, filled in or not, are taken as issued."""

from __future__ import annotations

from evidence_review.commands.screen.columns import DRAWN, RECORD, WHY
from evidence_review.commands.screen.identity import Identity, read_sheet, sheet_files
from evidence_review.commands.screen.review import StageView
from evidence_review.errors import Problem, SheetError, suggest
from evidence_review.sheets import Table
from evidence_review.workspace.issued import CONFLICTS, Issued


def recognise(view: StageView) -> tuple[list[Issued], list[Problem]]:
    """Return the sheets of this stage's folder that the library does not know yet, and what speaks against others.

    A file that cannot be read is left to `collect`, which says what is wrong with it.
    """
    known = {(sheet.batch, sheet.screener) for sheet in view.issued}
    found: list[Issued] = []
    problems: list[Problem] = []
    layout = view.workspace.layout
    for path in sheet_files(layout.sheets / view.stage):
        name = layout.inside(path)
        try:
            table, identity = read_sheet(path, name)
        except SheetError:
            continue
        if identity.stage != view.stage or (identity.batch, identity.screener) in known:
            continue
        against = _against(view, table, identity)
        if against:
            problems += against
            continue
        known.add((identity.batch, identity.screener))
        rows = [row for row in table.rows if row.plain(RECORD)]
        records = tuple(row.plain(RECORD).upper() for row in rows)
        drawn = tuple(row.plain(RECORD).upper() for row in rows if row.plain(WHY) == DRAWN)
        order = "ranked" if WHY in table.columns else "given"
        found.append(
            Issued(identity.batch, view.stage, identity.screener, identity.kind, name, records, "", order, drawn)
        )
    return found, problems


def _against(view: StageView, table: Table, identity: Identity) -> list[Problem]:
    """Return why a file cannot be a sheet of this review."""
    allowed = {*view.people, *(member.id for member in view.protocol.team)}
    if identity.kind != CONFLICTS and identity.screener not in allowed:
        what = f"screener '{identity.screener}' is not in the team"
        return [Problem(table.name, what, suggest(identity.screener, allowed) or "Add them to 'team'.")]
    ours = view.snapshot.records.keys() | view.snapshot.gone.keys()
    unknown = [row for row in table.rows if (cell := row.plain(RECORD)) and cell.upper() not in ours]
    if unknown:
        what = f"{len(unknown)} of its records are not in this review, the first is '{unknown[0].plain(RECORD)}'"
        return [
            Problem(table.where(unknown[0]), what, "It is another review's sheet, or an older one's: move it away.")
        ]
    return []
