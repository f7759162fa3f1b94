"""Screening by two people: sheets out and in, changed minds, conflicts, and what a folder already holds."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import openpyxl
import pytest
from screening_reviews import add, again, everything, fill, make, rows_of, save, sheet

from evidence_review.commands.screen import collect, conflicts, issue, move, tell
from evidence_review.commands.screen.issue import Wish
from evidence_review.commands.screen.progress import labels_of
from evidence_review.commands.screen.review import StageView
from evidence_review.commands.status.run import run as whole_status
from evidence_review.errors import SheetError, UsageError
from evidence_review.model.events import Decision, DuplicateEvent
from evidence_review.state.standing import stand
from evidence_review.workspace.workspace import Workspace

ONE, TWO = "reviewer-1-title-abstract-1.csv", "reviewer-2-title-abstract-1.csv"
STAGE = "title-abstract"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A review with six records and two screeners."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    return make(tmp_path)


def decide(workspace: Workspace, name: str, words: list[str], stage: str = STAGE) -> None:
    fill(sheet(workspace, name, stage), lambda number, row: {"decision": words[number]})


def decisions(workspace: Workspace) -> list[Decision]:
    return list(again(workspace).events(Decision))


def test_each_screener_gets_a_blinded_sheet(workspace: Workspace) -> None:
    """Both sheets hold every record, with what is needed to judge it and nothing of the other person."""
    issue.run(workspace, STAGE)
    for name, person, other in ((ONE, "reviewer-1", "reviewer-2"), (TWO, "reviewer-2", "reviewer-1")):
        rows = rows_of(sheet(workspace, name))
        assert [row["record"] for row in rows] == [record.id for record in workspace.records()]
        assert {row["screener"] for row in rows} == {person}
        assert {row["decision"] for row in rows} == {""}
        assert other not in sheet(workspace, name).read_text("utf-8-sig")
        assert rows[0]["title"] == "Study 1 of twinning"
        assert rows[0]["abstract"].startswith("'=Abstract 1\n")
        assert rows[0]["link"] == "https://doi.org/10.1/1"


@pytest.mark.parametrize("step", ["sheet", "collect", "conflicts"])
def test_running_twice_changes_nothing(workspace: Workspace, step: str) -> None:
    """Issuing, collecting and asking for conflicts again leave every byte as it was."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include", "exclude", "maybe", "include", "exclude", ""])
    decide(workspace, TWO, ["include", "exclude", "exclude", "exclude", "exclude", "include"])
    collect.run(again(workspace))
    conflicts.run(again(workspace), STAGE)
    before = everything(workspace.layout.folder)
    {
        "sheet": lambda: issue.run(again(workspace), STAGE),
        "collect": lambda: collect.run(again(workspace)),
        "conflicts": lambda: conflicts.run(again(workspace), STAGE),
    }[step]()
    assert everything(workspace.layout.folder) == before


def test_words_are_taken_as_meant(workspace: Workspace) -> None:
    """Case, spaces, numbers, booleans and the protocol's own words are understood; blank means not yet."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["Include", "\u00a0in ", "YES", "1.0", "oui", ""])
    decide(workspace, TWO, ["Exclude.", "0", "FALSE", "Ausschließen", "non", "Unclear"])
    collect.run(again(workspace))
    assert [(one.screener, one.verdict) for one in decisions(workspace)] == [
        *[("reviewer-1", "include")] * 5,
        *[("reviewer-2", "exclude")] * 5,
        ("reviewer-2", "maybe"),
    ]


def test_a_changed_mind_is_a_new_decision_and_the_old_one_stays(workspace: Workspace) -> None:
    """The sheet changes, is collected again, and both decisions are in the file; the last one counts."""
    issue.run(workspace, STAGE)
    for word in ("include", "exclude"):
        decide(workspace, ONE, [word, *[""] * 5])
        summary = collect.run(again(workspace))
    made = decisions(workspace)
    assert [one.verdict for one in made] == ["include", "exclude"]
    assert made[0].record == made[1].record
    assert summary.data["files"][0]["changed"] == 1
    told = (
        f"row 2, {made[0].record}: exclude, before include (screening/small/{STAGE}/{ONE} row 2, {made[0].when[:10]})"
    )
    assert f"  {told}" in summary.lines


def test_a_blanked_decision_stays_taken_and_is_told(workspace: Workspace) -> None:
    """Deleting an answer in the sheet undoes nothing, and says so."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include", *[""] * 5])
    collect.run(again(workspace))
    decide(workspace, ONE, [""] * 6)
    summary = collect.run(again(workspace))
    assert len(decisions(workspace)) == 1
    assert summary.data["files"][0]["blanked"] == 1


