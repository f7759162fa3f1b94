"""Small reviews with records to screen, and people who fill in sheets."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from evidence_review.model.record import Citation, Name, Parsed
from evidence_review.workspace.workspace import Workspace

PROTOCOL = """\
review: small
title: A small review
question:
  text: Do partnerships work?
  parts: {{intervention: "twinning, health link"}}
eligibility:
  include: [{{id: I1, criterion: a partnership}}]
  exclude:
    - {{code: E1, label: no partnership, note: volunteers}}
    - {{code: E2, label: no data}}
    - {{code: E9, label: wrong language, stages: [full-text]}}
team: [{{id: reviewer-1}}, {{id: reviewer-2}}, {{id: reviewer-3}}, {{id: arbiter}}]
screening:
  title_abstract: {{{plan}}}
  full_text: {{{plan}}}
  words: {{include: [oui], exclude: [non, ausschließen]}}
timeline: {{deadline: 2027-01-29}}
sources:
  - {{id: pubmed, name: PubMed}}
"""
# For ranking: records that fit a question, and others that do not.
WANTED = [f"Twinning of hospitals number {n} strengthens nursing partnership" for n in range(8)]
OTHER = [f"Crystal growth number {n} in steel alloys under pressure" for n in range(40)]
PROTOCOL_TEXT = "hospital twinning partnerships and nurses"
DUAL = "mode: dual, screeners: [reviewer-1, reviewer-2], arbiter: arbiter"


def make(folder: Path, records: int = 6, plan: str = DUAL) -> Workspace:
    """Make a review folder with records."""
    (folder / "protocols").mkdir(parents=True, exist_ok=True)
    (folder / "protocols" / "small.yml").write_text(PROTOCOL.format(plan=plan), encoding="utf-8")
    workspace = Workspace.open(folder)
    add(workspace, range(1, records + 1))
    return workspace


def add(workspace: Workspace, numbers: Sequence[int] | range) -> list[str]:
    """Add records `Study <n>`; return their ids."""
    with workspace.transaction("load") as change:
        return [
            change.add_record(
                Parsed(
                    Citation(
                        title=f"Study {number} of twinning",
                        abstract=f'=Abstract {number}\n- with, commas; and "quotes"',
                        authors=(Name(family=f"Author{number}"),),
                        year=2000 + number % 25,
                        doi=f"10.1/{number}",
                        container="Journal",
                    ),
                    f"raw {number}",
                ),
                "pubmed",
                change.run,
                number,
                "ris",
            )[0]
            for number in numbers
        ]


def again(workspace: Workspace) -> Workspace:
    """Open a review anew, so that nothing is remembered."""
    return Workspace.open(workspace.layout.folder, workspace.layout.review)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV sheet."""
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def save(path: Path, rows: Sequence[Mapping[str, str]], columns: Sequence[str] = ()) -> None:
    """Write rows as a CSV sheet."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns or rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))


Cells = Mapping[str, str]


def fill(path: Path, answer: Callable[[int, dict[str, str]], Cells]) -> None:
    """Fill in a sheet: `answer(number, row)` gives the cells to write; numbers count from 0."""
    rows = rows_of(path)
    for number, row in enumerate(rows):
        row.update(answer(number, row))
    save(path, rows)


def sheet(workspace: Workspace, name: str, stage: str = "title-abstract") -> Path:
    """Return the path of a sheet."""
    return workspace.layout.sheets / stage / name


def everything(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a review folder, locks aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock")
    }


def call(*arguments: str, piped: str = "") -> dict[str, object]:
    """Run the program and return its data."""
    command = [sys.executable, "-m", "evidence_review.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, input=piped)
    assert done.returncode == 0, done.stderr
    data: dict[str, object] = json.loads(done.stdout)
    return data
