"""Pull: the items of a library or collection as records of a source of the protocol.

The first pull reads everything, a later one what changed since; both end in the same. A new item is a record; an edited
one a correction of its record; one that is gone takes its record out before screening, unless somebody has decided on
it already: then it is only named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evidence_review.commands.zotero import reading
from evidence_review.commands.zotero.address import LOCAL, Address, choose
from evidence_review.commands.zotero.client import ENDPOINT, LOCAL_ENDPOINT, Library
from evidence_review.commands.zotero.places import by_collections, collection_key, search_key, source_of
from evidence_review.commands.zotero.reading import Read, encode, path_of
from evidence_review.errors import EXIT_DONE, EXIT_SOURCE, UsageError
from evidence_review.model.events import EXCLUDE, INCLUDE, RETRACTED, Correction, Decision, Notice
from evidence_review.model.protocol import Protocol, Source
from evidence_review.model.record import Parsed, Record, citation_to_dict
from evidence_review.model.search_run import COMPLETE, INCOMPLETE, SearchRun
from evidence_review.net.client import Timing
from evidence_review.net.talk import Quiet, Talk
from evidence_review.state.standing import BEFORE_SCREENING
from evidence_review.summary import Summary
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.transaction import Transaction
from evidence_review.workspace.workspace import Workspace

FORMAT = "zotero"
GONE = "no longer in the Zotero library or collection"


def platform(address: Address) -> str:
    """Return how a run names the library that it read."""
    return f"Zotero {address}"


@dataclass(frozen=True, slots=True)
class _Change:
    """What the review has to take in: new records, corrections, and records to take out or back in."""

    new: tuple[Parsed, ...] = ()
    known: tuple[Parsed, ...] = ()
    corrections: tuple[tuple[Record, Parsed], ...] = ()
    out: tuple[Record, ...] = ()
    back: tuple[Record, ...] = ()
    kept: tuple[Record, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.new or self.corrections or self.out or self.back)


def run(
    workspace: Workspace,
    library: str | None = None,
    *,
    source: str | None = None,
    collection: str | None = None,
    tag: str | None = None,
    by_collection: bool = False,
    saved_search: str | None = None,
    local: bool = False,
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Summary:
    """Read what is new since the last pull into records of `source`.

    With `by_collection`, every collection (below `collection`, if named) that is called like a source of the protocol
    is read into that source. A `local` library is asked of the Zotero program on this computer, which alone can run a
    `saved_search`.

    Raises:
        UsageError: the source, library or collection is not there, or not named and not plain from the protocol.
        SourceError: Zotero failed; nothing was changed.
    """
    chosen = settings or Settings.load()
    protocol = workspace.protocol
    meant = None if by_collection else source_of(protocol, source)
    address = _address(protocol, library, meant, local)
    if saved_search and not (local and meant):
        raise UsageError(
            "Only Zotero on this computer runs a saved search: add --local, and leave out --by-collection."
        )
    remote = _library(address, chosen, talk or Quiet(), timing or Timing())
    tree = remote.collections() if collection or by_collection else ()
    top = collection_key(tree, collection, protocol.review) if collection else address.collection
    if saved_search:
        top = f"searches/{search_key(remote.searches(), saved_search)}"
    jobs = [(meant, top)] if meant is not None else by_collections(protocol, tree, top)
    reads = [reading.read(workspace, remote, each, key, tag or "") for each, key in jobs]
    lines: list[str] = []
    data: list[dict[str, Any]] = []
    for read in reads:
        change = _compare(workspace, read)
        run_ = _keep(workspace, address, read, change)
        lines.extend(_lines(read, change, run_))
        data.append(_data(read, change, run_))
    complete = all(read.complete for read in reads)
    return Summary(
        tuple(lines),
        {"library": str(address), "sources": data},
        "evidence-review dedup" if any(item["loaded"] or item["corrected"] for item in data) else "",
        EXIT_DONE if complete else EXIT_SOURCE,
    )


def _address(protocol: Protocol, library: str | None, source: Source | None, local: bool) -> Address:
    if not local:
        return choose(protocol, library, source if library is None else None)
    return replace(choose(protocol, library), local=True, collection="") if library else LOCAL


def _library(address: Address, settings: Settings, talk: Talk, timing: Timing) -> Library:
    if address.local:
        return Library(address, "", settings.url("zotero-local", LOCAL_ENDPOINT), talk, timing)
    return Library(address, settings.key("zotero"), settings.url("zotero", ENDPOINT), talk, timing)


def _compare(workspace: Workspace, read: Read) -> _Change:
    held = {record.native_id: record for record in workspace.records() if record.source == read.source.id}
    taken_out, decided = _decisions(workspace.events(Decision))
    retracted = {notice.record for notice in workspace.events(Notice) if notice.kind == RETRACTED}
    new, known, corrections = [], [], []
    for item in read.records:
        record = held.get(item.native_id)
        if record is None:
            new.append(item)
            continue
        known.append(item)
        edited = _retracted(item) if record.id in retracted else item
        if record.citation != edited.citation:
            corrections.append((record, edited))
    gone = [held[key] for key in read.gone if key in held]
    there = (held[item.native_id] for item in known)
    return _Change(
        tuple(new),
        tuple(known),
        tuple(corrections),
        tuple(record for record in gone if record.id not in taken_out and record.id not in decided),
        tuple(record for record in there if record.id in taken_out),
        tuple(record for record in gone if record.id in decided),
    )


def _retracted(item: Parsed) -> Parsed:
    """Return an item marked as retracted: what a check of the included found out, an edit in Zotero does not undo."""
    status = tuple(dict.fromkeys((*item.citation.status, RETRACTED)))
    return replace(item, citation=replace(item.citation, status=status))


def _decisions(decisions: Iterable[Decision]) -> tuple[set[str], set[str]]:
    """Return the records that a pull took out, and those that somebody has decided on."""
    taken_out, decided = set(), set()
    for decision in decisions:
        if decision.stage != BEFORE_SCREENING:
            decided.add(decision.record)
        elif decision.verdict == EXCLUDE and decision.note == GONE:
            taken_out.add(decision.record)
        else:
            taken_out.discard(decision.record)
    return taken_out, decided


def _keep(workspace: Workspace, address: Address, read: Read, change: _Change) -> SearchRun:
    """Write what changed, the replies and the run; nothing at all where nothing is new."""
    run_ = _draft(address, read, change)
    same = read.seen.version == read.before.version or not (read.records or read.rejected)
    if read.complete and change.nothing and same:
        return run_
    with workspace.transaction("zotero", {"pull": read.where, "source": read.source.id}) as tx:
        files = []
        for number, body in enumerate(read.page.bodies, start=1):
            tx.keep_import(body, ".json")
            files.append((f"zotero-{number}.json", hashlib.sha256(body).hexdigest()))
        ids = [
            tx.add_record(record, read.source.id, tx.run, place, FORMAT)[0]
            for place, record in enumerate(read.records, start=1)
        ]
        run_ = replace(run_, id=tx.run, searched_on=tx.when, files=tuple(files), record_ids=tuple(ids))
        tx.add_run(run_)
        _note_changes(tx, change)
        if read.complete:
            tx.append(path_of(workspace, read.source.id), encode(read))
        tx.counts.update(_counts(run_, change))
    return run_


def _note_changes(tx: Transaction, change: _Change) -> None:
    for record, item in change.corrections:
        text = json.dumps(citation_to_dict(item.citation), ensure_ascii=False, sort_keys=True)
        tx.add_events([Correction(record.id, text, "edited in Zotero", "zotero", tx.when)])
    for records, verdict in ((change.out, EXCLUDE), (change.back, INCLUDE)):
        tx.add_events(
            Decision(record.id, BEFORE_SCREENING, "zotero", verdict, "", GONE, "source", "", "", "", tx.when)
            for record in records
        )


def _draft(address: Address, read: Read, change: _Change) -> SearchRun:
    starts = len(read.records) + len(read.rejected)
    short = f"{len(read.page.objects):,} of {read.page.total:,} objects were sent"
    return SearchRun(
        id="",
        source=read.source.id,
        route=read.source.route,
        via="api",
        platform=platform(address),
        strategy=read.where,
        hits=starts if read.complete else read.page.total,
        starts=starts,
        loaded=len(change.new),
        known=len(change.known),
        rejected=len(read.rejected),
        rejections=read.rejected,
        format=FORMAT,
        encoding="utf-8",
        state=COMPLETE if read.complete else INCOMPLETE,
        reason="" if read.complete else short,
        note="; ".join(_told(change)),
    )


def _told(change: _Change) -> list[str]:
    parts = (
        ("edited in Zotero since they were identified", [record for record, _ in change.corrections]),
        ("gone from Zotero and taken out before screening", change.out),
        ("in Zotero again and taken back in", change.back),
        ("gone from Zotero after they were screened, and kept", change.kept),
    )
    return [f"{what}: {', '.join(record.id for record in records)}" for what, records in parts if records]


def _counts(run_: SearchRun, change: _Change) -> dict[str, int]:
    return {
        "starts": run_.starts,
        "loaded": run_.loaded,
        "known": run_.known,
        "rejected": run_.rejected,
        "corrected": len(change.corrections),
        "taken out": len(change.out),
        "taken back": len(change.back),
    }


def _lines(read: Read, change: _Change, run_: SearchRun) -> Sequence[str]:
    kept = [f"  {told}" for told in _told(replace(change, corrections=(), out=(), back=()))]
    if not run_.id:
        return [f"{read.source.id}: nothing new in {read.where} since library version {read.page.version}.", *kept]
    lines = [
        f"{read.source.id}: {run_.starts:,} items of {read.where}: {run_.loaded:,} new records, {run_.known:,} known, "
        f"{run_.rejected:,} rejected (notes and files without an item)."
    ]
    if not read.complete:
        lines.append(f"  INCOMPLETE: {run_.reason}. Run the command again.")
    return [*lines, *(f"  {told}" for told in _told(change))]


def _data(read: Read, change: _Change, run_: SearchRun) -> dict[str, Any]:
    return {
        "source": read.source.id,
        "run": run_.id,
        "state": run_.state,
        **{name.replace(" ", "_"): count for name, count in _counts(run_, change).items()},
        "kept": [record.id for record in change.kept],
        "version": read.page.version,
    }
