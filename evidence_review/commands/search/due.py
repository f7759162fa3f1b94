"""Which searches are still to be made: those never begun, and those that were cut off."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from evidence_review import __version__
from evidence_review.commands.search.plan import Search, shown, steps
from evidence_review.model.search_run import COMPLETE, INCOMPLETE, SearchRun
from evidence_review.sources.harvest import BEGUN, VIA, Job, anew, unfinished
from evidence_review.state.asked import limits_in_words
from evidence_review.workspace.workspace import Workspace

VERB = "search"


def job(search: Search, run: SearchRun) -> Job:
    """Return what is to be done for a search."""
    return Job(
        verb=VERB,
        run=run,
        service=search.service,
        steps=lambda access: steps(search.service, search.queries, access),
        read=search.service.read,
        losses=search.losses,
    )


def due(
    workspace: Workspace, searches: Sequence[Search], *, again: bool
) -> tuple[tuple[Job, ...], tuple[SearchRun, ...]]:
    """Return (the searches to make or to continue, the runs that are complete already).

    Beginning is one entry in the ledger for all searches that are new.
    """
    runs = workspace.runs()
    complete: list[SearchRun] = []
    wanted: list[Job] = []
    fresh: list[Search] = []
    for search in searches:
        same = tuple(run for run in runs if run.via == VIA and asks(run, search))
        cut_off = unfinished(same, again=again)
        done = [run for run in same if run.state == COMPLETE or run.accepted]
        if cut_off is not None:
            wanted.append(job(search, cut_off))
        elif done and not again:
            complete.append(done[-1])
        else:
            fresh.append(search)
    if fresh:
        wanted += _begin(workspace, fresh, {(run.source, run.id) for run in runs})
    order = {search.source.id: place for place, search in enumerate(searches)}
    return tuple(sorted(wanted, key=lambda item: order[item.run.source])), tuple(complete)


def asks(run: SearchRun, search: Search) -> bool:
    """Whether a run asked what this search asks."""
    wanted = (search.source.id, search.strategy, shown(search.queries), limits_of(search))
    return (run.source, run.strategy, run.translated, run.limits) == wanted


def limits_of(search: Search) -> str:
    """Return the limits of a search in words, as the run's record holds them."""
    since = search.queries[0].added_since
    return limits_in_words(search.planned, search.limits, since=since, ignored=not search.service.limits_language)


def _begin(workspace: Workspace, searches: Sequence[Search], seen: Collection[tuple[str, str]]) -> list[Job]:
    """Put new searches on record; one that another process has begun since `seen` is joined, not begun twice."""
    begun = []
    current = anew(workspace)
    with current.transaction(VERB, {"begin": [search.source.id for search in searches]}) as tx:
        late = [run for run in current.runs() if (run.source, run.id) not in seen]
        for number, search in enumerate(searches, start=1):
            joined = next((run for run in late if asks(run, search)), None)
            if joined is not None:
                begun.append(job(search, joined))
                continue
            run = SearchRun(
                id=f"{tx.run}.{number}",
                source=search.source.id,
                route=search.source.route,
                via=VIA,
                platform=search.source.platform or search.service.platform,
                strategy=search.strategy,
                translated=shown(search.queries),
                limits=limits_of(search),
                searched_on=tx.when,
                searched_by=search.source.searched_by,
                format=search.service.id,
                state=INCOMPLETE,
                reason=BEGUN,
                note="; ".join(search.losses),
                program=__version__,
            )
            tx.add_run(run)
            begun.append(job(search, run))
    return begun
