"""Flow numbers typed elsewhere: read in the R package's form, checked, and named where they do not add up."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from random_reviews import snapshots

from evidence_review.commands.report import flow_file, prisma_csv
from evidence_review.commands.report.check_flow import check_flow
from evidence_review.errors import InputError, UsageError
from evidence_review.state.counting import count
from evidence_review.state.flow import Count, Flow
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
    "a fraction": ({**RIGHT, "duplicates": "640.5"}, "'640.5' is not a whole number"),
    "a fraction with a comma": ({**RIGHT, "duplicates": '"640,5"'}, "'640,5' is not a whole number"),
    "a formula": ({**RIGHT, "duplicates": "=600+40"}, "not a whole number"),
    "two rows of one box": ({**RIGHT, "Duplicates ": "641"}, "stands in row 5 already, with another number"),
    "a reason without a number": ({**RIGHT, "dbr_excluded": '"Language; Design, 70"'}, "has no number"),
    "nothing filled in": ({"duplicates": "xxx"}, "no numbers"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_is_refused_with_its_row(tmp_path: Path, case: str) -> None:
    rows, words = BAD[case]
    with pytest.raises(InputError, match=words):
        check_flow(write(tmp_path / "flow.csv", rows))


PARTS = {
    "as the template says": '"Wrong network, 62; Language, 8"',
    "not quoted": "Wrong network, 62; Language, 8",
    "in brackets": '"Wrong network (n = 62), Language (n=8)"',
    "on lines": '"Wrong network: 62\nLanguage: 8"',
    "numbers after spaces": '"Wrong network 62; Language - 8"',
    "numbers first": '"62 wrong network; 8 language"',
    "commas alone": '"Wrong network, 62, Language, 8"',
    "colons and commas": '"Wrong network: 62, Language: 8"',
    "one label twice": '"Other, 62; Other, 8"',
    "one label twice, and the name it would get": '"Other, 60; Other, 2; Other (2), 8"',
    "with shares": '"Wrong network, 62 (89%); Language (n = 8) (11.4 %)"',
    "with what is counted": '"Wrong network, 62 reports; Language: 8 reports"',
    "their sum before them": '"Total excluded, 70; Wrong network, 62; Language, 8"',
    "their sum behind them": '"Wrong network: 62\nLanguage: 8\nTotal: 70"',
    "labels with numbers and commas": '"1990-1999, 62; Studies (2020, 2021), 8"',
}


@pytest.mark.parametrize("case", PARTS)
def test_reasons_as_people_list_them(tmp_path: Path, case: str) -> None:
    """However a list is written, each part counts once."""
    assert check_flow(write(tmp_path / "flow.csv", {**RIGHT, "dbr_excluded": PARTS[case]})).exit_code == 0
    more = PARTS[case].replace("8", "9")
    assert check_flow(write(tmp_path / "flow.csv", {**RIGHT, "dbr_excluded": more})).exit_code == 4


def test_the_line_in_which_a_spreadsheet_names_its_separator_is_no_header(tmp_path: Path) -> None:
    """Row numbers go on counting it."""
    path = tmp_path / "flow.csv"
    path.write_bytes(b"sep=;\r\ndata;n\r\nrecords_screened;5\r\nrecords_excluded;x9\r\n")
    with pytest.raises(InputError, match="row 4, column n"):
        check_flow(path)


def test_thousands_of_a_source_are_not_taken_apart(tmp_path: Path) -> None:
    """`Scopus, 1,300` is 1,300 records of Scopus, and not 300 of `Scopus, 1`."""
    rows = {**RIGHT, "database_specific_results": '"Scopus, 1,300; PubMed, 341"'}
    assert check_flow(write(tmp_path / "flow.csv", rows)).exit_code == 0


def test_a_part_without_a_number_leaves_the_sum_unknown(tmp_path: Path) -> None:
    rows = {**RIGHT, "database_specific_results": '"Scopus, 1300; PubMed, xxx"'}
    summary = check_flow(write(tmp_path / "flow.csv", rows))
    assert summary.exit_code == 0
    assert "not every part has a number" in summary.lines[-1]


def test_parts_of_the_template_that_nobody_deleted_are_no_gap(tmp_path: Path) -> None:
    """`Reason3, xxx` is not used; where the others do not sum to what is missing, it is an unknown number."""
    for key in ("dbr_excluded", "other_excluded"):
        rows = {**RIGHT, **OTHER}
        rows[key] = f'"{rows[key].strip(chr(34))}; Reason3, xxx"'
        assert check_flow(write(tmp_path / "flow.csv", rows)).exit_code == 0
        less = {**rows, "new_reports": str(int(rows["new_reports"]) + 1)}
        assert check_flow(write(tmp_path / "flow.csv", less)).exit_code == 4
    fewer = {**RIGHT, "dbr_excluded": '"Wrong network, 62; Language, not reported"'}
    summary = check_flow(write(tmp_path / "flow.csv", fewer))
    assert summary.exit_code == 0
    assert "not every part has a number" in summary.lines[-1]


@pytest.mark.parametrize(("included", "code"), [(83, 0), (87, 0), (88, 4)])
@pytest.mark.parametrize("cell", ["NA", "", '"Reason1, xxx; Reason2, xxx"', None])
def test_exclusions_of_other_methods_that_are_not_told_are_unknown(
    tmp_path: Path, cell: str | None, included: int, code: int
) -> None:
    """As those of databases are: any number of the seven reports may have been excluded, and no more than seven."""
    rows = {**RIGHT, **OTHER, "new_reports": str(included)}
    del rows["other_excluded"]
    if cell is not None:
        rows["other_excluded"] = cell
    summary = check_flow(write(tmp_path / "flow.csv", rows))
    assert summary.exit_code == code
    assert [failure["expected"] for failure in summary.data["failures"]] == (["at most 87"] if code else [])


@pytest.mark.parametrize(("assessed", "code"), [("7", 0), ("10", 4), ("NA", 0)])
def test_steps_of_other_methods_that_are_not_told_are_unknown(tmp_path: Path, assessed: str, code: int) -> None:
    rows = {**RIGHT, **OTHER, "other_notretrieved_reports": "NA", "other_assessed": assessed}
    assert check_flow(write(tmp_path / "flow.csv", rows)).exit_code == code


def test_what_awaits_classification_is_no_report_included(tmp_path: Path) -> None:
    rows = {**RIGHT, "Reports awaiting classification": "2", "new_reports": "78"}
    assert check_flow(write(tmp_path / "flow.csv", rows)).exit_code == 0
    summary = check_flow(write(tmp_path / "flow.csv", {**rows, "new_reports": "80"}))
    assert "excluded - reports awaiting classification, of both arms: expected 78, found 80" in summary.lines[1]


def test_studies_alone_that_do_not_add_up_ask_for_reports(tmp_path: Path) -> None:
    summary = check_flow(write(tmp_path / "flow.csv", {**RIGHT, "new_studies": "78", "new_reports": "NA"}))
    assert summary.exit_code == 4
    assert "fill in new_reports" in summary.lines[1]


def test_a_count_below_0_is_an_impossible_number(tmp_path: Path) -> None:
    """Also where the rest would add up with it."""
    summary = check_flow(write(tmp_path / "flow.csv", {**RIGHT, "dbr_excluded": '"Wrong network, 72; Language, -2"'}))
    assert [failure["identity"] for failure in summary.data["failures"]] == ["I12"]
    assert check_flow(write(tmp_path / "flow.csv", {**RIGHT, "excluded_other": "-1"})).exit_code == 4


def test_a_workbook_is_read_as_well(tmp_path: Path) -> None:
    """XLSX, with numbers as numbers, other columns, and `n` before `data`."""
    book = openpyxl.Workbook()
    for row in [("note", "n", "data"), *(("x", n.strip('"'), key) for key, n in RIGHT.items())]:
        book.active.append([int(cell) if cell.isdigit() else cell for cell in row])
    book.save(tmp_path / "flow.xlsx")
    assert check_flow(tmp_path / "flow.xlsx").exit_code == 0


def test_a_row_that_is_no_box_is_named_and_passed_over(tmp_path: Path) -> None:
    summary = check_flow(write(tmp_path / "flow.csv", {**RIGHT, "coffee drunk": "12", "remark": ""}))
    assert summary.exit_code == 0
    assert summary.data["remarks"] == [
        "flow.csv row 20: 'coffee_drunk' is no box of the flow diagram and was not checked."
    ]


OTHER = {"website_results": "9", "other_sought_reports": "9", "other_notretrieved_reports": "2", "other_assessed": "7",
         "other_excluded": '"Design, 4"', "new_reports": "83"}  # fmt: skip
UPDATED = {"previous_studies": "10", "previous_reports": "12", "total_studies": "88", "total_reports": "92"}
VARIANTS = {
    "new, databases": RIGHT,
    "new, with other methods": {**RIGHT, **OTHER},
    "updated, databases": {**RIGHT, **UPDATED},
    "updated, with other methods": {**RIGHT, **OTHER, **UPDATED, "total_reports": "95"},
}


def stepped(cell: str, step: int) -> str:
    """A cell with its last number one up or down."""
    return re.sub(r"\d+(?=\D*$)", lambda last: str(int(last[0]) + step).zfill(len(last[0])), cell, count=1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_any_one_number_changed_in_any_variant_is_caught(tmp_path: Path, variant: str) -> None:
    """All four variants of PRISMA 2020 pass; each of their numbers, one up or one down, is refused."""
    rows = VARIANTS[variant]
    assert check_flow(write(tmp_path / "flow.csv", rows)).exit_code == 0
    # Zeros of what this variant does not have, and a number of studies that nothing else speaks of.
    free = {"previous_studies", "total_studies", "other_sought_reports"} - set(OTHER if "other" in variant else ())
    free = free - set(UPDATED if "updated" in variant else ()) | ({"new_studies"} if "new" in variant else set())
    for key, n in rows.items():
        for step in (1, -1):
            changed = str(150 + step) if key == "dbr_assessed" else stepped(n, step)
            code = check_flow(write(tmp_path / "flow.csv", {**rows, key: changed})).exit_code
            assert code == 4 or key in free, (key, changed)


@pytest.mark.parametrize(("screened", "code"), [(1010, 0), (1001, 4)])
def test_zeros_for_the_way_of_other_methods(tmp_path: Path, screened: int, code: int) -> None:
    """The template's zeros stand where records were screened together; where they were not, records are lost."""
    more = {**RIGHT, "website_results": "9", "other_sought_reports": "0", "other_assessed": "0", "other_excluded": "0"}
    rows = {**more, "records_screened": str(screened), "records_excluded": str(screened - 153)}
    summary = check_flow(write(tmp_path / "flow.csv", rows))
    assert summary.exit_code == code
    assert [failure["identity"] for failure in summary.data["failures"]] == (["I5"] if code else [])


