"""`load take-back`: what was loaded by mistake leaves the review, nothing of it is destroyed, and it can come again."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_review.commands.audit.bundle import bundle
from evidence_review.commands.audit.explain import explain
from evidence_review.commands.audit.verify import verify, verify_bundle
from evidence_review.commands.dedup.run import run as dedup
from evidence_review.commands.load.plan import Wish
from evidence_review.commands.load.run import run as load
from evidence_review.commands.load.take_back import run as take_back
from evidence_review.commands.report import diff
from evidence_review.commands.report.run import run as render
from evidence_review.commands.screen.collect import run as collect
from evidence_review.commands.screen.issue import Wish as Rows
from evidence_review.commands.screen.issue import run as issue
from evidence_review.errors import InputError, UsageError
from evidence_review.model.events import Decision
from evidence_review.model.record import Citation, Parsed
from evidence_review.model.search_run import SearchRun
from evidence_review.state.counting import count
from evidence_review.state.identities import check
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, stand
from evidence_review.state.waiting import waiting
from evidence_review.workspace.workspace import Workspace

PROTOCOL = """\
review: small
title: A small review
question: {text: Does it work?}
team: [{id: ann}, {id: ben}]
eligibility:
  include: [{id: I1, criterion: partnerships}]
  exclude: [{code: E1, label: wrong population}]
sources:
  - {id: embase, name: Embase, via: file, searched_on: 2026-01-05}
  - {id: medline, name: MEDLINE, via: file}
  - {id: web, name: Websites, route: website, via: manual, searched_on: 2026-01-06, hits: 0}
