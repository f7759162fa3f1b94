"""From one version of a review to the next: what had been included is kept, and the flow diagram counts anew.

A version ends where a final report was rendered: whoever updates after that begins the next one. Before it, an update
only tops up the searches of the same version.
"""

from __future__ import annotations

from dataclasses import replace

from evidence_review.errors import UsageError
from evidence_review.model.events import Edition
from evidence_review.model.ledger import LedgerEntry
from evidence_review.state.boxes import REPORTS, STUDIES
from evidence_review.state.counting import count
from evidence_review.state.flow import Flow
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import INCLUDED, WAITING, stand
from evidence_review.state.versions import place_of
from evidence_review.workspace.disk import sha256_file
from evidence_review.workspace.workspace import Workspace


def final(snapshot: Snapshot) -> LedgerEntry | None:
    """Return the last final report that was rendered since the version began."""
    since = place_of(snapshot.editions[-1].run) if snapshot.editions else 0
    reports = [entry for entry in snapshot.ledger if entry.verb == "report" and entry.seq > since]
    return next((entry for entry in reversed(reports) if entry.arguments.get("draft") is False), None)


def all_known(workspace: Workspace, snapshot: Snapshot, report: LedgerEntry) -> bool:
    """Whether nothing can be new since a report: the plan is the same, asks no service, and its files were loaded.

    A version that nothing is looked for in would only empty the flow diagram.
    """
    layout, protocol = workspace.layout, snapshot.protocol
    if any(place_of(run.id) > report.seq for run in snapshot.runs):
        return False
    if report.inputs.get(layout.inside(layout.protocol)) != sha256_file(layout.protocol):
        return False
    if any(source.via == "api" for source in protocol.sources) or any(
        entry.verb == "zotero" for entry in snapshot.ledger
    ):
        return False
    known = {digest for run in snapshot.runs for _, digest in run.files}
    paths = [layout.beside_protocol / name for source in protocol.sources for name in source.files]
    return all(path.is_file() and sha256_file(path) in known for path in paths)


def begin(workspace: Workspace, snapshot: Snapshot, report: LedgerEntry) -> Edition:
    """Close the version that ended with its final `report`, and begin the next.

    Raises:
        UsageError: something waits to be screened or read: what a version included must be settled.
    """
    # What was loaded after the report is new, whoever loaded it.
    snapshot = replace(
        snapshot,
        records={name: item for name, item in snapshot.records.items() if place_of(item.run) <= report.seq},
        runs=tuple(run for run in snapshot.runs if place_of(run.id) <= report.seq),
    )
    standing = stand(snapshot)
    waiting = standing.having(*WAITING)
    if waiting:
        raise UsageError(
            f"{len(waiting):,} records of this version still wait for a decision ({waiting[0]} …): finish them, or "
            "update within the same version with '--same-version'."
        )
    flow = count(snapshot, standing)
    with workspace.transaction("update", {"new_version": True}) as tx:
        edition = Edition(
            number=str(len(snapshot.editions) + 1),
            records=str(len(snapshot.records)),
            studies=" ".join(study.id for study in standing.studies),
            reports=" ".join(standing.having(INCLUDED)),
            all_studies=str(_all(flow, STUDIES)),
            all_reports=str(_all(flow, REPORTS)),
            run=report.run,
            when=report.when,
        )
        tx.add_events([edition])
        tx.counts["version"] = len(snapshot.editions) + 2
    return edition


def _all(flow: Flow, unit: str) -> int:
    total = flow.n(f"total_{unit}")
    return flow.having(f"new_{unit}") if total is None else total
