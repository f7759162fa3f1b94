"""Exclusions by a code that the protocol does not have (any more)."""

from __future__ import annotations

from evidence_review.model.events import STAGES
from evidence_review.state.names import reason_code, reason_label
from evidence_review.state.screening import AUTOMATION, EXCLUDED
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing
from evidence_review.summary import counted


def lost_codes(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return the records that people excluded by a code that the protocol does not have, by code."""
    codes = {reason.code for reason in snapshot.protocol.eligibility.exclude}
    lost: dict[str, list[str]] = {}
    for decision in snapshot.decisions:
        by_people = decision.role != AUTOMATION and decision.stage in STAGES
        if by_people and decision.reason and decision.reason not in codes:
            lost.setdefault(decision.reason, []).append(decision.record)
    return {code: list(dict.fromkeys(records)) for code, records in lost.items()}


def in_use(snapshot: Snapshot, standing: Standing) -> dict[str, list[str]]:
    """Return the records that stand excluded by such a code, by code."""
    found: dict[str, dict[str, None]] = {}
    for code, records in lost_codes(snapshot).items():
        counts_as = (code, reason_code(snapshot, code))
        for keeper in (standing.clusters.keeper_of.get(record, "") for record in records):
            for outcomes in (standing.title_abstract, standing.full_text):
                outcome = outcomes.get(keeper)
                if outcome is not None and outcome.state == EXCLUDED and outcome.reason in counts_as:
                    found.setdefault(code, {})[keeper] = None
    return {code: list(keepers) for code, keepers in found.items()}


def told(snapshot: Snapshot, standing: Standing) -> list[str]:
    """Say for each such code how many records it stands for, and what can be done."""
    lines = []
    for code, records in in_use(snapshot, standing).items():
        label, today = reason_label(snapshot, code), reason_code(snapshot, code)
        words = f"{code} ({label})" if label != code else code
        line = f"{counted(len(records), 'record')} excluded by {words}, a code that the protocol does not have"
        if today != code:
            lines.append(f"{line}; counted as {today}, which has the same label.")
        else:
            lines.append(f"{line}: put it back, or write another code into the sheets and collect them.")
    return lines
