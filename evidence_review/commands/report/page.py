"""One self-contained HTML file: no network, a content security policy by hashes, data that scripts show as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

from markupsafe import Markup

from evidence_review.commands.report.labels import DEFAULT, Labels
from evidence_review.commands.report.material import Material
from evidence_review.commands.report.record_lists import record_lists
from evidence_review.commands.report.render import Sandbox, render
from evidence_review.drawing.single_file import policy, script_data

_TEMPLATES = resources.files("evidence_review.commands.report") / "templates"
_OUTER_TABLE = re.compile(r"(<table\b.*?</table>)", re.DOTALL)

_CELL = re.compile(r"<t[dh]\b[^>]*>.*?</t[dh]>", re.DOTALL)
# A word of text, not of a tag, that would push the other columns out of sight.
_LONG_WORD = re.compile(r"(?<![^\s>])(?:[^\s<>&]|&[#\w]+;){41,}(?![^<>]*>)")
_PIECE = re.compile(r"(?:[^\s<>&]|&[#\w]+;){10}")


def page(world: Sandbox, given: Mapping[str, Any], body: str, material: Material) -> str:
    """Return the whole page around `body`."""
    style = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "page.js.j2").read_text(encoding="utf-8")
    text = breakable(_marked(body, given["labels"]))
    scrolling = _OUTER_TABLE.sub(r'<div class="scroll" tabindex="0">\1</div>', text)
    present = [
        (anchor, heading)
        for anchor, heading in given["headings"].items()
        if f'id="{anchor}"' in body and anchor != "title"
    ]
    return render(
        world,
        "page.html.j2",
        {
            **given,
            "policy": policy(style, script),
            "style": Markup(style),  # noqa: S704 - packaged
            "script": Markup(script),  # noqa: S704 - packaged
            "data": script_data(record_lists(material, given["labels"])),
            "contents": present,
            "lang": _lang(given["labels"]),
            "body": Markup(scrolling),  # noqa: S704 - rendered with autoescape
        },
    )


def breakable(body: str) -> str:
    """Return the body with places to break the long words of its tables; tags and what is copied stay as they are."""
    return _CELL.sub(lambda cell: _LONG_WORD.sub(lambda word: _PIECE.sub(r"\g<0><wbr>", word[0]), cell[0]), body)


_HEADING = re.compile(r'<h([2-6]) id="([^"]*)"(?=>)')


def _lang(labels: Labels) -> Markup:
    """Return the attribute of what stands in the language of the labels; the page's running text is English."""
    return Markup("") if labels.code == DEFAULT else Markup(' lang="{}"').format(labels.code)


def _marked(body: str, labels: Labels) -> str:
    """Return the body with its headings marked as of the labels' language, so that they are read aloud in it."""
    if labels.code == DEFAULT:
        return body
    lang = str(_lang(labels))
    return _HEADING.sub(lambda head: head[0] + (lang if f"heading.{head[2]}" in labels.words else ""), body)
