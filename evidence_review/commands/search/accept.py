"""Going on with an incomplete search: a person's decision, with its reason, that the report prints beside the gap."""

from __future__ import annotations

from dataclasses import replace

from evidence_review.errors import InputError, UsageError, suggest
from evidence_review.model.search_run import COMPLETE
from evidence_review.state.waiting import unsettled
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace


def run(workspace: Workspace, source: str, *, by: str, reason: str) -> Summary:
    """Accept the latest search of `source` that waits as it stands. It stays incomplete and is reported so.

    Raises:
        UsageError: nobody of that name, no search of that source, or no reason.
        InputError: the search is complete.
    """
    team = [member.id for member in workspace.protocol.team]
    if by not in team:
        raise UsageError(f"'{by}' is not in the protocol's team. {suggest(by, team) or 'Add them there.'}")
    if not reason.strip():
        raise UsageError("Say why it is enough: '--reason …'. The report prints it.")
    runs = [item for item in workspace.runs() if item.source == source]
    if not runs:
        searched = sorted({item.source for item in workspace.runs()})
        raise UsageError(f"There is no search of '{source}'. {suggest(source, searched)}")
    # One of an older strategy may still wait behind a newer search that is complete.
    open_ones = [item for item in unsettled(workspace.runs()) if item.source == source]
    latest = (open_ones or [item for item in runs if item.accepted] or runs)[-1]
    if latest.state == COMPLETE:
        raise InputError(f"The search {latest.id} of {source} is complete: there is nothing to accept.")
    words = f"{by}: {' '.join(reason.split())}"
    if not latest.accepted.endswith(words):
        with workspace.transaction("search", {"accept": source, "by": by, "reason": reason}) as tx:
            tx.add_run(replace(latest, accepted=f"{tx.when[:10]}, {words}"))
    return Summary(
        lines=(
            f"{source}: run {latest.id} stays {latest.state} and no longer waits. The report says so with the reason.",
        ),
        data={"source": source, "run": latest.id, "state": latest.state, "by": by, "reason": reason},
    )
