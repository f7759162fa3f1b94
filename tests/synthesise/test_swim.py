"""SWiM's items are answered from what ran, and what only authors can say is left to them by name."""

from __future__ import annotations

from pathlib import Path

from extraction_reviews import make, protocol

from evidence_review.commands.synthesise import run
from evidence_review.commands.synthesise.swim import AUTHORS, table, wanted

FORM = """\
id: f
fields: [{id: design, type: choice, options: [trial, cohort]}]
groups:
  - id: outcome
    fields:
      - {id: measure, label: Outcome, type: choice, options: [deaths, falls]}
      - {id: way, type: choice, options: [positive, negative]}
      - {id: effect, type: estimate}
"""
PLAN = """\
synthesis:
  approach: Narrative by outcome.
  pooling:
    - {title: Deaths, group: outcome, where: {measure: deaths}, designs: [trial], measure: RR,
       columns: {estimate: effect}, least: 3}
  directions: [{title: Ways, group: outcome, about: measure, direction: way}]
shortcuts: [{step: synthesis, what: one outcome only}]
"""


def test_items_say_what_was_planned_and_done(tmp_path: Path) -> None:
    snapshot = make(tmp_path, text=protocol(FORM, PLAN)).snapshot()
    said = {row.cells[0]: row.cells[2] for row in table(snapshot).rows}
    assert list(said) == ["1a", "1b", "2", "3", "4", "5", "6", "7", "8", "9"]
    assert said["1a"] == "Deaths: measure = deaths, designs trial; Ways: by Outcome"
    assert said["3"] == "Narrative by outcome; Deaths: REML, from 3 studies on; Ways: sign test, exact binomial"
    assert (said["4"], said["9"]) == (AUTHORS, "one outcome only")
    assert table(snapshot).notes == ("Items that only the authors can answer: 4, 6.",)


def test_it_is_written_where_results_are_brought_together_and_nowhere_else(tmp_path: Path) -> None:
    workspace = make(tmp_path / "one", text=protocol(FORM, PLAN))
    run.tables(workspace)
    assert (workspace.layout.reports / "tables" / "synthesis-without-meta-analysis-swim.md").exists()
    plain = make(tmp_path / "two")
    assert not wanted(plain.protocol.synthesis)
    run.tables(plain)
    assert not list((plain.layout.reports / "tables").glob("*swim*"))
