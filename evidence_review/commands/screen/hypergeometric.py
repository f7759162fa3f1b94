"""The hypergeometric stopping rule, and what an elusion sample bounds: two statements about what was not read.

The rule is that of Callaghan and Müller-Hansen (2020, 10.1186/s13643-020-01521-4). Of N records n were screened and r
found. For each suffix of the last i screened, with k_i includes, suppose that recall before it was below the target τ:
then at least K_i = floor(r/τ + 1 − (r − k_i)) includes were left among the N − (n − i) records from which the suffix
came. The probability of k_i or fewer in a random suffix is hypergeometric; ranking makes finding more likely, not less,
so it is an upper bound. Screening may stop when the smallest of these probabilities is below 1 − confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evidence_review.errors import UsageError

TARGET, CONFIDENCE = 0.95, 0.95


def p_value(labels: Sequence[int], total: int, target: float = TARGET) -> float:
    """Return the smallest probability, over all suffixes, of finding so few if recall were below the target.

    Args:
        labels: 1 or 0 for each screened record, in the order screened.
        total: how many records there are, screened or not.
        target: the recall to certify, above 0 and at most 1.

    Where fewer records are left than would have to be includes, recall cannot be below the target: the probability is
    0. Among suffixes with the same number of includes the longest has the smallest probability, so only those count
    that begin at the first record or right behind an include.
    """
    import numpy as np

    n = len(labels)
    if n == 0:
        return 1.0
    places = np.flatnonzero(np.asarray(labels, dtype=np.int8)) + 1
    r = len(places)
    # A hair above the quotient, so that 19/0.95 + 1 is 21 and not, by a rounding of the machine, 20.
    in_all = int(np.floor(r / target + 1 + 1e-9))
    if in_all - r > total - n:
        return 0.0
    k = r - np.arange(r + 1)
    draws = n - np.concatenate([[0], places])
    k, draws = k[draws > 0], draws[draws > 0]
    return float(_cdf(k, total - n + draws, in_all - r + k, draws).min())


def _cdf(k: Any, population: Any, successes: Any, draws: Any) -> Any:
    """Return P(X ≤ k) of hypergeometric distributions, elementwise.

    Terms are summed from k away from the mode, where each is smaller than the one before: downwards below the mode,
    upwards (and taken from 1) above it.
    """
    import numpy as np

    low = np.maximum(0, draws - (population - successes))
    high = np.minimum(successes, draws)
    mode = (draws + 1) * (successes + 1) // (population + 2)
    below = k < mode
    start = np.where(below, k, k + 1)
    inside = (start >= low) & (start <= high)
    x = np.clip(start, low, high)
    log_p = _log_choose(successes, x) + _log_choose(population - successes, draws - x) - _log_choose(population, draws)
    term = np.where(inside, np.exp(log_p), 0.0)
    total = term.copy()
    live = inside
    while live.any():
        y = np.where(below, x, x + 1)
        # The ratio of the probabilities of y and y − 1.
        up = (successes - y + 1) * (draws - y + 1) / np.maximum(y * (population - successes - draws + y), 1)
        factor = np.where(below, 1 / np.maximum(up, 1e-300), up)
        x = np.where(live, x + np.where(below, -1, 1), x)
        live = live & (x >= low) & (x <= high) & (term > 1e-18)
        term = np.where(live, term * factor, 0.0)
        total += term
    value = np.clip(np.where(below, total, 1 - total), 0.0, 1.0)
    return np.where(k < low, 0.0, np.where(k >= high, 1.0, value))


def _log_choose(n: Any, m: Any) -> Any:
    """Return the logarithm of a binomial coefficient, elementwise."""
    import numpy as np

    size = int(n.max()) + 1
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, size + 1)))])
    return log_factorial[n] - log_factorial[m] - log_factorial[n - m]


def left_at_most(unscreened: int, sample: int, found: int = 0, alpha: float = 0.05) -> int:
    """Return the most includes that may be left, by an elusion sample, with confidence 1 − alpha.

    Of `unscreened` records a random `sample` was read and `found` includes in it: the largest K for which so few would
    still be found with probability alpha or more.
    """
    import numpy as np

    if not 0 <= found <= sample <= unscreened:
        raise UsageError("An elusion sample is at most as large as what is unscreened, and holds what was found.")
    low, high = found, unscreened - (sample - found)
    while low < high:
        middle = (low + high + 1) // 2
        one = [np.asarray([value]) for value in (found, unscreened, middle, sample)]
        if float(_cdf(*one)[0]) >= alpha:
            low = middle
        else:
            high = middle - 1
    return low
