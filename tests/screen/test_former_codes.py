"""A reason for exclusion that the protocol lost after people used it: explained to readers, named to the team."""

from __future__ import annotations

from pathlib import Path

import pytest
from screening_reviews import again, fill, make, sheet

from evidence_review.commands.protocol.run import check
from evidence_review.commands.screen import collect, issue, tell
from evidence_review.commands.status.run import run as status
from evidence_review.errors import SheetError
from evidence_review.model.events import Retrieval
from evidence_review.state.counting import count
from evidence_review.state.flow import Count
from evidence_review.state.standing import stand
from evidence_review.workspace.workspace import Workspace

STAGE = "title-abstract"
ONE = "reviewer-1-title-abstract-1.csv"
SINGLE = "mode: single, screeners: [reviewer-1]"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Four records excluded, E1 and E2 in turn."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    workspace = make(tmp_path, 4, SINGLE)
    issue.run(workspace, STAGE)
    reasons = ("E1", "E2: no data")
    fill(sheet(workspace, ONE), lambda number, row: {"decision": "exclude", "reason": reasons[number % 2]})
    collect.run(again(workspace))
    return again(workspace)


def amended(workspace: Workspace, old: str, new: str) -> Workspace:
    """Return the review after a change of the protocol by hand."""
    path = workspace.layout.protocol
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return again(workspace)


def excluded(workspace: Workspace) -> Count:
    """Return the box of what was excluded at title and abstract."""
    snapshot = workspace.snapshot()
    return count(snapshot, stand(snapshot)).counts["records_excluded"]


GONE = ("    - {code: E2, label: no data}\n", "")
RENAMED = ("code: E2", "code: E5")


def test_a_code_that_was_taken_out_keeps_its_words(workspace: Workspace) -> None:
    """The diagram's reader sees what the code meant, in the words of the protocol that had it."""
    parts = excluded(amended(workspace, *GONE)).parts
    assert {code: (part.label, part.n) for code, part in parts.items()} == {
        "E1": ("no partnership", 2),
        "E2": ("no data", 2),
    }


def test_a_code_that_was_renamed_counts_with_the_new_one(workspace: Workspace) -> None:
    """One label is one reason, whatever its code was called when people wrote it."""
    parts = excluded(amended(workspace, *RENAMED)).parts
    assert {code: (part.label, part.n) for code, part in parts.items()} == {
        "E1": ("no partnership", 2),
        "E5": ("no data", 2),
    }


def test_check_and_status_name_exclusions_by_a_lost_code(workspace: Workspace) -> None:
    """Nobody has to find out from the report; while every code is there, nothing is said."""
    assert not any("does not have" in line for line in (*check(workspace).lines, *status(workspace).lines))
    after = amended(workspace, *GONE)
    said = "2 records excluded by E2 (no data), a code that the protocol does not have"
    for summary in (check(after), status(after)):
        assert [line for line in summary.lines if line.startswith(said)] != []


def test_a_sheet_with_a_lost_code_is_still_collected(workspace: Workspace) -> None:
    """What was taken once may stay in its sheet; a record that had another reason cannot get it now."""
    after = amended(workspace, *GONE)
    assert collect.run(after).data["decisions"] == 0
    fill(sheet(after, ONE), lambda number, row: {"reason": "E2"})
    with pytest.raises(SheetError) as refused:
        collect.run(again(after))
    assert [problem.where.split(" row ")[1] for problem in refused.value.problems] == [
        "2, column reason",
        "4, column reason",
    ]


@pytest.fixture
def swapped(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The review a day later, when E1 and E2 were given to each other's reason."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790086400")
    text = workspace.layout.protocol.read_text(encoding="utf-8")
    text = text.replace("code: E2", "code: X").replace("code: E1", "code: E2").replace("code: X", "code: E1")
    workspace.layout.protocol.write_text(text, encoding="utf-8")
    return again(workspace)


def test_codes_that_were_given_out_anew_count_by_their_words(swapped: Workspace) -> None:
    """Who wrote E1 when it read 'no partnership' meant that; status and check say what became of it."""
    parts = excluded(swapped).parts
    assert {code: (part.label, part.n) for code, part in parts.items()} == {
        "E2": ("no partnership", 2),
        "E1": ("no data", 2),
    }
    said = "2 exclusions by E1 when it read 'no partnership': counted as E2, which reads so today. E1 is 'no data' now."
    assert said in check(swapped).lines and said in status(swapped).lines


def test_a_sheet_from_before_codes_were_given_out_anew_is_read_by_its_words(swapped: Workspace) -> None:
    """What stands in it is no changed mind; and its drop-down still says what it means."""
    assert collect.run(swapped).data["decisions"] == 0
    fill(sheet(swapped, ONE), lambda number, row: {"reason": "E1: no partnership"} if number == 1 else {})
    collect.run(again(swapped))
    parts = excluded(again(swapped)).parts
    assert {code: part.n for code, part in parts.items()} == {"E2": 3, "E1": 1}
    fill(sheet(swapped, ONE), lambda number, row: {"reason": "E9 no data"} if number == 1 else {})
    with pytest.raises(SheetError):
        collect.run(again(swapped))


def test_other_words_for_a_code_move_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may say the same; only check asks whether they do."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790086400")
    after = amended(workspace, "label: no data", "label: no usable data")
    assert {code: part.n for code, part in excluded(after).parts.items()} == {"E1": 2, "E2": 2}
    assert any("counted as E2, 'no usable data'. Where that is another reason" in line for line in check(after).lines)
    assert not any("when it read" in line for line in status(after).lines)


def test_two_people_who_gave_one_reason_under_an_old_and_a_new_code_agree(tmp_path: Path) -> None:
    """A code that was renamed while the second person was still at work makes no conflicts."""
    workspace = make(tmp_path, 2)
    for stage in (STAGE, "full-text"):
        with again(workspace).transaction("fulltext") as tx:
            tx.add_events([Retrieval(one.id, "retrieved", "", "", "", "", "", tx.when) for one in workspace.records()])
        issue.run(again(workspace), stage)
        for person in ("reviewer-1", "reviewer-2"):
            answer = {"decision": "include"} if stage == STAGE else {"decision": "exclude", "reason": "E2: no data"}
            path = sheet(workspace, f"{person}-{stage}-1.csv", stage)
            if stage == STAGE or person == "reviewer-1":
                fill(path, lambda number, row, answer=answer: answer)  # type: ignore[misc]
        collect.run(again(workspace))
    after = amended(workspace, *RENAMED)
    fill(
        sheet(after, "reviewer-2-full-text-1.csv", "full-text"), lambda n, row: {"decision": "exclude", "reason": "E5"}
    )
    assert collect.run(after).data["decisions"] == 2
    outcomes = stand(again(after).snapshot()).full_text.values()
    assert [(one.state, one.reason) for one in outcomes] == [("excluded", "E5")] * 2
    assert any("The same reason for 2 of 2" in line for line in tell.agreement(again(after), "full-text").lines)
    assert collect.run(again(after)).data["decisions"] == 0
