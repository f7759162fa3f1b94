"""The review's own story: one line per run."""

from __future__ import annotations

from evidence_review.model.ledger import LedgerEntry
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace


def timeline(workspace: Workspace) -> Summary:
    """List the ledger in words."""
    entries = workspace.ledger()
    lines = [_told(entry) for entry in entries] or ["Nothing was done yet."]
    data = [{"run": entry.run, "when": entry.when, "counts": dict(entry.counts)} for entry in entries]
    return Summary(lines=tuple(lines), data={"runs": data})


def _told(entry: LedgerEntry) -> str:
    counts = ", ".join(f"{key} {value}" for key, value in entry.counts.items() if not isinstance(value, (dict, list)))
    return f"{entry.when}  {entry.run}" + (f"  {counts}" if counts else "")
