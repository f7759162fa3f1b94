"""`status`: what a person sees who asks where the review stands."""

from __future__ import annotations

import hashlib
from pathlib import Path

import extraction_reviews
import pytest
import screening_reviews
from click.testing import CliRunner
from made_reviews import PROTOCOL, make

from evidence_review.cli import group
from evidence_review.commands.extract import run as extract
from evidence_review.commands.fulltext import sheet as retrieval
from evidence_review.commands.init.run import run as init
from evidence_review.commands.screen import collect, conflicts, issue
from evidence_review.commands.status.run import days_left, run
from evidence_review.workspace.workspace import Workspace


def digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_new_review_is_sent_to_its_protocol_and_not_to_the_databases(tmp_path: Path) -> None:
    """A new protocol has no strategy yet: nobody is told to search."""
    init(tmp_path, "trial", "", "PICO")
    summary = run(Workspace.open(tmp_path, "trial"))
    assert summary.next == "evidence-review protocol check"
    assert len(summary.data["to_fill_in"]) > 5
    assert f"The protocol has {len(summary.data['to_fill_in'])} places to fill in." in summary.lines


def test_a_filled_protocol_without_records_is_sent_to_its_sources(tmp_path: Path) -> None:
    """With files to load the next command is load, with a service to ask it is search."""
    (tmp_path / "protocols").mkdir()
    for via, command in (("file", "load"), ("api", "search")):
        text = PROTOCOL.replace(
            "    platform: NLM\n", f"    via: {via}\n" + ("    strategy: main\n" if via == "api" else "")
        )
        text += "strategies:\n  main: hospital link\n" if via == "api" else ""
        (tmp_path / "protocols" / "links.yml").write_text(text, encoding="utf-8")
        summary = run(Workspace.open(tmp_path, "links"))
        assert summary.next == f"evidence-review {command}", via
        assert summary.data["to_fill_in"] == []


def test_what_waits_is_named_with_its_number_and_its_command(tmp_path: Path) -> None:
    """One record was screened by nobody: it waits, and the next command is the one that hands it out."""
    summary = run(make(tmp_path, finished=False))
    assert summary.data["waiting"], summary.lines
    for item in summary.data["waiting"]:
        assert item["count"] == len(item["ids"]) > 0
        assert any(f"{item['count']:,} {item['what']}" in line for line in summary.lines)
    assert summary.next == summary.data["waiting"][0]["todo"].replace("<review>", "links")


def test_studies_that_nobody_extracted_or_appraised_are_named_and_stop_no_report(tmp_path: Path) -> None:
    """The protocol plans both; a report without them says so itself, but the person who asks is told first."""
    protocol = PROTOCOL + "appraisal:\n  tools: {any: mmat-2018}\n"
    summary = run(make(tmp_path, protocol=protocol))
    assert summary.data["waiting"] == []
    assert [(item["what"], item["count"] == len(item["ids"]) > 1) for item in summary.data["forms"]] == [
        ("studies not appraised", True)
    ]
    assert summary.next == "evidence-review appraise sheet, then collect"


def test_values_that_the_second_person_did_not_check_are_named_where_that_is_planned(tmp_path: Path) -> None:
    """A protocol with `mode: verified` whose verifier got no sheet would end in values that one person saw."""
    workspace = extraction_reviews.make(tmp_path, 2, extraction_reviews.protocol(mode="verified"))
    extract.sheet(workspace, "reviewer-1", "csv")
    folder = workspace.layout.sheets / "extraction"
    extraction_reviews.fill(folder / "reviewer-1.csv", lambda number, row: {} if number else {"design": "survey"})
    extract.collect(workspace, ())
    told = [(item["what"], item["count"], item["todo"]) for item in run(workspace).data["forms"]]
    assert told == [
        ("study not extracted", 1, "evidence-review extract sheet, then collect"),
        ("study extracted and not checked", 1, "evidence-review extract verify, then collect"),
    ]
    extract.verify(workspace, "reviewer-2", "csv")
    extraction_reviews.fill(folder / "reviewer-2-verify.csv", lambda number, row: {"checked": "yes"})
    extract.collect(workspace, ())
    assert [item["what"] for item in run(workspace).data["forms"]] == ["study not extracted"]


