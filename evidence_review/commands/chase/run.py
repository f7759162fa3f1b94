"""What `chase` does: one run a direction, its seeds named, its records entering by the route of citation searching."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evidence_review.commands.chase.seeds import of_file, of_included, of_records
from evidence_review.errors import EXIT_DONE, EXIT_SOURCE, UsageError
from evidence_review.model.search_run import COMPLETE, INCOMPLETE, SearchRun
from evidence_review.net.client import Timing
from evidence_review.net.talk import Quiet, Talk
from evidence_review.sources import get
from evidence_review.sources.citations import DIRECTIONS, Seed, read, steps
from evidence_review.sources.harvest import BEGUN, VIA, Job, anew, harvest, unfinished
from evidence_review.summary import Summary, counted
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

VERB, SERVICE = "chase", "openalex"


def run(
    workspace: Workspace,
    *,
    records: Sequence[str] = (),
    included: bool = False,
    file: Path | None = None,
    direction: str = "both",
    again: bool = False,
    offline: bool = False,
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Summary:
    """Follow the citations of the seeds; what was followed before is not followed twice, unless `again`."""
    seeds = _seeds(workspace, records, included, file)
    chosen = Settings.load() if settings is None else settings
    usable = [seed for seed in seeds if seed.names]
    nameless = [seed.label for seed in seeds if not seed.names]
    made, complete = [], []
    for way in DIRECTIONS if direction == "both" else (direction,):
        found, job = _due(workspace, way, seeds, usable, nameless, again=again)
        if job is None:
            complete.append(found)
        else:
            made.append(harvest(workspace, job, chosen, talk or Quiet(), offline=offline, timing=timing))
    return _report(made, complete, seeds, nameless)


def _seeds(workspace: Workspace, records: Sequence[str], included: bool, file: Path | None) -> tuple[Seed, ...]:
    if not (records or included or file):
        raise UsageError("Whose citations? Name records with '--from R-…', or say '--included' or '--seeds FILE'.")
    seeds: list[Seed] = []
    if records or included:
        snapshot = workspace.snapshot()
        seeds += of_records(snapshot, records)
        seeds += of_included(snapshot) if included else ()
    if file is not None:
        seeds += of_file(file)
    unique = tuple(dict.fromkeys(seeds))
    if not unique:
        raise UsageError("The review has included nothing yet. Name records with '--from R-…' or '--seeds FILE'.")
    return unique


def _due(
    workspace: Workspace,
    way: str,
    seeds: Sequence[Seed],
    usable: Sequence[Seed],
    nameless: Sequence[str],
    *,
    again: bool,
) -> tuple[SearchRun, Job | None]:
    """Return (the run, what is to be done), or (a complete run, None)."""
    source, asked = f"citation-{way}", "\n".join(" ".join(seed.names) for seed in usable)
    same = [run for run in workspace.runs() if run.via == VIA and run.source == source and run.translated == asked]
    done = [run for run in same if run.state == COMPLETE]
    found = unfinished(same, again=again)
    if found is None:
        if done and not again:
            return done[-1], None
        found = _begin(workspace, way, source, asked, seeds)
    losses = (f"without an identifier, not followed: {', '.join(nameless)}",) if nameless else ()
    return found, Job(VERB, found, get(SERVICE), steps(way, usable), read, losses)


def _begin(workspace: Workspace, way: str, source: str, asked: str, seeds: Sequence[Seed]) -> SearchRun:
    with anew(workspace).transaction(VERB, {"begin": source, "seeds": [seed.label for seed in seeds]}) as tx:
        begun = SearchRun(
            id=tx.run,
            source=source,
            route="citation",
            via=VIA,
            platform=get(SERVICE).platform,
            strategy=f"{way.capitalize()} citation searching from {counted(len(seeds), 'document')}: "
            + "; ".join(seed.label for seed in seeds),
            translated=asked,
            searched_on=tx.when,
            format=SERVICE,
            state=INCOMPLETE,
            reason=BEGUN,
        )
        tx.add_run(begun)
    return begun


def _report(
    made: Sequence[SearchRun], complete: Sequence[SearchRun], seeds: Sequence[Seed], nameless: Sequence[str]
) -> Summary:
    lines = []
    for run_ in made:
        state = "" if run_.state == COMPLETE else f" {run_.state.upper()}: {run_.reason}"
        lines.append(
            f"{run_.source}: {counted(len(seeds), 'seed')}, {run_.starts:,} records "
            f"({run_.loaded:,} new, {run_.known:,} known).{state}"
        )
    lines += [
        f"{run_.source}: nothing to do, followed on {run_.searched_on[:10]} ({run_.starts:,} records). "
        "Use --again to follow anew."
        for run_ in complete
    ]
    if nameless:
        lines.append(f"Without DOI, PMID or OpenAlex id, so not followed: {', '.join(nameless)}")
    bad = any(run_.state != COMPLETE for run_ in made)
    names = ("id", "source", "state", "reason", "hits", "starts", "loaded", "known", "rejected", "note")
    return Summary(
        lines=tuple(lines),
        data={
            "runs": [{name: getattr(run_, name) for name in names} for run_ in (*made, *complete)],
            "seeds": [{"label": seed.label, "names": list(seed.names), "record": seed.record} for seed in seeds],
        },
        next="evidence-review dedup" if any(run_.loaded for run_ in made) and not bad else "",
        exit_code=EXIT_SOURCE if bad else EXIT_DONE,
    )
