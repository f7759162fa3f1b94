"""Extraction: sheets out and in, differences, verification, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evidence_review.commands.extract.prefill import prefill
from evidence_review.errors import InputError, UsageError
from evidence_review.forms import work
from evidence_review.forms.desk import Desk, subject
from evidence_review.forms.progress import progress
from evidence_review.model.events import VERIFIER
from evidence_review.model.form import Form
from evidence_review.model.protocol import Protocol
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing
from evidence_review.state.values import Values
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace

FOLDER = "extraction"


def sheet(workspace: Workspace, extractor: str, kind: str) -> Summary:
    """Write the sheets that extractors do not have yet: `extractor`'s, or everyone's in the protocol's plan."""
    seen = work.view(workspace, plan)
    people = (extractor,) if extractor else seen.desk.people
    if not people:
        raise UsageError(
            "The protocol names no extractors: say who with '--extractor ID', or add 'extraction.extractors'."
        )
    desk = replace(seen.desk, prefill=prefill(form_of(seen.snapshot.protocol), seen.snapshot, seen.standing))
    return work.issue_sheets(replace(seen, desk=desk), people, kind)


def verify(workspace: Workspace, verifier: str, kind: str) -> Summary:
    """Write the sheets in which a second person checks what the first extracted."""
    seen = work.view(workspace, plan)
    person = verifier or seen.desk.verifier
    if not person:
        raise UsageError("The protocol names no verifier: say who with '--verifier ID', or add 'extraction.verifier'.")
    return work.issue_sheets(seen, (person,), kind, VERIFIER)


def collect(workspace: Workspace, files: Sequence[Path], *, withdraw: bool = False) -> Summary:
    """Read sheets back, all or nothing."""
    return work.collect_sheets(workspace, "extract", plan, files, withdraw=withdraw)


def differences(workspace: Workspace) -> Summary:
    """Write the sheet of cells at which two people differ."""
    return work.write_differences(work.view(workspace, plan))


def status(workspace: Workspace) -> Summary:
    """Say how far extraction is, who agrees with whom, and what a changed form asks to look at again."""
    return progress(work.view(workspace, plan))


def plan(workspace: Workspace, snapshot: Snapshot, standing: Standing, values: Values) -> Desk:
    """Return what extraction needs: one form, for every included study."""
    protocol = snapshot.protocol
    form = form_of(protocol)
    subjects = tuple(subject(study, snapshot.records) for study in standing.studies)
    return Desk(
        "extract",
        workspace.layout.sheets / FOLDER,
        {form.id: form},
        {form.id: subjects},
        protocol.extraction.extractors,
        protocol.extraction.verifier or "",
        tuple(member.id for member in protocol.team),
        protocol.extraction.mode,
    )


def form_of(protocol: Protocol) -> Form:
    """Return the protocol's extraction form.

    Raises:
        InputError: it has none.
    """
    form = protocol.extraction.form
    if form is None:
        raise InputError(
            "The protocol has no extraction form. Write one under 'extraction.form', or name a ready-made one; "
            "'evidence-review extract forms' lists them."
        )
    return form
