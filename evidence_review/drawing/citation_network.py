"""A citation network as a picture: documents in rows by group, placed by year, with curves from citing to cited.

What cites what directly is a solid curve with an arrowhead at the cited document; two documents that only share
neighbours (both cite, or are cited by, the same) are joined by a dashed curve, the thicker the more they share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evidence_review.drawing import svg
from evidence_review.drawing.text import width, wrap


@dataclass(frozen=True, slots=True)
class Row:
    """A document. `group` counts from 0; `cites` and `cited_by` are how many documents were found for it."""

    key: str
    label: str
    title: str
    year: int | None
    group: int
    included: bool
    cites: int
    cited_by: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A connection of two rows by key: `first` cites `second`, or they have so many neighbours in common (`shared`)."""

    first: str
    second: str
    shared: int = 0


SIZE, SMALL, MARGIN, ROW = 12.0, 10.5, 18.0, 24.0
LABEL, PLOT, NUMBERS = 210.0, 430.0, 120.0
WIDE = MARGIN * 2 + LABEL + PLOT + NUMBERS
_SOFT, _LINE, _BAND, _DIRECT, _SHARED, _FILL = "#555b61", "#c9ced3", "#f4f5f6", "#1f5f99", "#8a6d1f", "#1f5f99"


def draw(title: str, rows: Sequence[Row], curves: Sequence[Curve], notes: Sequence[str] = ()) -> str:
    """Return the network as SVG; every document and curve says in words what it is."""
    head = wrap(title, WIDE - 2 * MARGIN, 15, bold=True)
    parts = [svg.line(text, MARGIN, 28 + 19 * n, 15, bold=True) for n, text in enumerate(head)]
    top = 28.0 + 19 * len(head) + 26
    parts += [
        svg.line("cites", WIDE - MARGIN - NUMBERS + 44, top - 12, SMALL, anchor="end", fill=_SOFT),
        svg.line("cited by", WIDE - MARGIN - 8, top - 12, SMALL, anchor="end", fill=_SOFT),
    ]
    place = {row.key: (_x(row.year, rows), top + ROW * number + ROW / 2) for number, row in enumerate(rows)}
    bottom = top + ROW * len(rows)
    parts += _bands(rows, top)
    parts += _axis(rows, top, bottom)
    parts += [_curve(curve, place, rows) for curve in curves if curve.first in place and curve.second in place]
    parts += [_row(row, *place[row.key]) for row in rows]
    foot, high = _foot(bottom + 40, notes)
    return svg.document([*parts, *foot], WIDE, high, title=title, description=_told(rows, curves))


def _years(rows: Sequence[Row]) -> tuple[int, int]:
    known = [row.year for row in rows if row.year is not None]
    return (min(known), max(known)) if known else (0, 0)


def _x(year: int | None, rows: Sequence[Row]) -> float:
    """Return where a year lies; a document without one stands before the first."""
    first, last = _years(rows)
    left = MARGIN + LABEL + 30
    if year is None:
        return left - 16
    return left + (PLOT - 60) * ((year - first) / (last - first) if last > first else 0.5)


def _bands(rows: Sequence[Row], top: float) -> list[str]:
    """Return a shade behind every second group, so that groups are told apart without colour."""
    return [
        svg.element("rect", x=MARGIN, y=top + ROW * number, width=WIDE - 2 * MARGIN, height=ROW, fill=_BAND)
        for number, row in enumerate(rows)
        if row.group % 2 == 0
    ]


def _axis(rows: Sequence[Row], top: float, bottom: float) -> list[str]:
    first, last = _years(rows)
    if not last:
        return []
    step = max(1, math.ceil((last - first) / 8))
    years = sorted({*range(first, last + 1, step), last} - ({last - 1} if step > 1 else set()))
    parts = []
    for year in years:
        x = _x(year, rows)
        parts.append(svg.element("line", x1=x, y1=top, x2=x, y2=bottom + 4, stroke=_LINE, stroke_width=1))
        parts.append(svg.line(str(year), x, bottom + 18, SMALL, anchor="middle", fill=_SOFT))
    return parts


