"""The PRISMA 2020 flow diagram of a flow: new or updated review, with or without other methods, as the data say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evidence_review.commands.report.labels import Labels
from evidence_review.drawing import boxes as drawn
from evidence_review.drawing import svg
from evidence_review.drawing.boxes import Box, Grid, Placed, Words
from evidence_review.drawing.text import width, wrap
from evidence_review.model.protocol import Adjustment
from evidence_review.state.flow import NO_REASON, Count, Flow

_WIDE, _SIDE_GAP, _ARM_GAP = 232.0, 30.0, 34.0
_BAR, _MARGIN, _HEAD = 26.0, 14.0, 34.0
_STAGE, _MAIN_HEAD, _OTHER_HEAD = "#d3e3f4", "#f7e2a0", "#e3e5e8"
_NOTE = 10.5

# Box of the diagram → the counts whose records it stands for.
BOXES = {
    "identified": ("database_results", "register_results"),
    "removed": ("duplicates", "excluded_automatic", "excluded_other", "unscreened"),
    "records_screened": ("records_screened",),
    "records_excluded": ("records_excluded", "awaiting_screening"),
    "dbr_sought_reports": ("dbr_sought_reports",),
    "dbr_notretrieved_reports": ("dbr_notretrieved_reports", "awaiting_retrieval"),
    "dbr_assessed": ("dbr_assessed",),
    "dbr_excluded": ("dbr_excluded", "awaiting_eligibility"),
    "other_identified": ("website_results", "organisation_results", "citations_results", "other_results"),
    "other_removed": ("other_duplicates", "other_excluded_automatic", "other_excluded_other", "other_unscreened"),
    "other_records_screened": ("other_records_screened",),
    "other_records_excluded": ("other_records_excluded", "other_awaiting_screening"),
    "other_sought_reports": ("other_sought_reports",),
    "other_notretrieved_reports": ("other_notretrieved_reports", "other_awaiting_retrieval"),
    "other_assessed": ("other_assessed",),
    "other_excluded": ("other_excluded", "other_awaiting_eligibility"),
    "included": ("new_reports",),
}


@dataclass(frozen=True, slots=True)
class Options:
    """What the diagram shows in its boxes beside their totals. `links` makes each box lead to `#list-<key>`."""

    sources: bool = True
    reasons: bool = True
    title_abstract_reasons: bool = True
    automation: bool = True
    links: bool = False


PARTS = {
    "sources": "the records of each source",
    "reasons": "the reasons for exclusion at full text",
    "title-abstract-reasons": "the reasons for exclusion at title and abstract",
    "automation": "how many records people and automation tools excluded",
}


def hiding(parts: Iterable[str], *, links: bool) -> Options:
    """Return the options that leave out `parts`, which are keys of PARTS."""
    shown = {name.replace("-", "_"): name not in set(parts) for name in PARTS}
    return Options(links=links, **shown)


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
    update, other = flow.is_update, _other_way(flow)
    boxes = list(_boxes(flow, labels, shown))
    grid = _grid(update=update, other=other)
    placed = drawn.place(boxes, grid)
    high = max(box.y + box.high for box in placed.values())
    wide = grid.left + sum(grid.widths) + sum(grid.gaps) + _MARGIN
    parts = [*_bars(placed, labels), *_heads(grid, labels, update=update, other=other)]
    parts += _arrows(placed)
    parts += [drawn.draw(box) for box in placed.values()]
    notes = [
        text for note in _notes(flow, labels, adjustments, draft) for text in wrap(note, wide - 2 * _MARGIN, _NOTE)
    ]
    y = high + 26
    for text in notes:
        parts.append(svg.line(text, _MARGIN, y, _NOTE, fill="#3c4043"))
        y += _NOTE * 1.4
    if draft:
        parts.append(_watermark(labels("draft"), wide, high))
    name = f"{labels('diagram.title')}: {title}"
    return svg.document(parts, wide, y + 2, title=name, description=describe(flow, labels, shown), language=labels.code)


def describe(flow: Flow, labels: Labels, options: Options | None = None) -> str:
    """Return the diagram in words, for those who cannot see it: every box with its numbers."""
    lines = []
    for box in _boxes(flow, labels, options or Options()):
        head, *rest = (words.text for words in box.words)
        lines.append(f"{head}: {'; '.join(rest)}." if rest else f"{head}.")
    return " ".join(lines)


def _columns(*, update: bool, other: bool) -> dict[str, int]:
    names = [*(["previous"] if update else []), "main", "side", *(["other", "other_side"] if other else [])]
    return {name: place for place, name in enumerate(names)}


def _grid(*, update: bool, other: bool) -> Grid:
    columns = _columns(update=update, other=other)
    widths = tuple(168.0 if name == "previous" else _WIDE for name in columns)
    gaps = tuple(_ARM_GAP if name in ("previous", "side") else _SIDE_GAP for name in list(columns)[:-1])
    return Grid(widths, gaps, left=_MARGIN + _BAR + 12, top=_MARGIN + _HEAD + 16)


def _boxes(flow: Flow, labels: Labels, shown: Options) -> Iterator[Box]:
    """Yield every box that the data call for."""
    update, other = flow.is_update, _other_way(flow)
    column = _columns(update=update, other=other)

    def box(key: str, row: int, where: str, words: Iterable[Words], kind: str = "", fill: str = "#ffffff") -> Box:
        link = f"#list-{key}" if shown.links and _has_records(flow, key) else ""
        return Box(key, row, column[where], tuple(words), fill, link, kind)

    if update:
        yield box("previous", 1, "previous", _previous(flow, labels), "er-previous")
    others = ("website_results", "organisation_results", "citations_results", "other_results")
    # Where a published diagram screens the records of other methods with the rest, they stand in one box.
    routes = ("database_results", "register_results", *(() if other else (*others, "pooled_results")))
    yield box("identified", 1, "main", _identified(flow, labels, shown, routes))
    yield box("removed", 1, "side", _removed(flow, labels, ""), "er-side")
    yield box("records_screened", 2, "main", [_head(labels, "box.screened", flow.get("records_screened"))])
    yield box("records_excluded", 2, "side", _excluded(flow, labels, shown, "records_excluded"), "er-side")
    yield box("dbr_sought_reports", 3, "main", [_head(labels, "box.sought", flow.get("dbr_sought_reports"))])
    yield box("dbr_notretrieved_reports", 3, "side", _missing(flow, labels, ""), "er-side")
    yield box("dbr_assessed", 4, "main", [_head(labels, "box.assessed", flow.get("dbr_assessed"))])
    yield box("dbr_excluded", 4, "side", _reasons(flow, labels, shown, "dbr_excluded"), "er-side")
    if other:
        yield box("other_identified", 1, "other", _identified(flow, labels, shown, others))
        if _other_removed(flow):
            yield box("other_removed", 1, "other_side", _removed(flow, labels, "other_"), "er-side")
        if _other_screening(flow):
            screened = flow.get("other_records_screened")
            yield box("other_records_screened", 2, "other", [_head(labels, "box.screened", screened)])
            words = _excluded(flow, labels, shown, "other_records_excluded")
            yield box("other_records_excluded", 2, "other_side", words, "er-side")
        yield box("other_sought_reports", 3, "other", [_head(labels, "box.sought", flow.get("other_sought_reports"))])
        yield box("other_notretrieved_reports", 3, "other_side", _missing(flow, labels, "other_"), "er-side")
        yield box("other_assessed", 4, "other", [_head(labels, "box.assessed", flow.get("other_assessed"))])
        yield box("other_excluded", 4, "other_side", _reasons(flow, labels, shown, "other_excluded"), "er-side")
    yield box("included", 5, "main", _included(flow, labels, update=update), "er-included")
    if update and (flow.get("total_studies") or flow.get("total_reports")):
        yield box("total", 6, "main", _total(flow, labels), "er-included")


def _other_way(flow: Flow) -> bool:
    """Whether records of other methods went a way of their own."""
    steps = ("other_sought_reports", "other_assessed", "other_records_screened", "other_included")
    return flow.has_other_arm and any(flow.get(key) is not None for key in steps)


def _has_records(flow: Flow, key: str) -> bool:
    return any((number := flow.get(name)) is not None and number.ids for name in BOXES.get(key, ()))


def _head(labels: Labels, key: str, number: Count | None) -> Words:
    return Words(f"{labels(key)} {labels.n(number.n)}" if number else labels(key), bold=True)


def _item(labels: Labels, text: str, n: int, indent: float = 8.0) -> Words:
    return Words(f"{text} {labels.n(n)}", indent=indent, hang=8)


_ROUTE_WORDS = {
    "database_results": "item.databases",
    "register_results": "item.registers",
    "website_results": "item.websites",
    "organisation_results": "item.organisations",
    "citations_results": "item.citations",
    "other_results": "item.other",
    "pooled_results": "item.other",
}


def _identified(flow: Flow, labels: Labels, shown: Options, keys: Sequence[str]) -> Iterator[Words]:
    """The box of identified records: its total in the head, each route, and each source where there are several."""
    known = any(flow.get(key) is not None for key in keys)
    total = labels.n(sum(flow.having(key) for key in keys)) if known else ""
    yield Words(f"{labels('box.identified')} {total}".rstrip(), bold=True)
    for key in keys:
        number = flow.get(key)
        if number is None or (number.n == 0 and not number.parts):
            continue
        yield _item(labels, labels(_ROUTE_WORDS[key]), number.n)
        if shown.sources:
            for name, part in number.parts.items():
                yield _item(labels, part.label or name, part.n, 20.0)


def _removed(flow: Flow, labels: Labels, arm: str) -> Iterator[Words]:
    keys = {
        f"{arm}duplicates": "item.duplicates",
        f"{arm}excluded_automatic": "item.automation",
        f"{arm}excluded_other": "item.removed_other",
        f"{arm}unscreened": "item.unscreened",
    }
    known = flow.get(f"{arm}duplicates") is not None
    total = labels.n(sum(flow.having(key) for key in keys)) if known else ""
    yield Words(f"{labels('box.removed')} {total}".rstrip(), bold=True)
    for key, words in keys.items():
        if flow.having(key) or (key == "duplicates" and known):
            yield _item(labels, labels(words), flow.having(key))


def _excluded(flow: Flow, labels: Labels, shown: Options, key: str) -> Iterator[Words]:
    """The box of records excluded at title and abstract: by whom, by what reason, and what still waits."""
    yield _head(labels, "box.excluded", flow.get(key))
    machine = flow.having(f"{key}_automation")
    if shown.automation and machine:
        yield _item(labels, labels("item.by_people"), flow.having(f"{key}_human"))
        yield _item(labels, labels("item.by_automation"), machine)
    number = flow.get(key)
    if shown.title_abstract_reasons and number and set(number.parts) - {NO_REASON}:
        yield from _parts(number, labels, shown)
    waiting = flow.having("awaiting_screening" if key == "records_excluded" else "other_awaiting_screening")
    if waiting:
        yield _item(labels, labels("item.awaiting"), waiting, 0)


def _missing(flow: Flow, labels: Labels, arm: str) -> Iterator[Words]:
    key = f"{arm}notretrieved_reports" if arm else "dbr_notretrieved_reports"
    yield _head(labels, "box.not_retrieved", flow.get(key))
    if flow.having(f"{arm}awaiting_retrieval"):
        yield _item(labels, labels("item.awaiting_retrieval"), flow.having(f"{arm}awaiting_retrieval"), 0)


def _reasons(flow: Flow, labels: Labels, shown: Options, key: str) -> Iterator[Words]:
    number = flow.get(key)
    yield _head(labels, "box.reports_excluded", number)
    if number and shown.reasons:
        yield from _parts(number, labels, shown)
    waiting = flow.having("awaiting_eligibility" if key == "dbr_excluded" else "other_awaiting_eligibility")
    if waiting:
        yield _item(labels, labels("item.awaiting"), waiting, 0)


def _parts(number: Count, labels: Labels, shown: Options) -> Iterator[Words]:
    for code, part in number.parts.items():
        label = labels("item.no_reason") if code == NO_REASON else part.label or code
        yield _item(labels, label, part.n)


def _previous(flow: Flow, labels: Labels) -> Iterator[Words]:
    yield Words(labels("box.previous"), bold=True)
    yield from _units(flow, labels, "previous")


def _included(flow: Flow, labels: Labels, *, update: bool) -> Iterator[Words]:
    yield Words(labels("box.included.new" if update else "box.included"), bold=True)
    yield from _units(flow, labels, "new")


def _total(flow: Flow, labels: Labels) -> Iterator[Words]:
    yield Words(labels("box.total"), bold=True)
    yield from _units(flow, labels, "total")
    if flow.get("total_studies_ma"):
        yield _item(labels, labels("item.pooled"), flow.having("total_studies_ma"))


def _units(flow: Flow, labels: Labels, which: str) -> Iterator[Words]:
    studies, reports = flow.get(f"{which}_studies"), flow.get(f"{which}_reports")
    if studies is not None:
        yield _item(labels, labels("item.studies"), studies.n)
    if reports is not None:
        yield _item(labels, labels("item.reports" if studies is not None else "item.reports_alone"), reports.n)


def _other_removed(flow: Flow) -> bool:
    keys = ("other_duplicates", "other_excluded_automatic", "other_excluded_other", "other_unscreened")
    return any(flow.having(key) for key in keys)


def _other_screening(flow: Flow) -> bool:
    return bool(flow.having("other_records_excluded") or flow.having("other_awaiting_screening"))


def _bars(placed: dict[str, Placed], labels: Labels) -> Iterator[str]:
    """Yield the three stages down the left side."""
    for stage, rows in (("identification", (1,)), ("screening", (2, 3, 4)), ("included", (5, 6))):
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
    column = _columns(update=update, other=other)
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
    main = ("identified", "records_screened", "dbr_sought_reports", "dbr_assessed", "included", "total")
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
    ):  # fmt: skip
        if left in placed and right in placed:
            yield drawn.across(placed[left], placed[right])
    if "other_assessed" in placed:
        yield drawn.down_and_left(placed["other_assessed"], placed["included"])
    if "previous" in placed and "total" in placed:
        yield drawn.down_and_right(placed["previous"], placed["total"])


def _notes(flow: Flow, labels: Labels, adjustments: Sequence[Adjustment], draft: str) -> Iterator[str]:
    """Yield the lines under the diagram."""
    if draft:
        yield draft
    for item in adjustments:
        yield labels("note.adjustment", identity=item.identity, count=f"{item.count:+d}", reason=item.reason)
    if _other_way(flow) and (_other_removed(flow) or _other_screening(flow)):
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