def test_decisions_know_their_sheet_and_row(workspace: Workspace) -> None:
    """Rows sorted by a person, columns moved, others added, titles edited: only id and decision columns count."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include", *["exclude"] * 5])
    path = sheet(workspace, ONE)
    rows = [dict(row, title="edited", mine="a remark") for row in reversed(rows_of(path))]
    save(path, rows, [*reversed(rows[0])])
    collect.run(again(workspace))
    made = {one.record: one for one in decisions(workspace)}
    first = next(workspace.records())
    assert made[first.id].verdict == "include"
    assert (made[first.id].sheet, made[first.id].row) == (f"screening/small/{STAGE}/{ONE}", "7")
    assert first.citation.title == "Study 1 of twinning"


def test_conflicts_are_settled_by_a_third_or_by_agreement(workspace: Workspace) -> None:
    """Verdicts stand side by side; an arbiter's and two people's settlement are told apart by who signs.

    One of the two alone settles nothing, unless the other has left.
    """
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include", "exclude", "maybe", "include", "exclude", "include"])
    decide(workspace, TWO, ["exclude", "include", "include", "include", "exclude", "exclude"])
    fill(sheet(workspace, ONE), lambda number, row: {"reason": "E1", "note": "why"} if number == 1 else {})
    collect.run(again(workspace))
    conflicts.run(again(workspace), STAGE)
    path = sheet(workspace, "title-abstract-conflicts-1.csv")
    rows = rows_of(path)
    assert len(rows) == 3
    assert (rows[1]["verdict 1"], rows[1]["reason 1"], rows[1]["note 1"]) == ("exclude", "E1", "why")
    assert (rows[1]["screener 2"], rows[1]["verdict 2"]) == ("reviewer-2", "include")
    assert [row["by"] for row in rows] == ["arbiter"] * 3
    signed = ["arbiter", "reviewer-2 & Reviewer-1", "reviewer-1"]
    fill(path, lambda number, row: {"decision": "exclude", "reason": "E2: no data", "by": signed[number]})
    with pytest.raises(SheetError, match="row 4, column by: 'reviewer-1' is one of those who differ") as caught:
        collect.run(again(workspace))
    assert "Write reviewer-1; reviewer-2 if they agreed, or a third person's id." in str(caught.value)
    protocol = workspace.layout.protocol
    protocol.write_text(
        protocol.read_text("utf-8").replace("[reviewer-1, reviewer-2]", "[reviewer-1, reviewer-3]"), "utf-8"
    )
    fill(path, lambda number, row: {"decision": "exclude", "reason": "E2: no data", "by": signed[number]})
    collect.run(again(workspace))
    settled = [one for one in decisions(workspace) if one.role in ("arbiter", "consensus")]
    assert [(one.screener, one.role, one.reason) for one in settled] == [
        ("arbiter", "arbiter", "E2"),
        ("reviewer-1+reviewer-2", "consensus", "E2"),
        ("reviewer-1", "consensus", "E2"),
    ]
    assert "conflict at title and abstract" not in stand(again(workspace).snapshot()).state_of.values()


def test_names_of_a_consensus_have_no_order(workspace: Workspace) -> None:
    """The same two people in another order have said nothing new."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include", *[""] * 5])
    decide(workspace, TWO, ["exclude", *[""] * 5])
    collect.run(again(workspace))
    conflicts.run(again(workspace), STAGE)
    path = sheet(workspace, "title-abstract-conflicts-1.csv")
    for signed in ("reviewer-2; reviewer-1", "Reviewer-1 and reviewer-2"):
        fill(path, lambda number, row, by=signed: {"decision": "include", "by": by})
        collect.run(again(workspace))
    assert [one.screener for one in decisions(workspace) if one.role == "consensus"] == ["reviewer-1+reviewer-2"]


