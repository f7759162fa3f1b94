"""A bundle in which nobody is named verifies as any other, and holds no name anywhere."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from evidence_review.commands.audit.coded import bundle_coded
from evidence_review.commands.audit.codes import Codes, codes
from evidence_review.commands.audit.verify import verify_bundle
from evidence_review.errors import InputError
from evidence_review.model.protocol import Member
from evidence_review.model.record import Citation, Record
from evidence_review.sheets.xlsx_read import read_worksheets
from evidence_review.workspace.workspace import Workspace

CHECKOUT = Path(__file__).resolve().parents[2]
NAMES = ("amara-okafor", "Amara Okafor", "0000-0002-1825-0097", "bo-lind")


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked example as two people with names made it."""
    folder = tmp_path_factory.mktemp("named")
    people = Codes({"reviewer-1": "amara-okafor", "reviewer-2": "bo-lind"})
    for part in ("protocols", "screening"):
        for path in (CHECKOUT / part).rglob("*"):
            if path.is_file():
                target = folder / people.text(path.relative_to(CHECKOUT).as_posix())
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(people.data(path.read_bytes()))
    protocol = folder / "protocols" / "health-partnerships.yml"
    text = protocol.read_text(encoding="utf-8").replace(
        "  - id: amara-okafor\n", "  - id: amara-okafor\n    name: Amara Okafor\n    orcid: 0000-0002-1825-0097\n", 1
    )
    protocol.write_text(text, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "evidence_review.cli", "--folder", str(folder), "run"],
        env={**os.environ, "SOURCE_DATE_EPOCH": "1795435200"}, check=True, capture_output=True,
    )  # fmt: skip
    return folder


def everything(path: Path) -> str:
    """Every name and every text in a bundle, workbooks and documents opened."""
    found = []
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            data = archive.read(entry)
            found += [entry.filename, data.decode("utf-8", "replace")]
            if data.startswith(b"PK"):
                with zipfile.ZipFile(io.BytesIO(data)) as inner:
                    found += [inner.read(part).decode("utf-8", "replace") for part in inner.infolist()]
    return "\n".join(found)


def test_no_name_is_left_and_it_verifies(named: Path, tmp_path: Path) -> None:
    """The names stand in the review and nowhere in the bundle, which is done again to the same bytes."""
    workspace = Workspace.open(named)
    summary = bundle_coded(workspace, tmp_path / "coded.zip")
    text = everything(tmp_path / "coded.zip")
    assert [name for name in NAMES if name in text] == []
    assert "amara-okafor" in workspace.layout.decisions.read_text(encoding="utf-8")
    assert (summary.data["people"], summary.data["names_left"]) == (2, {})
    with zipfile.ZipFile(tmp_path / "coded.zip") as archive:
        rows = archive.read("library/health-partnerships/decisions.csv").decode()
    screeners = {row["screener"] for row in csv.DictReader(io.StringIO(rows))}
    assert screeners >= {"person-1", "person-2"} and screeners <= {"person-1", "person-2", "arbiter"}
    data = verify_bundle(tmp_path / "coded.zip", again=True).data
    assert data["records"] == len(list(workspace.records()))


def test_a_name_that_is_also_a_word_of_the_records_is_refused() -> None:
    """'me' cannot be told apart in 'about me': it is said, with the record."""
    protocol = Workspace.open(CHECKOUT, "health-partnerships").protocol.model_copy(update={"team": (Member(id="me"),)})
    record = Record("R-AAAAAAAA", "pubmed", "0001-load.1", 1, Citation(title="All about me"))
    with pytest.raises(InputError, match="cannot be told apart") as refused:
        codes(protocol, [record])
    assert "R-AAAAAAAA" in str(refused.value)


def test_only_whole_words_are_replaced_also_in_workbooks(tmp_path: Path) -> None:
    """`jan` is not part of `january`; a workbook opens and has the code."""
    made = Codes({"jan": "person-1"})
    assert (
        made.text("jan, january, jan_2, JAN, jan-sheet.csv") == "person-1, january, person-1_2, JAN, person-1-sheet.csv"
    )
    path = tmp_path / "sheet.xlsx"
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["screener", "note"])
    book.active.append(["jan", "since january"])
    book.save(path)
    (table,) = read_worksheets(made.data(path.read_bytes()), "sheet.xlsx", "0" * 64).values()
    assert [row.plain(name) for row in table.rows for name in ("screener", "note")] == ["person-1", "since january"]


def test_nobody_to_code_is_said() -> None:
    """A team of roles has no names."""
    protocol = Workspace.open(CHECKOUT, "health-partnerships").protocol.model_copy(
        update={"team": (Member(id="arbiter"),)}
    )
    with pytest.raises(InputError, match="names nobody"):
        codes(protocol, [])
