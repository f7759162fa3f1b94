"""Cutting a file of tagged lines into records, and naming what lies between them.

What comes in are *pieces*: single lines or, where a format allows it, all the lines between two that may open or close
a record, since these only pile up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import TextIOBase

from evidence_review.formats.base import (
    MOST_IN_A_RECORD,
    ORDINAL,
    PAGE_BREAK,
    PREAMBLE,
    STRAY,
    Aside,
    lines,
    too_long,
)
from evidence_review.formats.layout import Layout


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one record start: `number` of the first, the text as it came, and whether its end was seen.

    `excess` says of a record that is too long to be one why that is so; its text is then cut off.
    """

    number: int
    raw: str
    closed: bool = True
    orphan: bool = False
    excess: str = ""


# The number of its first line, the text, and whether it is a line that may open or close a record.
Piece = tuple[int, str, bool]

_ORDINAL = re.compile(r"\s*(?:\d{1,6}\s*[.):]?|<\s*\d{1,6}\s*\.?\s*>|Record #?\d+ of \d+|\[\d+\])\s*$", re.IGNORECASE)
_PREAMBLE = re.compile(
    r"\s*(?:Provider:|Content:|Database:|Search (?:query|strategy|history)|Link to the Ovid|Exported|Date of|"
    r"%|#|//|FN |VR |EF\b|Copyright)",
    re.IGNORECASE,
)
_PAGE_BREAK = re.compile(r"[\s\x0c]*\x0c[\s\x0c]*$|\s*(?:-{3,}|={3,}|_{3,}|\*{3,})\s*$|\s*Page \d+(?: of \d+)?\s*$")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_BLANK = "\r\n \t\ufeff"


def aside(number: int, line: str) -> Aside:
    """Name a line that belongs to no record."""
    text = line.strip("\r\n \ufeff")
    if _PAGE_BREAK.match(line):
        return Aside(number, PAGE_BREAK, text[:200])
    if _ORDINAL.match(line):
        return Aside(number, ORDINAL, text[:200])
    if _PREAMBLE.match(line):
        return Aside(number, PREAMBLE, text[:200])
    return Aside(number, STRAY, text[:200])


def line_pieces(stream: TextIOBase, layout: Layout, first: int = 1) -> Iterator[Piece]:
    """Yield lines (with their ends) one by one, very long ones in pieces; `first` is the number of the first."""
    heads = layout.heads
    for number, line, begins in lines(stream, first):
        yield number, line, begins and line[:2] in heads


def text_pieces(text: str, number: int, layout: Layout) -> Iterator[Piece]:
    """Yield the lines that may open or close a record one by one, and what lies between two of them as a whole.

    `number` is that of the first line. Not for a layout with `gap`, where each line counts.
    """
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        # A bare CR ends a line too; such files are rare enough to be read line by line.
        for line in _LINE.findall(text):
            yield number, line, line[:2] in layout.heads
            number += 1
        return
    at = 0
    if text[:2] in layout.heads:
        at = text.find("\n") + 1 or len(text)
        yield number, text[:at], True
        number += 1
    for match in _heads(layout.heads).finditer(text, max(at - 1, 0)):
        head = match.end()
        if head > at:
            yield number, text[at:head], False
            number += text.count("\n", at, head)
        at = text.find("\n", head) + 1 or len(text)
        yield number, text[head:at], True
        number += 1
    if at < len(text):
        yield number, text[at:], False


@lru_cache
def _heads(heads: frozenset[str]) -> re.Pattern[str]:
    """Return the pattern of the line end before a line that may open or close a record.

    It does not find the first line of a text: a pattern that begins with one certain character is searched fastest.
    """
    first, second = ("".join(re.escape(head[place]) for head in sorted(heads)) for place in (0, 1))
    # Of each two signs only the single ones are asked for: that is faster, and a line too many does no harm.
    return re.compile(rf"\n(?=[{first}][{second}])")


def blocks(pieces: Iterable[Piece], layout: Layout) -> Iterator[Block | Aside]:
    """Cut pieces into records and what lies between them."""
    cutter = _Cutter(layout)
    for number, piece, head in pieces:
        if head and (found := cutter.head(number, piece)) is not None:
            yield from found
        elif cutter.current is not None:
            yield from cutter.inside(number, piece)
        else:
            yield from cutter.between(number, piece)
    yield from cutter.end()


def _in_paragraphs(lines: Sequence[str], layout: Layout) -> bool:
    """Whether the last value of a record is one that may have paragraphs."""
    if layout.paragraphs is None:
        return False
    tagged = layout.tagged
    last = next((line for line in reversed(lines) if tagged is not None and tagged.match(line)), "")
    return layout.paragraphs.match(last) is not None