def test_who_left_does_not_settle_their_own_conflict(workspace: Workspace) -> None:
    """Having left makes nobody a third person; together with the other they may."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include", *[""] * 5])
    decide(workspace, TWO, ["exclude", *[""] * 5])
    collect.run(again(workspace))
    conflicts.run(again(workspace), STAGE)
    protocol = workspace.layout.protocol
    protocol.write_text(
        protocol.read_text("utf-8").replace("[reviewer-1, reviewer-2]", "[reviewer-1, reviewer-3]"), "utf-8"
    )
    path = sheet(workspace, "title-abstract-conflicts-1.csv")
    fill(path, lambda number, row: {"decision": "exclude", "by": "reviewer-2"})
    with pytest.raises(SheetError, match="'reviewer-2' is one of those who differ, and settled it alone"):
        collect.run(again(workspace))
    fill(path, lambda number, row: {"by": "reviewer-2, reviewer-1"})
    collect.run(again(workspace))
    assert [one.role for one in decisions(workspace)] == ["screener", "screener", "consensus"]


def test_a_lost_conflicts_sheet_is_written_again(workspace: Workspace) -> None:
    """What was settled meanwhile stays settled; the verdicts stand there as at first, without the settlement."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include", "exclude", "maybe", "include", "exclude", "include"])
    decide(workspace, TWO, ["exclude", "include", "include", "include", "exclude", "exclude"])
    collect.run(again(workspace))
    conflicts.run(again(workspace), STAGE)
    path = sheet(workspace, "title-abstract-conflicts-1.csv")
    before = rows_of(path)
    fill(path, lambda number, row: {"decision": "include"} if number == 0 else {})
    collect.run(again(workspace))
    path.unlink()
    told = conflicts.run(again(workspace), STAGE)
    assert told.lines[-1].endswith("title-abstract-conflicts-1.csv: was gone and is written again")
    assert rows_of(path) == before
    fill(path, lambda number, row: {"decision": "exclude"} if number else {})
    assert collect.run(again(workspace)).data["decisions"] == 2
    assert "conflict at title and abstract" not in stand(again(workspace).snapshot()).state_of.values()
    path.unlink()
    conflicts.run(again(workspace), STAGE)
    assert not path.exists()


def test_a_refusal_is_told_before_what_was_taken(workspace: Workspace) -> None:
    """The first line says what went wrong, not the name of a file in which all is well."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include", *[""] * 5])
    decide(workspace, TWO, ["perchance", *[""] * 5])
    with pytest.raises(SheetError) as caught:
        collect.run(again(workspace))
    lines = str(caught.value).splitlines()
    assert lines[0] == "1 file refused; nothing of it was taken. The others were taken:"
    assert lines[1].startswith("  screening/small/title-abstract/reviewer-1-title-abstract-1.csv: 1 new decision")
    assert lines[2] == "Refused:"
    assert "reviewer-2-title-abstract-1.csv row 2, column decision: 'perchance'" in lines[3]


def test_an_arbiter_who_differs_is_not_proposed_to_settle_it(tmp_path: Path) -> None:
    """What the program writes into a sheet is not refused by the program when it comes back."""
    workspace = make(tmp_path, 4, "mode: dual, screeners: [reviewer-1, reviewer-2], arbiter: reviewer-2")
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include"] * 4)
    decide(workspace, TWO, ["exclude"] * 4)
    collect.run(again(workspace))
    conflicts.run(again(workspace), STAGE)
    assert {row["by"] for row in rows_of(sheet(workspace, "title-abstract-conflicts-1.csv"))} == {""}


def test_rows_of_a_screener_who_left_are_open_for_nobody_and_told_as_unissued(workspace: Workspace) -> None:
    """They are in nobody's sheet any more, so that the next step is to share them out."""
    issue.run(workspace, STAGE)
    protocol = workspace.layout.protocol
    text = protocol.read_text("utf-8").replace("[reviewer-1, reviewer-2]", "[reviewer-3, arbiter]")
    protocol.write_text(text, "utf-8")
    told = tell.status(again(workspace))
    assert told.data[STAGE]["unissued"] == 6
    assert all(work["open"] == 0 for work in told.data[STAGE]["people"].values())
    assert told.next == "evidence-review screen sheet"


