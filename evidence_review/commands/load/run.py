"""Load files for their sources: all of them or, where one is refused, none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from evidence_review.commands.load.one import Loaded, already, cut_off, load_file, log_search, told
from evidence_review.commands.load.plan import Job, Plan, Search, Wish, described, fitting, given, planned
from evidence_review.errors import EXIT_SOURCE, InputError, Problem, suggest
from evidence_review.formats.inputs import Member, opened
from evidence_review.formats.reading import Reading
from evidence_review.model.protocol import Protocol, Source
from evidence_review.model.record import Parsed
from evidence_review.model.search_run import INCOMPLETE, SearchRun
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Transaction, Workspace

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
    openings = _Openings(plan, wish)
    jobs = (*plan.jobs, *_assigned(workspace, plan, wish, openings))
    arguments: dict[str, Any] = {"files": [str(path) for path in files]} if files else {}
    arguments |= {name: str(value) for name, value in asdict(wish).items() if value not in ("", None, {})}
    lines: list[str] = []
    done: list[Loaded] = []
    skipped: list[dict[str, str]] = []
    with workspace.transaction(VERB, arguments) as tx:
        runs = list(workspace.runs())
        for job in jobs:
            for finished in _work(tx, job, openings, runs, lines, skipped, len(done)):
                done.append(finished)
                runs.append(finished.run)
                lines += told(finished)
        for finished in done:
            tx.add_run(finished.run)
        tx.counts["files"] = len([finished for finished in done if finished.reading])
        for name in ("starts", "loaded", "known", "rejected"):
            tx.counts[name] = sum(getattr(finished.run, name) for finished in done)
    lines += plan.waiting
    return _summary(lines, done, skipped)


class _Openings:
    """The files of a plan, each opened once however often it is read; what cannot be opened is told at once."""

    def __init__(self, plan: Plan, wish: Wish) -> None:
        self._known: dict[tuple[Member, str, tuple[tuple[str, str], ...]], Reading] = {}
        searched = [(file, job.search.format, job.search.columns) for job in plan.jobs for file in job.files]
        opened(
            [*searched, *((file, wish.format, wish.columns) for file in plan.unassigned)], lambda one: self.open(*one)
        )

    def open(self, file: Member, form: str, columns: Mapping[str, str]) -> Reading:
        """Return a file, not yet read."""
        key = file, form, tuple(sorted(columns.items()))
        if key not in self._known:
            self._known[key] = file.open(format=form, columns=columns)
        return self._known[key].again()


def _work(
    tx: Transaction,
    job: Job,
    openings: _Openings,
    runs: Sequence[SearchRun],
    lines: list[str],
    skipped: list[dict[str, str]],
    before: int,
) -> list[Loaded]:
    search = job.search
    done: list[Loaded] = []
    if not job.files:
        if any(run.source == search.source for run in runs):
            skipped.append({"source": search.source, "file": ""})
            lines.append(f"{search.source}: search already logged")
            return []
        return [log_search(tx, before + 1, job)]
    seen = sum(run.starts for run in runs if run.source == search.source)
    for member in job.files:
        reading = openings.open(member, search.format, search.columns)
        if earlier := already([*runs, *(one.run for one in done)], search.source, reading.sha256):
            skipped.append({"source": search.source, "file": member.name, "run": earlier.id})
            lines.append(f"{search.source}: {member.name} is already loaded (run {earlier.id}); nothing changed")
            continue
        # The number of hits belongs to the search, not to each of its files: it is kept with the first.
        told_before = any(run.source == search.source and run.hits is not None for run in runs) or bool(done)
        own = replace(job, search=replace(search, hits=None)) if told_before else job
        done.append(load_file(tx, before + len(done) + 1, own, member, reading))
    seen += sum(one.run.starts for one in done)
    reported = next((run.hits for run in (*runs, *(one.run for one in done)) if run.source == search.source), None)
    if done and reported is not None and seen > reported:
        lines.append(
            f"{search.source}: its files hold {seen} record starts, {seen - reported} more than the {reported} hits "
            "that the source reported; nothing is lost, but look whether the number or a file is of another search"
        )
    return [replace(one, run=cut_off(one.run, seen)) for one in done]


def _assigned(workspace: Workspace, plan: Plan, wish: Wish, openings: _Openings) -> list[Job]:
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


def _summary(lines: list[str], done: Sequence[Loaded], skipped: list[dict[str, str]]) -> Summary:
    runs = [finished.run for finished in done]
    totals = {name: sum(getattr(run, name) for run in runs) for name in ("starts", "loaded", "known", "rejected")}
    head = (
        f"{totals['starts']} record starts = {totals['loaded']} loaded + {totals['known']} already there + "
        f"{totals['rejected']} rejected, from {len(runs)} {'run' if len(runs) == 1 else 'runs'}"
        if runs else "Nothing new to load."
    )  # fmt: skip
    data: dict[str, Any] = {**totals, "runs": [_run_data(finished) for finished in done], "skipped": skipped}
    incomplete = any(run.state == INCOMPLETE for run in runs)
    return Summary(
        lines=(head, *lines),
        data=data,
        next="evidence-review dedup" if runs else "evidence-review status",
        exit_code=EXIT_SOURCE if incomplete else 0,
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
