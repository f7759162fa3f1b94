"""What has to be written so that a library holds what a review wants; what is not the review's own stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evidence_review.commands.zotero.convert import item
from evidence_review.commands.zotero.wanted import Path, Place, Wanted, parent_key, prefix
from evidence_review.model.record import Record

Object = dict[str, Any]

CREATE, CHANGE, SAME, BINNED, GONE = "create", "change", "same", "binned", "gone"


@dataclass(frozen=True, slots=True)
class Step:
    """What is to happen to one object: create, change, nothing (same), or nothing because a person binned it.

    `gone` is an item that was pulled from this library and is no longer there. `write` is what is sent;
    `into` and `out` are the collections that an item comes into and leaves.
    """

    key: str
    what: str
    name: str
    write: Object | None = None
    into: frozenset[str] = frozenset()
    out: frozenset[str] = frozenset()


def collection_step(key: str, path: Path, remote: Object | None) -> Step:
    """Return the step for a collection. One that is there keeps the name and the place that people gave it."""
    name = "/".join(path)
    if remote is None:
        parent = parent_key(path) or False
        return Step(key, CREATE, name, {"key": key, "version": 0, "name": path[-1], "parentCollection": parent})
    return Step(key, BINNED if remote["data"].get("deleted") else SAME, name)


def item_step(key: str, place: Place, remote: Object | None, wanted: Wanted, record: Record) -> Step:
    """Return the step for a record's item. Of an item that is there only our collections and tags change."""
    if remote is None:
        if key in wanted.own:
            return Step(key, GONE, place.record)
        new = item(record.citation, record.id)
        write = {"key": key, "version": 0, **new, **_membership(place, {}, wanted)}
        return Step(key, CREATE, place.record, write, place.collections)
    return placed_step(key, place, remote, wanted)


def placed_step(key: str, place: Place, remote: Object, wanted: Wanted) -> Step:
    """Return the step for an item that is there: its collections and tags of ours are those of its place, or none."""
    data = remote["data"]
    if data.get("deleted"):
        return Step(key, BINNED, place.record)
    change = _membership(place, data, wanted)
    same = set(change["collections"]) == set(data.get("collections") or ()) and _names(change["tags"]) == _names(
        data.get("tags") or []
    )
    if same:
        return Step(key, SAME, place.record)
    # The API merges an existing object with what is sent of it, so everything else stays as it is.
    before, after = set(data.get("collections") or ()), set(change["collections"])
    write = {"key": key, "version": remote["version"], **change}
    return Step(key, CHANGE, place.record, write, frozenset(after - before), frozenset(before - after))


def _membership(place: Place, data: Mapping[str, Any], wanted: Wanted) -> Object:
    """Return collections and tags: people's as they are, ours as the review wants them."""
    ours = prefix(wanted.review)
    theirs = [key for key in data.get("collections") or () if key not in wanted.ours]
    tags = [tag for tag in data.get("tags") or () if not str(tag.get("tag", "")).startswith(ours)]
    return {
        "collections": [*theirs, *sorted(place.collections)],
        "tags": [*tags, *({"tag": tag} for tag in sorted(place.tags))],
    }


def _names(tags: list[Mapping[str, Any]]) -> set[str]:
    return {str(tag.get("tag", "")) for tag in tags}
