"""`load take-back`: a file that was loaded by mistake leaves the review, and everything about it stays on file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evidence_review.commands.load.handed_on import handed_on, heirs
from evidence_review.commands.load.lost import Lost, listed, lost, name_of, refused
from evidence_review.commands.load.noted import held, judged, of_source, together, with_hits
from evidence_review.commands.load.run import VERB
from evidence_review.commands.load.taking import API, meant
from evidence_review.errors import InputError, UsageError, suggest
from evidence_review.model.events import DuplicateEvent, TakenBack
from evidence_review.model.search_run import INCOMPLETE, SearchRun
from evidence_review.state.taken_back import Gone, gone
from evidence_review.summary import Summary, counted
from evidence_review.workspace import records
from evidence_review.workspace.workspace import Workspace


def run(
    workspace: Workspace, what: str, *, because: str, by: str = "", source: str = "", with_decisions: bool = False
) -> Summary:
    """Take back the run, or the runs of the file, that `what` names.

    Raises:
        UsageError: it names no run or several, `by` is not in the team, or there is no reason.
        InputError: people have decided on records that would go, and `with_decisions` is not set.
    """
    why = " ".join(because.split())
    if not why:
        raise UsageError("Say why it is taken back: '--because …'. The report prints it.")
    team = [member.id for member in workspace.protocol.team]
    if by and by not in team:
        raise UsageError(f"'{by}' is not in the protocol's team. {suggest(by, team) or 'Add them there.'}")
    chosen, before = meant(workspace, what, source)
    if not chosen:
        return _already(before)
    names = {(one.source, one.id) for one in chosen}
    arguments = {"take_back": [one.id for one in chosen], "source": chosen[0].source, "because": why, "by": by}
    with _by_run(workspace, what, chosen).transaction(VERB, arguments) as tx:
        staying = [one for one in workspace.runs() if (one.source, one.id) not in names]
        written = {head.id: (head, line) for head, line in _brought(workspace, names)}
        heir_of = heirs(written, staying)
        after = _after(workspace, names, heir_of)
        no_more = lost(workspace, after)
        if no_more.records and not with_decisions:
            raise InputError(refused(chosen, no_more))
        tx.take_back([TakenBack(one.id, one.source, why, by, tx.run, tx.when) for one in chosen])
        changed = handed_on(workspace, tx, written, heir_of)
        now = [changed.get((one.source, one.id), one) for one in staying]
        settled, told = _settled(workspace.runs(), now, chosen, tx.when)
        for old, new in zip(staying, settled, strict=True):
            if old != new:
                tx.add_run(new)
        left = written.keys() - heir_of.keys()
        done = _Done(
            tuple(chosen), why, len(left), len(heir_of), sum(bool(after.copy_of[one]) for one in left), no_more
        )
        tx.counts.update(
            {"taken back": len(chosen), "gone": done.gone, "handed on": done.handed_on,
             "decisions": sum(no_more.kinds.values()),
             "handed to services": sum(heir.via == API for heir in heir_of.values())}
        )  # fmt: skip
    return _told(workspace, done, told)


@dataclass(frozen=True, slots=True)
class _Done:
    """What was taken back and why; how many records left, came by others too, or left a copy; what counts no more."""

    runs: tuple[SearchRun, ...]
    why: str
    gone: int
    handed_on: int
    with_copies: int
    lost: Lost


def _told(workspace: Workspace, done: _Done, searches: Sequence[str]) -> Summary:
    """Say what was done, and what became of the `searches`."""
    source = done.runs[0].source
    lines = [f"{source}: {name_of(one)} (run {one.id}) is taken back: {done.why}" for one in done.runs]
    lines.append(_went(done))
    if done.lost.records:
        lines.append(f"{done.lost} stay on file and count no more.")
    lines += searches
    if still := [name for one in done.runs for name in _listed_files(workspace, one)]:
        lines.append(
            f"The protocol still lists {listed(still)} under '{source}': take it out there. "
            "'evidence-review load' alone will not load it again; naming it will."
        )
    data = {
        "runs": [one.id for one in done.runs], "source": source, "gone": done.gone, "handed_on": done.handed_on,
        "with_copies": done.with_copies, "decisions": dict(done.lost.kinds), "because": done.why, "changed": True,
    }  # fmt: skip
    return Summary(tuple(lines), data, "evidence-review dedup")


def _by_run(workspace: Workspace, what: str, chosen: Sequence[SearchRun]) -> Workspace:
    """Return the workspace with a command line that names the run: elsewhere the file's name may fit several."""
    if len(chosen) > 1:
        return workspace
    path = Path(what)
    ways = {what, path.name} if path.is_absolute() else {what}
    if path.is_absolute() and path.is_relative_to(workspace.layout.folder):
        ways.add(workspace.layout.inside(path))
    place = next((place for place, word in enumerate(workspace.command) if word in ways), None)
    words = tuple(chosen[0].id if number == place else word for number, word in enumerate(workspace.command))
    return replace(workspace, command=words)


