"""The recall curve of a simulated screening, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from evidence_review.drawing.svg import document, element, line, number

_WIDE, _HIGH, _LEFT, _TOP, _SIDE = 560.0, 420.0, 64.0, 48.0, 320.0
_ACROSS = 440.0
_POINTS = 400


def draw(found: Sequence[int], name: str) -> str:
    """Return recall (0 to 100 %) over the share of the records read, with the diagonal of reading at random."""
    total = sum(found)
    so_far = [0, *accumulate(found)]
    step = max(1, len(found) // _POINTS)
    places = sorted({*range(0, len(found) + 1, step), len(found)})
    points = " ".join(f"{number(_x(place / len(found)))},{number(_y(so_far[place] / total))}" for place in places)
    parts = [line(f"Recall while screening by rank: {name}", _LEFT, 26, 14, bold=True)]
    for tick in range(0, 101, 20):
        share = tick / 100
        parts += [
            element("line", x1=_x(0), x2=_x(1), y1=_y(share), y2=_y(share), stroke="#dddddd"),
            line(f"{tick}", _LEFT - 8, _y(share) + 4, 11, anchor="end"),
            line(f"{tick}", _x(share), _y(0) + 18, 11, anchor="middle"),
        ]
    parts += [
        element("line", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1), stroke="#888888", stroke_dasharray="5 4"),
        line("read at random", _x(0.70), _y(0.61), 11, fill="#555555"),
        element("line", x1=_x(0), x2=_x(1), y1=_y(0.95), y2=_y(0.95), stroke="#b03a2e", stroke_dasharray="2 3"),
        line("95 %", _x(1) + 6, _y(0.95) + 4, 11, fill="#b03a2e"),
        element("polyline", points=points, fill="none", stroke="#1f4e79", stroke_width=2.5),
        line("% of the records read", _x(0.5), _HIGH - 12, 12, anchor="middle"),
        line("% of the includes found", _LEFT, _TOP - 8, 12),
    ]
    at_tenth = so_far[round(0.1 * len(found))] / total
    description = (
        f"{total} includes among {len(found)} records. After a tenth of the records {100 * at_tenth:.0f} % of the "
        "includes are found; the dashed diagonal is reading in random order."
    )
    return document(parts, _WIDE, _HIGH, title=f"Recall curve: {name}", description=description)


def _x(share: float) -> float:
    return _LEFT + _ACROSS * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)
