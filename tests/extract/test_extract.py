"""`extract`: sheets out, filled, in; two people; consensus; every wrong cell named and nothing taken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from extraction_reviews import decide, everything, fill, include, make, protocol, rows_of, write

from evidence_review.commands.extract import run
from evidence_review.errors import ProtocolError, SheetError, UsageError
from evidence_review.model.events import Value
from evidence_review.state.standing import stand
from evidence_review.state.values import DIFFERENT, SETTLED, VERIFIED, fold
from evidence_review.workspace.workspace import Workspace

GOOD = {
    "design": "survey",
    "country": "uk; Rwanda",
    "participants": "1,234",
    "finding": "It worked",
    "finding page": "4",
}


def folder_of(workspace: Workspace) -> Path:
    return workspace.layout.sheets / "extraction"


def filled(tmp_path: Path, person: str = "reviewer-1", **changes: str) -> Workspace:
    workspace = make(tmp_path)
    run.sheet(workspace, person, "csv")
    fill(folder_of(workspace) / f"{person}.csv", lambda number, row: {**GOOD, **(changes if number == 1 else {})})
    return workspace


def problems(workspace: Workspace) -> list[str]:
    before = everything(workspace.layout.folder)
    with pytest.raises(SheetError) as caught:
        run.collect(workspace, ())
    assert everything(workspace.layout.folder) == before
    return [str(problem) for problem in caught.value.problems]


def test_a_sheet_has_a_row_a_study_with_its_keys_filled_in(tmp_path: Path) -> None:
    workspace = make(tmp_path)
    run.sheet(workspace, "", "csv")
    names = sorted(path.name for path in folder_of(workspace).iterdir())
    assert names == [
        "fields.csv",
        "reviewer-1-outcome.csv",
        "reviewer-1.csv",
        "reviewer-2-outcome.csv",
        "reviewer-2.csv",
    ]
    rows = rows_of(folder_of(workspace) / "reviewer-1.csv")
    studies = stand(workspace.snapshot()).studies
    assert [(row["study_id"], row["study"]) for row in rows] == [(study.id, study.label) for study in studies]
    assert list(rows[0])[4:9] == ["design", "country", "participants", "finding", "finding page"]


def test_run_twice_changes_nothing(tmp_path: Path) -> None:
    workspace = filled(tmp_path)
    run.sheet(workspace, "", "csv")
    run.collect(workspace, ())
    before = everything(tmp_path)
    run.sheet(workspace, "", "csv")
    assert run.collect(workspace, ()).data["new"] == 0
    assert everything(tmp_path) == before


def test_sheets_that_were_committed_before_the_library_existed_are_recognised(tmp_path: Path) -> None:
    workspace = filled(tmp_path / "one")
    fresh = make(tmp_path / "two")
    folder_of(fresh).mkdir(parents=True)
    sheet = (folder_of(workspace) / "reviewer-1.csv").read_bytes()
    (folder_of(fresh) / "reviewer-1.csv").write_bytes(sheet)
    summary = run.sheet(fresh, "reviewer-1", "csv")
    assert [Path(path).name for path in summary.data["written"]] == ["reviewer-1-outcome.csv"]
    assert (folder_of(fresh) / "reviewer-1.csv").read_bytes() == sheet


def test_a_study_included_later_gets_a_sheet_of_its_own(tmp_path: Path) -> None:
    workspace = filled(tmp_path)
    new = include(workspace, [9])[0]
    summary = run.sheet(workspace, "reviewer-1", "csv")
    assert [Path(path).name for path in summary.data["written"]] == ["reviewer-1_2.csv", "reviewer-1-outcome_2.csv"]
    assert [row["report_id"] for row in rows_of(folder_of(workspace) / "reviewer-1_2.csv")] == [new]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_lost_sheet_is_issued_again_with_what_its_person_said(kind: str, tmp_path: Path) -> None:
    """Collecting the new sheet changes nothing: an empty one would have taken every value back."""
    workspace = filled(tmp_path, participants="NR", pages="design: p. 2; 7", quotes="country: 'in Kigali'")
    folder = folder_of(workspace)
    outcomes = rows_of(folder / "reviewer-1-outcome.csv")
    several = [{**outcomes[0], "item": key, "measure": f"Measure {key}", "direction": "mixed"} for key in ("a", "b")]
    write(folder / "reviewer-1-outcome.csv", [*several, *outcomes[1:]])
    run.sheet(workspace, "reviewer-2", "csv")
    fill(folder / "reviewer-2.csv", lambda number, row: {**GOOD, "design": "trial"})
    run.collect(workspace, ())
    said = workspace.events(Value)
    for name in ("reviewer-1.csv", "reviewer-1-outcome.csv"):
        (folder / name).unlink()
    run.sheet(workspace, "reviewer-1", kind)
    if kind == "csv":
        rows = rows_of(folder / "reviewer-1.csv")
        assert [row["design"] for row in rows] == ["survey"] * 3
        assert (rows[1]["participants"], rows[1]["pages"]) == ("NR", "design: p. 2; 7")
        assert [row["item"] for row in rows_of(folder / "reviewer-1-outcome.csv")] == ["a", "b", "1", "1"]
    summary = run.collect(workspace, ())
    assert (summary.data["new"], summary.data["withdrawn"]) == (0, 0)
    assert workspace.events(Value) == said


def test_a_sheet_of_an_earlier_form_is_told_and_made_anew_with_what_was_collected(tmp_path: Path) -> None:
    """A field that the protocol asks for since then has a column in no sheet: status can ask, nobody can answer."""
    workspace = filled(tmp_path)
    run.collect(workspace, ())
    text = protocol().replace('version: "1"', 'version: "2"')
    text = text.replace("  - {id: country", "  - {id: setting, label: Setting, type: text}\n      - {id: country")
    workspace.layout.protocol.write_text(text, encoding="utf-8")
    workspace = Workspace.open(tmp_path)
    told = [line for line in run.sheet(workspace, "reviewer-1", "csv").lines if "is of version 1" in line]
    assert len(told) == 1
    assert "reviewer-1.csv is of version 1 of the form and lacks setting." in told[0]
    sheet = folder_of(workspace) / "reviewer-1.csv"
    sheet.unlink()
    assert not [line for line in run.sheet(workspace, "reviewer-1", "csv").lines if "is of version" in line]
    assert [row["design"] for row in rows_of(sheet)] == ["survey"] * 3
    fill(sheet, lambda number, row: {"setting": "a clinic"})
    run.collect(workspace, ())
    assert "another version" not in "".join(run.status(workspace).lines)
    values = fold(workspace.snapshot().values, stand(workspace.snapshot()))
    assert {cell.final.value for cell in values.cells.values() if cell.place.field == "setting" and cell.final} == {
        "a clinic"
    }


def test_values_come_back_typed_with_page_and_place(tmp_path: Path) -> None:
    workspace = filled(tmp_path, participants="NR", pages="design: p. 2; 7", quotes="country: 'in Kigali'")
    run.collect(workspace, ())
    study = stand(workspace.snapshot()).studies[1].id
    said = {value.field: value for value in workspace.events(Value) if value.study == study}
    assert (said["country"].value, said["country"].quote) == ("United Kingdom; Rwanda", "'in Kigali'")
    assert (said["participants"].value, said["participants"].status) == ("", "not-reported")
    assert (said["finding"].page, said["design"].page) == ("4", "p. 2; 7")
    assert (said["design"].by, said["design"].role, said["design"].row) == ("reviewer-1", "extractor", "3")
    assert said["design"].sheet == "screening/small/extraction/reviewer-1.csv"


WRONG = [
    ("a word that is no answer", {"design": "sruvey"},
     "column design: 'sruvey' is not one of the answers. Did you mean 'survey'?"),
    ("an empty required cell", {"design": ""}, "column design: an answer is required. Write one of: qualitative,"),
    ("text for a number", {"participants": "many"}, "column participants: 'many' is not a whole number"),
    ("a number below the minimum", {"participants": "-2"}, "column participants: -2 lies below 0"),
    ("a country that is none", {"country": "Rwnada"},
     "column country: 'Rwnada' is not a country of ISO 3166. Did you mean 'Rwanda'?"),
    ("an unknown study", {"study_id": "S-XXXXXXXX"}, "column study_id: there is no study 'S-XXXXXXXX'"),
    ("no study", {"study_id": ""}, "column study_id: the row names no study"),
    ("a report of another study", {"report_id": "R-XXXXXXXX"},
     "column report_id: 'R-XXXXXXXX' is no report of study"),
    ("another person's row", {"by": "reviewer-2"}, "column by: 'reviewer-2' stands in a sheet of 'reviewer-1'"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_cell_is_named_with_row_column_and_remedy_and_nothing_is_taken(
    tmp_path: Path, change: dict[str, str], message: str
) -> None:
    found = problems(filled(tmp_path, **change))
    assert len(found) == 1
    assert found[0].startswith("reviewer-1.csv row 3, ")
    assert message in found[0]


def test_every_problem_of_every_sheet_is_named_at_once(tmp_path: Path) -> None:
    workspace = filled(tmp_path, design="x", participants="y", country="z")
    run.sheet(workspace, "reviewer-2", "csv")
    fill(folder_of(workspace) / "reviewer-2-outcome.csv", lambda number, row: {"direction": "up"})
    assert len(problems(workspace)) == 3 + 3


def test_a_study_that_stands_twice_is_refused(tmp_path: Path) -> None:
    workspace = filled(tmp_path)
    path = folder_of(workspace) / "reviewer-1.csv"
    rows = rows_of(path)
    write(path, [*rows, rows[0]])
    assert "stands twice, also in row 2" in problems(workspace)[0]


def test_the_same_study_in_two_sheets_of_one_person_is_refused(tmp_path: Path) -> None:
    workspace = filled(tmp_path)
    path = folder_of(workspace) / "reviewer-1.csv"
    (folder_of(workspace) / "reviewer-1 copy.csv").write_bytes(path.read_bytes())
    assert len([line for line in problems(workspace) if "by the same person" in line]) == 3


def test_a_column_that_was_renamed_or_taken_out_is_refused(tmp_path: Path) -> None:
    workspace = filled(tmp_path)
    path = folder_of(workspace) / "reviewer-1.csv"
    rows = [{("desing" if key == "design" else key): value for key, value in row.items()} for row in rows_of(path)]
    write(path, rows)
    found = problems(workspace)
    assert any("column 'design' is missing" in line for line in found)
    assert any("column 'desing' is not in form characteristics@1. Did you mean 'design'?" in line for line in found)


def test_a_column_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    workspace = filled(tmp_path)
    path = folder_of(workspace) / "reviewer-1.csv"
    write(path, [{**row, "note to self": "ask"} for row in rows_of(path)])
    assert run.collect(workspace, ()).data["new"] == 12


def test_rows_sorted_columns_moved_and_case_changed_make_no_difference(tmp_path: Path) -> None:
    workspace = filled(tmp_path)
    run.collect(workspace, ())
    path = folder_of(workspace) / "reviewer-1.csv"
    rows = [{key.upper(): row[key] for key in reversed(row)} for row in reversed(rows_of(path))]
    write(path, rows)
    assert run.collect(workspace, ()).data["new"] == 0


def test_an_emptied_cell_takes_its_value_back_and_the_first_event_stays(tmp_path: Path) -> None:
    workspace = filled(tmp_path)
    run.collect(workspace, ())
    count = len(workspace.events(Value))
    fill(folder_of(workspace) / "reviewer-1.csv", lambda number, row: {"country": ""} if number == 0 else {})
    assert run.collect(workspace, ()).data["withdrawn"] == 1
    events = workspace.events(Value)
    assert (len(events), events[-1].status) == (count + 1, "withdrawn")
    snapshot = workspace.snapshot()
    standing = stand(snapshot)
    assert fold(snapshot.values, standing).cell(standing.studies[0].id, "characteristics", "country") is None
    assert run.collect(workspace, ()).data["withdrawn"] == 0


def test_an_entry_whose_row_was_deleted_is_refused_until_it_is_meant(tmp_path: Path) -> None:
    workspace = make(tmp_path)
    run.sheet(workspace, "reviewer-1", "csv")
    path = folder_of(workspace) / "reviewer-1-outcome.csv"
    rows = rows_of(path)
    rows[0].update(measure="skills", direction="positive")
    second = {**rows[0], "item": "2", "measure": "morale"}
    write(path, [*rows, second])
    assert run.collect(workspace, ()).data["new"] == 4
    write(path, rows)
    assert "entry '2' of study" in problems(workspace)[0]
    assert run.collect(workspace, (), withdraw=True).data["withdrawn"] == 2
    assert run.collect(workspace, ()).data["new"] == 0


def test_an_entry_without_a_key_is_refused(tmp_path: Path) -> None:
    workspace = make(tmp_path)
    run.sheet(workspace, "reviewer-1", "csv")
    fill(folder_of(workspace) / "reviewer-1-outcome.csv", lambda number, row: {"item": "", "measure": "skills"})
    assert "column item: this outcome has no key. Write a short one" in problems(workspace)[0]


def two_people(tmp_path: Path) -> Workspace:
    workspace = filled(tmp_path)
    run.sheet(workspace, "reviewer-2", "csv")
    other = {**GOOD, "participants": "1243", "country": "", "finding page": "5"}
    fill(folder_of(workspace) / "reviewer-2.csv", lambda number, row: other if number == 0 else GOOD)
    run.collect(workspace, ())
    return workspace


def test_two_people_differ_settle_and_the_settled_value_holds(tmp_path: Path) -> None:
    workspace = two_people(tmp_path)
    run.differences(workspace)
    path = folder_of(workspace) / "consensus.csv"
    assert [(row["field"], row["reviewer-1"], row["reviewer-2"]) for row in rows_of(path)] == [
        ("country", "United Kingdom; Rwanda", ""),
        ("participants", "1234", "1243"),
    ]
    snapshot = workspace.snapshot()
    standing = stand(snapshot)
    cell = fold(snapshot.values, standing).cell(standing.studies[0].id, "characteristics", "participants")
    assert cell is not None
    assert (cell.state, cell.final) == (DIFFERENT, None)
    fill(path, lambda number, row: {"consensus": "reviewer-1" if number == 0 else "1,240", "by": "arbiter"})
    assert run.collect(workspace, ()).data["differences"] == 0
    values = fold(workspace.snapshot().values, standing)
    settled = values.cell(standing.studies[0].id, "characteristics", "participants")
    country = values.cell(standing.studies[0].id, "characteristics", "country")
    assert settled is not None and settled.final is not None and settled.state == SETTLED
    assert (settled.final.value, settled.final.by, settled.final.role) == ("1240", "arbiter", "consensus")
    assert country is not None and country.final is not None and country.final.value == "United Kingdom; Rwanda"
    assert run.collect(workspace, ()).data["new"] == 0


def test_differences_twice_change_nothing(tmp_path: Path) -> None:
    workspace = two_people(tmp_path)
    run.differences(workspace)
    before = everything(tmp_path)
    assert run.differences(workspace).data["new"] == 0
    assert everything(tmp_path) == before


def test_a_wrong_consensus_is_named(tmp_path: Path) -> None:
    workspace = two_people(tmp_path)
    run.differences(workspace)
    answers = {"consensus": "many", "by": "somebody"}
    fill(folder_of(workspace) / "consensus.csv", lambda number, row: answers if number else {"consensus": "Utopia"})
    found = problems(workspace)
    assert "consensus.csv row 2, column consensus: 'Utopia' is not a country" in found[0]
    assert "consensus.csv row 3, column consensus: 'many' is not a whole number" in found[1]


def test_agreement_is_counted_before_consensus(tmp_path: Path) -> None:
    workspace = two_people(tmp_path)
    fields = {one["field"]: one for one in run.status(workspace).data["forms"]["characteristics"]["agreement"]}
    assert (fields["participants"]["same"], fields["participants"]["both"]) == (2, 3)
    assert (fields["design"]["same"], fields["design"]["both"]) == (3, 3)


def test_a_mind_changed_after_a_difference_was_shown_is_no_agreement(tmp_path: Path) -> None:
    workspace = two_people(tmp_path)
    fill(folder_of(workspace) / "reviewer-2.csv", lambda number, row: GOOD)
    assert run.collect(workspace, ()).data["differences"] == 0
    fields = {one["field"]: one for one in run.status(workspace).data["forms"]["characteristics"]["agreement"]}
    assert (fields["participants"]["same"], fields["participants"]["both"]) == (2, 3)


def test_a_quote_that_traces_to_no_page_is_listed(tmp_path: Path) -> None:
    workspace = filled(tmp_path, **{"finding page": "", "finding quote": "it worked"})
    run.collect(workspace, ())
    study = stand(workspace.snapshot()).studies[1].id
    assert run.status(workspace).data["forms"]["characteristics"]["quotes_without_page"] == [f"{study} finding"]


def test_kappa_is_given_for_answers_and_not_for_text(tmp_path: Path) -> None:
    workspace = filled(tmp_path, design="trial")
    run.sheet(workspace, "reviewer-2", "csv")
    fill(
        folder_of(workspace) / "reviewer-2.csv", lambda number, row: {**GOOD, "design": "trial" if number else "survey"}
    )
    run.collect(workspace, ())
    fields = {one["field"]: one for one in run.status(workspace).data["forms"]["characteristics"]["agreement"]}
    # survey-survey, trial-trial, survey-trial: observed 2/3, expected (2/3 · 1/3 + 1/3 · 2/3) = 4/9.
    assert fields["design"]["kappa"] == pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))
    assert fields["finding"]["kappa"] is None


def test_a_second_person_verifies_and_what_was_changed_is_told(tmp_path: Path) -> None:
    workspace = filled(tmp_path)
    run.collect(workspace, ())
    run.verify(workspace, "reviewer-2", "csv")
    path = folder_of(workspace) / "reviewer-2-verify.csv"
    assert rows_of(path)[0]["country"] == "United Kingdom; Rwanda"
    fill(path, lambda number, row: {"participants": "99", "checked": "yes"} if number == 0 else {})
    run.collect(workspace, ())
    snapshot = workspace.snapshot()
    standing = stand(snapshot)
    cell = fold(snapshot.values, standing).cell(standing.studies[0].id, "characteristics", "participants")
    assert cell is not None and cell.final is not None
    assert (cell.state, cell.final.value) == (VERIFIED, "99")
    corrected = run.status(workspace).data["forms"]["characteristics"]["corrected"]
    assert [(one["field"], one["was"], one["is"]) for one in corrected] == [("participants", "1234", "99")]


def test_a_study_of_which_nobody_said_anything_is_not_given_out_to_be_verified(tmp_path: Path) -> None:
    """An empty row would never be filled with the first person's values: it comes when they are there."""
    workspace = make(tmp_path, 2, protocol(mode="verified"))
    run.sheet(workspace, "reviewer-1", "csv")
    told = run.verify(workspace, "reviewer-2", "csv")
    assert told.data["written"] == []
    assert told.next == "evidence-review extract collect"
    fill(folder_of(workspace) / "reviewer-1.csv", lambda number, row: {} if number else GOOD)
    run.collect(workspace, ())
    run.verify(workspace, "reviewer-2", "csv")
    assert [row["design"] for row in rows_of(folder_of(workspace) / "reviewer-2-verify.csv")] == ["survey"]
    fill(folder_of(workspace) / "reviewer-1.csv", lambda number, row: GOOD)
    run.collect(workspace, ())
    written = run.verify(workspace, "reviewer-2", "csv").data["written"]
    assert written == [
        "screening/small/extraction/reviewer-2-verify_2.csv",
        "screening/small/extraction/reviewer-2-verify-outcome_2.csv",
    ]