@dataclass(slots=True)
class _Cutter:
    """What has been read and not yet given.

    `current` are the lines of the record that is open, `size` their characters (or those of `orphans`, tagged lines
    that no opening line precedes), and `full_at` the line on which they became too many to be kept. `done` is a record
    whose end was seen but which a platform's lines may still follow, `last` the last line between records.
    """

    layout: Layout
    current: list[str] | None = None
    size: int = 0
    full_at: int = 0
    first: int = 0
    last: int = 0
    done: Block | None = None
    gap: bool = False
    orphans: list[str] = field(default_factory=list)
    orphans_at: int = 0

    def head(self, number: int, line: str) -> list[Block | Aside] | None:
        """Take a line that may open or close a record; None where it does neither."""
        layout = self.layout
        # Where files were put one after the other, the mark of the second stands in the middle.
        bare = line.lstrip("\ufeff") if line[:1] == "\ufeff" else line
        if layout.start.match(bare) and not (
            layout.gap and self.current and not self.gap and _same_record(bare, self.current, layout)
        ):
            found = self.end()
            self._open(number, line)
            return found
        if layout.end is None or not layout.end.match(line):
            return None
        if self.current is not None:
            self._keep(number, line)
            self.done, self.current = self._block(), None
            return []
        if self.orphans:
            self.orphans.append(line)
            return self._orphans()
        return [Aside(number, STRAY, line.strip()[:200])]

    def inside(self, number: int, piece: str) -> list[Block | Aside]:
        """Take lines of the record that is open; with a gap, the first of another."""
        assert self.current is not None
        layout = self.layout
        if layout.gap:
            blank = not piece.strip()
            if self.gap and not blank and _new_after_gap(piece, self.current, layout):
                found = self.end(closed=True)
                self._open(number, piece)
                return found
            if self.gap and not blank and not piece[:1].isspace() and not layout.tagged.match(piece):  # type: ignore[union-attr]  # every layout with gaps has one
                found_aside = aside(number, piece)
                if found_aside.kind != STRAY or not _in_paragraphs(self.current, layout):
                    return [found_aside]
            self.gap = blank
        self._keep(number, piece)
        return []

    def _open(self, number: int, line: str) -> None:
        self.current, self.first, self.gap = [line], number, False
        self.size, self.full_at = len(line), 0

    def _keep(self, number: int, piece: str) -> None:
        """Add lines to the record that is open, for as long as it is one."""
        assert self.current is not None
        self.size += len(piece)
        if self.size <= MOST_IN_A_RECORD:
            self.current.append(piece)
        elif not self.full_at:
            self.full_at = number + piece.count("\n", 0, MOST_IN_A_RECORD - self.size)

    def _block(self, closed: bool = True) -> Block:
        excess = too_long(self.size, self.full_at) if self.full_at else ""
        return Block(self.first, "".join(self.current or []), closed, excess=excess)

    def between(self, number: int, piece: str) -> list[Block | Aside]:
        """Take lines that no record is open for."""
        if not piece.strip(_BLANK):
            if self.orphans:
                self.orphans.extend(_LINE.findall(piece))
            return []
        found: list[Block | Aside] = []
        for line in _LINE.findall(piece):
            self._line_between(number, line, found)
            number += 1
        return found

    def _line_between(self, number: int, line: str, found: list[Block | Aside]) -> None:
        layout = self.layout
        if number == self.last or (self.orphans and self.size > MOST_IN_A_RECORD):
            # The rest of a very long line, or of a file that has no opening lines at all: what there is says enough.
            return
        self.last = number
        if not line.strip(_BLANK):
            if self.orphans:
                self.orphans.append(line)
            return
        if self.done is not None:
            if layout.trailing is not None and layout.trailing.match(line):
                self.done = replace(self.done, raw=self.done.raw + line)
                return
            found.append(self.done)
            self.done = None
        if (
            layout.tagged is not None
            and (self.orphans or layout.tagged.match(line))
            and not (layout.header is not None and layout.header.match(line))
        ):
            if layout.gap:
                self._open(number, line)
                return
            self.orphans_at, self.size = (self.orphans_at, self.size) if self.orphans else (number, 0)
            self.size += len(line)
            self.orphans.append(line)
            return
        found.append(aside(number, line))

    def end(self, closed: bool | None = None) -> list[Block | Aside]:
        """Give everything that is still held."""
        found: list[Block | Aside] = []
        if self.orphans:
            found += self._orphans()
        if self.done is not None:
            found.append(self.done)
            self.done = None
        if self.current is not None:
            closed = self.layout.end is None if closed is None else closed
            found.append(self._block(closed))
            self.current = None
        return found

    def _orphans(self) -> list[Block | Aside]:
        """Tagged lines that no opening line precedes: a record start that lost its head, or stray lines."""
        lines, self.orphans = self.orphans, []
        while lines and not lines[-1].strip():
            lines.pop()
        if any(line.lstrip(" \t\u00a0>")[:2] in _SUBSTANCE for line in lines):
            return [Block(self.orphans_at, "".join(lines), orphan=True)]
        return [
            Aside(self.orphans_at + place, STRAY, line.strip()[:200])
            for place, line in enumerate(lines) if line.strip()
        ]  # fmt: skip


_SUBSTANCE = frozenset({"TI", "T1", "AU", "A1", "DO", "AB", "N2", "BT", "CT", "UT", "SO", "T2", "JF", "JO", "PMID"})


def _same_record(line: str, current: list[str], layout: Layout) -> bool:
    """Whether a line that could open a record goes on with the current one: its tag has not been seen there yet."""
    tag = line[:4].split("-")[0].split()[0]
    return not any(layout.start.match(before) and before[:4].split("-")[0].split()[0] == tag for before in current)


def _new_after_gap(line: str, current: list[str], layout: Layout) -> bool:
    """Whether a tagged line after a blank one opens a record: its tag has already been used in the current one."""
    match = layout.tagged.match(line) if layout.tagged else None
    if match is None:
        return False
    tag = line[:4].rstrip("- ")
    return tag.startswith("PM") or any(before.startswith(tag) and before[:4].rstrip("- ") == tag for before in current)
