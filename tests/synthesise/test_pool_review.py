"""Pooling in a review: only what the protocol allows, every other entry left out with its reason."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from extraction_reviews import everything, fill, make, protocol, rows_of, write

from evidence_review.cli import group
from evidence_review.commands.extract import run as extract
from evidence_review.commands.synthesise import run
from evidence_review.commands.synthesise.pool.review import pool_review
from evidence_review.errors import InputError, ProtocolError
from evidence_review.workspace.workspace import Workspace

FORM = """\
id: f
fields: [{id: design, type: choice, options: [trial, cohort]}]
groups:
  - id: outcome
    fields:
      - {id: measure, type: choice, options: [deaths, falls]}
      - {id: a, type: integer}
      - {id: b, type: integer}
      - {id: c, type: integer}
      - {id: d, type: integer}
      - {id: effect, type: estimate}
"""
PLAN = """\
synthesis:
  pooling:
    - {title: Deaths, group: outcome, where: {measure: deaths}, designs: [trial], measure: RR, method: DL,
       columns: {ai: a, bi: b, ci: c, di: d}}
    - {title: Falls, group: outcome, where: {measure: falls}, measure: RR, columns: {estimate: effect}, least: 3}
"""
DESIGNS = ("trial", "trial", "cohort", "trial")
OUTCOMES = (
    (0, {"measure": "deaths", "a": "4", "b": "119", "c": "11", "d": "128"}),
    (0, {"measure": "deaths", "a": "5", "b": "118", "c": "11", "d": "128"}),
    (1, {"measure": "deaths", "a": "6", "b": "300", "c": "29", "d": "274"}),
    (2, {"measure": "deaths", "a": "3", "b": "228", "c": "11", "d": "209"}),
    (3, {"measure": "deaths", "a": "3", "b": "NR", "c": "11", "d": "209"}),
    (0, {"measure": "falls", "effect": "0.5 (0.25 to 1)"}),
    (1, {"measure": "falls", "effect": "0.5"}),
)


def pooled(tmp_path: Path, plan: str = PLAN, outcomes: Sequence[tuple[int, dict[str, str]]] = OUTCOMES) -> Workspace:
    workspace = make(tmp_path, 4, protocol(FORM, plan, mode="single"))
    extract.sheet(workspace, "reviewer-1", "csv")
    folder = workspace.layout.sheets / "extraction"
    fill(folder / "reviewer-1.csv", lambda number, row: {"design": DESIGNS[number]})
    issued = rows_of(folder / "reviewer-1-outcome.csv")
    write(
        folder / "reviewer-1-outcome.csv",
        [{**issued[study], "item": str(number), **cells} for number, (study, cells) in enumerate(outcomes, 1)],
    )
    extract.collect(workspace, ())
    return workspace


@pytest.mark.parametrize(
    ("measure", "said", "yi", "sei"),
    [
        ("OR", "0.5 (90% CI 0.25 to 1)", -0.69315, 0.42141),
        ("OR", "0.5 (95% CI 0.25 to 1)", -0.69315, 0.35365),
        ("PLO", "0.8 (0.7 to 0.9)", 1.38629, 0.34438),
        ("ZCOR", "0.5 (0.3 to 0.7)", 0.54931, 0.14230),
        ("MD", "0.5 (99% CI 0.3 to 0.7)", 0.5, 0.07765),
    ],
)
def test_reported_estimates_come_to_the_scale_of_pooling_with_their_own_level(
    tmp_path: Path, measure: str, said: str, yi: float, sei: float
) -> None:
    plan = (
        f"synthesis: {{pooling: [{{title: X, group: outcome, where: {{measure: falls}}, measure: {measure}, "
        "columns: {estimate: effect}, least: 1}]}\n"
    )
    found = pool_review(pooled(tmp_path, plan, (*OUTCOMES, (2, {"measure": "falls", "effect": said})))).data["X"]
    last = found["effects"][-1]
    assert (last["yi"], last["vi"] ** 0.5) == pytest.approx((yi, sei), abs=1e-5)


def test_an_estimate_that_the_measure_cannot_have_is_left_out(tmp_path: Path) -> None:
    plan = (
        "synthesis: {pooling: [{title: X, group: outcome, where: {measure: falls}, measure: PLO, "
        "columns: {estimate: effect}, least: 1}]}\n"
    )
    left = pool_review(pooled(tmp_path, plan)).data["X"]["left_out"]
    assert left[0]["why"] == "the interval of 0.5 (0.25 to 1) reaches what no proportion (logit) does"


def test_every_entry_is_pooled_or_left_out_with_its_reason(tmp_path: Path) -> None:
    workspace = pooled(tmp_path)
    data = pool_review(workspace).data
    assert [one["label"] for one in data["Deaths"]["effects"]] == ["Author1 2001", "Author2 2002"]
    assert [(one["entry"], one["why"]) for one in data["Deaths"]["left_out"]] == [
        ("Author1 2001, outcome 2", "a second entry of the same study"),
        ("Author3 2003, outcome 4", "design cohort"),
        ("Author4 2004, outcome 5", "b is 'not reported'"),
    ]
    assert data["Deaths"]["pooled"]["k"] == 2
    assert (data["Falls"]["pooled"], data["Falls"]["left_out"][0]["why"]) == (None, "the estimate 0.5 has no interval")
    assert round(data["Falls"]["effects"][0]["yi"], 4) == -0.6931
    text = (workspace.layout.reports / "tables" / "pooled-effects.md").read_text(encoding="utf-8")
    assert "not pooled: fewer than 3 studies" in text
    assert "Deaths, left out: Author3 2003, outcome 4 (design cohort)." in text


def test_the_studies_behind_it_can_be_pooled_again_and_twice_changes_nothing(tmp_path: Path) -> None:
    workspace = pooled(tmp_path)
    first = pool_review(workspace).data["Deaths"]["pooled"]["estimate"]
    path = workspace.layout.reports / "pooling" / "deaths.csv"
    assert len(list(csv.reader(path.open(encoding="utf-8")))) == 3
    arguments = ["synthesise", "pool", str(path), "--measure", "GEN", "--method", "DL", "--json"]
    result = CliRunner().invoke(group, arguments)
    assert f'"estimate": {first:.6f}'[:-3] in result.stdout
    assert (path.with_suffix(".svg")).exists()
    run.everything(workspace)
    before = everything(tmp_path)
    run.everything(workspace)
    assert everything(tmp_path) == before


def test_nothing_is_pooled_without_the_protocol_s_word(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="The protocol allows no pooling"):
        pool_review(make(tmp_path))


def test_columns_that_make_no_measure_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"do not make a RR\. It needs estimate or"):
        pool_review(pooled(tmp_path, PLAN.replace("di: d}", "ni: d}")))


def test_a_field_that_is_not_in_the_group_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError) as caught:
        _ = make(tmp_path, text=protocol(FORM, PLAN.replace("estimate: effect", "estimate: efect"))).protocol
    assert "the form has no 'efect'. Did you mean 'effect'?" in str(caught.value)


def test_a_forest_plot_stands_in_the_report_with_its_words(tmp_path: Path) -> None:
    """What pooling drew is a figure of the report, by its title and with every study named for who cannot see it."""
    workspace = pooled(tmp_path)
    pool_review(workspace)
    start = ["--folder", str(tmp_path), "report", "--draft"]
    assert CliRunner().invoke(group, start).exit_code == 0
    page = next((tmp_path / "reports" / "small").glob("*.html")).read_text(encoding="utf-8")
    assert "Figure 2. Deaths, risk ratio: 2 studies, DL." in page
    assert "Author2 2002" in page.partition("Figure 2. Deaths")[0].rpartition("<figure")[2]
