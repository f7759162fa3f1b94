"""Ranking and stopping on real labelled sets and real rankings."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from statistics import mean

import pytest

from evidence_review.commands.screen.rules import Hypergeometric, InARow, first_stop

pytestmark = pytest.mark.corpus


def rankings(corpus: Path) -> dict[str, list[int]]:
    """Return the labels of each topic in the order of its ranking."""
    path = corpus / "stopping" / "rankings.csv"
    return {
        topic: [int(label) for label in labels]
        for topic, labels in (line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:])
    }


def test_the_hypergeometric_rule_reaches_its_target_on_every_topic(corpus: Path) -> None:
    """Target and confidence .95, asked after every 50 records: recall is at least .95 on each real ranking."""
    rule, saved = Hypergeometric(), []
    for topic, labels in rankings(corpus).items():
        stopped = first_stop(rule, labels, 50)
        assert sum(labels[:stopped]) >= 0.95 * sum(labels), topic
        saved.append(1 - stopped / len(labels))
    assert mean(saved) > 0.1


def test_the_heuristics_do_not(corpus: Path) -> None:
    """Fifty excludes in a row miss the target on most topics, which is why they are called heuristics."""
    missed = 0
    for labels in rankings(corpus).values():
        stopped = first_stop(InARow(50), labels, 50)
        missed += sum(labels[:stopped]) < 0.95 * sum(labels)
    assert missed >= 5


@pytest.mark.parametrize("name", ["Cohen_ADHD", "Cohen_Triptans"])
def test_ranking_brings_the_includes_forward(corpus: Path, name: str) -> None:
    """From a cold start half of the includes come in the first tenth, and the average one in the first sixth."""
    pytest.importorskip("scipy", reason="ranking needs the extra 'rank'")
    from evidence_review.commands.screen.features import features
    from evidence_review.commands.screen.labelled import read_labelled
    from evidence_review.commands.screen.simulate import Plan, measure, screen

    text = json.loads((corpus / "screening" / "protocol_texts.json").read_text(encoding="utf-8"))[name]
    labelled = read_labelled(corpus / "screening" / name / "records.csv")
    found, _ = screen(features(labelled.titles, labelled.abstracts, text), labelled.labels, Plan(batch=50, seed=4))
    measured = measure(found)
    assert measured.recall10 >= 0.5
    assert measured.atd <= 1 / 6


def test_every_abstract_goes_through_a_sheet_unharmed(corpus: Path) -> None:
    """2,000 real titles and abstracts go out as CSV and come back equal, whatever quotes and newlines they hold."""
    from evidence_review.sheets import read, write_csv

    with (corpus / "screening" / "Kitchenham_2010" / "records.csv").open(encoding="utf-8", newline="") as stream:
        rows = [[row["record_id"], row["title"], row["abstract"]] for row in csv.DictReader(stream)]
    for separator in (",", ";"):
        table = read(write_csv(["record", "title", "abstract"], rows, separator), "s.csv", required=("record",))
        assert [[row["record"], row["title"], row["abstract"]] for row in table.rows] == rows
