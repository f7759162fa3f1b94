"""The recall curve of a simulated screening, as SVG, with the points where stopping rules would have ended it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from evidence_review.commands.screen.rules import Stopped
from evidence_review.drawing.svg import document, element, line, number
from evidence_review.drawing.text import width, wrap

_WIDE, _LEFT, _TOP, _SIDE = 560.0, 64.0, 86.0, 320.0
_ACROSS = 440.0
_POINTS = 400
# The lane above the curve where the numbers of the rules stand, and the list of the rules below it.
_LANE, _CHIP, _GAP = 62.0, 15.0, 3.0
_LIST, _ROW = _TOP + _SIDE + 84, 17.0
_READ, _FOUND = _LEFT + 360, _LEFT + 430
_BLUE, _RED, _GREY = "#1f4e79", "#b03a2e", "#555555"


def draw(found: Sequence[int], name: str, stops: Sequence[Stopped] = ()) -> str:
    """Return recall (0 to 100 %) over the share of the records read, with the diagonal of reading at random.

    Each rule of `stops` has a number, shown above the point where it would have stopped and in a list below.
    """
    total = sum(found)
    so_far = [0, *accumulate(found)]
    step = max(1, len(found) // _POINTS)
    places = sorted({*range(0, len(found) + 1, step), len(found)})
    points = " ".join(f"{number(_x(place / len(found)))},{number(_y(so_far[place] / total))}" for place in places)
    (heading,) = wrap(f"Recall while screening by rank: {name}", _WIDE - _LEFT - 12, 14, bold=True, lines=1)
    parts = [line(heading, _LEFT, 26, 14, bold=True)]
    for tick in range(0, 101, 20):
        share = tick / 100
        parts += [
            element("line", x1=_x(0), x2=_x(1), y1=_y(share), y2=_y(share), stroke="#dddddd"),
            line(f"{tick}", _LEFT - 8, _y(share) + 4, 11, anchor="end"),
            line(f"{tick}", _x(share), _y(0) + 18, 11, anchor="middle"),
        ]
    parts += [
        element("line", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1), stroke="#888888", stroke_dasharray="5 4"),
        line("read at random", _x(0.70), _y(0.61), 11, fill=_GREY),
        element("line", x1=_x(0), x2=_x(1), y1=_y(0.95), y2=_y(0.95), stroke=_RED, stroke_dasharray="2 3"),
        line("95 %", _x(1) + 6, _y(0.95) + 4, 11, fill=_RED),
        element("polyline", points=points, fill="none", stroke=_BLUE, stroke_width=2.5),
        line("% of the records read", _x(0.5), _y(0) + 36, 12, anchor="middle"),
        line("% of the includes found", _LEFT, 46, 12),
        *_marks(stops),
        *_list(stops),
    ]
    at_tenth = so_far[round(0.1 * len(found))] / total
    description = (
        f"{total} includes among {len(found)} records. After a tenth of the records {100 * at_tenth:.0f} % of the "
        "includes are found; the dashed diagonal is reading in random order."
    )
    for place, stop in enumerate(stops, start=1):
        description += f" Rule {place}, {stop.rule}: {_percent(stop.screened)} read, {_percent(stop.recall)} found."
    high = _LIST + _ROW * len(stops) + 8 if stops else _y(0) + 50
    return document(parts, _WIDE, high, title=f"Recall curve: {name}", description=description)


def _marks(stops: Sequence[Stopped]) -> Iterator[str]:
    """Yield a mark on the curve for each point where rules stop, and their numbers above it, side by side.

    The numbers keep the order of their points, so that no two of them and no two of their lines meet.
    """
    at: dict[tuple[float, float], list[int]] = {}
    for place, stop in enumerate(stops, start=1):
        at.setdefault((stop.screened, stop.recall), []).append(place)
    groups = sorted(at.items())
    labels = [", ".join(map(str, places)) for _, places in groups]
    sizes = [max(_CHIP, width(label, 10, bold=True) + 8) for label in labels]
    middles = _apart([_x(screened) for (screened, _), _ in groups], sizes)
    for ((screened, recall), places), label, size, middle in zip(groups, labels, sizes, middles, strict=True):
        x, y, foot = _x(screened), _y(recall), _LANE + _CHIP
        promise = any(stops[place - 1].statistical for place in places)
        path = f"M{number(middle)} {number(foot)} L{number(x)} {number(_TOP - 2)} L{number(x)} {number(y)}"
        yield element("path", d=path, fill="none", stroke="#999999", stroke_width=0.8)
        fill = _BLUE if promise else "#ffffff"
        yield element("circle", cx=x, cy=y, r=4, fill=fill, stroke=_BLUE, stroke_width=1.5)
        left = middle - size / 2
        yield element("rect", x=left, y=_LANE, width=size, height=_CHIP, rx=4, fill="#ffffff", stroke=_BLUE)
        yield line(label, middle, _LANE + 11, 10, bold=True, anchor="middle", fill=_BLUE)


def _apart(wanted: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Return middles as near to the `wanted` ones, which rise, as boxes of these sizes can stand without touching."""
    middles: list[float] = []
    end = 0.0
    for middle, size in zip(wanted, sizes, strict=True):
        middles.append(max(middle, end + _GAP + size / 2))
        end = middles[-1] + size / 2
    end = _WIDE
    for place in reversed(range(len(middles))):
        middles[place] = min(middles[place], end - _GAP - sizes[place] / 2)
        end = middles[place] - sizes[place] / 2
    return middles


def _list(stops: Sequence[Stopped]) -> Iterator[str]:
    """Yield the list of the rules with their figures."""
    if not stops:
        return
    yield line("Rule, asked after each batch", _LEFT, _LIST - _ROW, 11, bold=True)
    yield line("read", _READ, _LIST - _ROW, 11, bold=True, anchor="end")
    yield line("found", _FOUND, _LIST - _ROW, 11, bold=True, anchor="end")
    for place, stop in enumerate(stops):
        y = _LIST + _ROW * place
        yield line(f"{place + 1}", _LEFT - 8, y, 11, bold=True, anchor="end", fill=_BLUE)
        fill = _BLUE if stop.statistical else "#ffffff"
        yield element("circle", cx=_LEFT + 4, cy=y - 4, r=4, fill=fill, stroke=_BLUE, stroke_width=1.5)
        yield line(stop.rule, _LEFT + 16, y, 11)
        yield line(_percent(stop.screened), _READ, y, 11, anchor="end")
        yield line(_percent(stop.recall), _FOUND, y, 11, anchor="end")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _x(share: float) -> float:
    return _LEFT + _ACROSS * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)
