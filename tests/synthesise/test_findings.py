"""Review findings: each tied to studies and reasons, what is not tied is listed, wrong cells refuse the sheet."""

from __future__ import annotations

from pathlib import Path

import pytest
from extraction_reviews import everything, fill, make, protocol, rows_of, write

from evidence_review.commands.extract import run as extract
from evidence_review.commands.synthesise.findings import path_of, run
from evidence_review.errors import SheetError, UsageError
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
    run(workspace, "reviewer-1")
    fill(path_of(workspace), lambda number, row: {**GOOD, **changes})
    return workspace


def test_findings_come_back_as_a_table_of_the_report_and_twice_changes_nothing(tmp_path: Path) -> None:
    workspace = written(tmp_path)
    summary = run(workspace, "")
    assert (summary.data["findings"], summary.data["new"]) == (1, 10)
    snapshot = workspace.snapshot()
    table = study_tables(snapshot, stand(snapshot))[-1]
    assert table.rows[0].cells[:4] == (
        "F1. Trust grows with time",
        "2: Author1 2001, Author2 2002",
        "minor concerns: one site",
        "no or very minor concerns",
    )
    assert table.notes == ("Included studies in no finding: Author3 2003.",)
    before = everything(tmp_path)
    assert run(workspace, "").data["new"] == 0
    assert everything(tmp_path) == before


LOOSE = [
    ("a downgrade without a reason", {"adequacy_why": ""},
     "F1: moderate concerns about adequacy of data, without a reason."),
    ("high beside grave concerns", {"confidence": "high"},
     "F1: high confidence beside moderate concerns about adequacy of data."),
    ("low without a concern", {"methods": NONE, "adequacy": NONE},
     "F1: moderate confidence, but no concern explains it."),
    ("no explanation", {"explanation": ""}, "F1: moderate confidence without an explanation."),
    ("a component not judged", {"coherence": ""}, "F1: confidence is given, but coherence not judged."),
    ("a study without quote", {"studies": "Author1 2001; Author3 2003"},
     "F1: no page or quote was extracted from Author3 2003."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "end"), [case[1:] for case in LOOSE], ids=[case[0] for case in LOOSE])
def test_what_does_not_hang_together_is_listed_and_kept(tmp_path: Path, changes: dict[str, str], end: str) -> None:
    assert end in run(written(tmp_path, **changes), "").data["loose_ends"]


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
        run(workspace, "")
    assert message in str(caught.value)
    assert everything(tmp_path) == before


def test_a_finding_that_stands_twice_is_refused(tmp_path: Path) -> None:
    workspace = written(tmp_path)
    rows = rows_of(path_of(workspace))
    write(path_of(workspace), [*rows, rows[0]])
    with pytest.raises(SheetError, match="'F1' stands twice, also in row 2"):
        run(workspace, "")


def test_a_sheet_is_for_the_team(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'somebody' is not in the team"):
        run(make(tmp_path), "somebody")
