"""What `chase` does: one run a service and direction, its records entering by the route of citation searching.

A document's citations are followed once in each direction by each service; what is included later is followed in the
next round, until a round includes nothing new. Which record came from which seed is kept as links.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence_review import __version__
from evidence_review.commands.chase import kept
from evidence_review.commands.chase.picture import drawn
from evidence_review.commands.chase.seeds import of_file, of_included, of_records
from evidence_review.commands.chase.tell import redrawn, report
from evidence_review.errors import UsageError
from evidence_review.model.events import CitationLink
from evidence_review.model.search_run import COMPLETE, INCOMPLETE, SearchRun
from evidence_review.net.client import Timing
from evidence_review.net.talk import Quiet, Talk
from evidence_review.sources.citing import INDEXES, get
from evidence_review.sources.citing.base import DIRECTIONS, Index, Seed
from evidence_review.sources.drive import Gathered
from evidence_review.sources.harvest import BEGUN, VIA, Job, anew, harvest, unfinished
from evidence_review.state import citations
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import stand
from evidence_review.summary import Summary, counted
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.transaction import Transaction
from evidence_review.workspace.workspace import Workspace

VERB = "chase"


@dataclass(frozen=True, slots=True)
class Due:
    """A run that is to be made or continued, with the seeds that it follows and those that the service cannot follow,
    for want of an identifier that it knows.
    """

    index: Index
    way: str
    seeds: tuple[Seed, ...]
    nameless: tuple[Seed, ...]
    run: SearchRun | None


def run(
    workspace: Workspace,
    *,
    records: Sequence[str] = (),
    included: bool = False,
    file: Path | None = None,
    direction: str = "both",
    services: Sequence[str] = (),
    picture: bool = False,
    again: bool = False,
    offline: bool = False,
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Summary:
    """Follow the citations of the seeds; what was followed before is not followed twice, unless `again`.

    Without seeds and with `picture` nobody is asked, and only the picture is drawn anew. `offline` makes the records of
    every run again from its archive.
    """
    snapshot = workspace.snapshot()
    chosen = Settings.load() if settings is None else settings
    if offline:
        rebuilt = tuple(_rebuilt(workspace, chosen, talk or Quiet()))
        return report(anew(workspace).snapshot(), rebuilt, (), DIRECTIONS, tuple(INDEXES), ())
    if picture and not (records or included or file):
        return redrawn(snapshot, drawn(workspace, VERB))
    seeds = _seeds(snapshot, records, included, file)
    ways = DIRECTIONS if direction == "both" else (direction,)
    made = []
    for way in ways:
        for index in map(get, services or INDEXES):
            for due in _due(workspace, index, way, seeds, again=again):
                job = _job(workspace, due)
                made.append(harvest(workspace, job, chosen, talk or Quiet(), timing=timing))
    workspace = anew(workspace)
    return report(workspace.snapshot(), made, seeds, ways, services or tuple(INDEXES), drawn(workspace, VERB))


def _rebuilt(workspace: Workspace, settings: Settings, talk: Talk) -> Iterator[SearchRun]:
    """Make the records of every archived run again, from the seeds that it began with, without asking anybody."""
    for run_ in workspace.runs():
        if run_.via == VIA and run_.source.startswith("citation-") and run_.format in INDEXES:
            due = Due(get(run_.format), run_.source.split("-")[1], *kept.read(workspace.layout, run_), run_)
            yield harvest(workspace, _job(workspace, due), settings, talk, offline=True)


def _seeds(snapshot: Snapshot, records: Sequence[str], included: bool, file: Path | None) -> tuple[Seed, ...]:
    if not (records or included or file):
        raise UsageError("Whose citations? Name records with '--from R-…', or say '--included' or '--seeds FILE'.")
    standing = stand(snapshot)
    seeds = list(of_records(snapshot, standing, records))
    seeds += of_included(snapshot, standing) if included else ()
    seeds += of_file(file, snapshot, standing) if file is not None else ()
    if not seeds:
        raise UsageError("The review has included nothing yet. Name records with '--from R-…' or '--seeds FILE'.")
    return tuple(dict.fromkeys(seeds))


def source_id(way: str, index: str) -> str:
    """Return the id of the source that a service's citations are, such as `citation-backward-openalex`."""
    return f"citation-{way}-{index}"