screening: {title_abstract: {mode: single, screeners: [ann]}}
"""
# Titles that share no words, so that only what is meant to be a copy is one.
TITLES = (
    "Nurses twinning across Ethiopian hospitals", "Water pumps repaired by schoolchildren", "Malaria nets in Ghana",
    "Obstetric drills for midwives", "Teleradiology between Oslo and Lilongwe", "Cataract camps along a river",
    "Snakebite antivenom logistics", "Laundry robots", "Measles surveillance with radios", "Solar fridges",
)  # fmt: skip


def nbib(*numbers: int, said: str = "") -> str:
    """Records with a number of their own; what they `said` beside it may differ from file to file."""
    return "".join(
        f"PMID- {1000 + number}\nTI  - {TITLES[number]}\nDP  - 2020\nAU  - Okafor {'ABCDEFGHIJ'[number]}\n"
        f"AB  - {said or 'Nothing'} of {TITLES[number]} was found to matter.\nVI  - {number + 1}\n\n"
        for number in numbers
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path / "review")


def made(folder: Path) -> Path:
    (folder / "protocols" / "small").mkdir(parents=True)
    (folder / "protocols" / "small.yml").write_text(PROTOCOL, encoding="utf-8")
    return folder


def put(folder: Path, name: str, *numbers: int, said: str = "") -> Path:
    path = folder / name
    path.write_text(nbib(*numbers, said=said), encoding="utf-8")
    return path


def bring(folder: Path, path: Path, source: str = "embase", hits: int | None = None) -> str:
    """Load a file; return the name of its run."""
    data = load(Workspace.open(folder), [path], Wish(source=source, hits=hits)).data
    return str(data["runs"][0]["id"]) if data["runs"] else ""


def back(folder: Path, what: object, source: str = "", *, with_decisions: bool = False) -> dict[str, object]:
    done = take_back(
        Workspace.open(folder), str(what), because="the wrong file", source=source, with_decisions=with_decisions
    )
    return dict(done.data)


def numbers(folder: Path) -> list[int]:
    return sorted(int(record.native_id) - 1000 for record in Workspace.open(folder).records())


def decide(folder: Path, *records: str, verdict: str = "include") -> None:
    with Workspace.open(folder).transaction("screen") as tx:
        tx.add_events(
            Decision(one, "title-abstract", "ann", verdict, "", "", "screener", "1", "", "", tx.when) for one in records
        )


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "library").rglob("*")) if path.is_file() and path.name != ".lock"
    }  # fmt: skip


def faultless(folder: Path) -> None:
    """Every total adds up and every byte is as it was written."""
    snapshot = Workspace.open(folder).snapshot()
    assert [one for one in check(count(snapshot, stand(snapshot))) if not one.soft] == []
    verify(Workspace.open(folder))


def test_what_only_that_file_brought_leaves_and_nothing_is_destroyed(folder: Path) -> None:
    bring(folder, put(folder, "a.nbib", 0, 1, 2))
    wrong = put(folder, "b.nbib", 2, 3, 4)
    run = bring(folder, wrong)
    before = contents(folder)
    done = back(folder, wrong)
    assert (done["gone"], done["handed_on"], done["runs"]) == (2, 0, [run])
    assert numbers(folder) == [0, 1, 2]
    after = contents(folder)
    assert all(after[name].startswith(data) for name, data in before.items())
    row = next(csv.DictReader((folder / "library" / "small" / "taken-back.csv").open(encoding="utf-8")))
    assert (row["run"], row["source"], row["why"]) == (run, "embase", "the wrong file")
    faultless(folder)


def test_taken_back_twice_changes_nothing(folder: Path) -> None:
    wrong = put(folder, "a.nbib", 0, 1)
    bring(folder, wrong)
    back(folder, wrong)
    before = contents(folder)
    assert back(folder, wrong)["changed"] is False
    assert contents(folder) == before


def test_a_run_is_named_by_its_name_its_bytes_or_its_files_name(folder: Path, tmp_path: Path) -> None:
    """Also where the file has been moved, or mended under the same name."""
    wrong = put(folder, "a.nbib", 0, 1)
    run = bring(folder, wrong)
    moved = shutil.copyfile(wrong, tmp_path / "elsewhere.txt")
    for what in (run, moved, wrong, "a.nbib"):
        assert back(folder, what)["runs"] == [run]
        run = bring(folder, wrong)
    wrong.write_text("mended", encoding="utf-8")
    assert back(folder, wrong)["runs"] == [run]


def test_what_names_nothing_or_too_much_is_refused_with_what_there_is(folder: Path) -> None:
    path = put(folder, "a.nbib", 0, 1)
    first, second = bring(folder, path), bring(folder, path, "medline")
    with pytest.raises(UsageError, match=f"loaded 2 times: {first} for embase .*; {second} for medline .*--source"):
        back(folder, path)
    with pytest.raises(UsageError, match=r"'c\.nbib' was loaded\. There are: .*a\.nbib"):
        back(folder, "c.nbib")
    with pytest.raises(UsageError, match="was not loaded for 'web'"):
        back(folder, path, "web")
    with pytest.raises(UsageError, match="Say why"):
        take_back(Workspace.open(folder), first, because=" ")
    with pytest.raises(UsageError, match="'zoe' is not in the protocol's team"):
        take_back(Workspace.open(folder), first, because="x", by="zoe")
    assert back(folder, path, "medline")["runs"] == [second]
    # The same words once more would now fit the right one.
    with pytest.raises(UsageError, match="was taken back for medline already, and is loaded for embase"):
        back(folder, path)
    assert back(folder, path, "medline")["changed"] is False
    assert numbers(folder) == [0, 1]


def test_what_another_file_brought_too_stays_as_that_one_gave_it(folder: Path) -> None:
    """Its words, place and line are those of the file that stays, and that file's account counts it."""
    wrong = put(folder, "a.nbib", 0, 1, said="The wrong file: much")
    bring(folder, wrong)
    right = bring(folder, put(folder, "b.nbib", 2, 1, said="Little"))
    done = back(folder, wrong)
    assert (done["gone"], done["handed_on"]) == (1, 1)
    held = {int(record.native_id) - 1000: record for record in Workspace.open(folder).records()}
    assert sorted(held) == [1, 2]
    assert held[1].citation.abstract.startswith("Little")
    assert (held[1].run, held[1].position, held[1].line) == (right, 2, 8)
    run = Workspace.open(folder).runs()[0]
    assert (run.id, run.starts, run.loaded, run.known) == (right, 2, 2, 0)
    faultless(folder)


