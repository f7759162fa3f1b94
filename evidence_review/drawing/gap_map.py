"""An evidence gap map as a picture: bubbles as large as the number of studies, coloured, and gaps that can be seen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evidence_review.drawing import svg
from evidence_review.drawing.text import width, wrap


@dataclass(frozen=True, slots=True)
class Shade:
    """A colour of the map: the answer that it stands for, its fill and the ink that reads on it."""

    answer: str
    fill: str
    ink: str = "#1a1a1a"


# Twice from light to dark, so that neighbours also differ in grey; the count in a bubble does not depend on colour.
SHADES = (
    "#cfe6f5", "#f0c35b", "#7fb38a", "#c8501e", "#5a5fa8", "#3b1f2b",
    "#f3d3e3", "#c3cf3a", "#a9a29a", "#c0397b", "#0f6e73", "#1d2f6f",
)  # fmt: skip
_LIGHT_INK = ("#c8501e", "#5a5fa8", "#3b1f2b", "#c0397b", "#0f6e73", "#1d2f6f")


@dataclass(frozen=True, slots=True)
class Bubbles:
    """What is drawn. `cells` has, for (row, column), how many studies of each shade's answer ("" without colours)."""

    title: str
    rows: Sequence[str]
    columns: Sequence[str]
    row_label: str
    column_label: str
    cells: Mapping[tuple[str, str], Mapping[str, int]]
    shades: Sequence[Shade] = ()
    shade_label: str = ""
    notes: Sequence[str] = ()


def shades(answers: Sequence[str]) -> tuple[Shade, ...]:
    """Return a shade for each answer; past the last, shades repeat (the words in the picture still tell)."""
    fills = [SHADES[place % len(SHADES)] for place in range(len(answers))]
    return tuple(
        Shade(answer, fill, "#ffffff" if fill in _LIGHT_INK else "#1a1a1a")
        for answer, fill in zip(answers, fills, strict=True)
    )


SIZE, SMALL, MARGIN, LABEL = 12.0, 10.5, 18.0, 170.0
_INK, _SOFT, _LINE, _GAP = "#1a1a1a", "#555b61", "#c9ced3", "#f4f5f6"
_LEAST, _MOST = 8.0, 21.0


def draw(data: Bubbles) -> str:
    """Return the map as SVG; each bubble says in words what it stands for."""
    kinds = [shade.answer for shade in data.shades] or [""]
    across = min(len(kinds), 2)
    cell_wide = max(96.0, across * 2 * (_MOST + 3))
    cell_high = max(54.0, math.ceil(len(kinds) / across) * 2 * (_MOST + 2))
    wide = max(MARGIN * 2 + LABEL + cell_wide * len(data.columns), 420.0)
    parts, y = _head(data, wide, cell_wide)
    most = max((count for cell in data.cells.values() for count in cell.values()), default=1)
    for row in data.rows:
        lines = wrap(row, LABEL - 12, SIZE, lines=4)
        high = max(cell_high, 15 * len(lines) + 10)
        first = y + high / 2 + 4 - 7.5 * (len(lines) - 1)
        parts += [svg.line(text, MARGIN, first + 15 * n, SIZE) for n, text in enumerate(lines)]
        for place, column in enumerate(data.columns):
            x = MARGIN + LABEL + cell_wide * place
            parts.append(_cell(data, row, column, (x, y, cell_wide, high), most))
        y += high
    foot, high = _foot(data, y + 26, wide)
    empty = sum(not data.cells.get((row, column)) for row in data.rows for column in data.columns)
    description = (
        f"{data.row_label} in {len(data.rows)} rows, {data.column_label} in {len(data.columns)} columns. "
        f"{empty} of {len(data.rows) * len(data.columns)} cells have no study. " + _told(data)
    )
    return svg.document([*parts, *foot], wide, high, title=data.title, description=description)


def _told(data: Bubbles) -> str:
    found = [
        f"{row} and {column}: {sum(cell.values())}"
        for row in data.rows
        for column in data.columns
        if (cell := data.cells.get((row, column)))
    ]
    return "Studies: " + "; ".join(found) + "." if found else ""


