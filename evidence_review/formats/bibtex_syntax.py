"""The syntax of BibTeX: a file cut into entries, an entry into fields, a value put together.

Forgiving: an entry begins with `@type{` at the start of a line or after another entry's end, so that an unclosed brace
cannot swallow the entries after it. Grammar: https://ctan.org/pkg/bibtex, biblatex manual section 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from evidence_review.formats.base import COMMENT, MOST_IN_A_RECORD, STRAY, Aside, Text, lines, too_long
from evidence_review.formats.types import BIBTEX as TYPES

_ENTRY = re.compile(r"\s*\ufeff?@\s*([A-Za-z]+)\s*([{(])")
_BRACE = re.compile(r"(?<!\\)[{}]|(?<!\\)\\\\[{}]")
_NAME = re.compile(r"[,\s]*([^\s=,{}\"#%()]+)\s*=\s*", re.ASCII)
# What stands for a field in a trace to the definition of a macro; its text stands for the tag.
MACRO = "@string"
_FOLLOWING = re.compile(r"[,\n}\"]\s*([A-Za-z][\w+:.-]*)\s*=\s*(?=[{\"\w])")
_BARE = re.compile(r"[^\s,{}\"#]*")
_JOINED = re.compile(r"\s*#\s*")
_QUOTED = re.compile(r"(?<!\\)[{}\"]")


@dataclass(frozen=True, slots=True)
class Entry:
    """The text of one entry, from its `@`; `closed` says whether its end was found.

    `excess` says of an entry that is too long to be one why that is so; its text is then cut off.
    """

    line: int
    kind: str
    raw: str
    closed: bool = True
    excess: str = ""


def entries(source: Text) -> Iterator[Entry | Aside]:
    """Cut a file into entries; what stands between them is a comment."""
    held = _Held()
    depth = strays_at = 0
    opener = ""
    with source.stream() as stream:
        for number, line, begins in lines(stream):
            rest = line
            while rest:
                start = _ENTRY.match(rest)
                known = start is not None and start.group(1).lower() in _OPENS
                if held.parts and known and begins and _at_line_start(rest, line):
                    yield held.entry(closed=False)
                if not held.parts:
                    if start is None:
                        if rest.strip().strip("\ufeff,)}") and strays_at != number:
                            strays_at = number
                            yield Aside(number, COMMENT if _is_comment(rest) else STRAY, rest.strip()[:200])
                        break
                    held = _Held(number, start.group(1).lower())
                    opener, depth = start.group(2), 0
                end, depth = _end(rest, depth, opener, 0 if held.parts else start.end() - 1 if start else 0)
                held.add(rest if end < 0 else rest[:end], number)
                if end < 0:
                    break
                yield held.entry()
                rest = rest[end:]
    if held.parts:
        yield held.entry(closed=False)


@dataclass(slots=True)
class _Held:
    """What has been read of an entry, and on which line it became too much to be kept."""

    line: int = 0
    kind: str = ""
    parts: list[str] = field(default_factory=list)
    size: int = 0
    full_at: int = 0

    def add(self, text: str, number: int) -> None:
        self.size += len(text)
        if self.size <= MOST_IN_A_RECORD:
            self.parts.append(text)
        elif not self.full_at:
            self.full_at = number

    def entry(self, closed: bool = True) -> Entry:
        """Return the entry, and hold nothing any more."""
        excess = too_long(self.size, self.full_at) if self.full_at else ""
        raw, self.parts = "".join(self.parts), []
        return Entry(self.line, self.kind, raw, closed, excess)


_OPENS = frozenset({*TYPES, "comment", "string", "preamble"})


def _at_line_start(rest: str, line: str) -> bool:
    """Whether an `@type{` inside an open entry begins its line: then the entry above was never closed."""
    return rest is line and not line[0].isspace()


def _is_comment(rest: str) -> bool:
    return rest.lstrip().startswith(("%", "#", "//")) or "@" not in rest


def _end(rest: str, depth: int, opener: str, at: int) -> tuple[int, int]:
    """Return where an entry ends in `rest` (-1: not here), and the depth of braces after it."""
    if opener == "(":
        for match in re.finditer(r"(?<!\\)[{}()]", rest[at:]):
            depth += {"{": 1000, "}": -1000, "(": 1, ")": -1}[match.group()]
            if depth == 0:
                return at + match.end(), 0
        return -1, depth
    if "}" not in rest and "{" not in rest:
        return -1, depth
    for match in _BRACE.finditer(rest, at):
        depth += 1 if match.group()[-1] == "{" else -1
        if depth <= 0:
            return match.end(), 0
    return -1, depth


def key_of(raw: str) -> str:
    """Return the key of an entry, "" where it has none."""
    match = re.match(r"[^{(]*[{(]\s*([^\s,{}()]*)\s*[,}]", raw)
    return match.group(1) if match and "=" not in match.group(1) else ""


def fields(raw: str, strings: Mapping[str, str], *, keyed: bool = True) -> tuple[dict[str, str], list[str]]:
    """Return the fields of an entry by lower-case name (values as they stand, macros replaced),
    and what was not understood."""
    match = _ENTRY.match(raw)
    at = match.end() if match else 0
    if keyed and (key := re.match(r"\s*[^\s,={}\"]*[^,={}\"]*,", raw[at:])):
        at += key.end()
    found: dict[str, str] = {}
    doubts: list[str] = []
    body = raw
    while at < len(body):
        name = _NAME.match(body, at)
        if name is None:
            following = _FOLLOWING.search(body, at)
            rest = body[at : following.start() if following else len(body)].strip(" \t\r\n,})")
            if rest and not rest.startswith("%"):
                doubts.append(rest[:60])
            if following is None:
                break
            at = following.start(1)
            continue
        value, at = _value(body, name.end(), strings)
        key_name = name.group(1).lower()
        if key_name not in found or not found[key_name]:
            found[key_name] = value
        elif value and key_name in {"keywords", "author", "editor", "note"}:
            found[key_name] += (" and " if key_name in {"author", "editor"} else ", ") + value
    return found, doubts


def _value(body: str, at: int, strings: Mapping[str, str]) -> tuple[str, int]:
    """Return a value and where it ends: braces, quotes, numbers and macros, joined by `#`."""
    parts: list[str] = []
    while at < len(body):
        sign = body[at]
        if sign == "{":
            end = closing(body, at)
            parts.append(body[at + 1 : end])
            at = end + 1
        elif sign == '"':
            end = _quote(body, at)
            parts.append(body[at + 1 : end])
            at = end + 1
        else:
            bare = _BARE.match(body, at)
            word = bare.group() if bare else ""
            if "(" not in word:
                # The end of an entry in parentheses.
                word = word.rstrip(")")
            parts.append(strings.get(word.lower(), word))
            at += max(len(word), 0)
            if not word:
                break
        joined = _JOINED.match(body, at)
        if joined is None:
            break
        at = joined.end()
    return "".join(parts), at


def closing(body: str, at: int) -> int:
    """Return where the brace at `at` is closed; the end of `body` where it is not."""
    depth = 0
    for match in _BRACE.finditer(body, at):
        depth += 1 if match.group()[-1] == "{" else -1
        if depth == 0:
            return match.end() - 1
    return len(body)


def _quote(body: str, at: int) -> int:
    depth = 0
    for match in _QUOTED.finditer(body, at + 1):
        sign = match.group()
        if sign == '"' and depth <= 0:
            return match.start()
        depth += {"{": 1, "}": -1}.get(sign, 0)
    return len(body)