def test_what_a_search_of_a_service_found_too_stays_with_that_search(folder: Path) -> None:
    """As the file had it, for the archived reply is not read again here; without the file's line."""
    wrong = put(folder, "a.nbib", 0, 1)
    bring(folder, wrong)
    workspace = Workspace.open(folder)
    with workspace.transaction("search") as tx:
        ids = [
            tx.add_record(Parsed(Citation(title=TITLES[one]), "", native_id=str(1000 + one)), "embase", tx.run, at, "x")
            for at, one in enumerate((5, 1), start=1)
        ]
        assert [new for _, new in ids] == [True, False]
        run = SearchRun(tx.run, "embase", "database", "api", starts=2, loaded=1, known=1)
        tx.add_run(replace(run, record_ids=tuple(record for record, _ in ids)))
    assert back(folder, wrong)["handed_on"] == 1
    held = {int(record.native_id) - 1000: record for record in Workspace.open(folder).records()}
    assert {one: (record.run, record.position, record.line) for one, record in held.items()} == {
        5: (run.id, 1, 0), 1: (run.id, 2, 0),
    }  # fmt: skip
    assert [(one.loaded, one.known) for one in Workspace.open(folder).runs()] == [(2, 0)]
    with pytest.raises(UsageError, match="asked embase itself"):
        back(folder, run.id)
    faultless(folder)


def test_a_file_comes_again_under_the_ids_that_it_had_counted_once(folder: Path) -> None:
    path = put(folder, "a.nbib", 0, 1)
    bring(folder, path)
    ids = [record.id for record in Workspace.open(folder).records()]
    back(folder, path)
    summary = load(Workspace.open(folder), [path], Wish(source="embase"))
    assert (summary.data["loaded"], summary.data["known"]) == (2, 0)
    assert [record.id for record in Workspace.open(folder).records()] == ids
    assert load(Workspace.open(folder), [path], Wish(source="embase")).lines[0] == "Nothing new to load."
    faultless(folder)


def test_what_the_protocol_or_a_folder_lists_does_not_come_again_unawares(folder: Path) -> None:
    """Only who names the file, or its source beside the folder, means to load it again."""
    listed = PROTOCOL.replace("searched_on: 2026-01-05}", "files: [a.nbib]}")
    (folder / "protocols" / "small.yml").write_text(listed, encoding="utf-8")
    path = put(folder / "protocols" / "small", "a.nbib", 0, 1)
    load(Workspace.open(folder))
    done = take_back(Workspace.open(folder), str(path), because="an old export")
    assert any("The protocol still lists a.nbib under 'embase': take it out there" in line for line in done.lines)
    take_back(Workspace.open(folder), "0001-load.2", because="nobody searched it")
    before = contents(folder)
    told = load(Workspace.open(folder)).lines
    load(Workspace.open(folder), [folder / "protocols" / "small"])
    assert contents(folder) == before
    assert any("a.nbib was taken back on" in line and "(an old export); to load it again: " in line for line in told)
    assert any("the search logged by hand was taken back" in line for line in told)
    load(Workspace.open(folder), [path])
    assert numbers(folder) == [0, 1]
    load(Workspace.open(folder), (), Wish(source="web"))
    assert [run.source for run in Workspace.open(folder).runs()] == ["embase", "web"]


