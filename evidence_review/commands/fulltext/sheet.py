"""`fulltext sheet`: the reports whose full texts are sought, to note where they were asked for and what came."""

from __future__ import annotations

from dataclasses import replace

from evidence_review.commands.fulltext.reports import ASKED, BY, NOTE, OUTCOME, RECORD, WHERE, Sought
from evidence_review.errors import SheetError
from evidence_review.model.events import FULL_TEXT, LOCATED, NOT_RETRIEVED, OUTCOMES, RETRIEVED, Copy
from evidence_review.sheets import write_csv
from evidence_review.sheets.facts import FACTS, facts
from evidence_review.sheets.xlsx_write import Column, Worksheet, write_xlsx
from evidence_review.summary import Summary, counted
from evidence_review.workspace import issued as sheets
from evidence_review.workspace.issued import RETRIEVAL, Issued
from evidence_review.workspace.workspace import Workspace

_FACTS = tuple(name for name in FACTS if name != "abstract")
# Where a service says that an open copy lies; not read back.
OPEN = "open_copy"
_WIDTHS = {
    RECORD: 12,
    OUTCOME: 14,
    WHERE: 30,
    ASKED: 12,
    NOTE: 30,
    OPEN: 40,
    "title": 60,
    "authors": 30,
    "journal": 26,
    "link": 34,
    "doi": 26,
}


def run(workspace: Workspace, format: str = "csv") -> Summary:
    """Write a sheet of the reports that stand in none yet.

    Raises:
        SheetError: a file of the sheet's name is there and cannot be one of this review.
    """
    sought = Sought.read(workspace)
    stored = sheets.read(workspace.layout.issued)
    adopted = sought.issued[len(stored) :]
    missing = sought.missing()
    batch = f"retrieval-{len(sought.sheets) + 1}" if sought.sheets else "retrieval"
    path = workspace.layout.sheets / FULL_TEXT / f"{batch}.{format}"
    name = workspace.layout.inside(path)
    if missing and path.exists():
        raise SheetError(
            f"{name} is there, but cannot be read or has records of another review: see 'evidence-review fulltext "
            "collect', or move it away. Nothing was written."
        )
    with workspace.transaction("fulltext", {"action": "sheet"}) as tx:
        tx.saw(sheet.path for sheet in adopted)
        new = [replace(sheet, when=tx.when) for sheet in adopted]
        if missing:
            headings, rows = _table(sought, missing)
            data = write_xlsx([_worksheet(headings, rows)], tx.when) if format == "xlsx" else write_csv(headings, rows)
            tx.write(path, data, keep_existing=True)
            new.append(Issued(batch, FULL_TEXT, "", RETRIEVAL, name, tuple(missing), tx.when))
        if new:
            tx.write(workspace.layout.issued, sheets.encode((*stored, *new)))
        tx.counts.update({"reports": len(sought.reports), "issued": len(missing)})
    lines = [f"{name}: {counted(len(missing), 'report')} to seek"] if missing else []
    lines += [f"{sheet.path}: was there already; left as it is" for sheet in adopted]
    if not lines:
        lines = [f"Nothing to issue: {counted(len(sought.waiting()), 'report')} awaited in sheets that are out."]
    data_out = {"issued": name if missing else "", "rows": len(missing), "recognised": [one.path for one in adopted]}
    return Summary(tuple(lines), data_out, next="evidence-review fulltext collect" if missing or adopted else "")


def _table(sought: Sought, records: list[str]) -> tuple[list[str], list[list[str]]]:
    copies = _open_copies(sought)
    headings = [RECORD, OUTCOME, WHERE, ASKED, NOTE, *_FACTS, *([OPEN] if copies else []), BY]
    abstract = FACTS.index("abstract")
    rows = []
    for record in records:
        shown = facts(sought.snapshot.records[record].citation)
        found = [copies.get(record, "")] if copies else []
        rows.append([record, "", "", "", "", *shown[:abstract], *shown[abstract + 1 :], *found, ""])
    return headings, rows


def _open_copies(sought: Sought) -> dict[str, str]:
    """Return the first address of an open copy of each report that has one."""
    found: dict[str, str] = {}
    for event in sought.workspace.events(Copy):
        if event.event == LOCATED:
            found.setdefault(event.record, event.address)
    return found


def _worksheet(headings: list[str], rows: list[list[str]]) -> Worksheet:
    helps = {
        OUTCOME: f"{RETRIEVED}, {NOT_RETRIEVED}, or sought while you wait; blank means not yet looked for",
        WHERE: "Where you asked: publisher, library, author, repository …",
        ASKED: "When you asked, as 2026-11-23",
    }
    columns = [
        Column(
            heading,
            _WIDTHS.get(heading, 12),
            answers=OUTCOMES if heading == OUTCOME else (),
            editable=heading in (OUTCOME, WHERE, ASKED, NOTE, BY),
            help=helps.get(heading, ""),
        )
        for heading in headings
    ]
    return Worksheet("retrieval", columns, rows, frozen=2)
