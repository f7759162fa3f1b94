"""Cutting a large file at record starts, so that its parts can be read apart: one by one, or in several processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

# Encodings in which a line end is one wherever it stands, and ends whatever damage is before it. GB18030 is none of
# them: there a damaged byte with a figure after it claims the line end too, and more of it where nothing follows.
CUTTABLE = frozenset({"utf-8", "utf-8-sig", "cp1252", "latin-1", "mac_roman", "utf-8+cp1252", "utf-8-sig+cp1252"})
# What becomes of so much stays in the cache of a processor.
_SIZE = 1 << 18
# So much without a place to cut is no longer kept to look for one.
_LONGEST = 1 << 24


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of a file from one record start to another: its bytes, and the number of its first line."""

    line: int
    data: bytes

    def text(self, encoding: str) -> str:
        """Return the decoded text; a byte order mark can stand at the beginning of the file only."""
        if self.line > 1:
            encoding = encoding.replace("-sig", "")
        return self.data.decode(encoding, "replace")


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a file in which a stretch is too long to be a slice, from a record start on."""

    line: int
    offset: int


def slices(stream: BinaryIO, marks: tuple[bytes, ...], size: int = _SIZE) -> Iterator[Slice | Rest]:
    """Yield a file in slices of about `size` bytes, each cut before a line that begins with one of `marks`.

    Where none of these comes for very long, what is left comes as `Rest`, to be read line by line.
    """
    line, offset = 1, 0
    held = b""
    longest = max(map(len, marks))
    while chunk := stream.read(size):
        known = max(len(held) - longest, 0)
        held += chunk
        at = _last(held, marks, known)
        if at:
            data, held = held[:at], held[at:]
            yield Slice(line, data)
            line += _line_ends(data)
            offset += len(data)
        elif len(held) > _LONGEST:
            yield Rest(line, offset)
            return
    if held:
        yield Slice(line, held)


def _last(data: bytes, marks: tuple[bytes, ...], start: int) -> int:
    """Return where the last line begins that the first of `marks` found opens, 0 where there is none."""
    for mark in marks:
        at = data.rfind(b"\n" + mark, start)
        # Only what lies behind the one found can be later.
        at = max(at, data.rfind(b"\r" + mark, max(at, start)))
        if at >= 0:
            return at + 1
    return 0


def _line_ends(data: bytes) -> int:
    # Looking for a sign is many times faster than counting it.
    bare = data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else 0
    return data.count(b"\n") + bare
