"""The modes: nobody screens twice, and no record is decided by fewer people than the protocol says."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screening_reviews import add, again, fill, make, rows_of, sheet

from evidence_review.commands.screen import collect, issue
from evidence_review.commands.screen.issue import Wish
from evidence_review.model.events import VERDICTS, Decision
from evidence_review.model.protocol import MODES, StagePlan
from evidence_review.state.assignment import assign
from evidence_review.state.screening import AWAITING, decide, drawn_for_two, people_needed
from evidence_review.state.standing import AWAITING_SCREENING, CONFLICT_SCREENING, stand
from evidence_review.workspace.workspace import Workspace

STAGE = "title-abstract"
PEOPLE = ("reviewer-1", "reviewer-2", "reviewer-3")


def decision(record: str, person: str, verdict: str, role: str = "screener") -> Decision:
    return Decision(record, STAGE, person, verdict, "", "", role, "b", "s", "2", "t")


@given(
    mode=st.sampled_from(MODES),
    share=st.floats(0.01, 1),
    seed=st.integers(0, 99),
    records=st.lists(st.integers(0, 10**6).map(lambda n: f"R-{n:08d}"), unique=True, max_size=30),
    crowd=st.integers(1, 4),
    data=st.data(),
)
def test_shares_give_each_record_exactly_the_people_it_needs(
    mode: str, share: float, seed: int, records: list[str], crowd: int, data: st.DataObject
) -> None:
    """Whatever was decided and is out already, each record gets as many more people as the mode asks, or is `short`."""
    people = [f"reviewer-{number}" for number in range(1, crowd + 1)]
    plan = StagePlan(mode=mode, share=share, seed=seed)
    made = {
        record: [decision(record, person, data.draw(st.sampled_from(VERDICTS)))
                 for person in data.draw(st.lists(st.sampled_from([*people, "left"]), unique=True, max_size=2))]
        for record in records
    }  # fmt: skip
    held = {record: set(data.draw(st.lists(st.sampled_from([*people, "left"]), max_size=2))) for record in records}
    shares = assign(plan, people, records, made, held, dict.fromkeys(people))
    for record in records:
        new = [person for person in people for part in (shares.first, shares.second) if record in part.get(person, ())]
        having = {one.screener for one in made[record]} | held[record] & set(people)
        needed = people_needed(plan, record, [one.verdict for one in made[record]])
        assert not set(new) & having
        assert len(new) == len(set(new))
        assert len(new) == min(max(needed - len(having), 0), len(set(people) - having))
        assert (record in shares.short) == (len(set(people) - having) < needed - len(having))


@given(
    mode=st.sampled_from(MODES),
    seed=st.integers(0, 99),
    verdicts=st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(VERDICTS)), max_size=5),
)
def test_nothing_is_decided_by_fewer_people_than_the_mode_asks(
    mode: str, seed: int, verdicts: list[tuple[str, str]]
) -> None:
    """An outcome without a settling word rests on at least as many people as the mode needs; else it waits."""
    plan = StagePlan(mode=mode, seed=seed)
    made = [decision("R-00000001", person, verdict) for person, verdict in verdicts]
    outcome = decide(plan, STAGE, "R-00000001", made)
    last = dict(verdicts)
    if outcome.state in ("included", "excluded"):
        assert len(last) >= people_needed(plan, "R-00000001", last.values())
    elif outcome.state == AWAITING:
        assert len(last) < people_needed(plan, "R-00000001", last.values())


@settings(max_examples=12)
@given(
    mode=st.sampled_from(MODES),
    crowd=st.integers(2, 3),
    size=st.sampled_from([0, 3]),
    late=st.integers(0, 3),
    leaver=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_a_review_screened_to_its_end(mode: str, crowd: int, size: int, late: int, leaver: bool, seed: int) -> None:
    """Sheets issued, filled at random and collected until nothing is issued: everything has its people.

    Records come late, batches are small, and one screener may leave in the middle; no person gets a record twice.
    """
    import random

    chance = random.Random(seed)
    people = PEOPLE[:crowd]
    plan = f"mode: {mode}, screeners: [{', '.join(people)}], share: 0.4"
    with tempfile.TemporaryDirectory() as folder:
        workspace = make(Path(folder), 5, plan)
        for round_ in range(12):
            if round_ == 1 and late:
                add(workspace, range(10, 10 + late))
            if round_ == 1 and leaver and crowd == 3:
                path = workspace.layout.protocol
                path.write_text(path.read_text("utf-8").replace(", reviewer-3], share", "], share"), encoding="utf-8")
            issued = issue.run(again(workspace), STAGE, Wish(size=size)).data["issued"]
            if round_ > 1 and not issued and not any(_blank(workspace, chance)):
                break
            for path in sorted(sheet(workspace, "").glob("reviewer-*.csv")):
                if "reviewer-3" in path.name and leaver and crowd == 3:
                    continue
                fill(path, lambda number, row: {} if row["decision"] else {"decision": chance.choice(VERDICTS)})
            collect.run(again(workspace))
        snapshot = again(workspace).snapshot()
        standing = stand(snapshot)
        assert AWAITING_SCREENING not in standing.state_of.values()
        seen = Counter((one.record, one.screener) for one in snapshot.decisions)
        assert set(seen.values()) == {1}
        for record, outcome in standing.title_abstract.items():
            judged = {one.screener for one in snapshot.decisions if one.record == record}
            verdicts = [one.verdict for one in snapshot.decisions if one.record == record]
            assert len(judged) >= people_needed(snapshot.protocol.stage(STAGE), record, verdicts)
            if standing.state_of[record] != CONFLICT_SCREENING:
                assert len(outcome.decisions) >= outcome.needed


def _blank(workspace: Workspace, chance: object) -> list[Path]:
    return [
        path
        for path in sheet(workspace, "").glob("reviewer-[12]*.csv")
        if any(not row["decision"] for row in rows_of(path))
    ]


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_the_share_for_two_is_drawn_fairly(share: float) -> None:
    """Of 20,000 records the drawn share lies within four standard errors of the share asked for."""
    drawn = sum(drawn_for_two(f"R-{number:08d}", share, 7) for number in range(20_000))
    assert abs(drawn / 20_000 - share) < 4 * (share * (1 - share) / 20_000) ** 0.5


def test_excludes_go_to_a_second_person_and_no_other_record_does(tmp_path: Path) -> None:
    """Under verify-excludes the second person's sheet holds the first one's excludes, and nothing of their words."""
    workspace = make(tmp_path, 6, "mode: verify-excludes, screeners: [reviewer-1, reviewer-2]")
    issue.run(workspace, STAGE)
    mine = {person: rows_of(sheet(workspace, f"{person}-{STAGE}-1.csv")) for person in PEOPLE[:2]}
    assert sum(map(len, mine.values())) == 6
    for person in mine:
        fill(
            sheet(workspace, f"{person}-{STAGE}-1.csv"),
            lambda number, row: {"decision": "exclude" if number == 0 else "include", "note": "secret"},
        )
    collect.run(again(workspace))
    issue.run(again(workspace), STAGE)
    for person, other in (("reviewer-1", "reviewer-2"), ("reviewer-2", "reviewer-1")):
        path = sheet(workspace, f"{person}-{STAGE}-verify-1.csv")
        assert [row["record"] for row in rows_of(path)] == [mine[other][0]["record"]]
        assert "secret" not in path.read_text("utf-8-sig")
        fill(path, lambda number, row: {"decision": "exclude"})
    collect.run(again(workspace))
    snapshot = again(workspace).snapshot()
    assert AWAITING_SCREENING not in stand(snapshot).state_of.values()
    assert {one.role for one in snapshot.decisions if "verify" in one.batch} == {"verifier"}