@pytest.mark.parametrize("left", [True, False], ids=["somebody left", "two people where one was enough"])
def test_records_that_wait_for_one_more_person_are_told_with_the_way_on(left: bool, tmp_path: Path) -> None:
    """Every row that is out is filled in, and yet another person must judge: the next step is to give it to them."""
    before, after = ("dual", "dual") if left else ("single", "dual")
    who = "screeners: [reviewer-1, reviewer-2], arbiter: arbiter" if left else "screeners: [reviewer-1, reviewer-2]"
    workspace = make(tmp_path, plan=f"mode: {before}, {who}")
    issue.run(workspace, STAGE)
    for name in (ONE,) if left else (ONE, TWO):
        fill(sheet(workspace, name), lambda number, row: {"decision": "include"})
    collect.run(again(workspace))
    protocol = workspace.layout.protocol
    text = protocol.read_text("utf-8").replace(f"mode: {before}", f"mode: {after}")
    protocol.write_text(text.replace("[reviewer-1, reviewer-2]", "[reviewer-1, reviewer-3]") if left else text, "utf-8")
    told = tell.status(again(workspace))
    assert (told.data[STAGE]["unissued"], told.data[STAGE]["another"]) == (0, 6)
    assert told.next == "evidence-review screen sheet"
    assert "→ evidence-review screen sheet, then collect" in "\n".join(whole_status(again(workspace)).lines)
    issue.run(again(workspace), STAGE)
    assert tell.status(again(workspace)).data[STAGE]["another"] == 0
    assert "→ fill in the sheets that are out" in "\n".join(whole_status(again(workspace)).lines)


def test_a_conflict_in_no_sheet_is_told_beside_one_that_stands_in_one(workspace: Workspace) -> None:
    """And a sheet in which everything is settled is no place to settle the next."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include"] * 2 + [""] * 4)
    decide(workspace, TWO, ["exclude"] + [""] * 5)
    collect.run(again(workspace))
    conflicts.run(again(workspace), STAGE)
    decide(workspace, TWO, ["exclude"] * 2 + [""] * 4)
    collect.run(again(workspace))
    first, second = (f"screening/small/{STAGE}/{STAGE}-conflicts-{number}.csv" for number in (1, 2))
    told = tell.status(again(workspace)).lines
    assert f"  2 conflicts to settle for arbiter, in {first}, 1 of them in no sheet yet" in told
    fill(sheet(workspace, f"{STAGE}-conflicts-1.csv"), lambda number, row: {"decision": "include", "by": "arbiter"})
    collect.run(again(workspace))
    assert "  1 conflict to settle for arbiter, in no sheet yet" in tell.status(again(workspace)).lines
    conflicts.run(again(workspace), STAGE)
    assert f"  1 conflict to settle for arbiter, in {second}" in tell.status(again(workspace)).lines
    assert conflicts.run(again(workspace), STAGE).lines == (f"1 conflict to settle in {second}",)


def test_new_records_get_a_new_sheet_and_the_old_one_is_left(workspace: Workspace) -> None:
    """A filled sheet is never written again; what came later goes into the next batch."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include"] * 6)
    before = sheet(workspace, ONE).read_bytes()
    fresh = add(workspace, range(7, 9))
    issue.run(again(workspace), STAGE)
    assert sheet(workspace, ONE).read_bytes() == before
    assert [row["record"] for row in rows_of(sheet(workspace, "reviewer-1-title-abstract-2.csv"))] == fresh