def test_an_extractor_who_changes_a_verified_value_makes_a_difference(tmp_path: Path) -> None:
    workspace = filled(tmp_path)
    run.collect(workspace, ())
    run.verify(workspace, "reviewer-2", "csv")
    fill(folder_of(workspace) / "reviewer-2-verify.csv", lambda number, row: {"checked": "yes"})
    run.collect(workspace, ())
    fill(folder_of(workspace) / "reviewer-1.csv", lambda number, row: {"design": "trial"} if number == 0 else {})
    assert run.collect(workspace, ()).data["differences"] == 1
    run.differences(workspace)
    assert rows_of(folder_of(workspace) / "consensus.csv")[0]["reviewer-2"] == "survey"


def test_a_study_that_is_no_longer_included_is_left_out_and_said(tmp_path: Path) -> None:
    workspace = filled(tmp_path)
    decide(workspace, stand(workspace.snapshot()).studies[0].reports[0], "exclude")
    summary = run.collect(workspace, ())
    assert summary.data["new"] == 8
    assert "is no included study (any more)" in summary.data["notes"][0]


def test_a_changed_form_says_which_studies_need_another_look(tmp_path: Path) -> None:
    workspace = filled(tmp_path)
    run.collect(workspace, ())
    path = workspace.layout.protocol
    path.write_text(
        path.read_text(encoding="utf-8").replace("trial, unclear", "trial, case, unclear"), encoding="utf-8"
    )
    facts = run.status(Workspace.open(tmp_path)).data["forms"]["characteristics"]
    assert (facts["changed_in_place"], facts["other_version"]) == (True, [])
    path.write_text(path.read_text(encoding="utf-8").replace('version: "1"', 'version: "2"'), encoding="utf-8")
    facts = run.status(Workspace.open(tmp_path)).data["forms"]["characteristics"]
    assert (facts["changed_in_place"], len(facts["other_version"])) == (False, 3)
    assert run.collect(Workspace.open(tmp_path), ()).data["new"] == 0


