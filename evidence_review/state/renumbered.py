"""Codes of exclusion that were given to another reason after people used them.

Who excluded by E1 when E1 read "no partnership" meant that, whatever E1 reads today: the words decide. Where another
code has these words today the exclusion counts under that one, and two people who gave the same reason under an old and
a new code agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evidence_review.model.events import STAGES, Decision
from evidence_review.state.names import reason_code
from evidence_review.state.snapshot import Snapshot
from evidence_review.summary import counted


def label_then(snapshot: Snapshot, decision: Decision) -> str:
    """Return the words of a decision's reason when it was made, where the code reads otherwise today; else ""."""
    if not decision.reason or decision.stage not in STAGES:
        return ""
    then = {one.code: one.label for one in snapshot.earlier_reasons.get(decision.when, ())}
    now = {one.code: one.label for one in snapshot.protocol.eligibility.exclude}
    label = then.get(decision.reason, "")
    return "" if label == now.get(decision.reason, label) else label


def code_today(snapshot: Snapshot, decision: Decision) -> str:
    """Return the code under which a decision's reason counts today: given out anew, renamed, or as it was."""
    if not decision.reason or decision.stage not in STAGES:
        return decision.reason
    then = label_then(snapshot, decision).casefold()
    if not then:
        return reason_code(snapshot, decision.reason)
    today = (one.code for one in snapshot.protocol.eligibility.exclude if one.label.casefold() == then)
    return next(today, decision.reason)


def decisions_today(snapshot: Snapshot) -> Sequence[Decision]:
    """Return all decisions with the codes under which their reasons count today."""
    if not (snapshot.earlier_reasons or snapshot.former_reasons):
        return snapshot.decisions
    return tuple(
        one if (code := code_today(snapshot, one)) == one.reason else replace(one, reason=code)
        for one in snapshot.decisions
    )


def told(snapshot: Snapshot, *, reworded: bool = False) -> list[str]:
    """Say which codes read otherwise when people excluded by them, and what comes of it.

    Args:
        reworded: whether to name codes whose words nobody has today, too: these may say the same in other words.
    """
    found: dict[tuple[str, str, str], int] = {}
    for one in snapshot.decisions:
        if then := label_then(snapshot, one):
            key = one.reason, then, code_today(snapshot, one)
            found[key] = found.get(key, 0) + 1
    labels = {reason.code: reason.label for reason in snapshot.protocol.eligibility.exclude}
    lines = []
    for (code, then, today), number in found.items():
        line = f"{counted(number, 'exclusion')} by {code} when it read '{then}'"
        if today != code:
            lines.append(f"{line}: counted as {today}, which reads so today. {code} is '{labels[code]}' now.")
        elif reworded:
            lines.append(
                f"{line}: counted as {code}, '{labels[code]}'. Where that is another reason and not other words for "
                "the same, give it a code of its own."
            )
    return lines
