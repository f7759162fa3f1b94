"""What sources and reasons are called in front of people."""

from __future__ import annotations

from collections.abc import Iterable

from evidence_review.model.protocol import Protocol
from evidence_review.model.search_run import SearchRun


def source_name(protocol: Protocol, source: str, runs: Iterable[SearchRun] = ()) -> str:
    """Return what a source is called: by the protocol, else by the platform of its runs, else by its id."""
    planned = protocol.source(source)
    if planned is not None:
        return planned.name
    return next((run.platform for run in runs if run.source == source and run.platform), source)


def reason_label(protocol: Protocol, code: str) -> str:
    """Return the words of an exclusion code."""
    return next((reason.label for reason in protocol.eligibility.exclude if reason.code == code), code)