def _due(workspace: Workspace, index: Index, way: str, seeds: Sequence[Seed], *, again: bool) -> Iterator[Due]:
    """Yield the runs that were cut off, then the run of the seeds that no run has followed yet."""
    usable = [seed for seed in seeds if _asked(seed, index)]
    nameless = tuple(seed for seed in seeds if seed not in usable)
    source = source_id(way, index.id)
    same = [run for run in workspace.runs() if run.via == VIA and run.source == source]
    followed: set[str] = set()
    for cut in _cut_off(same, again=again):
        # The very question that was asked is asked again, or the archive would not know it.
        yield Due(index, way, *kept.read(workspace.layout, cut), cut)
        followed |= _names(cut)
    if not again:
        followed |= {name for run in same if run.state == COMPLETE or run.accepted for name in _names(run)}
    fresh = tuple(seed for seed in usable if not set(seed.names) & followed)
    if fresh:
        yield Due(index, way, fresh, nameless, None)


def _cut_off(same: Sequence[SearchRun], *, again: bool) -> list[SearchRun]:
    """Return the runs of a service that are to be continued: of those that followed the same seeds, the latest.

    A service may fail more than once, for other seeds each time.
    """
    by_seeds: dict[frozenset[str], list[SearchRun]] = {}
    for run in same:
        by_seeds.setdefault(frozenset(_names(run)), []).append(run)
    return [cut for runs in by_seeds.values() if (cut := unfinished(runs, again=again)) is not None]


def _asked(seed: Seed, index: Index) -> str:
    """Return the identifiers by which a service is asked for a seed, "" where it knows no such identifier."""
    return " ".join(name for name in seed.names if name.partition(":")[0] in index.schemes)


def _names(run: SearchRun) -> set[str]:
    return set(run.translated.split())


def _job(workspace: Workspace, due: Due) -> Job:
    links = workspace.events(CitationLink)
    number = citations.next_round(workspace.snapshot(), (seed.record for seed in due.seeds))
    begun = due.run or _begin(workspace, due, number)
    known = {(link.seed, link.record, link.direction, link.service) for link in links}

    def also(tx: Transaction, run: SearchRun, id_of: Mapping[str, str], gathered: Gathered) -> None:
        label_of = {seed.key: seed.label for seed in due.seeds}
        found = gathered.found.links if gathered.found else {}
        tx.add_events(
            CitationLink(key, label_of[key], id_of[native], due.way, due.index.id, str(number), run.id, tx.when)
            for native, keys in found.items()
            for key in keys
            if native in id_of and (key, id_of[native], due.way, due.index.id) not in known
        )

    losses = tuple(f"without an identifier, not followed: {seed.label}" for seed in due.nameless)
    steps = due.index.following(due.way, due.seeds)
    return Job(VERB, begun, due.index, steps, due.index.reading, losses, also)


def _begin(workspace: Workspace, due: Due, number: int) -> SearchRun:
    source = source_id(due.way, due.index.id)
    with anew(workspace).transaction(VERB, {"begin": source, "seeds": [seed.label for seed in due.seeds]}) as tx:
        begun = SearchRun(
            id=tx.run,
            source=source,
            route="citation",
            via=VIA,
            platform=f"{due.index.platform}, {due.way}",
            strategy=f"{due.way.capitalize()} citation searching, round {number}, from "
            f"{counted(len(due.seeds), 'document')}: " + "; ".join(seed.label for seed in due.seeds),
            translated="\n".join(_asked(seed, due.index) for seed in due.seeds),
            searched_on=tx.when,
            format=due.index.id,
            state=INCOMPLETE,
            reason=BEGUN,
            program=__version__,
        )
        tx.add_run(begun)
        kept.write(tx, workspace.layout, begun, due.seeds, due.nameless)
    return begun