def test_the_hits_are_the_searchs_and_not_the_files(folder: Path) -> None:
    """A search whose one file is taken back lacks what that file held, whichever of them had the number."""
    first, second = put(folder, "a.nbib", 0, 1), put(folder, "b.nbib", 2, 3, 4)
    bring(folder, first, hits=5)
    bring(folder, second)
    assert [run.state for run in Workspace.open(folder).runs()] == ["complete", "complete"]
    done = take_back(Workspace.open(folder), str(first), because="the wrong file")
    (run,) = Workspace.open(folder).runs()
    assert (run.hits, run.state) == (5, "incomplete")
    assert "2 are missing" in run.reason and any("2 are missing" in line for line in done.lines)
    bring(folder, put(folder, "c.nbib", 5, 6))
    assert {run.state for run in Workspace.open(folder).runs()} == {"complete"}


def test_decisions_that_would_count_no_more_are_told_before_anything_is_done(folder: Path) -> None:
    wrong = put(folder, "a.nbib", 0, 1, 2)
    bring(folder, wrong)
    first, second, _ = (record.id for record in Workspace.open(folder).records())
    decide(folder, first, second)
    decide(folder, second, verdict="exclude")
    before = contents(folder)
    with pytest.raises(InputError, match="2 screening decisions on 2 records, by ann would count no more"):
        back(folder, wrong)
    assert contents(folder) == before
    assert back(folder, wrong, with_decisions=True)["decisions"] == {"decisions": 2}
    assert Workspace.open(folder).snapshot().decisions == ()
    assert len(Workspace.open(folder).every_event(Decision)) == 3
    story = "\n".join(explain(Workspace.open(folder), first).lines)
    assert "taken back: the wrong file" in story and "ann include" in story and "not in the review" in story
    bring(folder, wrong)
    assert len(Workspace.open(folder).snapshot().decisions) == 3
    faultless(folder)


def test_the_right_file_for_the_wrong_source_keeps_what_was_decided(folder: Path) -> None:
    """Loaded for the right source first, each record is a copy that stays: the decision was on the document."""
    path = put(folder, "a.nbib", 0, 1)
    bring(folder, path, "medline")
    dedup(Workspace.open(folder))
    decide(folder, *(record.id for record in Workspace.open(folder).records()))
    bring(folder, path, "embase")
    dedup(Workspace.open(folder))
    done = back(folder, path, "medline")
    assert (done["gone"], done["with_copies"], done["decisions"]) == (2, 2, {})
    dedup(Workspace.open(folder))
    snapshot = Workspace.open(folder).snapshot()
    standing = stand(snapshot)
    assert set(standing.state_of.values()) == {"awaiting full text"}
    assert {record.source for record in snapshot.records.values()} == {"embase"}
    faultless(folder)
    kept = next(iter(snapshot.records))
    assert "ann include (on its copy" in (story := "\n".join(explain(Workspace.open(folder), kept).lines))
    assert "which was taken back" in story


def test_copies_that_only_a_record_that_is_gone_held_together_are_looked_at_again(folder: Path) -> None:
    """Whatever was added since: no record counts as compared because so many were compared before."""
    bring(folder, put(folder, "a.nbib", 0, 1))
    wrong = put(folder, "b.nbib", 2, 3, 4)
    bring(folder, wrong)
    dedup(Workspace.open(folder))
    back(folder, wrong)
    bring(folder, put(folder, "c.nbib", 0, 1, 5, 6), "medline")
    open_now = waiting(*_folded(folder))
    assert [item.count for item in open_now if "duplicates" in item.what] == [6]
    dedup(Workspace.open(folder))
    snapshot, standing = _folded(folder)
    assert len(standing.clusters.removed()) == 2
    assert not [item for item in waiting(snapshot, standing) if "duplicates" in item.what]


def _folded(folder: Path) -> tuple[Snapshot, Standing]:
    snapshot = Workspace.open(folder).snapshot()
    return snapshot, stand(snapshot)


