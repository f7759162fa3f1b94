"""Harvest plots: each study once in each domain, under the direction of what it found, as high as its design weighs."""

from __future__ import annotations

from pathlib import Path

from defusedxml.ElementTree import fromstring
from extraction_reviews import everything, fill, make, protocol, rows_of, write

from evidence_review.commands.extract import run as extract
from evidence_review.commands.synthesise.run import everything as synthesise
from evidence_review.workspace.workspace import Workspace

SVG = "{http://www.w3.org/2000/svg}"
FORM = """\
id: f
fields: [{id: design, type: choice, options: [trial, survey]}]
groups:
  - id: outcome
    fields:
      - {id: domain, type: choice, options: [skills, access]}
      - {id: way, type: choice, options: [positive, negative, none]}
"""
PLAN = """\
synthesis:
  directions:
    - {title: Ways, group: outcome, about: domain, direction: way, height: design, heights: {trial: 3, survey: 1}}
"""
OUTCOMES = (
    (0, "skills", "positive"),
    (0, "skills", "positive"),
    (0, "access", "negative"),
    (1, "skills", "positive"),
    (1, "access", "none"),
    (2, "access", ""),
)


def made(tmp_path: Path) -> Workspace:
    workspace = make(tmp_path, text=protocol(FORM, extra=PLAN, mode="single"))
    extract.sheet(workspace, "reviewer-1", "csv")
    folder = workspace.layout.sheets / "extraction"
    fill(folder / "reviewer-1.csv", lambda number, row: {"design": ("trial", "survey", "survey")[number]})
    path = folder / "reviewer-1-outcome.csv"
    blank = rows_of(path)
    write(path, [
        {**blank[study], "item": str(place), "domain": domain, "way": way}
        for place, (study, domain, way) in enumerate(OUTCOMES, start=1)
    ])  # fmt: skip
    extract.collect(workspace, ())
    return workspace


def test_each_study_stands_once_a_domain_under_its_direction(tmp_path: Path) -> None:
    workspace = made(tmp_path)
    written = synthesise(workspace).data["written"]
    assert "reports/small/plots/ways.svg" in written
    root = fromstring((workspace.layout.reports / "plots" / "ways.svg").read_bytes())
    bars = [part for part in root.iter(f"{SVG}g") if part.get("class") == "er-study"]
    assert [bar.findtext(f"{SVG}title") for bar in bars] == [
        "Author1 2001: skills, positive",
        "Author2 2002: skills, positive",
        "Author1 2001: access, negative",
        "Author2 2002: access, mixed or none",
    ]
    heights = [float(rect.get("height") or 0) for bar in bars for rect in bar.iter(f"{SVG}rect")]
    assert heights == [45, 15, 45, 15]
    assert "skills, positive: Author1 2001, Author2 2002" in (root.findtext(f"{SVG}desc") or "")
    assert root.findtext(f"{SVG}title") == "Harvest plot: Ways"


def test_drawing_twice_changes_nothing(tmp_path: Path) -> None:
    workspace = made(tmp_path)
    synthesise(workspace)
    before = everything(tmp_path)
    synthesise(workspace)
    assert everything(tmp_path) == before
