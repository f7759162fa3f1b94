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
    done = program(folder, "run")
    print(f"the example took {time.perf_counter() - start:.1f} s")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_rendered_example_is_the_committed_one_byte_for_byte(example: Path) -> None:
    """`make review` renders it anew; read the difference before you commit it."""
    for part in ("reports", "screening"):
        assert digests(example / part / REVIEW) == digests(CHECKOUT / part / REVIEW), part


def test_a_second_run_changes_no_file(example: Path) -> None:
    before = digests(example)
    done = program(example, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert digests(example) == before


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
