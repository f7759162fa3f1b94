"""Whether people agree as far as the protocol asks before one of them goes on alone, or said why they go on anyway.

The guidance for rapid reviews has the team screen a pilot or a share together until they agree well enough, and only
then one person each (Garritty et al. 2024, 10.1136/bmj-2023-076335). Where a stage has a target, this is held to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from evidence_review.model.protocol import StagePlan
from evidence_review.state.raters import StageAgreement, stage_agreement
from evidence_review.state.renumbered import decisions_today
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing

# What the ledger's line of a run of `screen sheet` says when people went on without the agreement asked for.
ANYWAY, ANYWAY_BY = "anyway", "anyway_by"
_PILOT = re.compile(r"-pilot-(\d+)$")


@dataclass(frozen=True, slots=True)
class Waiver:
    """People went on although they did not agree as far as the protocol asks: who said so, why and when."""

    by: str
    reason: str
    date: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far people agreed on what two of them judged, against the share of equal verdicts that the plan asks for.

    `pilot` is the number of the pilot round that counts, the last one; 0 where none was made and all that two people
    judged counts. `compared` are the pairs of verdicts, `reached` the share of equal ones (None where there are none).
    """

    target: float
    pilot: int
    compared: int
    reached: float | None
    waiver: Waiver | None

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.reached is not None and self.reached >= self.target

    def __str__(self) -> str:
        """How far they agreed, in words."""
        if self.reached is None:
            return "nobody has been compared yet"
        where = f" in pilot round {self.pilot}" if self.pilot else ""
        equal = round(self.reached * self.compared)
        return f"{equal:,} of {self.compared:,} verdicts were equal{where} ({100 * self.reached:.0f} %)"


def calibration(snapshot: Snapshot, standing: Standing, stage: str) -> Calibration | None:
    """Return how a stage stands to its target; None where it has none, or where two people judge everything anyway."""
    plan = snapshot.protocol.stage(stage)
    if plan.agreement is None or plan.mode == "dual":
        return None
    return measured(plan, stage_agreement(standing.clusters, decisions_today(snapshot), stage), waiver(snapshot, stage))


def measured(plan: StagePlan, found: StageAgreement, waived: Waiver | None = None) -> Calibration:
    """Hold an agreement against a plan's target."""
    pilots = {int(match[1]): one for batch, one in found.rounds.items() if (match := _PILOT.search(batch))}
    last = max(pilots, default=0)
    counting = pilots.get(last, found.overall)
    return Calibration(plan.agreement or 0.0, last, counting.n, counting.percent, waived)


def waiver(snapshot: Snapshot, stage: str) -> Waiver | None:
    """Return the last word by which people went on at a stage without the agreement asked for."""
    for entry in reversed(snapshot.ledger):
        said = entry.arguments
        if entry.verb == "screen" and said.get("stage") == stage and said.get(ANYWAY):
            return Waiver(str(said.get(ANYWAY_BY, "")), str(said[ANYWAY]), entry.when[:10])
    return None
