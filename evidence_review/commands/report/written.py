"""Tables that other commands wrote for the report and that are not folded here: pooled effects, the items of SWiM.

As with pictures, only what is still as its run left it is taken up.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from evidence_review.model.ledger import LedgerEntry
from evidence_review.sheets.guard import unguard
from evidence_review.workspace.disk import sha256_file
from evidence_review.workspace.layout import Layout

_RESULTS = "pooled-effects"
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|#])")


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """A table with its heads, rows and notes. `result` tells a finding from an account of how things were done."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    result: bool


def tables(layout: Layout, ledger: Iterable[LedgerEntry], folded: Collection[str]) -> tuple[WrittenTable, ...]:
    """Return the tables in the report's folder whose titles are not among the `folded`, by name."""
    return tuple(table for table in _tables(layout, ledger) if table.title not in folded)


def _tables(layout: Layout, ledger: Iterable[LedgerEntry]) -> Iterator[WrittenTable]:
    folder = f"{layout.inside(layout.reports)}/tables/"
    latest = {
        path: digest
        for entry in ledger
        for path, digest in entry.outputs.items()
        if path.startswith(folder) and path.endswith((".csv", ".md"))
    }
    for path in sorted(path for path in latest if path.endswith(".csv")):
        beside = f"{path.removesuffix('.csv')}.md"
        files = [(layout.folder / one, latest.get(one)) for one in (path, beside)]
        if any(not file.is_file() or sha256_file(file) != digest for file, digest in files):
            continue
        cells, words = (file.read_text(encoding="utf-8-sig") for file, _ in files)
        rows = [tuple(unguard(cell) for cell in row[1:]) for row in csv.reader(cells.splitlines())]
        if not rows:
            continue
        head, *others = [_ESCAPED.sub(r"\1", line) for line in words.splitlines() if line]
        notes = tuple(line for line in others if not line.startswith("|"))
        name = path.removeprefix(folder).removesuffix(".csv")
        yield WrittenTable(name, head.removeprefix("## "), rows[0], tuple(rows[1:]), notes, name == _RESULTS)
