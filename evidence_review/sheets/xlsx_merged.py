"""Which cells of a worksheet were merged across rows: what stands in them may be meant for every row or for one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, NamedTuple

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_CHUNK, _LONGEST = 1 << 20, 200


class Merged(NamedTuple):
    """A block of merged cells: its first column (0 is A), its first and its last row as the spreadsheet shows them."""

    column: int
    first: int
    last: int


def across_rows(worksheet: IO[bytes]) -> Iterator[Merged]:
    """Yield the blocks of a worksheet's XML that span more than one row, in bounded memory.

    openpyxl does not tell them of a workbook that it only reads.
    """
    rest = b""
    while chunk := worksheet.read(_CHUNK):
        text = rest + chunk
        end = 0
        for found in _MERGED.finditer(text):
            end = found.end()
            letters, first, _, last = found.groups()
            if int(last) > int(first):
                yield Merged(_place(letters), int(first), int(last))
        rest = text[max(end, len(text) - _LONGEST) :]


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place - 1
