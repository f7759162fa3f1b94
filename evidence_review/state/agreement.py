"""How far two or more screeners agree: counts, percentages, chance-corrected figures with intervals.

Kappa alone misleads where one verdict is rare (Feinstein & Cicchetti 1990, 10.1016/0895-4356(90)90158-L), so it never
stands alone: positive and negative agreement, PABAK (Byrt et al. 1993, 10.1016/0895-4356(93)90018-V) and Gwet's AC1
(Gwet 2008, 10.1348/000711006X126600) stand beside it. All functions are pure and work on counts or on words.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# The 97.5 % quantile of the normal distribution.
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its standard error and 95 % interval; all but the value are None where they are not defined."""

    value: float | None
    se: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two people agree on `n` records that both judged.

    `counts` maps (first verdict, second verdict) to a number of records; `percent` is a share from 0 to 1; `positive`
    and `negative` are the specific agreements on include and on exclude where there are two verdicts.
    """

    first: str
    second: str
    n: int
    counts: Mapping[tuple[str, str], int]
    percent: float | None
    positive: float | None
    negative: float | None
    kappa: Figure
    pabak: float | None
    ac1: Figure


def between(
    first: str,
    second: str,
    pairs: Iterable[tuple[str, str]] | Mapping[tuple[str, str], int],
    positive: str,
    negative: str,
) -> Agreement:
    """Compare two people's verdicts, given as pairs for the records that both judged, or as how often each pair is."""
    counts = Counter(pairs)
    table = _table(counts)
    n = counts.total()
    both, neither = counts[(positive, positive)], counts[(negative, negative)]
    said_yes = sum(count for (one, two), count in counts.items() for word in (one, two) if word == positive)
    said_no = sum(count for (one, two), count in counts.items() for word in (one, two) if word == negative)
    agreed = sum(count for (one, two), count in counts.items() if one == two)
    return Agreement(
        first,
        second,
        n,
        dict(counts),
        agreed / n if n else None,
        2 * both / said_yes if said_yes else None,
        2 * neither / said_no if said_no else None,
        kappa(table),
        pabak(table),
        ac1(table),
    )


def _table(counts: Mapping[tuple[str, str], int]) -> list[list[int]]:
    words = sorted({word for pair in counts for word in pair})
    if len(words) == 1:
        words.append("")
    return [[counts.get((one, two), 0) for two in words] for one in words]


def _shares(table: Sequence[Sequence[float]]) -> tuple[float, list[list[float]], list[float], list[float]]:
    n = sum(map(sum, table))
    cells = [[cell / n for cell in row] for row in table] if n else []
    rows = [sum(row) for row in cells]
    columns = [sum(column) for column in zip(*cells, strict=True)]
    return n, cells, rows, columns


def kappa(table: Sequence[Sequence[float]]) -> Figure:
    """Return Cohen's kappa of a square table with the large-sample error of Fleiss, Cohen and Everitt (1969).

    Where both people gave all records the same single verdict kappa is not defined.
    """
    n, p, rows, columns = _shares(table)
    if not n:
        return Figure(None)
    observed = sum(p[i][i] for i in range(len(p)))
    expected = sum(row * column for row, column in zip(rows, columns, strict=True))
    if expected >= 1 - 1e-12:
        return Figure(None)
    value = (observed - expected) / (1 - expected)
    sizes = range(len(p))
    a = sum(p[i][i] * (1 - (rows[i] + columns[i]) * (1 - value)) ** 2 for i in sizes)
    b = (1 - value) ** 2 * sum(p[i][j] * (columns[i] + rows[j]) ** 2 for i in sizes for j in sizes if i != j)
    c = (value - expected * (1 - value)) ** 2
    return _with_interval(value, math.sqrt(max(a + b - c, 0) / ((1 - expected) ** 2 * n)))


def pabak(table: Sequence[Sequence[float]]) -> float | None:
    """Return the prevalence- and bias-adjusted kappa; with k verdicts chance is 1/k."""
    n, p, _, _ = _shares(table)
    if not n:
        return None
    k = len(p)
    return (k * sum(p[i][i] for i in range(k)) - 1) / (k - 1)


def ac1(table: Sequence[Sequence[float]]) -> Figure:
    """Return Gwet's AC1 of two people, with his variance for a sample of records (Gwet 2008, equation 30)."""
    n, p, rows, columns = _shares(table)
    if not n:
        return Figure(None)
    k = len(p)
    share = [(row + column) / 2 for row, column in zip(rows, columns, strict=True)]
    observed = sum(p[i][i] for i in range(k))
    expected = sum(q * (1 - q) for q in share) / (k - 1)
    if expected >= 1 - 1e-12:
        return Figure(None)
    value = (observed - expected) / (1 - expected)
    if n < 2:
        return Figure(value)
    # Each record's own value, as in Gwet's general form: the variance is that of their mean.
    spread = 0.0
    for i in range(k):
        for j in range(k):
            own = ((1.0 if i == j else 0.0) - expected) / (1 - expected)
            pe = (1 - share[i] + 1 - share[j]) / (2 * (k - 1))
            spread += p[i][j] * (own - 2 * (1 - value) * (pe - expected) / (1 - expected) - value) ** 2
    return _with_interval(value, math.sqrt(spread / (n - 1)))


def fleiss(ratings: Sequence[Mapping[str, int]]) -> Figure:
    """Return Fleiss' kappa of records each judged by the same number of people.

    Args:
        ratings: for each record, how many people gave each verdict; records judged by fewer than two, or by another
            number than the others, do not belong here.

    The error is that of Fleiss, Nee and Landis (1979), which holds for kappa zero, so no interval is given.
    """
    raters = sum(ratings[0].values()) if ratings else 0
    if raters < 2:
        return Figure(None)
    n = len(ratings)
    totals: Counter[str] = Counter()
    for rating in ratings:
        totals.update(rating)
    share = {word: count / (n * raters) for word, count in totals.items()}
    expected = sum(q * q for q in share.values())
    if expected >= 1 - 1e-12:
        return Figure(None)
    observed = sum(sum(c * (c - 1) for c in rating.values()) for rating in ratings) / (n * raters * (raters - 1))
    value = (observed - expected) / (1 - expected)
    pq = sum(q * (1 - q) for q in share.values())
    skew = sum(q * (1 - q) * (1 - 2 * q) for q in share.values())
    variance = 2 * (pq * pq - skew) / (n * raters * (raters - 1) * pq * pq)
    return Figure(value, math.sqrt(max(variance, 0)))


def _with_interval(value: float, se: float) -> Figure:
    return Figure(value, se, max(-1.0, value - Z95 * se), min(1.0, value + Z95 * se))


def in_words(value: float | None) -> str:
    """Return a word for a chance-corrected figure, after Landis and Koch (1977, 10.2307/2529310).

    Their bounds have two digits, as the figure has where it is told.
    """
    if value is None:
        return "not defined"
    for limit, word in ((0.0, "poor"), (0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial")):
        if round(value, 2) <= limit:
            return word
    return "almost perfect"
