"""What synthesis writes: CSV for programs, Markdown for people, each row with the id of its study."""

from __future__ import annotations

import re
from collections.abc import Mapping

from evidence_review.csv_text import csv_text
from evidence_review.sheets.guard import guard
from evidence_review.state.tables import Table
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace


def slug(title: str) -> str:
    """Return a file name made of a title."""
    words = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")
    return words[:60].rstrip("-") or "table"


def as_csv(table: Table) -> bytes:
    """Return a table as CSV with the study's id in front; cells that a spreadsheet would run are guarded."""
    grouped = [table.grouped_by] if table.grouped_by else []
    rows = [["study_id", *grouped, *table.columns]]
    rows += [[row.study, *([row.group] if grouped else []), *row.cells] for row in table.rows]
    return csv_text([[guard(cell) for cell in row] for row in rows]).encode("utf-8")


def as_markdown(table: Table) -> bytes:
    """Return a table as Markdown, its groups as rows of their own, its notes below."""
    lines = [f"## {_inline(table.title)}", "", _line(table.columns), _line(["---"] * len(table.columns))]
    group = ""
    for row in table.rows:
        if row.group != group:
            group = row.group
            lines.append(_line([f"**{_inline(group)}**", *[""] * (len(table.columns) - 1)], escaped=True))
        lines.append(_line(row.cells))
    if not table.rows:
        lines.append(_line(["no study", *[""] * (len(table.columns) - 1)]))
    lines += [f"\n{_inline(note)}" for note in table.notes]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _line(cells: tuple[str, ...] | list[str], *, escaped: bool = False) -> str:
    return "| " + " | ".join(cell if escaped else _inline(cell) for cell in cells) + " |"


def _inline(text: str) -> str:
    """Return text that Markdown shows as it stands, in one table cell."""
    plain = re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", text)
    return "<br>".join(" ".join(line.split()) for line in plain.split("\n"))


def write_tables(workspace: Workspace, step: str, tables: Mapping[str, Table]) -> list[str]:
    """Write each table as CSV and Markdown below `reports/<review>/tables/`; return the paths."""
    folder = workspace.layout.reports / "tables"
    written = []
    with workspace.transaction(f"synthesise-{step}") as tx:
        for name, table in tables.items():
            tx.write(folder / f"{name}.csv", as_csv(table))
            tx.write(folder / f"{name}.md", as_markdown(table))
            written.append(workspace.layout.inside(folder / f"{name}.md"))
        tx.counts.update(tables=len(tables), rows=sum(len(table.rows) for table in tables.values()))
    return written


def summary_of(tables: Mapping[str, Table], written: list[str]) -> Summary:
    """Return what was written, with the number of rows in each."""
    lines = [f"{path}: {counted(len(table.rows), 'row')}" for path, table in zip(written, tables.values(), strict=True)]
    notes = [f"  {table.title}: {note}" for table in tables.values() for note in table.notes]
    data = {
        name: {
            "title": table.title,
            "columns": list(table.columns),
            "rows": len(table.rows),
            "notes": list(table.notes),
        }
        for name, table in tables.items()
    }
    return Summary((*lines, *notes), {"tables": data, "written": written})