def _already(before: Sequence[TakenBack]) -> Summary:
    last = before[-1]
    return Summary(
        (f"{last.source}: run {last.run} was taken back on {last.when[:10]} already ({last.why}); nothing changed.",),
        {"runs": [last.run], "source": last.source, "gone": 0, "handed_on": 0, "with_copies": 0, "decisions": {},
         "because": last.why, "changed": False},
        "evidence-review status",
    )  # fmt: skip


def _brought(workspace: Workspace, names: set[tuple[str, str]]) -> Iterable[tuple[records.Head, bytes]]:
    """Yield the lines of the records that these runs brought."""
    return ((head, line) for head, line in records.heads(workspace.layout.records) if (head.source, head.run) in names)


def _after(workspace: Workspace, names: set[tuple[str, str]], heir_of: dict[str, SearchRun]) -> Gone:
    """Return what is gone once these runs are taken back and what others brought, too, is theirs."""
    brought = [(head.id, head.source, head.run) for head, _ in records.heads(workspace.layout.records)]
    brought += [(record, heir.source, heir.id) for record, heir in heir_of.items()]
    return gone(brought, workspace.gone().runs | names, workspace.every_event(DuplicateEvent))


def _settled(
    before: Sequence[SearchRun], staying: Sequence[SearchRun], chosen: Sequence[SearchRun], when: str
) -> tuple[list[SearchRun], list[str]]:
    """Return the runs that stay, each search held to its number of hits anew, and what is to be said of it."""
    now = {(one.source, one.id): one for one in staying}
    told: list[str] = []
    own = of_source(before, chosen[0].source)
    done = set()
    for one in chosen:
        noted = with_hits(own, one)
        if noted is None or noted.id in done:
            continue
        done.add(noted.id)
        rest = [now[run.source, run.id] for run in together(own, noted) if (run.source, run.id) in now]
        if not rest:
            continue
        holder = now.get((noted.source, noted.id)) or _heir(rest[0], noted, when)
        holder = judged(holder, held(rest))
        was = now[holder.source, holder.id]
        now[holder.source, holder.id] = holder
        if holder.state == INCOMPLETE and (was.reason, was.state) != (holder.reason, holder.state):
            told.append(f"{holder.source}: run {holder.id} is incomplete: {holder.reason}")
    return list(now.values()), told


def _heir(run: SearchRun, noted: SearchRun, when: str) -> SearchRun:
    """Return the run that has a search's number of hits now: it is the search's, and not the file's."""
    said = f"{noted.hits} hits were noted with run {noted.id}, which was taken back on {when[:10]}"
    return replace(run, hits=noted.hits, note="; ".join(filter(None, (run.note, said))))


def _went(done: _Done) -> str:
    one = done.gone == 1
    told = f"{counted(done.gone, 'record')} {'is' if one else 'are'} in the review no more"
    if done.with_copies:
        told += f", {done.with_copies} of them with a copy that stays: what was said of a record counts for its copy"
    if done.handed_on:
        stays = "stays" if done.handed_on == 1 else "stay"
        told += f"; {done.handed_on} came by another file or search, too, and {stays}"
    return f"{told}."


def _listed_files(workspace: Workspace, run: SearchRun) -> list[str]:
    """Return the files of a run that the protocol still lists under its source."""
    planned = workspace.protocol.source(run.source)
    folder = workspace.layout.inside(workspace.layout.beside_protocol)
    have = {name for name, _ in run.files}
    return [name for name in (planned.files if planned else ()) if f"{folder}/{name}" in have]
