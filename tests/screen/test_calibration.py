"""Pilot rounds: nobody screens alone before people agree as the protocol asks, or say why they go on."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screening_reviews import again, fill, make, rows_of, sheet

from evidence_review.commands.screen import collect, issue, tell
from evidence_review.commands.screen.gate import gate
from evidence_review.commands.screen.issue import Wish
from evidence_review.commands.screen.review import StageView
from evidence_review.errors import UsageError
from evidence_review.state import deviations
from evidence_review.state.screening import drawn_for_two, people_needed
from evidence_review.state.standing import stand
from evidence_review.workspace.workspace import Workspace

STAGE = "title-abstract"
PLAN = "mode: single, screeners: [reviewer-1, reviewer-2], agreement: 0.8"


def pilot(workspace: Workspace, number: int, equal: int, size: int = 10) -> None:
    """Make, fill in and collect a pilot round in which two people agree on so many records."""
    issue.run(again(workspace), STAGE, Wish(pilot=size))
    for person in ("reviewer-1", "reviewer-2"):
        other = "exclude" if person == "reviewer-2" else "include"
        fill(
            sheet(workspace, f"{person}-{STAGE}-pilot-{number}.csv"),
            lambda place, row, other=other: {"decision": "include" if place < equal else other},
        )
    collect.run(again(workspace))


def issued(workspace: Workspace, **wish: object) -> list[str]:
    """Issue what is due; return the sheets' names."""
    found = issue.run(again(workspace), STAGE, Wish(**wish)).data["issued"]  # type: ignore[arg-type]
    return [entry["path"].rpartition("/")[2] for entry in found]


def test_a_pilot_gives_everyone_the_same_records(tmp_path: Path) -> None:
    """A pilot round is the same for all, drawn by chance, and the rest is shared out afterwards as planned."""
    workspace = make(tmp_path, 30, "mode: single, screeners: [reviewer-1, reviewer-2, reviewer-3]")
    issue.run(workspace, STAGE, Wish(pilot=10))
    rounds = [
        [row["record"] for row in rows_of(sheet(workspace, f"reviewer-{n}-{STAGE}-pilot-1.csv"))] for n in (1, 2, 3)
    ]
    assert rounds[0] == rounds[1] == rounds[2]
    assert len(rounds[0]) == 10
    issue.run(again(workspace), STAGE)
    rest = [row["record"] for n in (1, 2, 3) for row in rows_of(sheet(workspace, f"reviewer-{n}-{STAGE}-1.csv"))]
    assert sorted([*rest, *rounds[0]]) == sorted(record.id for record in workspace.records())


def test_a_pilot_after_the_sheets_says_why_it_is_short_and_what_compares_people_now(tmp_path: Path) -> None:
    """What stands in sheets is not drawn again; where two people have the same records these tell as much."""
    workspace = make(tmp_path, records=6)
    issue.run(workspace, STAGE)
    told = "\n".join(issue.run(again(workspace), STAGE, Wish(pilot=3)).lines)
    assert "there are 0, not the 3 asked for." in told
    assert "Two people have the same 6 records in sheets that are out" in told
    assert "evidence-review screen agreement" in told


def test_no_sheet_beyond_the_pilot_before_people_agree(tmp_path: Path) -> None:
    """Without a pilot, with one that is open, with one that failed nothing is issued; the last round that agrees does.

    Each time it is said what is missing and what to do.
    """
    workspace = make(tmp_path, 40, PLAN)
    told = issue.run(workspace, STAGE)
    assert told.data["issued"] == []
    assert "Kept back: 40 records for one person alone." in str(told.lines)
    assert "nobody has been compared yet. Make a pilot round: evidence-review screen sheet --pilot 30." in str(told)
    issue.run(again(workspace), STAGE, Wish(pilot=10))
    assert "in pilot round 1, 10 rows of reviewer-1 and 10 rows of reviewer-2 are open" in str(
        issue.run(again(workspace), STAGE).lines
    )
    pilot(workspace, 1, equal=5, size=0)
    told = issue.run(again(workspace), STAGE)
    assert told.data["issued"] == []
    assert "5 of 10 verdicts were equal in pilot round 1 (50 %). Talk about what differs" in str(told.lines)
    status = tell.status(again(workspace))
    assert status.data[STAGE]["kept_back"] == 30
    assert status.next == "evidence-review screen sheet --pilot 30"
    pilot(workspace, 2, equal=8)
    assert issued(workspace) == [f"reviewer-{n}-{STAGE}-1.csv" for n in (1, 2)]


def test_the_share_for_two_comes_first(tmp_path: Path) -> None:
    """Where a share is screened by two, this share is the pilot: the rest follows once people agree on it."""
    workspace = make(tmp_path, 60, "mode: dual-share, share: 0.3, seed: 4, screeners: [reviewer-1, reviewer-2], "
                                   "agreement: 0.9")  # fmt: skip
    issue.run(workspace, STAGE)
    first = {row["record"] for n in (1, 2) for row in rows_of(sheet(workspace, f"reviewer-{n}-{STAGE}-1.csv"))}
    assert first == {record.id for record in workspace.records() if drawn_for_two(record.id, 0.3, 4)}
    for n in (1, 2):
        fill(sheet(workspace, f"reviewer-{n}-{STAGE}-1.csv"), lambda number, row: {"decision": "exclude"})
        collect.run(again(workspace))
        if n == 1:
            assert issued(workspace) == []
    issue.run(again(workspace), STAGE)
    rest = {row["record"] for n in (1, 2) for row in rows_of(sheet(workspace, f"reviewer-{n}-{STAGE}-2.csv"))}
    assert first | rest == {record.id for record in workspace.records()}


