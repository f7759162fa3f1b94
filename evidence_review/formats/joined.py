"""Two exports in one file, one in UTF-8 and one in Windows-1252, as `cat` or a text editor puts them together.

Read as either of the two, the other's letters become nonsense. Line by line they can be told apart: a line of
Windows-1252 with letters beyond ASCII is no UTF-8, and a line of UTF-8 holds whole sequences of bytes that no word in
Windows-1252 has. `survey` decides whether a file is such a one, which takes several lines of either kind that lie apart
from each other; a codec of the name `utf-8+cp1252` then decodes each line as what it is. A line that holds whole
sequences and other bytes is damaged UTF-8 and is read as that.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any, BinaryIO

from evidence_review.formats.plausible import plausibility

# Added to the name of the first encoding.
WITH_LEGACY = "+cp1252"
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_WHOLE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# Bytes that Windows-1252 has no character for.
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_HIGH = bytes(range(128, 256))
# Longer lines are taken in pieces.
_LONGEST = 1 << 20
_MOST_BAD = 2000
_MOST_TURNS = 100
_SAMPLE = 1 << 16


class Kind(Enum):
    """What a line with bytes above 127 is. `LIKELY` is Windows-1252 that makes words, `LEGACY` that may be it."""

    UTF8 = 1
    LIKELY = 2
    LEGACY = 3
    DAMAGED = 4


def kind(line: bytes) -> Kind:
    """Return what a line is that is no ASCII."""
    try:
        line.decode("utf-8")
        return Kind.UTF8
    except UnicodeDecodeError:
        if _WHOLE.search(line) or _UNDEFINED.search(line):
            return Kind.DAMAGED
    fit = plausibility(line, "cp1252")
    # What is left of a sequence whose end is gone: a capital letter or a sign after a small letter.
    return Kind.LIKELY if fit >= 0.5 else Kind.LEGACY if fit > -0.6 else Kind.DAMAGED


@dataclass
class Survey:
    """Lines that are no ASCII, counted: `likely` and `legacy` in Windows-1252 (those included in these), `utf8`.

    `stretches` are the lines in Windows-1252 from the first to the last with none in UTF-8 between, the first of all
    `turns` of them, and `sample` what they hold; `bad` has (line, offset, byte) of bytes that are of neither encoding.
    `broken` are the first and the last line that are no UTF-8, `breaks` how often such lines begin after one that is.
    """

    utf8: int = 0
    likely: int = 0
    legacy: int = 0
    damaged: int = 0
    turns: int = 0
    stretches: list[tuple[int, int]] = field(default_factory=list)
    bad: list[tuple[int, int, int]] = field(default_factory=list)
    sample: bytearray = field(default_factory=bytearray)
    broken: tuple[int, int] = (0, 0)
    breaks: int = 0

    def take_legacy(self, number: int, line: bytes, this: Kind, *, begins: bool) -> None:
        """Count a line in Windows-1252."""
        self.legacy += 1
        self.sample += line[:_SAMPLE] if len(self.sample) < _SAMPLE else b""
        self.likely += this is Kind.LIKELY
        self.turns += begins
        if self.turns > _MOST_TURNS:
            return
        first = number if begins else self.stretches.pop()[0]
        self.stretches.append((first, number))

    @property
    def is_joined(self) -> bool:
        """Whether this is evidence of two encodings, and not of damage.

        Three lines at least of either kind; where lines of the two take turns more often than in three files put one
        after the other, many. In a short file fewer will do, if those in Windows-1252 stand together and are most. A
        file in another encoding has lines that are neither, or makes better words in Mac Roman.
        """
        few = self.turns == 1 and not self.damaged and self.utf8 >= 1 and self.likely >= max(2, self.utf8)
        apart = self.turns <= 2 or self.likely >= 20
        many = min(self.utf8, self.likely) >= 3 and apart and 10 * self.damaged <= self.likely
        sample = bytes(self.sample)
        # The one other encoding in which such bytes are Latin letters, too.
        is_mac = plausibility(sample, "mac_roman") > plausibility(sample, "cp1252") + 0.2
        return (few or many) and not is_mac

    @property
    def is_damaged(self) -> bool:
        """Whether this is UTF-8 with lines here and there that are broken; in other encodings few lines pass as it."""
        some = self.utf8 >= 2 or (self.utf8 and not self.damaged)
        return bool(some) and self.utf8 >= self.legacy and 2 * self.utf8 >= self.damaged

    @property
    def apart(self) -> tuple[int, int] | None:
        """The lines, first and last, that seem to be in an encoding of their own: several, and all of them together."""
        together = self.breaks == 1 and self.legacy + self.damaged >= 3
        return self.broken if together and self.is_damaged else None

    @property
    def is_hopeless(self) -> bool:
        """Whether so much is neither that reading on changes nothing."""
        return self.damaged > 2000 and self.damaged > self.likely


def survey(stream: BinaryIO) -> Survey:
    """Look through a file that is not UTF-8 throughout, as far as it takes to see what it is."""
    found = Survey()
    last = before = Kind.UTF8
    for number, offset, line in _lines(stream):
        if line.isascii():
            continue
        this = kind(line)
        if this is not Kind.UTF8:
            found.broken = (found.broken[0] or number, number)
            found.breaks += before is Kind.UTF8
        before = this
        if this is Kind.UTF8:
            found.utf8 += 1
        elif this is Kind.DAMAGED:
            found.damaged += 1
            if found.is_hopeless:
                break
            if len(found.bad) < _MOST_BAD:
                found.bad += [(number, offset + at, line[at]) for at in _faults(line)]
            continue
        else:
            found.take_legacy(number, line, this, begins=last is Kind.UTF8)
        last = this
    return found


def _lines(stream: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, offset and bytes of each line, a very long one in pieces."""
    number, offset = 1, 0
    for read in iter(partial(stream.readline, _LONGEST), b""):
        for line in _LINE.findall(read):
            yield number, offset, line
            offset += len(line)
            number += line[-1] in b"\r\n"


