"""Pull: the items of a library or collection as records of a source of the protocol."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evidence_review.commands.zotero.address import Address, choose, is_zotero
from evidence_review.commands.zotero.client import ENDPOINT, Library, Object, Page
from evidence_review.commands.zotero.convert import CHILDREN, parsed
from evidence_review.errors import EXIT_DONE, EXIT_SOURCE, StorageError, UsageError, suggest
from evidence_review.model.protocol import Protocol, Source
from evidence_review.model.record import Parsed
from evidence_review.model.search_run import COMPLETE, INCOMPLETE, SearchRun
from evidence_review.net.client import Timing
from evidence_review.net.talk import Quiet, Talk
from evidence_review.summary import Summary
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace, encode_json

FORMAT = "zotero"


def platform(address: Address) -> str:
    """Return how a run names the library that it read."""
    return f"Zotero {address}"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the last pull of a source saw: the library's version, and each item's."""

    version: int = 0
    items: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class _Pulled:
    """One source's pull, before it is written."""

    source: Source
    where: str
    page: Page
    records: tuple[Parsed, ...]
    rejected: tuple[tuple[int, str], ...]
    edited: tuple[str, ...]
    deleted: tuple[str, ...]
    seen: _Seen


def run(
    workspace: Workspace,
    library: str | None = None,
    *,
    source: str | None = None,
    collection: str | None = None,
    tag: str | None = None,
    by_collection: bool = False,
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Summary:
    """Read what is new since the last pull into records of `source`.

    With `by_collection`, every collection (below `collection`, if named) that is called like a source of the protocol
    is read into that source.

    Raises:
        UsageError: the source, library or collection is not there, or not named and not plain from the protocol.
        SourceError: Zotero failed; nothing was changed.
    """
    chosen = settings or Settings.load()
    protocol = workspace.protocol
    meant = None if by_collection else _source(protocol, source)
    address = choose(protocol, library, meant if library is None else None)
    remote = Library(address, chosen.key("zotero"), chosen.url("zotero", ENDPOINT), talk or Quiet(), timing or Timing())
    tree = remote.collections() if collection or by_collection else ()
    top = _collection(tree, collection) if collection else address.collection
    jobs = _matched(protocol, tree, top) if by_collection else [(meant, top)] if meant else []
    pulls = [_pull(workspace, remote, each, key, tag or "") for each, key in jobs]
    lines, data = [], []
    for pull in pulls:
        run_ = _keep(workspace, address, pull)
        lines.extend(_lines(pull, run_))
        data.append(_data(pull, run_))
    complete = all(item["state"] == COMPLETE for item in data)
    return Summary(
        tuple(lines),
        {"library": str(address), "sources": data},
        "evidence-review dedup" if any(item["loaded"] for item in data) else "",
        EXIT_DONE if complete else EXIT_SOURCE,
    )


def _source(protocol: Protocol, name: str | None) -> Source:
    if name is not None:
        found = protocol.source(name)
        if found is None:
            names = [source.id for source in protocol.sources]
            raise UsageError(f"The protocol has no source '{name}'. {suggest(name, names)}".strip())
        return found
    candidates = [source for source in protocol.sources if is_zotero(source)]
    if len(candidates) != 1:
        raise UsageError(
            "Which source of the protocol do these records belong to? Name it with --source, or give one source "
            "'platform: Zotero' and 'url: https://www.zotero.org/groups/NUMBER'."
        )
    return candidates[0]


def _collection(tree: Sequence[Object], name: str) -> str:
    """Return the key of the collection with this key, name, or path of names."""
    by_key = {each["key"]: each["data"] for each in tree}
    if name in by_key:
        return name
    paths = {key: _path(by_key, key) for key in by_key}
    found = [key for key, path in paths.items() if path.casefold() == name.casefold()]
    found = found or [key for key in by_key if str(by_key[key]["name"]).casefold() == name.casefold()]
    if len(found) == 1:
        return str(found[0])
    if found:
        several = ", ".join(f"{paths[key]} ({key})" for key in found)
        raise UsageError(f"Several collections are called '{name}': {several}. Name the one by its path or key.")
    raise UsageError(f"The library has no collection '{name}'. {suggest(name, paths.values())}".strip())


def _path(by_key: Mapping[str, Mapping[str, Any]], key: str) -> str:
    names: list[str] = []
    while key in by_key and len(names) < 100:
        names.append(str(by_key[key]["name"]))
        key = str(by_key[key].get("parentCollection") or "")
    return "/".join(reversed(names))


def _matched(protocol: Protocol, tree: Sequence[Object], top: str) -> list[tuple[Source, str]]:
    by_name = {name.casefold(): source for source in protocol.sources for name in (source.name, source.id)}
    found: dict[str, tuple[Source, str]] = {}
    for each in tree:
        parent = each["data"].get("parentCollection") or ""
        source = by_name.get(str(each["data"]["name"]).casefold())
        if source is not None and (parent == top or not top):
            found.setdefault(source.id, (source, each["key"]))
    if not found:
        raise UsageError("No collection is called like a source of the protocol (its name or id).")
    return list(found.values())


def _pull(workspace: Workspace, library: Library, source: Source, collection: str, tag: str) -> _Pulled:
    where = f"{library.address}" + (f"/collections/{collection}" if collection else "") + (f"?tag={tag}" if tag else "")
    before = _last(workspace, source.id, where)
    page = library.items(collection, before.version)
    children: dict[str, list[Object]] = {}
    for each in page.objects:
        children.setdefault(str(each["data"].get("parentItem") or ""), []).append(each)
    records, rejected, items = [], [], dict(before.items or {})
    edited = []
    for place, each in enumerate(children.pop("", []), start=1):
        kind = each["data"].get("itemType")
        if kind in CHILDREN:
            rejected.append((place, f"{each['key']} is a {kind} that belongs to no item"))
            continue
        if tag and tag not in {str(item.get("tag")) for item in each["data"].get("tags") or ()}:
            continue
        if each["key"] in items:
            edited.append(each["key"])
        items[each["key"]] = int(each.get("version", 0))
        records.append(parsed(each, children.get(each["key"], ())))
    present = {each["key"] for each in page.objects}
    for parent, some in children.items():
        if parent not in present:
            rejected.extend((0, f"{each['key']} is a {each['data'].get('itemType')} of {parent}") for each in some)
    deleted: tuple[str, ...] = ()
    if before.version:
        deleted = tuple(key for key in library.deleted(before.version) if key in items)
        items = {key: version for key, version in items.items() if key not in deleted}
    seen = _Seen(page.version, items)
    return _Pulled(source, where, page, tuple(records), tuple(rejected), tuple(edited), deleted, seen)


def _last(workspace: Workspace, source: str, where: str) -> _Seen:
    path = workspace.layout.zotero / f"pull-{source}.json"
    if not path.exists():
        return _Seen()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        # Another library or collection is read from its beginning.
        return _Seen(int(data["version"]), dict(data["items"])) if data["where"] == where else _Seen()
    except (ValueError, KeyError, TypeError) as fault:
        raise StorageError(f"{path} is damaged ({fault}): delete it, and pull again from the beginning.") from fault


def _keep(workspace: Workspace, address: Address, pull: _Pulled) -> SearchRun:
    """Write records, replies and the run; nothing at all where nothing is new."""
    read = len(pull.page.objects)
    short = read < pull.page.total
    draft = SearchRun(
        id="",
        source=pull.source.id,
        route=pull.source.route,
        via="api",
        platform=platform(address),
        strategy=pull.where,
        starts=len(pull.records) + len(pull.rejected),
        hits=len(pull.records) + len(pull.rejected) if not short else pull.page.total,
        rejected=len(pull.rejected),
        rejections=pull.rejected,
        format=FORMAT,
        encoding="utf-8",
        state=INCOMPLETE if short else COMPLETE,
        reason=f"{read:,} of {pull.page.total:,} objects were sent" if short else "",
        note=_note(pull),
    )
    if not pull.page.objects and not pull.deleted and not short:
        return draft
    with workspace.transaction("zotero", {"pull": pull.where, "source": pull.source.id}) as change:
        files = []
        for number, body in enumerate(pull.page.bodies, start=1):
            change.keep_import(body, ".json")
            files.append((f"zotero-{number}.json", hashlib.sha256(body).hexdigest()))
        ids, new = [], 0
        for place, record in enumerate(pull.records, start=1):
            identifier, fresh = change.add_record(record, pull.source.id, change.run, place, FORMAT)
            ids.append(identifier)
            new += fresh
        run_ = replace(
            draft,
            id=change.run,
            searched_on=change.when,
            loaded=new,
            known=len(pull.records) - new,
            files=tuple(files),
            record_ids=tuple(ids),
        )
        change.add_run(run_)
        if not short:
            seen = {"where": pull.where, "version": pull.seen.version, "items": dict(pull.seen.items or {})}
            change.write(workspace.layout.zotero / f"pull-{pull.source.id}.json", encode_json(seen))
        change.counts.update(
            {"starts": run_.starts, "loaded": new, "known": run_.known, "rejected": run_.rejected,
             "edited": len(pull.edited), "deleted": len(pull.deleted)}
        )  # fmt: skip
    return run_


def _note(pull: _Pulled) -> str:
    parts = []
    if pull.edited:
        parts.append(f"edited in Zotero since they were identified: {', '.join(pull.edited)}")
    if pull.deleted:
        parts.append(f"deleted from Zotero since they were identified: {', '.join(pull.deleted)}")
    return "; ".join(parts)


def _lines(pull: _Pulled, run_: SearchRun) -> list[str]:
    if not run_.id:
        return [f"{pull.source.id}: nothing new in {pull.where} since library version {pull.seen.version}."]
    lines = [
        f"{pull.source.id}: {run_.starts:,} items of {pull.where}: {run_.loaded:,} new records, {run_.known:,} known, "
        f"{run_.rejected:,} rejected (notes and files that came without their item)."
    ]
    if run_.state != COMPLETE:
        lines.append(f"  INCOMPLETE: {run_.reason}. Run the command again.")
    if pull.edited:
        lines.append(f"  {len(pull.edited):,} were edited in Zotero: the records keep what was first identified.")
    if pull.deleted:
        lines.append(f"  {len(pull.deleted):,} were deleted in Zotero: the records stay. Exclude them when screening.")
    return lines


def _data(pull: _Pulled, run_: SearchRun) -> dict[str, Any]:
    return {
        "source": pull.source.id,
        "run": run_.id,
        "state": run_.state,
        "starts": run_.starts,
        "loaded": run_.loaded,
        "known": run_.known,
        "rejected": run_.rejected,
        "edited": list(pull.edited),
        "deleted": list(pull.deleted),
        "version": pull.seen.version,
    }
