"""What sources and reasons are called in front of people."""

from __future__ import annotations

from collections.abc import Iterable

from evidence_review.model.protocol import Protocol
from evidence_review.model.search_run import SearchRun
from evidence_review.state.snapshot import Snapshot


def source_name(protocol: Protocol, source: str, runs: Iterable[SearchRun] = ()) -> str:
    """Return what a source is called: by the protocol, else by the platform of its runs, else by its id."""
    planned = protocol.source(source)
    if planned is not None:
        return planned.name
    return next((run.platform for run in runs if run.source == source and run.platform), source)


def reason_label(snapshot: Snapshot, code: str) -> str:
    """Return the words of an exclusion code, by the protocol or an earlier one that had it; else the code."""
    return {**_former(snapshot), **_labels(snapshot)}.get(code, code)


def reason_code(snapshot: Snapshot, code: str) -> str:
    """Return the code under which an exclusion counts today: a code that was renamed is known by its label."""
    labels = _labels(snapshot)
    former = _former(snapshot).get(code, "").casefold()
    if code in labels or not former:
        return code
    return next((today for today, label in labels.items() if label.casefold() == former), code)


def _labels(snapshot: Snapshot) -> dict[str, str]:
    return {reason.code: reason.label for reason in snapshot.protocol.eligibility.exclude}


def _former(snapshot: Snapshot) -> dict[str, str]:
    return {reason.code: reason.label for reason in snapshot.former_reasons}