def test_sheets_that_are_out_are_collected_and_their_rows_named(folder: Path) -> None:
    bring(folder, put(folder, "a.nbib", 0))
    wrong = put(folder, "b.nbib", 1, 2)
    bring(folder, wrong)
    dedup(Workspace.open(folder))
    issue(Workspace.open(folder), "title-abstract", Rows())
    (sheet,) = (folder / "screening" / "small" / "title-abstract").glob("*ann*.csv")
    back(folder, wrong)
    kept = sheet.read_bytes()
    sheet.unlink()
    issue(Workspace.open(folder), "title-abstract", Rows())
    assert len(sheet.read_bytes().splitlines()) == 2
    sheet.write_bytes(kept)
    rows = list(csv.reader(sheet.open(encoding="utf-8-sig", newline="")))
    place = rows[0].index("decision")
    for row in rows[1:]:
        row[place] = "include"
    with sheet.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    told = collect(Workspace.open(folder))
    assert told.data["decisions"] == 1
    assert any("rows 3, 4 left out: what brought the record was taken back" in line for line in told.lines)
    assert collect(Workspace.open(folder)).data["decisions"] == 0
    faultless(folder)


def test_a_row_of_a_copy_that_is_gone_counts_for_the_copy_that_stays(folder: Path) -> None:
    path = put(folder, "a.nbib", 0, 1)
    bring(folder, path, "medline")
    dedup(Workspace.open(folder))
    issue(Workspace.open(folder), "title-abstract", Rows())
    (sheet,) = (folder / "screening" / "small" / "title-abstract").glob("*ann*.csv")
    bring(folder, path, "embase")
    dedup(Workspace.open(folder))
    back(folder, path, "medline")
    sheet.unlink()
    issue(Workspace.open(folder), "title-abstract", Rows())
    rows = list(csv.reader(sheet.open(encoding="utf-8-sig", newline="")))
    for row in rows[1:]:
        row[rows[0].index("decision")] = "include"
    with sheet.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    assert collect(Workspace.open(folder)).data["decisions"] == 2
    again = collect(Workspace.open(folder))
    assert (again.data["decisions"], again.data["files"][0]["same"]) == (0, 2)
    assert set(_folded(folder)[1].state_of.values()) == {"awaiting full text"}
    assert issue(Workspace.open(folder), "title-abstract", Rows()).data["issued"] == []


def test_the_report_says_that_it_was_taken_back_and_counts_nothing_of_it(folder: Path) -> None:
    bring(folder, put(folder, "a.nbib", 0, 1))
    wrong = put(folder, "b.nbib", 2, 3)
    run = bring(folder, wrong)
    take_back(Workspace.open(folder), str(wrong), because="it is last year's export", by="ann")
    dedup(Workspace.open(folder))
    render(Workspace.open(folder), draft=True)
    page = (folder / "reports" / "small" / "report.md").read_text(encoding="utf-8")
    (line,) = [line for line in page.splitlines() if "last year" in line]
    assert f"Run {run}: a file that was loaded for Embase" in line and "Nothing of it is counted" in line
    assert "b.nbib" in line
    assert f"search.embase.{run}.loaded" not in (folder / "reports" / "small" / "numbers.json").read_text("utf-8")


def test_a_day_before_it_was_taken_back_still_has_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = put(folder, "a.nbib", 0, 1)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795435200")  # 2026-11-23
    bring(folder, wrong)
    bring(folder, put(folder, "b.nbib", 1, 2))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795608000")
    back(folder, wrong)
    changed = diff.run(Workspace.open(folder), "2026-11-23").data["numbers"]["database_results"]
    assert (changed["old"], changed["new"]) == (3, 2)


def test_a_bundle_is_done_again_from_its_ledger(folder: Path, tmp_path: Path) -> None:
    """The command, typed again on the same inputs, writes the same bytes."""
    put(folder, "a.nbib", 0, 1)
    put(folder, "b.nbib", 1, 2)
    for words in (
        "load a.nbib --source embase", "load b.nbib --source embase", "dedup", "load take-back a.nbib --because wrong",
        "dedup", "load a.nbib --source medline", "dedup",
    ):  # fmt: skip
        program = [sys.executable, "-m", "evidence_review.cli", "--folder", str(folder), *words.split()]
        subprocess.run(program, check=True, capture_output=True, cwd=folder)
    bundle(Workspace.open(folder), tmp_path / "bundle.zip")
    replayed = verify_bundle(tmp_path / "bundle.zip", again=True).data["replayed"]
    assert replayed == {"runs": 7, "files": replayed["files"], "skipped": []}


