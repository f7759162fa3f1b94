"""`screen status` and `screen agreement`: what waits for whom, and how far people agree."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import asdict
from typing import Any

from evidence_review.commands.screen.gate import gate, may_issue, way_out
from evidence_review.commands.screen.review import StageView
from evidence_review.model.events import STAGES
from evidence_review.state.agreement import Agreement
from evidence_review.state.assignment import assign
from evidence_review.state.calibration import measured
from evidence_review.state.raters import StageAgreement, sentence, stage_agreement
from evidence_review.state.renumbered import decisions_today
from evidence_review.state.standing import STATES
from evidence_review.summary import Summary, counted
from evidence_review.workspace.issued import CONFLICTS
from evidence_review.workspace.workspace import Workspace


def status(workspace: Workspace) -> Summary:
    """Tell how far screening is at both stages, and what waits for whom."""
    lines: list[str] = []
    data: dict[str, Any] = {}
    for stage in STAGES:
        view = StageView.read(workspace, stage)
        if not view.outcomes:
            continue
        told = _stage(view)
        data[stage] = told
        lines.append(f"{stage} (mode {view.plan.mode}): {counted(len(view.outcomes), 'record')} reached it")
        lines += [f"  {count:>7,}  {state}" for state, count in told["states"].items()]
        for person, work in told["people"].items():
            where = f" in {', '.join(work['open_sheets'])}" if work["open_sheets"] else ""
            lines.append(f"  {person}: {work['decided']:,} decided, {work['open']:,} open{where}")
        if told["unissued"]:
            lines.append(f"  {counted(told['unissued'], 'record')} in nobody's sheet yet")
        if told["another"]:
            lines.append(f"  {counted(told['another'], 'record')} for one more person, in no sheet of theirs yet")
        if told["kept_back"]:
            lines.append(f"  Kept back: {counted(told['kept_back'], 'record')} for one person alone. {told['gate']}")
            lines.append(f"  {way_out(view)}")
        if told["conflicts"]:
            who = f" for {told['arbiter']}" if told["arbiter"] else ""
            sheets = f"in {told['conflict_sheets']}" if told["conflict_sheets"] else ""
            missing = told["conflicts_unissued"]
            rest = f"{missing} of them in no sheet yet" if sheets and missing else "in no sheet yet" if missing else ""
            places = ", ".join(filter(None, (sheets, rest)))
            lines.append(f"  {counted(told['conflicts'], 'conflict')} to settle{who}, {places}")
    if not lines:
        lines.append("No record has reached screening yet.")
    deadline = workspace.protocol.timeline.deadline
    if deadline:
        days = (datetime.date.fromisoformat(deadline) - workspace.snapshot().today).days
        data["days_left"] = days
        lines.append(f"{days} days until {deadline}." if days >= 0 else f"The deadline ({deadline}) has passed.")
    return Summary(lines=tuple(lines), data=data, next=_next(data))


def _stage(view: StageView) -> dict[str, Any]:
    states = Counter(view.standing.state_of[record] for record in view.outcomes)
    people: dict[str, dict[str, Any]] = {}
    issued: set[str] = set()
    for sheet in view.of_stage():
        if sheet.screener not in view.people:
            continue
        issued |= {view.keeper(record) for record in sheet.records}
    decided: Counter[str] = Counter()
    for record in view.decisions:
        decided.update(view.judged_by(record))
    for person in dict.fromkeys([*view.people, *sorted(decided)]):
        sheets = [(sheet, view.open_rows(sheet)) for sheet in view.of_stage() if sheet.screener == person]
        people[person] = {
            "decided": decided[person],
            "open": sum(len(rows) for _, rows in sheets),
            "open_sheets": [sheet.path for sheet, rows in sheets if rows],
        }
    shares = assign(view.plan, view.people, view.awaiting, view.decisions, view.held(), {})
    due = {record for share in (shares.first, shares.second) for one in share.values() for record in one}
    waiting = [record for record in view.awaiting if record in due or record in shares.short]
    unissued = [record for record in waiting if record not in issued]
    shut = gate(view)
    conflicts = set(view.in_conflict)
    in_sheets = {view.keeper(record) for sheet in view.of_stage(CONFLICTS) for record in sheet.records}
    return {
        "mode": view.plan.mode,
        "reached": len(view.outcomes),
        "states": {state: states[state] for state in STATES if states[state]},
        "people": people,
        "unissued": len(unissued),
        "another": len(waiting) - len(unissued),
        "kept_back": len(unissued) - len(may_issue(view, unissued)) if shut.shut else 0,
        "gate": shut.why,
        "conflicts": len(conflicts),
        "conflicts_unissued": len(conflicts - in_sheets),
        "arbiter": view.plan.arbiter or "",
        "conflict_sheets": ", ".join(sheet.path for sheet in view.conflict_sheets()),
    }


def _next(data: dict[str, Any]) -> str:
    for stage in STAGES:
        told = data.get(stage)
        if not told:
            continue
        flag = "" if stage == STAGES[0] else f" --stage {stage}"
        if told["unissued"] + told["another"] > told["kept_back"]:
            return f"evidence-review screen sheet{flag}"
        if any(work["open"] for work in told["people"].values()):
            return f"fill in the open sheets, then evidence-review screen collect{flag}"
        if told["kept_back"]:
            return f"evidence-review screen sheet{flag} --pilot 30"
        if told["conflicts_unissued"]:
            return f"evidence-review screen conflicts{flag}"
        if told["conflicts"]:
            return f"settle the conflicts in their sheet, then evidence-review screen collect{flag}"
    return ""


def agreement(workspace: Workspace, stage: str = "") -> Summary:
    """Tell how far people agree, per pair, per round and overall."""
    lines: list[str] = []
    data: dict[str, Any] = {}
    for name in [stage] if stage else STAGES:
        view = StageView.read(workspace, name)
        found = stage_agreement(view.standing.clusters, decisions_today(view.snapshot), name)
        data[name] = _as_dict(found)
        if not found.overall.n:
            lines.append(f"{name}: no record was judged by two people yet.")
            continue
        lines.append(f"{name}:")
        lines += [f"  {sentence(pair)}" for pair in found.pairs]
        if len(found.pairs) > 1:
            lines.append(f"  Overall: {sentence(found.overall)}")
        lines += [f"  Round {batch}: {sentence(one)}" for batch, one in found.rounds.items() if len(found.rounds) > 1]
        if found.fleiss.value is not None:
            lines.append(f"  Fleiss' κ of {found.fleiss_raters} people: {found.fleiss.value:.2f}.")
        if found.reasons.n and found.reasons.percent is not None:
            lines.append(f"  {_reasons(found.reasons, found.reasons.percent)}")
        lines += _target(view, found)
    return Summary(lines=tuple(lines), data=data)


def _reasons(found: Agreement, percent: float) -> str:
    same = round(found.n * percent)
    text = (
        f"The same reason for {same:,} of {counted(found.n, 'exclude')} that both gave one for ({100 * percent:.1f} %"
    )
    kappa = found.kappa
    if kappa.value is None or kappa.low is None or kappa.high is None:
        return f"{text})."
    return f"{text}; Cohen's κ {kappa.value:.2f}, 95 % CI {kappa.low:.2f} to {kappa.high:.2f})."


def _target(view: StageView, found: StageAgreement) -> list[str]:
    if view.plan.agreement is None:
        return []
    state = measured(view.plan, found)
    asked = f"  The protocol asks for {100 * state.target:.0f} % equal verdicts"
    return [f"{asked}: {'reached' if state.met else 'not reached yet'}; {state}."]


def _as_dict(found: StageAgreement) -> dict[str, Any]:
    return {
        "overall": _figures(found.overall),
        "three_way": _figures(found.three_way),
        "reasons": _figures(found.reasons),
        "pairs": [_figures(pair) for pair in found.pairs],
        "rounds": {batch: _figures(one) for batch, one in found.rounds.items()},
        "fleiss": {**asdict(found.fleiss), "raters": found.fleiss_raters},
    }


def _figures(one: Agreement) -> dict[str, Any]:
    data = asdict(one)
    data["counts"] = [[first, second, count] for (first, second), count in sorted(one.counts.items())]
    return data
