"""`synthesise pool`: pool a table of studies; no review folder is needed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evidence_review.commands.synthesise.pool import counts, extras, plots
from evidence_review.commands.synthesise.pool.distributions import normal_quantile, normal_tail
from evidence_review.commands.synthesise.pool.effects import MEASURES, Measure
from evidence_review.commands.synthesise.pool.models import Pooled, pool
from evidence_review.commands.synthesise.pool.table import Studies, read_studies
from evidence_review.errors import InputError, UsageError
from evidence_review.summary import Summary, counted

METHODS = ("FE", "DL", "PM", "REML", "MH", "PETO")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. `by` is the column of subgroups, `covariate` that of a regression."""

    path: Path
    measure: str
    method: str
    knapp_hartung: bool = False
    prediction: str = "default"
    by: str = ""
    covariate: str = ""
    leave_one_out: bool = False
    egger: bool = False
    forest: Path | None = None
    funnel: Path | None = None


def run(request: Request) -> Summary:
    """Pool the studies of a table.

    Raises:
        SheetError: the table has problems; all are named.
        InputError: the numbers cannot be pooled.
        UsageError: the options do not go together.
    """
    measure = MEASURES[request.measure]
    _fitting(request)
    studies = read_studies(request.path, measure, request.covariate, request.by)
    if request.method in ("MH", "PETO") and "ai" not in studies.columns:
        raise UsageError(f"{request.method} pools counts: the table needs ai,bi,ci,di. Estimates go with FE or REML.")
    pooled = _pool(request, studies)
    pooled = replace(pooled, notes=(*pooled.notes, *studies.notes))
    data, lines = _data(pooled, measure, studies), _lines(pooled, measure)
    groups = _groups(request, studies)
    for part in (_subgroups(groups, measure), _without_each(request, studies, measure), _line(request, studies),
                 _egger(request, studies)):  # fmt: skip
        data |= part.data
        lines += part.lines
    if request.forest is not None:
        members = [one.extra[request.by].strip() for one in studies.effects] if groups else []
        drawn = plots.forest(measure, pooled, studies.effects, groups.groups if groups else {}, members)
        plots.write(request.forest, drawn)
        lines.append(str(request.forest))
    if request.funnel is not None:
        plots.write(request.funnel, plots.funnel_plot(measure, pooled, studies.effects))
        lines.append(str(request.funnel))
    return Summary(tuple(lines), data)


def _method(request: Request) -> str:
    """Return the method for what is looked into beside the pooling: counts pooled directly have none of their own."""
    return "FE" if request.method in ("MH", "PETO") else request.method


def _groups(request: Request, studies: Studies) -> extras.Subgroups | None:
    if not request.by:
        return None
    members = [one.extra[request.by].strip() for one in studies.effects]
    kh = request.knapp_hartung
    return extras.subgroups(studies.effects, members, request.measure, _method(request), knapp_hartung=kh)


def _subgroups(found: extras.Subgroups | None, measure: Measure) -> Summary:
    if found is None:
        return Summary()
    lines = [
        f"  {name}: {_shown(one, measure)}, {counted(one.k, 'study', 'studies')}" for name, one in found.groups.items()
    ]
    lines.append(f"  difference between subgroups: Q {found.q_between:.2f}, df {found.df}, p {_p(found.p)}")
    data = {
        "subgroups": {name: _data(one, measure) for name, one in found.groups.items()},
        "subgroup_difference": {"q": found.q_between, "df": found.df, "p": found.p},
    }
    return Summary(tuple(lines), data)


def _without_each(request: Request, studies: Studies, measure: Measure) -> Summary:
    if not request.leave_one_out:
        return Summary()
    kh = request.knapp_hartung
    found = extras.leave_one_out(studies.effects, measure.id, _method(request), knapp_hartung=kh)
    lines = tuple(f"  without {name}: {_shown(one, measure)}" for name, one in found.items())
    return Summary(lines, {"leave_one_out": {name: _data(one, measure) for name, one in found.items()}})


def _line(request: Request, studies: Studies) -> Summary:
    if not request.covariate:
        return Summary()
    values = [cells[request.covariate] for cells in studies.cells]
    found = extras.regression(studies.effects, values, _method(request), knapp_hartung=request.knapp_hartung)
    slope = found.slope
    words = (
        f"  {request.covariate}: slope {slope[0]:.4f} ({slope[3]:.4f} to {slope[4]:.4f}), p {_p(slope[2])}, "
        f"remaining τ² {found.tau2:.4f}"
    )
    data = {
        "covariate": request.covariate, "intercept": _coefficient(found.intercept), "slope": _coefficient(slope),
        "tau2": found.tau2, "q": found.q_residual, "q_p": found.q_residual_p,
    }  # fmt: skip
    return Summary((words,), {"regression": data})


