"""Which encoding a file is in, found by reading it; and the place of each byte that does not fit.

Order: a byte order mark decides; then the zero bytes of UTF-16; then UTF-8, if it fits; then UTF-8 with stretches of
Windows-1252, as two files put together are; then the legacy encoding whose characters make the most plausible words.
Nothing is ever dropped: a byte that fits nowhere is reported with its place.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from typing import BinaryIO

from evidence_review.formats import joined
from evidence_review.formats.halves import halves
from evidence_review.formats.plausible import likeliest

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MOST_REPORTED = 20
_MOST_STRETCHES = 5
_SAMPLE = 1 << 18
_HIGH = re.compile(rb"[\x80-\xff][^\n\r]{0,80}")
_BEFORE = 40


@dataclass(frozen=True, slots=True)
class BadByte:
    """A byte that is not of the file's encoding: `line` from 1, `offset` from 0 in the file."""

    line: int
    offset: int
    value: int

    def __str__(self) -> str:
        return f"line {self.line}: byte 0x{self.value:02x} (at offset {self.offset:,})"


@dataclass(frozen=True, slots=True)
class Encoding:
    """A file's encoding by its Python name, whether a byte order mark said so, and the first bytes that do not fit.

    `legacy` are the stretches (first line, last line) that are in Windows-1252 where the others are in UTF-8, and
    `legacy_lines` is how many lines there have letters beyond ASCII. `apart` are the lines, first and last, that seem
    to be in another encoding; `apart_in` names it and that of the rest, where they are known.
    """

    name: str
    marked: bool = False
    bad: tuple[BadByte, ...] = ()
    bad_count: int = 0
    legacy: tuple[tuple[int, int], ...] = ()
    legacy_lines: int = 0
    apart: tuple[int, int] | None = None
    apart_in: tuple[str, str] | None = None

    def __str__(self) -> str:
        if not self.legacy:
            return self.main
        shown = [f"{first}" if first == last else f"{first} to {last}" for first, last in self.legacy[:_MOST_STRETCHES]]
        more = ", \u2026" if len(self.legacy) > _MOST_STRETCHES else ""
        return f"{self.main} with {self.legacy_lines} lines in Windows-1252 (lines {', '.join(shown)}{more})"

    @property
    def advice(self) -> str:
        """What to do about a file whose parts are in different encodings; "" where nothing is to be done."""
        if self.apart is None:
            return ""
        first, last = self.apart
        what = "another encoding than the rest"
        if self.apart_in is not None:
            what = "{}, the others in {}".format(*map(_called, self.apart_in))
        return (
            f"lines {first} to {last} seem to be in {what}: split the file before line {first} and after the last of "
            "those records, and load the parts"
        )

    @property
    def main(self) -> str:
        """What people call it; of two encodings the first."""
        return _called(self.name.removesuffix(joined.WITH_LEGACY))


_CALLED = {
    "utf-8-sig": "UTF-8 with BOM",
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "latin-1": "Latin-1",
    "cp1251": "Windows-1251",
}


def _called(name: str) -> str:
    return _CALLED.get(name, name.upper().replace("_", " "))


def sniff(stream: BinaryIO) -> Encoding:
    """Return the encoding of everything in `stream`, in bounded memory."""
    head = stream.read(_CHUNK)
    for mark, name in _MARKS:
        if head.startswith(mark):
            checked = _checked(name, head, stream, marked=True)
            return checked if not checked.bad_count or mark != codecs.BOM_UTF8 else _surveyed(stream, checked)
    if wide := utf16_without_mark(head):
        return _checked(wide, head, stream, marked=False)
    utf8 = _checked("utf-8", head, stream, marked=False)
    return utf8 if not utf8.bad_count else _surveyed(stream, utf8)


def _surveyed(stream: BinaryIO, utf8: Encoding) -> Encoding:
    """Return what a file is in that is not UTF-8 throughout."""
    stream.seek(0)
    found = joined.survey(stream)
    if found.is_joined:
        return _two_encodings(found, utf8.name)
    if utf8.marked or found.is_damaged:
        return replace(utf8, apart=found.apart)
    stream.seek(0)
    sample = _high_bytes(stream)
    if _mostly_utf8(sample, utf8.bad_count):
        return utf8
    stream.seek(0)
    checked = _checked(likeliest(sample), stream.read(_CHUNK), stream, marked=False)
    two = halves(stream, checked.name)
    return replace(checked, apart=(two.first, two.last), apart_in=(two.name, two.rest)) if two else checked


