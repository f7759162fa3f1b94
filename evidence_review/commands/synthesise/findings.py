"""`synthesise findings`: a sheet of review findings out and in, with the confidence in each by GRADE-CERQual."""

from __future__ import annotations

from pathlib import Path

from evidence_review.errors import Problem, SheetError, UsageError, suggest
from evidence_review.forms.cells import read_cell
from evidence_review.forms.fault import CellFault
from evidence_review.model.events import WITHDRAWN, Value
from evidence_review.sheets import Row, Table, fold, read, write_csv
from evidence_review.state.findings import FIELDS, VERSION, findings, loose_ends, named_studies
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, stand
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace

ROLE = "assessor"
ID, BY = "finding_id", "by"
COLUMNS = (ID, *(field.id for field in FIELDS), BY)
_REQUIRED = (ID, *(field.id for field in FIELDS if not field.id.endswith("_why")))


def path_of(workspace: Workspace) -> Path:
    """Return where the sheet of findings lies."""
    return workspace.layout.sheets / "synthesis" / "findings.csv"


def run(workspace: Workspace, person: str) -> Summary:
    """Write the sheet where there is none; else read it back, all or nothing."""
    path = path_of(workspace)
    if path.exists():
        return collect(workspace, path)
    snapshot = workspace.snapshot()
    _in_team(snapshot, person)
    questions = list(snapshot.protocol.question.key_questions) or ["1"]
    rows = [(f"F{place}", *[""] * len(FIELDS), person) for place, _ in enumerate(questions, start=1)]
    with workspace.transaction("synthesise-findings-sheet") as tx:
        tx.write(path, write_csv(COLUMNS, rows), keep_existing=True)
    name = workspace.layout.inside(path)
    words = "Write one finding a row; name studies by label or id with ';' between; concerns are: no or very minor, "
    return Summary(
        (f"{name}: a sheet for findings and the confidence in each.", words + "minor, moderate, serious."),
        {"written": [name]},
        "fill it in, then 'evidence-review synthesise findings'",
    )


def collect(workspace: Workspace, path: Path) -> Summary:
    """Read the sheet of findings back.

    Raises:
        SheetError: with every problem; nothing was taken.
    """
    table = read(path, required=_REQUIRED, optional=COLUMNS)
    name = workspace.layout.inside(path)
    with workspace.transaction("synthesise-findings", {"file": name}) as tx:
        snapshot = workspace.snapshot()
        standing = stand(snapshot)
        problems: list[Problem] = []
        values = _values(table, snapshot, standing, name, tx.when, problems)
        if problems:
            raise SheetError(f"{name} has {len(problems)} problems; nothing was taken.", problems)
        tx.read_input(name, table.sha256)
        tx.add_events(values)
        tx.counts["values"] = len(values)
    after = workspace.snapshot()
    ends = loose_ends(after, standing)
    count = len(findings(after.values))
    lines = [f"{count} findings; new or changed values: {len(values)}.", *(f"Loose end: {end}" for end in ends)]
    return Summary(
        tuple(lines), {"findings": count, "new": len(values), "loose_ends": ends}, "evidence-review synthesise"
    )


def _values(
    table: Table, snapshot: Snapshot, standing: Standing, name: str, when: str, problems: list[Problem]
) -> list[Value]:
    before = findings(snapshot.values)
    team = [member.id for member in snapshot.protocol.team]
    seen: dict[str, int] = {}
    out: list[Value] = []
    for row in table.rows:
        if not any(row.plain(field.id) for field in FIELDS):
            continue
        finding, by = row.plain(ID), row.plain(BY)
        if not finding:
            problems.append(Problem(table.where(row, ID), "the finding has no id", "Write a short one, such as F1."))
            continue
        if seen.setdefault(fold(finding), row.number) != row.number:
            what = f"'{finding}' stands twice, also in row {seen[fold(finding)]}"
            problems.append(Problem(table.where(row, ID), what, "Give each finding its own id."))
        if by not in team:
            problems.append(Problem(table.where(row, BY), f"'{by}' is not in the team", suggest(by, team)))
        _, unknown = named_studies(row.get("studies"), standing)
        labels = [study.label for study in standing.studies]
        problems += [
            Problem(
                table.where(row, "studies"), f"'{one}' is no included study", suggest(one, labels) or "Use its label."
            )
            for one in unknown
        ]
        out += _row_values(table, row, (finding, by, name, when), before.get(finding, {}), problems)
    return out


def _row_values(
    table: Table, row: Row, told: tuple[str, str, str, str], before: dict[str, Value], problems: list[Problem]
) -> list[Value]:
    finding, by, name, when = told
    out = []
    for field in FIELDS:
        try:
            reading = read_cell(field, row.get(field.id))
        except CellFault as fault:
            problems.append(Problem(table.where(row, field.id), fault.what, fault.remedy))
            continue
        earlier = before.get(field.id)
        if reading is None:
            if field.required:
                problems.append(Problem(table.where(row, field.id), "an answer is required", "Fill it in."))
            elif earlier is None:
                continue
        value, status = (reading.value, reading.status) if reading else ("", WITHDRAWN)
        if earlier is None or (earlier.value, earlier.status) != (value, status):
            out.append(
                Value(
                    finding, "", VERSION, "", "", field.id, value, status, "", "", by, ROLE, name, str(row.number), when
                )
            )
    return out


def _in_team(snapshot: Snapshot, person: str) -> None:
    team = [member.id for member in snapshot.protocol.team]
    if person and person not in team:
        raise UsageError(f"'{person}' is not in the team. {suggest(person, team)}".strip())
