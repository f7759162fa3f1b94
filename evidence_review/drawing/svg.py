"""SVG as text: elements with presentation attributes, so that every reader draws them alike, and classes for pages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from evidence_review.drawing.text import width

FONT = "Arial, 'Liberation Sans', Helvetica, 'Nimbus Sans', Arimo, 'Noto Sans', sans-serif"

# What XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets).
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def escape(text: str) -> str:
    """Return text as it may stand between tags and in attributes; characters that XML cannot hold become U+FFFD."""
    return allowed(text).translate(_ESCAPES)


def allowed(text: str) -> str:
    """Return text with U+FFFD for what XML cannot hold, such as NUL."""
    return _FORBIDDEN.sub("\ufffd", text)


def number(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def element(name: str, inner: str | None = None, **attributes: object) -> str:
    """Return an element; `class_` and `stroke_width` become `class` and `stroke-width`, None leaves one out."""
    parts = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        shown = number(value) if isinstance(value, float | int) and not isinstance(value, bool) else str(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{escape(shown)}"')
    head = " ".join(parts)
    return f"<{head}/>" if inner is None else f"<{head}>{inner}</{name}>"


def group(children: Iterable[str], **attributes: object) -> str:
    """Return elements in a group."""
    return element("g", "\n" + "\n".join(children) + "\n", **attributes)


def line(
    text: str,
    x: float,
    y: float,
    size: float,
    *,
    bold: bool = False,
    anchor: str = "start",
    fill: str = "#1a1a1a",
    **attributes: object,
) -> str:
    """Return one line of text, held to its measured width; `y` is its baseline."""
    return element(
        "text",
        escape(text),
        x=x,
        y=y,
        font_size=size,
        font_weight="bold" if bold else None,
        text_anchor=None if anchor == "start" else anchor,
        fill=fill,
        textLength=round(width(text, size, bold=bold), 2) if text.strip() else None,
        lengthAdjust="spacingAndGlyphs" if text.strip() else None,
        **attributes,
    )


def arrow(points: Iterable[tuple[float, float]], colour: str = "#4a4a4a") -> str:
    """Return a line through `points` that ends in an arrowhead; the last leg is horizontal or vertical."""
    legs = list(points)
    (x1, y1), (x2, y2) = legs[-2], legs[-1]
    length, half = 7.0, 3.5
    along = (0 if x1 == x2 else 1 if x2 > x1 else -1, 0 if y1 == y2 else 1 if y2 > y1 else -1)
    foot = (x2 - length * along[0], y2 - length * along[1])
    sides = [(foot[0] + half * along[1] * side, foot[1] + half * along[0] * side) for side in (1, -1)]
    path = " ".join(f"{'M' if place == 0 else 'L'}{number(x)} {number(y)}" for place, (x, y) in enumerate(legs[:-1]))
    head = " ".join(f"{number(x)},{number(y)}" for x, y in (sides[0], (x2, y2), sides[1]))
    shaft = f"{path} L{number(foot[0])} {number(foot[1])}"
    return element("path", d=shaft, fill="none", stroke=colour, stroke_width=1.3, class_="er-arrow") + element(
        "polygon", points=head, fill=colour, class_="er-arrowhead"
    )


def document(
    children: Iterable[str],
    wide: float,
    high: float,
    *,
    title: str,
    description: str,
    language: str = "en",
    links: bool = False,
) -> str:
    """Return a whole drawing on white, with a title and description for people who hear it.

    A drawing with `links` is no image to screen readers: they would keep people from the links in it.
    """
    body = "\n".join(
        [
            element("title", escape(title), id="er-title"),
            element("desc", escape(description), id="er-desc"),
            element("rect", x=0, y=0, width=wide, height=high, fill="#ffffff", class_="er-paper"),
            *children,
        ]
    )
    return (
        element(
            "svg",
            f"\n{body}\n",
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(wide)} {number(high)}",
            width=wide,
            height=high,
            font_family=FONT,
            role="group" if links else "img",
            aria_labelledby="er-title er-desc",
            **{"xml:lang": language},
        )
        + "\n"
    )
