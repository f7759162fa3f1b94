"""Forest and funnel plots of a pooling, written beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from evidence_review.commands.synthesise.pool.distributions import normal_quantile
from evidence_review.commands.synthesise.pool.effects import Effect, Measure
from evidence_review.commands.synthesise.pool.models import Pooled
from evidence_review.drawing.forest import Forest, Line, draw, funnel
from evidence_review.errors import StorageError
from evidence_review.summary import counted

# What readers call a measure whose id is a program's name for its scale.
_HEADINGS = {"GEN": "Effect", "PLO": "Proportion", "IRLN": "Rate", "IRR": "Rate ratio", "ZCOR": "Correlation"}


def forest(
    measure: Measure, pooled: Pooled, effects: tuple[Effect, ...], groups: Mapping[str, Pooled], members: list[str],
    outcome: str = "",
) -> str:  # fmt: skip
    """Return the forest plot of an `outcome`; with subgroups, each under its heading with its own diamond."""
    z = normal_quantile(0.975)
    lines = [
        Line(one.study, one.yi, one.yi - z * math.sqrt(one.vi), one.yi + z * math.sqrt(one.vi), weight)
        for one, weight in zip(effects, pooled.weights, strict=True)
    ]
    ordered: list[Line] = []
    if groups:
        for name, part in groups.items():
            ordered.append(Line(name, 0, 0, 0, heading=True))
            ordered += [line for line, member in zip(lines, members, strict=True) if member == name]
            ordered.append(Line(f"{name}: {counted(part.k, 'study', 'studies')}", part.estimate, *part.ci, pooled=True))
    else:
        ordered = lines
    told = f"{measure.name}: {counted(pooled.k, 'study', 'studies')}, {pooled.method}"
    title = f"{outcome}, {told}" if outcome else told[0].upper() + told[1:]
    whole = Line("All studies", pooled.estimate, *pooled.ci, pooled=True, prediction=pooled.prediction_interval)
    p = "< 0.0001" if pooled.q_p < 0.0001 else f"{pooled.q_p:.4f}"
    notes = [f"τ² {pooled.tau2:.4f}, I² {pooled.i2:.1f} %, Q {pooled.q:.2f} (p {p})."]
    if pooled.prediction_interval:
        notes.append(f"Dashed: prediction interval, {pooled.prediction_method}.")
    notes += pooled.notes
    heading = _HEADINGS.get(measure.id, measure.id)
    return draw(Forest(title, heading, [*ordered, whole], measure.back, measure.none, notes=notes))


def funnel_plot(measure: Measure, pooled: Pooled, effects: tuple[Effect, ...]) -> str:
    """Return the funnel plot."""
    points = [(one.study, one.yi, math.sqrt(one.vi)) for one in effects]
    return funnel(
        f"Funnel plot, {counted(pooled.k, 'study', 'studies')}", measure.name, points, pooled.estimate, measure.back
    )


def write(path: Path, text: str) -> None:
    """Write a plot whole or not at all.

    Raises:
        StorageError: the place cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.part")
        partial.write_bytes(text.encode("utf-8"))
        partial.replace(path)
    except OSError as fault:
        raise StorageError(f"{path} could not be written: {fault.strerror or fault}.") from fault
