"""Screening sheets that LibreOffice opened and saved again, in several locales, are collected as filled in."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path

import pytest
from screening_reviews import again, fill, make, sheet

from evidence_review.commands.screen import collect, issue
from evidence_review.commands.screen.issue import Wish
from evidence_review.errors import SheetError
from evidence_review.model.events import Decision
from evidence_review.workspace.workspace import Workspace

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")

STAGE, NAME = "title-abstract", "reviewer-1-title-abstract-1"
ANSWERS = [
    {"decision": "Include", "note": "'=1+1"},
    {"decision": "0", "reason": "E1: no partnership", "note": "3/4"},
    {"decision": "TRUE"},
    {"decision": "ausschließen", "reason": "E2", "note": 'Größe; "so"\nzweite Zeile'},
    {"decision": "maybe", "note": "@home, \t-5"},
    {},
]
VERDICTS = [("include", ""), ("exclude", "E1"), ("include", ""), ("exclude", "E2"), ("maybe", "")]
# Options of LibreOffice's CSV filter: separator, quote, encoding (76 UTF-8, 65535 UTF-16, 1 Windows-1252), first line,
# columns, language (1031 German, 1036 French, 1033 English), quote all, detect numbers and dates as a person's opening
# of the file would.
GERMAN, FRENCH, ENGLISH = 1031, 1036, 1033


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One user profile for all conversions, apart from the user's own."""
    return tmp_path_factory.mktemp("libreoffice")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make(tmp_path)


def resaved(profile: Path, path: Path, to: str, incoming: str = "") -> Path:
    """Open a sheet in LibreOffice and save it beside, as another program's export would lie in a mail."""
    out = path.parent.parent.parent / "mail"
    command = [
        str(SOFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless",
        *([f"--infilter={incoming}"] if incoming else []), "--convert-to", to, "--outdir", str(out), str(path),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    (saved,) = out.iterdir() if out.is_dir() else [None]
    assert saved is not None, done.stderr
    return saved


def answer_csv(workspace: Workspace) -> Path:
    issue.run(workspace, STAGE)
    path = sheet(workspace, f"{NAME}.csv")
    fill(path, lambda number, row: ANSWERS[number])
    return path


def answer_xlsx(workspace: Workspace) -> Path:
    """Fill in a workbook as a spreadsheet would keep it: numbers and truths as such."""
    from openpyxl import load_workbook

    issue.run(workspace, STAGE, Wish(format="xlsx"))
    path = sheet(workspace, f"{NAME}.xlsx")
    book = load_workbook(path, rich_text=True)
    page = book["screening"]
    places = {cell.value: cell.column for cell in page[1]}
    for number, answer in enumerate(ANSWERS, start=2):
        for name, text in answer.items():
            cell = page.cell(number, places[name])
            cell.value = {"0": 0, "TRUE": True}.get(text, text) if name == "decision" else text
    book.save(path)
    return path


def check(workspace: Workspace, path: Path) -> list[Decision]:
    """Collect a sheet twice: what was filled in is there once, with its notes."""
    for _ in range(2):
        collect.run(again(workspace), [path])
    made = list(again(workspace).events(Decision))
    assert [(one.verdict, one.reason) for one in made] == VERDICTS
    assert made[0].note == "=1+1"
    assert made[3].note.replace("\r\n", "\n") == ANSWERS[3]["note"]
    return made


@pytest.mark.parametrize(
    ("separator", "encoding", "language"),
    [(44, 76, ENGLISH), (59, 76, GERMAN), (59, 65535, FRENCH), (9, 1, GERMAN)],
    ids=["english", "german", "french-utf-16", "german-1252"],
)
def test_a_csv_sheet_resaved_as_csv(
    workspace: Workspace, profile: Path, separator: int, encoding: int, language: int
) -> None:
    """Opened with the locale's own guesses at numbers, dates and truths, saved with its separator and encoding."""
    path = answer_csv(workspace)
    incoming = f"CSV:44,34,76,1,,{language},false,true"
    check(workspace, resaved(profile, path, f"csv:Text - txt - csv (StarCalc):{separator},34,{encoding},1,,{language},"
                                            "false,true", incoming))  # fmt: skip


@pytest.mark.parametrize("to", ["xlsx:Calc MS Excel 2007 XML", f"csv:Text - txt - csv (StarCalc):59,34,76,1,,{GERMAN}"])
def test_an_xlsx_sheet_resaved(workspace: Workspace, profile: Path, to: str) -> None:
    """A workbook with drop-downs and locked cells, saved again as workbook or as the CSV of a German office."""
    check(workspace, resaved(profile, answer_xlsx(workspace), to))


def test_an_xlsx_sheet_keeps_what_people_see(workspace: Workspace, profile: Path) -> None:
    """What LibreOffice saved again still has the drop-downs, the lock, the wrapped text and the clickable link."""
    from openpyxl import load_workbook

    book = load_workbook(resaved(profile, answer_xlsx(workspace), "xlsx:Calc MS Excel 2007 XML"))
    assert book.sheetnames == ["screening", "criteria", "lists"]
    page = book["screening"]
    heads = {cell.value: cell.column_letter for cell in page[1]}
    assert page.protection.sheet
    assert [page[f"{heads[name]}2"].protection.locked for name in ("record", "decision", "title")] == [
        True,
        False,
        True,
    ]
    ruled = {str(rule.sqref)[0] for rule in page.data_validations.dataValidation if rule.type == "list"}
    assert {heads["decision"], heads["reason"]} <= ruled
    answers = [cell.value for cell in book["lists"]["A"] if cell.value]
    assert answers == ["include", "exclude", "maybe", "oui", "non", "ausschließen"]
    assert page[f"{heads['link']}2"].hyperlink.target == "https://doi.org/10.1/1"
    assert page[f"{heads['abstract']}2"].alignment.wrap_text


def test_an_issued_sheet_has_no_formula_for_libreoffice(workspace: Workspace, profile: Path) -> None:
    """An abstract that begins with = and is opened with formulas allowed stays the text that it is."""
    issue.run(workspace, STAGE)
    path = sheet(workspace, f"{NAME}.csv")
    allowed = f"CSV:44,34,76,1,,{ENGLISH},false,true,false,false,false,-1,true"
    saved = resaved(profile, path, "csv:Text - txt - csv (StarCalc):44,34,76,1", allowed)
    rows = list(csv.DictReader(io.StringIO(saved.read_bytes().decode("utf-8-sig"), newline="")))
    assert rows[0]["abstract"] == '\'=Abstract 1\n- with, commas; and "quotes"'
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "#", "Err:"))]


def test_a_sheet_kept_as_opendocument_is_named(workspace: Workspace, profile: Path) -> None:
    """Saved in LibreOffice's own format into the screening folder, it is refused with what to do, not passed over."""
    path = answer_csv(workspace)
    shutil.move(resaved(profile, path, "ods", "CSV:44,34,76,1"), path.with_suffix(".ods"))
    path.unlink()
    with pytest.raises(SheetError, match=r"\.ods: this is an OpenDocument sheet .* save it again as XLSX or as CSV"):
        collect.run(again(workspace))
    assert issue.run(again(workspace), STAGE).data["issued"] == []
    assert not path.exists()
