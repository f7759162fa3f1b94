"""What people should look at in the records of a file, counted: the flags that its records carry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_FIGURES = re.compile(r"\d[\d-]*")
_LINES_SHOWN = 3
_WRONG_ENCODING = "a program before this one read it in a wrong encoding"
_MEANING = {
    "no end of record": "the file may be cut off",
    "undecodable byte": "its place is named above",
    "mojibake in title": _WRONG_ENCODING,
    "mojibake in abstract": _WRONG_ENCODING,
}


class Doubts:
    """Flags by kind: how many records carry each (`counts`), and the lines on which the first of them begin."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._lines: dict[str, list[int]] = {}

    def note(self, line: int, flags: Sequence[str]) -> None:
        """Count the flags of a record that begins on a line."""
        for kind in dict.fromkeys(map(kind_of, flags)):
            self.counts[kind] += 1
            lines = self._lines.setdefault(kind, [])
            if len(lines) < _LINES_SHOWN:
                lines.append(line)

    def told(self) -> list[str]:
        """Say of each kind how many records carry it and where the first of them are."""
        return [f"to look at: {count} × {kind}{self._where(kind)}" for kind, count in sorted(self.counts.items())]

    def _where(self, kind: str) -> str:
        lines = self._lines[kind]
        more = ", …" if self.counts[kind] > len(lines) else ""
        place = f", {'line' if self.counts[kind] == 1 else 'lines'} {', '.join(map(str, lines))}{more}"
        meaning = _MEANING.get(kind, "")
        return f"{place if lines[0] else ''}{f'; {meaning}' if meaning else ''}"


def kind_of(flag: str) -> str:
    """Return what kind of doubt a flag is: what it says without its figures, and without what follows a colon."""
    return _FIGURES.sub("…", flag.partition(":")[0])