def test_who_goes_on_says_so_and_the_report_too(tmp_path: Path) -> None:
    """A reason of somebody in the team opens the way, once for the stage; the report gives it with the records."""
    workspace = make(tmp_path, 20, PLAN)
    pilot(workspace, 1, equal=6)
    for wish, message in ((Wish(anyway="no time"), "Who goes on"), (Wish(by="reviewer-1"), "Say why you go on")):
        with pytest.raises(UsageError, match=message):
            issue.run(again(workspace), STAGE, wish)
    assert issued(workspace, anyway="no {time} left", by="arbiter", size=3)
    assert issued(workspace, size=3, more=True)
    for path in sheet(workspace, "").glob("reviewer-?-title-abstract-?.csv"):
        fill(path, lambda number, row: {"decision": "exclude"})
    collect.run(again(workspace))
    snapshot = again(workspace).snapshot()
    (told,) = [
        one
        for one in deviations.find(snapshot, stand(snapshot), {})
        if one.section == "screening.title_abstract.agreement"
    ]
    assert told.planned == "80% of equal verdicts"
    assert str(told.done) == (
        "6 of 10 verdicts were equal in pilot round 1 (60 %). Screening went on by arbiter's word: no {time} left. "
        "One person judged 10\u00a0records alone."
    )


def test_an_agreement_that_is_there_needs_no_excuse(tmp_path: Path) -> None:
    """Where the target is reached a reason is not kept, and nothing is declared."""
    workspace = make(tmp_path, 20, PLAN)
    pilot(workspace, 1, equal=10)
    assert issued(workspace, anyway="to be sure", by="arbiter")
    snapshot = again(workspace).snapshot()
    assert not [one for one in deviations.find(snapshot, stand(snapshot), {}) if "agreement" in one.section]


@settings(max_examples=15)
@given(
    mode=st.sampled_from(["single", "dual-share", "verify-excludes"]),
    harmony=st.sampled_from([0.5, 0.8, 1.0]),
    seed=st.integers(0, 10**6),
)
def test_nobody_gets_a_record_alone_while_people_disagree(mode: str, harmony: float, seed: int) -> None:
    """Whatever the mode and however people differ: a record goes to one person only while the gate is open."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        workspace = make(Path(folder), 14, f"mode: {mode}, share: 0.4, screeners: [reviewer-1, reviewer-2], "
                                           "agreement: 0.75, batch: 4")  # fmt: skip
        for _ in range(6):
            shut = gate(StageView.read(again(workspace), STAGE)).shut
            wish = Wish(pilot=3) if chance.random() < 0.3 else Wish(more=chance.random() < 0.5)
            found = issue.run(again(workspace), STAGE, wish).data["issued"]
            view = StageView.read(again(workspace), STAGE)
            if shut:
                for path in (entry["path"] for entry in found):
                    for row in rows_of(workspace.layout.folder / path):
                        record = view.keeper(row["record"])
                        verdicts = [one.verdict for one in view.decisions.get(record, ())]
                        people = view.held()[record] | view.judged_by(record)
                        assert len(people) == 2 or people_needed(view.plan, record, verdicts) == 2, (mode, path)
            for path in sorted(sheet(workspace, "").glob("reviewer-*.csv")):
                if chance.random() < 0.8:
                    fill(path, lambda number, row: {
                        "decision": row["decision"] or ("exclude" if chance.random() < harmony else "include")
                    })  # fmt: skip
            collect.run(again(workspace))


def test_a_lost_pilot_sheet_is_written_again_though_two_others_settled_its_rows(tmp_path: Path) -> None:
    """A pilot waits for everyone: what two people settled is still open for the third, told, and written again."""
    plan = "mode: dual-share, screeners: [reviewer-1, reviewer-2, reviewer-3], agreement: 0.8"
    workspace = make(tmp_path, 40, plan)
    pilot(workspace, 1, equal=10)
    gone = sheet(workspace, f"reviewer-3-{STAGE}-pilot-1.csv")
    records = [row["record"] for row in rows_of(gone)]
    gone.unlink()
    view = StageView.read(again(workspace), STAGE)
    assert "10 rows of reviewer-3 are open" in gate(view).why
    assert tell.status(again(workspace)).data[STAGE]["people"]["reviewer-3"]["open"] == 10
    issue.run(again(workspace), STAGE)
    assert [row["record"] for row in rows_of(gone)] == records
    fill(gone, lambda place, row: {"decision": "include"})
    collect.run(again(workspace))
    assert not gate(StageView.read(again(workspace), STAGE)).shut
