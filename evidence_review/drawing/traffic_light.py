"""Judgements as pictures: a light for each study and domain, and bars of how often each judgement was given.

Colours grow darker from good to bad and each has its own sign, so that they can be told apart in grey and without
colour vision.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from evidence_review.drawing import svg
from evidence_review.drawing.text import width, wrap
from evidence_review.summary import counted


@dataclass(frozen=True, slots=True)
class Look:
    """How a level is drawn: `fill`, the `sign` in it, and the colour of the sign."""

    fill: str
    sign: str
    ink: str = "#1a1a1a"
    dashed: bool = False


LEVELS = ("good", "some", "poor", "worst", "unclear", "none")
LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "good": Look("#cfe6f5", "+"),
        "some": Look("#f0b429", "–"),
        "poor": Look("#c8501e", "×", "#ffffff"),
        "worst": Look("#5b1515", "!", "#ffffff"),
        "unclear": Look("#ffffff", "?", dashed=True),
        "none": Look("#ececec", "·"),
    }
)


@dataclass(frozen=True, slots=True)
class Judgements:
    """What is drawn. `domains` are (id, what it means); `rows` are (study, answer of each domain, "" for none).

    `levels` maps each answer to one of `LEVELS`; `overall` names the domain that stands apart at the right, if any.
    """

    title: str
    domains: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, Sequence[str]]]
    levels: Mapping[str, str]
    overall: str = ""


SIZE, SMALL = 12.5, 11.0
_MARGIN, _LABEL, _CELL, _ROW, _RADIUS = 18.0, 210.0, 42.0, 32.0, 11.5
_INK, _LINE, _SOFT = "#1a1a1a", "#c9ced3", "#555b61"


def traffic_light(data: Judgements) -> str:
    """Return the picture of every judgement: a row a study, a column a domain."""
    wide = max(_MARGIN * 2 + _LABEL + _CELL * len(data.domains) + 12, 480.0)
    head = wrap(data.title, wide - 2 * _MARGIN, 15, bold=True)
    parts = [svg.line(text, _MARGIN, 28 + 19 * n, 15, bold=True) for n, text in enumerate(head)]
    top = 28 + 19 * len(head) + 22
    for place, (name, meaning) in enumerate(data.domains):
        x = _column(data, place)
        text = _heading(name, place)
        parts.append(
            svg.group([svg.element("title", svg.escape(meaning or name)),
                       svg.line(text, x, top, SMALL, bold=True, anchor="middle")])
        )  # fmt: skip
    y = top + 12.0
    for number, (study, answers) in enumerate(data.rows):
        parts.append(_row(data, study, answers, y, wide, shaded=number % 2 == 0))
        y += _ROW
    legend, high = _legend(data, y + 20, wide)
    description = (
        f"{counted(len(data.rows), 'study', 'studies')} in rows, {counted(len(data.domains), 'domain')} in columns. "
        + _counts(data)
    )
    return svg.document([*parts, *legend], wide, high, title=data.title, description=description)


def _heading(name: str, place: int) -> str:
    """Return a domain's name, or its number where that is too wide for the column: the legend then has the name."""
    return name if width(name, SMALL, bold=True) <= _CELL + 2 else f"D{place + 1}"


def _column(data: Judgements, place: int) -> float:
    apart = 10 if data.overall and data.domains[place][0] == data.overall else 0
    return _MARGIN + _LABEL + _CELL * place + _CELL / 2 + apart


def _row(data: Judgements, study: str, answers: Sequence[str], y: float, wide: float, *, shaded: bool) -> str:
    parts = []
    if shaded:
        parts.append(
            svg.element("rect", x=_MARGIN - 6, y=y, width=wide - 2 * _MARGIN + 12, height=_ROW, fill="#f6f7f8")
        )
    lines = wrap(study, _LABEL - 12, SIZE, lines=2)
    first = y + _ROW / 2 + 4.5 - 7 * (len(lines) - 1)
    parts += [svg.line(text, _MARGIN, first + 14 * n, SIZE) for n, text in enumerate(lines)]
    for place, answer in enumerate(answers):
        name = data.domains[place][0]
        if answer:
            said = f"{study}, {name}: {answer}"
            parts.append(_light(data.levels.get(answer, "unclear"), _column(data, place), y + _ROW / 2, said))
    return svg.group(parts, class_="er-study")


def _light(level: str, x: float, y: float, said: str) -> str:
    look = LOOKS[level]
    return svg.group(
        [
            svg.element("title", svg.escape(said)),
            svg.element(
                "circle", cx=x, cy=y, r=_RADIUS, fill=look.fill, stroke=_SOFT, stroke_width=1,
                stroke_dasharray="3 2" if look.dashed else None,
            ),
            svg.line(look.sign, x, y + 4.6, 14, bold=True, anchor="middle", fill=look.ink),
        ],
        class_=f"er-light er-{level}",
    )  # fmt: skip


def _used(data: Judgements) -> list[str]:
    """Return the answers that were given, from good to bad."""
    given = dict.fromkeys(answer for _, answers in data.rows for answer in answers if answer)
    return sorted(given, key=lambda answer: LEVELS.index(data.levels.get(answer, "unclear")))


