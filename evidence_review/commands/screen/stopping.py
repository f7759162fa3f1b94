"""When to stop: one rule with a statistical promise, and heuristics that make none and are called so.

The rule is that of Callaghan and Müller-Hansen (2020, 10.1186/s13643-020-01521-4). Of N records n were screened and r
found. For each suffix of the last i screened, with k_i includes, suppose that recall before it was below the target τ:
then at least K_i = floor(r/τ + 1 − (r − k_i)) includes were left among the N − (n − i) records from which the suffix
came. The probability of k_i or fewer in a random suffix is hypergeometric; ranking makes finding more likely, not less,
so it is an upper bound. Screening may stop when the smallest of these probabilities is below 1 − confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from evidence_review.errors import InputError, UsageError
from evidence_review.summary import Summary, counted

TARGET, CONFIDENCE = 0.95, 0.95


class Rule(Protocol):
    """Whether to stop after labels (1 include, 0 exclude, in the order screened) of `total` records."""

    @property
    def statistical(self) -> bool:
        """Whether the rule promises a recall with a confidence."""

    def stops(self, labels: Sequence[int], total: int) -> bool:
        """Return whether screening may stop now."""


@dataclass(frozen=True, slots=True)
class Hypergeometric:
    """Stop when recall of at least `target` is certain with `confidence`."""

    target: float = TARGET
    confidence: float = CONFIDENCE
    statistical: bool = True

    def stops(self, labels: Sequence[int], total: int) -> bool:
        """Return whether the smallest p lies below 1 − confidence, or all are screened."""
        return len(labels) >= total or p_value(labels, total, self.target) < 1 - self.confidence


@dataclass(frozen=True, slots=True)
class InARow:
    """Stop after so many excludes in a row, when at least a share was screened. A heuristic without any promise."""

    excludes: int
    share: float = 0.0
    statistical: bool = False

    def stops(self, labels: Sequence[int], total: int) -> bool:
        """Return whether the last `excludes` labels are excludes and `share` of all was screened."""
        enough = len(labels) >= max(self.excludes, self.share * total)
        return len(labels) >= total or (enough and not any(labels[-self.excludes :]))


@dataclass(frozen=True, slots=True)
class Knee:
    """Stop after the knee of the recall curve (Cormack and Grossman 2016). A heuristic without any promise.

    The knee is the point farthest above the chord of the curve so far; screening stops when the curve rises at least
    six times (more while few are found) as steeply before the knee as after it.
    """

    statistical: bool = False

    def stops(self, labels: Sequence[int], total: int) -> bool:
        """Return whether the slope after the knee has fallen far enough."""
        found = sum(labels)
        if len(labels) >= total:
            return True
        if not found:
            return False
        best, knee, at_knee, so_far = 0.0, 0, 0, 0
        for place, label in enumerate(labels, start=1):
            so_far += label
            above = so_far / found - place / len(labels)
            if above > best:
                best, knee, at_knee = above, place, so_far
        if knee in (0, len(labels)):
            return False
        before, after = at_knee / knee, (found - at_knee + 1) / (len(labels) - knee)
        return before / after >= 156 - min(found, 150)


RULES: dict[str, Rule] = {
    "hypergeometric, target .95, confidence .95": Hypergeometric(),
    "hypergeometric, target .95, confidence .80": Hypergeometric(confidence=0.80),
    "hypergeometric, target .90, confidence .95": Hypergeometric(target=0.90),
    "heuristic: 50 excludes in a row": InARow(50),
    "heuristic: 200 excludes in a row": InARow(200),
    "heuristic: a tenth and 50 in a row": InARow(50, 0.1),
    "heuristic: knee": Knee(),
}


def p_value(labels: Sequence[int], total: int, target: float = TARGET) -> float:
    """Return the smallest probability, over all suffixes, of finding so few if recall were below the target.

    Args:
        labels: 1 or 0 for each screened record, in the order screened.
        total: how many records there are, screened or not.
        target: the recall to certify, above 0 and below 1.
    """
    import numpy as np

    n, r = len(labels), int(sum(labels))
    if n == 0:
        return 1.0
    last = np.arange(1, n + 1)
    k = np.cumsum(np.asarray(labels, dtype=np.int64)[::-1])
    population = total - (n - last)
    # A hair below the quotient, so that 19/0.95 + 1 is 21 and not, by a rounding of the machine, 20.
    wanted = np.floor(r / target + 1 + 1e-9).astype(np.int64) - (r - k)
    return float(_cdf(k, population, np.minimum(wanted, population), last).min())


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


def to_certify(labels: Sequence[int], total: int, rule: Hypergeometric) -> int:
    """Return how many further records must be read before the rule stops, if none of them is an include."""
    low, high = 0, total - len(labels)
    while low < high:
        middle = (low + high) // 2
        if rule.stops([*labels, *[0] * middle], total):
            high = middle
        else:
            low = middle + 1
    return low


def first_stop(rule: Rule, found: Sequence[int], step: int) -> int:
    """Return after how many records a rule, asked after every `step`, stops."""
    for read in range(step, len(found), step):
        if rule.stops(found[:read], len(found)):
            return read
    return len(found)


def run(labels: Sequence[int], total: int, rule: Hypergeometric, elusion: tuple[int, int] | None = None) -> Summary:
    """Tell whether screening may stop.

    Raises:
        UsageError: target or confidence is no probability.
        InputError: more labels than records.
    """
    if not (0 < rule.target < 1 and 0 < rule.confidence < 1):
        raise UsageError("Target and confidence lie between 0 and 1, such as 0.95.")
    if len(labels) > total:
        raise InputError(f"{len(labels)} labels for {total} records: the total must count every record.")
    p = 0.0 if len(labels) == total else p_value(labels, total, rule.target)
    stop = rule.stops(labels, total)
    more = 0 if stop else to_certify(labels, total, rule)
    found = sum(labels)
    data: dict[str, Any] = {
        "stop": stop,
        "decision": "stop" if stop else "go on",
        "p": p,
        "records_to_certify": more,
        "screened": len(labels),
        "found": found,
        "total": total,
        "unscreened": total - len(labels),
        **{name: value for name, value in asdict(rule).items() if name != "statistical"},
        "rule": "hypergeometric",
    }
    words = f"a recall of {100 * rule.target:g} % with {100 * rule.confidence:g} % confidence"
    lines = [
        f"{'Stop' if stop else 'Go on'}: {counted(found, 'include')} in {len(labels):,} of {total:,} records; "
        f"{words} is {'certified' if stop else 'not certified yet'} (p = {p:.4f})."
    ]
    if not stop:
        lines.append(f"If none of them is included, {counted(more, 'more record')} must be read to certify it.")
    if elusion is not None:
        sample, inside = elusion
        left = left_at_most(total - len(labels), sample, inside)
        data["elusion"] = {"sample": sample, "found": inside, "left_at_most": left}
        lines.append(
            f"Elusion: {inside} of {sample} sampled unscreened records were includes, so with 95 % confidence at most "
            f"{left} are left."
        )
    lines.append("Other signs, such as many excludes in a row, are heuristics and certify nothing.")
    return Summary(tuple(lines), data)
