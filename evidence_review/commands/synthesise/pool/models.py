"""Pooling: the estimate, its interval, heterogeneity and where a new study's effect would lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evidence_review.commands.synthesise.pool.distributions import (
    chi2_tail,
    normal_quantile,
    normal_tail,
    t_quantile,
    t_tail,
)
from evidence_review.commands.synthesise.pool.effects import Effect
from evidence_review.commands.synthesise.pool.heterogeneity import ESTIMATORS, Data, fit, interval
from evidence_review.errors import InputError

# A residual sum, in units of the smallest variance, that is nothing but rounding.
NOTHING = 1e-20
PREDICTIONS = ("default", "hts", "none")


@dataclass(frozen=True, slots=True)
class Pooled:
    """What pooling gives, on the analysis scale.

    `ci` and `prediction_interval` are 95 % unless `level` says otherwise; `tau2_ci` and `prediction_interval` are None
    where there is none; `q` is Cochran's with `k` − 1 degrees of freedom and `q_p` its p value; `i2` in per cent:
    τ² / (τ² + typical variance) for random effects, (Q − df) / Q for FE (as metafor has them); `weights` in per cent,
    in the order of the studies.
    """

    measure: str
    method: str
    k: int
    estimate: float
    se: float
    ci: tuple[float, float]
    p: float
    tau2: float
    tau2_ci: tuple[float, float] | None
    i2: float
    q: float
    q_p: float
    prediction_interval: tuple[float, float] | None
    prediction_method: str
    weights: tuple[float, ...]
    level: float = 0.95
    knapp_hartung: bool = False
    notes: tuple[str, ...] = ()


def pool(
    effects: Sequence[Effect], measure: str, method: str, *, knapp_hartung: bool = False, prediction: str = "default",
    level: float = 0.95,
) -> Pooled:  # fmt: skip
    """Pool effects by FE, DL, PM or REML.

    Raises:
        InputError: there is nothing to pool, or the variances are beyond what can be calculated with.
    """
    if not effects:
        raise InputError("There is no study to pool.")
    notes: list[str] = []
    if len(effects) == 1:
        notes.append("One study: its own result, nothing was pooled; heterogeneity cannot be seen.")
        method, knapp_hartung = "FE", False
    # One scale for all, so that tiny or huge variances neither underflow nor overflow.
    unit = math.sqrt(min(one.vi for one in effects))
    data = Data([one.yi / unit for one in effects], [one.vi / unit**2 for one in effects])
    try:
        tau2 = ESTIMATORS[method](data)
        result = _pooled(data, effects, measure, method, tau2, knapp_hartung, prediction, level, notes)
    except (OverflowError, ZeroDivisionError, ValueError):
        result = None
    if result is None or not all(map(math.isfinite, (result.estimate, result.se, result.tau2, result.q, *result.ci))):
        raise InputError(beyond(effects))
    return _rescaled(result, unit)


def beyond(effects: Sequence[Effect]) -> str:
    """Return the words for numbers that overflow or vanish."""
    variances, values = [one.vi for one in effects], [one.yi for one in effects]
    return (
        f"The variances lie between {min(variances):g} and {max(variances):g}, the effects between {min(values):g} and "
        f"{max(values):g}: that is beyond what can be calculated with. Check units and standard errors."
    )


def _pooled(
    data: Data, effects: Sequence[Effect], measure: str, method: str, tau2: float, knapp_hartung: bool, prediction: str,
    level: float, notes: list[str],
) -> Pooled:  # fmt: skip
    k, df = data.k, data.k - 1
    fitted = fit(data, tau2)
    estimate, se = fitted.b[0], math.sqrt(fitted.covariance[0][0])
    q = fit(data, 0.0).q
    if knapp_hartung:
        se *= math.sqrt(fitted.q / df)
        # Effects that are one number but for its last digit are identical, too.
        if fitted.q < NOTHING:
            notes.append("The effects are identical, so the Knapp-Hartung interval has no width; do not rely on it.")
        elif fitted.q < df:
            notes.append("Knapp-Hartung gives a narrower interval here than the normal one; look at both.")
        quantile = t_quantile((1 + level) / 2, df)
        p = t_tail(estimate / se, df) if se else 0.0
    else:
        quantile = normal_quantile((1 + level) / 2)
        p = normal_tail(estimate / se)
    tau2_ci = interval(data, level) if k > 1 and method != "FE" else None
    weights = [1 / (v + tau2) for v in data.v]
    corrected = [one.study for one in effects if one.note]
    if corrected:
        notes.append(f"{effects[0].note or next(one.note for one in effects if one.note)}: {', '.join(corrected)}")
    prediction_interval, named = _prediction(estimate, se, tau2, k, method, quantile, prediction, level, notes)
    return Pooled(
        measure, method, k, estimate, se, (estimate - quantile * se, estimate + quantile * se), p, tau2, tau2_ci,
        _i2(data, tau2, q, method), q, chi2_tail(q, df) if df else 1.0, prediction_interval, named,
        tuple(100 * one / math.fsum(weights) for one in weights), level, knapp_hartung, tuple(notes),
    )  # fmt: skip


def _i2(data: Data, tau2: float, q: float, method: str) -> float:
    df = data.k - 1
    if method == "FE":
        return max(0.0, 100 * (q - df) / q) if q > 0 and df else 0.0
    return 100 * tau2 / (tau2 + typical_variance(data))


def typical_variance(data: Data) -> float:
    """Return the typical within-study variance of Higgins and Thompson 2002, equation 9 (10.1002/sim.1186)."""
    fitted = fit(data, 0.0)
    return (data.k - data.p) / fitted.trace_p


def _prediction(
    estimate: float, se: float, tau2: float, k: int, method: str, quantile: float, prediction: str, level: float,
    notes: list[str],
) -> tuple[tuple[float, float] | None, str]:  # fmt: skip
    """Return the interval and its name.

    default: with the quantile of the confidence interval (normal, or t with k − 1 for Knapp-Hartung), as metafor's
    `predict`; hts: t with k − 2 (Higgins, Thompson and Spiegelhalter 2009, 10.1111/j.1467-985X.2008.00552.x).
    """
    if method == "FE" or prediction == "none":
        return None, "none: fixed effect" if method == "FE" else "none"
    name = "same quantile as the confidence interval"
    if prediction == "hts":
        if k < 3:
            notes.append("No prediction interval: t with k - 2 degrees of freedom needs three studies.")
            return None, "none"
        quantile, name = t_quantile((1 + level) / 2, k - 2), "t with k - 2 degrees of freedom"
    half = quantile * math.sqrt(se**2 + tau2)
    return (estimate - half, estimate + half), name


def _rescaled(result: Pooled, unit: float) -> Pooled:
    def both(pair: tuple[float, float] | None, factor: float) -> tuple[float, float] | None:
        return (pair[0] * factor, pair[1] * factor) if pair else None

    return replace(
        result,
        estimate=result.estimate * unit,
        se=result.se * unit,
        ci=(result.ci[0] * unit, result.ci[1] * unit),
        tau2=result.tau2 * unit**2,
        tau2_ci=both(result.tau2_ci, unit**2),
        prediction_interval=both(result.prediction_interval, unit),
    )
