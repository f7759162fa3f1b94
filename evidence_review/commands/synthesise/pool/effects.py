"""An effect and its sampling variance from what a study reports, on the scale on which studies are pooled.

Formulas and conventions are those of metafor's `escalc` (Viechtbauer 2010, 10.18637/jss.v036.i03): half a unit is added
to each cell of a table that has an empty one; the standardised difference is Hedges' g with the exact correction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from evidence_review.commands.synthesise.pool.distributions import normal_quantile
from evidence_review.forms.fault import CellFault
from evidence_review.model.synthesis import MEASURES as NAMES


@dataclass(frozen=True, slots=True)
class Effect:
    """A study's effect `yi` with its variance `vi`.

    `note` says what was done to get them; `row` is that of the sheet and `extra` its other columns.
    """

    study: str
    yi: float
    vi: float
    note: str = ""
    row: int = 0
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measure:
    """How an effect is made. `columns` are alternatives: the first whose columns are all there is read.

    `ratio` says that the pooling scale is logarithmic; `back` turns a value of that scale into the reader's and
    `forth` a reader's value into that scale (ValueError where there is none). `none` is the value on the pooling scale
    at which there is no effect, None for what is no comparison.
    """

    id: str
    name: str
    columns: tuple[tuple[str, ...], ...]
    compute: Callable[[Mapping[str, float]], tuple[float, float, str]]
    ratio: bool = False
    back: Callable[[float], float] = float
    forth: Callable[[float], float] = float
    none: float | None = 0.0


def _table(cells: Mapping[str, float]) -> tuple[float, float, float, float, str]:
    a, c = cells["ai"], cells["ci"]
    b = cells["bi"] if "bi" in cells else cells["n1i"] - a
    d = cells["di"] if "di" in cells else cells["n2i"] - c
    for name, value in (("ai", a), ("bi", b), ("ci", c), ("di", d)):
        if value < 0:
            raise CellFault(f"{name} is {value:g}, below 0", "Counts are 0 or more; events cannot exceed participants.")
    if a + b == 0 or c + d == 0:
        raise CellFault("a group has no participants", "Leave the study out, or correct its counts.")
    if 0 in (a, b, c, d):
        return a + 0.5, b + 0.5, c + 0.5, d + 0.5, "half a unit added to each cell"
    return a, b, c, d, ""


def _risk_ratio(cells: Mapping[str, float]) -> tuple[float, float, str]:
    a, b, c, d, note = _table(cells)
    return math.log(a / (a + b)) - math.log(c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d), note


def _odds_ratio(cells: Mapping[str, float]) -> tuple[float, float, str]:
    a, b, c, d, note = _table(cells)
    return math.log(a) + math.log(d) - math.log(b) - math.log(c), 1 / a + 1 / b + 1 / c + 1 / d, note


def _risk_difference(cells: Mapping[str, float]) -> tuple[float, float, str]:
    a, b, c, d, note = _table(cells)
    return a / (a + b) - c / (c + d), a * b / (a + b) ** 3 + c * d / (c + d) ** 3, note


def _sizes(cells: Mapping[str, float]) -> tuple[float, float]:
    for name in ("n1", "n2"):
        if cells[name] < 2:
            raise CellFault(
                f"{name} is {cells[name]:g}", "A mean with a standard deviation needs two participants or more."
            )
    for name in ("sd1", "sd2"):
        if cells[name] < 0:
            raise CellFault(f"{name} is {cells[name]:g}, below 0", "A standard deviation is 0 or more.")
    return cells["n1"], cells["n2"]


def _from_medians(cells: Mapping[str, float]) -> tuple[dict[str, float], str]:
    """Return means and standard deviations; estimated where medians with quartiles or with the range are given.

    Mean: Luo et al. 2018 (10.1177/0962280216669183); standard deviation: Wan et al. 2014 (10.1186/1471-2288-14-135).
    Both take the values to be nearly normal.
    """
    if "m1" in cells:
        return dict(cells), ""
    quartiles = "lq1" in cells
    ends, what = (("lq", "uq"), "quartiles") if quartiles else (("min", "max"), "range")
    found = dict(cells)
    for group in ("1", "2"):
        low, median, high, n = (cells[f"{name}{group}"] for name in (ends[0], "med", ends[1], "n"))
        if not low <= median <= high or low == high:
            names = f"{ends[0]}{group}, med{group}, {ends[1]}{group}"
            raise CellFault(f"{names} do not increase", f"Correct the median and its {what}.")
        if n < 2:
            raise CellFault(f"n{group} is {n:g}", f"A median with its {what} needs two participants or more.")
        weight = 0.7 + 0.39 / n if quartiles else 4 / (4 + n**0.75)
        place = (0.75 * n - 0.125) / (n + 0.25) if quartiles else (n - 0.375) / (n + 0.25)
        found[f"m{group}"] = weight * (low + high) / 2 + (1 - weight) * median
        found[f"sd{group}"] = (high - low) / (2 * normal_quantile(place))
    return found, f"mean and standard deviation estimated from median and {what}"


def _mean_difference(cells: Mapping[str, float]) -> tuple[float, float, str]:
    cells, note = _from_medians(cells)
    n1, n2 = _sizes(cells)
    return cells["m1"] - cells["m2"], cells["sd1"] ** 2 / n1 + cells["sd2"] ** 2 / n2, note


def _hedges(cells: Mapping[str, float]) -> tuple[float, float, str]:
    cells, note = _from_medians(cells)
    n1, n2 = _sizes(cells)
    df = n1 + n2 - 2
    pooled = math.sqrt(((n1 - 1) * cells["sd1"] ** 2 + (n2 - 1) * cells["sd2"] ** 2) / df)
    if pooled == 0:
        raise CellFault("both standard deviations are 0", "A standardised difference cannot be made; use MD.")
    correction = math.exp(math.lgamma(df / 2) - math.log(math.sqrt(df / 2)) - math.lgamma((df - 1) / 2))
    g = correction * (cells["m1"] - cells["m2"]) / pooled
    return g, 1 / n1 + 1 / n2 + g * g / (2 * (n1 + n2)), note


def _general(cells: Mapping[str, float]) -> tuple[float, float, str]:
    if "sei" in cells:
        if cells["sei"] <= 0:
            raise CellFault(f"sei is {cells['sei']:g}", "A standard error lies above 0.")
        return cells["yi"], cells["sei"] ** 2, ""
    if "vi" in cells:
        return cells["yi"], cells["vi"], ""
    if cells["upper"] <= cells["lower"]:
        raise CellFault("the upper limit does not lie above the lower", "Exchange or correct them.")
    if not cells["lower"] <= cells["yi"] <= cells["upper"]:
        raise CellFault("yi lies outside its own interval", "Give all three on one scale: logarithms for ratios.")
    # Of a 95 % interval: Cochrane Handbook 6.3.1.
    width = 2 * 1.959963984540054
    return cells["yi"], ((cells["upper"] - cells["lower"]) / width) ** 2, "standard error from the 95 % interval"


def _logit_proportion(cells: Mapping[str, float]) -> tuple[float, float, str]:
    x, n, note = cells["xi"], cells["ni"], ""
    if not 0 <= x <= n or n <= 0:
        raise CellFault(f"{x:g} of {n:g} is no proportion", "xi lies between 0 and ni.")
    if x in (0, n):
        x, n, note = x + 0.5, n + 1, "half a unit added to events and non-events"
    return math.log(x / (n - x)), 1 / x + 1 / (n - x), note


def _log_rate(cells: Mapping[str, float]) -> tuple[float, float, str]:
    x, t, note = cells["xi"], cells["ti"], ""
    if x < 0 or t <= 0:
        raise CellFault("events must be 0 or more and time above 0", "Correct xi, ti.")
    if x == 0:
        x, note = 0.5, "half an event added"
    return math.log(x / t), 1 / x, note


def _rate_ratio(cells: Mapping[str, float]) -> tuple[float, float, str]:
    x1, t1, x2, t2 = (cells[name] for name in ("x1i", "t1i", "x2i", "t2i"))
    if min(x1, x2) < 0 or min(t1, t2) <= 0:
        raise CellFault("events must be 0 or more and times above 0", "Correct x1i, t1i, x2i, t2i.")
    note = ""
    if 0 in (x1, x2):
        x1, x2, note = x1 + 0.5, x2 + 0.5, "half an event added to both groups"
    return math.log(x1 / t1) - math.log(x2 / t2), 1 / x1 + 1 / x2, note


def _correlation(cells: Mapping[str, float]) -> tuple[float, float, str]:
    r, n = cells["ri"], cells["ni"]
    if not -1 < r < 1:
        raise CellFault(f"{r:g} is no correlation that can be transformed", "It lies between -1 and 1.")
    if n <= 3:
        raise CellFault(f"ni is {n:g}", "Fisher's transformation needs four participants or more.")
    return math.atanh(r), 1 / (n - 3), ""


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def _logit(value: float) -> float:
    if not 0 < value < 1:
        raise ValueError("a proportion lies between 0 and 1")
    return math.log(value / (1 - value))


def _exp(value: float) -> float:
    return math.exp(value) if value < 709 else math.inf


_GIVEN = (("yi", "sei"), ("yi", "vi"))
_COUNTS = (("ai", "bi", "ci", "di"), ("ai", "n1i", "ci", "n2i"), *_GIVEN)
_MEANS = (
    ("m1", "sd1", "n1", "m2", "sd2", "n2"),
    ("lq1", "med1", "uq1", "n1", "lq2", "med2", "uq2", "n2"),
    ("min1", "med1", "max1", "n1", "min2", "med2", "max2", "n2"),
    *_GIVEN,
)
_ESTIMATES = (*_GIVEN, ("yi", "lower", "upper"))

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        measure.id: measure
        for measure in (
            Measure("RR", NAMES["RR"], _COUNTS, _risk_ratio, True, _exp, math.log),
            Measure("OR", NAMES["OR"], _COUNTS, _odds_ratio, True, _exp, math.log),
            Measure("RD", NAMES["RD"], _COUNTS, _risk_difference),
            Measure("MD", NAMES["MD"], _MEANS, _mean_difference),
            Measure("SMD", NAMES["SMD"], _MEANS, _hedges),
            Measure("GEN", NAMES["GEN"], _ESTIMATES, _general),
            Measure("PLO", NAMES["PLO"], (("xi", "ni"), *_GIVEN), _logit_proportion, False, _expit, _logit, None),
            Measure("IRLN", NAMES["IRLN"], (("xi", "ti"), *_GIVEN), _log_rate, True, _exp, math.log, None),
            Measure("IRR", NAMES["IRR"], (("x1i", "t1i", "x2i", "t2i"), *_GIVEN), _rate_ratio, True, _exp, math.log),
            Measure("ZCOR", NAMES["ZCOR"], (("ri", "ni"), *_GIVEN), _correlation, False, math.tanh, math.atanh),
        )
    }
)


def effect(measure: Measure, study: str, cells: Mapping[str, float], row: int = 0) -> Effect:
    """Return a study's effect; one that is given as `yi` is taken as it is, on the pooling scale.

    Raises:
        CellFault: the numbers give none, or one without a variance above 0.
    """
    yi, vi, note = (_general if "yi" in cells else measure.compute)(cells)
    if not (math.isfinite(yi) and math.isfinite(vi)):
        raise CellFault("the numbers are too large or too small to calculate with", "Check their units.")
    if vi <= 0:
        raise CellFault("the variance is 0, so the study would outweigh all others", "Give a standard error above 0.")
    return Effect(study, yi, vi, note, row)
