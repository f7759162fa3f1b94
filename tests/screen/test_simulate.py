"""Simulation: labelled files as they come, figures that can be reckoned by hand, the same for the same seed."""

from __future__ import annotations

import csv
import random
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screening_reviews import OTHER, PROTOCOL_TEXT, WANTED, call

from evidence_review.errors import InputError, SheetError

pytest.importorskip("scipy", reason="ranking needs the extra 'rank'")

from evidence_review.commands.screen import simulate
from evidence_review.commands.screen.curve import draw
from evidence_review.commands.screen.features import features
from evidence_review.commands.screen.labelled import read_labelled, read_text
from evidence_review.commands.screen.rules import RULES, Stopped
from evidence_review.commands.screen.simulate import Plan, measure, recall_curve, screen


def labelled(path: Path, seed: int = 3) -> Path:
    """Write a labelled file whose includes talk of the protocol's matter, shuffled."""
    rows = [(title, 1) for title in WANTED] + [(title, 0) for title in OTHER]
    random.Random(seed).shuffle(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["record_id", "title", "abstract", "label_included"])
        writer.writerows([number, title, "", label] for number, (title, label) in enumerate(rows))
    return path


def test_figures_of_a_perfect_and_of_a_worst_order() -> None:
    """ATD, WSS@95 and recall at a tenth of orders that can be reckoned by hand."""
    best, worst = measure([1] * 10 + [0] * 90), measure([0] * 90 + [1] * 10)
    assert (best.atd, round(best.wss95, 3), best.recall10) == (0.055, 0.85, 1.0)
    assert (worst.atd, round(worst.wss95, 3), worst.recall10) == (0.955, -0.05, 0.0)
    assert recall_curve([1, 0, 0, 1], 2) == [[0.0, 0.0], [0.5, 0.5], [1.0, 1.0]]


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize("grow", [True, False])
def test_a_simulation_reads_each_record_once(warm: bool, grow: bool) -> None:
    """Cold or warm, in equal or growing batches: all labels come out, without the two that were known."""
    known = features([*WANTED, *OTHER], [""] * 48, PROTOCOL_TEXT)
    labels = [1] * 8 + [0] * 40
    found, priors = screen(known, labels, Plan(batch=10, seed=5, warm=warm, grow=grow))
    assert len(found) == 48 - len(priors)
    assert sum(found) == 8 - (1 if warm else 0)
    assert len(priors) == (2 if warm else 0)


def test_simulate_on_the_command_line(tmp_path: Path) -> None:
    """The interface: figures, curve, stopping rules, and the same numbers for the same seed."""
    path, text, curve = labelled(tmp_path / "l.csv"), tmp_path / "q.txt", tmp_path / "curve.svg"
    text.write_text(PROTOCOL_TEXT, encoding="utf-8")
    arguments = ["screen", "simulate", str(path), "--protocol-text", str(text), "--batch", "8", "--seed", "2", "--cold"]
    one, two = (call(*arguments, "--svg", str(curve), "--json") for _ in range(2))
    assert {"atd", "wss95", "recall10", "seconds"} <= set(one)
    assert (one["atd"], one["wss95"]) == (two["atd"], two["wss95"])
    assert one["wss95"] == pytest.approx(0.95 - 8 / 48)
    rules = one["stopping"]
    assert isinstance(rules, list)
    assert [rule["rule"] for rule in rules] == list(RULES)
    assert all(rule["statistical"] == rule["rule"].startswith("hypergeometric") for rule in rules)
    drawn = curve.read_text(encoding="utf-8")
    assert "<title" in drawn
    assert all(f"{rule}: " in drawn for rule in RULES)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5)), min_size=1, max_size=12))
def test_numbers_on_the_curve_never_overlap(points: list[tuple[int, int]]) -> None:
    """Wherever rules stop, each number stands once, in its own box, inside the picture; equal points share one."""
    stops = [
        Stopped(f"rule {place}", place % 2 == 0, one / 40, two / 5, 0.0) for place, (one, two) in enumerate(points)
    ]
    tree = ElementTree.fromstring(draw([1, 0, 1, 0], "a name " * 30, stops))
    boxes = sorted(
        (float(box.attrib["x"]), float(box.attrib["width"])) for box in tree.findall(".//{*}rect") if "rx" in box.attrib
    )
    assert len(boxes) == len(set(points))
    assert all(left + wide < after for (left, wide), (after, _) in pairwise(boxes))
    assert boxes[0][0] > 0
    assert sum(boxes[-1]) < float(tree.attrib["viewBox"].split()[2])


