"""Load files for their sources: all of them or, where one is refused, none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evidence_review.commands.load.making import Making, Openings
from evidence_review.commands.load.one import Loaded
from evidence_review.commands.load.plan import Job, Plan, Search, Wish, called, described, fitting, given, planned
from evidence_review.errors import EXIT_SOURCE, InputError, Problem, suggest
from evidence_review.formats.inputs import Member
from evidence_review.model.protocol import Protocol, Source
from evidence_review.model.record import Parsed
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace

VERB = "load"


def run(workspace: Workspace, files: Sequence[Path] = (), wish: Wish | None = None) -> Summary:
    """Load `files`, or everything that the protocol lists and that is not loaded yet.

    Raises:
        InputError: a file is missing or cannot be read, or nothing says which source it belongs to.
        UsageError: the source is not in the protocol, and no route was given for it.
        IdentityError: the record starts of a file do not add up.
    """
    wish = wish or Wish()
    plan = given(workspace, files, wish) if files else planned(workspace, wish)
    openings = Openings(plan, wish)
    jobs = (*plan.jobs, *_assigned(workspace, plan, wish, openings))
    arguments: dict[str, Any] = {"files": called(workspace.layout, files)} if files else {}
    arguments |= {name: str(value) for name, value in asdict(wish).items() if value not in ("", None, {})}
    with workspace.transaction(VERB, arguments) as tx:
        making = Making(tx, workspace.runs(), openings, wish, workspace.taken_back(), files)
        for job in jobs:
            making.make(job)
        done = making.done
        new = {(finished.run.id, finished.run.source) for finished in done}
        for run in making.runs:
            if (run.id, run.source) in new | making.changed:
                tx.add_run(run)
        tx.counts["files"] = len([finished for finished in done if finished.reading])
        for name in ("starts", "loaded", "known", "rejected"):
            tx.counts[name] = sum(getattr(finished.run, name) for finished in done)
        if making.corrected:
            tx.counts["corrected"] = making.corrected
    making.lines += plan.waiting
    return _summary(making)


def _assigned(workspace: Workspace, plan: Plan, wish: Wish, openings: Openings) -> list[Job]:
    """Find the source of files for which none was named: by the database that their records name, or their vendor."""
    protocol = workspace.protocol
    jobs: list[Job] = []
    problems: list[Problem] = []
    runs = tuple(workspace.runs())
    by_hand = [source for source in protocol.sources if source.via != "api"]
    by_service = [source for source in protocol.sources if source.via == "api"]
    for member in plan.unassigned:
        reading = openings.open(member, wish.format, wish.columns)
        if earlier := next((run for run in runs if reading.sha256 in (digest for _, digest in run.files)), None):
            # Loaded before, for a source that was named then.
            jobs.append(Job(Search(earlier.source), (member,)))
            continue
        names = {item.citation.database for item in reading if isinstance(item, Parsed)}
        vendor = reading.dialect.rpartition(":")[2] or _VENDORS.get(reading.format, "")
        found = {name: fitting(by_hand, [name] if name else [vendor]) for name in names}
        if names and all(found.values()):
            jobs += _by_source(protocol, member, {name: source for name, source in found.items() if source}, wish)
        elif source := fitting(by_hand, [vendor]):
            jobs.append(Job(described(protocol, source, wish), (member,)))
        else:
            hints = [hint for hint in (*sorted(names), vendor) if hint]
            said = f"it names {', '.join(hints)}" if hints else "it names no database"
            if asked := fitting(by_service, hints):
                remedy = f"Add --source {asked.id} if it is that search, made by hand."
            else:
                remedy = f"Add --source ID. {suggest('', (source.id for source in by_hand))}" if by_hand else ""
            problems.append(Problem(member.name, f"which source is this? {said}", remedy))
    if problems:
        message = "The source of a file is not clear; nothing was loaded."
        raise InputError(message if by_hand else f"{message} {_NO_SOURCE}", problems)
    return jobs


_NO_SOURCE = (
    "The protocol has no source whose records come in files: add it under 'sources' with 'via: file', or name one that "
    "it does not list with --source ID --route database (or register, website …)."
)
_VENDORS = {"nbib": "PubMed", "pubmed-xml": "PubMed", "wos": "Web of Science", "crossref-xml": "Crossref"}


def _by_source(protocol: Protocol, member: Member, found: Mapping[str, Source], wish: Wish) -> list[Job]:
    """Return a job for each source that the databases named in one file belong to."""
    sources = {source.id: source for source in found.values()}
    if len(sources) == 1:
        return [Job(described(protocol, next(iter(sources.values())), wish), (member,))]
    jobs: list[Job] = []
    for identifier, source in sorted(sources.items()):
        names = frozenset(name for name, one in found.items() if one.id == identifier)
        jobs.append(Job(described(protocol, source, wish), (member,), names, takes_rejected=not jobs))
    return jobs


def _summary(making: Making) -> Summary:
    runs = [finished.run for finished in making.done]
    totals = {name: sum(getattr(run, name) for run in runs) for name in ("starts", "loaded", "known", "rejected")}
    head = (
        f"{counted(totals['starts'], 'record start')} = {totals['loaded']:,} loaded + "
        f"{totals['known']:,} already there + {totals['rejected']:,} rejected, from {counted(len(runs), 'run')}"
        if runs else "Nothing new to load."
    )  # fmt: skip
    data: dict[str, Any] = {**totals, "runs": [_run_data(finished) for finished in making.done]}
    return Summary(
        lines=(head, *making.lines),
        data={**data, "skipped": making.skipped, "corrected": making.corrected},
        next="evidence-review dedup" if runs else "evidence-review status",
        exit_code=EXIT_SOURCE if making.short else 0,
    )


def _run_data(done: Loaded) -> dict[str, Any]:
    run = done.run
    names = ("id", "source", "state", "reason", "format", "encoding", "hits", "starts", "loaded", "known", "rejected")
    data: dict[str, Any] = {name: getattr(run, name) for name in names}
    data["file"] = run.files[0][0] if run.files else ""
    data["rejections"] = [{"line": line, "reason": reason} for line, reason in run.rejections]
    data["doubts"] = dict(done.doubts.counts)
    data["asides"] = dict(done.reading.asides) if done.reading else {}
    return data
