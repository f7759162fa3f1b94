"""Full texts: what was sought, where, and what came, noted in a sheet that comes back whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from screening_reviews import again, everything, fill, make, rows_of, save, sheet

from evidence_review.commands.fulltext import collect, status
from evidence_review.commands.fulltext import sheet as issue
from evidence_review.errors import SheetError
from evidence_review.model.events import Decision, Retrieval
from evidence_review.state.standing import AWAITING_ELIGIBILITY, stand
from evidence_review.workspace.workspace import Workspace

SINGLE = "mode: single, screeners: [reviewer-1]"
NAME, STAGE = "retrieval.csv", "full-text"


def let_through(workspace: Workspace, how_many: int) -> list[str]:
    """Include the first records at title and abstract, exclude the others; return the included ones."""
    records = [record.id for record in workspace.records()]
    with workspace.transaction("screen") as change:
        change.add_events(
            Decision(record, "title-abstract", "reviewer-1", "include" if place < how_many else "exclude", "", "",
                     "screener", "", "", "", change.when)
            for place, record in enumerate(records)
        )  # fmt: skip
    return records[:how_many]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A review in which four of six records go on to full text, with the retrieval sheet out."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    workspace = make(tmp_path, 6, SINGLE)
    let_through(workspace, 4)
    issue.run(again(workspace))
    return again(workspace)


def outcomes(workspace: Workspace, words: list[str], **cells: str) -> None:
    fill(sheet(workspace, NAME, STAGE), lambda number, row: {"outcome": words[number], **cells})


def test_the_sheet_has_the_reports_that_screening_let_through(workspace: Workspace) -> None:
    """Four reports, each with what is needed to find it, none of the excluded."""
    rows = rows_of(sheet(workspace, NAME, STAGE))
    assert [row["record"] for row in rows] == [record.id for record in workspace.records()][:4]
    assert rows[0]["link"] == "https://doi.org/10.1/1"
    assert "abstract" not in rows[0]


def test_outcomes_are_taken_and_counted(workspace: Workspace) -> None:
    """Retrieved, not retrieved and sought are told apart; blank is not yet; where and note are kept."""
    outcomes(workspace, ["Retrieved", "not found", "requested", ""], where="library", note="=asked twice")
    collect.run(workspace)
    events = again(workspace).events(Retrieval)
    assert [event.outcome for event in events] == ["retrieved", "not-retrieved", "sought"]
    assert {(event.where, event.note, event.row) for event in events[:1]} == {("library", "=asked twice", "2")}
    told = status.run(again(workspace)).data
    assert (told["reports"], told["retrieved"], told["not_retrieved"], told["awaited"]) == (4, 1, 1, 2)


@pytest.mark.parametrize("step", [issue.run, collect.run])
def test_running_twice_changes_nothing(workspace: Workspace, step) -> None:  # type: ignore[no-untyped-def]
    """Issuing or collecting again leaves every byte as it was."""
    outcomes(workspace, ["yes", "no", "asked", ""])
    collect.run(workspace)
    before = everything(workspace.layout.folder)
    step(again(workspace))
    assert everything(workspace.layout.folder) == before


def test_a_later_outcome_is_added_and_the_earlier_one_stays(workspace: Workspace) -> None:
    """What was sought and then came is two events; the last one counts."""
    outcomes(workspace, ["sought", "", "", ""])
    collect.run(workspace)
    outcomes(workspace, ["got", "", "", ""])
    collect.run(again(workspace))
    events = again(workspace).events(Retrieval)
    assert [event.outcome for event in events] == ["sought", "retrieved"]
    assert stand(again(workspace).snapshot()).retrieval[events[0].record].outcome == "retrieved"


def test_later_reports_get_a_second_sheet(workspace: Workspace) -> None:
    """A sheet in people's hands is not written again: new reports stand in the next one."""
    before = sheet(workspace, NAME, STAGE).read_bytes()
    let_through(workspace, 6)
    issue.run(again(workspace))
    assert sheet(workspace, NAME, STAGE).read_bytes() == before
    assert len(rows_of(sheet(workspace, "retrieval-2.csv", STAGE))) == 2


