"""What comes back wrong is refused whole, with row, column and remedy; nothing changes silently."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from screening_reviews import add, again, everything, fill, make, rows_of, save, sheet

from evidence_review.commands.screen import collect, conflicts, issue
from evidence_review.errors import ReviewError, SheetError
from evidence_review.model.events import Decision, DuplicateEvent, Retrieval
from evidence_review.workspace.workspace import Workspace

STAGE = "title-abstract"
ONE, TWO = "reviewer-1-title-abstract-1.csv", "reviewer-2-title-abstract-1.csv"
Rows = list[dict[str, str]]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A review with sheets out, all rows of reviewer-1 answered."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    workspace = make(tmp_path)
    issue.run(workspace, STAGE)
    fill(sheet(workspace, ONE), lambda number, row: {"decision": "include" if number % 2 else "exclude"})
    return again(workspace)


def row(number: int, **cells: str) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        rows[number] = {**rows[number], **{name.replace("_", " "): cell for name, cell in cells.items()}}
        return rows

    return change


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def apart(column: str) -> Callable[[Rows], Rows]:
    """Sort one column alone, downwards."""

    def change(rows: Rows) -> Rows:
        cells = sorted((row[column] for row in rows), reverse=True)
        return [{**row, column: cell} for row, cell in zip(rows, cells, strict=True)]

    return change


# What a person or a program did to the sheet → what the refusal says.
SPOILT: dict[str, tuple[Callable[[Rows], Rows], str]] = {
    "ids sorted alone": (apart("record"), "bear the title of another row's record: columns were sorted apart"),
    "titles sorted alone": (apart("title"), "bear the title of another row's record: columns were sorted apart"),
    "an unknown word": (row(2, decision="incldue"), "row 4, column decision: 'incldue' is not one of"),
    "two decisions": (row(0, decision="include/exclude"), "'include/exclude' gives two decisions. Keep one, or write"),
    "a misspelt word": (row(2, decision="maybee"), "Did you mean 'maybe'?"),
    "a date in the decision": (row(0, decision="2015-01-01"), "row 2, column decision: '2015-01-01' is not one of"),
    "a number in the decision": (row(0, decision="2"), "'2' is not one of"),
    "an unknown reason": (row(0, reason="E7"), "'E7' is no reason of this stage. Valid codes: E1, E2"),
    "a reason of the other stage": (row(0, reason="E9"), "'E9' is no reason of this stage"),
    "two reasons": (row(0, reason="E1; E2"), "'E1; E2' gives 2 reasons. Keep the one primary reason"),
    "an include with a reason": (row(1, reason="E1"), "column reason: 'include' with a reason for exclusion"),
    "a reason without a decision": (row(1, decision="", reason="E1"), "a reason (E1) without a decision"),
    "an id as a power of ten": (row(1, record="1.2E+07"), "'1.2E+07' is no record id; the spreadsheet may"),
    "an id as a decimal": (row(1, record="123.0"), "row 3, column record: '123.0' is no record id"),
    "an id cut short": (row(1, record="R-12"), "'R-12' is no record id"),
    "an unknown id": (row(1, record="R-00000000"), "there is no record R-00000000 in this review"),
    "a row without its id": (row(1, record=""), "row 3, column record: a decision without a record id"),
    "a doubled row": (lambda rows: [*rows, rows[0]], "row 8, column record: record"),
    "another screener's rows": (row(1, screener="reviewer-2"), "rows of 'reviewer-1' and of 'reviewer-2' stand"),
    "another screener's file": (
        lambda rows: [{**one, "screener": "reviewer-2"} for one in rows],
        "its rows belong to screener 'reviewer-2' but its name says 'reviewer-1'",
    ),
    "another batch's file": (
        lambda rows: [{**one, "batch": "title-abstract-2"} for one in rows],
        "its rows belong to batch 'title-abstract-2' but its name says 'title-abstract-1'",
    ),
    "a stranger's file": (
        lambda rows: [{**one, "screener": "reviewer-1"} | {"batch": "final"} for one in rows],
        "its rows belong to batch 'final' but its name says",
    ),
    "a duplicate of nothing": (row(1, duplicate_of="R-00000000"), "there is no record 'R-00000000' in this review"),
    "the decision column gone": (
        lambda rows: [{name: cell for name, cell in one.items() if name != "decision"} for one in rows],
        "row 1: column 'decision' is missing",
    ),
    "the id column renamed": (
        lambda rows: [{("ID" if name == "record" else name): cell for name, cell in one.items()} for one in rows],
        "row 1: column 'record' is missing",
    ),
    "two decision columns": (
        lambda rows: [{**one, "Decision ": "exclude"} for one in rows],
        "column 'decision' stands twice",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_sheet_is_refused_whole(workspace: Workspace, how: str) -> None:
    """Not one decision of the file is taken, the file stays as it is, and the message has place and remedy."""
    change, message = SPOILT[how]
    path = sheet(workspace, ONE)
    save(path, change(rows_of(path)))
    before = everything(workspace.layout.folder)
    with pytest.raises(SheetError) as caught:
        collect.run(workspace)
    assert message in str(caught.value)
    assert ONE in str(caught.value)
    assert not workspace.events(Decision)
    assert {name: data for name, data in everything(workspace.layout.folder).items() if "sheets.json" not in name} == {
        name: data for name, data in before.items() if "sheets.json" not in name
    }


def test_every_problem_is_named_at_once(workspace: Workspace) -> None:
    """One run shows all that must be mended, in every file."""
    fill(sheet(workspace, ONE), lambda number, row: {"decision": f"word{number}"})
    fill(sheet(workspace, TWO), lambda number, row: {"reason": "nonsense"} if number == 5 else {})
    with pytest.raises(SheetError) as caught:
        collect.run(workspace)
    places = [problem.where for problem in caught.value.problems]
    assert places == [
        *[f"screening/small/{STAGE}/{ONE} row {number}, column decision" for number in range(2, 8)],
        f"screening/small/{STAGE}/{TWO} row 7, column reason",
    ]


def test_a_good_file_is_taken_beside_a_bad_one(workspace: Workspace) -> None:
    """Each file stands for itself: the message says what was taken and what was not."""
    fill(sheet(workspace, TWO), lambda number, row: {"decision": "perhapps"})
    with pytest.raises(SheetError, match="6 new decisions"):
        collect.run(workspace)
    assert {one.screener for one in again(workspace).events(Decision)} == {"reviewer-1"}


def test_two_files_that_contradict_each_other_are_both_refused(workspace: Workspace) -> None:
    """A copy with another answer leaves the last word unknown; a copy with blanks does not."""
    path = sheet(workspace, ONE)
    copy = path.with_name(path.stem + " (1).csv")
    save(copy, [{**one, "decision": ""} for one in rows_of(path)])
    collect.run(workspace)
    save(copy, [{**one, "decision": "include"} for one in rows_of(path)])
    with pytest.raises(SheetError, match=r"2 files refused[^$]*is 'exclude' here and 'include' in") as caught:
        collect.run(again(workspace))
    assert len(caught.value.problems) == 3
    assert len(again(workspace).events(Decision)) == 6


def test_another_batch_of_the_same_screener(workspace: Workspace) -> None:
    """Rows pasted from another batch are refused, naming the sheet to which they belong."""
    add(workspace, [7])
    issue.run(again(workspace), STAGE)
    second = rows_of(sheet(workspace, "reviewer-1-title-abstract-2.csv"))[0]
    path = sheet(workspace, ONE)
    save(path, [*rows_of(path), {**second, "batch": "title-abstract-1", "decision": "include"}])
    with pytest.raises(SheetError, match=r"row 8, column record: .* was not issued in this sheet, but in .*-2\.csv"):
        collect.run(again(workspace))


def test_a_sheet_never_issued_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    """A file from outside that names a batch of nobody is refused with the batches that exist."""
    path = tmp_path / "reviewer-1-title-abstract-7.csv"
    save(path, [{**one, "batch": "title-abstract-7"} for one in rows_of(sheet(workspace, ONE))])
    with pytest.raises(SheetError, match=r"was never issued to reviewer-1\. Theirs are: title-abstract-1"):
        collect.run(workspace, [path])


@pytest.mark.parametrize(
    "name", ["from Google - Sheet1.csv", "reviewer-1-title-abstract-1 (1).csv", "final version.csv"]
)
def test_a_renamed_sheet_is_known_by_its_rows(workspace: Workspace, tmp_path: Path, name: str) -> None:
    """The columns say whose it is and which batch, whatever the file is called."""
    path = tmp_path / name
    path.write_bytes(sheet(workspace, ONE).read_bytes())
    collect.run(workspace, [path])
    assert {one.batch for one in again(workspace).events(Decision)} == {"title-abstract-1"}


def test_a_sheet_without_its_columns_is_known_by_its_name(workspace: Workspace) -> None:
    """With the columns batch and screener deleted, the name as issued says it; without both, it is refused."""
    path = sheet(workspace, ONE)
    rows = [{name: one[name] for name in ("record", "decision", "reason")} for one in rows_of(path)]
    save(path, rows)
    collect.run(workspace)
    assert len(again(workspace).events(Decision)) == 6
    other = path.with_name("mine.csv")
    save(other, rows)
    with pytest.raises(SheetError, match="neither its columns 'batch' and 'screener' nor its name say whose"):
        collect.run(again(workspace))


def test_missing_rows_are_not_yet_decided_and_told(workspace: Workspace) -> None:
    """Rows that a person deleted take nothing away; the summary counts them."""
    path = sheet(workspace, ONE)
    save(path, rows_of(path)[:4])
    summary = collect.run(workspace)
    assert len(again(workspace).events(Decision)) == 4
    assert any("2 rows of the sheet as issued are not in this file" in line for line in summary.lines)


def test_lock_files_and_other_files_are_left_aside(workspace: Workspace) -> None:
    """The marks of open programs and the criteria are no sheets."""
    folder = sheet(workspace, ONE).parent
    (folder / f"~${ONE}").write_bytes(b"someone")
    (folder / f".~lock.{ONE}#").write_bytes(b"someone")
    assert (folder / "criteria.csv").exists()
    collect.run(workspace)
    assert len(again(workspace).events(Decision)) == 6


@pytest.mark.parametrize(
    ("ending", "data", "message"),
    [
        (".xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is an old Excel workbook .* Save it as XLSX"),
        (".numbers", archive({"Index/Document.iwa": b""}), "this archive is no workbook"),
        (".xlsx", b"", "the file is empty"),
    ],
)
def test_a_format_that_cannot_be_read_is_not_passed_over(
    workspace: Workspace, ending: str, data: bytes, message: str
) -> None:
    """Who saved the sheet in another format hears of it; nothing is taken for not yet decided in silence."""
    path = sheet(workspace, TWO).with_suffix(ending)
    path.write_bytes(data)
    with pytest.raises(SheetError, match=f"{path.name}: {message}"):
        collect.run(workspace)
    assert {one.screener for one in again(workspace).events(Decision)} == {"reviewer-1"}


def test_full_text_excludes_need_one_reason(workspace: Workspace) -> None:
    """At full text an exclude without a reason is refused; with the stage's code or label it is taken."""
    fill(sheet(workspace, ONE), lambda number, row: {"decision": "include"})
    fill(sheet(workspace, TWO), lambda number, row: {"decision": "include"})
    collect.run(workspace)
    with workspace.transaction("fulltext") as change:
        change.add_events(
            Retrieval(one.id, "retrieved", "", "", "", "", "", change.when) for one in workspace.records()
        )
    issue.run(again(workspace), "full-text")
    path = sheet(workspace, "reviewer-1-full-text-1.csv", "full-text")
    fill(path, lambda number, row: {"decision": "exclude"})
    with pytest.raises(
        SheetError, match=r"excluded at full text without a reason\. Write the one primary reason: E1, E2, E9"
    ):
        collect.run(again(workspace))
    written = ["E9", "wrong language", "e9: wrong language", "E9 Wrong Language", " e1 ", "No data"]
    fill(path, lambda number, row: {"reason": written[number]})
    collect.run(again(workspace))
    made = [one.reason for one in again(workspace).events(Decision) if one.stage == "full-text"]
    assert made == ["E9", "E9", "E9", "E9", "E1", "E2"]