def test_the_remedy_for_a_box_that_prisma_lacks_is_named(tmp_path: Path) -> None:
    """The other methods have no box for duplicates: a difference is refused, and taken when it is declared."""
    rows = {**RIGHT, **OTHER, "website_results": "12"}
    path = write(tmp_path / "flow.csv", rows)
    refused = check_flow(path)
    assert refused.exit_code == 4
    assert "--adjust 'I5=-3'" in refused.lines[1]
    assert check_flow(path, ["I5=-3"]).exit_code == 0


@pytest.mark.parametrize(
    "data", [b"", b"a,b\n1,2\n", b"PK\x03\x04\0\0", b"\xff\xfe\x00", b"data\n", b'data,n\n"duplicates,3\n']
)
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
    assert flow_file.read(data, "flow.csv").flow.n("dbr_excluded") == 7


@settings(max_examples=60)
@given(snapshots())
def test_what_is_written_reads_back_and_adds_up(snapshot: Snapshot) -> None:
    """Our own numbers in the template pass the check, differences the template has no box for being declared."""
    flow = count(snapshot, stand(snapshot))
    file = flow_file.read(prisma_csv.write(flow), "flow.csv") if snapshot.records else None
    if file is not None:
        assert hard(check(file.flow, file.adjustments)) == ()
        assert file.flow.n("new_reports") == flow.n("new_reports")
