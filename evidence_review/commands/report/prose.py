"""The authors' own words: Markdown files beside the protocol, which every rendering takes up and none changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from evidence_review.errors import InputError

# File (without .md) → what belongs in it.
PIECES = {
    "messages": "the main messages, on one page",
    "summary": "a summary in about three pages, or a structured abstract",
    "introduction": "why the review is needed",
    "results": "the findings in words",
    "discussion": "what the results mean, limits of the evidence, what follows",
    "conclusions": "the answer in a few sentences",
}
_MOST_BYTES = 2_000_000
_CITATION = re.compile(r"\[((?:@R-[0-9A-Z]{8,20})(?:\s*[;,]\s*@R-[0-9A-Z]{8,20})*)\]")


def read(folder: Path) -> dict[str, str]:
    """Return the Markdown of each piece that the authors have written.

    Raises:
        InputError: a file cannot be read as UTF-8.
    """
    found = {}
    for name in PIECES:
        path = folder / f"{name}.md"
        if not path.is_file():
            continue
        data = path.read_bytes()
        if len(data) > _MOST_BYTES:
            raise InputError(f"{path} has {len(data):,} bytes: that is no text of a report.")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as fault:
            line = data.count(b"\n", 0, fault.start) + 1
            raise InputError(f"{path} line {line}: not UTF-8. Save the file as UTF-8 in your editor.") from None
        if text.strip():
            found[name] = text.replace("\r\n", "\n")
    return found


def to_html(text: str, cited: Mapping[str, str], brackets: str = "[]", shift: int = 2) -> Markup:
    """Return Markdown as HTML without any markup of the authors' own: tags are shown, not obeyed.

    Headings go down by `shift` levels; pictures are left out, for the report is one file; `[@R-…]` becomes what
    `cited` has for the record, such as the number of its reference, in `brackets`.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    tokens = parser.parse(text.replace("\0", "\ufffd"))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + shift, 6)}"
    html = parser.renderer.render(tokens, parser.options, {})

    def cite(match: re.Match[str]) -> str:
        keys = re.findall(r"R-[0-9A-Z]{8,20}", match.group(1))
        if any(key not in cited for key in keys):
            return match.group(0)
        links = [f'<a class="cite" href="#ref-{key}">{escape(cited[key])}</a>' for key in keys]
        between = ", " if brackets == "[]" else "; "
        return f'<span class="cites">{brackets[0]}{between.join(links)}{brackets[1]}</span>'

    return Markup(_CITATION.sub(cite, html))  # noqa: S704 - made by the parser with html off, ids by pattern
