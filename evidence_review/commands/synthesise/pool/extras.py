"""Looking into heterogeneity: subgroups, leave-one-out, a regression on one covariate, and Egger's test."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evidence_review.commands.synthesise.pool.distributions import (
    chi2_tail,
    normal_quantile,
    normal_tail,
    t_quantile,
    t_tail,
)
from evidence_review.commands.synthesise.pool.effects import Effect
from evidence_review.commands.synthesise.pool.heterogeneity import ESTIMATORS, Data, fit
from evidence_review.commands.synthesise.pool.models import NOTHING, Pooled, beyond, pool
from evidence_review.errors import InputError


@dataclass(frozen=True, slots=True)
class Subgroups:
    """Each group pooled on its own, and the test that they differ (`q_between` with `df` degrees of freedom)."""

    groups: dict[str, Pooled]
    q_between: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class Regression:
    """A line through the effects: (estimate, SE, p, low, high) of intercept and slope; the τ² that remains."""

    intercept: tuple[float, float, float, float, float]
    slope: tuple[float, float, float, float, float]
    tau2: float
    q_residual: float
    q_residual_p: float
    k: int


@dataclass(frozen=True, slots=True)
class Egger:
    """Egger's regression of effects on their standard errors, with a multiplicative residual variance."""

    t: float
    df: int
    p: float
    limit: float
    notes: tuple[str, ...] = ()


def subgroups(
    effects: Sequence[Effect], groups: Sequence[str], measure: str, method: str, *, knapp_hartung: bool = False
) -> Subgroups:
    """Pool each group with a τ² of its own, and compare the groups' estimates.

    Raises:
        InputError: a group's interval has no width, so that it cannot be compared.
    """
    members: dict[str, list[Effect]] = {}
    for one, group in zip(effects, groups, strict=True):
        members.setdefault(group, []).append(one)
    pooled = {
        group: pool(found, measure, method, knapp_hartung=knapp_hartung) for group, found in sorted(members.items())
    }
    if len(pooled) < 2:
        return Subgroups(pooled, 0.0, 0, 1.0)
    least = min(one.vi for one in effects)
    flat = [group for group, one in pooled.items() if one.se**2 <= NOTHING * least]
    if flat:
        raise InputError(
            f"The effects in {', '.join(flat)} are identical, so the Knapp-Hartung interval has no width there and the "
            "subgroups cannot be compared. Leave '--knapp-hartung' out."
        )
    between = Data([one.estimate for one in pooled.values()], [one.se**2 for one in pooled.values()])
    q, df = fit(between, 0.0).q, len(pooled) - 1
    return Subgroups(pooled, q, df, chi2_tail(q, df))


def leave_one_out(
    effects: Sequence[Effect], measure: str, method: str, *, knapp_hartung: bool = False
) -> dict[str, Pooled]:
    """Pool again without each study in turn; keyed by the study left out, with its row where two share a name."""
    if len(effects) < 2:
        return {}
    names = Counter(one.study for one in effects)
    return {
        (one.study if names[one.study] == 1 else f"{one.study} (row {one.row})"): pool(
            [other for other in effects if other is not one], measure, method, knapp_hartung=knapp_hartung
        )
        for one in effects
    }


def regression(
    effects: Sequence[Effect], covariate: Sequence[float], method: str, *, knapp_hartung: bool = False,
    level: float = 0.95,
) -> Regression:  # fmt: skip
    """Regress effects on one covariate, in a mixed-effects model.

    Raises:
        InputError: fewer than three studies, a covariate that is the same in all, effects that lie on a line where
            the interval is by Knapp and Hartung, or numbers beyond what can be calculated with.
    """
    if len(effects) < 3:
        raise InputError(f"A regression needs three studies; there are {len(effects)}.")
    if min(covariate) == max(covariate):
        raise InputError("The covariate is the same in all studies, so nothing can be regressed on it.")
    try:
        found = _regressed(effects, covariate, method, level, knapp_hartung=knapp_hartung)
    except (OverflowError, ZeroDivisionError, ValueError):
        found = None
    if found is None or not all(map(math.isfinite, (*found.intercept, *found.slope, found.tau2, found.q_residual))):
        raise InputError(f"{beyond(effects)} The covariate lies between {min(covariate):g} and {max(covariate):g}.")
    return found


def _regressed(
    effects: Sequence[Effect], covariate: Sequence[float], method: str, level: float, *, knapp_hartung: bool
) -> Regression:
    # In units of the smallest standard error and of the largest value, nothing overflows that need not.
    unit, most = math.sqrt(min(one.vi for one in effects)), max(map(abs, covariate))
    data = Data(
        [one.yi / unit for one in effects], [one.vi / unit**2 for one in effects], [one / most for one in covariate]
    )
    tau2 = ESTIMATORS[method](data)
    fitted = fit(data, tau2)
    df = data.k - data.p
    if knapp_hartung and fitted.q < NOTHING:
        raise InputError(
            "The effects lie on a line without any scatter, so the Knapp-Hartung interval has no width. Leave "
            "'--knapp-hartung' out."
        )
    scale = fitted.q / df if knapp_hartung else 1.0
    quantile = t_quantile((1 + level) / 2, df) if knapp_hartung else normal_quantile((1 + level) / 2)

    def line(place: int) -> tuple[float, float, float, float, float]:
        per = unit / most if place else unit
        b, se = fitted.b[place] * per, math.sqrt(fitted.covariance[place][place] * scale) * per
        p = t_tail(b / se, df) if knapp_hartung else normal_tail(b / se)
        return b, se, p, b - quantile * se, b + quantile * se

    q = fit(data, 0.0).q
    return Regression(line(0), line(1), tau2 * unit**2, q, chi2_tail(q, df), data.k)


def egger(effects: Sequence[Effect]) -> Egger:
    """Return Egger's test (Egger et al. 1997, 10.1136/bmj.315.7109.629).

    Raises:
        InputError: fewer than three studies, or standard errors that are all the same.
    """
    if len(effects) < 3:
        raise InputError(f"Egger's test needs three studies; there are {len(effects)}.")
    errors = [math.sqrt(one.vi) for one in effects]
    if max(errors) - min(errors) <= 1e-12 * max(errors):
        raise InputError("The standard errors are all the same, so Egger's test says nothing.")
    data = Data([one.yi for one in effects], [one.vi for one in effects], errors)
    fitted = fit(data, 0.0)
    df = data.k - 2
    scale = fitted.q / df
    notes = ["Fewer than ten studies: the test has little power."] if data.k < 10 else []
    se = math.sqrt(fitted.covariance[1][1] * scale)
    if se == 0:
        raise InputError("The effects lie on a line without any scatter, so Egger's test says nothing.")
    t = fitted.b[1] / se
    return Egger(t, df, t_tail(t, df), fitted.b[0], tuple(notes))
