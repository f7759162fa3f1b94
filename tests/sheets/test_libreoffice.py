"""Sheets that LibreOffice itself opened and saved again come back as they were, and nothing in them was run."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import Workbook

from evidence_review.sheets import read, write_csv
from evidence_review.sheets.xlsx_write import Column, Worksheet, write_xlsx

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")

HEADINGS = ["record", "decision", "title", "abstract"]
CELLS = [
    ["R-0000E123", "include", "=1+1", "+49 30 – phone"],
    ["R-00001234", "", "'=cmd|' /C calc'!A0", "-5 degrees"],
    ["R-7K2M9QXD", "exclude", "@SUM(A1:A9)", 'Größe, Žižek; "quoted"\nsecond line'],
    ["R-1E100000", "maybe", "\tTab first", "1,5"],
    ["R-00000007", "1", "2015-03-04", "007"],
    ["R-00000008", "TRUE", "3/4", "x" * 40_000],
    ["R-00000009", "", "", "日本語 العربية \U0001f600"],
]
# Filter options of LibreOffice's CSV: separator, quote, encoding (76 UTF-8, 65535 UTF-16, 1 Windows-1252), first line.
UTF8, UTF16, CP1252 = 76, 65535, 1


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One user profile for all conversions, apart from the user's own."""
    return tmp_path_factory.mktemp("libreoffice")


def convert(profile: Path, source: Path, to: str, locale: str = "en-US", incoming: str = "") -> Path:
    """Open a file in LibreOffice and save it in another format under another name."""
    out = source.parent / "saved"
    command = [
        str(SOFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless", f"--language={locale}",
        *([f"--infilter={incoming}"] if incoming else []), "--convert-to", to, "--outdir", str(out), str(source),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    (saved,) = out.iterdir() if out.is_dir() else [None]
    assert saved is not None, done.stderr
    return saved


def as_read(path: Path) -> list[list[str]]:
    table = read(path, required=("record", "decision"))
    return [[row[name] for name in HEADINGS] for row in table.rows]


def xlsx(path: Path) -> Path:
    columns = [
        Column("record"),
        Column("decision", answers=("include", "exclude"), editable=True),
        *map(Column, HEADINGS[2:]),
    ]
    path.write_bytes(
        write_xlsx([Worksheet("screening", columns, CELLS, frozen=1, highlight=["phone"], coloured=["abstract"])])
    )
    return path


@pytest.mark.parametrize("locale", ["en-US", "de-DE"])
def test_csv_opened_as_people_open_it_and_saved_as_csv(tmp_path: Path, profile: Path, locale: str) -> None:
    """Opened with the import's own guesses of numbers and dates and saved again: ids and texts are whole.

    What a spreadsheet takes for a number or date (1,5 or 3/4) it may show in its own way: those cells are not ours to
    keep, and no decision is among them.
    """
    path = tmp_path / "sheet.csv"
    path.write_bytes(write_csv(HEADINGS, CELLS))
    saved = convert(profile, path, f"csv:Text - txt - csv (StarCalc):44,34,{UTF8},1", locale, f"CSV:44,34,{UTF8},1")
    came = as_read(saved)
    assert [row[0] for row in came] == [row[0] for row in CELLS]
    assert [row[1] for row in came] == [row[1] for row in CELLS]
    for before, after in zip(CELLS, came, strict=True):
        for place in (2, 3):
            if not any(before[place] == odd for odd in ("2015-03-04", "3/4", "1,5", "007")):
                assert after[place] == before[place]


@pytest.mark.parametrize(
    ("separator", "encoding", "locale"),
    [(44, UTF8, "en-US"), (59, UTF8, "de-DE"), (9, UTF16, "fr-FR"), (59, CP1252, "de-DE")],
    ids=["comma", "semicolon", "utf-16", "1252"],
)
def test_xlsx_saved_as_csv_in_many_forms(
    tmp_path: Path, profile: Path, separator: int, encoding: int, locale: str
) -> None:
    """Every cell of the workbook is text and stays so, whatever separator, encoding and locale the CSV gets."""
    saved = convert(
        profile, xlsx(tmp_path / "sheet.xlsx"), f"csv:Text - txt - csv (StarCalc):{separator},34,{encoding},1", locale
    )
    came = as_read(saved)
    if encoding == CP1252:  # which has no letters for the last row, nor ž
        assert [row[:2] for row in came] == [row[:2] for row in CELLS]
        assert came[2][3].startswith("Größe")
    else:
        assert came == CELLS


def test_xlsx_saved_as_xlsx(tmp_path: Path, profile: Path) -> None:
    """LibreOffice's own XLSX of our XLSX holds the same text in every cell."""
    saved = convert(profile, xlsx(tmp_path / "sheet.xlsx"), "xlsx:Calc MS Excel 2007 XML", "de-DE")
    assert as_read(saved) == CELLS


def test_csv_saved_as_xlsx(tmp_path: Path, profile: Path) -> None:
    """A CSV that came back as XLSX is read like one."""
    path = tmp_path / "sheet.csv"
    path.write_bytes(write_csv(HEADINGS, CELLS))
    came = as_read(convert(profile, path, "xlsx:Calc MS Excel 2007 XML", incoming=f"CSV:44,34,{UTF8},1"))
    assert [row[:2] for row in came] == [row[:2] for row in CELLS]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "unguarded"])
def test_libreoffice_evaluates_no_cell(tmp_path: Path, profile: Path, kind: str) -> None:
    """Opened with formulas allowed, no cell of a sheet becomes a result; without the guard it would."""
    path = tmp_path / f"sheet.{'xlsx' if kind == 'xlsx' else 'csv'}"
    allowed = "" if kind == "xlsx" else f"CSV:44,34,{UTF8},1,,0,false,true,false,false,false,-1,true"
    if kind == "xlsx":
        xlsx(path)
    else:
        path.write_bytes(write_csv(HEADINGS, CELLS) if kind == "csv" else b"record,decision\nR-0000E123,=1+1\n")
    saved = convert(profile, path, f"csv:Text - txt - csv (StarCalc):44,34,{UTF8},1", incoming=allowed)
    cells = [cell for row in csv.reader(io.StringIO(saved.read_text("utf-8-sig"), newline="")) for cell in row]
    assert ("2" in cells) == (kind == "unguarded")
    assert ("'=1+1" in cells) == (kind != "unguarded")
    assert not [cell for cell in cells if cell.startswith(("=", "#"))]


def test_the_result_of_a_formula_is_read_as_it_is_shown(tmp_path: Path, profile: Path) -> None:
    """A calculated share that is shown as 82 % is 82 %, not 0.82."""
    book = Workbook()
    for row in (["record", "decision"], ["R-1", "=41/50"], ["R-2", "=1+0"], ["R-3", "=12+12"]):
        book.active.append(row)
    for row in (2, 3):
        book.active.cell(row, 2).number_format = "0%"
    source = tmp_path / "calculated.xlsx"
    book.save(source)
    table = read(convert(profile, source, "xlsx"), required=("record", "decision"))
    assert [row["decision"] for row in table.rows] == ["82%", "100%", "24"]
