"""`synthesise pool`: the published numbers of metafor come out, and what cannot be pooled is refused with its row."""

from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_review.cli import group
from evidence_review.commands.synthesise.cli import MEASURES as OFFERED
from evidence_review.commands.synthesise.cli import METHODS as OFFERED_METHODS
from evidence_review.commands.synthesise.pool import distributions as d
from evidence_review.commands.synthesise.pool import extras
from evidence_review.commands.synthesise.pool.effects import MEASURES, Effect, effect
from evidence_review.commands.synthesise.pool.heterogeneity import Data, _likelihood, fit, restricted_likelihood
from evidence_review.commands.synthesise.pool.models import pool
from evidence_review.commands.synthesise.pool.run import METHODS, Request, run
from evidence_review.errors import InputError, SheetError, UsageError

BCG = Path(__file__).parent / "bcg.csv"

# What R's metafor prints for its own data set dat.bcg (Colditz et al. 1994): its manual and the documentation site.
METAFOR = [
    ("REML", False, {"estimate": -0.7145, "se": 0.1798, "ci": [-1.0669, -0.3622], "tau2": 0.3132, "i2": 92.22}),
    ("REML", False, {"q": 152.2330, "prediction_interval": [-1.8667, 0.4376], "tau2_ci": [0.1197, 1.1115]}),
    ("REML", True, {"estimate": -0.7145, "se": 0.1808}),
    ("FE", False, {"estimate": -0.4303, "se": 0.0405, "ci": [-0.5097, -0.3509], "q": 152.2330, "tau2": 0.0}),
    ("DL", False, {"estimate": -0.7141, "ci": [-1.0644, -0.3638], "tau2": 0.3088}),
    ("PM", False, {"tau2": 0.3181, "estimate": -0.7150}),
]


def digits(value: Any, like: Any) -> Any:
    """Round as the oracle's number is written."""
    if isinstance(like, list):
        return [digits(one, other) for one, other in zip(value, like, strict=True)]
    return round(float(value), 2 if like == 92.22 else 4)


@pytest.mark.parametrize(("method", "kh", "expected"), METAFOR)
def test_the_bcg_trials_give_metafor_s_numbers(method: str, kh: bool, expected: dict[str, object]) -> None:
    data = run(Request(BCG, "RR", method, knapp_hartung=kh)).data
    assert {key: digits(data[key], value) for key, value in expected.items()} == expected


BACK = [("RR", "MH", 0.6353, [0.5881, 0.6862]), ("OR", "PETO", 0.6222, [0.5746, 0.6738])]


@pytest.mark.parametrize(("measure", "method", "estimate", "ci"), BACK)
def test_counts_pooled_directly_give_metafor_s_numbers(
    measure: str, method: str, estimate: float, ci: list[float]
) -> None:
    back = run(Request(BCG, measure, method)).data["back"]
    assert (round(back["estimate"], 4), [round(one, 4) for one in back["ci"]]) == (estimate, ci)


def test_regression_on_latitude_and_egger_s_test_give_metafor_s_numbers() -> None:
    data = run(Request(BCG, "RR", "REML", covariate="latitude", egger=True)).data
    slope, intercept = data["regression"]["slope"], data["regression"]["intercept"]
    assert (round(intercept["estimate"], 4), round(intercept["se"], 4)) == (0.2515, 0.2491)
    assert (round(slope["estimate"], 4), round(slope["se"], 4)) == (-0.0291, 0.0072)
    assert round(data["regression"]["q"], 4) == 30.7331
    assert (round(data["egger"]["t"], 4), data["egger"]["df"], round(data["egger"]["p"], 4)) == (-1.4013, 11, 0.1887)


def test_subgroups_hold_every_study_once_and_leave_one_out_leaves_each() -> None:
    data = run(Request(BCG, "RR", "REML", by="allocation", leave_one_out=True)).data
    assert {name: one["k"] for name, one in data["subgroups"].items()} == {"alternate": 2, "random": 7, "systematic": 4}
    assert {one["k"] for one in data["leave_one_out"].values()} == {12}
    assert list(data["leave_one_out"]) == [one["study"] for one in data["studies"]]


