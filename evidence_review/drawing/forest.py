"""Forest and funnel plots: each study once, in order, with its numbers in words beside the picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evidence_review.drawing import svg
from evidence_review.drawing.text import width, wrap
from evidence_review.summary import counted


@dataclass(frozen=True, slots=True)
class Line:
    """One study, or one pooled result (`pooled`): estimate and limits on the drawing's scale, weight in per cent."""

    name: str
    estimate: float
    low: float
    high: float
    weight: float = 0.0
    pooled: bool = False
    prediction: tuple[float, float] | None = None
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Forest:
    """What is drawn.

    `back` turns the scale into what readers know (exp for ratios); `none` is the line of no effect, None without one.
    """

    title: str
    measure: str
    lines: Sequence[Line]
    back: Callable[[float], float] = float
    none: float | None = 0.0
    left: str = ""
    right: str = ""
    notes: Sequence[str] = ()


_MARGIN, _PLOT, _NUMBERS, _WEIGHTS, _ROW = 18.0, 330.0, 150.0, 60.0, 24.0
# The room for names, as they need it; a name that is longer still loses its middle, for its year tells it from others.
_NAMES, _LONGEST, _YEAR = 210.0, 340.0, 12
_INK, _SOFT, _LINE, _MARK, _POOL = "#1a1a1a", "#555b61", "#9aa1a8", "#1f5f8b", "#8a3b12"
_TOLD = 40
SIZE, SMALL = 12.0, 10.5


def draw(data: Forest) -> str:
    """Return the plot as SVG."""
    names = max((width(_name(line), SIZE, bold=_bold(line)) + 10 for line in data.lines), default=0.0)
    names = max(_NAMES, names)
    wide = 2 * _MARGIN + names + _PLOT + _NUMBERS + _WEIGHTS
    parts = [
        svg.line(text, _MARGIN, 28 + 19 * n, 15, bold=True)
        for n, text in enumerate(wrap(data.title, wide - 2 * _MARGIN, 15, bold=True))
    ]
    top = 28.0 + 19 * len(parts) + 18
    left, right = _MARGIN + names, _MARGIN + names + _PLOT
    low, high = _range(data)

    def x(value: float) -> float:
        return left + _PLOT * (min(max(value, low), high) - low) / (high - low)

    parts += [
        svg.line("Study", _MARGIN, top, SIZE, bold=True),
        svg.line(f"{data.measure} (95 % CI)", right + _NUMBERS, top, SIZE, bold=True, anchor="end"),
        svg.line("Weight", wide - _MARGIN, top, SIZE, bold=True, anchor="end"),
    ]
    y = top + 12
    foot = y + _ROW * len(data.lines)
    if data.none is not None:
        parts.append(svg.element("line", x1=x(data.none), y1=y, x2=x(data.none), y2=foot, stroke=_LINE, stroke_width=1))
    for line in data.lines:
        parts.append(_row(data, line, y + _ROW / 2, x, (low, high), wide))
        y += _ROW
    parts += _axis(data, (low, high), x, foot)
    y = foot + 42
    for place, words in ((data.left, "start"), (data.right, "end")):
        if place:
            parts.append(svg.line(place, left if words == "start" else right, y, SMALL, anchor=words, fill=_SOFT))
    y += 20 if data.left or data.right else 4
    for note in data.notes:
        for text in wrap(note, wide - 2 * _MARGIN, SMALL):
            parts.append(svg.line(text, _MARGIN, y, SMALL, fill=_SOFT))
            y += 14
    studies = [line for line in data.lines if not line.pooled and not line.heading]
    said = "; ".join(f"{line.name} {_shown(data, line)}" for line in data.lines if line.pooled)
    # Who cannot see the plot gets its numbers, in its order; past so many nobody listens.
    each = "; ".join(f"{line.name} {_shown(data, line)}" for line in studies[:_TOLD])
    rest = f"; and {len(studies) - _TOLD} more" if len(studies) > _TOLD else ""
    count = counted(len(studies), "study", "studies")
    description = f"{data.measure} of {count} with 95 % confidence intervals. {said}. {each}{rest}."
    return svg.document(parts, wide, y + 6, title=data.title, description=description)


