"""`synthesise`: tables from the protocol's plan, with what is missing or not settled said below them."""

from __future__ import annotations

import csv
from pathlib import Path

from click.testing import CliRunner
from extraction_reviews import everything, fill, make, protocol, rows_of, write

from evidence_review.cli import group
from evidence_review.commands.extract import run as extract
from evidence_review.commands.synthesise import run
from evidence_review.commands.synthesise.write import as_csv, as_markdown
from evidence_review.state.standing import stand
from evidence_review.state.tables import Row, Table, study_tables
from evidence_review.workspace.workspace import Workspace

ANSWERS = (
    {"design": "survey", "country": "Rwanda; UK", "participants": "100", "finding": "a|b\nc"},
    {"design": "qualitative", "country": "Kenya", "participants": "20"},
    {"design": "survey", "country": "NR", "participants": "9"},
)


def extracted(tmp_path: Path, plan: str = "", mode: str = "single") -> Workspace:
    workspace = make(tmp_path, text=protocol(extra=plan, mode=mode))
    extract.sheet(workspace, "reviewer-1", "csv")
    fill(workspace.layout.sheets / "extraction" / "reviewer-1.csv", lambda number, row: ANSWERS[number])
    extract.collect(workspace, ())
    return workspace


def tables(workspace: Workspace) -> tuple[Table, ...]:
    snapshot = workspace.snapshot()
    return study_tables(snapshot, stand(snapshot))


def test_without_a_plan_there_is_a_table_of_characteristics(tmp_path: Path) -> None:
    (table,) = tables(extracted(tmp_path))
    assert table.columns == ("Study", "Year", "Design", "Country", "Participants", "Main finding")
    assert table.rows[2].cells == ("Author3 2003", "2003", "survey", "not reported", "9", "")


def test_a_study_with_nothing_in_any_column_is_named_below_and_not_a_blank_row(tmp_path: Path) -> None:
    plan = "synthesis: {tables: [{title: F, columns: [finding]}]}\n"
    (table,) = tables(extracted(tmp_path, plan))
    assert [row.cells for row in table.rows] == [("Author1 2001", "a|b\nc")]
    assert any("Author2 2002" in note for note in table.notes), table.notes


def test_rows_are_sorted_and_grouped_as_the_protocol_says(tmp_path: Path) -> None:
    plan = "synthesis: {tables: [{title: T, columns: [design], group_by: design, sort_by: participants}]}\n"
    (table,) = tables(extracted(tmp_path, plan))
    assert [(row.group, row.cells[0]) for row in table.rows] == [
        ("qualitative", "Author2 2002"),
        ("survey", "Author3 2003"),
        ("survey", "Author1 2001"),
    ]


def test_a_group_gives_a_row_an_entry_with_the_study_s_own_fields_beside_it(tmp_path: Path) -> None:
    plan = "synthesis: {tables: [{title: O, rows: outcome, columns: [measure, direction, design]}]}\n"
    workspace = extracted(tmp_path, plan)
    path = workspace.layout.sheets / "extraction" / "reviewer-1-outcome.csv"
    rows = rows_of(path)
    rows[0].update(measure="skills", direction="positive")
    write(path, [*rows, {**rows[0], "item": "2", "measure": "morale", "direction": "mixed"}])
    extract.collect(workspace, ())
    (table,) = tables(workspace)
    assert [row.cells for row in table.rows] == [
        ("Author1 2001", "skills", "positive", "survey"),
        ("Author1 2001", "morale", "mixed", "survey"),
    ]


def test_what_people_differ_on_is_shown_as_not_settled_and_counted(tmp_path: Path) -> None:
    workspace = extracted(tmp_path, mode="dual")
    extract.sheet(workspace, "reviewer-2", "csv")
    other = {**ANSWERS[0], "participants": "101"}
    fill(workspace.layout.sheets / "extraction" / "reviewer-2.csv", lambda number, row: {} if number else other)
    extract.collect(workspace, ())
    (table,) = tables(workspace)
    assert table.rows[0].cells[4] == "not settled"
    assert "Values at which two people differ and nobody has settled: 1." in table.notes
    assert "Values that one person extracted and nobody checked: 6 of 10." in table.notes


def test_a_study_from_which_nothing_was_extracted_is_in_the_table_and_named(tmp_path: Path) -> None:
    (table,) = tables(make(tmp_path))
    assert len(table.rows) == 3
    assert table.notes == ("Nothing was extracted from: Author1 2001, Author2 2002, Author3 2003.",)


def test_files_carry_study_ids_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    workspace = extracted(tmp_path)
    summary = run.tables(workspace)
    name = "reports/small/tables/characteristics-of-included-studies"
    assert summary.data["written"] == [f"{name}.md"]
    with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["study_id"] for row in rows] == [study.id for study in stand(workspace.snapshot()).studies]
    assert rows[0]["Main finding"] == "a|b\nc"
    before = everything(tmp_path)
    run.tables(workspace)
    assert everything(tmp_path) == before


def test_the_bare_command_writes_the_tables(tmp_path: Path) -> None:
    extracted(tmp_path)
    result = CliRunner().invoke(group, ["--folder", str(tmp_path), "synthesise"])
    assert result.exit_code == 0
    assert "characteristics-of-included-studies.md: 3 rows" in result.output


def test_markdown_shows_cells_as_they_are_and_csv_runs_no_formula() -> None:
    table = Table("A *title*", ("Study", "x|y"), (Row("S-1", ("=1+1", "a|b\n<b>c</b>")),))
    text = as_markdown(table).decode()
    assert "| =1+1 | a\\|b<br>\\<b\\>c\\</b\\> |" in text
    assert as_csv(table).decode() == 'study_id,Study,x|y\nS-1,\'=1+1,"a|b\n<b>c</b>"\n'
