"""Which encoding a file is in, found by reading it; and the place of each byte that does not fit.

Order: a byte order mark decides; then the zero bytes of UTF-16; then UTF-8, if it fits; then the legacy encoding whose
characters make the most plausible words. Nothing is ever dropped: a byte that fits nowhere is reported with its place.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from typing import BinaryIO

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = ("cp1252", "gb18030", "mac_roman", "cp1251", "latin-1")
_MOST_REPORTED = 20
# Quotes, dashes, degree, plus-minus, trademarks, micro, bullet, and the full-width comma and stop.
_TYPOGRAPHY = (
    "\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00b0\u00b1\u00a0\u00ae\u2122\u00a9\u00d7\u00b5\u2022\u3000\uff0c\u3002"
)
_SAMPLE = 1 << 18
_HIGH = re.compile(rb"[^\n\r]{0,40}[\x80-\xff][^\n\r]{0,80}")


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
    """A file's encoding by its Python name, whether a byte order mark said so, and the first bytes that do not fit."""

    name: str
    marked: bool = False
    bad: tuple[BadByte, ...] = ()
    bad_count: int = 0

    def __str__(self) -> str:
        words = {
            "utf-8-sig": "UTF-8 with BOM",
            "utf-8": "UTF-8",
            "cp1252": "Windows-1252",
            "latin-1": "Latin-1",
            "cp1251": "Windows-1251",
        }
        return words.get(self.name, self.name.upper().replace("_", " "))


def sniff(stream: BinaryIO) -> Encoding:
    """Return the encoding of everything in `stream`, in bounded memory."""
    head = stream.read(_CHUNK)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return _checked(name, head, stream, marked=True)
    if wide := utf16_without_mark(head):
        return _checked(wide, head, stream, marked=False)
    utf8 = _checked("utf-8", head, stream, marked=False)
    if not utf8.bad_count:
        return utf8
    stream.seek(0)
    sample = _high_bytes(stream)
    if _mostly_utf8(sample, utf8.bad_count):
        return utf8
    best = max(_LEGACY, key=lambda name: (_plausibility(sample, name), -_LEGACY.index(name)))
    stream.seek(0)
    return _checked(best, stream.read(_CHUNK), stream, marked=False)


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
        for match in _HIGH.finditer(chunk):
            pieces.append(match.group())
            size += len(pieces[-1])
            if size >= _SAMPLE:
                break
    return b"\n".join(pieces)


def _mostly_utf8(sample: bytes, bad: int) -> bool:
    """Whether a file that breaks UTF-8 here and there is UTF-8 all the same: nine in ten sequences are whole."""
    text = sample.decode("utf-8", "replace")
    good = sum(1 for sign in text if ord(sign) > 127 and sign != "\ufffd")
    return good > 9 * text.count("\ufffd") and good > 0 and bad <= 2_000


def _plausibility(sample: bytes, name: str) -> float:
    """Return how much decoded text looks like words: the mean over its characters above 127."""
    text = sample.decode(name, "replace")
    score = 0.0
    count = 0
    for place, sign in enumerate(text):
        if sign < "\u0080":
            continue
        count += 1
        before = text[place - 1] if place else " "
        after = text[place + 1] if place + 1 < len(text) else " "
        score += _fit(sign, before, after)
    # A two-byte encoding makes one character of two bytes; each counts for both, so that sums compare.
    return score / max(count, 1)


def _fit(sign: str, before: str, after: str) -> float:
    category = unicodedata.category(sign)
    if "\u0400" <= sign <= "\u04ff":
        # Cyrillic words are Cyrillic throughout.
        mixed = (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
        turned = category == "Lu" and before.islower()
        return -1.0 if mixed or turned or category not in {"Ll", "Lu"} else 1.15 if sign >= "\u0410" else 0.8
    if "\u00c0" <= sign <= "\u00ff" and before >= "\u00c0" and after >= "\u00c0":
        # No Latin script has three accented letters in a row as a habit.
        return -0.5
    if sign == "\ufffd" or category in {"Cc", "Co", "Cn"}:
        return -4.0
    if "\u4e00" <= sign <= "\u9fff":
        # A Chinese character stands beside others or beside punctuation; one inside a Latin word is an accident.
        return 1.1 if not (before.isascii() and before.isalpha()) or not (after.isascii() and after.isalpha()) else -2.0
    if category == "Ll":
        return 1.0 if before.isalpha() or after.isalpha() else 0.2
    if category == "Lu":
        return -1.0 if before.isalpha() and before.islower() else 0.6
    if sign in _TYPOGRAPHY:
        return 0.8
    return -0.5
