"""`records.jsonl`: every record identified, one JSON object a line, none ever deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from evidence_review.compact_json import dumps, loads
from evidence_review.errors import StorageError
from evidence_review.model.ids import LONG, SHORT, record_id, record_key
from evidence_review.model.record import (
    Draft,
    Parsed,
    Record,
    citation_from_dict,
    content_to_dict,
    record_from_dict,
)

# Each line begins {"key":"<20 characters>","id":"R-…", so that the keys can be read without parsing the line.
_KEY_AT = len('{"key":"')
_ID_AT = _KEY_AT + LONG + len('","id":"')


@dataclass(slots=True)
class Known:
    """The keys and ids already taken in a review."""

    id_of: dict[str, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)

    def take(self, key: str) -> tuple[str, bool]:
        """Return the id of `key`, and whether it is new."""
        if key in self.id_of:
            return self.id_of[key], False
        length = SHORT
        while (identifier := record_id(key, length)) in self.ids:
            length += 2
        self.id_of[key] = identifier
        self.ids.add(identifier)
        return identifier, True


# A record all but its place in the review: its key, and its content as JSON. A plain tuple, for it may be made in
# another process, and passes from there in half the time.
Prepared = tuple[str, bytes]
# The line on which a record begins, and its flags.
Flagged = tuple[int, tuple[str, ...]]


def prepare(parsed: Parsed | Draft, source: str, format: str) -> Prepared:
    """Return what `source` gave, with its key: by its native id where it has one, else by its raw text."""
    key = record_key(source, parsed.native_id or parsed.raw)
    return key, dumps(content_to_dict(parsed, format))


def prepare_of_file(source: str, format: str, parsed: Parsed | Draft) -> tuple[str, Flagged | None, Prepared]:
    """Return the database that a record names, its flags if it has any, and the record as `prepare` does.

    Runs in any process.
    """
    flagged = (parsed.line, parsed.flags) if parsed.flags else None
    return parsed.facts.get("database", ""), flagged, prepare(parsed, source, format)


def line(prepared: Prepared, identifier: str, source: str, run: str, position: int) -> bytes:
    """Return a record as its line."""
    key, content = prepared
    head = b'{"key":"%b","id":"%b","source":%b,"run":%b,"position":%d,' % (
        key.encode(), identifier.encode(), dumps(source), dumps(run), position
    )  # fmt: skip
    return b"".join((head, memoryview(content)[1:], b"\n"))


def known(path: Path) -> Known:
    """Return what is already in `records.jsonl`."""
    taken = Known()
    if path.exists():
        with path.open("rb") as stream:
            for line in stream:
                key = line[_KEY_AT : _KEY_AT + LONG].decode("ascii", "replace")
                identifier = line[_ID_AT : line.index(b'"', _ID_AT)].decode("ascii", "replace")
                taken.id_of[key] = identifier
                taken.ids.add(identifier)
    return taken


def corrected(record: Record, citation: str) -> Record:
    """Return a record with the citation of a correction, which is its JSON.

    Raises:
        StorageError: the correction is damaged.
    """
    try:
        return replace(record, citation=citation_from_dict(json.loads(citation)))
    except (ValueError, TypeError) as fault:
        raise StorageError(
            f"The correction of {record.id} in corrections.csv is damaged ({fault}): put the file back from a backup."
        ) from fault


def read(path: Path) -> Iterator[Record]:
    """Yield every record in the order of identification.

    Raises:
        StorageError: a line is damaged; the message names it.
    """
    if not path.exists():
        return
    with path.open("rb") as stream:
        for number, written in enumerate(stream, start=1):
            try:
                yield record_from_dict(loads(written))
            except (ValueError, KeyError, TypeError) as fault:
                raise StorageError(
                    f"{path} line {number} is damaged ({fault}). The raw files are unharmed: put the file back from a "
                    "backup, or move the library folder away and load again."
                ) from fault
