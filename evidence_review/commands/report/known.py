"""Recall of the known items, for the report: how many the searches found, which source found which, what was missed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from evidence_review.commands.report.numbers import Number, Numbers
from evidence_review.sheets import read
from evidence_review.state.flow import Count
from evidence_review.state.known_items import KnownItem, items_of, recall
from evidence_review.state.names import source_name
from evidence_review.state.snapshot import Snapshot
from evidence_review.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Missed:
    """A known item that no source found."""

    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class KnownTold:
    """Recall as the report tells it; `by_source` has each source's name with the known items it found."""

    all: Number
    found: Number
    by_source: tuple[tuple[str, Number], ...]
    missed: tuple[Missed, ...]


def items(workspace: Workspace) -> tuple[tuple[KnownItem, ...], dict[str, str]]:
    """Return the known items of the protocol's file, and the file's path and sha256 for the ledger."""
    name = workspace.protocol.known_items
    if not name:
        return (), {}
    path = workspace.layout.beside_protocol / name
    table = read(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return items_of((row.number, row.cells) for row in table.rows), {workspace.layout.inside(path): digest}


def told(known: tuple[KnownItem, ...], snapshot: Snapshot, numbers: Numbers) -> KnownTold | None:
    """Return the recall of `known`, None where there are no known items or no records yet."""
    if not known or not snapshot.records:
        return None
    result = recall(known, snapshot.records.values(), snapshot.protocol.limits)
    ids_of: dict[str, list[str]] = {}
    for found in result.found:
        for source, ids in found.by_source.items():
            ids_of.setdefault(source, []).append(ids[0])
    by_source = tuple(
        (
            source_name(snapshot.protocol, source, snapshot.runs),
            numbers.add(f"known.{source}", Count(f"known.{source}", "items", n, tuple(ids_of.get(source, ())))),
        )
        for source, n in result.by_source.items()
    )
    return KnownTold(
        numbers.add("known.all", Count("known.all", "items", result.total)),
        numbers.add("known.found", Count("known.found", "items", len(result.found))),
        by_source,
        tuple(Missed(one.item.title or one.item.doi or one.item.pmid, one.reason) for one in result.missed),
    )