def labels_file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    "text",
    [
        "label_included;abstract;title;record_id\r\n1;;Größe;1\r\n0;text;Other;2\r\n;;Nobody judged;3\r\n",
        'Title,Included\n"Größe",YES\nOther,no\nNobody judged,-1\n',
        "record_id\ttitle\tabstract\tlabel_included\n1\tGröße\t\tInclude\n2\tOther\t\t0,0\n3\tJudged not\t\t\n",
    ],
)
def test_labelled_files_as_they_come(tmp_path: Path, text: str, encoding: str) -> None:
    """Whatever separator, order of columns, encoding and words: the labels are known; a row without one is left out."""
    found = read_labelled(labels_file(tmp_path / "l.csv", text, encoding))
    assert (found.titles, found.labels, found.without) == (("Größe", "Other"), (1, 0), 1)


@pytest.mark.parametrize(
    ("rows", "message"),
    [("a,,1\nb,,1\n", "2 includes among 2 labels"), ("a,,0\n", "0 includes among 1 label"), ("", "among 0 labels")],
)
def test_one_kind_of_label_is_not_enough(tmp_path: Path, rows: str, message: str) -> None:
    """With includes only, excludes only, or nothing at all there is nothing to simulate."""
    with pytest.raises(InputError, match=message):
        read_labelled(labels_file(tmp_path / "l.csv", f"title,abstract,label_included\n{rows}"))


def test_repeated_ids_are_said(tmp_path: Path) -> None:
    """A record that stands twice counts twice, and the summary says so."""
    path = labels_file(
        tmp_path / "l.csv", "record_id,title,abstract,label_included\n1,a,b,1\n1,a,b,1\n2,c,d,0\n,e,f,0\n"
    )
    assert read_labelled(path).notes == ("1 row with the record_id of a row before: every row counts as a record.",)


def test_a_file_without_labels_is_told_what_to_do(tmp_path: Path) -> None:
    """The message names the columns that are there and the one that is wanted."""
    path = labels_file(tmp_path / "l.csv", "title,abstract,verdict\na,b,1\n")
    with pytest.raises(SheetError, match=r"no column of labels .* Its columns are title, abstract, verdict: call the"):
        read_labelled(path)


def test_a_warm_start_needs_an_include_to_find(tmp_path: Path) -> None:
    """The one include that there is would be known from the start."""
    path = labels_file(tmp_path / "l.csv", "title,abstract,label_included\nOne,,1\nTwo,,0\nSix,,0\n")
    with pytest.raises(InputError, match="one include only"):
        simulate.run(path, "", Plan(warm=True))
    assert simulate.run(path, "", Plan()).data["included"] == 1


@pytest.mark.parametrize("text", ["", "\ufeffGröße", "日本語", "twinning " * 50_000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_any_protocol_text_will_do(tmp_path: Path, text: str, encoding: str) -> None:
    """Empty, long, in another script or encoding: the simulation runs; what meets no record tells nothing."""
    known = read_text(labels_file(tmp_path / "p.txt", text, encoding))
    data = simulate.run(labelled(tmp_path / "l.csv"), known, Plan(batch=8)).data
    assert 0 < data["atd"] < 1


def test_wrong_labels_are_named(tmp_path: Path) -> None:
    """A label that is neither 1 nor 0 is refused with its row."""
    path = tmp_path / "l.csv"
    path.write_text("record_id,title,abstract,label_included\n1,a,b,1\n2,c,d,perhaps\n", encoding="utf-8")
    with pytest.raises(SheetError, match="row 3, column label_included: 'perhaps' is no label"):
        read_labelled(path)


def test_a_curve_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A folder that is not there is a message, not a trace."""
    with pytest.raises(InputError, match=r"curve cannot be written to .*nowhere.*: No such file"):
        simulate.run(labelled(tmp_path / "l.csv"), "", Plan(batch=8), tmp_path / "nowhere" / "c.svg")
