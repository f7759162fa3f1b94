"""Sheets begin with what a trial register says, marked as such; nothing of it counts before a person has checked it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from extraction_reviews import everything, make, protocol, rows_of, write

from evidence_review.commands.extract import run
from evidence_review.model.record import Citation, Parsed
from evidence_review.sources.registered import registered
from evidence_review.workspace.workspace import Workspace

NCT = "NCT01234567"
TRIAL = {
    "protocolSection": {
        "identificationModule": {"nctId": NCT, "briefTitle": "Twinning and blood pressure"},
        "statusModule": {"startDateStruct": {"date": "2014-03"}},
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": "Gulu University"}},
        "designModule": {
            "designInfo": {"allocation": "RANDOMIZED"},
            "enrollmentInfo": {"count": 120, "type": "ACTUAL"},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {"label": "Twinned", "type": "EXPERIMENTAL", "interventionNames": ["Behavioral: Twinning"]},
                {"label": "Usual", "type": "NO_INTERVENTION", "description": "Care as\n before"},
                {"label": "Third", "type": "OTHER"},
            ]
        },
        "outcomesModule": {
            "primaryOutcomes": [{"measure": "Systolic blood pressure", "timeFrame": "12 weeks"}],
            "secondaryOutcomes": [{"measure": "Satisfaction", "timeFrame": "Baseline to 6 months"}, {"timeFrame": "x"}],
        },
        "contactsLocationsModule": {"locations": [{"country": "Uganda"}, {"country": "Kenya"}, {"country": "Uganda"}]},
    }
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two included studies, of which the first names a trial that a search of the register found."""
    workspace = make(tmp_path, 2, protocol("pico-trial", mode="single"))
    record = next(iter(workspace.records()))
    with workspace.transaction("load") as change:
        citation = Citation(title="Twinning and blood pressure", other_ids=(("nct", NCT),))
        change.add_record(Parsed(citation, json.dumps(TRIAL), NCT), "ctgov", change.run, 1, "ctgov")
        change.add_record(Parsed(Citation(title="Not JSON"), '{"protocolSection" broken'), "x", change.run, 2, "x")
    path = workspace.layout.records
    text = path.read_text(encoding="utf-8")
    title = record.citation.title
    path.write_text(text.replace(f'"title":"{title}"', f'"title":"{title} ({NCT})"', 1), encoding="utf-8")
    return Workspace.open(tmp_path)


def sheet(workspace: Workspace, name: str) -> Path:
    return workspace.layout.sheets / "extraction" / f"reviewer-1{name}.csv"


def test_arms_and_outcomes_of_the_register_stand_in_the_sheets_and_say_where_they_are_from(
    workspace: Workspace,
) -> None:
    run.sheet(workspace, "reviewer-1", "csv")
    arms = rows_of(sheet(workspace, "-arm"))
    assert [(row["item"], row["name"], row["kind"], row["what"]) for row in arms[:3]] == [
        ("1", "Twinned", "intervention", "Behavioral: Twinning"),
        ("2", "Usual", "comparison", "Care as before"),
        ("3", "Third", "", ""),
    ]
    assert {row["prefilled"] for row in arms[:3]} == {f"ClinicalTrials.gov {NCT}"}
    assert (arms[3]["prefilled"], arms[3]["name"]) == ("", "")
    outcomes = rows_of(sheet(workspace, "-outcome"))
    assert [(row["measure"], row["timepoint"], row["measure quote"]) for row in outcomes[:2]] == [
        ("Systolic blood pressure", "12", "12 weeks"),
        ("Satisfaction", "", "Baseline to 6 months"),
    ]
    study = rows_of(sheet(workspace, ""))[0]
    assert (study["registration"], study["country"], study["randomised"], study["recruited_from"], study["funder"]) == (
        NCT, "Uganda; Kenya", "120", "2014-03", "Gulu University",
    )  # fmt: skip
    assert study["design"] == ""


def test_nothing_of_it_counts_until_a_person_has_checked_it(workspace: Workspace) -> None:
    run.sheet(workspace, "reviewer-1", "csv")
    summary = run.collect(workspace, ())
    assert summary.data["new"] == 0
    assert any("rows 2, 3, 4" in line and "trial register" in line for line in summary.lines), summary.lines
    path = sheet(workspace, "-arm")
    rows = rows_of(path)
    rows[0]["checked"] = "yes"
    rows[0]["name"] = "Twinned hospitals"
    write(path, rows)
    assert run.collect(Workspace.open(workspace.layout.folder), ()).data["new"] == 3
    values = [one for one in Workspace.open(workspace.layout.folder).snapshot().values if one.group == "arm"]
    assert {one.field: one.value for one in values} == {
        "name": "Twinned hospitals", "kind": "intervention", "what": "Behavioral: Twinning",
    }  # fmt: skip
    # The mark stays with the value: a reader sees that it rests on the register, and who checked it.
    assert {(one.page, one.by) for one in values} == {(f"ClinicalTrials.gov {NCT}", "reviewer-1")}


def test_issuing_and_collecting_twice_changes_nothing(workspace: Workspace) -> None:
    run.sheet(workspace, "reviewer-1", "csv")
    before = everything(workspace.layout.folder)
    run.sheet(Workspace.open(workspace.layout.folder), "reviewer-1", "csv")
    run.collect(Workspace.open(workspace.layout.folder), ())
    assert everything(workspace.layout.folder) == before


def test_a_workbook_has_the_same_rows(workspace: Workspace) -> None:
    run.sheet(workspace, "reviewer-1", "xlsx")
    summary = run.collect(Workspace.open(workspace.layout.folder), ())
    assert sum("trial register" in line for line in summary.lines) == 3


@pytest.mark.parametrize(
    "raw", ["", "TY  - JOUR", '{"protocolSection": []}', '{"protocolSection": {}}', '["protocolSection"]']
)
def test_other_records_are_no_registered_trials(raw: str) -> None:
    assert registered(raw) is None


def test_what_is_planned_is_not_what_took_part() -> None:
    planned = json.loads(json.dumps(TRIAL))
    planned["protocolSection"]["designModule"]["enrollmentInfo"]["type"] = "ESTIMATED"
    found = registered(json.dumps(planned))
    assert found is not None and "enrolment" not in found.study