def test_the_interface_prints_these_keys_and_needs_no_review(tmp_path: Path) -> None:
    arguments = ["--folder", str(tmp_path), "synthesise", "pool", str(BCG), "--measure", "RR", "--json"]
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    keys = {"estimate", "se", "ci", "tau2", "tau2_ci", "i2", "q", "q_p", "prediction_interval", "k"}
    assert keys <= set(data)
    assert data["k"] == 13
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_offers_what_there_is() -> None:
    assert set(OFFERED) == set(MEASURES)
    assert OFFERED_METHODS == METHODS


# t and χ² quantiles as every printed table has them; the normal's as NIST prints them.
QUANTILES = [
    (d.t_quantile(0.975, 1), 12.7062),
    (d.t_quantile(0.975, 12), 2.1788),
    (d.t_quantile(0.975, 120), 1.9799),
    (d.t_quantile(0.05, 5), -2.0150),
    (d.chi2_quantile(0.975, 12), 23.3367),
    (d.chi2_quantile(0.025, 1), 0.000982069),
    (d.chi2_quantile(0.95, 100), 124.3421),
    (d.normal_quantile(0.975), 1.9600),
    (d.chi2_tail(3.8414588, 1), 0.05),
    (d.t_tail(2.2281389, 10), 0.05),
    (d.normal_tail(-1.9599640), 0.05),
]


@pytest.mark.parametrize(("found", "expected"), QUANTILES)
def test_quantiles_are_those_of_the_printed_tables(found: float, expected: float) -> None:
    assert math.isclose(found, expected, rel_tol=3e-5)


@given(st.floats(0.001, 0.999), st.floats(1, 300))
def test_quantile_and_distribution_are_inverse(p: float, df: float) -> None:
    assert math.isclose(d.t_cdf(d.t_quantile(p, df), df), p, rel_tol=1e-8)
    assert math.isclose(d.chi2_cdf(d.chi2_quantile(p, df), df), p, rel_tol=1e-8)


ROWS = [
    ("SMD", {"m1": 10, "sd1": 2, "n1": 20, "m2": 8, "sd2": 2, "n2": 20}, 0.98011, 0.11201),
    ("MD", {"m1": 10, "sd1": 2, "n1": 20, "m2": 8, "sd2": 2, "n2": 20}, 2.0, 0.4),
    # The divisor at n = 21 is 1.258, which Wan et al. 2014 tabulate as 1.260; the mean is the middle.
    ("MD", {"lq1": 8, "med1": 10, "uq1": 12, "n1": 21, "lq2": 6, "med2": 8, "uq2": 10, "n2": 21}, 2.0, 0.96317),
    # From the range, with the divisor of Wan et al. 2014 and, where it is skew, the mean of Luo et al. 2018.
    ("MD", {"min1": 0, "med1": 8, "max1": 20, "n1": 25, "min2": -2, "med2": 8, "max2": 18, "n2": 25}, 0.52700, 2.07353),
    ("RR", {"ai": 4, "bi": 119, "ci": 11, "di": 128}, -0.88931, 0.32558),
    ("OR", {"ai": 4, "n1i": 123, "ci": 11, "n2i": 139}, -0.93869, 0.35712),
    ("OR", {"ai": 0, "bi": 10, "ci": 5, "di": 5}, -3.04452, 2.45887),
    ("RD", {"ai": 10, "bi": 10, "ci": 5, "di": 15}, 0.25, 0.021875),
    ("GEN", {"yi": 0.5, "lower": 0.304, "upper": 0.696}, 0.5, 0.01),
    ("PLO", {"xi": 10, "ni": 40}, -1.09861, 0.13333),
    ("IRR", {"x1i": 10, "t1i": 100, "x2i": 5, "t2i": 100}, 0.69315, 0.3),
    ("IRLN", {"xi": 10, "ti": 100}, -2.30259, 0.1),
    ("IRLN", {"xi": 0, "ti": 100}, -5.29832, 2.0),
    ("ZCOR", {"ri": 0.5, "ni": 28}, 0.54931, 0.04),
]


@pytest.mark.parametrize(("measure", "cells", "yi", "vi"), ROWS)
def test_effects_and_variances_follow_their_formulas(
    measure: str, cells: dict[str, float], yi: float, vi: float
) -> None:
    one = effect(MEASURES[measure], "a", cells)
    assert (round(one.yi, 5), round(one.vi, 5)) == pytest.approx((yi, vi), abs=1.1e-5)