def test_sheets_already_in_the_folder_are_recognised(workspace: Workspace, tmp_path: Path) -> None:
    """A fresh library takes the filled sheets that lie in the folder: nothing is issued twice, and all is collected."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include", "exclude", "maybe", "include", "exclude", "include"])
    decide(workspace, TWO, ["exclude"] * 6)
    collect.run(again(workspace))
    conflicts.run(again(workspace), STAGE)
    fill(sheet(workspace, "title-abstract-conflicts-1.csv"), lambda number, row: {"decision": "exclude"})
    collect.run(again(workspace))
    kept = everything(workspace.layout.sheets)
    shutil.rmtree(workspace.layout.library)
    add(workspace, range(1, 7))
    summary = issue.run(again(workspace), STAGE)
    assert [entry["batch"] for entry in summary.data["recognised"]] == [
        "title-abstract-1", "title-abstract-1", "title-abstract-conflicts-1",
    ]  # fmt: skip
    assert summary.data["issued"] == []
    collect.run(again(workspace))
    assert everything(workspace.layout.sheets) == kept
    assert set(stand(again(workspace).snapshot()).state_of.values()) == {"excluded at title and abstract"}


def test_a_sheet_of_another_review_in_the_folder_is_named(workspace: Workspace, tmp_path: Path) -> None:
    """A file whose records are unknown here is neither taken nor written over."""
    other = make(tmp_path / "other")
    add(other, [99])
    issue.run(again(other), STAGE)
    target = sheet(workspace, ONE)
    target.parent.mkdir(parents=True)
    shutil.copy(sheet(other, ONE), target)
    before = target.read_bytes()
    with pytest.raises(SheetError, match="1 of its records are not in this review"):
        issue.run(again(workspace), STAGE)
    assert target.read_bytes() == before


def test_an_open_sheet_that_is_gone_is_written_again(workspace: Workspace) -> None:
    """A lost file comes back with the same records."""
    issue.run(workspace, STAGE)
    before = sheet(workspace, ONE).read_bytes()
    sheet(workspace, ONE).unlink()
    issue.run(again(workspace), STAGE)
    assert sheet(workspace, ONE).read_bytes() == before


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_lost_sheet_comes_back_with_what_was_collected_from_it(kind: str, workspace: Workspace) -> None:
    """Nobody judges twice what is taken already; nothing of it is a new decision."""
    issue.run(workspace, STAGE, Wish(format=kind))
    lost = sheet(workspace, ONE).with_suffix(f".{kind}")
    if kind == "csv":
        fill(lost, lambda number, row: {"decision": "exclude", "reason": "E1", "note": "=1"} if number == 1 else {})
    else:
        book = openpyxl.load_workbook(lost)
        for cell, text in zip(book["screening"][3][1:4], ("exclude", "E1: no partnership", "'=1"), strict=True):
            cell.value = text
        book.save(lost)
    collect.run(again(workspace))
    made = decisions(workspace)
    assert [(one.verdict, one.reason, one.note) for one in made] == [("exclude", "E1", "=1")]
    lost.unlink()
    assert any("was gone and is written again" in line for line in issue.run(again(workspace), STAGE).lines)
    told = collect.run(again(workspace)).data["files"][0]
    assert (told["same"], told["waiting"], decisions(workspace)) == (1, 5, made)


def test_a_duplicate_marked_in_a_sheet_becomes_a_merge_once(workspace: Workspace) -> None:
    """The merge is the screener's; when somebody undoes it, collecting the sheet again does not bring it back."""
    issue.run(workspace, STAGE)
    ids = [record.id for record in workspace.records()]
    fill(sheet(workspace, ONE), lambda number, row: {"duplicate of": f" {ids[0].lower()} "} if number == 1 else {})
    collect.run(again(workspace))
    (event,) = again(workspace).events(DuplicateEvent)
    assert (event.event, event.record, event.kept, event.by) == ("merged", ids[1], ids[0], "reviewer-1")
    assert stand(again(workspace).snapshot()).clusters.keeper_of[ids[1]] == ids[0]
    with again(workspace).transaction("dedup") as change:
        change.add_events([DuplicateEvent("undone", ids[1], ids[0], "person", "", "reviewer-2", change.when)])
    collect.run(again(workspace))
    assert len(again(workspace).events(DuplicateEvent)) == 2


def test_only_the_named_screener_gets_a_sheet(workspace: Workspace) -> None:
    """`--screener` issues one person's sheet; somebody else's name is refused with a suggestion."""
    issue.run(workspace, STAGE, Wish(screener="reviewer-2"))
    assert not sheet(workspace, ONE).exists()
    assert sheet(workspace, TWO).exists()
    with pytest.raises(UsageError, match="Did you mean 'reviewer-1'"):
        issue.run(again(workspace), STAGE, Wish(screener="reviewer-11"))


def test_batches_come_one_after_another(workspace: Workspace) -> None:
    """With a batch size the next sheet comes when the last one is done, and both screeners get the same records."""
    wish = Wish(size=4)
    issue.run(workspace, STAGE, wish)
    notes = issue.run(again(workspace), STAGE, wish).data["notes"]
    assert len(notes) == 2
    assert "4 rows open" in notes[0]
    decide(workspace, ONE, ["include"] * 4)
    collect.run(again(workspace))
    issue.run(again(workspace), STAGE, wish)
    second = rows_of(sheet(workspace, "reviewer-1-title-abstract-2.csv"))
    assert len(second) == 2
    assert not sheet(workspace, "reviewer-2-title-abstract-2.csv").exists()
    decide(workspace, TWO, ["include"] * 4)
    collect.run(again(workspace))
    issue.run(again(workspace), STAGE, wish)
    first_two = [row["record"] for row in rows_of(sheet(workspace, "reviewer-2-title-abstract-2.csv"))]
    assert first_two == [row["record"] for row in second]