def _faults(line: bytes) -> Iterator[int]:
    """Yield the places of bytes that are no UTF-8."""
    start = 0
    while True:
        try:
            line[start:].decode("utf-8")
            return
        except UnicodeDecodeError as fault:
            yield start + fault.start
            start += fault.end


def decode(data: bytes, errors: str = "strict") -> str:
    """Return the text of whole lines, each decoded as what it is."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(_decoded(line, errors) for line in _LINE.findall(data))


def _decoded(line: bytes, errors: str) -> str:
    if line.isascii() or kind(line) in {Kind.UTF8, Kind.DAMAGED}:
        return line.decode("utf-8", errors)
    return line.decode("cp1252")


class _Decoder(codecs.BufferedIncrementalDecoder):
    """Decodes line by line; what follows the last line end waits for the rest of its line."""

    def _buffer_decode(self, data: Any, errors: str, final: bool) -> tuple[str, int]:
        end = len(data)
        if not final:
            # A carriage return at the very end may be the first half of a line end.
            end = max(data.rfind(b"\n"), data.rfind(b"\r", 0, -1)) + 1
            if not end and len(data) >= _LONGEST:
                end = len(data.rstrip(_HIGH)) or len(data)
        return decode(data[:end], errors), end


class _MarkedDecoder(_Decoder):
    """The same, with a byte order mark at the beginning."""

    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self._begun = False

    def _buffer_decode(self, data: Any, errors: str, final: bool) -> tuple[str, int]:
        text, end = super()._buffer_decode(data, errors, final)
        if end and not self._begun:
            self._begun = True
            text = text.removeprefix("\ufeff")
        return text, end

    def reset(self) -> None:
        super().reset()
        self._begun = False


def _plain(data: Any, errors: str = "strict") -> tuple[str, int]:
    return decode(bytes(data), errors), len(data)


def _marked(data: Any, errors: str = "strict") -> tuple[str, int]:
    return decode(bytes(data), errors).removeprefix("\ufeff"), len(data)


def _find(name: str) -> codecs.CodecInfo | None:
    """Return the codecs of this module; Python asks for them with underscores in the place of signs."""
    found = {"utf_8_cp1252": (_plain, _Decoder), "utf_8_sig_cp1252": (_marked, _MarkedDecoder)}.get(name)
    return codecs.CodecInfo(_encode, found[0], incrementaldecoder=found[1], name=name) if found else None


def _encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
    return text.encode("utf-8", errors), len(text)


codecs.register(_find)