WRONG = [
    ("study,yi,sei\nA,0.1,-0.2\nB,0.1,0.2\n", "row 2: sei is -0.2. A standard error lies above 0"),
    ("study,yi,sei\na,1,0\n", "row 2: sei is 0. A standard error lies above 0"),
    ("study,yi,vi\na,1,0\n", "row 2: the variance is 0"),
    ("study,yi,sei\na,1,\n", "row 2, column sei: the cell is empty"),
    ("study,yi,sei\na,many,1\n", "row 2, column yi: 'many' is not a number"),
    ("study,yi,sei\na,1e999,1\n", "row 2, column yi: '1e999' is too large to calculate with"),
    ("study,yi,sei\n,1,1\n", "row 2, column study: the study has no name"),
    ("study,yi\na,1\n", "row 1: the columns for GEN are missing"),
    ("name,yi,sei\na,1,1\n", "row 1: there is no column 'study'"),
    ("study,yi,sei\n", "there is no study in it"),
    ("study,yi,lower,upper\na,1,2,1\n", "row 2: the upper limit does not lie above the lower"),
    ("study,yi,lower,upper\na,1.5,0.1,0.6\n", "row 2: yi lies outside its own interval"),
    ("study;yi;sei\na;1.234;0,2\nb;2,5;0,25\n", "row 2, column yi: '1.234' could be 1234 or 1.234"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_table_that_cannot_be_pooled_is_refused_with_its_row(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SheetError) as caught:
        run(Request(path, "GEN", "REML"))
    assert message in str(caught.value)


MEDIANS = [
    ("lq1,med1,uq1,n1,lq2,med2,uq2,n2", "1,3,2,20,1,2,3,20", "lq1, med1, uq1 do not increase"),
    ("min1,med1,max1,n1,min2,med2,max2,n2", "1,2,3,20,5,5,5,20", "min2, med2, max2 do not increase"),
    ("min1,med1,max1,n1,min2,med2,max2,n2", "1,2,3,1,4,5,6,20", "n1 is 1"),
]


@pytest.mark.parametrize(("columns", "cells", "message"), MEDIANS)
def test_medians_that_cannot_be_are_refused(tmp_path: Path, columns: str, cells: str, message: str) -> None:
    (tmp_path / "t.csv").write_text(f"study,{columns}\na,{cells}\n", encoding="utf-8")
    with pytest.raises(SheetError, match=message):
        run(Request(tmp_path / "t.csv", "MD", "FE"))


COUNTS = [
    ("5,-1,3,7", "bi is -1, below 0"),
    ("0,0,3,7", "a group has no participants"),
]


@pytest.mark.parametrize(("cells", "message"), COUNTS)
def test_impossible_counts_are_refused(tmp_path: Path, cells: str, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"study,ai,bi,ci,di\na,{cells}\nb,1,2,3,4\n", encoding="utf-8")
    with pytest.raises(SheetError, match=message):
        run(Request(path, "RR", "REML"))


SAME_TABLES = [
    ("MD", "study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,11,2,20,10,2,15\nB,12,3,20,10,2,15\n",
     "study,m1,sd1,n1,m2,sd2,n2\nA,11,2,20,10,2,15\nB,12,3,20,10,2,15\n"),
    ("RR", "study,yi,sei\nA,-0.2,0.1\nB,-0.4,0.2\n", "study,yi,vi\nA,-0.2,0.01\nB,-0.4,0.04\n"),
]  # fmt: skip


@pytest.mark.parametrize(("measure", "one", "two"), SAME_TABLES)
def test_other_columns_of_the_same_numbers_give_the_same_result(
    tmp_path: Path, measure: str, one: str, two: str
) -> None:
    """metafor's names of columns, and reported estimates of any measure on its pooling scale."""
    (tmp_path / "one.csv").write_text(one, encoding="utf-8")
    (tmp_path / "two.csv").write_text(two, encoding="utf-8")
    found = [run(Request(tmp_path / name, measure, "REML")).data for name in ("one.csv", "two.csv")]
    assert found[0]["estimate"] == pytest.approx(found[1]["estimate"])
    assert found[0]["scale"] == found[1]["scale"]


def test_a_decimal_comma_in_one_cell_tells_what_the_others_mean(tmp_path: Path) -> None:
    """`1,234` beside `0,2` is no thousand; where no cell tells, it is refused; points have no such doubt."""
    path = tmp_path / "a.csv"
    path.write_text("study;yi;sei\nA;1,234;0,2\nB;−2,5;0,25\n", encoding="utf-8")
    assert [one["yi"] for one in run(Request(path, "GEN", "FE")).data["studies"]] == [1.234, -2.5]
    path.write_text("study,yi,sei\nA,1.234,0.2\nB,2.5,0.25\n", encoding="utf-8")
    assert [one["yi"] for one in run(Request(path, "GEN", "FE")).data["studies"]] == [1.234, 2.5]
    path.write_text("study;yi;sei\nA;1,234;1\nB;2;1\n", encoding="utf-8")
    with pytest.raises(SheetError, match=r"could be 1234 or 1\.234"):
        run(Request(path, "GEN", "FE"))


@pytest.mark.parametrize(("measure", "cells"), [("RD", "0,10,0,10"), ("RR", "10,0,10,0"), ("RD", "10,0,0,10")])
def test_counts_without_any_variation_are_refused(tmp_path: Path, measure: str, cells: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"study,ai,bi,ci,di\nA,{cells}\nB,{cells}\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"MH gives no {measure} with an error"):
        run(Request(path, measure, "MH"))


def test_weights_are_those_of_the_method(tmp_path: Path) -> None:
    """Mantel-Haenszel weights are c·n1/n, b·c/n and n1·n2/n, those of Peto the hypergeometric variances."""
    path = tmp_path / "a.csv"
    path.write_text("study,ai,bi,ci,di\nA,1,9,4,6\nB,10,30,10,10\n", encoding="utf-8")
    for measure, method, first, second in (
        ("RR", "MH", 4 * 10 / 20, 10 * 40 / 60), ("OR", "MH", 9 * 4 / 20, 30 * 10 / 60),
        ("RD", "MH", 100 / 20, 800 / 60),
        ("OR", "PETO", 100 * 5 * 15 / (400 * 19), 800 * 20 * 40 / (3600 * 59)),
    ):  # fmt: skip
        found = [one["weight"] for one in run(Request(path, measure, method)).data["studies"]]
        assert found == pytest.approx([100 * first / (first + second), 100 * second / (first + second)])


def test_effects_on_a_line_and_in_identical_subgroups_are_refused_with_knapp_hartung() -> None:
    straight = made((1, 0.04), (2, 0.04), (3, 0.04))
    with pytest.raises(InputError, match="on a line"):
        extras.regression(straight, [1, 2, 3], "DL", knapp_hartung=True)
    assert math.isclose(extras.regression(straight, [1, 2, 3], "DL").slope[0], 1)
    with pytest.raises(InputError, match="in a are identical"):
        extras.subgroups(made((1, 1), (1, 1), (2, 1), (3, 1)), list("aabb"), "GEN", "DL", knapp_hartung=True)


def test_a_regression_is_the_same_in_every_unit() -> None:
    """Days or centuries, grams or tons: the line moves with the unit and nothing overflows."""
    pairs, years = [(0.1, 0.2), (0.9, 0.1), (0.4, 0.3), (1.5, 0.2)], [1990, 2001, 1995, 2010]
    plain = extras.regression(made(*pairs), years, "REML")
    for y, x in ((1e-60, 1.0), (1.0, 1e200), (1e40, 1e-90)):
        other = extras.regression(made(*((a * y, v * y * y) for a, v in pairs)), [one * x for one in years], "REML")
        assert math.isclose(other.slope[0], plain.slope[0] * y / x, rel_tol=1e-9)
        assert math.isclose(other.slope[1], plain.slope[1] * y / x, rel_tol=1e-9)
        assert math.isclose(other.intercept[1], plain.intercept[1] * y, rel_tol=1e-9)
        assert math.isclose(other.tau2, plain.tau2 * y * y, rel_tol=1e-6, abs_tol=1e-12 * y * y)
    with pytest.raises(InputError, match="beyond what can be calculated"):
        extras.regression(made((0, 1), (1e300, 1e-300), (2, 1)), [1, 2, 3], "REML")


def test_estimates_cannot_be_pooled_as_counts(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("study,yi,sei\nA,-0.2,0.1\nB,0.1,0.2\n", encoding="utf-8")
    with pytest.raises(UsageError, match="MH pools counts"):
        run(Request(tmp_path / "t.csv", "RR", "MH"))


def test_two_rows_of_one_name_are_pooled_and_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("study;yi;sei\nA;0,5;1e-1\nA;0,7;0,2\nB;0,1;0,1\n", encoding="utf-8")
    data = run(Request(path, "GEN", "DL", leave_one_out=True)).data
    assert data["k"] == 3
    assert any("'A' stands in rows 2, 3" in note for note in data["notes"])
    assert list(data["leave_one_out"]) == ["A (row 2)", "A (row 3)", "B"]


def test_what_json_cannot_hold_is_null(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("study,yi,sei\nA,900,1\nB,901,1\n", encoding="utf-8")
    counts = tmp_path / "c.csv"
    counts.write_text("study,x1i,t1i,x2i,t2i\nA,5,1e-200,5,1e150\n", encoding="utf-8")
    assert json.loads(json.dumps(run(Request(path, "GEN", "DL")).data))["estimate"] == 900.5
    assert run(Request(counts, "IRR", "FE")).data["back"]["estimate"] is None


def test_options_that_do_not_go_together_are_refused() -> None:
    for request in (Request(BCG, "RR", "PETO"), Request(BCG, "GEN", "MH"), Request(BCG, "RR", "FE", True)):
        with pytest.raises(UsageError):
            run(request)


def made(*pairs: tuple[float, float]) -> list[Effect]:
    return [Effect(f"s{number}", yi, vi) for number, (yi, vi) in enumerate(pairs)]


def test_zero_cells_are_pooled_and_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("study,ai,bi,ci,di\nfirst,0,10,5,5\nsecond,0,20,0,20\nthird,3,17,6,14\n", encoding="utf-8")
    for measure in ("RR", "OR", "RD"):
        data = run(Request(path, measure, "REML")).data
        assert math.isfinite(data["estimate"])
        assert data["notes"] == ["half a unit added to each cell: first, second"]
        assert math.isfinite(run(Request(path, measure, "MH")).data["estimate"])


def test_mantel_haenszel_without_any_event_in_a_group_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("study,ai,bi,ci,di\nfirst,0,10,5,5\nsecond,0,20,1,20\n", encoding="utf-8")
    with pytest.raises(InputError, match="one group has no event in any study"):
        run(Request(path, "RR", "MH"))


def test_one_study_gives_its_own_result_and_says_so() -> None:
    result = pool(made((0.5, 0.04)), "GEN", "REML", knapp_hartung=True)
    assert (result.estimate, round(result.se, 12), result.tau2, result.q, result.q_p) == (0.5, 0.2, 0.0, 0.0, 1.0)
    assert result.tau2_ci is None and result.prediction_interval is None
    assert "nothing was pooled" in result.notes[0]


def test_identical_effects_have_no_heterogeneity_and_a_warning_on_knapp_hartung() -> None:
    for method in ("FE", "DL", "PM", "REML"):
        result = pool(made((0.3, 0.1), (0.3, 0.2), (0.3, 0.3)), "GEN", method)
        assert (result.tau2, round(result.q, 9), round(result.i2, 9)) == (0.0, 0.0, 0.0)
        assert math.isclose(result.estimate, 0.3)
    narrow = pool(made((0.3, 0.1), (0.3, 0.2)), "GEN", "DL", knapp_hartung=True)
    assert any("Knapp-Hartung" in note for note in narrow.notes)


@pytest.mark.parametrize("factor", [1e-60, 1e-12, 1.0, 1e12, 1e60])
def test_huge_and_tiny_variances_give_the_same_numbers_in_their_unit(factor: float) -> None:
    plain = pool(made((0.1, 0.01), (0.5, 0.02), (0.9, 0.03)), "GEN", "REML")
    scaled = pool(
        made(*((y * factor, v * factor**2) for y, v in ((0.1, 0.01), (0.5, 0.02), (0.9, 0.03)))), "GEN", "REML"
    )
    assert math.isclose(scaled.estimate, plain.estimate * factor, rel_tol=1e-9)
    assert math.isclose(scaled.tau2, plain.tau2 * factor**2, rel_tol=1e-6)
    assert math.isclose(scaled.i2, plain.i2, rel_tol=1e-6)


@pytest.mark.parametrize("method", ["FE", "DL", "PM", "REML"])
def test_one_study_far_more_precise_than_the_rest_is_pooled(method: str) -> None:
    """Weights that differ by 36 orders of magnitude: DL's moment is that of the two studies that can differ."""
    effects = [Effect("A", 0.3, 1e-18), Effect("B", 0.4, 1e18), Effect("C", 0.1, 0.0225)]
    found = pool(effects, "GEN", method)
    assert found.q == pytest.approx(0.04 / 0.0225)
    if method in ("FE", "DL", "PM"):
        assert (found.estimate, found.tau2) == (pytest.approx(0.3), 0.0)
    one = fit(Data([0.3, 0.4, 0.1], [1e-18, 1e18, 0.0225]), 0.0).trace_p
    assert one == pytest.approx(2 / 0.0225, rel=1e-9)


def test_variances_beyond_calculation_are_refused_in_words() -> None:
    with pytest.raises(InputError, match="beyond what can be calculated with"):
        pool(made((0.0, 1e-300), (1e200, 1e300)), "GEN", "DL")


def test_a_prediction_interval_by_t_needs_three_studies() -> None:
    assert pool(made((0, 1), (1, 1)), "GEN", "DL", prediction="hts").prediction_interval is None
    three = pool(made((0, 1), (1, 1), (5, 1)), "GEN", "DL", prediction="hts")
    assert three.prediction_interval is not None and "k - 2" in three.prediction_method


def test_a_regression_and_egger_s_test_refuse_what_says_nothing() -> None:
    same = made((0, 1), (1, 1), (2, 1))
    with pytest.raises(InputError, match="all the same"):
        extras.egger(same)
    with pytest.raises(InputError, match="same in all studies"):
        extras.regression(same, [5, 5, 5], "REML")
    with pytest.raises(InputError, match="needs three studies"):
        extras.regression(same[:2], [1, 2], "REML")


DATA = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.001, 10)), min_size=2, max_size=15)


@given(DATA, st.sampled_from(["FE", "DL", "PM", "REML"]), st.floats(-10, 10), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_shifting_and_shuffling_change_nothing_else(
    pairs: list[tuple[float, float]], method: str, shift: float, random: Random
) -> None:
    plain = pool(made(*pairs), "GEN", method)
    moved = [(y + shift, v) for y, v in pairs]
    random.shuffle(moved)
    other = pool(made(*moved), "GEN", method)
    assert math.isclose(other.estimate, plain.estimate + shift, rel_tol=1e-6, abs_tol=1e-6)
    assert math.isclose(other.tau2, plain.tau2, rel_tol=1e-4, abs_tol=1e-6)
    assert math.isclose(sum(other.weights), 100)
    assert plain.ci[0] <= plain.estimate <= plain.ci[1]


@given(DATA)
@settings(max_examples=60)
def test_reml_is_the_highest_point_of_its_likelihood_and_pm_solves_its_equation(
    pairs: list[tuple[float, float]],
) -> None:
    data = Data([y for y, _ in pairs], [v for _, v in pairs])
    best = restricted_likelihood(data)
    for other in (0.0, *(10 ** (step / 4) for step in range(-24, 13))):
        assert _likelihood(data, best) >= _likelihood(data, other) - 1e-7
    result = pool(made(*pairs), "GEN", "PM")
    if result.tau2 > 0:
        assert math.isclose(fit(data, result.tau2).q, data.k - 1, rel_tol=1e-6)
    else:
        assert fit(data, 0.0).q <= data.k - 1 + 1e-9


@given(DATA)
@settings(max_examples=40)
def test_the_interval_of_tau2_has_q_at_its_quantiles(pairs: list[tuple[float, float]]) -> None:
    result = pool(made(*pairs), "GEN", "REML")
    assert result.tau2_ci is not None
    data = Data([y for y, _ in pairs], [v for _, v in pairs])
    for limit, p in zip(result.tau2_ci, (0.975, 0.025), strict=True):
        wanted = d.chi2_quantile(p, data.k - 1)
        assert limit == 0 or math.isclose(fit(data, limit).q, wanted, rel_tol=1e-6)
