"""`records.jsonl`: every record identified, one JSON object a line, none ever deleted."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

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
_HEAD = re.compile(rb'\{"key":"([^"]*)","id":"([^"]*)","source":("(?:[^"\\]|\\.)*"),"run":("(?:[^"\\]|\\.)*")')


class Head(NamedTuple):
    """How a record's line begins: which record it is, and which run brought it."""

    key: str
    id: str
    source: str
    run: str


@dataclass(slots=True)
class Known:
    """The keys and ids already taken in a review; `gone` are the ids of records that are in it no more."""

    id_of: dict[str, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def take(self, key: str) -> tuple[str, bool]:
        """Return the id of `key`, and whether it is new: one that is gone is new again, under the id that it had."""
        if key in self.id_of:
            identifier = self.id_of[key]
            again = identifier in self.gone
            self.gone.discard(identifier)
            return identifier, again
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


def again(written: bytes, run: str, position: int) -> bytes:
    """Return the line of a record that came by another run, too, as a line of that run.

    Where it stood in the other's file is not known, and not said.
    """
    content = loads(written)
    head = Head(*(content.pop(name) for name in ("key", "id", "source", "run")))
    for name in ("position", "line", "trace"):
        content.pop(name, None)
    return line((head.key, dumps(content)), head.id, head.source, run, position)


def heads(path: Path) -> Iterator[tuple[Head, bytes]]:
    """Yield how each line of `records.jsonl` begins, and the line; lines are not parsed.

    Raises:
        StorageError: a line does not begin as the program writes it.
    """
    if not path.exists():
        return
    with path.open("rb") as stream:
        for number, written in enumerate(stream, start=1):
            found = _HEAD.match(written)
            if found is None:
                raise StorageError(f"{path} line {number} is damaged: put the file back from a backup.")
            key, identifier, source, run = found.groups()
            yield Head(key.decode(), identifier.decode(), loads(source), loads(run)), written


def known(path: Path, taken_back: Collection[tuple[str, str]] = ()) -> Known:
    """Return what is already in `records.jsonl`; records that only `taken_back` runs (source, run) brought are gone."""
    taken = Known()
    if taken_back:
        staying = set()
        for head, _ in heads(path):
            taken.id_of[head.key] = head.id
            taken.ids.add(head.id)
            if (head.source, head.run) not in taken_back:
                staying.add(head.id)
        taken.gone = taken.ids - staying
        return taken
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
