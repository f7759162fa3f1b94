"""Tagged lines that all stand indented, as they do when they were copied from a mail or a web page.

What stands before the tags is found in the file's first part and made part of the layout, so that the raw text of each
record stays as it came.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from evidence_review.formats.layout import Layout

# Blanks of any kind, and what a mail puts before the lines that it quotes.
_OPENING = re.compile(r"^\ufeff?([ \t\u00a0>]*)(?:TY|ty|Ty)[ \t]{0,3}-(?:\s|$)", re.MULTILINE)
_BEGINNING = r"^\ufeff?"


def indentation(text: str) -> str:
    """Return what stands before each opening line of RIS, "" where that is nothing, or not the same before all."""
    found = set(_OPENING.findall(text.replace("\r", "\n")))
    return found.pop() if len(found) == 1 else ""


def unindented(text: str, indent: str) -> str:
    """Return a text without what its lines begin with."""
    return re.sub(f"^{re.escape(indent)}", "", text.replace("\r\n", "\n").replace("\r", "\n"), flags=re.MULTILINE)


@lru_cache(maxsize=16)
def indented(layout: Layout, indent: str) -> Layout:
    """Return a layout for lines that begin with `indent`; lines of a value may begin without it."""
    before = re.escape(indent)

    def behind(pattern: re.Pattern[str] | None, much: str = before) -> re.Pattern[str] | None:
        return None if pattern is None else re.compile(f"{much}(?:{pattern.pattern})", pattern.flags)

    start = behind(layout.start)
    assert start is not None
    return replace(
        layout,
        start=start,
        end=behind(layout.end),
        line=re.compile(f"{_BEGINNING}(?:{before})?{layout.line.pattern.removeprefix(_BEGINNING)}", layout.line.flags),
        heads=frozenset(f"{mark}{indent}{head}"[:2] for head in layout.heads for mark in ("", "\ufeff")),
        trailing=behind(layout.trailing, "[ \t\u00a0>]*"),
        tagged=behind(layout.tagged),
        ordinary=None,
        cut=(),
    )


def described(indent: str) -> str:
    """Say in words what lines begin with."""
    shown = indent.replace("\t", "⇥").replace(" ", "␣").replace("\u00a0", "⍽")
    return f"every line begins with '{shown}'"
