"""Rows of cells as CSV text that every reader takes apart again the same way."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

# Characters. Python's own limit of 131,072 would refuse an abstract that swallowed a whole paper.
_MOST_IN_A_CELL = 4_000_000


class _Lines:
    """Collects lines, each ending in a line feed."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line.removesuffix("\r\n") + "\n")


def csv_text(rows: Iterable[Sequence[str]], separator: str = ",") -> str:
    """Return rows as CSV with line feeds.

    The writer is told that lines end in CR LF, because it quotes only those line ends inside cells that it knows of:
    told of LF alone, Python before 3.13 leaves a carriage return in a cell unquoted, and readers break the row there.
    """
    out = _Lines()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return "".join(out.lines)


@contextmanager
def long_cells() -> Iterator[None]:
    """Let Python's CSV reader take cells of up to four million characters, and put its limit back afterwards."""
    before = csv.field_size_limit(_MOST_IN_A_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
