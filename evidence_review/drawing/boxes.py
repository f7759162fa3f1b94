"""Boxes of text on a grid with arrows between them: each row is as high as its fullest box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evidence_review.drawing import svg
from evidence_review.drawing.text import wrap

SIZE, LEADING = 12.5, 16.5
PAD_X, PAD_Y = 10.0, 9.0
INK, EDGE = "#1a1a1a", "#5f6368"


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph in a box. Its second and later lines stand `hang` further in, so that items keep apart."""

    text: str
    bold: bool = False
    indent: float = 0.0
    hang: float = 0.0


@dataclass(frozen=True, slots=True)
class Box:
    """A box at a row and column of the grid. `link` makes it lead somewhere; `kind` becomes its class."""

    key: str
    row: int
    column: int
    words: tuple[Words, ...]
    fill: str = "#ffffff"
    link: str = ""
    kind: str = ""
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its place on the drawing and its broken lines (text, bold, indent)."""

    box: Box
    x: float
    y: float
    wide: float
    high: float
    lines: tuple[tuple[str, bool, float], ...]

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return self.y + self.high / 2

    @property
    def centre(self) -> float:
        """Where its centre stands across."""
        return self.x + self.wide / 2


@dataclass(frozen=True, slots=True)
class Grid:
    """Where columns stand and how wide they are; `left` and `top` is where the grid begins."""

    widths: tuple[float, ...]
    gaps: tuple[float, ...]
    left: float = 0.0
    top: float = 0.0
    row_gap: float = 26.0
    least: Mapping[int, float] = field(default_factory=dict)

    def x(self, column: int) -> float:
        """Return where a column begins."""
        return self.left + sum(self.widths[:column]) + sum(self.gaps[:column])


def place(boxes: Sequence[Box], grid: Grid) -> dict[str, Placed]:
    """Break the text of every box, size the rows, and centre each box in its row."""
    broken: dict[str, tuple[tuple[str, bool, float], ...]] = {}
    heights: dict[int, float] = dict(grid.least)
    for box in boxes:
        room = grid.widths[box.column] - 2 * PAD_X
        broken[box.key] = tuple(
            (line, words.bold, words.indent + (words.hang if number else 0))
            for words in box.words
            for number, line in enumerate(wrap(words.text, room - words.indent - words.hang, SIZE, bold=words.bold))
        )
        heights[box.row] = max(heights.get(box.row, 0.0), _high(len(broken[box.key])))
    tops: dict[int, float] = {}
    y = grid.top
    for row in sorted(heights):
        tops[row] = y
        y += heights[row] + grid.row_gap
    placed = {}
    for box in boxes:
        high = _high(len(broken[box.key]))
        top = tops[box.row] + (heights[box.row] - high) / 2
        placed[box.key] = Placed(box, grid.x(box.column), top, grid.widths[box.column], high, broken[box.key])
    return placed


def _high(lines: int) -> float:
    return lines * LEADING + 2 * PAD_Y


def draw(placed: Placed) -> str:
    """Return a placed box as an SVG group."""
    box = placed.box
    parts = [
        svg.element(
            "rect", x=placed.x, y=placed.y, width=placed.wide, height=placed.high, rx=3, fill=box.fill, stroke=EDGE,
            stroke_width=1.1, stroke_dasharray="5 3" if box.dashed else None,
        )
    ]  # fmt: skip
    y = placed.y + PAD_Y + SIZE
    for text, bold, indent in placed.lines:
        parts.append(svg.line(text, placed.x + PAD_X + indent, y, SIZE, bold=bold, fill=INK))
        y += LEADING
    drawing = svg.group(parts, class_=f"er-box {box.kind}".strip(), id=f"box-{box.key}")
    return svg.element("a", drawing, href=box.link) if box.link else drawing


def down(upper: Placed, lower: Placed) -> str:
    """Return an arrow from the foot of one box to the head of another below it."""
    return svg.arrow([(upper.centre, upper.y + upper.high), (upper.centre, lower.y)])


def across(left: Placed, right: Placed) -> str:
    """Return an arrow from one box to the one beside it."""
    return svg.arrow([(left.x + left.wide, left.middle), (right.x, left.middle)])


def down_and_left(upper: Placed, target: Placed) -> str:
    """Return an arrow from the foot of a box down and leftwards into the side of another."""
    return svg.arrow(
        [
            (upper.centre, upper.y + upper.high),
            (upper.centre, target.middle),
            (target.x + target.wide, target.middle),
        ]
    )


def down_and_right(upper: Placed, target: Placed) -> str:
    """Return an arrow from the foot of a box down and rightwards into the side of another."""
    return svg.arrow([(upper.centre, upper.y + upper.high), (upper.centre, target.middle), (target.x, target.middle)])
