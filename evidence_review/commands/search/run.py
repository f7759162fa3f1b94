"""What `search` does: harvest every source of the protocol that the program can search, or rebuild from the archive."""

from __future__ import annotations

from collections.abc import Sequence

from evidence_review.commands.search.due import due, job, limits_of
from evidence_review.commands.search.plan import Search, plan, shown
from evidence_review.errors import EXIT_DONE, EXIT_SOURCE, UsageError
from evidence_review.model.search_run import COMPLETE, SearchRun
from evidence_review.net.client import Timing
from evidence_review.net.talk import Quiet, Talk
from evidence_review.sources.fields import date_in
from evidence_review.sources.harvest import VIA, harvest
from evidence_review.summary import Summary, counted
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace


def run(
    workspace: Workspace,
    *,
    only: Sequence[str] = (),
    again: bool = False,
    offline: bool = False,
    since: str = "",
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Summary:
    """Search every source of the protocol with `via: api`, or those named in `only`.

    A search that is complete is not made twice, unless `again`; one that was cut off goes on where it stopped.
    `offline` asks nobody: records are made from the archive alone. `since` (a date) finds what was added from then on.
    """
    if since and date_in(since) != since:
        raise UsageError(f"'{since}' is no date: write it as 2026-03-31.")
    chosen = Settings.load() if settings is None else settings
    listener = talk or Quiet()
    searches = plan(workspace.protocol, only, since)
    if offline:
        rebuilt = tuple(_rebuilt(workspace, searches, chosen, listener))
        return _report(rebuilt, (), "No search of these sources is in the archive: there is nothing to rebuild.")
    wanted, complete = due(workspace, searches, again=again)
    made = tuple(harvest(workspace, item, chosen, listener, timing=timing) for item in wanted)
    return _report(
        made,
        complete,
        "No source of the protocol has 'via: api': nothing to search. Exports are read with 'load'.",
    )


def _rebuilt(workspace: Workspace, searches: Sequence[Search], settings: Settings, talk: Talk) -> list[SearchRun]:
    """Make the records of every archived run of these sources again, without asking anybody."""
    by_source = {search.source.id: search for search in searches}
    rebuilt = []
    for run_ in workspace.runs():
        search = by_source.get(run_.source)
        if run_.via != VIA or search is None or not _same_limits(run_, search):
            continue
        rebuilt.append(harvest(workspace, job(search, run_), settings, talk, offline=True))
    return rebuilt


def _same_limits(run_: SearchRun, search: Search) -> bool:
    return (run_.translated, run_.limits) == (shown(search.queries), limits_of(search))


def _report(made: Sequence[SearchRun], complete: Sequence[SearchRun], nothing: str) -> Summary:
    lines = [_line(item) for item in made]
    lines += [
        f"{item.source}: nothing to do, searched on {item.searched_on[:10]} ({counted(item.starts, 'record')}"
        f"{', accepted as incomplete' if item.accepted else ''}). Use --again to search anew."
        for item in complete
    ]
    bad = [item for item in made if item.state != COMPLETE]
    if not lines:
        lines = [nothing]
    return Summary(
        lines=tuple(lines),
        data={"sources": [_data(item, fresh=True) for item in made] + [_data(item, fresh=False) for item in complete]},
        next="evidence-review search" if bad else "evidence-review dedup" if made else "",
        exit_code=EXIT_SOURCE if bad else EXIT_DONE,
    )


def _line(item: SearchRun) -> str:
    hits = "an unknown number of hits" if item.hits is None else counted(item.hits, "hit")
    counts = f"{hits}, {item.starts:,} fetched ({item.loaded:,} new, {item.known:,} known"
    counts += f", {item.rejected:,} not readable)" if item.rejected else ")"
    if item.state == COMPLETE:
        return f"{item.source}: complete, {counts}"
    return f"{item.source}: {item.state.upper()}, {counts}. {item.reason}"


def _data(item: SearchRun, *, fresh: bool) -> dict[str, object]:
    names = ("id", "source", "state", "reason", "hits", "starts", "loaded", "known", "rejected", "searched_on", "note")
    return {**{name: getattr(item, name) for name in names}, "made_now": fresh}
