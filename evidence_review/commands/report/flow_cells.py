"""What people write in a cell of flow numbers: `1 001`, `(n = 848)`, `xxx`, `Scopus, 828; PubMed, 317`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_UNKNOWN = re.compile(r"^(?:|x+|na|nan|n/?a|n\.?\s?a\.|nr|none|null|not reported|unknown|-|–|—|\?|\.)$", re.IGNORECASE)
# Thousands may be parted by any of these, in groups of three. Nothing else is guessed: 1.5 and 12,34 are no counts.
_DIGITS = r"\d{1,3}(?:[,. '’_\u00a0\u2009\u202f]\d{3})+|\d+"
_NUMBER = re.compile(
    rf"^[(\[]?\s*(?:n\s*[=:]\s*)?(?P<sign>[-−–]?)\s*(?P<digits>{_DIGITS})(?:[.,]0+)?"
    r"\s*(?:records?|reports?|studies|study|articles?|citations?)?\s*[)\]]?$",
    re.IGNORECASE,
)
_MARKED = r"(?:n\s*=\s*)?[-−–]?\s*(?:" + _DIGITS + r")(?:\.0+)?"
# A label and its number: parted by a mark ("Scopus, 1,300", "Design: n = 4", "Language (12)"), or by a space alone.
_THINGS = r"(?:\s*(?:records?|reports?|studies|study|articles?|citations?))?"
# The share that some add to a number: "12 (17%)".
_SHARE = re.compile(r"(?<=[\d)\]])\s*[(\[]\s*\d+(?:[.,]\d+)?\s*%\s*[)\]]")
_SAID_UNKNOWN = r"n/a|nr|not reported|unknown|\?"
_PARTS = (
    re.compile(
        rf"^(?P<label>.*?)\s*(?:[,:=\t]|[,:]?\s*[(\[])\s*(?P<n>{_MARKED}|x+|na|{_SAID_UNKNOWN}){_THINGS}\s*[)\]]?$",
        re.I | re.S,
    ),
    re.compile(rf"^(?P<label>.*?\S)\s+(?:[-–—]\s+)?(?P<n>{_MARKED})$", re.I | re.S),
    re.compile(rf"^(?P<n>{_MARKED})\s+(?P<label>[^\W\d].*)$", re.I | re.S),
)
# Parts stand behind semicolons or on lines of their own, or as in "Design (n = 4), Language (n = 12)".
_PIECES = re.compile(r"\s*(?:[;\n|]+|(?<=\d[)\]])\s*,\s*(?=[^\W\d]))\s*")
# A whole cell of labels and numbers parted by commas alone: "Design, 4, Language, 12". A year is no number of a part.
_PAIR = r"[^\W\d][^,:=;|\n]*[,:=]\s*(?!(?:19|20)\d\d\b)(?:\d{1,3}(?:,\d{3})+|\d+)"
_BY_COMMAS = re.compile(rf"\s*{_PAIR}(?:\s*,\s*{_PAIR})+\s*")
# What heads or ends a list with the sum of its parts.
_TOTAL = re.compile(r"(?:in |grand )?total\b.*|sum|overall", re.IGNORECASE)
# No label stands in 12,5 or =1+1.
_BARE = re.compile(r"[-−–=+\d.,'’*/%]+")
_HIGHEST = 10**12


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a box by label, whether the number of each is known, and whether one is `said` to be unknown: a
    template's `Reason3, xxx` need only be unused.
    """

    parts: tuple[tuple[str, int], ...]
    whole: bool = True
    said: bool = False


def unknown(cell: str) -> bool:
    """Whether a cell says that the number is not known: it is blank, `NA`, `xxx`, a dash."""
    return bool(_UNKNOWN.match(cell.strip()))


def is_number(cell: str) -> bool:
    """Whether a cell is one number and no list of parts."""
    return bool(_NUMBER.match(_SHARE.sub("", cell.strip())))


def number(cell: str) -> int:
    """Return the whole number of a cell; below 0 where it says so, which no count may be.

    Raises:
        ValueError: it is none.
    """
    match = _NUMBER.match(_SHARE.sub("", cell.strip()))
    if not match:
        raise ValueError(f"'{cell.strip()[:60]}' is not a whole number")
    value = int(re.sub(r"\D", "", match["digits"]))
    if value > _HIGHEST:
        raise ValueError(f"'{cell.strip()[:60]}' is more than any search can find")
    return -value if match["sign"] else value


def split(cell: str) -> Split:
    """Return the parts that a cell such as `Wrong network, or none, 62; Language, 8` lists.

    A label may hold commas: what stands behind the last one is the number. Two parts of one label stay two. The sum of
    the others, called total, is no part.

    Raises:
        ValueError: a part has no number.
    """
    cell = _SHARE.sub("", cell)
    if _BY_COMMAS.fullmatch(cell):
        cell = ";".join(re.findall(_PAIR, cell))
    pieces = [piece.strip(" .") for piece in _PIECES.split(cell) if piece.strip(" ,.")]
    found = [_part(piece, alone=len(pieces) == 1) for piece in pieces]
    known = tuple((label, n) for label, n in _apart(found) if n is not None)
    rest = tuple((label, n) for label, n in known if not _TOTAL.fullmatch(label))
    if rest and len(known) - len(rest) == 1 and sum(n for _, n in known) == 2 * sum(n for _, n in rest):
        # Their sum among the parts is no part. One that differs stays, so that the box does not add up.
        known, found = rest, list(rest) + [pair for pair in found if pair[1] is None]
    said = any(re.search(rf"(?:{_SAID_UNKNOWN})\s*[)\]]?$", piece, re.IGNORECASE) for piece in pieces)
    return Split(known, whole=len(known) == len(found), said=said)


def _part(piece: str, *, alone: bool) -> tuple[str, int | None]:
    """Return label and number. What stands `alone` must have a mark between them: `about 600` is no part."""
    for form in _PARTS[:1] if alone else _PARTS:
        match = form.match(piece)
        if match and not _BARE.fullmatch(piece):
            label = match["label"].strip(" ,:;-–—\t")
            return label, None if unknown(match["n"]) else number(match["n"])
    what = "is not a whole number" if _BARE.fullmatch(piece) or alone else "has no number"
    raise ValueError(f"'{piece[:60]}' {what}")


def _apart(parts: list[tuple[str, int | None]]) -> Iterator[tuple[str, int | None]]:
    """Yield the parts with a label that stands a second time numbered."""
    taken: set[str] = set()
    for label, n in parts:
        names = (label, *(f"{label} ({time})" for time in range(2, len(parts) + 2)))
        name = next(one for one in names if one not in taken)
        taken.add(name)
        yield name, n
