"""The worked example: from its protocol, exports and filled sheets to the report that is committed."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
REVIEW = "health-partnerships"
MADE = re.search(r"^EXAMPLE_DATE := (\d+)$", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.M)


def program(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program on the example as `make review` does."""
    assert MADE is not None
    environment = {**os.environ, "SOURCE_DATE_EPOCH": MADE.group(1), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "evidence_review.cli", "--folder", str(folder), "--review", REVIEW, *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)


# What `make review` runs, one after the other.
COMMANDS = (("run",), ("report", "--to", "all"))


def review(folder: Path) -> None:
    """Do what `make review` does."""
    for arguments in COMMANDS:
        done = program(folder, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr


def digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh copy of what people wrote, with everything run once."""
    folder = tmp_path_factory.mktemp("example")
    for part in ("protocols", "screening"):
        shutil.copytree(CHECKOUT / part / REVIEW, folder / part / REVIEW)
    shutil.copy(CHECKOUT / "protocols" / f"{REVIEW}.yml", folder / "protocols")
    start = time.perf_counter()
    review(folder)
    print(f"the example took {time.perf_counter() - start:.1f} s")
    return folder


def test_the_rendered_example_is_the_committed_one_byte_for_byte(example: Path) -> None:
    """`make review` renders it anew; read the difference before you commit it."""
    for part in ("reports", "screening"):
        assert digests(example / part / REVIEW) == digests(CHECKOUT / part / REVIEW), part


def test_a_second_run_changes_no_file(example: Path) -> None:
    before = digests(example)
    review(example)
    assert digests(example) == before


def test_a_fresh_library_beside_the_committed_report_gives_the_same(example: Path, tmp_path: Path) -> None:
    """A clone has the report and no library: its first run must know which run vouches for which file."""
    for part in ("protocols", "screening", "reports"):
        shutil.copytree(example / part, tmp_path / part)
    review(tmp_path)
    assert digests(tmp_path) == digests(example)


def test_the_review_is_finished_and_verifies(example: Path) -> None:
    status = program(example, "status", "--json")
    assert json.loads(status.stdout)["waiting"] == []
    verified = program(example, "audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_every_fact_that_was_loaded_is_accounted_for(example: Path) -> None:
    """Record starts in the three files equal the records of the library."""
    data = CHECKOUT / "protocols" / REVIEW
    starts = (
        len(re.findall(r"^PMID-", (data / "pubmed.nbib").read_text(encoding="utf-8"), re.M))
        + len(re.findall(r"^TY  -", (data / "crossref.ris").read_text(encoding="utf-8"), re.M))
        + len(list(csv.reader((data / "hand-search.csv").open(encoding="utf-8", newline="")))) - 1
    )  # fmt: skip
    records = (example / "library" / REVIEW / "records.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(records) == starts


def test_no_abstract_was_written() -> None:
    """The collected facts hold no abstracts, so the exports must not either."""
    data = CHECKOUT / "protocols" / REVIEW
    assert not re.search(r"^(AB|N2)  ?- ", (data / "pubmed.nbib").read_text(encoding="utf-8"), re.M)
    assert not re.search(r"^(AB|N2)  - ", (data / "crossref.ris").read_text(encoding="utf-8"), re.M)
    assert "abstract" not in (data / "hand-search.csv").read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.parametrize("page", ["report.md", "report.html"])
def test_the_report_says_that_it_illustrates(page: str) -> None:
    text = (CHECKOUT / "reports" / REVIEW / page).read_text(encoding="utf-8")
    assert "is not a published review" in " ".join(text.split())


def changed(example: Path, folder: Path, sheet: str, old: str, new: str) -> subprocess.CompletedProcess[str]:
    """Run the example afresh with one change in one of its sheets, which a person might make."""
    for part in ("protocols", "screening"):
        shutil.copytree(example / part, folder / part)
    path = folder / "screening" / REVIEW / sheet
    data = path.read_bytes()
    assert data.count(old.encode("utf-8")) == 1
    path.write_bytes(data.replace(old.encode("utf-8"), new.encode("utf-8")))
    return program(folder, "run")


SHEET = "title-abstract/reviewer-2-title-abstract-1.csv"


def test_a_decision_taken_out_makes_the_report_a_draft_that_says_what_waits(example: Path, tmp_path: Path) -> None:
    done = changed(example, tmp_path, SHEET, "R-QCVB9833,exclude,E1,", "R-QCVB9833,,,")
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "reports" / REVIEW / "report.md").read_text(encoding="utf-8")
    assert "draft" in page.lower()
    status = json.loads(program(tmp_path, "status", "--json").stdout)
    assert [item["ids"] for item in status["waiting"]] == [["R-QCVB9833"]]


def test_a_misspelt_decision_is_refused_with_its_row_and_nothing_of_that_sheet_is_taken(
    example: Path, tmp_path: Path
) -> None:
    done = changed(example, tmp_path, SHEET, "R-QCVB9833,exclude,E1,", "R-QCVB9833,exlcude,E1,")
    assert done.returncode == 1
    assert SHEET in done.stderr
    assert "exlcude" in done.stderr
    assert re.search(r"row \d+", done.stderr)
    decisions = (tmp_path / "library" / REVIEW / "decisions.csv").read_text(encoding="utf-8")
    assert ",title-abstract,reviewer-2," not in decisions


def test_a_changed_mind_changes_the_counts_and_keeps_the_earlier_word(example: Path, tmp_path: Path) -> None:
    shutil.copytree(example, tmp_path / "on")
    sheet = tmp_path / "on" / "screening" / REVIEW / SHEET
    before = json.loads(program(tmp_path / "on", "status", "--json").stdout)["counts"]
    data = sheet.read_bytes()
    sheet.write_bytes(data.replace(b"R-QCVB9833,exclude,E1,", b"R-QCVB9833,include,,"))
    assert program(tmp_path / "on", "run").returncode == 0
    after = json.loads(program(tmp_path / "on", "status", "--json").stdout)["counts"]
    assert after["records identified"] == before["records identified"]
    assert after["excluded at title and abstract"] == before["excluded at title and abstract"] - 1
    assert after["conflict at title and abstract"] == 1
    decisions = (tmp_path / "on" / "library" / REVIEW / "decisions.csv").read_text(encoding="utf-8")
    assert decisions.count("R-QCVB9833,title-abstract,reviewer-2,") == 2
