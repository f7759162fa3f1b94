"""What a review wants to have in a library: a tree of collections, and each record's place and tags in it.

    <review>
    ├── 01 Search                    one collection a source: every record that it gave
    ├── 02 Deduplicated              the record that stands for each cluster
    ├── 03 Included title-abstract
    ├── 04 Full text                 those whose full text was obtained
    ├── 05 Included
    └── Excluded                     one collection a reason

Keys are made from the review's name and what they stand for, so that pushing twice, or after a lost reply, makes
nothing twice. Only collections with such keys and tags with the review's prefix are ever changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from evidence_review.model.protocol import Protocol
from evidence_review.state import screening
from evidence_review.state import standing as places
from evidence_review.state.names import reason_label
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, stand

# https://www.zotero.org/support/dev/web_api/v3/write_requests: object keys have eight of these.
_ALPHABET = "23456789ABCDEFGHIJKLMNPQRSTUVWXYZ"

SEARCH, UNIQUE, SCREENED, OBTAINED, INCLUDED, EXCLUDED = (
    "01 Search", "02 Deduplicated", "03 Included title-abstract", "04 Full text", "05 Included", "Excluded",
)  # fmt: skip
NO_REASON = "no reason given"
DUPLICATE = "duplicate"
# What the tags of every review begin with.
NAMESPACE = "evidence-review:"
Path = tuple[str, ...]
_NONE: frozenset[str] = frozenset()
# The review's own tree is three deep; a circle of collections must not hang the program.
_DEEPEST = 10


def object_key(review: str, *parts: str) -> str:
    """Return the key of a review's collection or item."""
    digest = hashlib.sha256("\0".join(("evidence-review", review, *parts)).encode("utf-8", "surrogatepass")).digest()
    number = int.from_bytes(digest, "big")
    letters = []
    for _ in range(8):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return "".join(letters)


def prefix(review: str) -> str:
    """Return what every tag of a review begins with."""
    return f"{NAMESPACE}{review}:"


def root_key(review: str) -> str:
    """Return the key of the collection that a review's tree hangs on."""
    return object_key(review, "collection")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Collections by key (path from the root, parents before children), and what each record's item should carry.

    `items` maps an item's key to its record, its collections (keys) and its tags; `own` has the keys of items that
    were pulled from this library: they are somebody's, and are placed and tagged, never made. `ours` has the keys of
    all collections that are the review's, also of those that no record is in any more: items leave them. `gone` are
    the items of records that were taken back: where an earlier push made one, it leaves them all, and is not removed.
    """

    review: str
    collections: Mapping[str, Path]
    items: Mapping[str, Place]
    own: frozenset[str]
    ours: frozenset[str]
    gone: Mapping[str, Place] = field(default_factory=dict)

    def knowing(self, tree: Sequence[Mapping[str, Any]]) -> Wanted:
        """Return the same, with what of a library's collections an earlier push made, for a source or reason that
        the protocol names no longer.
        """
        by_key = {str(each["key"]): each["data"] for each in tree}
        made = {key for key in by_key if key == _collection_key((self.review, *_names_below(by_key, key, self.review)))}
        return replace(self, ours=self.ours | made)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one record belongs."""

    record: str
    collections: frozenset[str]
    tags: frozenset[str]

    def with_(self, other: Place) -> Place:
        """Return a place with the collections and tags of both; a duplicate of itself is no duplicate."""
        tags = self.tags | other.tags
        return Place(
            self.record,
            self.collections | other.collections,
            frozenset(tag for tag in tags if not tag.endswith(f":{DUPLICATE}")) or tags,
        )


def wanted(snapshot: Snapshot, pulled: Mapping[str, str]) -> Wanted:
    """Return what the review wants; `pulled` maps a record to the item that it was pulled from in this library."""
    review = snapshot.protocol.review
    standing = stand(snapshot)
    paths: dict[Path, None] = dict.fromkeys((review,) if not name else (review, name) for name in ("", *_fixed()))
    items: dict[str, Place] = {}
    names = _source_names(snapshot.protocol)
    for record in snapshot.records.values():
        where = [(SEARCH, names.get(record.source, record.source)), *_places(snapshot, standing, record.id)]
        for parts in where:
            for end in range(1, len(parts) + 1):
                paths.setdefault((review, *parts[:end]))
        key = pulled.get(record.id) or object_key(review, "item", record.id)
        place = Place(
            record.id,
            frozenset(_collection_key((review, *parts)) for parts in where),
            frozenset({prefix(review) + (standing.state_of.get(record.id) or DUPLICATE)}),
        )
        # One item may be the record of two sources.
        items[key] = items[key].with_(place) if key in items else place
    gone = {
        key: Place(one, _NONE, _NONE) for one in snapshot.gone if (key := object_key(review, "item", one)) not in items
    }
    ordered = sorted(paths, key=lambda path: (len(path), path))
    collections = {_collection_key(path): path for path in ordered}
    possible = {_collection_key((review, *parts)) for parts in _possible(snapshot.protocol)}
    own = frozenset(pulled.values()) & items.keys()
    return Wanted(review, collections, items, own, frozenset(collections) | possible, gone)


def parent_key(path: Path) -> str:
    """Return the key of the collection that a path's collection lies in, "" for the root."""
    return _collection_key(path[:-1]) if len(path) > 1 else ""


def _fixed() -> tuple[str, ...]:
    return (SEARCH, UNIQUE, SCREENED, OBTAINED, INCLUDED, EXCLUDED)


def _possible(protocol: Protocol) -> list[Path]:
    """Return the path of every collection that a record of this protocol may come into, but for the fixed ones."""
    reasons = [f"{reason.code} {reason.label}".strip() for reason in protocol.eligibility.exclude]
    return [
        *((SEARCH, source.name) for source in protocol.sources),
        *((EXCLUDED, name) for name in (*reasons, NO_REASON)),
    ]


def _names_below(by_key: Mapping[str, Mapping[str, Any]], key: str, review: str) -> Path:
    """Return the names of the collections between a review's root and this one, itself included; () outside."""
    names: list[str] = []
    root = root_key(review)
    while key in by_key and key != root and len(names) < _DEEPEST:
        names.append(str(by_key[key]["name"]))
        key = str(by_key[key].get("parentCollection") or "")
    return tuple(reversed(names)) if key == root else ()


def _collection_key(path: Path) -> str:
    return object_key(path[0], "collection", *path[1:])


def _source_names(protocol: Protocol) -> dict[str, str]:
    return {source.id: source.name for source in protocol.sources}


def _places(snapshot: Snapshot, standing: Standing, record: str) -> list[Path]:
    state = standing.state_of.get(record)
    if state is None:
        return []
    found: list[Path] = [(UNIQUE,)]
    first = standing.title_abstract.get(record)
    if first is not None and first.state == screening.INCLUDED:
        found.append((SCREENED,))
        if state not in (places.AWAITING_RETRIEVAL, places.NOT_OBTAINED):
            found.append((OBTAINED,))
    if state == places.INCLUDED:
        found.append((INCLUDED,))
    if state in (places.EXCLUDED_SCREENING, places.EXCLUDED_ELIGIBILITY):
        found.append((EXCLUDED, _reason(snapshot, standing, record, state)))
    return found


def _reason(snapshot: Snapshot, standing: Standing, record: str, state: str) -> str:
    outcomes = standing.title_abstract if state == places.EXCLUDED_SCREENING else standing.full_text
    code = outcomes[record].reason
    label = reason_label(snapshot, code)
    return f"{code} {label}".strip() if label != code else code or NO_REASON
