"""How wide text is, without a font: the advance widths of Helvetica's metric family, and lines broken to fit.

Helvetica, Arial, Liberation Sans, Nimbus Sans and Arimo share these widths. A letter with accents is as wide as the
letter; a script that the table does not have is taken as wide as its widest letters. What is drawn is held to the
measured width (`textLength` in SVG), so that text fits its box also where another font steps in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# Thousandths of the font's size → the characters that are so wide.
_REGULAR = {
    191: "'",
    222: "ijlł‘’",
    260: "|",
    278: " !,./:;I[\\]ft ı",
    333: "()-`r¡“”„‹›",
    334: "{}",
    350: "•",
    355: '"',
    389: "*",
    400: "°",
    469: "^",
    500: "Jcksvxyz↑↓",
    549: "±÷≈≠≤≥",
    556: "#$0123456789?L_abdeghnopqu£§«»ðþđŁ–€",
    584: "+<=>~×−",
    611: "FTZ¿ßø",
    667: "&ABEKPSVXYÞ",
    722: "CDHNRUwÐĐ",
    737: "©®",
    778: "GOQØ",
    833: "Mm",
    889: "%æ",
    944: "Wœ",
    1000: "ÆŒ—…™←→",
    1015: "@",
}
_BOLD = {
    238: "'",
    278: " ,./I\\ijl ıł‘’",
    280: "|",
    333: "!()-:;[]`ft¡‹›",
    350: "•",
    389: "*r{}",
    400: "°",
    474: '"',
    500: "z“”„↑↓",
    549: "±÷≈≠≤≥",
    556: "#$0123456789J_aceksvxy£§«»–€",
    584: "+<=>^~×−",
    611: "?FLTZbdghnopqu¿ßðøþđŁ",
    667: "EPSVXYÞ",
    722: "&ABCDHKNRUÐĐ",
    737: "©®",
    778: "GOQwØ",
    833: "M",
    889: "%mæ",
    944: "Wœ",
    975: "@",
    1000: "ÆŒ—…™←→",
}
_WIDTHS = tuple(
    {character: width for width, characters in table.items() for character in characters} for table in (_REGULAR, _BOLD)
)
# A no-break space is none of these: "(n = 12)" stays on one line.
_SPACES = re.compile("[ \\t\\n\\r\\f\\v\\u2028\\u2029]+")
_FULL, _UPPER, _LOWER = 1000, 800, 640
_CUT = "…"


@lru_cache(maxsize=4096)
def _width_of(character: str, bold: bool) -> int:
    table = _WIDTHS[bold]
    if character in table:
        return table[character]
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    base = unicodedata.normalize("NFD", character)[0]
    if base in table:
        return table[base]
    if unicodedata.east_asian_width(character) in ("W", "F") or ord(character) > 0xFFFF:
        return _FULL
    return _UPPER if character.isupper() else _LOWER


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of one line of text, in the units of `size`."""
    return sum(_width_of(character, bold) for character in text) * size / 1000


def wrap(text: str, most: float, size: float, *, bold: bool = False, lines: int = 0) -> list[str]:
    """Break text into lines no wider than `most`; at most `lines` of them, the last ending in … (0: all of it).

    Breaks come at spaces, then after hyphens and slashes, and within a word that is wider than a line. Nothing is lost
    but the spaces at breaks, and what the limit cuts.
    """
    done: list[str] = []
    line = ""
    for piece in _pieces(_SPACES.sub(" ", text).strip(" ")):
        candidate = line + piece
        if width(candidate.rstrip(" "), size, bold=bold) <= most:
            line = candidate
            continue
        if line.strip(" "):
            done.append(line.rstrip(" "))
        line = piece.lstrip(" ")
        while width(line.rstrip(" "), size, bold=bold) > most and len(line) > 1:
            head = _fitting(line, most, size, bold)
            done.append(line[:head])
            line = line[head:]
    if line.strip(" "):
        done.append(line.rstrip(" "))
    if lines and len(done) > lines:
        done = done[:lines]
        last = done[-1]
        while last and width(last + _CUT, size, bold=bold) > most:
            last = last[:-1]
        done[-1] = last.rstrip(" ") + _CUT
    return done or [""]


def _pieces(text: str) -> Iterator[str]:
    """Yield text in pieces after which a line may break."""
    piece = ""
    for place, character in enumerate(text):
        piece += character
        following = text[place + 1 : place + 2]
        inside_word = character in "-/" and len(piece) > 1 and following.isalpha()
        if character == " " or inside_word or unicodedata.east_asian_width(character) == "W":
            yield piece
            piece = ""
    if piece:
        yield piece


def _fitting(text: str, most: float, size: float, bold: bool) -> int:
    """Return how many characters of a too long word go on a line, at least one, never parting a letter and its mark."""
    total = 0.0
    place = 0
    while place < len(text):
        total += _width_of(text[place], bold) * size / 1000
        if total > most:
            break
        place += 1
    place = max(place, 1)
    while place < len(text) and unicodedata.combining(text[place]):
        place += 1
    return place
