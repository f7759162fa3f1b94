"""`fulltext collect`: take back what people noted on full texts - each file whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evidence_review.commands.fulltext.reports import (
    ASKED,
    BY,
    NOTE,
    OUTCOME,
    RECORD,
    WHERE,
    Sought,
    sheet_files,
    table_of,
)
from evidence_review.errors import Problem, SheetError, suggest
from evidence_review.forms.dates import date
from evidence_review.forms.fault import CellFault
from evidence_review.model.events import NOT_RETRIEVED, OUTCOMES, RETRIEVED, SOUGHT, Retrieval
from evidence_review.sheets import Row, Table, fold
from evidence_review.state.taken_back import gone_rows
from evidence_review.summary import Summary, counted
from evidence_review.workspace import issued as sheets
from evidence_review.workspace.workspace import Workspace

_WORDS = {
    RETRIEVED: ("retrieved", "got", "obtained", "found", "have", "yes", "y", "1", "true", "received", "downloaded"),
    NOT_RETRIEVED: (
        "not retrieved",
        "not obtained",
        "not found",
        "unavailable",
        "not available",
        "no",
        "n",
        "0",
        "false",
    ),
    SOUGHT: ("sought", "requested", "asked", "pending", "waiting", "ordered"),
}
_MEANS = {fold(word): outcome for outcome, words in _WORDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Returned:
    """A sheet that came back: its outcomes, how many rows are still blank, and those of records taken back since."""

    path: Path
    name: str
    table: Table
    events: tuple[Retrieval, ...]
    blank: int
    gone: tuple[int, ...] = ()


def run(workspace: Workspace, files: Sequence[Path] = ()) -> Summary:
    """Take the outcomes of `files`, or of every retrieval sheet in the screening folder.

    Raises:
        SheetError: files were refused; every problem is in it, after what was taken.
    """
    sought = Sought.read(workspace)
    stored = sheets.read(workspace.layout.issued)
    adopted = sought.issued[len(stored) :]
    returned: list[Returned] = []
    problems: list[Problem] = []
    refused = 0
    for path in files or sheet_files(workspace):
        try:
            returned.append(_read(path, sought))
        except SheetError as fault:
            problems += fault.problems or [Problem(path.name, fault.message)]
            refused += 1
    said = {(event.record, event.by): event for event in sought.snapshot.retrievals}
    last = {event.record: event for event in sought.snapshot.retrievals}
    with workspace.transaction("fulltext", {"action": "collect"}) as tx:
        taken = []
        for one in returned:
            fresh = [
                replace(event, when=tx.when)
                for event in one.events
                if _facts(event) != _facts(said.get((event.record, event.by)) if event.by else last.get(event.record))
            ]
            taken.append((one, fresh))
            tx.add_events(fresh)
            tx.read_sheet(one.name, one.path, one.table.sha256)
        if adopted and any(fresh for _, fresh in taken):
            tx.saw(sheet.path for sheet in adopted)
            new = [replace(sheet, when=tx.when) for sheet in adopted]
            tx.write(workspace.layout.issued, sheets.encode((*stored, *new)))
        tx.counts.update({"files": len(taken), "outcomes": sum(len(fresh) for _, fresh in taken)})
    lines = [_line(one, fresh) for one, fresh in taken] or ["No retrieval sheets to collect."]
    lines += [note for one, _ in taken for note in one.table.notes]
    lines += [f"{one.name}: {gone_rows(one.gone)}" for one, _ in taken if one.gone]
    lines += [
        f"{event.record} was excluded after the sheet was written: its outcome is kept, and counts if that is undone."
        for _, fresh in taken for event in fresh if not _let_through(event.record, sought)
    ]  # fmt: skip
    if problems:
        message = f"{counted(refused, 'file')} refused; nothing of {'it' if refused == 1 else 'them'} was taken."
        raise SheetError("\n".join([*lines, message]) if taken else message, problems)
    total = sum(len(fresh) for _, fresh in taken)
    data = {"outcomes": total, "files": [{"file": one.name, "outcomes": len(fresh)} for one, fresh in taken]}
    to_read = any(event.outcome == RETRIEVED for _, fresh in taken for event in fresh)
    after = "evidence-review screen sheet --stage full-text" if to_read else "evidence-review status" if total else ""
    return Summary(tuple(lines), data, next=after)


def _facts(event: Retrieval | None) -> tuple[str, ...]:
    return () if event is None else (event.outcome, event.where, event.note, event.by, event.asked)


def _line(one: Returned, fresh: Sequence[Retrieval]) -> str:
    known = len(one.events) - len(fresh)
    parts = [counted(len(fresh), "new outcome")]
    if known:
        parts.append(f"{known} known already")
    if one.blank:
        parts.append(f"{one.blank} not yet")
    return f"{one.name}: {', '.join(parts)}"


def _read(path: Path, sought: Sought) -> Returned:
    name = sought.workspace.layout.named(path)
    table = table_of(path, name)
    team = {member.id.casefold(): member.id for member in sought.snapshot.protocol.team}
    problems: list[Problem] = []
    events: list[Retrieval] = []
    first: dict[str, int] = {}
    blank = 0
    gone = []
    for row in table.rows:
        record = row.plain(RECORD).upper()
        if not record and not row.plain(OUTCOME):
            continue
        record = sought.snapshot.gone.get(issued := record, record)
        if not record and issued:
            gone.append(row.number)
            continue
        faults = _faults(table, row, record, first, sought, team)
        first.setdefault(record, row.number)
        problems += faults
        if faults:
            continue
        outcome = _MEANS.get(fold(row.get(OUTCOME)), "")
        if not outcome:
            blank += 1
            continue
        by = team.get(row.plain(BY).casefold(), "")
        note = row.get(NOTE).replace("\r\n", "\n").replace("\r", "\n").strip()
        events.append(Retrieval(record, outcome, row.plain(WHERE), note, by, name, str(row.number), "", _asked(row)))
    if problems:
        raise SheetError(f"{name} was refused", problems)
    return Returned(path, name, table, tuple(events), blank, tuple(gone))


def _let_through(record: str, sought: Sought) -> bool:
    return sought.standing.clusters.keeper_of.get(record, record) in sought.standing.full_text


def _was_sought(record: str, sought: Sought) -> bool:
    """Whether a report stood in a sheet when it was issued."""
    gone = sought.snapshot.gone
    return any(sheet.when and record in (gone.get(one, one) for one in sheet.records) for sheet in sought.sheets)


def _asked(row: Row) -> str:
    return date(row.plain(ASKED)) if row.plain(ASKED) else ""


def _faults(
    table: Table, row: Row, record: str, first: dict[str, int], sought: Sought, team: dict[str, str]
) -> list[Problem]:
    """Return everything that is wrong with a row."""
    found = []
    where = table.where(row, RECORD)
    if not record:
        found.append(Problem(where, "an outcome without a record id", "Put the row's id back; it is in your copy."))
    elif record not in sought.snapshot.records:
        found.append(
            Problem(where, f"there is no record {record} in this review", "Copy the id from the sheet as issued.")
        )
    elif record in first:
        remedy = "Keep one of the rows."
        found.append(Problem(where, f"record {record} stands twice, also in row {first[record]}", remedy))
    elif not _let_through(record, sought) and not _was_sought(record, sought):
        what = f"record {record} was not let through by title and abstract screening"
        if row.plain(OUTCOME):
            found.append(Problem(where, what, "Take the row out, or change its screening decision first."))
    word = fold(row.get(OUTCOME))
    if word and word not in _MEANS:
        what = f"'{row.plain(OUTCOME)}' is not one of {', '.join(OUTCOMES)}"
        found.append(Problem(table.where(row, OUTCOME), what, suggest(word, _MEANS).partition(" Valid:")[0]))
    try:
        _asked(row)
    except CellFault as fault:
        found.append(Problem(table.where(row, ASKED), fault.what, fault.remedy))
    person = row.plain(BY)
    if person and person.casefold() not in team:
        what = f"'{person}' is not in the team"
        found.append(Problem(table.where(row, BY), what, suggest(person, team.values())))
    return found
