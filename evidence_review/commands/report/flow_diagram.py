"""The PRISMA 2020 flow diagram of a flow: new or updated review, with or without other methods, as the data say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from evidence_review.commands.report.flow_boxes import (
    Options,
    boxes,
    columns,
    other_removed,
    other_screening,
    other_way,
)
from evidence_review.commands.report.labels import Labels
from evidence_review.drawing import boxes as drawn
from evidence_review.drawing import svg
from evidence_review.drawing.boxes import Grid, Placed
from evidence_review.drawing.text import width, wrap
from evidence_review.model.protocol import Adjustment
from evidence_review.state.flow import Flow

_WIDE, _SIDE_GAP, _ARM_GAP = 232.0, 30.0, 34.0
_BAR, _MARGIN, _HEAD = 26.0, 14.0, 34.0
_STAGE, _MAIN_HEAD, _OTHER_HEAD = "#d3e3f4", "#f7e2a0", "#e3e5e8"
_NOTE = 10.5


def draw(
    flow: Flow,
    labels: Labels,
    title: str,
    *,
    adjustments: Sequence[Adjustment] = (),
    draft: str = "",
    options: Options | None = None,
) -> str:
    """Return the diagram as SVG. `draft` is the watermark's line; "" for a final one."""
    shown = options or Options()
    update, other = flow.is_update, other_way(flow)
    inside = list(boxes(flow, labels, shown))
    grid = _grid(update=update, other=other)
    placed = drawn.place(inside, grid)
    high = max(box.y + box.high for box in placed.values())
    wide = grid.left + sum(grid.widths) + sum(grid.gaps) + _MARGIN
    parts = [*_bars(placed, labels), *_heads(grid, labels, update=update, other=other)]
    parts += _arrows(placed)
    parts += [drawn.draw(box) for box in placed.values()]
    notes = [
        text
        for note in _notes(flow, labels, adjustments if shown.show("adjustments") else (), draft)
        for text in wrap(note, wide - 2 * _MARGIN, _NOTE)
    ]
    y = high + 26
    for text in notes:
        parts.append(svg.line(text, _MARGIN, y, _NOTE, fill="#3c4043"))
        y += _NOTE * 1.4
    if draft:
        parts.append(_watermark(labels("draft"), wide, high))
    name = f"{labels('diagram.title')}: {title}"
    told = describe(flow, labels, shown)
    return svg.document(
        parts, wide, y + 2, title=name, description=told, language=labels.code, links=shown.links
    )  # fmt: skip


def describe(flow: Flow, labels: Labels, options: Options | None = None) -> str:
    """Return the diagram in words, for those who cannot see it: every box with its numbers."""
    lines = []
    for box in boxes(flow, labels, replace(options or Options(), whole=True)):
        head, *rest = (words.text for words in box.words)
        lines.append(f"{head}: {'; '.join(rest)}." if rest else f"{head}.")
    return " ".join(lines)


def _grid(*, update: bool, other: bool) -> Grid:
    names = list(columns(update=update, other=other))
    widths = tuple(168.0 if name == "previous" else _WIDE for name in names)
    gaps = tuple(_ARM_GAP if name in ("previous", "side") else _SIDE_GAP for name in names[:-1])
    return Grid(widths, gaps, left=_MARGIN + _BAR + 12, top=_MARGIN + _HEAD + 16)


def _bars(placed: dict[str, Placed], labels: Labels) -> Iterator[str]:
    """Yield the three stages down the left side."""
    for stage, rows in (("identification", (1,)), ("screening", (2, 3, 4, 5)), ("included", (6, 7, 8))):
        inside = [box for box in placed.values() if box.box.row in rows]
        top, foot = min(box.y for box in inside), max(box.y + box.high for box in inside)
        text = labels(f"stage.{stage}")
        size = min(12.5, 12.5 * (foot - top - 6) / max(width(text, 12.5, bold=True), 1))
        x, middle = _MARGIN, (top + foot) / 2
        centre = x + _BAR / 2
        yield svg.group(
            [
                svg.element(
                    "rect", x=x, y=top, width=_BAR, height=foot - top, rx=3, fill=_STAGE, stroke=drawn.EDGE,
                    stroke_width=0.8,
                ),
                svg.line(
                    text, centre, middle + size * 0.36, size, bold=True, anchor="middle",
                    transform=f"rotate(-90 {svg.number(centre)} {svg.number(middle)})",
                ),
            ],
            class_="er-stage",
        )  # fmt: skip


