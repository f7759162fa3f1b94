"""`screen stopping` in a review: ask the rule, and on a person's word leave the rest unscreened or take it up again."""

from __future__ import annotations

from evidence_review.commands.screen import stopping
from evidence_review.commands.screen.progress import drawn, given_order, labels_of, sample
from evidence_review.commands.screen.review import StageView
from evidence_review.commands.screen.rules import Hypergeometric
from evidence_review.errors import IdentityError, UsageError, suggest
from evidence_review.model.events import Decision
from evidence_review.state.screening import (
    AUTOMATION,
    LEFT_UNSCREENED,
    STOPPED_ANYWAY,
    STOPPED_BY_RULE,
    UNSCREENED,
)
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace

TAKEN_UP = "taken up again"


def ask(workspace: Workspace, stage: str, rule: Hypergeometric, elusion: tuple[int, int] | None = None) -> Summary:
    """Tell whether screening of a stage may stop, by the decisions made so far in their order."""
    view = StageView.read(workspace, stage)
    labels = list(labels_of(view).values())
    told = stopping.run(labels, len(view.outcomes), rule, elusion)
    data, lines = dict(told.data), list(told.lines)
    taken = sample(view)
    if taken is not None and elusion is None:
        data["elusion"], words = stopping.eluded(taken.unread, taken.size, taken.included, rule)
        lines.insert(-1, words)
    by_chance = drawn(view)
    if by_chance is not None:
        share, low, high = by_chance.share
        data["drawn"] = {"judged": by_chance.judged, "included": by_chance.included, "low": low, "high": high}
        lines.insert(
            -1,
            f"{counted(by_chance.judged, 'record')} drawn by chance held {counted(by_chance.included, 'include')}: "
            f"{100 * share:.1f} % (95 % CI {100 * low:.1f} to {100 * high:.1f} %) of what was unread at the time.",
        )
    data["in_given_order"] = given_order(view)
    if data["in_given_order"]:
        lines.append(
            f"{counted(data['in_given_order'], 'judged record')} came in the order of identification. The rule's "
            "promise needs an order by rank or by chance: 'screen sheet --ranked', or '--sample 100' of the unread."
        )
    return Summary(tuple(lines), data)


def stop(workspace: Workspace, stage: str, rule: Hypergeometric, by: str, anyway: str = "") -> Summary:
    """Leave what nobody has judged unscreened. The flow diagram counts it apart and the report declares it.

    Raises:
        UsageError: the person is not in the team.
        IdentityError: the rule does not allow it and no reason was given to stop `anyway`.
    """
    view = StageView.read(workspace, stage)
    _in_team(view, by)
    told = ask(workspace, stage, rule)
    if not told.data["stop"] and not anyway:
        raise IdentityError(
            f"{told.lines[0]} {told.lines[1]} To stop all the same, say why with '--anyway REASON': the report will "
            "declare it."
        )
    left = [record for record in view.awaiting if not view.judged_by(record)]
    basis = (
        f"{STOPPED_BY_RULE}: hypergeometric, target {rule.target:g}, confidence {rule.confidence:g}"
        if told.data["stop"]
        else f"{STOPPED_ANYWAY}: {anyway}"
    )
    note = f"p {told.data['p']:.4f} after {told.data['screened']} of {told.data['total']}; by {by}"
    _mark(workspace, view, left, LEFT_UNSCREENED, basis, note)
    lines = [f"{counted(len(left), 'record')} left unscreened ({basis}).", *told.lines[:1]]
    if not left:
        lines = ["Nothing is left to leave unscreened."]
    return Summary(tuple(lines), {"left_unscreened": len(left), "basis": basis, "ids": left})


def resume(workspace: Workspace, stage: str, by: str) -> Summary:
    """Take up again what was left unscreened."""
    view = StageView.read(workspace, stage)
    _in_team(view, by)
    left = [record for record, outcome in view.outcomes.items() if outcome.state == UNSCREENED]
    _mark(workspace, view, left, TAKEN_UP, "", f"by {by}")
    return Summary((f"{counted(len(left), 'record')} taken up again.",), {"taken_up": len(left)})


def _in_team(view: StageView, by: str) -> None:
    team = [member.id for member in view.protocol.team]
    if by not in team:
        raise UsageError(f"'{by}' is not in the team. {suggest(by, team)}")


def _mark(workspace: Workspace, view: StageView, records: list[str], verdict: str, reason: str, note: str) -> None:
    with workspace.transaction("screen", {"action": verdict, "stage": view.stage}) as tx:
        tx.add_events(
            Decision(record, view.stage, AUTOMATION, verdict, reason, note, AUTOMATION, "", "", "", tx.when)
            for record in records
        )
        tx.counts.update({"records": len(records)})
