"""A file that is taken back late: sheets of full texts and values are out, Zotero has it, a version has ended."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import extraction_reviews as reviews
import pytest
from dying_programs import NEVER, contents, program
from fake_zotero import KEY, serving

from evidence_review.commands.dedup.run import run as dedup
from evidence_review.commands.extract import run as extract
from evidence_review.commands.fulltext.collect import run as collect_full_texts
from evidence_review.commands.fulltext.sheet import run as full_text_sheet
from evidence_review.commands.load.plan import Wish
from evidence_review.commands.load.run import run as load
from evidence_review.commands.load.take_back import run as take_back
from evidence_review.commands.zotero import push
from evidence_review.commands.zotero.wanted import object_key
from evidence_review.model.events import Decision, Edition, Retrieval, Value
from evidence_review.state import values
from evidence_review.state.counting import count
from evidence_review.state.identities import check
from evidence_review.state.standing import stand
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

TITLES = ("Nurses twinning across Ethiopian hospitals", "Water pumps repaired by schoolchildren", "Snakebite logistics")


def nbib(*numbers: int) -> str:
    return "".join(
        f"PMID- {1000 + number}\nTI  - {TITLES[number]}\nDP  - 2020\nAU  - Okafor {'ABC'[number]}\n\n"
        for number in numbers
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A review in which a file was loaded for `wrong`, and its records included."""
    folder = tmp_path / "review"
    (folder / "protocols").mkdir(parents=True)
    (folder / "protocols" / "small.yml").write_text(reviews.protocol(), encoding="utf-8")
    (folder / "a.nbib").write_text(nbib(0, 1), encoding="utf-8")
    bring(folder, "wrong")
    dedup(Workspace.open(folder))
    decide(folder, "title-abstract")
    return folder


def bring(folder: Path, source: str, name: str = "a.nbib") -> None:
    load(Workspace.open(folder), [folder / name], Wish(source=source, route="database"))


def decide(folder: Path, stage: str) -> None:
    workspace = Workspace.open(folder)
    records = [record.id for record in workspace.records()]
    with workspace.transaction("screen") as tx:
        tx.add_events(
            Decision(one, stage, "reviewer-1", "include", "", "", "screener", "1", "", "", tx.when) for one in records
        )


def right_source(folder: Path) -> None:
    """Load the file for the right source, and take back what was loaded for the wrong one."""
    bring(folder, "right")
    dedup(Workspace.open(folder))
    done = take_back(Workspace.open(folder), "a.nbib", because="it is the right source's", source="wrong")
    assert (done.data["with_copies"], done.data["decisions"]) == (2, {})
    dedup(Workspace.open(folder))


def wholly(folder: Path) -> None:
    take_back(Workspace.open(folder), "a.nbib", because="another review's", source="wrong", with_decisions=True)


def faultless(folder: Path) -> None:
    snapshot = Workspace.open(folder).snapshot()
    assert [one for one in check(count(snapshot, stand(snapshot))) if not one.soft] == []


def _retrieved(number: int, row: dict[str, str]) -> dict[str, str]:
    return {"outcome": "retrieved", "by": "reviewer-1"}


@pytest.mark.parametrize(("how", "outcomes"), [(right_source, 2), (wholly, 0)])
def test_a_sheet_of_full_texts_is_collected(folder: Path, how: Callable[[Path], None], outcomes: int) -> None:
    full_text_sheet(Workspace.open(folder))
    how(folder)
    sheet = folder / "screening" / "small" / "full-text" / "retrieval.csv"
    reviews.fill(sheet, _retrieved)
    told = collect_full_texts(Workspace.open(folder))
    assert told.data["outcomes"] == outcomes
    assert any("rows 2, 3 left out" in line for line in told.lines) == (how is wholly)
    assert collect_full_texts(Workspace.open(folder)).data["outcomes"] == 0
    assert len(Workspace.open(folder).events(Retrieval)) == outcomes
    if outcomes:
        assert full_text_sheet(Workspace.open(folder)).data["issued"] == ""
    faultless(folder)


def _answers(number: int, row: dict[str, str]) -> dict[str, str]:
    return {"design": "survey", "participants": str(10 + number)}