def test_the_counts_are_those_of_the_folder(tmp_path: Path) -> None:
    """Identified records are duplicates and unique ones; of 24 every fourth is a duplicate."""
    counts = run(make(tmp_path, 24)).data["counts"]
    assert (counts["records identified"], counts["duplicates"], counts["unique records"]) == (24, 6, 18)


def test_asking_changes_nothing(tmp_path: Path) -> None:
    """Asked twice it says the same, and no file is written."""
    workspace = make(tmp_path)
    before = digests(tmp_path)
    first, second = run(workspace), run(Workspace.open(tmp_path, "links"))
    assert first.lines == second.lines
    assert digests(tmp_path) == before


@pytest.mark.parametrize(
    ("deadline", "said"),
    [
        ("2026-11-30", "3 days left until 2026-11-30."),
        ("2026-11-28", "1 day left until 2026-11-28."),
        ("2026-11-27", "0 days left until 2026-11-27."),
        ("2026-11-26", "The deadline (2026-11-26) passed 1 day ago."),
        ("", None),
    ],
)
def test_the_days_left_are_counted_from_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deadline: str, said: str | None
) -> None:
    """The protocol's deadline, in whole days; a deadline that passed is said as such."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795780800")  # 2026-11-27 12:00 UTC
    protocol = PROTOCOL + (f"timeline:\n  deadline: {deadline}\n" if deadline else "")
    lines = run(make(tmp_path, protocol=protocol)).lines
    told = [line for line in lines if "left until" in line or "deadline" in line]
    assert told == ([said] if said else [])


def test_no_deadline_has_no_days_left() -> None:
    """None is not zero."""
    import datetime

    assert days_left("", datetime.date(2026, 11, 27)) is None


def test_the_next_step_names_the_review_where_the_command_line_did(tmp_path: Path) -> None:
    """Of several reviews in one folder the next command is for the same one; it can be copied as it stands."""
    init(tmp_path, "one", "", "PICO")
    init(tmp_path, "two", "", "PICO")
    said = CliRunner().invoke(group, ["--folder", str(tmp_path), "--review", "two", "status"])
    assert said.output.splitlines()[-1] == "Next: evidence-review --review two protocol check"


def test_where_all_that_waits_lies_in_sheets_the_next_step_is_to_fill_them_in(tmp_path: Path) -> None:
    """Issuing sheets a second time would only say that they are out."""
    workspace = screening_reviews.make(tmp_path, 6)
    assert run(workspace).data["waiting"][-1]["todo"].startswith("evidence-review screen sheet")
    issue.run(workspace, "title-abstract")
    told = run(screening_reviews.again(workspace)).data["waiting"]
    assert told[-1]["todo"] == "fill in the sheets that are out, then evidence-review screen collect"


def test_conflicts_and_full_texts_in_sheets_that_are_out_name_these_sheets(tmp_path: Path) -> None:
    """Where the sheet is out, writing it is not the next step; where its file is gone, it is."""
    workspace = screening_reviews.make(tmp_path, 2)
    issue.run(workspace, "title-abstract")
    sheets = workspace.layout.sheets / "title-abstract"
    for person, second in (("reviewer-1", "include"), ("reviewer-2", "exclude")):
        screening_reviews.fill(
            sheets / f"{person}-title-abstract-1.csv",
            lambda number, _, word=second: {"decision": word if number else "include"},
        )
    collect.run(screening_reviews.again(workspace), stage="title-abstract")
    told = run(screening_reviews.again(workspace))
    assert [item["what"] for item in told.data["waiting"][1:]] == [
        "record with a conflict at title and abstract",
        "record awaiting full text",
    ]
    conflicts.run(screening_reviews.again(workspace), "title-abstract")
    retrieval.run(screening_reviews.again(workspace))
    told = run(screening_reviews.again(workspace))
    place = "screening/small"
    assert [item["todo"] for item in told.data["waiting"][1:]] == [
        f"fill in {place}/title-abstract/title-abstract-conflicts-1.csv, then evidence-review screen collect",
        f"fill in {place}/full-text/retrieval.csv, then evidence-review fulltext collect",
    ]
    (sheets / "title-abstract-conflicts-1.csv").unlink()
    told = run(screening_reviews.again(workspace))
    assert told.data["waiting"][1]["todo"] == "evidence-review screen conflicts, then collect"
