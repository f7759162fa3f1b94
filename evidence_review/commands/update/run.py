"""What `update` does: drive the verbs that bring records in, and say what is new since the last time.

Sources are asked for what they took in since the last search, with an overlap, because indexing lags behind.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from evidence_review.commands.update import edition, told
from evidence_review.commands.update.check import Checked, check
from evidence_review.errors import EXIT_DONE, EXIT_SOURCE, InputError, ReviewError, SourceError
from evidence_review.model.ledger import LedgerEntry
from evidence_review.model.protocol import Protocol, Source
from evidence_review.model.record import short_reference
from evidence_review.model.search_run import COMPLETE, SearchRun
from evidence_review.net.client import Timing
from evidence_review.net.talk import Talk
from evidence_review.state.asked import since_of, still_asked
from evidence_review.state.standing import AWAITING_SCREENING, stand
from evidence_review.summary import Summary, counted
from evidence_review.workspace.clock import now
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

Call = Callable[[list[str]], Summary]
OVERLAP_DAYS = 30
_SHOWN = 20
_NOT_CHECKED = (
    "Retractions were not checked{why}. 'evidence-review update --only-check' asks Crossref and PubMed about what is "
    "included."
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How an update is made: from which day on (`since`, else the last search less `overlap` days); whether retractions
    are checked (None: where the review asks services anyway); whether the version goes on although its final report is
    there; `only_check` leaves everything but the check out, `only_summary` everything but the summary.
    """

    since: str = ""
    overlap: int = OVERLAP_DAYS
    check: bool | None = None
    same_version: bool = False
    only_check: bool = False
    only_summary: bool = False


def run(workspace: Workspace, call: Call, wishes: Wishes | None = None, *, settings: Settings | None = None,
        talk: Talk | None = None, timing: Timing | None = None) -> Summary:  # fmt: skip
    """Search again, load new files, look for duplicates among everything, issue sheets for the new records; check the
    included for retractions, and write what is new for the reader.

    Raises:
        ReviewError: a step refused its input; what the steps before it did is kept.
    """
    wanted = wishes or Wishes()
    if wanted.only_summary:
        return Summary((_write(workspace),), {"written": workspace.layout.inside(_page(workspace))})
    before = {record.id for record in workspace.records()}
    lines, data, exit_code = ([], [], 0) if wanted.only_check else _done(workspace, call, wanted)
    checked = _checked(_anew(workspace), wanted, settings, talk, timing)
    fresh, new_keepers = _new(_anew(workspace), before)
    said = [] if wanted.only_check else [_words(fresh, new_keepers), *_listing(new_keepers)]
    why = "" if wanted.check is False else ": this review asks no service"
    notices = checked.lines if checked else (_NOT_CHECKED.format(why=why),)
    found = {
        "new_records": fresh,
        "to_screen": [identifier for identifier, _ in new_keepers],
        "notices": [asdict(notice) for notice in checked.notices] if checked else [],
        "checked": checked.papers if checked else None,
        "steps": data,
    }
    return Summary(
        lines=(*said, *notices, *lines, _write(_anew(workspace))),
        data={**found, "written": workspace.layout.inside(_page(workspace))},
        next="evidence-review screen collect" if new_keepers else "evidence-review status",
        exit_code=max(exit_code, EXIT_SOURCE if checked and checked.failed else EXIT_DONE),
    )


def _done(workspace: Workspace, call: Call, wanted: Wishes) -> tuple[list[str], list[dict[str, object]], int]:
    """Do every step; return what they said, their data and the worst exit code."""
    lines: list[str] = []
    data: list[dict[str, object]] = []
    exit_code = 0
    snapshot = workspace.snapshot()
    ended = None if wanted.same_version else edition.final(snapshot)
    if ended is not None and edition.all_known(workspace, snapshot, ended):
        lines.append("No file is new and no service is asked: the version with the final report goes on.")
    elif ended is not None:
        closed = edition.begin(_anew(workspace), snapshot, ended)
        lines.append(
            f"Version {closed.number} ended with {counted(int(closed.all_studies), 'study', 'studies')} in all. "
            "From here on the flow diagram counts what is new, beside the studies of the previous version."
        )
    for arguments in _steps(_anew(workspace), wanted.since, wanted.overlap):
        try:
            summary = call(arguments)
        except SourceError as fault:
            # What the others bring is worth having; the exit code says that something is missing.
            lines.append(f"{' '.join(arguments)}: FAILED, so what is new there is missing. {fault.message}")
            exit_code = max(exit_code, EXIT_SOURCE)
            continue
        except ReviewError as fault:
            fault.message = f"'evidence-review {' '.join(arguments)}' stopped the update. {fault.message}"
            raise
        lines += [f"{' '.join(arguments)}: {line}" for line in summary.lines[:1]]
        lines += [f"    {line}" for line in summary.lines[1:]]
        data.append({"command": " ".join(arguments), **summary.data})
        exit_code = max(exit_code, summary.exit_code)
    return lines, data, exit_code


