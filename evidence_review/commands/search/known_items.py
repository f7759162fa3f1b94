"""Recall of known items: what the search should have found and did not, with the reason where it can be told."""

from __future__ import annotations

from collections.abc import Sequence

from evidence_review.errors import InputError
from evidence_review.sheets import read
from evidence_review.state.known_items import KnownFound, KnownItem, Recall, items_of, recall
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace

_COLUMNS = ("title", "doi", "pmid", "year", "why", "note")


def known_items_of(workspace: Workspace) -> tuple[KnownItem, ...]:
    """Return the known items that the protocol names, none where it names no file.

    Raises:
        InputError: the file has none of the columns doi, pmid and title.
    """
    name = workspace.protocol.known_items
    if not name:
        return ()
    path = workspace.layout.beside_protocol / name
    table = read(path, path.name, optional=_COLUMNS)
    if not {"doi", "pmid", "title"} & {column.lower() for column in table.columns}:
        raise InputError(f"{path.name}: none of the columns doi, pmid, title. Known items are told apart by these.")
    return items_of((row.number, row.cells) for row in table.rows)


def run(workspace: Workspace) -> Summary:
    """Say which known items the records hold, source by source."""
    items = known_items_of(workspace)
    if not items:
        return Summary(lines=("The protocol names no known items: write 'known_items: known-items.csv' and the file.",))
    result = recall(items, workspace.records(), workspace.protocol.limits)
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
