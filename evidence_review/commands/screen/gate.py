"""What may be issued while people do not agree as far as the protocol asks: only what two of them judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evidence_review.commands.screen.identity import batch_number
from evidence_review.commands.screen.review import StageView
from evidence_review.state.calibration import Calibration, calibration
from evidence_review.state.screening import people_needed
from evidence_review.summary import counted
from evidence_review.workspace.issued import PILOT


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether one person may get records alone at a stage; `why` says what stands in the way ("" where nothing)."""

    calibration: Calibration | None
    why: str

    @property
    def shut(self) -> bool:
        """Whether records for one person alone are kept back."""
        return bool(self.why)


def gate(view: StageView) -> Gate:
    """Hold a stage against its target of agreement. Who screens with nobody else cannot be compared with anyone."""
    state = calibration(view.snapshot, view.standing, view.stage)
    if state is None or state.waiver is not None or len(view.people) < 2:
        return Gate(state, "")
    unfinished = _unfinished(view)
    if state.met and not unfinished:
        return Gate(state, "")
    asked = f"The protocol asks for {100 * state.target:.0f} % equal verdicts before one person screens alone"
    return Gate(state, f"{asked}; {unfinished or state}.")


def may_issue(view: StageView, records: Sequence[str]) -> list[str]:
    """Return those of some waiting records that two people judge by the plan: these are issued in any case."""
    return [
        record
        for record in records
        if people_needed(view.plan, record, [one.verdict for one in view.decisions.get(record, ())]) > 1
    ]


def way_out(view: StageView) -> str:
    """Return what people can do while the gate is shut."""
    if _unfinished(view):
        return "Fill in and collect the pilot's sheets."
    flag = "" if view.stage == "title-abstract" else f" --stage {view.stage}"
    talk = "Talk about what differs and make a pilot round" if view.of_stage(PILOT) else "Make a pilot round"
    sheet = f"evidence-review screen sheet{flag}"
    return (
        f"{talk}: {sheet} --pilot 30. To go on all the same, say why: {sheet} --anyway REASON --by ID; the report will "
        "declare it."
    )


def _unfinished(view: StageView) -> str:
    """Return what is missing of the last pilot round, in words; who has left is not waited for."""
    sheets = [sheet for sheet in view.of_stage(PILOT) if view.in_last_pilot(sheet)]
    rows = {sheet.screener: len(missing) for sheet in sheets if (missing := view.open_rows(sheet))}
    if not rows:
        return ""
    who = " and ".join(f"{counted(count, 'row')} of {person}" for person, count in rows.items())
    return f"in pilot round {batch_number(sheets[0].batch)}, {who} are open"
