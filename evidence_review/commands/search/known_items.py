"""Recall of known items: what the search should have found and did not, with the reason where it can be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evidence_review.commands.search.known_file import known_items_of
from evidence_review.commands.search.missed import explained
from evidence_review.errors import InputError
from evidence_review.net.client import Timing
from evidence_review.net.talk import Quiet, Talk
from evidence_review.state.known_items import KnownFound, KnownItem, Recall, recall
from evidence_review.summary import Summary, counted
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace


def run(
    workspace: Workspace,
    *,
    ask: bool = False,
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Summary:
    """Say which known items the records hold, source by source; with `ask` also why PubMed misses the others."""
    items = known_items_of(workspace)
    if not items:
        return Summary(lines=("The protocol names no known items: write 'known_items: known-items.csv' and the file.",))
    protocol = workspace.protocol
    result = recall(items, workspace.records(), protocol.limits)
    if ask and result.missed:
        pubmed = next((source for source in protocol.sources if source.id == "pubmed" and source.strategy), None)
        name = pubmed.strategy if pubmed is not None else next(iter(protocol.strategies), None)
        if name is None:
            raise InputError("The protocol has no strategy to ask PubMed about: write one under 'strategies'.")
        chosen = Settings.load() if settings is None else settings
        reasons = explained(result.missed, protocol.strategies[name], chosen, talk or Quiet(), timing)
        result = replace(result, missed=reasons)
    return Summary(lines=tuple(_lines(result)), data=_data(result))


def _lines(result: Recall) -> Sequence[str]:
    share = f" ({result.share:.0%})" if result.share is not None else ""
    lines = [f"{len(result.found)} of {counted(result.total, 'known item')} found{share}."]
    lines += [f"  {source}: {count} of {result.total}" for source, count in result.by_source.items()]
    for missed in result.missed:
        reason = f": {missed.reason}" if missed.reason else ""
        lines.append(f"  missed, row {missed.item.row}: {_name(missed.item)}{reason}")
    return lines


def _name(item: KnownItem) -> str:
    year = f" ({item.year})" if item.year else ""
    return (item.title or item.doi or f"PMID {item.pmid}") + year


def _data(result: Recall) -> dict[str, object]:
    def shown(entry: KnownFound) -> dict[str, object]:
        item = entry.item
        facts = {"row": item.row, "title": item.title, "doi": item.doi, "pmid": item.pmid, "year": item.year}
        return {**facts, "sources": dict(entry.by_source), "reason": entry.reason}

    return {
        "total": result.total,
        "recall": result.share,
        "by_source": dict(result.by_source),
        "found": [shown(entry) for entry in result.found],
        "missed": [shown(entry) for entry in result.missed],
    }