def test_conflicts_must_say_who_settled_them(workspace: Workspace) -> None:
    """A settlement by nobody, or by somebody outside the team, is refused."""
    fill(sheet(workspace, TWO), lambda number, row: {"decision": "exclude" if number % 2 else "include"})
    collect.run(workspace)
    conflicts.run(again(workspace), STAGE)
    path = sheet(workspace, "title-abstract-conflicts-1.csv")
    for by, message in (("", "settled by nobody"), ("somebody", "'somebody' is not in the team")):
        fill(path, lambda number, row, by=by: {"decision": "include", "by": by} if number == 2 else {})
        with pytest.raises(SheetError, match=f"row 4, column by: {message}"):
            collect.run(again(workspace))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_noise_never_leaves_a_trace_or_a_half(workspace: Workspace, data: st.DataObject) -> None:
    """Bytes cut, flipped or inserted anywhere: the sheet is taken or refused, and decisions are the sheet's own.

    Whatever is taken gives each record of the sheet at most one new verdict, and never a word that was not there.
    """
    path = sheet(workspace, ONE)
    good = path.read_bytes()
    place = data.draw(st.integers(0, len(good)))
    how = data.draw(st.sampled_from(["cut", "insert", "drop"]))
    noise = data.draw(st.binary(min_size=1, max_size=6))
    spoilt = {
        "cut": good[:place],
        "insert": good[:place] + noise + good[place:],
        "drop": good[:place] + good[place + 3 :],
    }
    before = len(again(workspace).events(Decision))
    try:
        path.write_bytes(spoilt[how])
        collect.run(again(workspace))
    except ReviewError:
        assert len(again(workspace).events(Decision)) == before
    finally:
        path.write_bytes(good)
    for one in again(workspace).events(Decision):
        assert one.verdict in ("include", "exclude", "maybe")
        assert one.screener == "reviewer-1"
    assert not again(workspace).events(DuplicateEvent)


def test_hostile_cells_go_out_and_come_back_harmless(workspace: Workspace) -> None:
    """No cell of any sheet begins as a formula, also where a title, note or name does."""
    fill(sheet(workspace, ONE), lambda number, row: {"note": "'=cmd|' /C calc'!A0"})
    fill(sheet(workspace, TWO), lambda number, row: {"decision": "include" if number % 2 == 0 else "exclude"})
    collect.run(workspace)
    assert {one.note for one in again(workspace).events(Decision)} == {"=cmd|' /C calc'!A0", ""}
    conflicts.run(again(workspace), STAGE)
    for path in sheet(workspace, ONE).parent.glob("*conflicts*.csv"):
        text = path.read_bytes().decode("utf-8-sig")
        for cells in csv.reader(io.StringIO(text, newline="")):
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
