"""The reports whose full texts are sought, and the sheets in which people note what came of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from evidence_review.errors import SheetError
from evidence_review.model.events import FULL_TEXT, RETRIEVED
from evidence_review.model.record import Citation
from evidence_review.sheets import Table, is_lock_file, read
from evidence_review.state import standing as places
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, stand
from evidence_review.summary import counted
from evidence_review.workspace import issued as sheets
from evidence_review.workspace.issued import RETRIEVAL, Issued
from evidence_review.workspace.workspace import Workspace

RECORD, OUTCOME, WHERE, ASKED, NOTE, BY = "record", "outcome", "where", "asked_on", "note", "by"
REQUIRED, OPTIONAL = (RECORD, OUTCOME), (WHERE, ASKED, NOTE, BY)
_NAME = re.compile(r"^retrieval(?:-(\d+))?(?!\d)")


@dataclass(frozen=True)
class Sought:
    """A review as retrieval sees it."""

    workspace: Workspace
    snapshot: Snapshot
    standing: Standing
    issued: tuple[Issued, ...]

    @staticmethod
    def read(workspace: Workspace) -> Sought:
        """Read a review; retrieval sheets that lie in the folder are known, whether or not the library has them."""
        snapshot = workspace.snapshot()
        sought = Sought(workspace, snapshot, stand(snapshot), sheets.read(workspace.layout.issued))
        return replace(sought, issued=(*sought.issued, *sought.adopted()))

    @property
    def sheets(self) -> list[Issued]:
        """The retrieval sheets."""
        return [sheet for sheet in self.issued if sheet.kind == RETRIEVAL]

    @property
    def reports(self) -> list[str]:
        """The reports that screening let through, in the order of identification."""
        return list(self.standing.full_text)

    def missing(self) -> list[str]:
        """Return the reports that stand in no retrieval sheet and were not retrieved."""
        keeper_of, gone = self.standing.clusters.keeper_of, self.snapshot.gone
        known = {keeper_of.get(gone.get(record) or record, record) for one in self.sheets for record in one.records}
        had = {record for record, event in self.standing.retrieval.items() if event.outcome == RETRIEVED}
        return [record for record in self.reports if record not in known | had]

    def citations(self, report: str) -> list[Citation]:
        """Return the citations of a report's records, its keeper's first: a copy may know the DOI that it lacks."""
        members = self.standing.clusters.members_of.get(report, ())
        return [self.snapshot.records[one].citation for one in (report, *(one for one in members if one != report))]

    def waiting(self) -> list[str]:
        """Return the reports whose full text is still awaited."""
        return self.standing.having(places.AWAITING_RETRIEVAL)

    def nothing_awaited(self) -> str:
        """Return the sentence for when no report is awaited, with those that the cut-off date has closed."""
        closed = len(self.standing.having(places.NOT_OBTAINED))
        told = f"; {counted(closed, 'report')} count as not retrieved" if closed else ""
        return f"No report is awaited, so there was nothing to look for{told}."

    def adopted(self) -> list[Issued]:
        """Return the retrieval sheets of the folder that the library does not know and whose records are ours."""
        known = {sheet.batch for sheet in self.issued if sheet.kind == RETRIEVAL}
        found = []
        for path in sheet_files(self.workspace):
            batch = batch_of(path)
            if batch in known:
                continue
            name = self.workspace.layout.inside(path)
            try:
                table = read(path, name, required=REQUIRED, optional=OPTIONAL)
            except SheetError:
                continue
            records = tuple(row.plain(RECORD).upper() for row in table.rows if row.plain(RECORD))
            if all(record in self.snapshot.records or record in self.snapshot.gone for record in records):
                known.add(batch)
                found.append(Issued(batch, FULL_TEXT, "", RETRIEVAL, name, records, when=""))
        return found


def sheet_files(workspace: Workspace) -> list[Path]:
    """Return the retrieval sheets in the screening folder."""
    folder = workspace.layout.sheets / FULL_TEXT
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in (".csv", ".tsv", ".txt", ".xlsx") and _NAME.match(path.stem)
        and not is_lock_file(path.name)
    )  # fmt: skip


def batch_of(path: Path) -> str:
    """Return the batch of a retrieval sheet by its file's name: `retrieval`, `retrieval-2`; "" where it says none."""
    found = _NAME.match(path.stem)
    return found.group() if found else ""


def table_of(path: Path, name: str) -> Table:
    """Read a retrieval sheet."""
    return read(path, name, required=REQUIRED, optional=OPTIONAL)
