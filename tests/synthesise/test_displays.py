"""Cross-tabs, side-by-side views, framework matrices, gap maps: every study in its place, gaps and loose ends said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from extraction_reviews import fill, make, protocol, rows_of, write

from evidence_review.commands.extract import run as extract
from evidence_review.errors import ProtocolError
from evidence_review.state.directions import one_direction, sign_test
from evidence_review.state.gap_map import gap_map
from evidence_review.state.standing import stand
from evidence_review.state.table_parts import Table, source_of
from evidence_review.state.tables import study_tables
from evidence_review.workspace.workspace import Workspace

FORM = """\
id: f
fields:
  - {id: issue, label: Issue, type: choice, options: [generic, specialist, unclear]}
  - {id: strategy, label: Strategy, type: choices, options: [training, infrastructure]}
groups:
  - id: outcome
    fields:
      - {id: measure}
      - {id: side, label: Side, type: choice, options: [HIC partner, LMIC partner]}
      - {id: value}
      - {id: direction, type: choice, options: [positive, negative]}
  - id: finding
    fields:
      - {id: theme, type: choice, options: [leadership, teamwork, other]}
      - {id: text, quoted: true}
"""
PLAN = """\
synthesis:
  tables: [{title: Plain, columns: [issue], group_by: strategy}]
  crosstabs:
    - {title: Typology, rows: issue, columns: strategy}
    - {title: Codes, rows: outcome.direction}
  perspectives: [{title: Two sides, group: outcome, about: measure, by: side, show: [value, direction]}]
  matrices:
    - {title: Framework, group: finding, theme: theme, text: text}
    - {title: Said, group: outcome, theme: side, text: measure, show: [value, direction]}
  directions: [{title: Directions, group: outcome, about: measure, direction: direction}]
  maps: [{title: Gaps, rows: issue, columns: strategy, colour: issue}]
"""
STUDIES = (
    {"issue": "generic", "strategy": "training; infrastructure"},
    {"issue": "generic", "strategy": "training"},
    {"issue": "unclear", "strategy": ""},
)
OUTCOMES = (
    {"measure": "Goals set together", "side": "LMIC partner", "value": "89 %", "direction": "positive"},
    {"measure": "goals  set together", "side": "HIC partner", "value": "71 %", "direction": "positive"},
    {"measure": "Satisfaction", "side": "HIC partner", "value": "28 %"},
    {"measure": "Cost", "value": "high"},
)
FINDINGS = (
    {"theme": "teamwork", "text": "Teams grew", "text page": "4", "text quote": "we grew"},
    {"theme": "other: trust", "text": "Trust came first"},
)


def entries(workspace: Workspace, group: str, rows: Sequence[Mapping[str, str]]) -> None:
    path = workspace.layout.sheets / "extraction" / f"reviewer-1-{group}.csv"
    issued = rows_of(path)
    write(path, [{**issued[0], "item": str(number), **row} for number, row in enumerate(rows, 1)] + issued[1:])


def made(tmp_path: Path) -> dict[str, Table]:
    workspace = make(tmp_path, text=protocol(FORM, PLAN, mode="single"))
    extract.sheet(workspace, "reviewer-1", "csv")
    fill(workspace.layout.sheets / "extraction" / "reviewer-1.csv", lambda number, row: STUDIES[number])
    entries(workspace, "outcome", OUTCOMES)
    entries(workspace, "finding", FINDINGS)
    extract.collect(workspace, ())
    snapshot = workspace.snapshot()
    return {table.title: table for table in study_tables(snapshot, stand(snapshot))}


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def test_a_cross_tab_counts_studies_and_keeps_empty_cells(tmp_path: Path) -> None:
    table = made(tmp_path)["Typology"]
    assert table.columns == ("Issue ↓ Strategy →", "training", "infrastructure")
    assert cells(table) == [
        ("generic", "2: Author1 2001, Author2 2002", "1: Author1 2001"),
        ("specialist", "–", "–"),
        ("unclear", "–", "–"),
    ]
    assert table.notes == (
        "What has several answers is counted under each of them, so the counts add up to more.",
        "Without an answer, so not in the counts: Author3 2003.",
    )


def test_entries_of_a_group_are_counted_as_such(tmp_path: Path) -> None:
    table = made(tmp_path)["Codes"]
    assert cells(table) == [("positive", "2: Author1 2001 × 2"), ("negative", "–")]
    assert table.notes[0] == "Counted are entries of 'outcome', of which a study may have several."


def test_two_sides_of_one_thing_stand_in_one_row(tmp_path: Path) -> None:
    table = made(tmp_path)["Two sides"]
    assert table.columns == ("Study", "Measure", "HIC partner", "LMIC partner")
    assert cells(table) == [
        ("Author1 2001", "Goals set together", "71 % (positive)", "89 % (positive)"),
        ("Author1 2001", "Satisfaction", "28 %", "–"),
    ]
    assert table.notes == (
        "Rows in which every side has its say: 1 of 2.",
        "Entries that name no side, so not shown: 1.",
    )


def test_a_framework_matrix_has_quotes_and_pages_and_what_emerged(tmp_path: Path) -> None:
    table = made(tmp_path)["Framework"]
    assert table.columns == ("Study", "leadership", "teamwork", "other", "other: trust (emergent)")
    assert cells(table) == [("Author1 2001", "–", "Teams grew “we grew” (p. 4)", "–", "Trust came first")]
    assert table.notes == (
        "No finding extracted from: Author2 2002, Author3 2003.",
        "Findings that trace to no page or quote: 1.",
    )


def test_a_theme_in_two_spellings_is_one_theme_in_every_display(tmp_path: Path) -> None:
    """Free codes differ in case and spaces between people and days; an option's own spelling wins."""
    form = FORM.replace("{id: theme, type: choice, options: [leadership, teamwork, other]}", "{id: theme}")
    plan = """synthesis:
  tables: [{title: Plain, rows: finding, columns: [finding.text], group_by: theme}]
  crosstabs: [{title: Codes, rows: finding.theme, columns: strategy}]
  matrices: [{title: Framework, group: finding, theme: theme, text: text}]
  maps: [{title: Gaps, rows: strategy, columns: finding.theme}]
"""
    workspace = make(tmp_path, text=protocol(form, plan, mode="single"))
    extract.sheet(workspace, "reviewer-1", "csv")
    fill(workspace.layout.sheets / "extraction" / "reviewer-1.csv", lambda number, row: STUDIES[number])
    said = [
        {"theme": theme, "text": f"Finding {theme}"} for theme in ("supply", "Supply", "SUPPLY  chain", "supply chain")
    ]
    entries(workspace, "finding", said)
    extract.collect(workspace, ())
    snapshot = workspace.snapshot()
    standing = stand(snapshot)
    found = {table.title: table for table in study_tables(snapshot, standing)}
    assert [row.cells[0] for row in found["Codes"].rows] == ["supply", "SUPPLY chain"]
    assert found["Codes"].rows[0].cells[1].startswith("2: ")
    assert found["Framework"].columns == ("Study", "supply", "SUPPLY chain")
    assert found["Framework"].rows[0].cells[1] == "Finding supply\nFinding Supply"
    assert [row.group for row in found["Plain"].rows] == ["supply", "supply", "SUPPLY chain", "SUPPLY chain"]
    mapped = gap_map(source_of(snapshot, standing), standing, snapshot.protocol.synthesis.maps[0])
    assert mapped.columns == ("supply", "SUPPLY chain")


