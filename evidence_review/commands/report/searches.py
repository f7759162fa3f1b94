"""How records were looked for, source by source and run by run, as PRISMA-S asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evidence_review.commands.report.numbers import Number, Numbers
from evidence_review.model.events import TakenBack
from evidence_review.model.protocol import Source
from evidence_review.model.search_run import SearchRun
from evidence_review.state.boxes import RECORDS
from evidence_review.state.flow import Count, Flow
from evidence_review.state.names import source_name
from evidence_review.state.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class RunTold:
    """One run. `hits` is what the source itself reported, None where nobody noted it."""

    run: SearchRun
    hits: Number | None
    starts: Number
    loaded: Number
    known: Number
    rejected: Number


@dataclass(frozen=True, slots=True)
class SourceTold:
    """One source: what was planned, the runs, and how many records it gave in all.

    `new` are those since the previous version of a living review, None in its first.
    """

    id: str
    name: str
    platform: str
    route: str
    dates: tuple[str, ...]
    people: tuple[str, ...]
    records: Number
    new: Number | None
    runs: tuple[RunTold, ...]
    strategies: tuple[str, ...]
    planned: Source | None


@dataclass(frozen=True, slots=True)
class TakenBackTold:
    """A run that was loaded by mistake: the name of the source that it was loaded for, and how it was taken back."""

    name: str
    run: SearchRun
    event: TakenBack


_ROUTE_WORDS = {
    "database": "bibliographic database",
    "register": "study register",
    "website": "websites",
    "organisation": "organisations",
    "citation": "citation searching",
    "other": "other methods",
}


def told(snapshot: Snapshot, flow: Flow, numbers: Numbers) -> tuple[SourceTold, ...]:
    """Return every source that was searched, in the order of the protocol, then of the runs."""
    order = [source.id for source in snapshot.protocol.sources]
    order += [run.source for run in snapshot.runs]
    searched = {run.source for run in snapshot.runs}
    return tuple(_source(snapshot, flow, numbers, name) for name in dict.fromkeys(order) if name in searched)


def taken_back(snapshot: Snapshot) -> tuple[TakenBackTold, ...]:
    """Return what was loaded by mistake. No number of it is told: nothing of it counts."""
    return tuple(
        TakenBackTold(source_name(snapshot.protocol, run.source, [run]), run, event)
        for event, run in snapshot.taken_back
    )


def _source(snapshot: Snapshot, flow: Flow, numbers: Numbers, name: str) -> SourceTold:
    runs = [run for run in snapshot.runs if run.source == name]
    planned = snapshot.protocol.source(name)
    part = next((box.parts[name] for box in flow.counts.values() if name in box.parts), Count(name, RECORDS, 0))
    strategies = [run.translated or run.strategy for run in runs if run.translated or run.strategy]
    if planned is not None and planned.terms:
        strategies.append(planned.terms)
    route = planned.route if planned is not None else runs[0].route
    return SourceTold(
        name,
        source_name(snapshot.protocol, name, runs),
        next((run.platform for run in runs if run.platform), planned.platform if planned else ""),
        _ROUTE_WORDS.get(route, route),
        tuple(dict.fromkeys(run.searched_on[:10] for run in runs if run.searched_on)),
        tuple(dict.fromkeys(run.searched_by for run in runs if run.searched_by)),
        numbers.add(f"search.{name}.records", _all(snapshot, name, part, runs) if flow.since else part),
        numbers.add(f"search.{name}.new", part) if flow.since else None,
        tuple(_run(run, numbers) for run in runs),
        tuple(dict.fromkeys(strategies)),
        planned,
    )


def _all(snapshot: Snapshot, name: str, new: Count, runs: Sequence[SearchRun]) -> Count:
    """Return what a source gave in all versions, as the runs that are listed beside it did."""
    ids = tuple(record.id for record in snapshot.records.values() if record.source == name)
    files = tuple(dict.fromkeys(file for run in runs for file in run.files))
    return Count(new.key, RECORDS, len(ids), ids, new.label, runs=tuple(run.id for run in runs), files=files)


def _run(run: SearchRun, numbers: Numbers) -> RunTold:
    def number(what: str, n: int, ids: tuple[str, ...] | None = None) -> Number:
        key = f"search.{run.source}.{run.id}.{what}"
        return numbers.add(key, Count(key, RECORDS, n, ids, runs=(run.id,), files=run.files))

    return RunTold(
        run,
        number("hits", run.hits) if run.hits is not None else None,
        number("starts", run.starts),
        number("loaded", run.loaded),
        number("known", run.known),
        number("rejected", run.rejected),
    )
