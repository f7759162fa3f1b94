"""Fetching everything a search finds: begun on record, archived reply by reply, then turned into records at once.

A harvest writes the ledger twice: when it begins (so that a search which dies is seen as incomplete, not as never made)
and when its records are in. Between the two only its archive grows, and the next run continues from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evidence_review.commands.search.plan import Search, shown, steps
from evidence_review.commands.search.reconcile import account
from evidence_review.errors import SourceError
from evidence_review.model.record import Parsed
from evidence_review.model.search_run import COMPLETE, FAILED, INCOMPLETE, SearchRun
from evidence_review.net.client import Timing
from evidence_review.net.failures import Failure
from evidence_review.net.scrub import Scrubber
from evidence_review.net.talk import Talk
from evidence_review.sources import connect
from evidence_review.sources.base import Source
from evidence_review.sources.drive import Gathered, gather, items
from evidence_review.workspace import archive
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Transaction, Workspace

VERB, VIA = "search", "api"
BEGUN = "begun and not finished yet"


@dataclass(frozen=True, slots=True)
class Due:
    """A search and the run it belongs to; `resumed` where an earlier process began it."""

    search: Search
    run: SearchRun
    resumed: bool


def due(
    workspace: Workspace, searches: Sequence[Search], *, again: bool
) -> tuple[tuple[Due, ...], tuple[SearchRun, ...]]:
    """Return (the searches to make or to continue, the runs that are complete already).

    Beginning is one entry in the ledger for all searches that are new.
    """
    runs = workspace.runs()
    complete: list[SearchRun] = []
    wanted: list[Due] = []
    fresh: list[Search] = []
    for search in searches:
        same = [run for run in runs if run.via == VIA and run.source == search.source.id and _same(run, search)]
        unfinished = next((run for run in reversed(same) if run.state != COMPLETE), None)
        if unfinished is not None and not (again and unfinished.state == INCOMPLETE and unfinished.reason != BEGUN):
            wanted.append(Due(search, unfinished, resumed=True))
        elif same and not again:
            complete.append(same[-1])
        else:
            fresh.append(search)
    if fresh:
        wanted += _begin(workspace, fresh)
    order = {search.source.id: place for place, search in enumerate(searches)}
    return tuple(sorted(wanted, key=lambda item: order[item.search.source.id])), tuple(complete)


def _same(run: SearchRun, search: Search) -> bool:
    """Whether a run asked what this search asks."""
    return (run.strategy, run.translated, run.limits) == (search.strategy, shown(search.queries), limits_of(search))


def limits_of(search: Search) -> str:
    """Return the limits of a search in words, as the run's record holds them."""
    query = search.queries[0]
    parts = []
    if query.published_from or query.published_to:
        parts.append(f"published {query.published_from or 'any time'} to {query.published_to or 'any time'}")
    if query.added_since:
        parts.append(f"added since {query.added_since}")
    if search.limits:
        parts.append(search.limits)
    return "; ".join(parts)


def _begin(workspace: Workspace, searches: Sequence[Search]) -> list[Due]:
    begun = []
    with workspace.transaction(VERB, {"begin": [search.source.id for search in searches]}) as tx:
        for search in searches:
            run = SearchRun(
                id=tx.run,
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
            )
            tx.add_run(run)
            begun.append(Due(search, run, resumed=False))
    return begun


def harvest(
    workspace: Workspace,
    item: Due,
    settings: Settings,
    talk: Talk,
    *,
    offline: bool = False,
    timing: Timing | None = None,
) -> SearchRun:
    """Fetch what is missing of one search and bring its records in; return the run as it stands then."""
    service, search = item.search.service, item.search
    folder = workspace.layout.searches / item.run.source / item.run.id
    try:
        reach = connect.unchecked_access(service, settings) if offline else connect.access(service, settings)
    except SourceError as fault:
        return _close(workspace, replace(item.run, state=FAILED, reason=f"refused: {fault.message}"))
    with archive.opened(folder, VERB) as store:
        client = None if offline else connect.client(service, settings, talk, timing)
        gathered = gather(
            lambda: steps(service, search.queries, reach), service.read, store, client, talk, item.run.source
        )
        gathered = _without_secrets(gathered, settings)
        return settle(workspace, item.run, service, gathered, store.files(), folder, losses=search.losses)


def _without_secrets(gathered: Gathered, settings: Settings) -> Gathered:
    """Return the same with the user's secrets taken out of the failure's words."""
    failure = gathered.failure
    if failure is None:
        return gathered
    words = Scrubber(settings.secrets).text(failure.message)
    return replace(gathered, failure=Failure(failure.kind, words, transient=failure.transient, until=failure.until))


def _close(workspace: Workspace, run: SearchRun) -> SearchRun:
    """Write how a run stands, without records."""
    with workspace.transaction(VERB, {"source": run.source, "run": run.id}) as tx:
        tx.counts[run.source] = {"state": run.state, "reason": run.reason}
        tx.add_run(run)
    return run


def settle(
    workspace: Workspace,
    run: SearchRun,
    service: Source,
    gathered: Gathered,
    files: tuple[tuple[str, str], ...],
    folder: Path,
    losses: tuple[str, ...] = (),
) -> SearchRun:
    """Turn the archived replies into records, account for them, and write both as one change."""
    brought = {record.id for record in workspace.records() if record.run == run.id} if run.loaded else set()
    with workspace.transaction(VERB, {"source": run.source, "run": run.id}) as tx:
        tally = _take(tx, run, service, gathered, brought)
        stands = account(gathered, tally.starts, tally.distinct, len(tally.rejections))
        found = gathered.found
        notes = (*losses, *stands.explained, *(found.notes if found else ()))
        settled = replace(
            run,
            hits=gathered.hits,
            understood=found.understood if found else gathered.understood or run.understood,
            starts=tally.starts,
            loaded=tally.loaded,
            known=tally.starts - tally.loaded - len(tally.rejections),
            rejected=len(tally.rejections),
            rejections=tuple(tally.rejections),
            files=files,
            state=stands.state,
            reason=stands.reason,
            note="; ".join(dict.fromkeys(notes)),
            record_ids=tuple(tally.ids),
        )
        tx.add_run(settled)
        for name, digest in files:
            tx.read_input(workspace.layout.inside(folder / name), digest)
        tx.counts[run.source] = {
            name: getattr(settled, name) for name in ("state", "hits", "starts", "loaded", "known", "rejected")
        }
    return settled


@dataclass(slots=True)
class _Tally:
    starts: int
    loaded: int
    distinct: int
    ids: list[str]
    rejections: list[tuple[int, str]]


def _take(tx: Transaction, run: SearchRun, service: Source, gathered: Gathered, brought: set[str]) -> _Tally:
    tally = _Tally(0, 0, 0, [], [])
    seen: set[str] = set()
    for reply, place, item in items(gathered, service.read):
        tally.starts += 1
        if not isinstance(item, Parsed):
            tally.rejections.append((tally.starts, item.reason))
            continue
        # The archive holds the raw record; the trace says where: the hash of the reply's body, as the archive's journal
        # names it, and the place in it. A number would change with every failed try before it.
        kept = replace(item, raw="", trace=(("record", f"reply {reply.sha256[:16]}", place), *item.trace))
        identifier, new = tx.add_record(kept, run.source, run.id, tally.starts, service.id)
        if identifier in seen:
            continue
        seen.add(identifier)
        tally.ids.append(identifier)
        tally.distinct += 1
        tally.loaded += new or identifier in brought
    return tally