def test_an_xlsx_sheet_is_collected_like_a_csv(workspace: Workspace) -> None:
    """XLSX goes out with drop-downs and comes back by the same rules."""
    from openpyxl import load_workbook

    issue.run(workspace, STAGE, Wish(format="xlsx"))
    path = sheet(workspace, ONE.replace(".csv", ".xlsx"))
    book = load_workbook(path)
    assert book.sheetnames == ["screening", "criteria", "lists"]
    page = book["screening"]
    page["B2"], page["C2"] = "Exclude", "E1: no partnership"
    book.save(path)
    collect.run(again(workspace))
    (made,) = decisions(workspace)
    assert (made.verdict, made.reason, made.row) == ("exclude", "E1", "2")


def test_merged_answers_are_refused(workspace: Workspace) -> None:
    """One answer across two rows may be meant for both; a block without an answer means nothing."""
    from openpyxl import load_workbook

    issue.run(workspace, STAGE, Wish(format="xlsx"))
    path = sheet(workspace, ONE.replace(".csv", ".xlsx"))
    book = load_workbook(path)
    page = book["screening"]
    page["B2"], page["B6"] = "exclude", "include"
    page.merge_cells("B2:C3")
    page.merge_cells("D5:D6")
    book.save(path)
    with pytest.raises(SheetError, match="row 2, column B: the cells of rows 2 to 3 are merged") as refused:
        collect.run(again(workspace))
    assert len(refused.value.problems) == 1
    page.unmerge_cells("B2:C3")
    book.save(path)
    collect.run(again(workspace))
    assert len(decisions(workspace)) == 2


def test_headings_that_were_moved_down_are_found(workspace: Workspace) -> None:
    """A title above them, or a header sorted among the rows, is refused with the row where they stand."""
    from openpyxl import load_workbook

    issue.run(workspace, STAGE, Wish(format="xlsx"))
    path = sheet(workspace, ONE.replace(".csv", ".xlsx"))
    book = load_workbook(path)
    book["screening"].insert_rows(1, 2)
    book["screening"]["A1"] = "My screening"
    book.save(path)
    with pytest.raises(
        SheetError, match="worksheet 'screening', row 3: the headings stand here, with other rows above"
    ):
        collect.run(again(workspace))


def test_headings_that_were_sorted_among_the_rows_are_found(workspace: Workspace) -> None:
    """A CSV sorted with its header is refused, with the header's row; the rows above it are no titles."""
    issue.run(workspace, STAGE)
    path = sheet(workspace, ONE)
    table = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    table[0], table[1] = table[1], table[0]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(table)
    path.write_text(text.getvalue(), "utf-8", newline="")
    with pytest.raises(SheetError, match=r"csv row 2: the headings stand here, with other rows above them\. Move them"):
        collect.run(again(workspace))


def test_a_formula_without_a_result_is_told_with_everything_else(workspace: Workspace) -> None:
    """One list has all faults of a workbook; a formula on a page of the screener's own is none."""
    from openpyxl import load_workbook

    issue.run(workspace, STAGE, Wish(format="xlsx"))
    path = sheet(workspace, ONE.replace(".csv", ".xlsx"))
    book = load_workbook(path)
    page = book["screening"]
    page["B2"], page["B3"], page["B4"] = '=IF(1=1,"include","")', "incldue", "exclude"
    book.create_sheet("mine")["A1"] = "=COUNTA(screening!B:B)"
    book.save(path)
    with pytest.raises(SheetError) as refused:
        collect.run(again(workspace))
    assert "row 2, column B: a formula without a result" in str(refused.value)
    assert "row 3, column decision: 'incldue' is not one of" in str(refused.value)
    page["B2"], page["B3"] = "include", "exclude"
    book.save(path)
    collect.run(again(workspace))
    assert len(decisions(workspace)) == 3


