"""Small reviews with included studies, ready for extraction and appraisal."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from textwrap import indent

from evidence_review.commands.extract import run as extract
from evidence_review.model.events import Decision, DuplicateEvent
from evidence_review.model.record import Citation, Name, Parsed
from evidence_review.workspace.workspace import Workspace

PEOPLE = ("reviewer-1", "reviewer-2", "arbiter")

FORM = """\
id: characteristics
version: "1"
title: Characteristics
fields:
  - {id: design, label: Design, type: choice, options: [qualitative, survey, mixed, trial, unclear], required: true}
  - {id: country, label: Country, type: country}
  - {id: participants, label: Participants, type: integer, minimum: 0}
  - {id: finding, label: Main finding, type: text, quoted: true}
groups:
  - id: outcome
    label: Outcomes
    fields:
      - {id: measure, label: Measure, type: text}
      - {id: direction, label: Direction, type: choice, options: [positive, mixed, none, negative]}
"""


def protocol(form: str = FORM, extra: str = "", mode: str = "dual") -> str:
    """Return a protocol with this extraction form; `extra` is added at top level."""
    return f"""\
review: small
title: A small review
question: {{text: What works?}}
eligibility: {{include: [{{id: I1, criterion: any}}], exclude: [{{code: E1, label: none}}]}}
team: [{", ".join(f"{{id: {person}}}" for person in PEOPLE)}]
screening:
  title_abstract: {{mode: single, screeners: [reviewer-1]}}
  full_text: {{mode: single, screeners: [reviewer-1]}}
extraction:
  mode: {mode}
  extractors: [reviewer-1, reviewer-2]
  verifier: reviewer-2
  form:
{indent(form, "    ")}
{extra}
"""


def make(folder: Path, studies: int = 3, text: str | None = None) -> Workspace:
    """Make a review folder with `studies` included reports, each a study of its own."""
    (folder / "protocols").mkdir(parents=True, exist_ok=True)
    (folder / "protocols" / "small.yml").write_text(text or protocol(), encoding="utf-8")
    workspace = Workspace.open(folder)
    include(workspace, range(1, studies + 1))
    return workspace


def include(workspace: Workspace, numbers: Sequence[int] | range) -> list[str]:
    """Add reports `Author<n> 20<n>` and include them; return their ids."""
    ids = []
    with workspace.transaction("load") as change:
        for number in numbers:
            citation = Citation(
                type="article-journal",
                title=f"Study number {number}: a title",
                authors=(Name(family=f"Author{number}"),),
                year=2000 + number % 25,
            )
            record, _ = change.add_record(Parsed(citation, f"raw {number}"), "hand", change.run, number, "csv")
            ids.append(record)
        for record in ids:
            for stage in ("title-abstract", "full-text"):
                change.add_events(
                    [Decision(record, stage, "reviewer-1", "include", "", "", "screener", "1", "s", "2", change.when)]
                )
    return ids


def decide(workspace: Workspace, record: str, verdict: str) -> None:
    """Change the full-text decision on a record."""
    with workspace.transaction("screen-collect") as change:
        reason = "E1" if verdict == "exclude" else ""
        change.add_events(
            [Decision(record, "full-text", "reviewer-1", verdict, reason, "", "screener", "1", "s", "3", change.when)]
        )


def duplicate(workspace: Workspace, record: str, kept: str, event: str = "merged") -> None:
    """Say that two records are one."""
    with workspace.transaction("dedup") as change:
        change.add_events([DuplicateEvent(event, record, kept, "person", "", "reviewer-1", change.when)])


Cells = Mapping[str, str]


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV sheet as it stands on disk."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def fill(path: Path, answer: Callable[[int, dict[str, str]], Cells]) -> None:
    """Fill in a CSV sheet as a person would: `answer(number, row)` gives the cells to write; numbers count from 0."""
    rows = rows_of(path)
    for number, row in enumerate(rows):
        row.update(answer(number, row))
    write(path, rows)


def write(path: Path, rows: Sequence[Mapping[str, str]], columns: Sequence[str] = ()) -> None:
    """Write rows as a CSV sheet."""
    text = io.StringIO()
    names = list(columns or rows[0])
    writer = csv.DictWriter(text, names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def everything(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a review folder, locks aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock")
    }


APPRAISAL = "appraisal: {tools: {trial: rob2, any: aacods}, appraisers: [reviewer-1], verifier: reviewer-2}\n"


def designed(tmp_path: Path, plan: str = APPRAISAL, designs: tuple[str, ...] = ("trial", "survey", "")) -> Workspace:
    """A review of three studies whose designs are extracted."""
    workspace = make(tmp_path, text=protocol(extra=plan, mode="single"))
    extract.sheet(workspace, "reviewer-1", "csv")
    sheet = workspace.layout.sheets / "extraction" / "reviewer-1.csv"
    fill(sheet, lambda number, row: {"design": designs[number]})
    extract.collect(workspace, ())
    return workspace
