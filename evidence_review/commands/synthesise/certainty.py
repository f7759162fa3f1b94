"""`synthesise findings` and `outcomes`: what the review is how sure of, on a sheet that goes out and comes back."""

from __future__ import annotations

from pathlib import Path

from evidence_review.errors import Problem, SheetError, UsageError, suggest
from evidence_review.forms.cells import read_cell
from evidence_review.forms.fault import CellFault
from evidence_review.model.events import WITHDRAWN, Value
from evidence_review.sheets import Row, Table, fold, read, write_csv
from evidence_review.state.certainty import Scheme, judged, loose_ends, named_studies
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, stand
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace

ROLE = "assessor"
BY = "by"


def id_column(scheme: Scheme) -> str:
    """Return the heading of the ids: `finding_id`, `outcome_id`."""
    return f"{scheme.subject}_id"


def columns(scheme: Scheme) -> tuple[str, ...]:
    """Return the headings of a scheme's sheet."""
    return (id_column(scheme), *(field.id for field in scheme.fields), BY)


def path_of(workspace: Workspace, scheme: Scheme) -> Path:
    """Return where a scheme's sheet lies."""
    return workspace.layout.sheets / "synthesis" / f"{scheme.subject}s.csv"


def run(workspace: Workspace, scheme: Scheme, person: str) -> Summary:
    """Write the sheet where there is none; else read it back, all or nothing."""
    path = path_of(workspace, scheme)
    if path.exists():
        return collect(workspace, scheme, path)
    snapshot = workspace.snapshot()
    _in_team(snapshot, person)
    letter = scheme.subject[0].upper()
    count = len(snapshot.protocol.question.key_questions) or 1
    rows = [(f"{letter}{place}", *[""] * len(scheme.fields), person) for place in range(1, count + 1)]
    with workspace.transaction(f"synthesise-{scheme.id}-sheet") as tx:
        tx.write(path, write_csv(columns(scheme), rows), keep_existing=True)
    name = workspace.layout.inside(path)
    lines = [f"{name}: a sheet for each {scheme.subject} and its {scheme.level}.",
             "Name studies by label or id with ';' between. Answers:"]  # fmt: skip
    lines += [f"  {part}: {', '.join(answers)}" for part, _, answers in scheme.components]
    return Summary(
        tuple(lines), {"written": [name]}, f"fill it in, then 'evidence-review synthesise {scheme.subject}s'"
    )


def collect(workspace: Workspace, scheme: Scheme, path: Path) -> Summary:
    """Read a scheme's sheet back.

    Raises:
        SheetError: with every problem; nothing was taken.
    """
    names = columns(scheme)
    table = read(path, required=[name for name in names if not name.endswith("_why")], optional=names)
    name = workspace.layout.inside(path)
    with workspace.transaction(f"synthesise-{scheme.id}", {"file": name}) as tx:
        snapshot = workspace.snapshot()
        standing = stand(snapshot)
        problems: list[Problem] = []
        values = _values(scheme, table, snapshot, standing, (name, tx.when), problems)
        if problems:
            raise SheetError(f"{name} has {counted(len(problems), 'problem')}; nothing was taken.", problems)
        tx.read_input(name, table.sha256)
        tx.add_events(values)
        tx.counts["values"] = len(values)
    after = workspace.snapshot()
    ends = loose_ends(scheme, after, standing)
    count = len(judged(scheme, after.values))
    lines = [
        f"{count} {scheme.subject}{'s' if count != 1 else ''}; new or changed values: {len(values)}.",
        *(f"Loose end: {end}" for end in ends),
    ]
    return Summary(
        tuple(lines),
        {f"{scheme.subject}s": count, "new": len(values), "loose_ends": ends},
        "evidence-review synthesise",
    )


def _values(
    scheme: Scheme, table: Table, snapshot: Snapshot, standing: Standing, sheet: tuple[str, str],
    problems: list[Problem],
) -> list[Value]:  # fmt: skip
    before = judged(scheme, snapshot.values)
    team = [member.id for member in snapshot.protocol.team]
    seen: dict[str, int] = {}
    out: list[Value] = []
    for row in table.rows:
        if not any(row.plain(field.id) for field in scheme.fields):
            continue
        finding, by = row.plain(id_column(scheme)), row.plain(BY)
        if not finding:
            problems.append(
                Problem(
                    table.where(row, id_column(scheme)),
                    f"the {scheme.subject} has no id",
                    "Write a short one, such as 1.",
                )
            )
            continue
        if seen.setdefault(fold(finding), row.number) != row.number:
            what = f"'{finding}' stands twice, also in row {seen[fold(finding)]}"
            problems.append(Problem(table.where(row, id_column(scheme)), what, "Give each its own id."))
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
        out += _row_values(scheme, table, row, (finding, by, *sheet), before.get(finding, {}), problems)
    return out


def _row_values(
    scheme: Scheme, table: Table, row: Row, told: tuple[str, str, str, str], before: dict[str, Value],
    problems: list[Problem],
) -> list[Value]:  # fmt: skip
    finding, by, name, when = told
    out = []
    for field in scheme.fields:
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
                    finding,
                    "",
                    scheme.form,
                    "",
                    "",
                    field.id,
                    value,
                    status,
                    "",
                    "",
                    by,
                    ROLE,
                    name,
                    str(row.number),
                    when,
                )
            )
    return out


def _in_team(snapshot: Snapshot, person: str) -> None:
    team = [member.id for member in snapshot.protocol.team]
    if person and person not in team:
        raise UsageError(f"'{person}' is not in the team. {suggest(person, team)}".strip())