def _heads(grid: Grid, labels: Labels, *, update: bool, other: bool) -> Iterator[str]:
    """Yield the heading above each arm."""
    column = columns(update=update, other=other)
    new = ".new" if update else ""
    spans = [("main", "side", labels(f"arm.main{new}"), _MAIN_HEAD)]
    if update:
        spans.append(("previous", "previous", labels("arm.previous"), _OTHER_HEAD))
    if other:
        spans.append(("other", "other_side", labels(f"arm.other{new}"), _OTHER_HEAD))
    for first, last, text, fill in spans:
        left = grid.x(column[first])
        wide = grid.x(column[last]) + grid.widths[column[last]] - left
        lines = wrap(text, wide - 2 * drawn.PAD_X, 12.5, bold=True)
        top = _MARGIN + (_HEAD - len(lines) * 15) / 2
        yield svg.group(
            [
                svg.element(
                    "rect", x=left, y=_MARGIN, width=wide, height=_HEAD, rx=3, fill=fill, stroke=drawn.EDGE,
                    stroke_width=0.8,
                ),
                *(
                    svg.line(line, left + wide / 2, top + 11.5 + 15 * place, 12.5, bold=True, anchor="middle")
                    for place, line in enumerate(lines)
                ),
            ],
            class_="er-head",
        )  # fmt: skip


def _arrows(placed: dict[str, Placed]) -> Iterator[str]:
    last = next((key for key in ("appraised", "synthesised") if key in placed), "")
    main = ("identified", "records_screened", "dbr_sought_reports", "dbr_assessed", "included", "total", last)
    other = ("other_identified", "other_records_screened", "other_sought_reports", "other_assessed")
    for chain in (main, other):
        present = [placed[key] for key in chain if key in placed]
        for upper, lower in pairwise(present):
            yield drawn.down(upper, lower)
    for left, right in (
        ("identified", "removed"), ("records_screened", "records_excluded"),
        ("dbr_sought_reports", "dbr_notretrieved_reports"), ("dbr_assessed", "dbr_excluded"),
        ("other_identified", "other_removed"), ("other_records_screened", "other_records_excluded"),
        ("other_sought_reports", "other_notretrieved_reports"), ("other_assessed", "other_excluded"),
        ("appraised", "synthesised"),
    ):  # fmt: skip
        if left in placed and right in placed:
            yield drawn.across(placed[left], placed[right])
    for left, right in (
        ("dbr_assessed", "awaiting_classification"), ("other_assessed", "other_awaiting_classification"),
    ):  # fmt: skip
        if left in placed and right in placed:
            yield drawn.down_and_right(placed[left], placed[right])
    if "other_assessed" in placed:
        yield drawn.down_and_left(placed["other_assessed"], placed["included"])
    if "previous" in placed and "total" in placed:
        yield drawn.down_and_right(placed["previous"], placed["total"])


def _notes(flow: Flow, labels: Labels, adjustments: Sequence[Adjustment], draft: str) -> Iterator[str]:
    """Yield the lines under the diagram."""
    if draft:
        yield draft
    for item in adjustments:
        yield labels(
            "note.adjustment", identity=item.identity, count=f"{item.count:+d}".replace("-", "−"), reason=item.reason
        )
    if other_way(flow) and (other_removed(flow) or other_screening(flow)):
        yield labels("note.other_arm")
    yield labels("note.template")


def _watermark(text: str, wide: float, high: float) -> str:
    size = min(high * 0.34, wide / max(len(text), 1) * 1.1)
    centre, middle = wide / 2, high / 2 + size * 0.36
    return svg.element(
        "text", svg.escape(text), x=centre, y=middle, font_size=size, font_weight="bold", text_anchor="middle",
        fill="#b3261e", fill_opacity=0.13, transform=f"rotate(-28 {svg.number(centre)} {svg.number(high / 2)})",
        class_="er-watermark", aria_hidden="true",
    )  # fmt: skip