def test_a_matrix_shows_further_fields_in_brackets(tmp_path: Path) -> None:
    table = made(tmp_path)["Said"]
    assert table.columns == ("Study", "HIC partner", "LMIC partner", "emergent")
    assert cells(table)[0][1:] == (
        "goals  set together (71 %, positive)\nSatisfaction (28 %)",
        "Goals set together (89 %, positive)",
        "Cost (high)",
    )


def test_a_gap_map_counts_each_study_once_a_cell_and_shows_the_gaps(tmp_path: Path) -> None:
    table = made(tmp_path)["Gaps"]
    assert table.notes[0] == "Cells without any study: 4 of 6."
    workspace = Workspace.open(tmp_path)
    snapshot = workspace.snapshot()
    found = gap_map(source_of(snapshot, stand(snapshot)), stand(snapshot), snapshot.protocol.synthesis.maps[0])
    assert found.rows == ("generic", "specialist", "unclear")
    assert [study.label for study in found.cells["generic", "training"]] == ["Author1 2001", "Author2 2002"]
    assert set(found.colour.values()) == {"generic", "unclear"}


def test_directions_stand_as_arrows_with_a_sign_test(tmp_path: Path) -> None:
    table = made(tmp_path)["Directions"]
    assert table.columns == ("Study ↓ Measure →", "Goals set together")
    assert cells(table) == [("Author1 2001", "▲ 2"), ("Sign test", "1 ▲ and 0 ▼, p 1.000")]
    assert table.notes[1:] == (
        "Outcomes without a direction, so not shown: 2.",
        "No outcome with a direction from: Author2 2002, Author3 2003.",
    )


# Exact two-sided binomial p values: 2 · Σ C(n, k) / 2ⁿ.
SIGNS = [(0, 0, 1.0), (5, 0, 0.0625), (0, 6, 0.03125), (7, 1, 0.0703125), (3, 3, 1.0)]


@pytest.mark.parametrize(("positive", "negative", "p"), SIGNS)
def test_the_sign_test_is_the_exact_binomial_one(positive: int, negative: int, p: float) -> None:
    assert sign_test(positive, negative) == pytest.approx(p)


ARROWS = [("▲▲▲", "▲"), ("▲▲▲▲▲▲▲▼▼▼", "▲"), ("▲▲▼", "◄►"), ("▼▼▼▼▲", "▼"), ("▲▼", "◄►")]


@pytest.mark.parametrize(("arrows", "expected"), ARROWS)
def test_seventy_per_cent_make_one_direction(arrows: str, expected: str) -> None:
    assert one_direction(list(arrows)) == expected


def test_a_study_with_several_answers_stands_under_each_heading(tmp_path: Path) -> None:
    table = made(tmp_path)["Plain"]
    assert [(row.group, row.cells[0]) for row in table.rows] == [
        ("training", "Author1 2001"),
        ("training", "Author2 2002"),
        ("infrastructure", "Author1 2001"),
        ("not extracted", "Author3 2003"),
    ]


WRONG = [
    ("crosstabs: [{title: T, rows: isue}]", "rows): the form has no 'isue'. Did you mean 'issue'?"),
    ("maps: [{title: T, rows: issue, columns: outcome.sid}]", "maps.1.columns): the form has no 'outcome.sid'."),
    ("matrices: [{title: T, group: findings, theme: theme, text: text}]",
     "the form has no 'findings'. Did you mean 'finding'?"),
    ("perspectives: [{title: T, group: outcome, about: measure, by: side, show: [vaule]}]", "Did you mean 'value'?"),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "message"), WRONG)
def test_a_display_of_a_field_that_is_not_in_the_form_is_named(tmp_path: Path, plan: str, message: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        _ = make(tmp_path, text=protocol(FORM, f"synthesis:\n  {plan}\n")).protocol
    assert message in str(caught.value)
