"""Fetching what a run's steps ask for into its archive, and turning the archive into records as one change.

A harvest writes the ledger twice: when it begins (so that a run which dies is seen as incomplete, not as never made)
and when its records are in. Between the two only its archive grows, and the next run continues from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evidence_review.errors import SourceError
from evidence_review.model.record import Parsed
from evidence_review.model.search_run import COMPLETE, FAILED, INCOMPLETE, SearchRun
from evidence_review.net.client import Timing
from evidence_review.net.failures import Failure
from evidence_review.net.scrub import Scrubber
from evidence_review.net.talk import Talk
from evidence_review.sources import connect
from evidence_review.sources.base import Access, Steps
from evidence_review.sources.connect import Reached
from evidence_review.sources.drive import Gathered, Read, gather, items
from evidence_review.sources.reconcile import account
from evidence_review.workspace import archive
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.transaction import Transaction
from evidence_review.workspace.workspace import Workspace

VIA = "api"
BEGUN = "begun and not finished yet"


@dataclass(frozen=True)
class Job:
    """A run that is to be made or continued: `steps` are its requests, `read` reads their answers, `verb` makes it.

    `losses` are said in the run's note; `also` writes what else the change holds, given the run as it stands then, its
    records by their native ids, and what was gathered.
    """

    verb: str
    run: SearchRun
    service: Reached
    steps: Callable[[Access], Steps]
    read: Read
    losses: tuple[str, ...] = ()
    also: Callable[[Transaction, SearchRun, Mapping[str, str], Gathered], None] | None = None


def unfinished(same: Sequence[SearchRun], *, again: bool) -> SearchRun | None:
    """Return the latest of the runs that asked the same, where it was cut off and is to be continued.

    With `again` one that came to its own end and stayed incomplete is left as it is: only a new search can mend it.
    """
    latest = same[-1] if same else None
    if latest is None or latest.state == COMPLETE or latest.accepted:
        return None
    return None if again and latest.state == INCOMPLETE and latest.reason != BEGUN else latest


def harvest(
    workspace: Workspace,
    job: Job,
    settings: Settings,
    talk: Talk,
    *,
    offline: bool = False,
    timing: Timing | None = None,
) -> SearchRun:
    """Fetch what is missing of one run and bring its records in; return the run as it stands then."""
    folder = workspace.layout.searches / job.run.source / job.run.id
    try:
        reach = (connect.unchecked_access if offline else connect.access)(job.service, settings)
    except SourceError as fault:
        return _close(workspace, job, replace(job.run, state=FAILED, reason=f"refused: {fault.message}"))
    with archive.opened(folder, job.verb) as store:
        # Another process may have gone on with this run while we waited for its archive.
        job = replace(job, run=_as_it_stands(workspace, job.run))
        if job.run.state == COMPLETE and not offline:
            return job.run
        client = None if offline else connect.client(job.service, settings, talk, timing)
        try:
            gathered = gather(lambda: job.steps(reach), job.read, store, client, talk, job.run.source)
        finally:
            if client is not None:
                client.close()
        return settle(workspace, job, _without_secrets(gathered, settings), store.files())


def anew(workspace: Workspace) -> Workspace:
    """Return the same review as if it had not been read yet."""
    return Workspace(workspace.layout, workspace.command)


def _as_it_stands(workspace: Workspace, run: SearchRun) -> SearchRun:
    found = (other for other in workspace.runs() if (other.source, other.id) == (run.source, run.id))
    return next(found, run)


def _without_secrets(gathered: Gathered, settings: Settings) -> Gathered:
    """Return the same with the user's secrets taken out of the failure's words."""
    failure = gathered.failure
    if failure is None:
        return gathered
    words = Scrubber(settings.secrets).text(failure.message)
    return replace(gathered, failure=Failure(failure.kind, words, transient=failure.transient, until=failure.until))


def _close(workspace: Workspace, job: Job, run: SearchRun) -> SearchRun:
    """Write how a run stands, without records."""
    with anew(workspace).transaction(job.verb, {"source": run.source, "run": run.id}) as tx:
        tx.counts[run.source] = {"state": run.state, "reason": run.reason}
        tx.add_run(run)
    return run


def settle(workspace: Workspace, job: Job, gathered: Gathered, files: tuple[tuple[str, str], ...]) -> SearchRun:
    """Turn the archived replies into records, account for them, and write both as one change."""
    run = job.run
    # A harvest may take hours; others write the review meanwhile, so what it holds now is read anew, under the lock.
    workspace = anew(workspace)
    with workspace.transaction(job.verb, {"source": run.source, "run": run.id}) as tx:
        brought = {record.id for record in workspace.records() if record.run == run.id} if run.loaded else set()
        tally = _take(tx, job, gathered, brought)
        stands = account(gathered, tally.starts, tally.distinct, len(tally.rejections))
        found = gathered.found
        applied = (f"limits applied: {found.limits}",) if found and found.limits else ()
        notes = (*job.losses, *stands.explained, *applied, *(found.notes if found else ()))
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
            reason=run.reason if _ends_as_before(run, gathered, tally.starts) else stands.reason,
            note="; ".join(dict.fromkeys(notes)),
            record_ids=tuple(tally.ids),
        )
        tx.add_run(settled)
        if job.also is not None:
            job.also(tx, settled, tally.id_of, gathered)
        for name, digest in files:
            tx.read_input(workspace.layout.inside(workspace.layout.library / name), digest)
        tx.counts[run.source] = {
            name: getattr(settled, name) for name in ("state", "hits", "starts", "loaded", "known", "rejected")
        }
    return settled


def _ends_as_before(run: SearchRun, gathered: Gathered, starts: int) -> bool:
    """Whether the archive ends where the run had ended: why it ended there is known from that time alone."""
    failure = gathered.failure
    return failure is not None and failure.kind == "not-archived" and bool(run.reason) and starts == run.starts


@dataclass(slots=True)
class _Tally:
    starts: int
    loaded: int
    distinct: int
    ids: list[str]
    rejections: list[tuple[int, str]]
    id_of: dict[str, str] = field(default_factory=dict)


def _take(tx: Transaction, job: Job, gathered: Gathered, brought: set[str]) -> _Tally:
    tally = _Tally(0, 0, 0, [], [])
    seen: set[str] = set()
    run = job.run
    for reply, place, item in items(gathered, job.read):
        tally.starts += 1
        if not isinstance(item, Parsed):
            tally.rejections.append((tally.starts, item.reason))
            continue
        # The archive holds the raw record; the trace says where: the hash of the reply's body, as the archive's journal
        # names it, and the place in it. A number would change with every failed try before it. Only what has no id of
        # its own keeps its raw text, by which it is known again.
        trace = (("record", f"reply {reply.sha256[:16]}", place), *item.trace)
        kept = replace(item, raw="" if item.native_id else item.raw, trace=trace)
        identifier, new = tx.add_record(kept, run.source, run.id, tally.starts, job.service.id)
        tally.id_of[item.native_id] = identifier
        if identifier in seen:
            continue
        seen.add(identifier)
        tally.ids.append(identifier)
        tally.distinct += 1
        tally.loaded += new or identifier in brought
    return tally
