"""Two exports in one file, in two legacy encodings that write different scripts, such as Windows-1252 and Windows-1251.

Every byte is a letter in either, so the file is read as the likelier one and the other's words become nonsense. Which
lines these are can be told: a line that makes words in one encoding makes none in the other. Only said where several
lines speak for either and those of the second stand together; two encodings of Latin letters are too alike for that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from evidence_review.formats.plausible import likeliest, plausibility

_LATIN = ("cp1252", "mac_roman", "latin-1")
_OTHERS = ("cp1251", "gb18030")
_WORDS, _NONSENSE = 0.6, 0.0
_FEWEST = 3
_LONGEST = 1 << 16


@dataclass(slots=True)
class _Speaking:
    """How many lines speak for an encoding, the first and last of them, and the first of what they hold."""

    lines: int = 0
    first: int = 0
    last: int = 0
    sample: bytearray = field(default_factory=bytearray)

    def take(self, number: int, line: bytes) -> None:
        """Count a line."""
        self.lines, self.first, self.last = self.lines + 1, self.first or number, number
        self.sample += line if len(self.sample) < _LONGEST else b""


@dataclass(frozen=True, slots=True)
class Halves:
    """The lines `first` to `last` are in the encoding `name`, the others in `rest`."""

    first: int
    last: int
    name: str
    rest: str


def halves(stream: BinaryIO, name: str) -> Halves | None:
    """Return which lines of a file that is read as `name` are in another encoding; None where none are."""
    for other in _OTHERS if name in _LATIN else _LATIN[:2] if name in _OTHERS else ():
        stream.seek(0)
        said = _said(stream, name, other)
        if said and min(one.lines for one in said.values()) >= _FEWEST:
            # Of the two the one that begins later; where the other goes on after it, it stands in the middle.
            here, rest = sorted(said.values(), key=lambda one: -one.first)
            names = [likeliest(bytes(one.sample)) for one in (here, rest)]
            if names[0] != names[1]:
                return Halves(here.first, here.last, *names)
    return None


def _said(stream: BinaryIO, name: str, other: str) -> dict[str, _Speaking]:
    """Return for which of two encodings lines speak; nothing where they take turns."""
    said = {name: _Speaking(), other: _Speaking()}
    last, turns = "", 0
    for number, line in enumerate(stream, start=1):
        if line.isascii():
            continue
        fits = {one: plausibility(line[:_LONGEST], one) for one in said}
        speaks = max(fits, key=fits.__getitem__)
        if fits[speaks] < _WORDS or min(fits.values()) >= _NONSENSE:
            continue
        turns += bool(last) and speaks != last
        if turns > 2:
            return {}
        last = speaks
        said[speaks].take(number, line[:_LONGEST])
    return said
