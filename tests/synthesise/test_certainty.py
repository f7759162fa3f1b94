"""Findings and outcomes: each tied to studies and reasons, what is not tied is listed, wrong cells refuse the sheet."""

from __future__ import annotations

from pathlib import Path

import pytest
from extraction_reviews import everything, fill, make, protocol, rows_of, write

from evidence_review.commands.extract import run as extract
from evidence_review.commands.synthesise.certainty import path_of, run
from evidence_review.errors import SheetError, UsageError
from evidence_review.state.certainty import CERQUAL, GRADE
from evidence_review.state.standing import stand
from evidence_review.state.tables import study_tables
from evidence_review.workspace.workspace import Workspace

NONE = "no or very minor"
GOOD = {
    "finding": "Trust grows with time", "studies": "Author1 2001; author2 2002", "methods": "minor",
    "methods_why": "one site", "coherence": NONE, "adequacy": "moderate", "adequacy_why": "thin data",
    "relevance": NONE, "confidence": "moderate", "explanation": "thin data from one site", "by": "reviewer-1",
}  # fmt: skip


def written(tmp_path: Path, **changes: str) -> Workspace:
    workspace = make(tmp_path, text=protocol(mode="single"))
    extract.sheet(workspace, "reviewer-1", "csv")
    fill(
        workspace.layout.sheets / "extraction" / "reviewer-1.csv",
        lambda number, row: {"design": "survey", "finding": "x", "finding quote": "words"} if number < 2 else {},
    )
    extract.collect(workspace, ())
    run(workspace, CERQUAL, "reviewer-1")
    fill(path_of(workspace, CERQUAL), lambda number, row: {**GOOD, **changes})
    return workspace


def test_findings_come_back_as_a_table_of_the_report_and_twice_changes_nothing(tmp_path: Path) -> None:
    workspace = written(tmp_path)
    summary = run(workspace, CERQUAL, "")
    assert (summary.data["findings"], summary.data["new"]) == (1, 10)
    snapshot = workspace.snapshot()
    table = study_tables(snapshot, stand(snapshot))[-1]
    assert table.rows[0].cells[:4] == (
        "F1. Trust grows with time",
        "2: Author1 2001, Author2 2002",
        "minor: one site",
        "no or very minor",
    )
    assert table.notes == ("Included studies in no finding: Author3 2003.",)
    before = everything(tmp_path)
    assert run(workspace, CERQUAL, "").data["new"] == 0
    assert everything(tmp_path) == before


LOOSE = [
    ("a downgrade without a reason", {"adequacy_why": ""},
     "F1: adequacy of data is 'moderate', without a reason."),
    ("high beside grave concerns", {"confidence": "high"},
     "F1: high confidence beside grave concerns about adequacy of data."),
    ("low without a concern", {"methods": NONE, "adequacy": NONE},
     "F1: moderate confidence, but no concern explains it."),
    ("no explanation", {"explanation": ""}, "F1: moderate confidence without an explanation."),
    ("a component not judged", {"coherence": ""}, "F1: confidence is given, but coherence not judged."),
    ("a study without quote", {"studies": "Author1 2001; Author3 2003"},
     "F1: no page or quote was extracted from Author3 2003."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "end"), [case[1:] for case in LOOSE], ids=[case[0] for case in LOOSE])
def test_what_does_not_hang_together_is_listed_and_kept(tmp_path: Path, changes: dict[str, str], end: str) -> None:
    assert end in run(written(tmp_path, **changes), CERQUAL, "").data["loose_ends"]


WRONG = [
    ("an unknown study", {"studies": "Author1 2001; Autor2 2002"},
     "column studies: 'Autor2 2002' is no included study. Did you mean"),
    ("a word that is no level", {"confidence": "middling"},
     "column confidence: 'middling' is not one of the answers"),
    ("nobody's judgement", {"by": ""}, "column by: '' is not in the team"),
    ("no finding", {"finding": ""}, "column finding: an answer is required"),
    ("no id", {"finding_id": ""}, "column finding_id: the finding has no id"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_cell_refuses_the_sheet(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    workspace = written(tmp_path, **changes)
    before = everything(tmp_path)
    with pytest.raises(SheetError) as caught:
        run(workspace, CERQUAL, "")
    assert message in str(caught.value)
    assert everything(tmp_path) == before


def test_a_finding_that_stands_twice_is_refused(tmp_path: Path) -> None:
    workspace = written(tmp_path)
    rows = rows_of(path_of(workspace, CERQUAL))
    write(path_of(workspace, CERQUAL), [*rows, rows[0]])
    with pytest.raises(SheetError, match="'F1' stands twice, also in row 2"):
        run(workspace, CERQUAL, "")


def test_a_sheet_is_for_the_team(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'somebody' is not in the team"):
        run(make(tmp_path), CERQUAL, "somebody")


OUTCOME = {
    "outcome": "Deaths", "studies": "Author1 2001; Author2 2002", "participants": "262",
    "effect": "RR 0.49 (0.34 to 0.70)", "designs": "high", "bias": "serious", "bias_why": "no blinding",
    "inconsistency": "not serious", "indirectness": "not serious", "imprecision": "serious",
    "imprecision_why": "few events", "publication": "undetected", "certainty": "low",
    "explanation": "no blinding, few events", "by": "reviewer-1",
}  # fmt: skip
COUNTED = [
    ("two levels down from high is low", {}, []),
    ("a level that the judgements do not give", {"certainty": "high"},
     ["O1: certainty is 'high', but from 'high' the judgements lead to 'low'."]),
    ("rated up again", {"upgraded": "one level", "upgraded_why": "large effect", "certainty": "moderate"}, []),
    ("no lower than very low", {"designs": "low", "bias": "very serious", "certainty": "very low"}, []),
    ("a start that is no level", {"designs": "trials"},
     ["O1: 'Starts at' names no level; write high or low, by the designs."]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "ends"), [case[1:] for case in COUNTED], ids=[case[0] for case in COUNTED])
def test_certainty_follows_from_the_judgements_or_is_listed(
    tmp_path: Path, changes: dict[str, str], ends: list[str]
) -> None:
    workspace = make(tmp_path)
    run(workspace, GRADE, "reviewer-1")
    fill(path_of(workspace, GRADE), lambda number, row: {**OUTCOME, **changes})
    found = run(workspace, GRADE, "").data["loose_ends"]
    assert found == [*ends, "Included studies in no outcome: Author3 2003."]
    snapshot = workspace.snapshot()
    table = study_tables(snapshot, stand(snapshot))[-1]
    assert table.title == "Summary of findings (GRADE)"
    assert table.rows[0].cells[:4] == ("O1. Deaths", "2: Author1 2001, Author2 2002", "262", "RR 0.49 (0.34 to 0.70)")
