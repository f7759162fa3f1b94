"""`screen move`: send records to the next stage on a person's word, without a sheet."""

from __future__ import annotations

from collections.abc import Sequence

from evidence_review.commands.screen.review import StageView
from evidence_review.errors import Problem, SheetError, UsageError, suggest
from evidence_review.model.events import INCLUDE, TITLE_ABSTRACT, Decision
from evidence_review.state.screening import CONSENSUS
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace


def run(workspace: Workspace, records: Sequence[str], by: str, note: str = "") -> Summary:
    """Let records through to full text: a settled include at title and abstract, signed by a person.

    Raises:
        UsageError: the person is not in the team.
        SheetError: a record is unknown or was removed before screening; every one is named.
    """
    view = StageView.read(workspace, TITLE_ABSTRACT)
    team = [member.id for member in view.protocol.team]
    if by not in team:
        raise UsageError(f"'{by}' is not in the team. {suggest(by, team)}")
    ids = [record.strip().upper() for record in records]
    problems = [
        Problem(record, "there is no such record at title and abstract screening", "Copy the id from a sheet.")
        for record in ids
        if view.keeper(record) not in view.outcomes
    ]
    if problems:
        raise SheetError("Nothing was moved.", problems)
    fresh = [record for record in dict.fromkeys(ids) if view.outcomes[view.keeper(record)].state != "included"]
    with workspace.transaction("screen", {"action": "move", "by": by}) as tx:
        tx.add_events(
            Decision(record, TITLE_ABSTRACT, by, INCLUDE, "", note, CONSENSUS, "", "", "", tx.when) for record in fresh
        )
        tx.counts.update({"moved": len(fresh)})
    return Summary((f"{counted(len(fresh), 'record')} sent to full text.",), {"moved": fresh})
