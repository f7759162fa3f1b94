"""What `update` does: drive the verbs that bring records in, and say what is new since the last time.

Sources are asked for what they took in since the last search, with an overlap, because indexing lags behind.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from evidence_review.errors import InputError, ReviewError
from evidence_review.model.record import short_reference
from evidence_review.model.search_run import COMPLETE, SearchRun
from evidence_review.state.standing import AWAITING_SCREENING, stand
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace, now

Call = Callable[[list[str]], Summary]
OVERLAP_DAYS = 30
SINCE = "added since "
_SHOWN = 20


def run(workspace: Workspace, call: Call, *, since: str = "", overlap: int = OVERLAP_DAYS) -> Summary:
    """Search again, load new files, look for duplicates among everything, issue sheets for the new records.

    Raises:
        ReviewError: a step refused its input; what the steps before it did is kept.
    """
    before = {record.id for record in workspace.records()}
    lines: list[str] = []
    data: list[dict[str, object]] = []
    exit_code = 0
    for arguments in _steps(workspace, since, overlap):
        try:
            summary = call(arguments)
        except ReviewError as fault:
            fault.message = f"'evidence-review {' '.join(arguments)}' stopped the update. {fault.message}"
            raise
        lines += [f"{' '.join(arguments)}: {line}" for line in summary.lines[:1]]
        lines += [f"    {line}" for line in summary.lines[1:]]
        data.append({"command": " ".join(arguments), **summary.data})
        exit_code = max(exit_code, summary.exit_code)
    fresh, new_keepers = _new(workspace, before)
    words = "No new records."
    if fresh:
        to_screen = counted(len(new_keepers), "of them is", "of them are")
        words = f"{counted(len(fresh), 'new record')}, {to_screen} to be screened."
    listing = [f"  {identifier}  {reference}" for identifier, reference in new_keepers[:_SHOWN]]
    if len(new_keepers) > _SHOWN:
        listing.append(f"  … and {len(new_keepers) - _SHOWN:,} more")
    return Summary(
        lines=(words, *listing, *lines),
        data={"new_records": fresh, "to_screen": [identifier for identifier, _ in new_keepers], "steps": data},
        next="evidence-review screen collect" if new_keepers else "evidence-review status",
        exit_code=exit_code,
    )


def _steps(workspace: Workspace, since: str, overlap: int) -> list[list[str]]:
    protocol = workspace.protocol
    steps: list[list[str]] = []
    searched = [source.id for source in protocol.sources if source.via == "api"]
    if searched:
        steps += _searches(workspace.runs(), searched, since, overlap)
    if any(source.via != "api" for source in protocol.sources):
        steps.append(["load"])
    return [*steps, ["dedup"], ["screen", "sheet"]]


def _searches(runs: Sequence[SearchRun], sources: Sequence[str], since: str, overlap: int) -> list[list[str]]:
    """Return the searches: each source since its own last complete search; one never searched, from the beginning."""
    today = now().date()
    steps = []
    for source in sources:
        own = [run for run in runs if run.source == source]
        last = max((run.searched_on for run in own if run.state == COMPLETE), default="")
        search = ["search", "--source", source]
        if own and own[-1].state != COMPLETE:
            # The latest search was cut off: go on with it, from the day that it asked for.
            day = own[-1].limits.rpartition(SINCE)[2][:10] if SINCE in own[-1].limits else ""
        elif since:
            day = since
        elif last[:10] == today.isoformat():
            continue
        else:
            day = _earlier(last, overlap) if last else ""
        steps.append([*search, "--since", day] if day else search)
    return steps


def _earlier(searched_on: str, days: int) -> str:
    try:
        day = datetime.date.fromisoformat(searched_on[:10])
    except ValueError:
        raise InputError(
            f"The last search has no date ('{searched_on}'): say since when with '--since DATE'."
        ) from None
    return (day - datetime.timedelta(days=days)).isoformat()


def _new(workspace: Workspace, before: set[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Return (ids of new records, (id, reference) of those that stand for a document nobody has screened)."""
    snapshot = workspace.snapshot()
    fresh = [identifier for identifier in snapshot.records if identifier not in before]
    waiting = set(stand(snapshot).having(AWAITING_SCREENING))
    return fresh, [
        (identifier, short_reference(snapshot.records[identifier].citation))
        for identifier in fresh
        if identifier in waiting
    ]
