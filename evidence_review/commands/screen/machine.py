"""A linear support vector machine, solved in a few Newton steps.

It is the machine of scikit-learn's `LinearSVC(loss="squared_hinge")` and of LIBLINEAR (Fan et al. 2008, JMLR 9:1871),
intercept penalised like a weight: the one minimum of ½|w|² + Σ cost · max(0, 1 − sign · (w · row))². It stands here
because importing scikit-learn takes longer and holds more memory than ranking does, and a ranking is a command of its
own. A test holds it to LinearSVC's answers.

The weights are sought as sums of rows, each times a share (Chapelle 2007, 10.1162/neco.2007.19.5.1155), so that vectors
are as short as there are rows. Among the rows whose loss is not 0 the function is quadratic: its minimum is found by
conjugate gradients, and one goes to it, or as far that way as the true function falls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_STEPS = 50  # two to six are taken
_TURNS = 1000  # of conjugate gradients; some ten are made
_CLOSE = 1e-10  # what they may leave of the right side of equations
_STILL = 1e-9  # a change of scores that is none
_HALVINGS = 40


def fit(rows: Any, signs: Any, costs: Any) -> tuple[Any, float]:
    """Return the weight of each column, and the intercept.

    Args:
        rows: a sparse matrix with a row a case.
        signs: 1 or −1 for each case.
        costs: what the loss of each case counts.
    """
    import numpy as np

    cases = rows.astype(np.float64)
    across = cases.T.tocsr()

    def scores(shares: Any) -> Any:
        return cases @ (across @ shares) + shares.sum()

    shares = score = np.zeros(len(signs))
    for _ in range(_STEPS):
        active = signs * score < 1
        root = np.where(active, np.sqrt(2 * costs), 0.0)
        aim = root * _solved(scores, root, signs)
        step, change = aim - shares, scores(aim) - score
        length = _length(step @ score, step @ change, signs * score, signs * change, costs)
        shares, score = shares + length * step, score + length * change
        if length * np.abs(change).max() < _STILL or (length == 1 and np.array_equal(active, signs * score < 1)):
            break
    return across @ shares, float(shares.sum())


def _solved(scores: Callable[[Any], Any], root: Any, signs: Any) -> Any:
    """Solve `x + root * scores(root * x) = root * signs` by conjugate gradients; no eigenvalue is below 1."""
    import numpy as np

    found, rest = np.zeros_like(root), root * signs
    way, size = rest, rest @ rest
    enough = size * _CLOSE**2
    for _ in range(_TURNS):
        if size <= enough:
            break
        along = way + root * scores(root * way)
        share = size / (way @ along)
        found, rest = found + share * way, rest - share * along
        size, before = rest @ rest, size
        way = rest + size / before * way
    return found


def _length(slope: float, bend: float, margins: Any, changes: Any, costs: Any) -> float:
    """Return how far to go, 1 at most: to where the function, which is convex, stops falling on this line."""
    import numpy as np

    def rises(length: float) -> bool:
        missing = np.maximum(0, 1 - margins - length * changes)
        return bool(slope + length * bend > 2 * (costs * missing) @ changes)

    low, high = 0.0, 1.0
    if not rises(high):
        return high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) else (middle, high)
    return low