def test_a_fresh_library_recognises_the_sheet(workspace: Workspace) -> None:
    """With the library made anew, the filled sheet is taken and nothing is issued beside it."""
    outcomes(workspace, ["yes"] * 4)
    collect.run(workspace)
    shutil.rmtree(workspace.layout.library)
    anew = make(workspace.layout.folder, 6, SINGLE)
    let_through(anew, 4)
    assert issue.run(again(anew)).data["issued"] == ""
    collect.run(again(anew))
    assert len(again(anew).events(Retrieval)) == 4


def test_an_xlsx_sheet_is_collected_like_a_csv(tmp_path: Path) -> None:
    """XLSX goes out with the outcomes as a drop-down and comes back by the same rules."""
    from openpyxl import load_workbook

    workspace = make(tmp_path, 2, SINGLE)
    let_through(workspace, 2)
    issue.run(again(workspace), "xlsx")
    path = sheet(workspace, "retrieval.xlsx", STAGE)
    book = load_workbook(path)
    book["retrieval"]["B2"] = "retrieved"
    book.save(path)
    collect.run(again(workspace))
    assert [event.outcome for event in again(workspace).events(Retrieval)] == ["retrieved"]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"outcome": "retreived"}, "row 2, column outcome: 'retreived' is not one of sought, retrieved, not-retrieved"),
        ({"record": "R-00000000", "outcome": "yes"}, "there is no record R-00000000 in this review"),
        ({"record": "", "outcome": "yes"}, "an outcome without a record id"),
        ({"outcome": "yes", "by": "someone"}, "row 2, column by: 'someone' is not in the team"),
    ],
)
def test_wrong_cells_are_refused_with_their_place(workspace: Workspace, cells: dict[str, str], message: str) -> None:
    """Nothing of the file is taken, and every fault is named."""
    fill(sheet(workspace, NAME, STAGE), lambda number, row: cells if number == 0 else {"outcome": "yes"})
    with pytest.raises(SheetError) as caught:
        collect.run(workspace)
    assert message in str(caught.value)
    assert not again(workspace).events(Retrieval)


def test_doubled_and_excluded_records_are_refused(workspace: Workspace) -> None:
    """A row twice is ambiguous; a report that screening did not let through was never sought."""
    path = sheet(workspace, NAME, STAGE)
    rows = rows_of(path)
    last = list(workspace.records())[-1].id
    save(path, [*rows, {**rows[0], "outcome": "no"}, {**rows[0], "record": last, "outcome": "yes"}])
    with pytest.raises(SheetError) as caught:
        collect.run(workspace)
    assert "stands twice, also in row 2" in str(caught.value)
    assert "was not let through by title and abstract screening" in str(caught.value)


def test_a_report_excluded_since_its_sheet_was_written_stops_no_other(workspace: Workspace) -> None:
    """The people who looked for it made no mistake: what they noted is kept, and counts when that is undone."""
    first, second = (record.id for record in list(workspace.records())[:2])
    let_through(workspace, 1)
    outcomes(workspace, ["yes"] * 4)
    summary = collect.run(again(workspace))
    assert len([line for line in summary.lines if "was excluded after the sheet was written" in line]) == 3
    assert stand(again(workspace).snapshot()).having(AWAITING_ELIGIBILITY) == [first]
    let_through(again(workspace), 2)
    assert stand(again(workspace).snapshot()).having(AWAITING_ELIGIBILITY) == [first, second]


def test_the_cut_off_turns_what_is_missing_into_not_retrieved(workspace: Workspace) -> None:
    """After the protocol's day, what was never found counts as not retrieved, and status says why."""
    outcomes(workspace, ["yes", "", "", ""])
    collect.run(workspace)
    path = workspace.layout.protocol
    path.write_text(path.read_text("utf-8") + "full_text: {cut_off: 2020-01-01}\n", encoding="utf-8")
    told = status.run(again(workspace)).data
    assert (told["not_retrieved"], told["by_cut_off"], told["awaited"]) == (3, 3, 0)
