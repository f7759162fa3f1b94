"""Forest and funnel plots: each study once, in order, its numbers in words; nothing leaves the drawing."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_review.commands.synthesise.pool.run import Request, run
from evidence_review.drawing.forest import Forest, Line, draw, number, ticks
from evidence_review.errors import StorageError

BCG = Path(__file__).parent / "bcg.csv"
SVG = "{http://www.w3.org/2000/svg}"


def titles(text: str, kind: str) -> list[str]:
    root = fromstring(text.encode())
    return [part.findtext(f"{SVG}title") or "" for part in root.iter(f"{SVG}g") if part.get("class") == kind]


def test_every_study_is_drawn_once_in_the_table_s_order_and_the_pooled_result_last(tmp_path: Path) -> None:
    run(Request(BCG, "RR", "REML", forest=tmp_path / "f.svg", funnel=tmp_path / "g.svg"))
    text = (tmp_path / "f.svg").read_text(encoding="utf-8")
    names = [line.partition(",")[0] for line in BCG.read_text(encoding="utf-8").splitlines()[1:]]
    assert [title.partition(": ")[0] for title in titles(text, "er-study")] == names
    assert titles(text, "er-study")[0] == "Aronson 1948: 0.41 (0.13 to 1.26), weight 5.1 %"
    assert titles(text, "er-pooled") == ["All studies: 0.49 (0.34 to 0.70)"]
    root = fromstring(text.encode())
    assert root.findtext(f"{SVG}title") == "Risk ratio: 13 studies, REML"
    assert "All studies 0.49 (0.34 to 0.70)" in (root.findtext(f"{SVG}desc") or "")
    funnel = titles((tmp_path / "g.svg").read_text(encoding="utf-8"), "er-study")
    assert [title.partition(": ")[0] for title in funnel] == names


def test_subgroups_stand_under_their_headings_with_a_result_each(tmp_path: Path) -> None:
    run(Request(BCG, "RR", "REML", by="allocation", forest=tmp_path / "f.svg"))
    text = (tmp_path / "f.svg").read_text(encoding="utf-8")
    assert len(titles(text, "er-study")) == 13
    assert [title.partition(":")[0] for title in titles(text, "er-pooled")] == [
        "alternate", "random", "systematic", "All studies",
    ]  # fmt: skip


@pytest.mark.parametrize(("upper", "arrows"), [(1.5, 0), (90.0, 1)])
def test_a_prediction_interval_stands_whole_or_ends_in_an_arrowhead(upper: float, arrows: int) -> None:
    """Cut off at the edge without a sign, it would seem to end there."""
    lines = [Line("A", 0.1, -0.2, 0.4, 50), Line("B", 0.3, 0, 0.6, 50)]
    whole = Line("All", 0.2, 0.0, 0.4, pooled=True, prediction=(-0.5, upper))
    root = fromstring(draw(Forest("T", "MD", [*lines, whole])).encode())
    heads = [part for part in root.iter(f"{SVG}polygon") if part.get("class") == "er-beyond"]
    dashed = next(part for part in root.iter(f"{SVG}line") if part.get("stroke-dasharray"))
    diamond = next(part for part in root.iter(f"{SVG}polygon") if part.get("class") == "er-diamond")
    assert len(heads) == arrows
    assert (
        float(dashed.get("x1", "")) < float((diamond.get("points") or "").split(",")[0]) < float(dashed.get("x2", ""))
    )


def test_a_plot_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StorageError, match="could not be written"):
        run(Request(BCG, "RR", "REML", forest=tmp_path / "file" / "f.svg"))


LINES = st.lists(st.tuples(st.floats(-20, 20), st.floats(0.001, 50), st.text(max_size=60)), min_size=1, max_size=12)


@given(LINES, st.booleans())
@settings(max_examples=60)
def test_whatever_the_numbers_and_names_all_stays_inside(made: list[tuple[float, float, str]], ratio: bool) -> None:
    lines = [Line(name, at, at - half, at + half, 100 / len(made)) for at, half, name in made]
    text = draw(Forest("T", "X", [*lines, Line("All", 0, -1, 1, pooled=True, prediction=(-90, 90))],
                       math.exp if ratio else float))  # fmt: skip
    root = fromstring(text.encode())
    wide = float(root.get("width", "0"))
    for part in root.iter():
        for key in ("x", "x1", "x2", "cx"):
            assert 0 <= float(part.get(key, "0")) <= wide


def test_a_name_keeps_its_year_and_is_cut_only_where_there_is_no_room() -> None:
    """Two papers of the same authors are told apart by their years."""
    usual = "Müller-Lüdenscheidt and García Márquez 1996"
    made = [Line(usual, 0.1, -0.2, 0.4, 50), Line(f"{30 * 'Abc '}2019", 0.3, 0, 0.6, 50)]
    texts = [part.text or "" for part in fromstring(draw(Forest("T", "MD", made)).encode()).iter(f"{SVG}text")]
    assert usual in texts
    assert any(text.startswith("Abc Abc") and text.endswith("… 2019") for text in texts)


def test_ticks_are_round_and_few() -> None:
    assert [round(math.exp(one), 6) for one in ticks(math.log(0.08), math.log(6), ratio=True)] == [
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
    ]
    many = ticks(math.log(1e-9), math.log(1e9), ratio=True)
    assert len(many) <= 7
    assert all(math.isclose(one / math.log(10), round(one / math.log(10)), abs_tol=1e-9) for one in many)
    assert ticks(-1.2, 2.3, ratio=False) == [-1, 0, 1, 2]


def test_numbers_have_the_decimals_that_their_size_asks_for() -> None:
    assert [number(one) for one in (0.4894, -0.001234, 123456, math.inf)] == ["0.49", "−0.0012", "1.2e+05", "∞"]
