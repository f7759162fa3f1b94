"""The report's HTML as Markdown: GitHub's flavour, readable as it stands, nothing in it that could act as markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SPECIAL = re.compile(r"([\\`*_\[\]|~])")
# As entities, because not every reader of Markdown knows a backslash before them.
_TAGS = (("&", re.compile(r"&(?=#|[A-Za-z])"), "&amp;"), ("<", re.compile("<"), "&lt;"), (">", re.compile(">"), "&gt;"))
_START = re.compile(r"^(\s*)([#+\-]|\d+[.)])(?=\s|$)")
_BLOCKS = {
    "p",
    "div",
    "section",
    "header",
    "footer",
    "article",
    "main",
    "figure",
    "blockquote",
    "dl",
    "details",
    "aside",
}
_HEADINGS = {f"h{level}" for level in range(1, 7)}
_SPACES = re.compile(r"[ \t\n\r\f]+")
_ANY_SPACES = re.compile(r"\s+")
_SKIPPED = {"style", "script", "svg", "head", "title", "button", "nav"}


def from_html(html: str) -> str:
    """Return the body of a report as Markdown."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = re.sub(r"[ \t]+\n", "\n", "".join(reader.out))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def escape(text: str) -> str:
    """Return text so that Markdown shows it as it is."""
    for mark, pattern, entity in _TAGS:
        if mark in text:
            text = pattern.sub(entity, text)
    return _START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text.replace("\0", "\ufffd")))


def code(text: str, *, in_table: bool = False) -> str:
    """Return text as a code span, in which a backslash would be shown; only a table's bar needs one."""
    text = " ".join(text.replace("\0", "\ufffd").split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    shown = text.replace("|", "\\|") if in_table else text
    return f"{fence}{space}{shown}{space}{fence}" if text else ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._lists: list[tuple[str, int]] = []
        self._cells: list[list[str]] = []
        self._cell: list[str] | None = None
        self._links: list[str] = []
        self._skip = 0
        self._pre = False
        self._code: list[str] | None = None
        self._quote = False

    def _put(self, text: str) -> None:
        (self._cell if self._cell is not None else self.out).append(text)

    def _break(self) -> None:
        if self._cell is not None:
            if self._cell and not self._cell[-1].endswith(" "):
                self._cell.append(" ")
        elif not self._lists:
            self.out.append("\n\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skip += 1
        if self._skip:
            return
        if tag in ("td", "th"):
            self._cell = []
        elif tag in _HEADINGS:
            self.out.append(f"\n\n{'#' * int(tag[1])} ")
        elif tag in _BLOCKS or tag == "dt":
            self._break()
            if tag == "dt":
                self._put("**")
        elif tag == "summary" or tag == "caption" or tag == "figcaption":
            self._break()
            self._put("*")
        elif tag in ("strong", "b"):
            self._put("**")
        elif tag in ("em", "i", "cite"):
            self._put("*")
        elif tag == "pre":
            self._pre = True
            self.out.append("\n\n```text\n")
        elif tag == "code" and not self._pre:
            self._code = []
        elif tag == "br":
            self._put(" " if self._cell is not None else "  \n")
        elif tag == "hr":
            self.out.append("\n\n---\n\n")
        elif tag in ("ul", "ol"):
            if not self._lists:
                self._break()
            self._lists.append((tag, 0))
        elif tag == "li":
            self._item()
        elif tag == "a":
            self._links.append(dict(attrs).get("href") or "")
            if self._linked():
                self._put("[")
        elif tag == "img":
            values = dict(attrs)
            self._put(f"![{escape(values.get('alt') or '')}]({values.get('src') or ''})")
        elif tag == "table":
            self._cells = []
        elif tag == "tr":
            self._cells.append([])

    def _item(self) -> None:
        if not self._lists:
            return
        kind, number = self._lists[-1]
        self._lists[-1] = (kind, number + 1)
        mark = "-" if kind == "ul" else f"{number + 1}."
        if self._cell is not None:
            self._put("; " if number else "")
        else:
            self.out.append(f"\n{'   ' * (len(self._lists) - 1)}{mark} ")

    def _linked(self) -> bool:
        return bool(self._links) and self._links[-1].startswith(("https://", "http://"))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skip = max(0, self._skip - 1)
            return
        if self._skip:
            return
        if tag in ("td", "th"):
            if self._cell is not None:
                text = _ANY_SPACES.sub(" ", "".join(self._cell)).strip()
                self._cell = None
                if self._cells:
                    self._cells[-1].append(text)
        elif tag in _HEADINGS:
            self.out.append("\n\n")
        elif tag == "dt":
            self._put("**: ")
        elif tag in ("summary", "caption", "figcaption"):
            self._put("*")
            self._break()
        elif tag in _BLOCKS:
            self._break()
        elif tag in ("strong", "b"):
            self._put("**")
        elif tag in ("em", "i", "cite"):
            self._put("*")
        elif tag == "pre":
            self._pre = False
            self.out.append("\n```\n\n")
        elif tag == "code" and self._code is not None:
            words, self._code = "".join(self._code), None
            self._put(code(words, in_table=self._cell is not None))
        elif tag in ("ul", "ol"):
            if self._lists:
                self._lists.pop()
            if not self._lists:
                self._break()
        elif tag == "a" and self._links:
            if self._linked():
                self._put(f"]({self._links[-1].replace(')', '%29').replace(' ', '%20')})")
            self._links.pop()
        elif tag == "table":
            self._table()

    def handle_data(self, data: str) -> None:
        if self._skip:
            return
        if self._pre:
            self.out.append(data.replace("```", "'''").replace("\0", "\ufffd"))
            return
        if self._code is not None:
            self._code.append(data)
            return
        text = _SPACES.sub(" ", data)
        if not text.strip(" ") and (not self.out or (self._cell is None and self.out[-1].endswith(("\n", " ")))):
            return
        at_start = self._cell is None and bool(self.out) and self.out[-1].endswith(("\n", " "))
        self._put(escape(text.lstrip(" ") if at_start else text))

    def _table(self) -> None:
        rows = [row for row in self._cells if row]
        self._cells = []
        if not rows:
            return
        wide = max(len(row) for row in rows)
        lines = ["| " + " | ".join([*row, *[""] * (wide - len(row))]) + " |" for row in rows]
        lines.insert(1, "|" + " --- |" * wide)
        self.out.append("\n\n" + "\n".join(lines) + "\n\n")