def _egger(request: Request, studies: Studies) -> Summary:
    if not request.egger:
        return Summary()
    test = extras.egger(studies.effects)
    words = f"  Egger's test: t {test.t:.4f}, df {test.df}, p {_p(test.p)}"
    data = {"t": test.t, "df": test.df, "p": test.p, "limit": test.limit, "notes": list(test.notes)}
    return Summary((words, *(f"  {note}" for note in test.notes)), {"egger": data})


def _fitting(request: Request) -> None:
    if request.method == "PETO" and request.measure != "OR":
        raise UsageError("Peto's method is for odds ratios: use '--measure OR'.")
    if request.method == "MH" and request.measure not in ("RR", "OR", "RD"):
        raise UsageError("Mantel-Haenszel is for '--measure RR', OR or RD.")
    if request.knapp_hartung and request.method not in ("DL", "PM", "REML"):
        raise UsageError("'--knapp-hartung' goes with random effects: DL, PM or REML.")


def _pool(request: Request, studies: Studies) -> Pooled:
    if request.method not in ("MH", "PETO"):
        return pool(
            studies.effects, request.measure, request.method, knapp_hartung=request.knapp_hartung,
            prediction=request.prediction,
        )  # fmt: skip
    estimate, se = (
        counts.peto(studies.cells)
        if request.method == "PETO"
        else counts.mantel_haenszel(request.measure, studies.cells)
    )
    if se == 0:
        raise InputError(
            f"{request.method} gives no {request.measure} with an error: no group has people with and "
            "without the event."
        )
    # Heterogeneity is that of the inverse-variance model; the estimate and its error are the method's own.
    inverse = pool(studies.effects, request.measure, "FE")
    half = normal_quantile(0.975) * se
    notes = tuple(note for note in inverse.notes if "half a unit" not in note)
    return replace(
        inverse, method=request.method, estimate=estimate, se=se, ci=(estimate - half, estimate + half),
        p=normal_tail(estimate / se), weights=counts.weights(request.method, request.measure, studies.cells),
        notes=notes,
    )  # fmt: skip


def _data(pooled: Pooled, measure: Measure, studies: Studies | None = None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "measure": measure.id,
        "method": pooled.method,
        "knapp_hartung": pooled.knapp_hartung,
        "scale": f"log {measure.name}" if measure.ratio else measure.name,
        "k": pooled.k,
        "estimate": pooled.estimate,
        "se": pooled.se,
        "ci": list(pooled.ci),
        "p": pooled.p,
        "tau2": pooled.tau2,
        "tau2_ci": list(pooled.tau2_ci) if pooled.tau2_ci else None,
        "i2": pooled.i2,
        "q": pooled.q,
        "q_p": pooled.q_p,
        "prediction_interval": list(pooled.prediction_interval) if pooled.prediction_interval else None,
        "prediction_method": pooled.prediction_method,
        "back": {
            "estimate": _finite(measure.back(pooled.estimate)),
            "ci": [_finite(measure.back(one)) for one in pooled.ci],
        },
        "notes": list(pooled.notes),
    }
    if studies is not None:
        data["studies"] = [
            {"study": one.study, "yi": one.yi, "vi": one.vi, "weight": weight, "note": one.note}
            for one, weight in zip(studies.effects, pooled.weights, strict=True)
        ]
    return data


def _finite(value: float) -> float | None:
    """Return a number that JSON can hold, None where it has none."""
    return value if math.isfinite(value) else None


def _coefficient(line: tuple[float, float, float, float, float]) -> Mapping[str, Any]:
    return {"estimate": line[0], "se": line[1], "p": line[2], "ci": [line[3], line[4]]}


def _shown(pooled: Pooled, measure: Measure) -> str:
    low, high = pooled.ci
    return f"{measure.back(pooled.estimate):.4f} (95 % CI {measure.back(low):.4f} to {measure.back(high):.4f})"


def _p(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def _lines(pooled: Pooled, measure: Measure) -> list[str]:
    kh = " with Knapp-Hartung interval" if pooled.knapp_hartung else ""
    lines = [f"{measure.name}, {counted(pooled.k, 'study', 'studies')}, {pooled.method}{kh}: "
             f"{_shown(pooled, measure)}"]  # fmt: skip
    if measure.back is not float:
        lines.append(f"  on the analysis scale: {pooled.estimate:.4f}, SE {pooled.se:.4f}, "
                     f"{pooled.ci[0]:.4f} to {pooled.ci[1]:.4f}")  # fmt: skip
    between = f" ({pooled.tau2_ci[0]:.4f} to {pooled.tau2_ci[1]:.4f})" if pooled.tau2_ci else ""
    lines.append(f"  τ² {pooled.tau2:.4f}{between}, I² {pooled.i2:.2f} %, Q {pooled.q:.4f}, p {_p(pooled.q_p)}")
    if pooled.prediction_interval:
        low, high = pooled.prediction_interval
        lines.append(
            f"  prediction interval {measure.back(low):.4f} to {measure.back(high):.4f} ({pooled.prediction_method})"
        )
    return [*lines, *(f"  {note}" for note in pooled.notes)]
