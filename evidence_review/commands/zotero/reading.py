"""Reading a source of the review from Zotero: whole the first time, later what changed since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evidence_review.commands.zotero.client import Library, Object, Page
from evidence_review.commands.zotero.convert import parsed
from evidence_review.commands.zotero.wanted import object_key
from evidence_review.errors import StorageError
from evidence_review.formats.zotero_item import CHILDREN
from evidence_review.model.protocol import Source
from evidence_review.model.record import Parsed
from evidence_review.workspace.transaction import encode_line
from evidence_review.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Seen:
    """What has been read of a source so far: the library's version, its items, and the notes and files of each."""

    version: int = 0
    items: frozenset[str] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of one source, before it is compared with what the review holds.

    `rejected` has (place, reason); `gone` the items of earlier pulls that are not there any more; `seen` is for the
    next pull, `before` what the last one left.
    """

    source: Source
    where: str
    page: Page
    records: tuple[Parsed, ...]
    rejected: tuple[tuple[int, str], ...]
    gone: tuple[str, ...]
    seen: Seen
    before: Seen

    @property
    def complete(self) -> bool:
        """Whether every object that Zotero announced came."""
        return len(self.page.objects) >= self.page.total


def _where(library: Library, within: str, tag: str) -> str:
    """Return how a pull is called: the library, and what of it was read."""
    part = "" if not within else f"/{within}" if "/" in within else f"/collections/{within}"
    return f"{'local ' if library.address.local else ''}{library.address}{part}" + (f"?tag={tag}" if tag else "")


def read(workspace: Workspace, library: Library, source: Source, within: str, tag: str) -> Read:
    """Return what is new or changed for a source: in a library, `within` a collection or saved search, with a tag.

    Items that this review pushed into the library are no finds: they are left out.

    Raises:
        SourceError: Zotero failed.
        StorageError: what the last pull left is damaged.
    """
    where = _where(library, within, tag)
    others = _last(workspace, source.id)
    last = others.pop(where, Seen())
    # What a saved search finds may change without any change of an item: it is read whole.
    since = 0 if within.startswith("searches/") else last.version
    page = library.items(within, since)
    below: dict[str, list[Object]] = {}
    for each in page.objects:
        below.setdefault(str(each["data"].get("parentItem") or ""), []).append(each)
    records: list[Parsed] = []
    rejected: list[tuple[int, str]] = []
    left: set[str] = set()
    ids = [*(record.id for record in workspace.records()), *workspace.gone().copy_of]
    pushed = {object_key(workspace.protocol.review, "item", record) for record in ids}
    for place, each in enumerate(below.pop("", []), start=1):
        kind = each["data"].get("itemType")
        if kind in CHILDREN:
            rejected.append((place, f"{each['key']} is a {kind} that belongs to no item"))
        elif each["key"] in pushed:
            continue
        elif tag and not _has(each, tag):
            left.add(each["key"])
        else:
            records.append(parsed(each, below.get(each["key"], ())))
    present = library.present(within) if since else frozenset(each["key"] for each in page.objects)
    notes = {child["key"]: parent for parent, some in below.items() for child in some}
    if since:
        orphaned = {parent for child, parent in last.notes.items() if child not in present}
        touched = (last.items & ({*notes.values()} | orphaned)) | _not_whole(page, below, _keys(records))
        records = _with_children(library, records, touched)
    items = last.items | _keys(records)
    # Of a listing that is not complete nobody can say what is gone.
    complete = len(page.objects) >= page.total
    gone = frozenset(key for key in last.items if (key not in present and complete) or key in left)
    kept_notes = {child: parent for child, parent in {**last.notes, **notes}.items() if child in present}
    seen = Seen(page.version, frozenset(items - gone), kept_notes)
    out = tuple(sorted(gone - _elsewhere(library, gone, others.values())))
    return Read(source, where, page, tuple(records), tuple(rejected), out, seen, last)


def _elsewhere(library: Library, gone: frozenset[str], others: Iterable[Seen]) -> frozenset[str]:
    """Return those of the items that another collection of the source had, and that still are in the library."""
    claimed = {key for seen in others for key in seen.items & gone}
    held = library.by_key("items", sorted(claimed))
    return frozenset(key for key, item in held.items() if not item["data"].get("deleted"))


def _not_whole(page: Page, below: Mapping[str, list[Object]], keys: frozenset[str]) -> frozenset[str]:
    """Return the items that came without all of their notes and files."""
    counted = {each["key"]: (each.get("meta") or {}).get("numChildren") for each in page.objects}
    return frozenset(key for key in keys if counted[key] != len(below.get(key, ())))


def _keys(records: Iterable[Parsed]) -> frozenset[str]:
    return frozenset(record.native_id for record in records)


def _has(item: Object, tag: str) -> bool:
    return tag in {str(each.get("tag")) for each in item["data"].get("tags") or ()}


def _with_children(library: Library, records: list[Parsed], touched: Iterable[str]) -> list[Parsed]:
    """Return the records, those of earlier pulls whole: a later pull brings only those notes and files that changed."""
    whole = {item["key"]: parsed(item, notes) for item, notes in library.with_children(sorted(touched))}
    found = {record.native_id: record for record in records} | whole
    return list(found.values())


def _last(workspace: Workspace, source: str) -> dict[str, Seen]:
    """Return what the last pull of each library, collection or tag left of a source."""
    path = path_of(workspace, source)
    if not path.exists():
        return {}
    found = {}
    try:
        # A tag may hold a sign that Python takes for the end of a line.
        for line in path.read_bytes().splitlines():
            each = json.loads(line)
            found[str(each["where"])] = Seen(int(each["version"]), frozenset(each["items"]), dict(each["notes"]))
    except (ValueError, KeyError, TypeError) as fault:
        raise StorageError(f"{path} is damaged ({fault}): put it back from a backup.") from fault
    return found


def path_of(workspace: Workspace, source: str) -> Path:
    """Return where the pulls of a source leave what they saw, a line each."""
    return workspace.layout.zotero / f"pull-{source}.jsonl"


def encode(read: Read) -> bytes:
    """Return what the next pull needs to know of this one."""
    seen = {
        "where": read.where,
        "version": read.seen.version,
        "items": sorted(read.seen.items),
        "notes": dict(sorted(read.seen.notes.items())),
    }
    return encode_line(seen)
