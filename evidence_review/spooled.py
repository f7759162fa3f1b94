"""A list of records that may be longer than memory: each is written to a temporary file as soon as it is known."""

from __future__ import annotations

import json
import tempfile
from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

from evidence_review import compact_json


def line_of(record: Mapping[str, Any]) -> bytes:
    """Return a record as a line of JSON that any program can read."""
    line = compact_json.dumps(record)
    try:
        line.decode()
    except UnicodeDecodeError:
        # A lone surrogate of a damaged reply: escaped, it passes through every program's text.
        return json.dumps(record, separators=(",", ":")).encode("ascii")
    return line


class Spooled(Sequence[Any]):
    """Records as JSON lines in a file that goes with this object. It only grows at its end."""

    def __init__(self, folder: Path | None = None) -> None:
        """Open the file in `folder`, by default where the system keeps temporary files."""
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as the object
        self._ends = array("Q", [0])

    def append(self, record: Mapping[str, Any]) -> None:
        """Add a record."""
        self.append_line(line_of(record))

    def append_line(self, line: bytes) -> None:
        """Add a record that `line_of` made a line of, maybe in another process."""
        self._file.write(line)
        self._ends.append(self._ends[-1] + len(line))

    def lines(self) -> Iterator[bytes]:
        """Yield each record as JSON, in order."""
        self._file.seek(0)
        for place in range(len(self)):
            yield self._file.read(self._ends[place + 1] - self._ends[place])

    def __len__(self) -> int:
        """How many records there are."""
        return len(self._ends) - 1

    def __iter__(self) -> Iterator[Any]:
        """Yield each record as it was added."""
        return map(compact_json.loads, self.lines())

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        """Return the record at a place."""
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        return compact_json.loads(self.line(range(len(self))[place]))

    def line(self, place: int) -> bytes:
        """Return the record at a place, counted from the beginning, as JSON."""
        self._file.seek(self._ends[place])
        return self._file.read(self._ends[place + 1] - self._ends[place])
