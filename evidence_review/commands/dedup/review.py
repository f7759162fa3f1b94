"""A review as `dedup` sees it: records in their matching forms, what people said of pairs, what was judged before."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass

from evidence_review.commands.dedup.cluster import Edge
from evidence_review.commands.dedup.find import Edges
from evidence_review.commands.dedup.form import Form, match_forms
from evidence_review.commands.dedup.judging import VERSION
from evidence_review.csv_text import csv_text
from evidence_review.errors import InputError
from evidence_review.model.events import DISTINCT, DOUBTFUL, LINKED, MERGED, UNDONE, DuplicateEvent
from evidence_review.model.record import Record
from evidence_review.state.clusters import ENGINE, standing_events
from evidence_review.workspace.transaction import Transaction, encode_json
from evidence_review.workspace.workspace import Workspace

_HEADER = ["record", "other", "outcome", "rule", "points", "scores"]


@dataclass(frozen=True, slots=True)
class Review:
    """The records in the order of identification, their forms, and every statement about pairs of them.

    `gone` are the ids of those that were taken back.
    """

    records: tuple[Record, ...]
    forms: tuple[Form, ...]
    events: tuple[DuplicateEvent, ...]
    gone: frozenset[str] = frozenset()

    @property
    def ids(self) -> list[str]:
        """The records' ids in order."""
        return [record.id for record in self.records]

    @property
    def place_of(self) -> dict[str, int]:
        """Each record's place."""
        return {record.id: place for place, record in enumerate(self.records)}

    def said(self) -> dict[frozenset[str], DuplicateEvent]:
        """Return the pairs about which a person has the last word."""
        return {pair: event for pair, event in standing_events(self.events).items() if event.by != ENGINE}

    def words(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Return the pairs that people merged, as (record, kept), and those that they keep apart, as places."""
        place_of = self.place_of
        same, apart = [], []
        for event in self.said().values():
            if event.record in place_of and event.kept in place_of and event.record != event.kept:
                pair = place_of[event.record], place_of[event.kept]
                if event.event == MERGED:
                    same.append(pair)
                elif event.event in (DISTINCT, UNDONE, LINKED):
                    apart.append(pair)
        return same, apart

    def record(self, identifier: str) -> Record:
        """Return a record by its id, in any case.

        Raises:
            InputError: there is no such record.
        """
        wanted = identifier.strip().upper()
        found = self.place_of.get(wanted)
        if found is None and wanted in self.gone:
            raise InputError(
                f"{wanted} is in the review no more: the file that brought it was taken back "
                f"('evidence-review audit explain {wanted}' tells its story)."
            )
        if found is None:
            raise InputError(
                f"There is no record '{identifier}' in this review. Record ids look like R-7K2M9QXD; "
                "the sheets show them in the column 'record'."
            )
        return self.records[found]


def read(workspace: Workspace) -> Review:
    """Read the records and events of a review."""
    records = tuple(workspace.records())
    forms = tuple(match_forms(record.citation for record in records))
    return Review(records, forms, workspace.events(DuplicateEvent), frozenset(workspace.gone().copy_of))


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier run left: how many records it had seen, and its pairs by outcome."""

    seen: int
    pairs: Edges


def before(workspace: Workspace, ids: Sequence[str]) -> Before | None:
    """Return what the last run judged; None where there was none, or where it went by other rules."""
    layout = workspace.layout
    if not layout.compared.exists() or not layout.pairs.exists():
        return None
    try:
        told = json.loads(layout.compared.read_text(encoding="utf-8"))
        if told["rules"] != VERSION or told["records"] > len(ids):
            return None
        if told.get("taken_back", 0) != len(workspace.gone().runs):
            return None
        place_of = {identifier: place for place, identifier in enumerate(ids)}
        found: dict[str, list[Edge]] = {MERGED: [], LINKED: [], DOUBTFUL: []}
        with layout.pairs.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                edge = Edge(
                    place_of[row["record"]], place_of[row["other"]], row["rule"], float(row["points"]), row["scores"]
                )
                found[row["outcome"]].append(edge)
    except (ValueError, KeyError, TypeError):
        # Only a memory of work done: where it is damaged, everything is compared again.
        return None
    pairs = Edges(tuple(found[MERGED]), tuple(found[LINKED]), tuple(found[DOUBTFUL]))
    return Before(told["records"], pairs)


def remember(
    workspace: Workspace, tx: Transaction, ids: Sequence[str], pairs: Edges, counts: dict[str, object]
) -> None:
    """Write what was judged, for the next run."""
    rows = sorted(
        [ids[edge.one], ids[edge.two], outcome, edge.rule, f"{edge.points:g}", edge.scores]
        for outcome, edges in ((MERGED, pairs.merged), (LINKED, pairs.linked), (DOUBTFUL, pairs.doubtful))
        for edge in edges
    )
    text = csv_text([_HEADER, *rows])
    tx.write(workspace.layout.pairs, text.encode("utf-8"))
    taken_back = len(workspace.gone().runs)
    since = {"taken_back": taken_back} if taken_back else {}
    tx.write(workspace.layout.compared, encode_json({"rules": VERSION, "records": len(ids), **counts, **since}))