def _two_encodings(found: joined.Survey, main: str) -> Encoding:
    """Return UTF-8 with stretches of Windows-1252."""
    bad = tuple(BadByte(*place) for place in found.bad[:_MOST_REPORTED])
    name = f"{main}{joined.WITH_LEGACY}"
    return Encoding(name, main != "utf-8", bad, len(found.bad), tuple(found.stretches), found.legacy)


def utf16_without_mark(head: bytes) -> str:
    """Return the UTF-16 that zero bytes at every second place give away, or ""."""
    sample = head[:4096]
    if len(sample) < 8 or b"\0" not in sample:
        return ""
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    name = ""
    if even > 0.4 * half and odd < 0.1 * half:
        name = "utf-16-be"
    elif odd > 0.4 * half and even < 0.1 * half:
        name = "utf-16-le"
    if not name:
        return ""
    text = sample.decode(name, "replace")
    controls = sum(1 for sign in text if sign < " " and sign not in "\t\r\n")
    return name if controls < 0.05 * len(text) else ""


# Text in characters of two bytes, and in characters of one: both are impossible in a file that is in the other.
_OF_TWO = re.compile(rb"(?:[\t\n\r\x20-\x7e]\x00){32}|(?:\x00[\t\n\r\x20-\x7e]){32}")
_OF_ONE = re.compile(rb"[\t\n\r\x20-\x7e]{64}")
_OVERLAP = 64


def where_width_changes(stream: BinaryIO, name: str) -> int:
    """Return the offset from which on a file has text that is UTF-16 where the rest is not, or the reverse; or -1."""
    other = _OF_ONE if name.startswith("utf-16") else _OF_TWO
    offset, held = 0, b""
    while chunk := stream.read(_CHUNK):
        held += chunk
        if found := other.search(held):
            return offset + found.start()
        offset += max(len(held) - _OVERLAP, 0)
        held = held[-_OVERLAP:]
    return -1


def _checked(name: str, head: bytes, stream: BinaryIO, *, marked: bool) -> Encoding:
    """Decode everything, and note where it does not fit."""
    bad: list[BadByte] = []
    count = offset = 0
    line = 1
    pending = b""
    chunk = head
    while True:
        data = pending + chunk
        final = not chunk
        start = 0
        while True:
            try:
                decoder = codecs.getincrementaldecoder(name if offset + start == 0 else _continued(name, head))()
                decoder.decode(data[start:], final)
                kept = decoder.getstate()[0] if not final else b""
                break
            except UnicodeDecodeError as fault:
                at = start + fault.start
                count += 1
                if len(bad) < _MOST_REPORTED:
                    bad.append(BadByte(line + data.count(b"\n", 0, at), offset + at, data[at]))
                start += max(fault.end, fault.start + 1)
                if count > 2_000:
                    # Far beyond damage: this is not the encoding, and counting on would take long.
                    return Encoding(name, marked, tuple(bad), count)
        used = len(data) - len(kept)
        line += data.count(b"\n", 0, used)
        offset += used
        pending = kept
        if final:
            return Encoding(name, marked, tuple(bad), count)
        chunk = stream.read(_CHUNK)


def _continued(name: str, head: bytes) -> str:
    """Return the name under which later pieces are decoded: without looking for a byte order mark."""
    if name == "utf-8-sig":
        return "utf-8"
    if name in {"utf-16", "utf-32"}:
        little = head[:2] == codecs.BOM_UTF16_LE
        return f"{name}-{'le' if little else 'be'}"
    return name


def _high_bytes(stream: BinaryIO) -> bytes:
    """Return pieces of lines with bytes above 127, from the whole file, at most a sample's worth."""
    pieces: list[bytes] = []
    size = 0
    while size < _SAMPLE and (chunk := stream.read(_CHUNK)):
        end = 0
        for match in _HIGH.finditer(chunk):
            # What stands before it is cut out here: a pattern that begins with it is tried at every byte of the file.
            before = chunk[max(match.start() - _BEFORE, end) : match.start()]
            pieces.append(before[max(before.rfind(b"\n"), before.rfind(b"\r")) + 1 :] + match.group())
            end = match.end()
            size += len(pieces[-1])
            if size >= _SAMPLE:
                break
    return b"\n".join(pieces)


def _mostly_utf8(sample: bytes, bad: int) -> bool:
    """Whether a file that breaks UTF-8 here and there is UTF-8 all the same: most of its sequences are whole.

    In Chinese encodings one in eight is so by chance, in those of one byte hardly any.
    """
    text = sample.decode("utf-8", "replace")
    good = sum(1 for sign in text if ord(sign) > 127 and sign != "\ufffd")
    return good > 2 * text.count("\ufffd") and bad <= 2_000
