"""τ², the variance between studies, and its interval.

DL: DerSimonian and Laird 1986; PM: Paule and Mandel 1982; REML: restricted maximum likelihood; interval by the
Q-profile (Viechtbauer 2007, 10.1002/sim.2514). All for a weighted regression on one or two columns, of which the plain
model has one, a constant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from types import MappingProxyType

from evidence_review.commands.synthesise.pool.distributions import chi2_quantile

_HALVINGS = 200


@dataclass(frozen=True, slots=True)
class Data:
    """Effects `y` with variances `v`, and a covariate `x` where there is a regression."""

    y: Sequence[float]
    v: Sequence[float]
    x: Sequence[float] | None = None

    @property
    def k(self) -> int:
        """The number of studies."""
        return len(self.y)

    @property
    def p(self) -> int:
        """The number of coefficients."""
        return 1 if self.x is None else 2


@dataclass(frozen=True, slots=True)
class Fit:
    """A weighted regression: coefficients, their covariance given the weights, residual sum Q, log det of X'WX."""

    b: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    q: float
    logdet: float
    trace_w: float
    trace_ww: float
    trace_p: float


def fit(data: Data, tau2: float) -> Fit:
    """Fit with weights 1 / (v + τ²). `trace_p` is the trace of P = W − WX(X'WX)⁻¹X'W."""
    w = [1 / (v + tau2) for v in data.v]
    s = math.fsum(w)
    if data.x is None:
        mean = math.fsum(a * b for a, b in zip(w, data.y, strict=True)) / s
        q = math.fsum(a * (b - mean) ** 2 for a, b in zip(w, data.y, strict=True))
        ww = math.fsum(a * a for a in w)
        return Fit((mean,), ((1 / s,),), q, math.log(s), s, ww, _trace(w, s))
    # Centred on the weighted mean of x, the two columns are orthogonal.
    centre = math.fsum(a * b for a, b in zip(w, data.x, strict=True)) / s
    x = [one - centre for one in data.x]
    sxx = math.fsum(a * b * b for a, b in zip(w, x, strict=True))
    mean = math.fsum(a * b for a, b in zip(w, data.y, strict=True)) / s
    slope = math.fsum(a * b * c for a, b, c in zip(w, x, data.y, strict=True)) / sxx
    q = math.fsum(a * (c - mean - slope * b) ** 2 for a, b, c in zip(w, x, data.y, strict=True))
    ww = math.fsum(a * a for a in w)
    wwxx = math.fsum(a * a * b * b for a, b in zip(w, x, strict=True))
    covariance = ((1 / s + centre**2 / sxx, -centre / sxx), (-centre / sxx, 1 / sxx))
    return Fit(
        (mean - slope * centre, slope), covariance, q, math.log(s) + math.log(sxx), s, ww, s - ww / s - wwxx / sxx
    )


def _trace(w: Sequence[float], s: float) -> float:
    """Return s − Σw²/s, summed so that one weight far above the others does not swallow them."""
    before = [0.0, *accumulate(w)]
    after = [0.0, *accumulate(reversed(w))]
    others = (before[place] + after[len(w) - 1 - place] for place in range(len(w)))
    return math.fsum(one * rest for one, rest in zip(w, others, strict=True)) / s


def none(data: Data) -> float:
    """Return 0: the fixed-effect model."""
    return 0.0


def dersimonian_laird(data: Data) -> float:
    """Return the moment estimator, 0 where it would be negative."""
    fitted = fit(data, 0.0)
    return max(0.0, (fitted.q - (data.k - data.p)) / fitted.trace_p)


def paule_mandel(data: Data) -> float:
    """Return the τ² at which Q equals its degrees of freedom, 0 where Q is below them already."""
    return _solve(data, data.k - data.p)


def restricted_likelihood(data: Data) -> float:
    """Return the τ² ≥ 0 with the highest restricted likelihood.

    A coarse grid finds the hill (there may be several), halving its top: so no start value decides.
    """
    spread = max(data.y) - min(data.y)
    top = max(spread**2, max(data.v), dersimonian_laird(data)) * 4
    low = min(data.v) * 1e-6
    steps = 240
    ratio = math.log(top / low)
    grid = [0.0, *(low * math.exp(ratio * step / steps) for step in range(steps + 1))]
    heights = [_likelihood(data, one) for one in grid]
    best = max(range(len(grid)), key=heights.__getitem__)
    if best == 0 and _slope(data, 0.0) <= 0:
        return 0.0
    below, above = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if middle in (below, above):
            break
        if _slope(data, middle) > 0:
            below = middle
        else:
            above = middle
    return (below + above) / 2


def _likelihood(data: Data, tau2: float) -> float:
    fitted = fit(data, tau2)
    return -0.5 * (math.fsum(math.log(v + tau2) for v in data.v) + fitted.logdet + fitted.q)


def _slope(data: Data, tau2: float) -> float:
    """Return the sign-giving part of the derivative of the restricted likelihood: y'PPy − tr(P)."""
    fitted = fit(data, tau2)
    x = data.x or [0.0] * data.k
    slope = fitted.b[1] if data.p == 2 else 0.0
    residuals = [y - fitted.b[0] - slope * one for y, one in zip(data.y, x, strict=True)]
    return math.fsum((r / (v + tau2)) ** 2 for r, v in zip(residuals, data.v, strict=True)) - fitted.trace_p


def interval(data: Data, level: float = 0.95) -> tuple[float, float]:
    """Return the Q-profile interval of τ²; a limit is 0 where Q lies below its quantile already at 0."""
    df = data.k - data.p
    return (
        _solve(data, chi2_quantile((1 + level) / 2, df)),
        _solve(data, chi2_quantile((1 - level) / 2, df)),
    )


def _solve(data: Data, wanted: float) -> float:
    """Return the τ² at which Q, which falls with τ², is `wanted`; 0 where it is below from the start."""
    if fit(data, 0.0).q <= wanted:
        return 0.0
    low, high = 0.0, max(min(data.v), 1e-12)
    while fit(data, high).q > wanted:
        low, high = high, high * 2
        if not math.isfinite(high):
            raise OverflowError("τ² has no bound")
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if fit(data, middle).q > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


ESTIMATORS: Mapping[str, Callable[[Data], float]] = MappingProxyType(
    {"FE": none, "DL": dersimonian_laird, "PM": paule_mandel, "REML": restricted_likelihood}
)
