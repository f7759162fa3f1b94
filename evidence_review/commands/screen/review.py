"""A review as screening sees it: standing, sheets issued, and each person's open rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from evidence_review.commands.screen.identity import batch_number
from evidence_review.model.events import FULL_TEXT, TITLE_ABSTRACT, Decision
from evidence_review.model.protocol import Protocol, StagePlan
from evidence_review.model.record import Record
from evidence_review.state import standing as places
from evidence_review.state.assignment import screeners
from evidence_review.state.screening import AUTOMATION, SETTLING_ROLES, Outcome
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, stand
from evidence_review.workspace import issued as sheets
from evidence_review.workspace.issued import CONFLICTS, PILOT, RETRIEVAL, Issued
from evidence_review.workspace.workspace import Workspace

_AWAITING = {TITLE_ABSTRACT: places.AWAITING_SCREENING, FULL_TEXT: places.AWAITING_ELIGIBILITY}
_CONFLICT = {TITLE_ABSTRACT: places.CONFLICT_SCREENING, FULL_TEXT: places.CONFLICT_ELIGIBILITY}


@dataclass(frozen=True)
class StageView:
    """One stage of one review, read once."""

    workspace: Workspace
    snapshot: Snapshot
    standing: Standing
    stage: str
    issued: tuple[Issued, ...]

    @staticmethod
    def read(workspace: Workspace, stage: str) -> StageView:
        """Read a review and fold it."""
        snapshot = workspace.snapshot()
        return StageView(workspace, snapshot, stand(snapshot), stage, sheets.read(workspace.layout.issued))

    @property
    def protocol(self) -> Protocol:
        """The protocol."""
        return self.snapshot.protocol

    @property
    def plan(self) -> StagePlan:
        """How this stage is screened."""
        return self.protocol.stage(self.stage)

    @property
    def people(self) -> tuple[str, ...]:
        """Who screens at this stage."""
        return screeners(self.protocol, self.stage)

    @property
    def awaiting(self) -> list[str]:
        """The records that may be screened now, in the order of identification."""
        return self.standing.having(_AWAITING[self.stage])

    @property
    def in_conflict(self) -> list[str]:
        """The records on which people disagree."""
        return self.standing.having(_CONFLICT[self.stage])

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """The outcome of each record that reached the stage."""
        return self.standing.title_abstract if self.stage == TITLE_ABSTRACT else self.standing.full_text

    def keeper(self, record: str) -> str:
        """Return the record that stands for a record's cluster; of one that is gone, for the copies that stay."""
        record = self.snapshot.gone.get(record) or record
        return self.standing.clusters.keeper_of.get(record, record)

    def shown(self, record: str) -> Record | None:
        """Return a record of a sheet as a row shows it: of one that is gone, the copy that stays, under the id issued.

        None where no copy stays.
        """
        found = self.snapshot.records.get(self.snapshot.gone.get(record) or record)
        return found and replace(found, id=record)

    @cached_property
    def decisions(self) -> dict[str, list[Decision]]:
        """What was decided at this stage, by the record that stands for the cluster."""
        found: dict[str, list[Decision]] = {}
        for decision in self.snapshot.decisions:
            if decision.stage == self.stage and decision.record in self.snapshot.records:
                found.setdefault(self.keeper(decision.record), []).append(decision)
        return found

    def judged_by(self, record: str) -> set[str]:
        """Return who has judged a record's cluster at this stage."""
        return {
            decision.screener
            for decision in self.decisions.get(self.keeper(record), ())
            if decision.role not in (AUTOMATION, *SETTLING_ROLES)
        }

    def of_stage(self, *kinds: str) -> list[Issued]:
        """Return the sheets issued at this stage, of some kinds or of all that a screener fills in."""
        return [
            sheet
            for sheet in self.issued
            if sheet.stage == self.stage
            and (sheet.kind in kinds if kinds else sheet.kind not in (CONFLICTS, RETRIEVAL))
        ]

    def conflict_sheets(self) -> list[Issued]:
        """Return the sheets in which conflicts stand that nobody has settled."""
        opened = set(self.in_conflict)
        return [
            sheet
            for sheet in self.of_stage(CONFLICTS)
            if any(self.keeper(record) in opened for record in sheet.records)
        ]

    def held(self, extra: Iterable[Issued] = ()) -> dict[str, set[str]]:
        """Return who has each record in a sheet of theirs."""
        found: dict[str, set[str]] = {}
        for sheet in (*self.of_stage(), *extra):
            for record in sheet.records:
                found.setdefault(self.keeper(record), set()).add(sheet.screener)
        return found

    def open_rows(self, sheet: Issued) -> list[str]:
        """Return the records of a screener's sheet that still wait for this screener.

        In the last pilot round everyone judges everything, also what others have settled meanwhile. Who has left is
        asked nothing more.
        """
        if sheet.screener not in self.people:
            return []
        waiting = set(self.outcomes if self.in_last_pilot(sheet) else self.awaiting)
        # One row a cluster: who judges one copy has judged the others.
        rows: dict[str, str] = {}
        for record in sheet.records:
            if self.keeper(record) in waiting and sheet.screener not in self.judged_by(record):
                rows.setdefault(self.keeper(record), record)
        return list(rows.values())

    def in_last_pilot(self, sheet: Issued) -> bool:
        """Whether a sheet is of the last pilot round."""
        last = max((batch_number(one.batch) for one in self.of_stage(PILOT)), default=0)
        return sheet.kind == PILOT and batch_number(sheet.batch) == last
