"""The event files of the library: CSV, UTF-8, one event a row, header first, only ever appended to."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from evidence_review.csv_text import csv_text
from evidence_review.errors import StorageError
from evidence_review.model.events import (
    CitationLink,
    Copy,
    Correction,
    Decision,
    DuplicateEvent,
    Edition,
    Event,
    Notice,
    Retrieval,
    StudyLink,
    TakenBack,
    Value,
    columns,
    from_row,
    to_row,
)
from evidence_review.model.quick import maker
from evidence_review.workspace.layout import Layout

_FILES: dict[type[Any], str] = {
    DuplicateEvent: "duplicates",
    Decision: "decisions",
    Retrieval: "retrievals",
    Copy: "copies",
    Correction: "corrections",
    StudyLink: "studies",
    CitationLink: "citations",
    Notice: "notices",
    Edition: "editions",
    TakenBack: "taken_back",
    Value: "values",
}


def file_of(kind: type[Event], layout: Layout) -> Path:
    """Return where the events of a kind stand in a review."""
    place: Path = getattr(layout, _FILES[kind])
    return place


def encode(rows: Iterable[list[str]]) -> bytes:
    """Return rows of cells as CSV bytes."""
    return csv_text(rows).encode("utf-8", "surrogatepass")


def header(kind: type[Event]) -> bytes:
    """Return the header line of an event file."""
    return encode([list(columns(kind))])


def rows(events: Iterable[Event]) -> bytes:
    """Return events as CSV lines without a header."""
    return encode(to_row(event) for event in events)


def read(path: Path, kind: type[Event]) -> tuple[Event, ...]:
    """Return every event of a file, in the order in which they happened; none where there is no file.

    Raises:
        StorageError: the file's header is not that of its events.
    """
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", errors="surrogatepass", newline="") as stream:
        reader = csv.reader(stream)
        wanted, found = columns(kind), tuple(next(reader, ()))
        missing = [name for name in wanted[:3] if name not in found]
        if missing:
            raise StorageError(
                f"{path} line 1: the header lacks {', '.join(missing)}. The file is made by the program: put it back "
                "from a backup."
            )
        if found == wanted:  # as this version writes it: no need to look each cell up by name
            whole, make = len(wanted), maker(kind)
            return tuple(make(*row) if len(row) == whole else _by_name(kind, found, row) for row in reader if row)
        return tuple(_by_name(kind, found, row) for row in reader if row)


def _by_name(kind: type[Event], header: Sequence[str], row: Sequence[str]) -> Event:
    """Return the event of a row whose columns another version of the program wrote."""
    return from_row(kind, dict(zip(header, row, strict=False)))
