"""A harvest plot: for each domain, studies as bars under the direction of what they found.

After Ogilvie et al. 2008 (10.1186/1471-2288-8-8): a matrix of domains and directions, one bar a study, its height the
weight that the review gives to the study's design; every bar is named, so nothing depends on colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evidence_review.drawing import svg
from evidence_review.drawing.text import wrap


@dataclass(frozen=True, slots=True)
class Bar:
    """A study in a cell: its number in the legend, its name, and its height from 1 to 3."""

    number: int
    study: str
    height: int


@dataclass(frozen=True, slots=True)
class Harvest:
    """What is drawn. `cells` has the bars of each (domain, direction); `tests` a domain's sign test in words.

    `heights` says what each height stands for; empty where all bars are alike.
    """

    title: str
    domains: Sequence[str]
    directions: Sequence[str]
    cells: Mapping[tuple[str, str], Sequence[Bar]]
    tests: Mapping[str, str]
    heights: Mapping[int, str]


_SIZE, _SMALL, _MARGIN, _LABEL = 12.0, 10.5, 18.0, 190.0
_BAR, _APART, _STEP = 16.0, 6.0, 15.0
_INK, _SOFT, _LINE = "#1a1a1a", "#555b61", "#c9ced3"
_FILL = {0: "#c8501e", 1: "#d9dde1", 2: "#5a8fbf"}


def draw(data: Harvest) -> str:
    """Return the plot as SVG; each bar says in words which study it is."""
    most = max((len(bars) for bars in data.cells.values()), default=1)
    cell = max(120.0, most * (_BAR + _APART) + 24)
    wide = 2 * _MARGIN + _LABEL + cell * len(data.directions)
    head = wrap(data.title, wide - 2 * _MARGIN, 15, bold=True)
    parts = [svg.line(text, _MARGIN, 28 + 19 * n, 15, bold=True) for n, text in enumerate(head)]
    y = 28.0 + 19 * len(head) + 16
    for place, direction in enumerate(data.directions):
        x = _MARGIN + _LABEL + cell * (place + 0.5)
        parts.append(svg.line(direction, x, y, _SIZE, bold=True, anchor="middle"))
    y += 10
    for domain in data.domains:
        parts.append(_row(data, domain, y, cell, wide))
        y += 3 * _STEP + 42
    legend, high = _legend(data, y + (46 if data.heights else 24), wide)
    return svg.document([*parts, *legend], wide, high, title=data.title, description=_told(data))


def _row(data: Harvest, domain: str, y: float, cell: float, wide: float) -> str:
    high = 3 * _STEP + 42
    base = y + high - 24
    lines = wrap(domain, _LABEL - 14, _SIZE, lines=2)
    tested = wrap(data.tests.get(domain, ""), _LABEL - 14, _SMALL, lines=2)
    parts = [svg.line(text, _MARGIN, y + 26 + 15 * n, _SIZE) for n, text in enumerate(lines)]
    below = y + 26 + 15 * len(lines) + 2
    parts += [svg.line(text, _MARGIN, below + 13 * n, _SMALL, fill=_SOFT) for n, text in enumerate(tested)]
    for place, direction in enumerate(data.directions):
        left = _MARGIN + _LABEL + cell * place
        parts.append(svg.element("line", x1=left + 8, y1=base, x2=left + cell - 8, y2=base, stroke=_SOFT))
        bars = data.cells.get((domain, direction), ())
        x = left + (cell - len(bars) * (_BAR + _APART) + _APART) / 2
        for bar in bars:
            parts.append(_bar(bar, f"{domain}, {direction}", x, base, _FILL.get(place, _FILL[1])))
            x += _BAR + _APART
    parts.append(
        svg.element("line", x1=_MARGIN, y1=y + high, x2=wide - _MARGIN, y2=y + high, stroke=_LINE, stroke_width=1)
    )
    return svg.group(parts, class_="er-domain")


def _bar(bar: Bar, where: str, x: float, base: float, fill: str) -> str:
    high = _STEP * bar.height
    return svg.group(
        [
            svg.element("title", svg.escape(f"{bar.study}: {where}")),
            svg.element("rect", x=x, y=base - high, width=_BAR, height=high, fill=fill, stroke=_INK, stroke_width=0.8),
            svg.line(str(bar.number), x + _BAR / 2, base + 13, _SMALL, anchor="middle"),
        ],
        class_="er-study",
    )


def _legend(data: Harvest, y: float, wide: float) -> tuple[list[str], float]:
    parts = []
    for height, words in sorted(data.heights.items(), reverse=True):
        parts.append(
            svg.element("rect", x=_MARGIN, y=y - _STEP * height * 0.6, width=10, height=_STEP * height * 0.6,
                        fill=_FILL[1], stroke=_INK, stroke_width=0.8)
        )  # fmt: skip
        parts.append(svg.line(words, _MARGIN + 18, y, _SMALL))
        y += 12 + _STEP * 0.6 * max(height - 1, 1)
    named = {bar.number: bar.study for bars in data.cells.values() for bar in bars}
    text = "; ".join(f"{number} {study}" for number, study in sorted(named.items()))
    lines = wrap(text, wide - 2 * _MARGIN, _SMALL)
    parts += [svg.line(one, _MARGIN, y + 14 * n, _SMALL, fill=_SOFT) for n, one in enumerate(lines)]
    return parts, y + 14 * len(lines) + 8


def _told(data: Harvest) -> str:
    said = [
        f"{domain}, {direction}: {', '.join(bar.study for bar in data.cells[domain, direction])}"
        for domain in data.domains
        for direction in data.directions
        if data.cells.get((domain, direction))
    ]
    return f"{len(data.domains)} domains in rows, directions in columns. " + "; ".join(said) + "."