def test_a_bundle_of_files_from_elsewhere_verifies(folder: Path, tmp_path: Path) -> None:
    """Two downloads of one name and an archive are done again; standard input alone is taken as written."""
    for number, name in enumerate(("one", "two", "in")):
        (tmp_path / name).mkdir()
        put(tmp_path / name, "export.nbib", number, number + 1)
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.write(tmp_path / "in" / "export.nbib", "export.nbib")
    for words in (
        f"load {tmp_path}/one/export.nbib --source embase", f"load {tmp_path}/two/export.nbib --source embase",
        "load more.zip --source medline", "load - --source medline", "dedup",
        f"load take-back {tmp_path}/two/export.nbib --because wrong", "dedup",
    ):  # fmt: skip
        program = [sys.executable, "-m", "evidence_review.cli", "--folder", str(folder), *words.split()]
        data = nbib(6, 7).encode()
        subprocess.run(program, check=True, capture_output=True, cwd=folder, input=data)
    bundle(Workspace.open(folder), tmp_path / "bundle.zip")
    replayed = verify_bundle(tmp_path / "bundle.zip", again=True).data["replayed"]
    assert (replayed["runs"], len(replayed["skipped"])) == (6, 1)


FILES = st.lists(st.integers(0, 5), min_size=1, max_size=5, unique=True)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    files=st.lists(st.tuples(FILES, st.sampled_from(("embase", "medline"))), min_size=2, max_size=4),
    out=st.integers(0, 3),
    seen=st.sets(st.integers(0, 4)),
    again=st.booleans(),
)
def test_taken_back_is_as_never_loaded(
    tmp_path_factory: pytest.TempPathFactory,
    files: list[tuple[list[int], str]],
    out: int,
    seen: set[int],
    again: bool,
) -> None:
    """Whatever was loaded before and after, whatever overlaps, whenever duplicates were looked for; and taken back and
    loaded again it is as if it had been loaded last.
    """
    out %= len(files)
    folder = tmp_path_factory.mktemp("back")
    with_it, without = made(folder / "with"), made(folder / "without")
    for place, (records, source) in enumerate(files):
        said = f"File {place}: much"
        bring(with_it, put(with_it, f"{place}.nbib", *records, said=said), source)
        if place != out:
            bring(without, put(without, f"{place}.nbib", *records, said=said), source)
        if place in seen:
            dedup(Workspace.open(with_it))
    back(with_it, with_it / f"{out}.nbib")
    if again:
        records, source = files[out]
        for each in (with_it, without):
            bring(each, put(each, f"{out}.nbib", *records, said=f"File {out}: much"), source)
    for each in (with_it, without):
        dedup(Workspace.open(each))
    assert _outcome(with_it) == _outcome(without)
    faultless(with_it)


def _outcome(folder: Path) -> tuple[object, ...]:
    """Return what the review holds, without the names of its runs and the order in which records came."""
    snapshot, standing = _folded(folder)
    flow = count(snapshot, standing)
    return (
        {
            one.id: (one.source, one.citation, one.raw, one.position, one.line, one.trace)
            for one in snapshot.records.values()
        },
        standing.clusters.keeper_of,
        sorted(standing.clusters.linked),
        {event.record for event in standing.clusters.doubtful},
        {key: (number.n, sorted(number.ids or ())) for key, number in flow.counts.items()},
        [(run.source, run.files[0][1], run.starts, run.loaded, run.known, run.state) for run in snapshot.runs],
    )
