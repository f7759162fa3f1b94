"""Appraisal: a tool for each study by its design, sheets out and in, differences, verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evidence_review.commands.appraise.judge import doubts
from evidence_review.errors import InputError, UsageError
from evidence_review.forms import tools, work
from evidence_review.forms.assign import assign
from evidence_review.forms.desk import Desk, subject
from evidence_review.forms.progress import progress
from evidence_review.model.events import VERIFIER
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing
from evidence_review.state.values import Values
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace

FOLDER = "appraisal"


def sheet(workspace: Workspace, appraiser: str, kind: str) -> Summary:
    """Write the sheets that appraisers do not have yet: `appraiser`'s, or everyone's in the protocol's plan."""
    seen = work.view(workspace, plan)
    people = (appraiser,) if appraiser else seen.desk.people
    if not people:
        raise UsageError(
            "The protocol names no appraisers: say who with '--appraiser ID', or add 'appraisal.appraisers'."
        )
    return _with_missing(seen, work.issue_sheets(seen, people, kind))


def verify(workspace: Workspace, verifier: str, kind: str) -> Summary:
    """Write the sheets in which a second person checks what the first judged."""
    seen = work.view(workspace, plan)
    person = verifier or seen.desk.verifier
    if not person:
        raise UsageError("The protocol names no verifier: say who with '--verifier ID', or add 'appraisal.verifier'.")
    return work.issue_sheets(seen, (person,), kind, VERIFIER)


def collect(workspace: Workspace, files: Sequence[Path], *, withdraw: bool = False) -> Summary:
    """Read sheets back, all or nothing, and say where a judgement is incomplete or unlike its tool's logic."""
    summary = work.collect_sheets(workspace, "appraise", plan, files, withdraw=withdraw)
    seen = work.view(workspace, plan)
    found = doubts(_tools(workspace, seen.snapshot), seen.values, seen.desk)
    lines = (*summary.lines, *(f"Look again: {doubt}" for doubt in found))
    return replace(summary, lines=lines, data={**summary.data, "doubts": [*summary.data["doubts"], *found]})


def differences(workspace: Workspace) -> Summary:
    """Write the sheet of judgements at which two people differ."""
    return work.write_differences(work.view(workspace, plan))


def status(workspace: Workspace) -> Summary:
    """Say how far appraisal is."""
    seen = work.view(workspace, plan)
    return _with_missing(seen, progress(seen))


def list_tools(tool: str) -> Summary:
    """List the tools that come with the program, or show one's items."""
    if not tool:
        known = [tools.load(name) for name in tools.packaged()]
        width = max(len(one.id) for one in known)
        return Summary(
            tuple(f"{one.id:{width}}  {one.title} ({one.version})" for one in known),
            {one.id: {"title": one.title, "version": one.version, "source": one.source} for one in known},
        )
    one = tools.load(tool)
    lines = [one.title, f"Source: {one.source}", f"For: {one.for_}", f"Answers: {', '.join(one.answers)}"]
    lines += (
        [f"  {tools.SECTION}: which part of the tool the study belongs to: {', '.join(one.kinds)}"] if one.kinds else []
    )
    lines += [f"  {item.id}: {item.prompt}" for item in one.items]
    lines.append(f"Overall: {one.overall.note}")
    return Summary(tuple(lines), one.model_dump(by_alias=True))


def plan(workspace: Workspace, snapshot: Snapshot, standing: Standing, values: Values) -> Desk:
    """Return what appraisal needs: each tool as a form, for the studies whose design asks for it."""
    protocol = snapshot.protocol
    if not protocol.appraisal.tools:
        raise InputError(
            "The protocol names no appraisal tool. Add 'appraisal: {tools: {any: mmat-2018}}', or one tool a design; "
            "'evidence-review appraise tools' lists them."
        )
    given = assign(protocol, standing, values, own_tools(workspace))
    by_id = {study.id: subject(study, snapshot.records) for study in standing.studies}
    return Desk(
        "appraise",
        workspace.layout.sheets / FOLDER,
        {identifier: tool.form() for identifier, tool in given.tools.items()},
        {identifier: tuple(by_id[study] for study in studies) for identifier, studies in given.studies.items()},
        protocol.appraisal.appraisers,
        protocol.appraisal.verifier or "",
        tuple(member.id for member in protocol.team),
        protocol.appraisal.mode,
    )


def own_tools(workspace: Workspace) -> Path:
    """Return the folder of the team's own tools."""
    return workspace.layout.beside_protocol / "tools"


def _tools(workspace: Workspace, snapshot: Snapshot) -> dict[str, tools.Tool]:
    names = dict.fromkeys(snapshot.protocol.appraisal.tools.values())
    return {name: tools.load(name, own_tools(workspace)) for name in names}


def _with_missing(seen: work.View, summary: Summary) -> Summary:
    """Add the studies that no tool is for: an appraisal never leaves a study out silently."""
    given = assign(seen.snapshot.protocol, seen.standing, seen.values, own_tools(seen.workspace))
    labels = {study.id: study.label for study in seen.standing.studies}
    lines = [f"No tool for {labels[study]} ({study}): {why}." for study, why in given.without.items()]
    return replace(summary, lines=(*summary.lines, *lines), data={**summary.data, "without_tool": given.without})