def _curve(curve: Curve, place: dict[str, tuple[float, float]], rows: Sequence[Row]) -> str:
    (x1, y1), (x2, y2) = place[curve.first], place[curve.second]
    label = {row.key: row.label for row in rows}
    # Bent to the right of both ends, the further the longer, so that curves of one column do not lie on each other.
    bend = max(x1, x2) + min(20 + abs(y2 - y1) * 0.28, 120)
    bend = min(bend, MARGIN + LABEL + PLOT + 6)
    path = (
        f"M{svg.number(x1)} {svg.number(y1)} C{svg.number(bend)} {svg.number(y1)} {svg.number(bend)} {svg.number(y2)}"
    )
    if curve.shared:
        said = f"{label[curve.first]} and {label[curve.second]} share {curve.shared}"
        drawn = svg.element(
            "path", d=f"{path} {svg.number(x2)} {svg.number(y2)}", fill="none", stroke=_SHARED, stroke_opacity=0.75,
            stroke_width=min(0.8 + 0.4 * math.sqrt(curve.shared), 3.2), stroke_dasharray="4 3",
        )  # fmt: skip
    else:
        said = f"{label[curve.first]} cites {label[curve.second]}"
        tip = x2 + 6
        drawn = svg.element(
            "path", d=f"{path} {svg.number(tip + 5)} {svg.number(y2)}", fill="none", stroke=_DIRECT, stroke_width=1.4
        ) + svg.element(
            "polygon", fill=_DIRECT,
            points=" ".join(
                f"{svg.number(x)},{svg.number(y)}" for x, y in ((tip, y2), (tip + 7, y2 - 3.5), (tip + 7, y2 + 3.5))
            ),
        )  # fmt: skip
    kind = "er-shared" if curve.shared else "er-cites"
    return svg.group([svg.element("title", svg.escape(said)), drawn], class_=kind)


def _row(row: Row, x: float, y: float) -> str:
    label = wrap(row.label, LABEL - 16, SIZE, lines=1)[0] if row.label else "(no title)"
    said = f"{row.label}. {row.title} Cites {row.cites}, cited by {row.cited_by}."
    return svg.group(
        [
            svg.element("title", svg.escape(said)),
            svg.element(
                "rect", x=MARGIN, y=y - ROW / 2, width=WIDE - 2 * MARGIN, height=ROW, fill="#ffffff", fill_opacity=0
            ),
            svg.line(label, MARGIN + 6, y + 4, SIZE, bold=row.included),
            svg.element(
                "circle", cx=x, cy=y, r=5, fill=_FILL if row.included else "#ffffff", stroke=_FILL, stroke_width=1.5
            ),
            svg.line(f"{row.cites:,}", WIDE - MARGIN - NUMBERS + 44, y + 4, SIZE, anchor="end"),
            svg.line(f"{row.cited_by:,}", WIDE - MARGIN - 8, y + 4, SIZE, anchor="end"),
        ],
        class_="er-study",
        data_key=row.key,
    )


def _foot(y: float, notes: Sequence[str]) -> tuple[list[str], float]:
    keys = (
        ("●", _FILL, "included"),
        ("○", _FILL, "followed, not included"),
        ("→", _DIRECT, "cites"),
        ("╌", _SHARED, "both cite, or are both cited by, the same document"),
    )
    x, parts = MARGIN, []
    for sign, colour, words in keys:
        parts.append(_sign(sign, x, y, colour))
        parts.append(svg.line(words, x + 24, y, SMALL))
        x += 24 + width(words, SMALL) + 18
    y += 22
    for note in notes:
        for text in wrap(note, WIDE - 2 * MARGIN, SMALL):
            parts.append(svg.line(text, MARGIN, y, SMALL, fill=_SOFT))
            y += 14
    return parts, y + 4


def _sign(sign: str, x: float, y: float, colour: str) -> str:
    """Return a sign of the legend, drawn and not typed, for fonts differ."""
    if sign in "●○":
        fill = colour if sign == "●" else "#ffffff"
        return svg.element("circle", cx=x + 10, cy=y - 4, r=5, fill=fill, stroke=colour, stroke_width=1.5)
    dash = None if sign == "→" else "4 3"
    shaft = svg.element(
        "line", x1=x, y1=y - 4, x2=x + 18, y2=y - 4, stroke=colour, stroke_width=1.6, stroke_dasharray=dash
    )
    if sign != "→":
        return shaft
    corners = ((x + 20, y - 4), (x + 13, y - 7.5), (x + 13, y - 0.5))
    tip = " ".join(f"{svg.number(across)},{svg.number(down)}" for across, down in corners)
    return shaft + svg.element("polygon", points=tip, fill=colour)


def _told(rows: Sequence[Row], curves: Sequence[Curve]) -> str:
    label = {row.key: row.label for row in rows}
    direct = [f"{label[curve.first]} cites {label[curve.second]}" for curve in curves if not curve.shared]
    shared = [
        f"{label[curve.first]} and {label[curve.second]} share {curve.shared}" for curve in curves if curve.shared
    ]
    groups = len({row.group for row in rows})
    return " ".join(
        [
            f"{len(rows)} documents in {groups} group{'' if groups == 1 else 's'}.",
            f"Direct: {'; '.join(direct)}." if direct else "None cites another.",
            f"Neighbours in common: {'; '.join(shared)}." if shared else "",
        ]
    ).strip()
