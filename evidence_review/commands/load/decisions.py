"""`load decisions`: take over the screening decisions that came along with a source's records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evidence_review.errors import InputError, Problem, UsageError, suggest
from evidence_review.formats.verdicts import Verdict, verdicts
from evidence_review.model.events import EXCLUDE, INCLUDE, MAYBE, Decision
from evidence_review.model.protocol import Protocol
from evidence_review.model.record import Record
from evidence_review.model.search_run import SearchRun
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace

VERB = "load"
VERDICTS = (INCLUDE, EXCLUDE, MAYBE)
# Who decided, where only the list on which a record stands says how.
LIST = "list"


def run(
    workspace: Workspace, source: str, stage: str, people: Sequence[str], tags: Sequence[str] = (), every: str = ""
) -> Summary:
    """Append the decisions found in the records of `source`, each with the file and line that it stood on.

    Args:
        people: `NAME=ID`, a name in the other program and the id of a member of the team.
        tags: `TAG=VERDICT`, a tag that the team gave a meaning in Zotero or Covidence.
        every: the verdict on all records of the source, where a program exports one list a file, as Covidence does.

    Raises:
        InputError: a name belongs to nobody in the team; every such name is told.
        UsageError: the source has no records, or `people` is not understood.
    """
    protocol = workspace.protocol
    records = [record for record in workspace.records() if record.source == source]
    if not records:
        known = sorted({record.source for record in workspace.records()})
        raise UsageError(f"No record came from '{source}'. {suggest(source, known)}")
    meanings = _meanings(tags)
    found = [(record, verdict) for record in records for verdict in verdicts(record.citation, meanings)]
    if every:
        told = {record.id for record, verdict in found if verdict.verdict == every}
        found += [(record, Verdict(LIST, every)) for record in records if record.id not in told]
    if not found:
        raise InputError(
            f"The records of '{source}' carry no decisions. They are read from Rayyan's notes (RAYYAN-INCLUSION), from "
            "ASReview's labels, from EPPI-Reviewer's column 'Included', from Covidence's exclusion reasons, and from "
            "tags such as 'included'. Say what other tags mean with --tag TAG=VERDICT, or what a whole list is with "
            "--all VERDICT."
        )
    members = _members(protocol, people, {verdict.who for _, verdict in found})
    arguments: dict[str, Any] = {"decisions": source, "stage": stage, "people": dict(members)}
    arguments |= {name: value for name, value in (("tags", meanings), ("all", every)) if value}
    with workspace.transaction(VERB, arguments) as tx:
        files = {run.id: run for run in workspace.runs()}
        made = _decisions(protocol, found, members, stage, files, tx.when)
        before = {_same(decision) for decision in workspace.events(Decision)}
        new = [decision for decision in made if _same(decision) not in before]
        tx.add_events(new)
        tx.counts["decisions"] = len(new)
    lines = [f"{len(new)} decisions taken over from {source}, {len(made) - len(new)} already there"]
    lines += [f"    {name} is {member}" for name, member in sorted(members.items())]
    data = {
        "source": source,
        "stage": stage,
        "decisions": len(new),
        "known": len(made) - len(new),
        "people": dict(members),
    }
    return Summary(tuple(lines), data, next="evidence-review screen status")


def _meanings(tags: Sequence[str]) -> dict[str, str]:
    """Return which verdict each tag stands for."""
    found = {}
    for pair in tags:
        tag, _, verdict = pair.rpartition("=")
        if not tag.strip() or verdict not in VERDICTS:
            raise UsageError(f"'{pair}' is not TAG=VERDICT with one of {', '.join(VERDICTS)}.")
        found[tag.strip()] = verdict
    return found


def _members(protocol: Protocol, people: Sequence[str], names: Iterable[str]) -> dict[str, str]:
    """Return which member of the team each name is."""
    team = {member.id for member in protocol.team}
    said: dict[str, str] = {}
    for pair in people:
        name, sign, identifier = pair.partition("=")
        if not sign or identifier not in team:
            raise UsageError(f"'{pair}' is not NAME=ID with the id of a team member. {suggest(identifier, team)}")
        said[name] = identifier
    problems = []
    found: dict[str, str] = {}
    for name in sorted(set(names)):
        if name in said or name in team:
            found[name] = said.get(name, name)
        else:
            problems.append(Problem(f"'{name}'", "is nobody in the protocol's team", f'Add --person "{name}=ID".'))
    if problems:
        raise InputError("Who made these decisions? Nothing was taken over.", problems)
    return found


def _decisions(
    protocol: Protocol,
    found: Sequence[tuple[Record, Verdict]],
    members: Mapping[str, str],
    stage: str,
    runs: Mapping[str, SearchRun],
    when: str,
) -> list[Decision]:
    codes = {
        name.casefold(): reason.code for reason in protocol.eligibility.exclude for name in (reason.code, reason.label)
    }
    made = []
    for record, verdict in found:
        run = runs.get(record.run)
        code = codes.get(verdict.reason.casefold(), "")
        note = "" if code or not verdict.reason else f"reason given elsewhere: {verdict.reason}"
        made.append(
            Decision(
                record=record.id,
                stage=stage,
                screener=members[verdict.who],
                verdict=verdict.verdict,
                reason=code if verdict.verdict == EXCLUDE else "",
                note=note,
                role="screener",
                batch=record.run,
                sheet=run.files[0][0] if run and run.files else "",
                row=str(record.line),
                when=when,
            )
        )
    return made


def _same(decision: Decision) -> tuple[str, ...]:
    return (decision.record, decision.stage, decision.screener, decision.verdict, decision.batch, decision.row)
