"""Pooling what was extracted, where the protocol allows it: every entry is pooled or left out with a reason."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from evidence_review.commands.synthesise.pool.distributions import normal_quantile
from evidence_review.commands.synthesise.pool.effects import MEASURES, Effect, Measure, effect
from evidence_review.commands.synthesise.pool.models import Pooled, pool
from evidence_review.commands.synthesise.pool.plots import forest
from evidence_review.commands.synthesise.write import as_csv, as_markdown, slug
from evidence_review.csv_text import csv_text
from evidence_review.errors import InputError
from evidence_review.forms import estimates
from evidence_review.forms.assign import design_field
from evidence_review.forms.fault import CellFault
from evidence_review.model.synthesis import Pooling
from evidence_review.sheets import fold
from evidence_review.sheets.guard import guard
from evidence_review.state.displays import Unit, answers, units
from evidence_review.state.standing import Standing, stand
from evidence_review.state.table_parts import Row, Source, Table, source_of
from evidence_review.summary import Summary, counted
from evidence_review.workspace.transaction import encode_json
from evidence_review.workspace.workspace import Workspace

ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class Gathered:
    """The effects of one pooling, each with its study's id, and what was left out with the reason."""

    plan: Pooling
    effects: tuple[Effect, ...]
    studies: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


def pool_review(workspace: Workspace) -> Summary:
    """Pool what the protocol allows, into `reports/<review>/pooling/`.

    Raises:
        InputError: the protocol allows nothing.
    """
    snapshot = workspace.snapshot()
    plans = snapshot.protocol.synthesis.pooling
    if not plans:
        raise InputError(
            "The protocol allows no pooling. Add what may be pooled under 'synthesis.pooling', or name a table: "
            "'evidence-review synthesise pool FILE.csv --measure RR'."
        )
    for plan in plans:
        _check(plan)
    standing = stand(snapshot)
    source = source_of(snapshot, standing)
    lines: list[str] = []
    data: dict[str, Any] = {}
    rows: list[Row] = []
    notes: list[str] = []
    with workspace.transaction("synthesise-pool") as tx:
        folder = workspace.layout.reports / "pooling"
        for plan in plans:
            found = gather(source, standing, plan)
            result = _pooled(found)
            name = slug(plan.title)
            data[plan.title] = _data(found, result)
            rows.append(Row("", _row(found, result)))
            notes += [f"{plan.title}, left out: {study} ({why})." for study, why in found.left_out]
            lines += _lines(found, result)
            tx.write(folder / f"{name}.csv", _table(found))
            tx.write(folder / f"{name}.json", encode_json(data[plan.title]))
            if result is not None:
                drawn = forest(MEASURES[plan.measure], result, found.effects, {}, [], plan.title)
                tx.draw(folder / f"{name}.svg", drawn.encode("utf-8"))
        columns = ("Outcome", "Studies", "Measure and method", "Effect (95 % CI)", "τ²", "I²", "Prediction interval")
        table = Table("Pooled effects", columns, tuple(rows), tuple(notes))
        tx.write(workspace.layout.reports / "tables" / "pooled-effects.csv", as_csv(table))
        tx.write(workspace.layout.reports / "tables" / "pooled-effects.md", as_markdown(table))
        tx.counts["pooled"] = sum(one["pooled"] is not None for one in data.values())
    return Summary(tuple(lines), data)


def _check(plan: Pooling) -> None:
    """Refuse a plan whose columns do not make its measure."""
    ways = [{ESTIMATE}, *({*columns} for columns in MEASURES[plan.measure].columns)]
    if set(plan.columns) not in ways:
        shown = " or ".join(", ".join(sorted(way)) for way in ways)
        raise InputError(
            f"synthesis.pooling '{plan.title}': the columns {', '.join(plan.columns)} do not make a {plan.measure}. "
            f"It needs {shown}."
        )


def gather(source: Source, standing: Standing, plan: Pooling) -> Gathered:
    """Return the effects that a plan pools: one a study, each other entry left out with its reason."""
    measure = MEASURES[plan.measure]
    taken: dict[str, Effect] = {}
    left_out: list[tuple[str, str]] = []
    for unit in units(source, standing, plan.group):
        name = f"{unit.study.label}, {plan.group} {unit.item}"
        if not all(_matches(source, unit, plan, key, wanted) for key, wanted in plan.where.items()):
            continue
        why = _unfit(source, unit, plan) or ("a second entry of the same study" if unit.study.id in taken else "")
        if not why:
            try:
                taken[unit.study.id] = _effect(source, unit, plan, measure)
            except CellFault as fault:
                why = fault.what
        if why:
            left_out.append((name, why))
    return Gathered(plan, tuple(taken.values()), tuple(taken), tuple(left_out))