@pytest.mark.parametrize("filled_before", [True, False])
@pytest.mark.parametrize(("how", "studies"), [(right_source, 2), (wholly, 0)])
def test_values_follow_their_study_to_the_copy_that_stays(
    folder: Path, how: Callable[[Path], None], studies: int, filled_before: bool
) -> None:
    """Whether they were collected before or stand in a sheet that comes back later."""
    decide(folder, "full-text")
    extract.sheet(Workspace.open(folder), "reviewer-1", "csv")
    sheet = folder / "screening" / "small" / "extraction" / "reviewer-1.csv"
    if filled_before:
        reviews.fill(sheet, _answers)
        extract.collect(Workspace.open(folder), ())
    how(folder)
    if not filled_before:
        reviews.fill(sheet, _answers)
        told = extract.collect(Workspace.open(folder), ())
        assert any("the row was left out" in line for line in told.lines) == (how is wholly)
    assert extract.collect(Workspace.open(folder), ()).data["new"] == 0
    snapshot = Workspace.open(folder).snapshot()
    standing = stand(snapshot)
    folded = values.fold(snapshot.values, standing)
    assert len(standing.studies) == studies
    cells = [folded.cell(study.id, "characteristics", "participants") for study in standing.studies]
    assert sorted(cell.final.value for cell in cells if cell and cell.final) == ["10", "11"][:studies]
    assert len(Workspace.open(folder).every_event(Value)) == (4 if filled_before or studies else 0)
    faultless(folder)


def test_items_that_were_pushed_leave_the_reviews_collections_and_stay_in_the_library(folder: Path) -> None:
    with serving() as library:
        settings = Settings(keys={"zotero": KEY}, urls={"zotero": library.url})
        push.run(Workspace.open(folder), "users/7", settings=settings)
        gone = [object_key("small", "item", record.id) for record in Workspace.open(folder).records()]
        assert all(library.items[key]["collections"] for key in gone)
        wholly(folder)
        (folder / "b.nbib").write_text(nbib(2), encoding="utf-8")
        bring(folder, "right", "b.nbib")
        said = push.run(Workspace.open(folder), "users/7", settings=settings, dry_run=True)
        assert said.data["items"] == {"create": 1, "change": 2}
        push.run(Workspace.open(folder), "users/7", settings=settings)
        for key in gone:
            assert library.items[key]["collections"] == []
            assert library.items[key]["tags"] == []
        again = push.run(Workspace.open(folder), "users/7", settings=settings)
        assert again.data["items changed"] == 0


def test_a_version_that_ended_keeps_its_numbers_and_the_next_counts_only_what_is_new(folder: Path) -> None:
    """What the ended version had is known by its runs: a record that came after it is new, whatever left."""
    decide(folder, "full-text")
    workspace = Workspace.open(folder)
    ids = [record.id for record in workspace.records()]
    studies = [study.id for study in stand(workspace.snapshot()).studies]
    with workspace.transaction("update") as tx:
        tx.add_events(
            [Edition("1", "2", " ".join(studies), " ".join(ids), "2", "2", workspace.ledger()[-1].run, tx.when)]
        )
    (folder / "b.nbib").write_text(nbib(2), encoding="utf-8")
    bring(folder, "right", "b.nbib")
    wholly(folder)
    snapshot = Workspace.open(folder).snapshot()
    flow = count(snapshot, stand(snapshot))
    assert flow.n("database_results") == 1
    assert (flow.n("previous_studies"), flow.n("total_studies")) == (2, 0)
    faultless(folder)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_at_any_change_it_is_done_or_not_and_done_again_it_is_the_same(folder: Path, tmp_path: Path) -> None:
    words = ("load", "take-back", "a.nbib", "--because", "another review's", "--source", "wrong", "--with-decisions")
    (folder / "b.nbib").write_text(nbib(2, 1), encoding="utf-8")
    bring(folder, "wrong", "b.nbib")
    whole = tmp_path / "whole"
    shutil.copytree(folder, whole)
    assert program(whole, words, NEVER, tmp_path / "count").returncode == 0
    expected = contents(whole)
    changes = int((tmp_path / "count").read_text(encoding="utf-8"))
    for last in sorted({1, changes, *range(2, changes, max(1, changes // 8))}):
        dying = tmp_path / str(last)
        shutil.copytree(folder, dying)
        assert program(dying, words, last, tmp_path / "count").returncode == -signal.SIGKILL
        assert program(dying, words, NEVER, tmp_path / "count").returncode == 0
        assert contents(dying) == expected, last
