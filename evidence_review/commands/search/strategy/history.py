"""A search history that PubMed saved as a table (CSV): the same text with nothing but its numbered queries left.

Every character keeps its place, so that lines and columns are those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evidence_review.commands.search.strategy.numbered import Report
from evidence_review.commands.search.strategy.tree import WARNING

_HEADER = re.compile(r"\s*\"?Search number\"?,\"?Query\"?,", re.IGNORECASE)
_CELL = re.compile(r'[ \t]*"(?P<quoted>(?:[^"]|"")*)"[ \t]*(?=[,\n]|$)|(?P<bare>[^,\n]*)')

Span = tuple[int, int]


def opened(text: str, report: Report) -> str:
    """Return `text` with the number and the query of each row alone; other text than such a table as it is.

    `report` takes (code, severity, what, remedy, start, end) of filters that stood beside a query.
    """
    if not _HEADER.match(text):
        return text
    heads, *rows = _rows(text)
    names = [text[start:end].strip().lower() for start, end in heads]
    filters = names.index("filters") if "filters" in names else -1
    shown = [character if character == "\n" else " " for character in text]
    for row in rows:
        if len(row) < 2 or not re.fullmatch(r"\s*[0-9]{1,4}\s*", text[slice(*row[0])]):
            continue
        start, end = row[0]
        shown[start:end] = text[start:end].strip().ljust(end - start)
        shown[end] = "\t"
        start, end = row[1]
        shown[start:end] = _query(text[start:end]) if text[start - 1] == '"' else text[start:end]
        if 0 <= filters < len(row) and (limit := text[slice(*row[filters])].strip()):
            what = f"'Filters: {' '.join(limit.split())[:60]}' stands beside the query and is not searched"
            report("history-filter", WARNING, what, "Write the limit into the strategy.", *row[filters])
    return "".join(shown)


def _rows(text: str) -> Iterator[list[Span]]:
    """Yield where the cells of each row stand, without their quotes."""
    row: list[Span] = []
    at = 0
    while at <= len(text):
        cell = _CELL.match(text, at)
        assert cell is not None  # the bare form matches the empty text
        row.append(cell.span("quoted" if cell["quoted"] is not None else "bare"))
        at = cell.end() + 1
        if cell.end() >= len(text) or text[cell.end()] == "\n":
            yield row
            row = []


def _query(cell: str) -> str:
    """Return a quoted cell in the same length: a quote written twice becomes one, on one line."""
    inside = False
    pieces = []
    for piece in re.split('("")', cell.replace("\n", " ")):
        if piece == '""':
            inside = not inside
            piece = ' "' if inside else '" '
        pieces.append(piece)
    return "".join(pieces)