def _head(data: Bubbles, wide: float, cell_wide: float) -> tuple[list[str], float]:
    parts = [
        svg.line(text, MARGIN, 28 + 19 * n, 15, bold=True)
        for n, text in enumerate(wrap(data.title, wide - 2 * MARGIN, 15, bold=True))
    ]
    y = 28.0 + 19 * len(parts) + 6
    parts.append(svg.line(data.column_label, MARGIN + LABEL, y, SMALL, fill=_SOFT))
    broken = [wrap(column, cell_wide - 10, SIZE, bold=True, lines=4) for column in data.columns]
    deepest = max((len(lines) for lines in broken), default=1)
    y += 18
    for place, lines in enumerate(broken):
        x = MARGIN + LABEL + cell_wide * (place + 0.5)
        base = y + 15 * (deepest - len(lines))
        parts += [svg.line(text, x, base + 15 * n, SIZE, bold=True, anchor="middle") for n, text in enumerate(lines)]
    y += 15 * deepest
    parts.append(svg.line(data.row_label, MARGIN, y - 13, SMALL, fill=_SOFT))
    return parts, y


def _cell(data: Bubbles, row: str, column: str, box: tuple[float, float, float, float], most: int) -> str:
    x, y, wide, high = box
    cell = {answer: count for answer, count in data.cells.get((row, column), {}).items() if count}
    total = sum(cell.values())
    said = f"{row}, {column}: {total or 'no'} {'study' if total == 1 else 'studies'}"
    parts = [
        svg.element("title", svg.escape(said)),
        svg.element(
            "rect", x=x, y=y, width=wide, height=high, fill="#ffffff" if cell else _GAP, stroke=_LINE, stroke_width=1
        ),
    ]
    if not cell:
        parts.append(svg.line("gap", x + wide / 2, y + high / 2 + 4, SMALL, anchor="middle", fill=_SOFT))
    known = [shade for shade in data.shades if shade.answer in cell]
    other = [Shade(answer, SHADES[0]) for answer in cell if answer not in [shade.answer for shade in data.shades]]
    drawn = [*known, *other]
    across = min(len(drawn), 2)
    down = math.ceil(len(drawn) / across) if across else 0
    for place, shade in enumerate(drawn):
        count = cell[shade.answer]
        centre_x = x + wide * (place % across + 0.5) / across
        centre_y = y + high * (place // across + 0.5) / down
        radius = max(_LEAST, _MOST * math.sqrt(count / most))
        words = f"{said}; {shade.answer}: {count}" if shade.answer else said
        parts.append(
            svg.group(
                [
                    svg.element("title", svg.escape(words)),
                    svg.element("circle", cx=centre_x, cy=centre_y, r=radius, fill=shade.fill, stroke=_SOFT,
                                stroke_width=0.9),
                    svg.line(str(count), centre_x, centre_y + 4, 11, bold=True, anchor="middle", fill=shade.ink),
                ],
                class_="er-bubble",
            )
        )  # fmt: skip
    return svg.group(parts, class_="er-cell" if cell else "er-cell er-gap")


def _foot(data: Bubbles, y: float, wide: float) -> tuple[list[str], float]:
    parts = []
    if data.shades:
        x = MARGIN
        parts.append(svg.line(f"{data.shade_label}:", x, y, SMALL, fill=_SOFT))
        x += width(f"{data.shade_label}:", SMALL) + 14
        for shade in data.shades:
            room = 22 + width(shade.answer, SMALL) + 14
            if x + room > wide - MARGIN:
                x, y = MARGIN, y + 22
            parts.append(
                svg.element("circle", cx=x + 7, cy=y - 4, r=7, fill=shade.fill, stroke=_SOFT, stroke_width=0.9)
            )
            parts.append(svg.line(shade.answer, x + 20, y, SMALL))
            x += room
        y += 22
    for note in data.notes:
        for text in wrap(note, wide - 2 * MARGIN, SMALL):
            parts.append(svg.line(text, MARGIN, y, SMALL, fill=_SOFT))
            y += 14
    return parts, y + 6
