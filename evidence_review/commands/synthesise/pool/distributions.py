"""Distribution functions and quantiles of t, χ² and the normal, to about 12 digits, from the standard library alone.

Continued fractions and series for the incomplete beta and gamma functions: Press et al., Numerical Recipes, chapter 6
(the formulas are those of Abramowitz and Stegun 6.5.29, 6.5.31 and 26.5.8).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

_STEPS = 10_000
_TINY = 1e-300
_EXACT = 1e-16


def normal_quantile(p: float) -> float:
    """Return z with P(Z ≤ z) = p."""
    return NormalDist().inv_cdf(p)


def normal_tail(z: float) -> float:
    """Return P(|Z| ≥ |z|)."""
    return math.erfc(abs(z) / math.sqrt(2))


def t_cdf(t: float, df: float) -> float:
    """Return P(T ≤ t) for Student's t with `df` degrees of freedom."""
    tail = 0.5 * _beta_regularised(df / (df + t * t), df / 2, 0.5)
    return 1 - tail if t > 0 else tail


def t_tail(t: float, df: float) -> float:
    """Return P(|T| ≥ |t|)."""
    return _beta_regularised(df / (df + t * t), df / 2, 0.5)


def t_quantile(p: float, df: float) -> float:
    """Return t with P(T ≤ t) = p."""
    if p == 0.5:
        return 0.0
    if p < 0.5:
        return -t_quantile(1 - p, df)
    return _invert(lambda t: t_cdf(t, df), p)


def chi2_cdf(x: float, df: float) -> float:
    """Return P(X ≤ x) for χ² with `df` degrees of freedom."""
    return 1 - chi2_tail(x, df)


def chi2_tail(x: float, df: float) -> float:
    """Return P(X ≥ x)."""
    if x <= 0:
        return 1.0
    a, half = df / 2, x / 2
    return 1 - _gamma_series(a, half) if half < a + 1 else _gamma_fraction(a, half)


def chi2_quantile(p: float, df: float) -> float:
    """Return x with P(X ≤ x) = p."""
    return _invert(lambda x: chi2_cdf(x, df), p)


def _invert(cdf: Callable[[float], float], p: float) -> float:
    """Return the positive x at which an increasing distribution function reaches p, by halving."""
    low, high = 0.0, 1.0
    while cdf(high) < p and high < 1e12:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if cdf(middle) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _gamma_series(a: float, x: float) -> float:
    term = total = 1 / a
    for n in range(1, _STEPS):
        term *= x / (a + n)
        total += term
        if abs(term) < abs(total) * _EXACT:
            break
    return total * math.exp(-x + a * math.log(x) - math.lgamma(a))


def _gamma_fraction(a: float, x: float) -> float:
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    h = d
    for n in range(1, _STEPS):
        step = -n * (n - a)
        b += 2
        d = 1 / _away(step * d + b)
        c = _away(b + step / c)
        h *= d * c
        if abs(d * c - 1) < _EXACT:
            break
    return math.exp(-x + a * math.log(x) - math.lgamma(a)) * h


def _beta_regularised(x: float, a: float, b: float) -> float:
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(x, a, b) / a
    return 1 - front * _beta_fraction(1 - x, b, a) / b


def _beta_fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    h = d
    for m in range(1, _STEPS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + step * d)
            c = _away(1 + step / c)
            h *= d * c
        if abs(d * c - 1) < _EXACT:
            break
    return h


def _away(value: float) -> float:
    """Keep a denominator off zero (Lentz's method)."""
    return value if abs(value) > _TINY else _TINY
