"""Reports joined to studies and parted again; values that are possible but odd are pointed out and kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from extraction_reviews import decide, everything, fill, make, protocol

from evidence_review.commands.extract import run
from evidence_review.commands.extract.link import link, unlink
from evidence_review.errors import InputError, SheetError, UsageError
from evidence_review.model.events import Value
from evidence_review.state.standing import stand
from evidence_review.state.values import fold
from evidence_review.workspace.workspace import Workspace


def studies(workspace: Workspace) -> list[tuple[str, tuple[str, ...]]]:
    return [(study.id, study.reports) for study in stand(workspace.snapshot()).studies]


def test_a_report_is_linked_and_parted_and_its_values_follow(tmp_path: Path) -> None:
    workspace = make(tmp_path)
    run.sheet(workspace, "reviewer-1", "csv")
    fill(
        workspace.layout.sheets / "extraction" / "reviewer-1.csv", lambda n, row: {"design": "survey"} if n == 1 else {}
    )
    run.collect(workspace, ())
    before = studies(workspace)
    (first, (one,)), (_, (two,)), _ = before
    summary = link(workspace, two, first, "reviewer-1", "")
    assert summary.data == {"study": first, "reports": [one, two], "changed": True}
    snapshot = workspace.snapshot()
    cell = fold(snapshot.values, stand(snapshot)).cell(first, "characteristics", "design")
    assert cell is not None and cell.final is not None and cell.final.value == "survey"
    unchanged = everything(tmp_path)
    assert link(workspace, two, one, "reviewer-1", "").data["changed"] is False
    assert everything(tmp_path) == unchanged
    # The sheet still names the study that is no more: its row is found by the report, and nothing is new.
    assert run.collect(workspace, ()).data["new"] == 0
    unlink(workspace, two, "reviewer-2")
    assert studies(workspace) == before
    assert unlink(workspace, two, "reviewer-2").data["changed"] is False


def test_two_studies_that_were_both_extracted_are_told_when_they_are_joined(tmp_path: Path) -> None:
    """One of the two rows hides the other until somebody keeps one; nobody is named who filled in a single one."""
    workspace = make(tmp_path)
    for person, most in (("reviewer-1", 1), ("reviewer-2", 0)):
        run.sheet(workspace, person, "csv")
        sheet = workspace.layout.sheets / "extraction" / f"{person}.csv"
        fill(sheet, lambda n, row, most=most: {"design": "survey"} if n <= most else {})  # type: ignore[misc]
    run.collect(workspace, ())
    (first, _), (_, (two,)), _ = studies(workspace)
    assert link(workspace, two, first, "reviewer-1", "").lines[1:] == (
        "Both studies were filled in by reviewer-1: in each cell the newer value holds for now.",
        "Keep one row for the study in each of their sheets, then collect.",
    )


def test_what_cannot_be_linked_is_named(tmp_path: Path) -> None:
    workspace = make(tmp_path)
    (first, (one,)), (_, (two,)), _ = studies(workspace)
    with pytest.raises(UsageError, match="There is no study 'S-XXXXXXXX'"):
        link(workspace, one, "S-XXXXXXXX", "reviewer-1", "")
    with pytest.raises(UsageError, match="There is no record 'R-XXXXXXXX'"):
        link(workspace, "R-XXXXXXXX", first, "reviewer-1", "")
    with pytest.raises(UsageError, match="'nobody' is not in the team"):
        link(workspace, two, first, "nobody", "")
    decide(workspace, two, "exclude")
    with pytest.raises(InputError, match="is not included: it is excluded at full text"):
        link(workspace, two, first, "reviewer-1", "")


FORM = """\
id: f
fields:
  - {id: invited, type: integer}
  - {id: answered, type: integer}
  - {id: rate, type: percentage}
  - {id: men, type: integer}
  - {id: women, type: integer}
  - {id: age, type: number, plausible: [0, 100]}
checks:
  - {kind: percent, parts: [answered], total: invited, percent: rate}
  - {kind: sum, parts: [men, women], total: answered}
  - {kind: order, parts: [answered, invited]}
"""
ODD = [
    ("all is well", {"invited": "17", "answered": "14", "rate": "82", "men": "6", "women": "8", "age": "40"}, []),
    ("a rate that misses its counts", {"invited": "17", "answered": "14", "rate": "92"},
     ["14 of 17 is 82.4 per cent, but rate is 92."]),
    ("parts that miss their total", {"answered": "14", "men": "6", "women": "9"},
     ["men, women add up to 15, but answered is 14."]),
    ("more answered than invited", {"invited": "10", "answered": "14"},
     ["answered, invited should not decrease, but are 14, 10."]),
    ("outside the plausible", {"age": "400"}, ["400 lies outside the plausible 0 to 100."]),
    ("a percentage above 100", {"rate": "820"}, ["820 lies outside the plausible 0 to 100."]),
    ("not reported is not odd", {"invited": "NR", "answered": "14", "rate": "82"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "expected"), [case[1:] for case in ODD], ids=[case[0] for case in ODD])
def test_odd_values_are_kept_and_pointed_out(tmp_path: Path, answers: dict[str, str], expected: list[str]) -> None:
    workspace = make(tmp_path, 1, protocol(FORM, mode="single"))
    run.sheet(workspace, "reviewer-1", "csv")
    fill(workspace.layout.sheets / "extraction" / "reviewer-1.csv", lambda number, row: answers)
    summary = run.collect(workspace, ())
    assert [doubt.partition(": ")[2] for doubt in summary.data["doubts"]] == expected
    assert len(workspace.events(Value)) == len(answers)


def test_two_filled_rows_of_what_is_one_study_now_are_told_as_that(tmp_path: Path) -> None:
    workspace = make(tmp_path)
    run.sheet(workspace, "reviewer-1", "csv")
    fill(workspace.layout.sheets / "extraction" / "reviewer-1.csv", lambda number, row: {"design": "survey"})
    run.collect(workspace, ())
    (first, _), (second, (report,)), _ = studies(workspace)
    link(workspace, report, first, "reviewer-1", "")
    with pytest.raises(SheetError, match=f"study {second} stands twice, also in row 2 as {first}, since their reports"):
        run.collect(workspace, ())


def test_an_empty_row_in_another_sheet_of_the_same_person_takes_nothing_back(tmp_path: Path) -> None:
    workspace = make(tmp_path, 1)
    run.sheet(workspace, "reviewer-1", "csv")
    first = workspace.layout.sheets / "extraction" / "reviewer-1.csv"
    second = first.with_name("reviewer-1_2.csv")
    second.write_bytes(first.read_bytes())
    fill(second, lambda number, row: {"design": "survey"})
    assert run.collect(workspace, ()).data["new"] == 1
    assert run.collect(workspace, ()).data["withdrawn"] == 0
    second.rename(first)
    fill(first, lambda number, row: {"design": "", "participants": "3"})
    fill(first, lambda number, row: {"design": "trial"})
    assert run.collect(workspace, ()).data["new"] == 2
    fill(first, lambda number, row: {"participants": ""})
    assert run.collect(workspace, ()).data["withdrawn"] == 1