def _checked(
    workspace: Workspace, wanted: Wishes, settings: Settings | None, talk: Talk | None, timing: Timing | None
) -> Checked | None:
    """Check the included where that is wanted; a review that asks no service is not taken to the network unasked."""
    asks = any(source.via == "api" for source in workspace.protocol.sources)
    if not (asks if wanted.check is None else wanted.check) and not wanted.only_check:
        return None
    return check(workspace, settings, talk, timing)


def _anew(workspace: Workspace) -> Workspace:
    """Return the same review as if it had not been read yet."""
    return Workspace(workspace.layout, workspace.command)


def _words(fresh: Sequence[str], new_keepers: Sequence[tuple[str, str]]) -> str:
    if not fresh:
        return "No new records."
    to_screen = counted(len(new_keepers), "of them is", "of them are")
    return f"{counted(len(fresh), 'new record')}, {to_screen} to be screened."


def _listing(new_keepers: Sequence[tuple[str, str]]) -> list[str]:
    more = [f"  … and {len(new_keepers) - _SHOWN:,} more"] if len(new_keepers) > _SHOWN else []
    return [f"  {identifier}  {reference}" for identifier, reference in new_keepers[:_SHOWN]] + more


def _page(workspace: Workspace) -> Path:
    return workspace.layout.reports / "update.md"


def _write(workspace: Workspace) -> str:
    """Write what is new for the reader; return the page's name in the folder."""
    text = told.page(workspace.snapshot())
    with workspace.transaction("update", {"summary": True}) as tx:
        tx.write(_page(workspace), text.encode("utf-8"))
    return workspace.layout.inside(_page(workspace))


def _steps(workspace: Workspace, since: str, overlap: int) -> list[list[str]]:
    protocol = workspace.protocol
    steps: list[list[str]] = []
    searched = [source for source in protocol.sources if source.via == "api"]
    if searched:
        steps += _searches(workspace.runs(), protocol, searched, since, overlap)
    steps += _pulls(workspace.ledger(), protocol)
    if any(source.via != "api" for source in protocol.sources):
        steps.append(["load"])
    return [*steps, ["dedup"], ["screen", "sheet"]]


def _searches(
    runs: Sequence[SearchRun], protocol: Protocol, sources: Sequence[Source], since: str, overlap: int
) -> list[list[str]]:
    """Return the searches: each source since its own last complete search; in full where it was never asked what the
    protocol asks now, because what an older strategy or limit left out is older than its last search, too.
    """
    today = now().date()
    steps = []
    for source in sources:
        own = [run for run in runs if run.source == source.id and run.via == "api" and still_asked(run, protocol)]
        last = max((run.searched_on for run in own if run.state == COMPLETE), default="")
        search = ["search", "--source", source.id]
        if own and own[-1].state != COMPLETE:
            # The latest search was cut off: go on with it, from the day that it asked for.
            day = since_of(own[-1])
        elif since:
            day = since
        elif last[:10] == today.isoformat():
            continue
        else:
            day = _earlier(last, overlap) if last else ""
        steps.append([*search, "--since", day] if day else search)
    return steps


def _pulls(ledger: Sequence[LedgerEntry], protocol: Protocol) -> list[list[str]]:
    """Return the pulls of Zotero libraries that were made before, each as it was typed last."""
    typed = {
        (entry.arguments.get("source"), entry.arguments["pull"]): tuple(entry.command)
        for entry in ledger
        if entry.verb == "zotero" and "pull" in entry.arguments and list(entry.command[:1]) == ["zotero"]
    }
    held = {place: command for place, command in typed.items() if protocol.source(str(place[0])) is not None}
    return [list(command) for command in dict.fromkeys(held.values())]


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
