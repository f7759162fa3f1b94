"""Flow numbers typed elsewhere: read in the R package's form, checked, and named where they do not add up."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from random_reviews import snapshots

from evidence_review.commands.report import prisma_csv
from evidence_review.commands.report.check_flow import check_flow
from evidence_review.errors import InputError, UsageError
from evidence_review.state.flow import Count, Flow, count
from evidence_review.state.identities import check, hard
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import stand

RIGHT = {
    "database_results": '"1,641"', "database_specific_results": '"Scopus, 1300; PubMed (Ovid, Epub), 341"',
    "register_results": "0", "duplicates": "640", "excluded_automatic": "0", "excluded_other": "0",
    "records_screened": "1 001", "records_excluded": "848", "dbr_sought_reports": "153",
    "dbr_notretrieved_reports": "3", "dbr_assessed": "150.0",
    "dbr_excluded": '"Wrong network, or none, 62; Language, 8"',
    "new_studies": "78", "new_reports": "80", "website_results": "0", "other_sought_reports": "0", "total_studies": "0",
    "previous_studies": "0",
}  # fmt: skip


def write(path: Path, rows: dict[str, str], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    lines = [f"data{delimiter}n", *(f"{key}{delimiter}{n}" for key, n in rows.items())]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), (";", "cp1252")]
)
def test_right_numbers_pass_however_a_spreadsheet_saved_them(tmp_path: Path, delimiter: str, encoding: str) -> None:
    summary = check_flow(write(tmp_path / "flow.csv", RIGHT, delimiter, encoding))
    assert (summary.exit_code, summary.data["failures"]) == (0, [])


@pytest.mark.parametrize(
    ("key", "n", "identity"),
    [
        ("records_screened", "1002", "I2"),
        ("dbr_sought_reports", "154", "I3"),
        ("dbr_assessed", "149", "I4"),
        ("website_results", "4", "I5"),
        ("new_reports", "81", "I7"),
        ("new_studies", "81", "I8"),
        ("total_studies", "80", "I9"),
        ("total_studies_ma", "79", "I10"),
        ("database_specific_results", '"Scopus, 1300; PubMed, 340"', "I1"),
    ],
)
def test_a_wrong_number_is_named(tmp_path: Path, key: str, n: str, identity: str) -> None:
    """Each identity is found broken, with what was expected and what was found."""
    summary = check_flow(write(tmp_path / "flow.csv", {**RIGHT, key: n}))
    named = [*summary.data["failures"], *summary.data["warnings"]]
    assert identity in [failure["identity"] for failure in named]
    assert summary.exit_code == (0 if identity == "I8" else 4)
    assert any("expected" in line and "found" in line for line in summary.lines)


def test_the_command_needs_no_review_folder_and_exits_4(tmp_path: Path) -> None:
    path = write(tmp_path / "flow.csv", {**RIGHT, "duplicates": "641"})
    command = [sys.executable, "-m", "evidence_review.cli", "report", "check-flow", str(path), "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert json.loads(done.stdout)["failures"][0]["expected"] == 1000
    assert "Traceback" not in done.stderr


def test_keys_and_numbers_as_people_write_them(tmp_path: Path) -> None:
    """`Records screened` is the box, `(n = 1,001)` the number."""
    rows = {**RIGHT, "Records screened": '"(n = 1,001)"', "DUPLICATES": "n=640"}
    del rows["records_screened"], rows["duplicates"]
    assert check_flow(write(tmp_path / "flow.csv", rows)).exit_code == 0


BAD = {
    "no number": ({**RIGHT, "duplicates": "about 600"}, "row 5, column n"),
    "a misspelt box": ({**RIGHT, "records_screned": "4"}, "records_screened"),
    "a negative number": ({**RIGHT, "duplicates": "-5"}, "not a whole number"),
    "a reason without a number": ({**RIGHT, "dbr_excluded": '"Language; Design, 70"'}, "has no number"),
    "nothing filled in": ({"duplicates": "xxx"}, "no numbers"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_is_refused_with_its_row(tmp_path: Path, case: str) -> None:
    rows, words = BAD[case]
    with pytest.raises(InputError, match=words):
        check_flow(write(tmp_path / "flow.csv", rows))


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"PK\x03\x04\0\0", b"\xff\xfe\x00", b"data\n"])
def test_another_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "flow.csv"
    path.write_bytes(data)
    with pytest.raises(InputError):
        check_flow(path)


def test_a_declared_difference_is_taken_into_account(tmp_path: Path) -> None:
    path = write(tmp_path / "flow.csv", {**RIGHT, "dbr_sought_reports": "155", "dbr_notretrieved_reports": "5"})
    assert check_flow(path).exit_code == 4
    assert check_flow(path, ["I3=2"]).exit_code == 0
    with pytest.raises(UsageError):
        check_flow(path, ["two more"])


@pytest.mark.parametrize("label", ["=1+1", "+cmd", "-2", "@SUM(A1)", " \t=1", "one; two, three\nfour"])
def test_no_cell_that_is_written_is_a_formula(label: str) -> None:
    """A reason or source that begins like a formula stays harmless, and its number is read back."""
    parts = {"a": Count("dbr_excluded", "reports", 7, label=label)}
    data = prisma_csv.write(Flow({"dbr_excluded": Count("dbr_excluded", "reports", 7, parts=parts)}))
    cells = [cell for row in csv.reader(data.decode("utf-8").splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+c", "-2", "@"))]
    assert prisma_csv.read(data, "flow.csv").flow.n("dbr_excluded") == 7


@settings(max_examples=60)
@given(snapshots())
def test_what_is_written_reads_back_and_adds_up(snapshot: Snapshot) -> None:
    """Our own numbers in the template pass the check, differences the template has no box for being declared."""
    flow = count(snapshot, stand(snapshot))
    file = prisma_csv.read(prisma_csv.write(flow), "flow.csv") if snapshot.records else None
    if file is not None:
        assert hard(check(file.flow, file.adjustments)) == ()
        assert file.flow.n("new_reports") == flow.n("new_reports")
