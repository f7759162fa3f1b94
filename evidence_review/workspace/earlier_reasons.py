"""Reasons for exclusion as the protocol had them when people decided, where it has them otherwise today."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from evidence_review.model.events import STAGES, Decision
from evidence_review.model.ledger import LedgerEntry
from evidence_review.model.protocol import Protocol, Reason
from evidence_review.workspace import protocol_file
from evidence_review.workspace.layout import Layout

_ELIGIBILITY = re.compile(rb"^eligibility:.*?(?=^[^\s#-]|\Z)", re.M | re.S)


def earlier_reasons(
    layout: Layout, ledger: Iterable[LedgerEntry], decisions: Iterable[Decision], protocol: Protocol
) -> Mapping[str, tuple[Reason, ...]]:
    """Return, by the moment at which decisions were made, the reasons of the protocol in force then.

    Moments at which every code read as it does today are left out, and so are those of which nobody can tell, for two
    versions of the protocol were used within one second.
    """
    moments = {one.when for one in decisions if one.reason and one.stage in STAGES}
    name, output = layout.inside(layout.protocol), layout.inside(layout.decisions)
    versions: dict[str, set[str]] = {}
    for entry in ledger:
        if entry.when in moments and output in entry.outputs and name in entry.inputs:
            versions.setdefault(entry.when, set()).add(entry.inputs[name])
    now = {reason.code: reason.label for reason in protocol.eligibility.exclude}
    current = _told_apart_by(layout.protocol.read_bytes()) if versions and layout.protocol.exists() else b""

    @cache
    def otherwise(digest: str) -> tuple[Reason, ...]:
        path = layout.protocol_versions / f"{digest}.yml"
        # Most amendments leave the reasons alone; to parse each version takes longer than all else.
        if not path.exists() or _told_apart_by(path.read_bytes()) == current:
            return ()
        reasons = tuple(protocol_file.reasons(path))
        return reasons if any(now.get(one.code, one.label) != one.label for one in reasons) else ()

    found = {when: otherwise(next(iter(digests))) for when, digests in versions.items() if len(digests) == 1}
    return {when: reasons for when, reasons in found.items() if reasons}


def _told_apart_by(protocol: bytes) -> bytes:
    """Return the part of a protocol in which the reasons stand; all of it where that cannot be told by its lines."""
    found = _ELIGIBILITY.search(protocol)
    return found[0].rstrip() if found else protocol
