"""Agreement figures: published worked examples, and intervals that cover."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_review.model.events import Decision
from evidence_review.state.agreement import ac1, between, fleiss, in_words, kappa, pabak
from evidence_review.state.clusters import cluster
from evidence_review.state.raters import sentence, stage_agreement


def near(value: float | None, expected: float, digits: int = 4) -> bool:
    return value is not None and abs(value - expected) < 0.5 * 10**-digits


def pairs(table: list[list[int]]) -> list[tuple[str, str]]:
    words = ("include", "exclude")
    return [(words[i], words[j]) for i in range(2) for j in range(2) for _ in range(table[i][j])]


def test_a_rare_verdict_makes_kappa_low_and_ac1_high() -> None:
    """2/3/3/192: 97 % agreement, κ .38 (−.01 to .77), AC1 .97: kappa never stands alone."""
    found = between("a", "b", pairs([[2, 3], [3, 192]]), "include", "exclude")
    assert near(found.percent, 0.97)
    assert near(found.kappa.value, 0.38, 2)
    assert near(found.kappa.low, -0.01, 2)
    assert near(found.kappa.high, 0.77, 2)
    assert near(found.ac1.value, 0.97, 2)
    assert near(found.pabak, 0.94)
    assert near(found.positive, 0.4)
    assert near(found.negative, 384 / 390)


def test_kappa_of_the_textbook() -> None:
    """Two raters, 100 subjects, three categories (Fleiss, Levin and Paik 2003, table 18.1): κ .676 ± .088."""
    found = kappa([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    assert near(found.value, 0.676, 3)
    assert near(found.se, 0.088, 3)


def test_fleiss_of_the_textbook() -> None:
    """Ten subjects, fourteen raters, five categories (Fleiss 1971): κ .210."""
    table = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    assert near(fleiss([{str(k): count for k, count in enumerate(row) if count} for row in table]).value, 0.210, 3)


def test_ac1_of_the_paper() -> None:
    """Gwet (2008), table 4: 118/5/2/0 gives AC1 .9408 where κ is −.0234."""
    table = [[118, 5], [2, 0]]
    assert near(ac1(table).value, 0.9408)
    assert near(kappa(table).value, -0.0234)
    assert near(pabak(table), 0.888)


ORACLE = json.loads(Path(__file__).with_name("agreement_statsmodels.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", ORACLE["cohen"], ids=str)
def test_kappa_equals_statsmodels(case: dict[str, object]) -> None:
    """κ, its error and its interval on ten tables of two to four verdicts."""
    found = kappa(case["table"])
    for name in ("value", "se", "low", "high"):
        expected = case["kappa" if name == "value" else name]
        if name in ("low", "high"):
            expected = max(-1.0, min(1.0, expected))
        assert near(getattr(found, name), expected, 8)


@pytest.mark.parametrize("case", ORACLE["fleiss"], ids=lambda case: f"{len(case['ratings'])} records")
def test_fleiss_equals_statsmodels(case: dict[str, object]) -> None:
    """Fleiss' κ on three sets of ratings by three or four people."""
    ratings = [{str(k): count for k, count in enumerate(row) if count} for row in case["ratings"]]
    assert near(fleiss(ratings).value, case["kappa"], 8)


counts = st.lists(st.lists(st.integers(0, 40), min_size=2, max_size=2), min_size=2, max_size=2)


@given(counts)
def test_figures_stay_in_their_range_and_do_not_care_who_is_first(table: list[list[int]]) -> None:
    """Each figure lies in [−1, 1] or is undefined, and exchanging the two people changes nothing."""
    turned = [list(row) for row in zip(*table, strict=True)]
    for figure in (kappa, ac1):
        one, two = figure(table), figure(turned)
        assert one.value is None or -1 - 1e-9 <= one.value <= 1 + 1e-9
        assert (one.value is None) == (two.value is None)
        if one.value is not None and two.value is not None:
            assert abs(one.value - two.value) < 1e-9
            assert one.low is None or one.low - 1e-9 <= one.value <= (one.high or 0) + 1e-9


@given(st.integers(1, 50), st.integers(1, 50))
def test_perfect_agreement_is_one(yes: int, no: int) -> None:
    """All equal, both verdicts used: every figure is 1."""
    table = [[yes, 0], [0, no]]
    assert near(kappa(table).value, 1)
    assert near(ac1(table).value, 1)
    assert pabak(table) == 1


def test_one_verdict_only_leaves_kappa_undefined_but_not_the_rest() -> None:
    """Both excluded everything: 100 %, κ not defined, AC1 1."""
    found = between("a", "b", pairs([[0, 0], [0, 9]]), "include", "exclude")
    assert found.kappa.value is None
    assert (found.percent, found.pabak) == (1, 1)
    assert near(found.ac1.value, 1)
    assert in_words(found.kappa.value) == "not defined"
    assert "not defined" in sentence(found)
    assert sentence(between("a", "b", [], "include", "exclude")) == "No record was judged by two people independently."


def _coverage(figure, truth: float, draw, runs: int = 2000) -> float:  # type: ignore[no-untyped-def]
    hits = 0
    for run in range(runs):
        found = figure(draw(random.Random(run)))
        hits += found.low is not None and found.low <= truth <= found.high
    return hits / runs


@pytest.mark.parametrize("cells", [(0.25, 0.05, 0.10, 0.60), (0.40, 0.10, 0.10, 0.40), (0.10, 0.05, 0.05, 0.80)])
@pytest.mark.parametrize("figure", [kappa, ac1])
def test_intervals_cover(cells: tuple[float, ...], figure) -> None:  # type: ignore[no-untyped-def]
    """In 2,000 samples of 300 records the 95 % interval holds the population's value in 93 to 97 %."""
    truth = figure([[cells[0] * 1e6, cells[1] * 1e6], [cells[2] * 1e6, cells[3] * 1e6]]).value

    def draw(chance: random.Random) -> list[list[int]]:
        drawn = chance.choices(range(4), cells, k=300)
        return [[drawn.count(0), drawn.count(1)], [drawn.count(2), drawn.count(3)]]

    assert 0.93 <= _coverage(figure, truth, draw) <= 0.97


def test_first_independent_decisions_are_compared() -> None:
    """A mind changed afterwards, a settlement and a copy of the record do not count as agreement."""

    def one(record: str, person: str, verdict: str, role: str = "screener", batch: str = "b-1") -> Decision:
        return Decision(record, "title-abstract", person, verdict, "", "", role, batch, "", "", "")

    made = [
        one("A", "p", "include"), one("A", "q", "exclude"), one("A", "q", "include"),
        one("A", "z", "include", "arbiter"),
        one("B", "p", "maybe"), one("B", "q", "include"),
        one("C", "p", "exclude"), one("D", "q", "exclude"),
    ]  # fmt: skip
    found = stage_agreement(cluster(["A", "B", "C", "D"], []), made, "title-abstract")
    assert found.overall.n == 2
    assert found.overall.counts == {("include", "exclude"): 1, ("include", "include"): 1}
    assert found.three_way.percent == 0
    assert set(found.rounds) == {"b-1"}
    assert "p and q agreed on 1 of 2 records" in sentence(found.pairs[0])
