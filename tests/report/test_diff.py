"""What changed: between two renderings, and since a day, whose standing is folded again from the events."""

from __future__ import annotations

import datetime
import json
import re
import shutil
from pathlib import Path

import pytest
from made_reviews import make

from evidence_review.commands.report import diff
from evidence_review.commands.report.run import run
from evidence_review.errors import InputError
from evidence_review.model.events import Decision
from evidence_review.workspace.workspace import Workspace

FIRST, SECOND = "1795000000", "1795300000"  # 2026-11-18 and 2026-11-21


@pytest.fixture
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A review that was finished and rendered, and in which an arbiter then took one study out."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", FIRST)
    made = make(tmp_path / "review", 40)
    run(made)
    shutil.copy(made.layout.reports / "numbers.json", tmp_path / "before.json")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", SECOND)
    study = json.loads((tmp_path / "before.json").read_text(encoding="utf-8"))["studies"][-1]
    with made.transaction("screen") as tx:
        word = Decision(
            study["reports"][0], "full-text", "arbiter", "exclude", "E2", "", "arbiter", "2", "", "", tx.when
        )
        tx.add_events([word])
    return made


def test_a_study_taken_out_is_named(review: Workspace, tmp_path: Path) -> None:
    summary = diff.run(review, str(tmp_path / "before.json"))
    assert len(summary.data["studies"]["removed"]) == 1
    assert summary.data["studies"]["added"] == []
    changed = summary.data["numbers"]
    assert {"new_studies", "new_reports", "dbr_excluded", "dbr_included"} & set(changed)
    assert changed["new_reports"]["old"] - changed["new_reports"]["new"] == 1
    assert len(changed["new_reports"]["went"]) == 1
    assert "records_screened" not in changed
    assert "no longer included" in "\n".join(summary.lines)


def test_a_day_in_the_past_is_folded_again(review: Workspace, tmp_path: Path) -> None:
    """The review as it stood then gives the numbers that were rendered then."""
    then = diff.as_of(review.snapshot(), datetime.date(2026, 11, 19))
    old = diff.side(review, str(tmp_path / "before.json"))
    again = diff.of_snapshot(then, "then", review.layout)
    assert again.studies == old.studies
    assert {key: old.numbers[key] for key in again.numbers} == dict(again.numbers)
    assert (
        diff.run(review, "2026-11-19").data["numbers"]
        == diff.run(review, str(tmp_path / "before.json")).data["numbers"]
    )


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("records_screened", "records screened"),
        ("other_records_screened", "records screened (other methods)"),
        ("dbr_notretrieved_reports", "reports not retrieved"),
        ("other_notretrieved_reports", "reports not retrieved (other methods)"),
        ("other_results", "records from elsewhere"),
        ("appraised_studies", "appraised studies"),
    ],
)
def test_a_number_is_named_in_words(key: str, name: str) -> None:
    assert diff.name_of(key) == name


def test_every_number_of_the_flow_has_a_name_without_jargon(review: Workspace) -> None:
    now = diff.of_snapshot(review.snapshot(), "now", review.layout)
    assert not [key for key in now.numbers if re.search("dbr|notretrieved|_", diff.name_of(key))]


def test_before_the_beginning_there_was_nothing(review: Workspace) -> None:
    changed = diff.run(review, "2020-01-01").data["numbers"]
    assert changed["database_results"]["old"] == 0
    assert changed["database_results"]["new"] == 30


def test_nothing_changed_is_said(review: Workspace) -> None:
    run(review)
    assert diff.run(review, str(review.layout.reports)).lines == (
        f"Nothing changed from {review.layout.reports / 'numbers.json'} to now.",
    )


@pytest.mark.parametrize("text", ["gone.json", "yesterday", "2026-13-01"])
def test_what_is_no_side_is_refused(review: Workspace, text: str) -> None:
    with pytest.raises(InputError, match="neither"):
        diff.run(review, text)


def test_another_json_file_is_refused(review: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(InputError, match=r"no numbers\.json"):
        diff.run(review, str(path))
