"""Recall of known items: what the search should have found and did not, with the reason where it can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from evidence_review.commands.search import told
from evidence_review.commands.search.known_file import known_items_of
from evidence_review.commands.search.missed import explained
from evidence_review.errors import InputError
from evidence_review.model.protocol import Protocol
from evidence_review.net.client import Timing
from evidence_review.net.talk import Quiet, Talk
from evidence_review.state.known_items import KnownFound, KnownItem, Recall, recall
from evidence_review.summary import Summary, counted
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

# A source's id → row of an item that another source found → why this one missed it, as far as can be told
Elsewhere = Mapping[str, Mapping[int, str]]


def run(
    workspace: Workspace,
    *,
    ask: bool = False,
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Summary:
    """Say which known items the records hold, source by source, and what is on disk says why others were missed.

    With `ask` PubMed says why it misses them.
    """
    items = known_items_of(workspace)
    if not items:
        return Summary(lines=("The protocol names no known items: write 'known_items: known-items.csv' and the file.",))
    protocol = workspace.protocol
    records = {record.id: record for record in workspace.records()}
    result = recall(items, records.values(), protocol.limits)
    strategy = _strategy(protocol)
    if ask and result.missed and not strategy:
        raise InputError("The protocol has no strategy to ask PubMed about: write one under 'strategies'.")
    asked: dict[int, KnownFound] = {}
    if ask and result.missed:
        chosen = Settings.load() if settings is None else settings
        numbered = [entry for entry in result.missed if entry.item.pmid]
        asked = {entry.item.row: entry for entry in explained(numbered, strategy, chosen, talk or Quiet(), timing)}
    if strategy:
        missed = [
            asked.get(entry.item.row) or replace(entry, reason=told.of_missed(entry, strategy))
            for entry in result.missed
        ]
        result = replace(result, missed=tuple(missed))
    elsewhere = told.by_source(result.found, records, protocol, tuple(result.by_source))
    return Summary(lines=tuple(_lines(result, elsewhere)), data=_data(result, elsewhere))


def _strategy(protocol: Protocol) -> str:
    """Return the strategy that is searched in PubMed, else the first there is, else ""."""
    pubmed = next((source for source in protocol.sources if source.id == "pubmed" and source.strategy), None)
    name = pubmed.strategy if pubmed is not None else next(iter(protocol.strategies), None)
    return "" if name is None else protocol.strategies[name]


def _lines(result: Recall, elsewhere: Elsewhere) -> Iterator[str]:
    share = f" ({result.share:.0%})" if result.share is not None else ""
    yield f"{len(result.found)} of {counted(result.total, 'known item')} found{share}."
    names = {entry.item.row: _name(entry.item) for entry in result.found}
    for source, count in result.by_source.items():
        yield f"  {source}: {count} of {result.total}"
        for row, reason in elsewhere.get(source, {}).items():
            yield f"    found elsewhere, row {row}: {names[row]}" + (f": {reason}" if reason else "")
    for missed in result.missed:
        reason = f": {missed.reason}" if missed.reason else ""
        yield f"  missed, row {missed.item.row}: {_name(missed.item)}{reason}"


def _name(item: KnownItem) -> str:
    year = f" ({item.year})" if item.year else ""
    return (item.title or item.doi or f"PMID {item.pmid}") + year


def _data(result: Recall, elsewhere: Elsewhere) -> dict[str, object]:
    def shown(entry: KnownFound) -> dict[str, object]:
        item = entry.item
        facts = {"row": item.row, "title": item.title, "doi": item.doi, "pmid": item.pmid, "year": item.year}
        missed_by = {source: rows[item.row] for source, rows in elsewhere.items() if item.row in rows}
        return {**facts, "sources": dict(entry.by_source), "missed_by": missed_by, "reason": entry.reason}

    return {
        "total": result.total,
        "recall": result.share,
        "by_source": dict(result.by_source),
        "found": [shown(entry) for entry in result.found],
        "missed": [shown(entry) for entry in result.missed],
    }