def test_status_says_what_waits_for_whom(workspace: Workspace) -> None:
    """Open rows, sheets and conflicts are told by person."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include"] * 6)
    decide(workspace, TWO, ["exclude", *[""] * 5])
    collect.run(again(workspace))
    told = tell.status(again(workspace)).data[STAGE]
    assert told["people"]["reviewer-1"]["open"] == 0
    assert told["people"]["reviewer-2"]["open"] == 5
    assert told["conflicts"] == 1
    assert sum(told["states"].values()) == told["reached"] == 6
    decide(workspace, TWO, ["exclude", *["include"] * 5])
    collect.run(again(workspace))
    assert tell.status(again(workspace)).next == "evidence-review screen conflicts"
    conflicts.run(again(workspace), STAGE)
    assert tell.status(again(workspace)).next.startswith("settle the conflicts in their sheet, then")


def test_a_record_can_be_sent_to_full_text(workspace: Workspace) -> None:
    """On a person's word an excluded record goes on; the exclusion stays on record; unknown ids change nothing."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["exclude"] * 6)
    decide(workspace, TWO, ["exclude"] * 6)
    collect.run(again(workspace))
    record = next(workspace.records()).id
    with pytest.raises(SheetError, match="R-00000000: there is no such record"):
        move.run(again(workspace), [record, "R-00000000"], "arbiter")
    move.run(again(workspace), [record.lower()], "arbiter", "cited as a trial")
    standing = stand(again(workspace).snapshot())
    assert standing.state_of[record] == "awaiting full text"
    assert sum(one.record == record for one in decisions(workspace)) == 3
    assert move.run(again(workspace), [record], "arbiter").data["moved"] == []


def test_a_record_can_be_sent_back(workspace: Workspace) -> None:
    """What was settled is withdrawn, on the record; what screeners judged is theirs; twice is once."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["exclude", "exclude", "include", "", "", ""])
    decide(workspace, TWO, ["exclude", "include", "include", "", "", ""])
    collect.run(again(workspace))
    agreed, disputed, wanted, unread, *_ = [one.id for one in workspace.records()]
    move.run(again(workspace), [agreed, disputed, unread], "arbiter")
    told = move.back(again(workspace), [agreed, disputed, unread, agreed.lower()], STAGE, "arbiter", "a slip")
    assert told.data["moved"] == [agreed, disputed, unread]
    states = stand(again(workspace).snapshot()).state_of
    assert states[agreed] == "excluded at title and abstract"
    assert states[disputed] == "conflict at title and abstract"
    assert states[unread] == "awaiting title and abstract screening"
    assert unread not in labels_of(StageView.read(again(workspace), STAGE))
    before = len(decisions(workspace))
    assert move.back(again(workspace), [agreed], STAGE, "arbiter").data["moved"] == []
    assert len(decisions(workspace)) == before
    with pytest.raises(SheetError, match="reviewer-1 and reviewer-2 judged it") as refused:
        move.back(again(workspace), [wanted, list(states)[4]], STAGE, "arbiter")
    assert "nobody has judged it" in str(refused.value)
    move.run(again(workspace), [agreed], "arbiter")
    assert stand(again(workspace).snapshot()).state_of[agreed] == "awaiting full text"


def test_a_settled_conflict_can_be_opened_again(workspace: Workspace) -> None:
    """Once withdrawn, the arbiter's old answer in the sheet settles nothing anew; another one does."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include", "exclude", *[""] * 4])
    decide(workspace, TWO, ["exclude", "include", *[""] * 4])
    collect.run(again(workspace))
    conflicts.run(again(workspace), STAGE)
    path = sheet(workspace, "title-abstract-conflicts-1.csv")
    first, second = [{**row, "decision": "include"} for row in rows_of(path)]
    save(path, [first, {**second, "decision": ""}])
    collect.run(again(workspace))
    move.back(again(workspace), [first["record"]], STAGE, "arbiter")
    save(path, [first, second])
    collect.run(again(workspace))
    states = stand(again(workspace).snapshot()).state_of
    assert states[first["record"]] == "conflict at title and abstract"
    assert states[second["record"]] == "awaiting full text"
    save(path, [{**first, "decision": "exclude"}, second])
    collect.run(again(workspace))
    assert stand(again(workspace).snapshot()).state_of[first["record"]] == "excluded at title and abstract"


def test_where_a_settling_word_and_its_screeners_pass_each_other_by_is_told(workspace: Workspace) -> None:
    """A conflict that dissolved before it was settled, a mind changed after it, a word that was taken back."""
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include"] * 3 + [""] * 3)
    decide(workspace, TWO, ["exclude"] * 3 + [""] * 3)
    collect.run(again(workspace))
    conflicts.run(again(workspace), STAGE)
    decide(workspace, TWO, ["include", "exclude", "exclude"] + [""] * 3)
    fill(sheet(workspace, f"{STAGE}-conflicts-1.csv"), lambda number, row: {"decision": "exclude", "by": "arbiter"})
    ids = [record.id for record in workspace.records()]
    told = "\n".join(collect.run(again(workspace)).lines)
    assert f"row 2, {ids[0]}: settled as exclude, though without it the record would be included by now" in told
    assert told.count("settled as") == 1
    decide(workspace, TWO, ["include", "include", "exclude"] + [""] * 3)
    told = "\n".join(collect.run(again(workspace)).lines)
    assert f"row 3, {ids[1]}: 'exclude' was settled by arbiter and stays" in told
    move.back(again(workspace), [ids[2]], STAGE, "arbiter")
    told = "\n".join(collect.run(again(workspace)).lines)
    assert f"row 4, {ids[2]}: 'exclude' was taken back by 'screen move' and settles nothing now" in told