def test_a_person_outside_the_team_gets_no_sheet(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'reviewer-3' is not in the team\. Did you mean"):
        run.sheet(make(tmp_path), "reviewer-3", "csv")


def test_a_field_named_like_a_column_of_every_sheet_is_refused(tmp_path: Path) -> None:
    form = "id: f\nfields: [{id: study, type: text}, {id: notes, type: text}]\n"
    with pytest.raises(ProtocolError) as caught:
        run.sheet(make(tmp_path, text=protocol(form)), "reviewer-1", "csv")
    assert len(caught.value.problems) == 2


def test_a_workbook_has_a_worksheet_a_group_and_comes_back(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    workspace = make(tmp_path)
    run.sheet(workspace, "reviewer-1", "xlsx")
    path = folder_of(workspace) / "reviewer-1.xlsx"
    book = load_workbook(path)
    assert book.sheetnames[:3] == ["study", "outcome", "help"]
    page = book["study"]
    columns = {cell.value: cell.column for cell in page[1]}
    for name, text in GOOD.items():
        page.cell(2, columns[name], text)
    page.cell(2, columns["participants"], 1234.0)
    outcome = book["outcome"]
    columns = {cell.value: cell.column for cell in outcome[1]}
    outcome.cell(2, columns["measure"], "skills")
    book.save(path)
    summary = run.collect(workspace, ())
    assert (summary.data["new"], summary.data["notes"]) == (5, [])
    assert run.sheet(workspace, "reviewer-1", "xlsx").data["written"] == []


def test_a_workbook_that_lost_a_worksheet_or_a_value_says_which(tmp_path: Path) -> None:
    """What was collected from the worksheet stays; an emptied cell (or one that was merged away) is named."""
    from openpyxl import load_workbook

    workspace = make(tmp_path)
    run.sheet(workspace, "reviewer-1", "xlsx")
    path = folder_of(workspace) / "reviewer-1.xlsx"
    book = load_workbook(path)
    page = book["study"]
    columns = {cell.value: cell.column for cell in page[1]}
    for row in (2, 3):
        for name, text in GOOD.items():
            page.cell(row, columns[name], text)
    book.save(path)
    run.collect(workspace, ())
    page.merge_cells(start_row=2, end_row=3, start_column=columns["participants"], end_column=columns["participants"])
    del book["outcome"]
    book.save(path)
    summary = run.collect(workspace, ())
    assert "has no worksheet 'outcome', so nothing of it was read" in summary.data["notes"][0]
    assert "Taken back: 1 value whose cell is empty now." in summary.lines
    assert any(line.startswith("  S-") and ", participants (" in line and "row 3)" in line for line in summary.lines)


def test_collecting_before_there_are_sheets_says_so_and_changes_nothing(tmp_path: Path) -> None:
    workspace = make(tmp_path)
    before = everything(tmp_path)
    summary = run.collect(workspace, ())
    assert "There are no sheets in screening/small/extraction/ yet" in summary.lines[0]
    assert everything(tmp_path) == before


def test_a_file_that_is_no_sheet_is_refused_by_name(tmp_path: Path) -> None:
    workspace = make(tmp_path)
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SheetError, match=r"other\.csv: this is no sheet that 'evidence-review extract sheet' wrote"):
        run.collect(workspace, [other])


def test_a_field_that_the_form_lost_refuses_no_sheet(tmp_path: Path) -> None:
    """Its column and its settled cells stay where people wrote them; they are named and left out."""
    workspace = filled(tmp_path)
    run.sheet(workspace, "reviewer-2", "csv")
    fill(folder_of(workspace) / "reviewer-2.csv", lambda number, row: {**GOOD, "participants": "7"})
    run.collect(workspace, ())
    run.differences(workspace)
    fill(folder_of(workspace) / "consensus.csv", lambda number, row: {"consensus": "reviewer-1", "by": "arbiter"})
    run.collect(workspace, ())
    text = protocol().replace('version: "1"', 'version: "2"')
    lines = [line for line in text.splitlines() if "id: participants" not in line]
    workspace.layout.protocol.write_text("\n".join(lines), encoding="utf-8")
    summary = run.collect(Workspace.open(tmp_path), ())
    assert (summary.data["new"], summary.data["withdrawn"]) == (0, 0)
    told = [line for line in summary.lines if "any more" in line]
    assert len(told) == 5
    assert told[0].endswith("reviewer-1.csv, column 'participants': the form has no such field any more; left out")


def test_a_field_that_the_form_lost_asks_nobody_for_anything(tmp_path: Path) -> None:
    """People differ at what is asked: nobody could settle a field that is gone, and no agreement counts it."""
    workspace = filled(tmp_path)
    run.sheet(workspace, "reviewer-2", "csv")
    fill(folder_of(workspace) / "reviewer-2.csv", lambda number, row: {**GOOD, "participants": "7"})
    run.collect(workspace, ())
    assert run.status(workspace).data["forms"]["characteristics"]["differences"] == 3
    lines = [line for line in protocol().splitlines() if "id: participants" not in line]
    workspace.layout.protocol.write_text("\n".join(lines).replace('version: "1"', 'version: "2"'), encoding="utf-8")
    workspace = Workspace.open(tmp_path)
    facts = run.status(workspace).data["forms"]["characteristics"]
    assert facts["differences"] == 0
    assert "participants" not in {one["field"] for one in facts["agreement"]}
    assert run.differences(workspace).data["new"] == 0
    assert run.collect(workspace, ()).data["differences"] == 0


def test_an_answer_that_was_renamed_is_told_once_with_its_cells_and_the_way_out(tmp_path: Path) -> None:
    """Not cell by cell; and a misspelt answer stays a matter of its cell."""
    workspace = filled(tmp_path)
    run.sheet(workspace, "reviewer-2", "csv")
    fill(folder_of(workspace) / "reviewer-2.csv", lambda number, row: GOOD if number else {})
    run.collect(workspace, ())
    workspace.layout.protocol.write_text(protocol().replace("survey,", "cross-sectional,"), encoding="utf-8")
    fill(folder_of(workspace) / "reviewer-2.csv", lambda number, row: row if number else {**GOOD, "design": "trail"})
    told = problems(Workspace.open(tmp_path))
    assert len(told) == 2
    assert "'survey' is not one of the answers any more; 5 cells have it: " in told[0]
    assert "reviewer-1.csv rows 2, 3, 4; " in told[0] and "reviewer-2.csv rows 3, 4." in told[0]
    assert "'cross-sectional'" in told[0] and "put 'survey' back among the options of 'design'" in told[0]
    assert "reviewer-2.csv row 2" in told[1] and "'trail' is not one of the answers" in told[1]


def test_the_sheet_of_a_group_that_the_form_lost_is_named(tmp_path: Path) -> None:
    """A file that is not read is said to be so."""
    workspace = filled(tmp_path)
    run.collect(workspace, ())
    text = protocol()
    workspace.layout.protocol.write_text(text.replace("- id: outcome", "- id: result"), encoding="utf-8")
    lines = run.collect(Workspace.open(tmp_path), ()).lines
    told = [line for line in lines if "the form has no group 'outcome' any more; the sheet was not read" in line]
    assert len(told) == 1


def contested(tmp_path: Path, mode: str = "dual") -> Workspace:
    """A review of one study in which two people differ at the number of participants, with the sheet to settle it."""
    workspace = make(tmp_path, studies=1, text=protocol(mode=mode))
    run.sheet(workspace, "", "csv")
    for person, count in (("reviewer-1", "10"), ("reviewer-2", "11")):
        said(workspace, f"{person}.csv", participants=count, design="survey")
    run.differences(workspace)
    return workspace


def said(workspace: Workspace, name: str, **cells: str) -> Sequence[str]:
    """Fill in every row of a sheet and collect; return what is told."""
    fill(folder_of(workspace) / name, lambda number, row: cells)
    return run.collect(workspace, ()).lines


def test_who_changes_their_mind_after_a_consensus_is_told_that_it_stays(tmp_path: Path) -> None:
    workspace = contested(tmp_path)
    said(workspace, "consensus.csv", consensus="10", by="arbiter")
    told = "\n".join(said(workspace, "reviewer-2.csv", participants="14"))
    assert "participants: reviewer-2 says '14' now, but '10' was settled and stays" in told
    assert "was settled and stays" not in "\n".join(said(workspace, "reviewer-1.csv", participants="10"))


def test_a_consensus_that_takes_an_answer_changed_meanwhile_says_so(tmp_path: Path) -> None:
    """A person's id stands for the answer that the sheet shows, which is not what this person says any more."""
    workspace = contested(tmp_path)
    said(workspace, "reviewer-1.csv", participants="11")
    told = "\n".join(said(workspace, "consensus.csv", consensus="reviewer-1", by="arbiter"))
    assert "the answer of reviewer-1 in this sheet, '10', was taken, but reviewer-1 says '11' by now" in told


def test_a_consensus_whose_cell_is_emptied_is_taken_back(tmp_path: Path) -> None:
    workspace = contested(tmp_path)
    said(workspace, "consensus.csv", consensus="10", by="arbiter")
    told = said(workspace, "consensus.csv", consensus="")
    assert "Taken back: 1 value whose cell is empty now." in told
    assert "Cells at which people differ: 1." in told
    assert run.collect(workspace, ()).data["withdrawn"] == 0


def test_extractor_and_verifier_who_agree_again_do_not_differ(tmp_path: Path) -> None:
    """And what the verifier changed stays counted when the extractor takes it over."""
    workspace = make(tmp_path, studies=1, text=protocol(mode="verified"))
    run.sheet(workspace, "reviewer-1", "csv")
    said(workspace, "reviewer-1.csv", participants="10", design="survey")
    run.verify(workspace, "", "csv")
    said(workspace, "reviewer-2-verify.csv", participants="11", checked="yes")
    assert "Cells at which people differ: 1." in said(workspace, "reviewer-1.csv", participants="12")
    said(workspace, "reviewer-1.csv", participants="11")
    facts = run.status(workspace).data["forms"]["characteristics"]
    assert facts["differences"] == 0
    assert [(one["was"], one["is"]) for one in facts["corrected"]] == [("10", "11")]


def copies(workspace: Workspace, tmp_path: Path) -> tuple[Path, Path]:
    """Return two copies of a fresh sheet of reviewer-1's, as on two computers."""
    run.sheet(workspace, "reviewer-1", "csv")
    found = tuple(tmp_path / "elsewhere" / name / "reviewer-1.csv" for name in ("laptop", "office"))
    for path in found:
        path.parent.mkdir(parents=True)
        path.write_bytes((folder_of(workspace) / "reviewer-1.csv").read_bytes())
    return found[0], found[1]


def test_the_untouched_original_takes_nothing_back_of_a_copy(tmp_path: Path) -> None:
    """Somebody collects the copy that came by mail; the sheet as issued still lies in the folder."""
    workspace = make(tmp_path / "review", 1, protocol(mode="single"))
    laptop, _ = copies(workspace, tmp_path)
    fill(laptop, lambda number, row: GOOD)
    run.collect(workspace, [laptop])
    told = run.collect(workspace, ())
    assert (told.data["new"], told.data["withdrawn"]) == (0, 0)
    assert "4 cells are empty here and filled in what was collected from reviewer-1.csv; they stay." in told.lines[-1]
    assert run.collect(workspace, (), withdraw=True).data["withdrawn"] == 4


def test_two_copies_collected_one_after_the_other_complete_each_other(tmp_path: Path) -> None:
    """What they say otherwise is named with what stood before; what one left empty stays as the other has it."""
    workspace = make(tmp_path / "review", 2, protocol(mode="single"))
    laptop, office = copies(workspace, tmp_path)
    fill(laptop, lambda number, row: {"design": "survey", "participants": "10"} if number == 0 else {})
    fill(office, lambda number, row: {"design": "trial", "country": "Kenya"})
    run.collect(workspace, [laptop])
    told = run.collect(workspace, [office])
    assert told.data["withdrawn"] == 0
    assert [line for line in told.lines if "design: 'trial' (reviewer-1.csv row 2), before 'survey'" in line]
    with pytest.raises(SheetError, match=r"is filled in here and in laptop/reviewer-1\.csv by the same person"):
        run.collect(workspace, [laptop, office])


def test_values_that_came_after_a_study_was_verified_are_told_with_the_way_on(tmp_path: Path) -> None:
    """The verifier's sheet has no room for them: a new one does, once the old one is moved away."""
    workspace = make(tmp_path, 1, protocol(mode="verified"))
    run.sheet(workspace, "reviewer-1", "csv")
    said(workspace, "reviewer-1.csv", design="survey")
    run.verify(workspace, "", "csv")
    said(workspace, "reviewer-2-verify.csv", checked="yes")
    assert not any("after it was verified" in line for line in run.verify(workspace, "", "csv").lines)
    said(workspace, "reviewer-1.csv", country="Kenya")
    assert any("got values after it was verified (country)" in line for line in run.verify(workspace, "", "csv").lines)
    (folder_of(workspace) / "reviewer-2-verify.csv").unlink()
    run.verify(workspace, "", "csv")
    said(workspace, "reviewer-2-verify.csv", checked="yes")
    assert run.status(workspace).data["forms"]["characteristics"]["unverified"] == []


@pytest.mark.parametrize("name", ["reviewer-1.csv", "reviewer-1-outcome.csv"])
def test_a_sheet_that_lost_its_key_is_refused_not_passed_over(name: str, tmp_path: Path) -> None:
    """It names the form, so it is one of ours: nothing that was filled in may stay behind without a word."""
    workspace = filled(tmp_path)
    path = folder_of(workspace) / name
    rows = [{("study" if key == "study" else key.replace("study_id", "studie_id")): row[key] for key in row}
            for row in rows_of(path)]  # fmt: skip
    write(path, rows)
    assert [told for told in problems(workspace) if f"{name} row 1: column 'study_id' is missing" in told]


def as_windows(byte: int) -> str:
    """Return the letter of a byte in Windows-1252; LibreOffice lets the five bytes without one through."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def test_a_sheet_that_was_opened_in_the_wrong_character_set_is_put_right(tmp_path: Path) -> None:
    """Or refused, where something was typed into it since."""
    workspace = filled(tmp_path, finding="Żółw – “naïve” É")
    path = folder_of(workspace) / "reviewer-1.csv"
    misread = "".join(map(as_windows, path.read_bytes()))
    path.write_text(misread.replace("It worked", "It worked, déjà vu", 1), encoding="utf-8", newline="")
    assert any("was opened in the wrong character set and saved, so that" in told for told in problems(workspace))
    path.write_text(misread, encoding="utf-8", newline="")
    told = run.collect(workspace, ()).lines
    assert any("wrong character set and saved; its letters with accents were put right" in line for line in told)
    assert "Żółw – “naïve” É" in {value.value for value in workspace.events(Value)}
