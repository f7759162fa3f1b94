"""What waits with its next step: where all of it lies in sheets that are out, that is filling them in."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from dataclasses import replace

from evidence_review.model.events import FULL_TEXT, TITLE_ABSTRACT
from evidence_review.state import standing as places
from evidence_review.state.assignment import screeners
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing
from evidence_review.state.waiting import Waiting
from evidence_review.workspace import issued
from evidence_review.workspace.issued import CONFLICTS, RETRIEVAL, Issued
from evidence_review.workspace.layout import Layout

_COLLECT = {
    TITLE_ABSTRACT: "evidence-review screen collect",
    FULL_TEXT: "evidence-review screen collect --stage full-text",
    RETRIEVAL: "evidence-review fulltext collect",
}
# The stage and the kind of sheet in which what waits is handed out; "" where people have a sheet each.
_OUT = {
    places.AWAITING_SCREENING: (TITLE_ABSTRACT, ""),
    places.CONFLICT_SCREENING: (TITLE_ABSTRACT, CONFLICTS),
    places.AWAITING_RETRIEVAL: (FULL_TEXT, RETRIEVAL),
    places.AWAITING_ELIGIBILITY: (FULL_TEXT, ""),
    places.CONFLICT_ELIGIBILITY: (FULL_TEXT, CONFLICTS),
}


def with_sheets(items: Iterable[Waiting], layout: Layout, snapshot: Snapshot, standing: Standing) -> list[Waiting]:
    """Return the items; of those that lie wholly in sheets that are out, the next step is to fill these in."""
    sheets = [sheet for sheet in issued.read(layout.issued) if _is_there(sheet, layout)]
    return [_filling_in(item, sheets, snapshot, standing) if item.state in _OUT else item for item in items]


def _is_there(sheet: Issued, layout: Layout) -> bool:
    """Whether the sheet's file lies where it was issued, under whatever ending a spreadsheet program gave it."""
    path = layout.folder / sheet.path
    return any(path.parent.glob(f"{glob.escape(path.stem)}.*"))


def _filling_in(item: Waiting, sheets: Iterable[Issued], snapshot: Snapshot, standing: Standing) -> Waiting:
    stage, kind = _OUT[item.state]
    people = screeners(snapshot.protocol, stage)
    waits, keeper_of = set(item.ids), standing.clusters.keeper_of
    outcomes = standing.title_abstract if stage == TITLE_ABSTRACT else standing.full_text
    out: dict[str, set[str]] = {}
    for sheet in sheets:
        if sheet.stage == stage and (sheet.kind == kind if kind else sheet.screener in people):
            keepers = (keeper_of.get(snapshot.gone.get(record) or record, "") for record in sheet.records)
            held = waits.intersection(keepers)
            if not kind:
                # Who has judged a record has filled in its row: it waits for somebody else.
                held = {one for one in held if all(sheet.screener != said.screener for said in outcomes[one].decisions)}
            if held:
                out[sheet.path] = held
    if set().union(*out.values()) != waits:
        return item
    told = " and ".join(out) if kind else "the sheets that are out"
    return replace(item, todo=f"fill in {told}, then {_COLLECT[kind if kind == RETRIEVAL else stage]}")
