"""Extraction sheets go through LibreOffice and come back with the same values."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from extraction_reviews import fill, make, protocol
from openpyxl import load_workbook

from evidence_review.commands.extract import run
from evidence_review.model.events import Value
from evidence_review.model.form import Form
from evidence_review.workspace import ready_forms
from evidence_review.workspace.workspace import Workspace

KINDS = (
    ("type: integer", "1204"), ("type: number", "1.5"), ("type: text", "=1+1, \"quoted\"; a\nsecond line – ü"),
    ("type: date", "2015-12-14"), ("type: yes-no", "yes"), ("type: percentage", "82"),
    ("type: country", "Kenya; United Kingdom"), ('type: choice, options: [qualitative, 1-2, "TRUE"]', "1-2"),
    ("type: choices, options: [skills, retention]", "skills; retention"), ("type: estimate", "0.63 (0.59 to 0.69)"),
)  # fmt: skip


def big(folder: Path, studies: int, fields: int) -> Workspace:
    lines = [f"  - {{id: f{number}, {KINDS[number % len(KINDS)][0]}}}" for number in range(fields)]
    form = "id: big\nfields:\n" + "\n".join(lines) + "\n"
    return make(folder, studies, protocol(form, mode="single"))


def through_libreoffice(path: Path, folder: Path, kind: str) -> Path:
    """Open a sheet in LibreOffice and save it again."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("no LibreOffice on this machine: the way through it cannot be tried")
    folder.mkdir()
    subprocess.run(
        [office, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", kind,
         "--outdir", str(folder), str(path)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    return folder / path.with_suffix("." + kind.partition(":")[0]).name


def said(workspace: Workspace) -> set[tuple[str, str, str, str]]:
    return {(one.study, one.field, one.value, one.status) for one in workspace.events(Value)}


def expected(workspace: Workspace, studies: int, fields: int) -> None:
    values = workspace.events(Value)
    assert len(values) == studies * fields
    assert {(one.field, one.value) for one in values} == {
        (f"f{number}", KINDS[number % len(KINDS)][1]) for number in range(fields)
    }


def test_a_workbook_of_300_studies_and_60_fields_comes_back_unchanged(tmp_path: Path) -> None:
    workspace = big(tmp_path / "review", 300, 60)
    run.sheet(workspace, "reviewer-1", "xlsx")
    path = workspace.layout.sheets / "extraction" / "reviewer-1.xlsx"
    book = load_workbook(path)
    page = book["study"]
    columns = {cell.value: cell.column for cell in page[1]}
    for row in range(2, 302):
        for number in range(60):
            page.cell(row, columns[f"f{number}"]).value = KINDS[number % len(KINDS)][1]
            page.cell(row, columns[f"f{number}"]).data_type = "s"
    book.save(path)
    saved = through_libreoffice(path, tmp_path / "office", "xlsx")
    shutil.copy(saved, path)
    assert run.collect(workspace, ()).data["new"] == 18_000
    expected(workspace, 300, 60)


def test_a_csv_sheet_saved_by_libreoffice_comes_back_unchanged(tmp_path: Path) -> None:
    workspace = big(tmp_path / "review", 3, 10)
    run.sheet(workspace, "reviewer-1", "csv")
    path = workspace.layout.sheets / "extraction" / "reviewer-1.csv"
    answers = {f"f{number}": KINDS[number][1] for number in range(10)}
    # A person types text that begins with '=' as a formula's look-alike: in the file it is guarded.
    fill(path, lambda number, row: {**answers, "f2": "'" + answers["f2"]})
    shutil.copy(through_libreoffice(path, tmp_path / "office", "csv"), path)
    assert run.collect(workspace, ()).data["new"] == 30
    expected(workspace, 3, 10)


NUMBERS = [
    (1204, "integer", "1204"), (12.0, "integer", "12"), (0.1, "number", "0.1"), (1e-7, "number", "0.0000001"),
    (True, "yes-no", "yes"), (False, "yes-no", "no"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "kind", "value"), NUMBERS)
def test_numbers_and_truths_typed_in_a_workbook_are_taken_as_meant(
    tmp_path: Path, typed: object, kind: str, value: str
) -> None:
    workspace = make(tmp_path, 1, protocol(f"id: f\nfields: [{{id: x, type: {kind}}}]\n", mode="single"))
    run.sheet(workspace, "reviewer-1", "xlsx")
    path = workspace.layout.sheets / "extraction" / "reviewer-1.xlsx"
    book = load_workbook(path)
    columns = {cell.value: cell.column for cell in book["study"][1]}
    book["study"].cell(2, columns["x"]).value = typed
    book.save(path)
    run.collect(workspace, ())
    assert {one[2] for one in said(workspace)} == {value}


def test_a_date_and_a_per_cent_cell_are_taken_as_meant(tmp_path: Path) -> None:
    import datetime

    form = "id: f\nfields: [{id: day, type: date}, {id: share, type: percentage}]\n"
    workspace = make(tmp_path, 1, protocol(form, mode="single"))
    run.sheet(workspace, "reviewer-1", "xlsx")
    path = workspace.layout.sheets / "extraction" / "reviewer-1.xlsx"
    book = load_workbook(path)
    page = book["study"]
    columns = {cell.value: cell.column for cell in page[1]}
    page.cell(2, columns["day"]).value = datetime.datetime(2015, 12, 14)
    page.cell(2, columns["day"]).number_format = "dd/mm/yyyy"
    page.cell(2, columns["share"]).value = 0.82
    page.cell(2, columns["share"]).number_format = "0%"
    book.save(path)
    run.collect(workspace, ())
    assert {one[2] for one in said(workspace)} == {"2015-12-14", "82"}


def drop_downs(path: Path) -> dict[tuple[str, str], list[str]]:
    """Return what each column of each worksheet offers, as a spreadsheet program looks it up."""
    book = load_workbook(path)
    found = {}
    for page in book.worksheets:
        for rule in page.data_validations.dataValidation:
            if rule.type == "list":
                name, _, area = rule.formula1.partition("!")
                cells = book[name][area.replace("$", "")]
                answers = [cell.value for row in (cells if isinstance(cells, tuple) else ((cells,),)) for cell in row]
                heading = page.cell(1, next(iter(rule.sqref.ranges)).min_col).value
                found[page.title, str(heading)] = answers
    return found


@pytest.mark.parametrize("form", ready_forms.names())
def test_every_ready_made_form_has_its_drop_downs_and_comes_back(tmp_path: Path, form: str) -> None:
    """Two drop-downs may begin with the same answer: their hidden worksheet must not refuse the workbook."""
    workspace = make(tmp_path, 2, protocol(form, mode="single"))
    run.sheet(workspace, "reviewer-1", "xlsx")
    path = workspace.layout.sheets / "extraction" / "reviewer-1.xlsx"
    plan = Form.model_validate(ready_forms.load(form))
    offered = drop_downs(path)
    expected = {}
    for group in ("", *(one.id for one in plan.groups)):
        for one in plan.fields_of(group):
            if one.type in ("choice", "yes-no"):
                answers = one.options if one.type == "choice" else ("yes", "no", "unclear")
                expected[group or "study", one.id] = list(answers)
    assert offered == expected
    run.collect(workspace, ())
    book = load_workbook(path)
    page = book["study"]
    required = {one.id: one.options[0] if one.options else "x" for one in plan.fields if one.required}
    for column in range(1, page.max_column + 1):
        if page.cell(1, column).value in required:
            page.cell(2, column).value = required[page.cell(1, column).value]
    book.save(path)
    assert run.collect(Workspace.open(tmp_path), ()).data["new"] == len(required)


def test_sixty_different_drop_downs_each_have_their_own_list(tmp_path: Path) -> None:
    fields = "".join(f"  - {{id: f{n}, type: choice, options: [a{n}, b{n}]}}\n" for n in range(60))
    workspace = make(tmp_path, 1, protocol(f"id: f\nfields:\n{fields}", mode="single"))
    run.sheet(workspace, "reviewer-1", "xlsx")
    offered = drop_downs(workspace.layout.sheets / "extraction" / "reviewer-1.xlsx")
    assert offered == {("study", f"f{n}"): [f"a{n}", f"b{n}"] for n in range(60)}
