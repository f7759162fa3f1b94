"""Bytes of a text file that a spreadsheet saved, decoded, saying what had to be assumed."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from evidence_review.errors import Problem, SheetError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The mark of UTF-8 as it reads where a program took the file for Windows-1252.
_MISREAD = codecs.BOM_UTF8.decode("cp1252")
RESAVE = "Save it again as 'CSV UTF-8' or as XLSX."


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text. `guessed` is true where the bytes did not say which encoding they are in."""

    text: str
    encoding: str
    guessed: bool = False
    notes: tuple[str, ...] = ()


def decode(data: bytes, name: str) -> Decoded:
    """Decode UTF-8 and UTF-16 with or without a mark, and Windows-1252 as the last resort.

    A file that a program opened as Windows-1252 and saved again is put right, where nothing else was typed into it
    that this would garble.

    Raises:
        SheetError: the bytes are text in none of them.
    """
    found = _decode(data, name)
    if not found.text.startswith(_MISREAD):
        return found
    try:
        text = "".join(map(_misread, found.text)).encode("latin-1").decode("utf-8-sig")
    except UnicodeError:
        what = "the sheet was opened in the wrong character set and saved, so that letters with accents are garbled"
        remedy = "Open the sheet as it was issued as UTF-8, or one from before, and copy your answers into it."
        raise SheetError(f"{name} was not read.", [Problem(name, what, remedy)]) from None
    note = f"{name}: was opened in the wrong character set and saved; its letters with accents were put right"
    return Decoded(text, found.encoding, notes=(*found.notes, note))


def _misread(letter: str) -> str:
    """Return the character of the byte that a letter was made of; programs let the bytes without a letter through."""
    try:
        return letter.encode("cp1252").decode("latin-1")
    except UnicodeEncodeError:
        return letter


def _decode(data: bytes, name: str) -> Decoded:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _without_nul(_strict(data[len(mark) :], encoding, name), encoding, ())
    if wide := _wide(data):
        return _without_nul(_strict(data, wide, name), wide, (f"{name}: read as {wide}, which it does not say",))
    try:
        return _without_nul(data.decode("utf-8"), "utf-8", ())
    except UnicodeDecodeError:
        text = _strict(data, "cp1252", name)
    note = f"{name}: not UTF-8; read as Windows-1252 (check accents in the notes)"
    return Decoded(text.replace("\0", ""), "cp1252", guessed=True, notes=(note,))


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        what = f"byte {fault.start} is not {encoding} text, so the file's encoding is unknown"
        raise SheetError(f"{name} was not read.", [Problem(f"{name} line {line}", what, RESAVE)]) from None


def _wide(data: bytes) -> str:
    """Return the UTF-16 that bytes without a mark are in, seen by where their NULs stand; "" where they are not."""
    sample = data[:4096]
    if len(sample) < 4 or len(data) % 2:
        return ""
    half = len(sample) // 2
    if sample[1::2].count(0) > 0.7 * half and sample[::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[::2].count(0) > 0.7 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return ""


def _without_nul(text: str, encoding: str, notes: tuple[str, ...]) -> Decoded:
    if "\0" not in text:
        return Decoded(text, encoding, notes=notes)
    return Decoded(text.replace("\0", ""), encoding, notes=(*notes, f"{text.count(chr(0))} NUL characters left out"))