def test_a_changed_mind_that_takes_out_what_was_judged_at_full_text_is_told(tmp_path: Path) -> None:
    """An included study does not vanish because a row of an old sheet was overwritten; and it can be kept."""
    workspace = make(tmp_path, records=2, plan="mode: single, screeners: [reviewer-1]")
    issue.run(workspace, STAGE)
    decide(workspace, ONE, ["include"] * 2)
    collect.run(again(workspace))
    first = next(iter(workspace.records())).id
    with again(workspace).transaction("screen-collect") as tx:
        tx.add_events(
            [Decision(first, "full-text", "reviewer-1", "include", "", "", "screener", "1", "s", "2", tx.when)]
        )
    decide(workspace, ONE, ["exclude"] * 2)
    told = [line for line in collect.run(again(workspace)).lines if "taken out" in line]
    assert len(told) == 1 and told[0].startswith(f"  row 2, {first}: it was judged at full text already (included)")
    move.run(again(workspace), [first], "reviewer-1")
    assert stand(again(workspace).snapshot()).state_of[first] == "included"
    assert move.run(again(workspace), [first], "reviewer-1").lines[1] == f"  {first} got there before: included"


def test_an_older_copy_changes_no_mind_back(workspace: Workspace, tmp_path: Path) -> None:
    """A file taken before, unchanged since, does not undo what its screener decided later in another file.

    Changed and changed back, the same file is a mind changed twice.
    """
    issue.run(workspace, STAGE)
    path = sheet(workspace, ONE)
    decide(workspace, ONE, ["include"] * 6)
    collect.run(again(workspace))
    later = tmp_path / "mail" / ONE
    later.parent.mkdir()
    save(later, [{**row, "decision": "exclude"} for row in rows_of(path)])
    collect.run(again(workspace), [later])
    summary = collect.run(again(workspace))
    assert [one.verdict for one in decisions(workspace)] == ["include"] * 6 + ["exclude"] * 6
    assert "6 older than what was decided since in another file" in summary.lines[0]
    first = path.read_bytes()
    for verdict in ("maybe", "include"):
        decide(workspace, ONE, [verdict] * 6)
        collect.run(again(workspace))
    assert path.read_bytes() == first
    assert [one.verdict for one in decisions(workspace)][-12:] == ["maybe"] * 6 + ["include"] * 6


def test_two_copies_from_two_computers_are_told_apart_by_their_folders(workspace: Workspace, tmp_path: Path) -> None:
    issue.run(workspace, STAGE)
    found = []
    for name, word in (("laptop", "include"), ("office", "exclude")):
        decide(workspace, ONE, [word, *[""] * 5])
        found.append(tmp_path.with_name(f"{tmp_path.name}-away") / name / ONE)
        found[-1].parent.mkdir(parents=True)
        shutil.copy(sheet(workspace, ONE), found[-1])
    with pytest.raises(SheetError, match=f"'exclude' here and 'include' in laptop/{ONE}") as refused:
        collect.run(again(workspace), found)
    assert "2 files refused" in refused.value.message and not decisions(workspace)


def test_a_sheet_in_two_files_is_taken_part_by_part(workspace: Workspace, tmp_path: Path) -> None:
    """Rows that stand in the other file are not blank here, and what was decided there is not told as emptied."""
    issue.run(workspace, STAGE)
    rows = [{**row, "decision": "include"} for row in rows_of(sheet(workspace, ONE))]
    save(tmp_path / "first.csv", rows[:2])
    save(tmp_path / "second.csv", rows[2:])
    collect.run(again(workspace), [tmp_path / "first.csv"])
    summary = collect.run(again(workspace), [tmp_path / "second.csv"])
    assert summary.lines == (
        "second.csv: 4 new decisions",
        "  2 rows of the sheet as issued are not in this file; nothing changes there",
    )