def _counts(data: Judgements) -> str:
    counts = Counter(answer for _, answers in data.rows for answer in answers if answer)
    return "Judgements: " + ", ".join(f"{answer} {counts[answer]}" for answer in _used(data)) + "."


def _legend(data: Judgements, y: float, wide: float) -> tuple[list[str], float]:
    parts = []
    x = _MARGIN
    for answer in _used(data):
        room = 30 + width(answer, SIZE) + 18
        if x + room > wide - _MARGIN and x > _MARGIN:
            x, y = _MARGIN, y + 28
        parts.append(_light(data.levels.get(answer, "unclear"), x + _RADIUS, y, answer))
        parts.append(svg.line(answer, x + 30, y + 4.5, SIZE))
        x += room
    y += 34
    for place, (name, meaning) in enumerate(data.domains):
        heading = _heading(name, place)
        told = " - ".join(dict.fromkeys(text for text in (name, meaning) if text and text != heading))
        if not told:
            continue
        lines = wrap(told, wide - 2 * _MARGIN - 58, SMALL)
        parts.append(svg.line(heading, _MARGIN, y, SMALL, bold=True))
        parts += [svg.line(text, _MARGIN + 58, y + 14 * n, SMALL, fill=_SOFT) for n, text in enumerate(lines)]
        y += 14 * len(lines) + 3
    return parts, y + 8


_BAR_LABEL, _BAR, _BAR_ROW = 250.0, 420.0, 34.0


def summary(data: Judgements, weights: Sequence[float] = ()) -> str:
    """Return bars of how often each judgement was given in each domain, weighted where `weights` are given by study."""
    wide = _MARGIN * 2 + _BAR_LABEL + _BAR + 10
    head = wrap(data.title, wide - 2 * _MARGIN, 15, bold=True)
    parts = [svg.line(text, _MARGIN, 28 + 19 * n, 15, bold=True) for n, text in enumerate(head)]
    y = 28.0 + 19 * len(head) + 8
    left = _MARGIN + _BAR_LABEL
    told = []
    for place, (name, meaning) in enumerate(data.domains):
        shares = _shares(data, place, weights)
        text = f"{name}: {meaning}" if meaning and meaning != name else name
        lines = wrap(text, _BAR_LABEL - 14, SMALL, lines=2)
        first = y + _BAR_ROW / 2 + 4 - 6.5 * (len(lines) - 1)
        parts += [svg.line(one, _MARGIN, first + 13 * n, SMALL) for n, one in enumerate(lines)]
        parts.append(_bar(data, name, shares, left, y))
        told.append(f"{name}: " + ", ".join(f"{answer} {100 * share:.0f} %" for answer, share in shares.items()))
        y += _BAR_ROW
    for tick in range(0, 101, 25):
        x = left + _BAR * tick / 100
        parts.append(svg.element("line", x1=x, y1=y, x2=x, y2=y + 5, stroke=_SOFT, stroke_width=1))
        parts.append(svg.line(f"{tick} %", x, y + 18, SMALL, anchor="middle", fill=_SOFT))
    if any(not answer for _, answers in data.rows for answer in answers):
        note = "Where a study has no judgement in a domain, it is left out of that bar."
        parts.append(svg.line(note, _MARGIN, y + 40, SMALL, fill=_SOFT))
        y += 18
    small = Judgements(data.title, (), data.rows, data.levels)
    legend, high = _legend(small, y + 44, wide)
    how = "weighted" if weights else "each study counted once"
    description = f"Share of {len(data.rows)} studies with each judgement, {how}. " + "; ".join(told) + "."
    return svg.document([*parts, *legend], wide, high - 20, title=data.title, description=description)


def _shares(data: Judgements, place: int, weights: Sequence[float]) -> dict[str, float]:
    totals: dict[str, float] = dict.fromkeys(_used(data), 0.0)
    for number, (_, answers) in enumerate(data.rows):
        if answers[place]:
            totals[answers[place]] += weights[number] if weights else 1.0
    whole = sum(totals.values())
    return {answer: total / whole for answer, total in totals.items() if total} if whole else {}


def _bar(data: Judgements, name: str, shares: Mapping[str, float], left: float, y: float) -> str:
    parts = []
    x = left
    for answer, share in shares.items():
        look = LOOKS[data.levels.get(answer, "unclear")]
        parts.append(
            svg.group(
                [
                    svg.element("title", svg.escape(f"{name}: {answer}, {100 * share:.0f} %")),
                    svg.element("rect", x=x, y=y + 5, width=_BAR * share, height=_BAR_ROW - 10, fill=look.fill,
                                stroke="#ffffff" if look.fill != "#ffffff" else _LINE, stroke_width=1),
                    *([svg.line(look.sign, x + _BAR * share / 2, y + _BAR_ROW / 2 + 4.5, 13, bold=True,
                                anchor="middle", fill=look.ink)] if _BAR * share > 16 else []),
                ]
            )
        )  # fmt: skip
        x += _BAR * share
    outline = svg.element(
        "rect", x=left, y=y + 5, width=_BAR, height=_BAR_ROW - 10, fill="none", stroke=_SOFT, stroke_width=0.8
    )
    return svg.group([*parts, outline], class_="er-domain")
