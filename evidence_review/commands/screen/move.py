"""`screen move`: send records to the next stage on a person's word, without a sheet, and take such a word back."""

from __future__ import annotations

from collections.abc import Sequence

from evidence_review.commands.screen.review import StageView
from evidence_review.errors import Problem, SheetError, UsageError, suggest
from evidence_review.model.events import FULL_TEXT, INCLUDE, TITLE_ABSTRACT, Decision
from evidence_review.state.screening import AUTOMATION, CONSENSUS, SETTLING_ROLES, WITHDRAWN
from evidence_review.state.standing import stand
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace


def run(workspace: Workspace, records: Sequence[str], by: str, note: str = "") -> Summary:
    """Let records through to full text: a settled include at title and abstract, signed by a person.

    Raises:
        UsageError: the person is not in the team.
        SheetError: a record is unknown or was removed before screening; every one is named.
    """
    view = StageView.read(workspace, TITLE_ABSTRACT)
    ids = _ids(view, records, by)
    problems = _unknown(view, ids)
    if problems:
        raise SheetError("Nothing was moved.", problems)
    fresh = [record for record in ids if view.outcomes[view.keeper(record)].state != "included"]
    _add(workspace, view.stage, fresh, by, INCLUDE, note)
    lines = [f"{counted(len(fresh), 'record')} sent to full text."]
    there = {record: view.standing.state_of[view.keeper(record)] for record in ids if record not in fresh}
    lines += [f"  {record} got there before: {state}" for record, state in there.items()]
    return Summary(tuple(lines), {"moved": fresh})


def back(workspace: Workspace, records: Sequence[str], stage: str, by: str, note: str = "") -> Summary:
    """Send records back to a stage: what was settled there is withdrawn, and they stand as their screeners judged them.

    Nobody else's judgement can be taken back: whoever made it writes another into the sheet. What was decided later,
    at full text say, stays on file and counts again once a record comes so far again.

    Raises:
        UsageError: the person is not in the team.
        SheetError: a record did not reach the stage, or nothing was settled on it there; every one is named.
    """
    view = StageView.read(workspace, stage)
    ids = _ids(view, records, by)
    problems = _unknown(view, ids) or [found for record in ids if (found := _unsettled(view, record))]
    if problems:
        raise SheetError("Nothing was moved.", problems)
    fresh = [record for record in ids if _settled(view, record)]
    _add(workspace, stage, fresh, by, WITHDRAWN, note)
    now = stand(workspace.snapshot()).state_of
    states = {record: now[view.keeper(record)] for record in ids}
    lines = [f"{counted(len(fresh), 'record')} sent back to {stage}."]
    lines += [f"  {record}: {state}" for record, state in states.items()]
    return Summary(tuple(lines), {"moved": fresh, "states": states})


def _ids(view: StageView, records: Sequence[str], by: str) -> list[str]:
    """Return the ids of records, each cluster once, where a person of the team moves them."""
    team = [member.id for member in view.protocol.team]
    if by not in team:
        raise UsageError(f"'{by}' is not in the team. {suggest(by, team)}")
    ids: dict[str, str] = {}
    for record in (one.strip().upper() for one in records):
        ids.setdefault(view.keeper(record), record)
    return list(ids.values())


def _unknown(view: StageView, ids: Sequence[str]) -> list[Problem]:
    words = {TITLE_ABSTRACT: "title and abstract screening", FULL_TEXT: "full-text screening"}[view.stage]
    return [
        Problem(record, f"there is no such record at {words}", "Copy the id from a sheet.")
        for record in ids
        if view.keeper(record) not in view.outcomes
    ]


def _settled(view: StageView, record: str) -> bool:
    return any(one.role in SETTLING_ROLES for one in view.outcomes[view.keeper(record)].decisions)


def _unsettled(view: StageView, record: str) -> Problem | None:
    """Return why a record on which nothing is settled cannot be sent back; None where it is back already."""
    keeper = view.keeper(record)
    if _settled(view, record) or any(one.verdict == WITHDRAWN for one in view.decisions.get(keeper, ())):
        return None
    said = [one for one in view.outcomes[keeper].decisions if one.role != AUTOMATION]
    if not said:
        return Problem(record, f"nobody has judged it at {view.stage} yet", "There is nothing to take back.")
    who = " and ".join(dict.fromkeys(one.screener for one in said))
    sheets = ", ".join(dict.fromkeys(one.sheet for one in said if one.sheet))
    remedy = f"Change the decision in {sheets or 'their sheet'} and collect it."
    return Problem(
        record, f"it stands as {who} judged it at {view.stage}, and nobody can take that back for them", remedy
    )


def _add(workspace: Workspace, stage: str, records: Sequence[str], by: str, verdict: str, note: str) -> None:
    with workspace.transaction("screen", {"action": "move", "by": by}) as tx:
        tx.add_events(
            Decision(record, stage, by, verdict, "", note, CONSENSUS, "", "", "", tx.when) for record in records
        )
        tx.counts.update({"moved": len(records)})