def _said(source: Source, unit: Unit, plan: Pooling, field: str) -> str:
    return "; ".join(answers(source, unit, f"{plan.group}.{field}", plan.group))


def _matches(source: Source, unit: Unit, plan: Pooling, field: str, wanted: str) -> bool:
    return fold(wanted) in [fold(one) for one in answers(source, unit, f"{plan.group}.{field}", plan.group)]


def _unfit(source: Source, unit: Unit, plan: Pooling) -> str:
    """Return why a study's design forbids pooling it; "" where nothing does."""
    field = design_field(source.snapshot.protocol)
    if not plan.designs or field is None:
        return ""
    designs = answers(source, unit, field.id, "")
    if not designs:
        return "its design is not extracted"
    allowed = {fold(one) for one in plan.designs}
    return "" if all(fold(one) in allowed for one in designs) else f"design {'; '.join(designs)}"


def _effect(source: Source, unit: Unit, plan: Pooling, measure: Measure) -> Effect:
    cells: dict[str, float] = {}
    for column, field in plan.columns.items():
        text = _said(source, unit, plan, field)
        if column == ESTIMATE:
            return _from_estimate(unit, measure, text)
        try:
            cells[column] = estimates.parts(text)[0]
        except ValueError:
            raise CellFault(f"{field} is '{text or 'empty'}'") from None
    return effect(measure, unit.study.label, cells)


def _from_estimate(unit: Unit, measure: Measure, text: str) -> Effect:
    """Return the effect of `0.63 (0.59 to 0.69)` on the scale of pooling; without a level, the interval is of 95 %."""
    try:
        point, low, high = estimates.parts(text)
    except ValueError:
        raise CellFault(f"the estimate is '{text or 'empty'}'") from None
    if low is None or high is None:
        raise CellFault(f"the estimate {text} has no interval")
    try:
        point, low, high = measure.forth(point), measure.forth(low), measure.forth(high)
    except ValueError:
        raise CellFault(f"the interval of {text} reaches what no {measure.name} does") from None
    level = estimates.confidence(text)
    error = (high - low) / (2 * normal_quantile((1 + level) / 2))
    if error <= 0:
        raise CellFault(f"the interval of {text} has no width")
    return Effect(unit.study.label, point, error**2, f"standard error from the {100 * level:g} % interval")


def _pooled(found: Gathered) -> Pooled | None:
    if len(found.effects) < found.plan.least:
        return None
    plan = found.plan
    result = pool(found.effects, plan.measure, plan.method, knapp_hartung=plan.knapp_hartung)
    left = f"Left out: {len(found.left_out)} entries." if found.left_out else ""
    return replace(result, notes=(*result.notes, left)) if left else result


def _data(found: Gathered, result: Pooled | None) -> dict[str, Any]:
    effects = [
        {"study": study, "label": one.study, "yi": one.yi, "vi": one.vi, "note": one.note}
        for study, one in zip(found.studies, found.effects, strict=True)
    ]
    left = [{"entry": entry, "why": why} for entry, why in found.left_out]
    return {"pooled": asdict(result) if result else None, "effects": effects, "left_out": left}


def _row(found: Gathered, result: Pooled | None) -> tuple[str, ...]:
    plan, measure = found.plan, MEASURES[found.plan.measure]
    how = f"{plan.measure}, {plan.method}{', Knapp-Hartung' if plan.knapp_hartung else ''}"
    if result is None:
        return (
            plan.title,
            str(len(found.effects)),
            how,
            f"not pooled: fewer than {counted(plan.least, 'study', 'studies')}",
            "–",
            "–",
            "–",
        )
    interval = result.prediction_interval
    return (
        plan.title, str(result.k), how,
        f"{measure.back(result.estimate):.2f} ({measure.back(result.ci[0]):.2f} to {measure.back(result.ci[1]):.2f})",
        f"{result.tau2:.4f}", f"{result.i2:.1f} %",
        f"{measure.back(interval[0]):.2f} to {measure.back(interval[1]):.2f}" if interval else "–",
    )  # fmt: skip


def _lines(found: Gathered, result: Pooled | None) -> list[str]:
    row = _row(found, result)
    lines = [f"{row[0]}: {row[3]}, {counted(int(row[1]), 'study', 'studies')}, {row[2]}"]
    return lines + [f"  left out: {study} ({why})" for study, why in found.left_out]


def _table(found: Gathered) -> bytes:
    """Return the effects as a table that `synthesise pool FILE --measure GEN` reads."""
    rows = [["study_id", "study", "yi", "vi"]]
    for study, one in zip(found.studies, found.effects, strict=True):
        rows.append([study, guard(one.study), repr(one.yi), repr(one.vi)])
    return csv_text(rows).encode("utf-8")
