"""Hold pooling to two libraries, pimeta and PyMetaAnalysis, on 200 random data sets, and print where they differ.

They weigh hundreds of megabytes, so they live in an environment of their own:

    python -m venv oracles && oracles/bin/pip install pimeta PyMetaAnalysis
    PYTHONPATH=. oracles/bin/python benchmarks/pool_oracles.py

Prints, for each oracle, method and quantity, how many of the data sets agree to four decimals (relative for large
numbers) and the data sets that do not. Where REML differs, the restricted likelihood at both answers is printed: the
higher one is right. pimeta stops at steps of 1e-5 of τ² and, as metafor, looks for the limits of τ² only up to 100:
on very small or large scales it differs for that reason; PyMetaAnalysis does not.
"""

from __future__ import annotations

import math
import random
import sys
import warnings
from collections.abc import Callable
from typing import Any

from evidence_review.commands.synthesise.pool.effects import Effect
from evidence_review.commands.synthesise.pool.heterogeneity import Data, _likelihood
from evidence_review.commands.synthesise.pool.models import Pooled, pool

SETS = 200
Numbers = dict[str, float]


def data_sets(seed: int = 20261123) -> list[list[tuple[float, float]]]:
    """Return random data sets: 2 to 40 studies, variances over three decades, heterogeneity from none to much."""
    draw = random.Random(seed)
    made = []
    for _ in range(SETS):
        k, tau = draw.randint(2, 40), draw.choice([0.0, 0.0, 0.1, 0.5, 2.0])
        centre, scale = draw.uniform(-2, 2), 10 ** draw.uniform(-2, 1)
        pairs = []
        for _ in range(k):
            v = (10 ** draw.uniform(-1.5, 1.5)) * scale**2
            pairs.append((draw.gauss(centre * scale, math.sqrt(v + (tau * scale) ** 2)), v))
        made.append(pairs)
    return made


def ours(pairs: list[tuple[float, float]], method: str, kh: bool) -> Numbers:
    """Return this project's numbers."""
    effects = [Effect(str(number), y, v) for number, (y, v) in enumerate(pairs)]
    found: Pooled = pool(effects, "GEN", method, knapp_hartung=kh)
    numbers = {
        "estimate": found.estimate, "se": found.se, "low": found.ci[0], "high": found.ci[1], "tau2": found.tau2,
        "i2": found.i2, "q": found.q, "q_p": found.q_p,
    }  # fmt: skip
    if found.tau2_ci:
        numbers |= {"tau2_low": found.tau2_ci[0], "tau2_high": found.tau2_ci[1]}
    if found.prediction_interval:
        numbers |= {"pi_low": found.prediction_interval[0], "pi_high": found.prediction_interval[1]}
    return numbers


def by_pimeta(pairs: list[tuple[float, float]], method: str, kh: bool) -> Numbers:
    """Return pimeta's numbers."""
    import pimeta

    y, v = [one for one, _ in pairs], [one for _, one in pairs]
    found = pimeta.rma(yi=y, vi=v, method=method, test="knha" if kh else "z")
    numbers = {
        "estimate": found.b[0], "se": found.se[0], "low": found.ci_lb[0], "high": found.ci_ub[0], "tau2": found.tau2,
        "i2": found.I2, "q": found.QE, "q_p": found.QEp,
    }  # fmt: skip
    if method != "FE":
        interval = pimeta.confint_tau2(y, v, found.tau2, method=method)
        predicted = found.predict()
        numbers |= {"tau2_low": interval.tau2_lb, "tau2_high": interval.tau2_ub}
        numbers |= {"pi_low": _number(predicted.pi_lb), "pi_high": _number(predicted.pi_ub)}
    return {name: float(value) for name, value in numbers.items()}


def _number(value: Any) -> float:
    return float(value[0] if isinstance(value, list) else value)


def by_pymetaanalysis(pairs: list[tuple[float, float]], method: str, kh: bool) -> Numbers:
    """Return PyMetaAnalysis' numbers."""
    import meta_analyze

    y, v = [one for one, _ in pairs], [one for _, one in pairs]
    model = {"model": "fixed"} if method == "FE" else {"model": "random", "tau2_method": method}
    found = meta_analyze.meta_analysis(effect=y, variance=v, ci_method="hksj" if kh else "normal", **model)
    numbers = {"estimate": found.estimate, "se": found.standard_error}
    heterogeneity = found.heterogeneity
    numbers |= {"tau2": found.tau2, "q": heterogeneity.q, "q_p": heterogeneity.pvalue, "i2": 100 * heterogeneity.i2}
    return {name: float(value) for name, value in numbers.items()} | {"low": found.ci_low, "high": found.ci_high}


def close(one: float, other: float) -> bool:
    """Whether two numbers agree to four decimals, relative where they are large."""
    return abs(one - other) <= 5e-5 * max(1.0, abs(one), abs(other))


def compare(name: str, oracle: Callable[[list[tuple[float, float]], str, bool], Numbers]) -> None:
    """Print where an oracle differs."""
    for method, kh in (("FE", False), ("DL", False), ("PM", False), ("REML", False), ("REML", True)):
        agree: dict[str, int] = {}
        asked: dict[str, int] = {}
        failed = 0
        for number, pairs in enumerate(data_sets()):
            mine = ours(pairs, method, kh)
            try:
                theirs = oracle(pairs, method, kh)
            except Exception as fault:
                failed += 1
                print(f"    set {number} (k = {len(pairs)}): {name} fails: {type(fault).__name__}: {fault}")
                continue
            for key in sorted(set(mine) & set(theirs)):
                asked[key] = asked.get(key, 0) + 1
                agree[key] = agree.get(key, 0) + close(mine[key], theirs[key])
                if not close(mine[key], theirs[key]) and key in ("tau2", "estimate", "q", "tau2_high", "i2"):
                    print(f"    set {number} (k = {len(pairs)}) {key}: ours {mine[key]:.6f}, {name} {theirs[key]:.6f}")
                    if key == "tau2" and method == "REML":
                        data = Data([y for y, _ in pairs], [v for _, v in pairs])
                        heights = [_likelihood(data, one["tau2"]) for one in (mine, theirs)]
                        print(f"        likelihood: ours {heights[0]:.9f}, {name} {heights[1]:.9f}")
        label = method + (" Knapp-Hartung" if kh else "")
        print(f"{name}, {label}: " + ", ".join(f"{key} {agree[key]}/{asked[key]}" for key in asked), f"failed {failed}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    compare("pimeta", by_pimeta)
    compare("PyMetaAnalysis", by_pymetaanalysis)
    sys.exit(0)