def _range(data: Forest) -> tuple[float, float]:
    """Return the limits of the axis: all estimates in it, and intervals up to three times their usual width.

    What goes on beyond them ends in an arrowhead.
    """
    lines = [line for line in data.lines if not line.heading]
    widths = sorted(line.high - line.low for line in lines)
    usual = widths[len(widths) // 2] if widths else 1.0
    none = [data.none] if data.none is not None else []
    lows = [max(line.low, line.estimate - 1.5 * usual) for line in lines] + none
    highs = [min(line.high, line.estimate + 1.5 * usual) for line in lines] + none
    # A prediction interval is wider by nature than the study's own: it gets twice the room.
    foreseen = [(line.prediction, line.estimate) for line in lines if line.prediction]
    lows += [max(low, estimate - 3 * usual) for (low, _), estimate in foreseen]
    highs += [min(high, estimate + 3 * usual) for (_, high), estimate in foreseen]
    low, high = min(lows), max(highs)
    pad = (high - low) * 0.04 or 1.0
    return low - pad, high + pad


def _shown(data: Forest, line: Line) -> str:
    return f"{number(data.back(line.estimate))} ({number(data.back(line.low))} to {number(data.back(line.high))})"


def number(value: float) -> str:
    """Return a number with the decimals that its size asks for."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    if value and (abs(value) >= 10_000 or abs(value) < 0.005):
        return f"{value:.2g}".replace("-", "−")
    return f"{value:.2f}".replace("-", "−")


def _bold(line: Line) -> bool:
    return line.pooled or line.heading


def _name(line: Line) -> str:
    """Return the name as there is room for it."""
    if width(line.name, SIZE, bold=_bold(line)) <= _LONGEST:
        return line.name
    start, _, end = line.name.rpartition(" ")
    if start.strip() and len(end) < _YEAR:
        room = _LONGEST - width(f" {end}", SIZE, bold=_bold(line))
        return f"{wrap(start, room, SIZE, bold=_bold(line), lines=1)[0]} {end}"
    return wrap(line.name, _LONGEST, SIZE, bold=_bold(line), lines=1)[0]


def _row(
    data: Forest, line: Line, y: float, x: Callable[[float], float], limits: tuple[float, float], wide: float
) -> str:
    parts = [svg.line(_name(line), _MARGIN, y + 4, SIZE, bold=_bold(line))]
    if line.heading:
        return svg.group(parts, class_="er-heading")
    said = f"{line.name}: {_shown(data, line)}" + (f", weight {line.weight:.1f} %" if line.weight else "")
    parts.insert(0, svg.element("title", svg.escape(said)))
    numbers = wide - _MARGIN - _WEIGHTS
    parts.append(svg.line(_shown(data, line), numbers, y + 4, SIZE, bold=line.pooled, anchor="end"))
    if line.weight:
        parts.append(svg.line(f"{line.weight:.1f} %", wide - _MARGIN, y + 4, SIZE, anchor="end"))
    if line.pooled:
        points = [(x(line.low), y), (x(line.estimate), y - 7), (x(line.high), y), (x(line.estimate), y + 7)]
        where = " ".join(f"{svg.number(a)},{svg.number(b)}" for a, b in points)
        if line.prediction:
            parts.append(
                svg.element("line", x1=x(line.prediction[0]), y1=y, x2=x(line.prediction[1]), y2=y, stroke=_POOL,
                            stroke_width=1.4, stroke_dasharray="4 3")
            )  # fmt: skip
        parts.append(svg.element("polygon", points=where, fill=_POOL, class_="er-diamond"))
        lowest, highest = line.prediction or (line.low, line.high)
        parts += _arrows(min(lowest, line.low), max(highest, line.high), y, x, limits, _POOL)
        return svg.group(parts, class_="er-pooled")
    parts.append(svg.element("line", x1=x(line.low), y1=y, x2=x(line.high), y2=y, stroke=_INK, stroke_width=1.3))
    parts += _arrows(line.low, line.high, y, x, limits, _INK)
    side = max(4.0, min(15.0, 3.2 * math.sqrt(line.weight)))
    centre = x(line.estimate)
    parts.append(svg.element("rect", x=centre - side / 2, y=y - side / 2, width=side, height=side, fill=_MARK))
    return svg.group(parts, class_="er-study")


def _arrows(
    low: float, high: float, y: float, x: Callable[[float], float], limits: tuple[float, float], fill: str
) -> list[str]:
    """Return an arrowhead at each end at which an interval goes on beyond the axis."""
    cut = ((limits[0], -1, low < limits[0]), (limits[1], 1, high > limits[1]))
    return [_beyond(x(edge), y, side, fill) for edge, side, beyond in cut if beyond]


def _beyond(x: float, y: float, side: int, fill: str) -> str:
    points = f"{svg.number(x - 6 * side)},{svg.number(y - 4)} {svg.number(x)},{svg.number(y)} "
    return svg.element(
        "polygon", points=points + f"{svg.number(x - 6 * side)},{svg.number(y + 4)}", fill=fill, class_="er-beyond"
    )


def ticks(low: float, high: float, *, ratio: bool) -> list[float]:
    """Return some five round values between the limits; for ratios, of the ratio, given on the log scale."""
    if ratio:
        steps = [m * 10.0**e for e in range(-12, 13) for m in (1, 2, 5)]
        found = [math.log(step) for step in steps if low <= math.log(step) <= high]
        if len(found) > 7:
            found = [one for one in found if _power_of_ten(one)]
        while len(found) > 7:
            found = found[::2]
        return found or [low, high]
    raw = (high - low) / 5
    power = 10 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw)
    first = math.ceil(low / step)
    return [step * n for n in range(first, math.floor(high / step) + 1)]


def _power_of_ten(log: float) -> bool:
    return math.isclose(log / math.log(10), round(log / math.log(10)), abs_tol=1e-9)


def _axis(data: Forest, limits: tuple[float, float], x: Callable[[float], float], y: float) -> list[str]:
    ratio = data.back is not float and math.isclose(data.back(0.0), 1.0)
    parts = [svg.element("line", x1=x(limits[0]), y1=y, x2=x(limits[1]), y2=y, stroke=_SOFT, stroke_width=1)]
    last = -math.inf
    for value in ticks(*limits, ratio=ratio):
        text = f"{data.back(value):.4g}".replace("-", "−") if ratio or data.back is float else number(data.back(value))
        parts.append(svg.element("line", x1=x(value), y1=y, x2=x(value), y2=y + 5, stroke=_SOFT, stroke_width=1))
        if x(value) - width(text, SMALL) / 2 > last + 4:
            parts.append(svg.line(text, x(value), y + 18, SMALL, anchor="middle", fill=_SOFT))
            last = x(value) + width(text, SMALL) / 2
    return parts


def funnel(title: str, measure: str, points: Sequence[tuple[str, float, float]], estimate: float,
           back: Callable[[float], float] = float) -> str:  # fmt: skip
    """Return a funnel plot: (study, effect, standard error), the line of the pooled effect and its 95 % funnel."""
    wide, plot_high, left, top = 560.0, 330.0, 78.0, 62.0
    deepest = max(error for _, _, error in points) * 1.05
    reach = max(max(abs(effect - estimate) for _, effect, _ in points), 1.96 * deepest) * 1.05
    low, high = estimate - reach, estimate + reach

    def x(value: float) -> float:
        return left + (wide - left - 30) * (value - low) / (high - low)

    def y(error: float) -> float:
        return top + plot_high * error / deepest

    tip, foot = (x(estimate), y(0.0)), y(deepest)
    sides = f"{svg.number(x(estimate - 1.96 * deepest))},{svg.number(foot)} {svg.number(tip[0])},{svg.number(tip[1])} "
    parts = [
        svg.line(title, _MARGIN, 28, 15, bold=True),
        svg.element("polygon", points=sides + f"{svg.number(x(estimate + 1.96 * deepest))},{svg.number(foot)}",
                    fill="#f1f3f5", stroke=_LINE, stroke_width=1),
        svg.element("line", x1=tip[0], y1=top, x2=tip[0], y2=foot, stroke=_POOL, stroke_width=1.2),
        svg.element("line", x1=left, y1=foot, x2=wide - 30, y2=foot, stroke=_SOFT, stroke_width=1),
        svg.line("Standard error (small at the top)", _MARGIN, 50, SMALL, fill=_SOFT),
        svg.line(measure, (left + wide - 30) / 2, foot + 36, SMALL, anchor="middle", fill=_SOFT),
    ]  # fmt: skip
    for error in (0.0, deepest / 2, deepest):
        parts.append(svg.line(number(error), left - 8, y(error) + 4, SMALL, anchor="end", fill=_SOFT))
    ratio = back is not float and math.isclose(back(0.0), 1.0)
    for value in ticks(low, high, ratio=ratio):
        parts.append(svg.element("line", x1=x(value), y1=foot, x2=x(value), y2=foot + 5, stroke=_SOFT, stroke_width=1))
        parts.append(svg.line(f"{back(value):.4g}", x(value), foot + 18, SMALL, anchor="middle", fill=_SOFT))
    for study, effect, error in points:
        said = svg.element("title", svg.escape(f"{study}: {number(back(effect))}, standard error {number(error)}"))
        dot = svg.element("circle", cx=x(effect), cy=y(error), r=4.5, fill=_MARK, fill_opacity=0.8, stroke="#ffffff")
        parts.append(svg.group([said, dot], class_="er-study"))
    description = (
        f"{len(points)} studies by effect and standard error, around the pooled effect {number(back(estimate))}."
    )
    return svg.document(parts, wide, foot + 50, title=title, description=description)
