"""How long it takes to collect 50,000 extracted values, and to issue and read a 300-study, 60-field workbook.

    python benchmarks/extract_collect.py

Prints seconds on standard output. The target for collecting is under 5 s.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from extraction_reviews import fill, make, protocol

from evidence_review.commands.extract import run
from evidence_review.workspace.workspace import Workspace


def form(fields: int) -> str:
    """Return a form with this many fields of every type in turn."""
    kinds = (
        "type: integer", "type: number", "type: text", "type: date", "type: yes-no", "type: percentage",
        "type: country", "type: choice, options: [qualitative, survey, mixed]",
        "type: choices, options: [skills, retention, access]", "type: estimate",
    )  # fmt: skip
    lines = [f"  - {{id: f{number}, {kinds[number % len(kinds)]}}}" for number in range(fields)]
    return "id: big\nfields:\n" + "\n".join(lines) + "\n"


ANSWERS = ("12", "1.5", "some words, with commas", "2015-12-14", "yes", "82", "Kenya; UK", "survey", "skills; access",
           "0.63 (0.59 to 0.69)")  # fmt: skip


def review(folder: Path, studies: int, fields: int) -> Workspace:
    """Return a review whose one sheet is filled in completely."""
    return make(folder, studies, protocol(form(fields), mode="single"))


def timed(words: str, began: float) -> None:
    """Print how long something took."""
    print(f"{words}: {time.perf_counter() - began:.2f} s")


def main() -> None:
    """Measure."""
    studies, fields = 834, 60
    answers = {f"f{number}": ANSWERS[number % len(ANSWERS)] for number in range(fields)}
    with tempfile.TemporaryDirectory() as place:
        workspace = review(Path(place), studies, fields)
        run.sheet(workspace, "reviewer-1", "csv")
        fill(workspace.layout.sheets / "extraction" / "reviewer-1.csv", lambda number, row: answers)
        began = time.perf_counter()
        summary = run.collect(workspace, ())
        timed(f"collect {summary.data['new']} values", began)
        began = time.perf_counter()
        again = run.collect(workspace, ())
        timed(f"collect again ({again.data['new']} new)", began)
    with tempfile.TemporaryDirectory() as place:
        workspace = review(Path(place), 300, fields)
        began = time.perf_counter()
        run.sheet(workspace, "reviewer-1", "xlsx")
        timed("issue a workbook of 300 studies and 60 fields", began)
        began = time.perf_counter()
        run.collect(workspace, ())
        timed("read it back", began)


if __name__ == "__main__":
    main()
