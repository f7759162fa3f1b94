"""What changes after the work began is logged with date, reason and hash."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from evidence_review.cli import main


def program(folder: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--folder", str(folder), *arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A review that was just started."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    assert program(tmp_path, "init", "small") == 0
    return tmp_path


def test_a_change_through_amend_touches_one_value_and_is_logged(folder: Path) -> None:
    """Comments and every other line stay; the log has old, new, reason and the hash of the new protocol."""
    path = folder / "protocols" / "small.yml"
    before = path.read_text(encoding="utf-8").splitlines()
    assert program(folder, "protocol", "amend", "--section", "screening.full_text.mode", "--to", "single",
                   "--reason", "one screener left") == 0  # fmt: skip
    after = path.read_text(encoding="utf-8").splitlines()
    assert [(old, new) for old, new in zip(before, after, strict=True) if old != new] == [
        ("    mode: dual", "    mode: single")
    ]
    log = (folder / "protocols" / "small" / "amendments.csv").read_text(encoding="utf-8").splitlines()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert log[1] == f"2026-09-21,screening.full_text.mode,dual,single,one screener left,,{digest}"


def test_a_change_by_hand_is_found_and_logged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --to the difference to the protocol last worked under is logged, part by part."""
    path = folder / "protocols" / "small.yml"
    program(folder, "protocol", "amend", "--section", "version", "--to", "'2'", "--reason", "first")
    text = path.read_text(encoding="utf-8").replace("label: wrong population", "label: children")
    path.write_text(text.replace("  - code: E4", "  - code: E5"), encoding="utf-8")
    capsys.readouterr()
    assert program(folder, "protocol", "amend", "--reason", "scope", "--json") == 0
    logged = json.loads(capsys.readouterr().out)["amendments"]
    assert {row["section"]: (row["old"], row["new"]) for row in logged} == {
        "eligibility.exclude.E1.label": ("wrong population", "children"),
        "eligibility.exclude.E4.code": ("E4", ""),
        "eligibility.exclude.E4.label": ("outside the date or language limits", ""),
        "eligibility.exclude.E5.code": ("", "E5"),
        "eligibility.exclude.E5.label": ("", "outside the date or language limits"),
    }
    log = (folder / "protocols" / "small" / "amendments.csv").read_bytes()
    assert program(folder, "protocol", "amend", "--reason", "again") == 0
    assert "nothing to log" in capsys.readouterr().out
    assert (folder / "protocols" / "small" / "amendments.csv").read_bytes() == log


def test_the_same_amendment_twice_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second time the protocol already says so."""
    amend = ("protocol", "amend", "--section", "full_text.cut_off", "--to", "2026-12-31", "--reason", "delay")
    assert program(folder, *amend) == 0
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert program(folder, *amend) == 0
    assert "already says so" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--section", "screening.full_txt.mode", "--to", "single", "--reason", "x"], 2, "full_text"),
        (["--section", "screening.full_text.mode", "--to", "sole", "--reason", "x"], 1, "nothing was changed"),
        (["--section", "title", "--to", "x", "--reason", " "], 1, "needs a reason"),
        (["--to", "x", "--reason", "x"], 2, "--section"),
        (["--reason", "x"], 1, "Nothing was done under this protocol yet"),
    ],
)
def test_an_amendment_that_makes_no_sense_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    """Unknown sections, invalid values and missing reasons are refused with a word on how to go on."""
    before = (folder / "protocols" / "small.yml").read_bytes()
    assert program(folder, "protocol", "amend", *arguments) == code
    assert said in capsys.readouterr().err
    assert (folder / "protocols" / "small.yml").read_bytes() == before


def test_parts_changed_together_are_logged_one_by_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An amendment of one section leaves the others to be logged, each with its own reason."""
    path = folder / "protocols" / "small.yml"
    program(folder, "protocol", "amend", "--section", "version", "--to", "'2'", "--reason", "first")
    text = path.read_text(encoding="utf-8").replace("label: wrong population", "label: children")
    path.write_text(re.sub("(?m)^title: .*", "title: Another", text), encoding="utf-8")
    assert program(folder, "protocol", "amend", "--section", "eligibility", "--reason", "scope") == 0
    capsys.readouterr()
    assert program(folder, "protocol", "amend", "--section", "title", "--reason", "clearer", "--json") == 0
    (logged,) = json.loads(capsys.readouterr().out)["amendments"]
    assert (logged["section"], logged["reason"]) == ("title", "clearer")
    assert program(folder, "protocol", "amend", "--reason", "again") == 0
    assert "nothing to log" in capsys.readouterr().out
