"""Ranking, stopping and simulation: the promising first, every record once, and a promise that holds."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screening_reviews import again, everything, fill, make, rows_of, sheet

from evidence_review.commands.screen import collect, issue, stop
from evidence_review.commands.screen.issue import Wish
from evidence_review.commands.screen.stopping import (
    RULES,
    Hypergeometric,
    InARow,
    first_stop,
    left_at_most,
    p_value,
    run,
    to_certify,
)
from evidence_review.errors import IdentityError, InputError, SheetError
from evidence_review.model.events import Decision
from evidence_review.state.standing import UNSCREENED, stand

STAGE = "title-abstract"
pytest.importorskip("sklearn", reason="ranking needs the extra 'rank'")

from evidence_review.commands.screen.features import features, stem  # noqa: E402 - after the check for the extra
from evidence_review.commands.screen.rank import rank  # noqa: E402
from evidence_review.commands.screen.simulate import Plan, measure, recall_curve, screen  # noqa: E402

WANTED = [f"Twinning of hospitals number {n} strengthens nursing partnership" for n in range(8)]
OTHER = [f"Crystal growth number {n} in steel alloys under pressure" for n in range(40)]
PROTOCOL = "hospital twinning partnerships and nurses"


def call(*arguments: str) -> dict[str, object]:
    """Run the program and return its data."""
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-m", "evidence_review.cli", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    data: dict[str, object] = json.loads(done.stdout)
    return data


def labelled(path: Path, seed: int = 3) -> Path:
    """Write a labelled file whose includes talk of the protocol's matter, shuffled."""
    rows = [(title, 1) for title in WANTED] + [(title, 0) for title in OTHER]
    random.Random(seed).shuffle(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["record_id", "title", "abstract", "label_included"])
        writer.writerows([number, title, "", label] for number, (title, label) in enumerate(rows))
    return path


def test_the_protocol_brings_its_matter_first() -> None:
    """Before any decision the records that share the protocol's words, in any form of them, come first."""
    known = features([*OTHER, *WANTED], [""] * 48, PROTOCOL)
    ranking = rank(known, [], [], list(range(48)), explain=1)
    assert set(ranking.order[:8]) == set(range(40, 48))
    assert ranking.why[0]


def test_decisions_outweigh_the_protocol() -> None:
    """When people include what the protocol's words do not meet, the like of it comes first."""
    known = features([*OTHER, *WANTED], [""] * 48, PROTOCOL)
    judged = [*range(10), *range(40, 44)]
    labels = [1] * 10 + [0] * 4
    order = rank(known, judged, labels, list(range(48))).order
    assert set(order[:30]) == set(range(10, 40))


@settings(max_examples=30, deadline=None)
@given(
    texts=st.lists(
        st.sampled_from(["", "alpha beta", "beta gamma", "gamma delta x", "the the"]), min_size=2, max_size=15
    ),
    data=st.data(),
)
def test_every_record_that_is_not_judged_stands_once(texts: list[str], data: st.DataObject) -> None:
    """Whatever the texts, blank ones too, and whatever was judged, nothing is lost and nothing comes twice."""
    if not any(texts):
        return
    judged = data.draw(st.lists(st.integers(0, len(texts) - 1), unique=True))
    labels = [data.draw(st.integers(0, 1)) for _ in judged]
    ranking = rank(features(texts, [""] * len(texts), "beta"), judged, labels, list(range(len(texts))), explain=99)
    assert sorted([*ranking.order, *judged]) == list(range(len(texts)))
    assert len(ranking.why) == len(ranking.order)


def test_a_record_without_text_is_due_when_the_ranking_runs_dry() -> None:
    """It waits while the ranking brings up includes, and comes next when it brings up fewer than the average."""
    known = features([*WANTED, *OTHER[:8], ""], [""] * 17, PROTOCOL)
    assert rank(known, [0, 1], [1, 1], list(range(17))).order[-1] == 16
    judged, labels = [*range(12)], [1] + [0] * 11
    assert rank(known, judged, [1] + [1] * 7 + [0] * 4, list(range(17))).order[-1] == 16
    many = features([*WANTED[:2], *OTHER * 3, ""], [""] * 123, PROTOCOL)
    assert rank(many, [*range(60)], [1] + [0] * 59, list(range(123))).order[0] == 122
    assert len(labels) == len(judged)


def test_without_any_text_ranking_says_so() -> None:
    """Nothing to rank by is a message, not a trace."""
    with pytest.raises(InputError, match="nothing to rank by"):
        features(["", ""], ["", ""], "question")


@pytest.mark.parametrize(("one", "two"), [("randomised", "randomises"), ("partners", "partner"), ("nurses", "nursing")])
def test_forms_of_a_word_meet(one: str, two: str) -> None:
    """The endings of one word fall away."""
    assert stem(one) == stem(two)


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
    known = features([*WANTED, *OTHER], [""] * 48, PROTOCOL)
    labels = [1] * 8 + [0] * 40
    found, priors = screen(known, labels, Plan(batch=10, seed=5, warm=warm, grow=grow))
    assert len(found) == 48 - len(priors)
    assert sum(found) == 8 - (1 if warm else 0)
    assert len(priors) == (2 if warm else 0)


def test_simulate_on_the_command_line(tmp_path: Path) -> None:
    """The interface: figures, curve, stopping rules, and the same numbers for the same seed."""
    path, text, curve = labelled(tmp_path / "l.csv"), tmp_path / "q.txt", tmp_path / "curve.svg"
    text.write_text(PROTOCOL, encoding="utf-8")
    arguments = ["screen", "simulate", str(path), "--protocol-text", str(text), "--batch", "8", "--seed", "2", "--cold"]
    one, two = (call(*arguments, "--svg", str(curve), "--json") for _ in range(2))
    assert {"atd", "wss95", "recall10", "seconds"} <= set(one)
    assert (one["atd"], one["wss95"]) == (two["atd"], two["wss95"])
    assert one["wss95"] == pytest.approx(0.95 - 8 / 48)
    rules = one["stopping"]
    assert isinstance(rules, list)
    assert [rule["rule"] for rule in rules] == list(RULES)
    assert all(rule["statistical"] == rule["rule"].startswith("hypergeometric") for rule in rules)
    assert "<title" in curve.read_text(encoding="utf-8")


def test_wrong_labels_are_named(tmp_path: Path) -> None:
    """A label that is neither 1 nor 0 is refused with its row."""
    from evidence_review.commands.screen.simulate import read_labelled

    path = tmp_path / "l.csv"
    path.write_text("record_id,title,abstract,label_included\n1,a,b,1\n2,c,d,perhaps\n", encoding="utf-8")
    with pytest.raises(SheetError, match="row 3, column label_included: 'perhaps' is no label"):
        read_labelled(path)


def plain_p(labels: list[int], total: int, target: float) -> float:
    """The same figure, one suffix at a time, in whole numbers."""
    from fractions import Fraction
    from math import comb, floor

    n, r, best = len(labels), sum(labels), Fraction(1)
    wanted_in_all = floor(Fraction(r) / Fraction(str(target)) + 1)
    for i in range(1, n + 1):
        k, population = sum(labels[-i:]), total - (n - i)
        successes = min(wanted_in_all - (r - k), population)
        ways = sum(
            comb(successes, x) * comb(population - successes, i - x)
            for x in range(min(k, successes) + 1)
            if i - x <= population - successes and x <= i
        )
        best = min(best, Fraction(ways, comb(population, i)))
    return float(best)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 1), min_size=1, max_size=60), st.integers(0, 80), st.sampled_from([0.8, 0.9, 0.95]))
def test_p_is_that_of_whole_numbers(labels: list[int], more: int, target: float) -> None:
    """The vectorised sum equals exact arithmetic on every ranking."""
    assert p_value(labels, len(labels) + more, target) == pytest.approx(
        plain_p(labels, len(labels) + more, target), abs=1e-9
    )


def test_the_promise_holds_on_random_rankings() -> None:
    """In 1,000 rankings without any merit the rule reaches its target at least as often as its confidence says."""
    reached = 0
    rule = Hypergeometric()
    for seed in range(1000):
        chance = random.Random(seed)
        total = chance.randint(80, 300)
        labels = [1] * max(1, round(total * chance.choice([0.01, 0.05, 0.15])))
        labels += [0] * (total - len(labels))
        chance.shuffle(labels)
        stopped = first_stop(rule, labels, 25)
        reached += sum(labels[:stopped]) >= rule.target * sum(labels)
    assert reached >= 950


def test_stopping_tells_the_cost_of_certainty() -> None:
    """So many more excludes, and the rule stops; one fewer, and it does not."""
    rule, labels = Hypergeometric(), [1, 1, 0, 1] + [0] * 60
    more = to_certify(labels, 500, rule)
    assert rule.stops([*labels, *[0] * more], 500)
    assert not rule.stops([*labels, *[0] * (more - 1)], 500)
    told = run(labels, 500, rule)
    assert (told.data["stop"], told.data["records_to_certify"]) == (False, more)
    assert run([0] * 10, 10, rule).data["stop"] is True


def test_heuristics_are_called_heuristics() -> None:
    """Only the hypergeometric rule is statistical; fifty in a row certifies nothing and says so by its name."""
    assert {name.startswith("heuristic: ") for name, rule in RULES.items() if not rule.statistical} == {True}
    assert InARow(50).stops([1] + [0] * 50, 10_000)
    assert not Hypergeometric().stops([1] + [0] * 50, 10_000)


@pytest.mark.parametrize(("unscreened", "sample", "found"), [(1000, 100, 0), (500, 59, 0), (300, 300, 2), (400, 50, 3)])
def test_an_elusion_sample_bounds_what_is_left(unscreened: int, sample: int, found: int) -> None:
    """At the bound so few are still found with 5 % or more, one above it with less."""
    from math import comb

    def chance_of_so_few(left: int) -> float:
        ways = sum(comb(left, x) * comb(unscreened - left, sample - x) for x in range(min(found, left) + 1))
        return ways / comb(unscreened, sample)

    bound = left_at_most(unscreened, sample, found)
    assert bound >= found
    assert chance_of_so_few(bound) >= 0.05
    assert bound == unscreened - (sample - found) or chance_of_so_few(bound + 1) < 0.05


def test_stopping_on_the_command_line() -> None:
    """The interface: decision, p and the records to certify, without any review."""
    data = call(
        "screen", "stopping", "--labels", "0100", "--total", "40", "--target", "0.95", "--confidence", "0.95", "--json"
    )
    assert {"decision", "p", "records_to_certify"} <= set(data)
    assert data["decision"] == "go on"


def test_a_ranked_batch_is_small_first_and_says_why(tmp_path: Path) -> None:
    """The first ranked sheet has few rows, each with its reason; the next learns from it and is larger."""
    workspace = make(tmp_path, 90, "mode: single, screeners: [reviewer-1]")
    issue.run(workspace, STAGE, Wish(ranked=True, random=0.2))
    first = rows_of(sheet(workspace, f"reviewer-1-{STAGE}-1.csv"))
    assert len(first) == 25
    assert all(row["why here"] for row in first)
    assert sum(row["why here"] == "drawn at random" for row in first) == 5
    before = everything(tmp_path)
    issue.run(again(workspace), STAGE, Wish(ranked=True, random=0.2))
    assert everything(tmp_path) == before
    fill(
        sheet(workspace, f"reviewer-1-{STAGE}-1.csv"),
        lambda number, row: {"decision": "include" if number % 5 == 0 else "no"},
    )
    collect.run(again(workspace))
    issue.run(again(workspace), STAGE, Wish(ranked=True))
    assert len(rows_of(sheet(workspace, f"reviewer-1-{STAGE}-2.csv"))) == 50


def test_a_pilot_gives_everyone_the_same_records(tmp_path: Path) -> None:
    """A pilot round is the same for all, drawn by chance, and the rest is shared out afterwards as planned."""
    workspace = make(tmp_path, 30, "mode: single, screeners: [reviewer-1, reviewer-2, reviewer-3], agreement: 0.8")
    issue.run(workspace, STAGE, Wish(pilot=10))
    rounds = [
        [row["record"] for row in rows_of(sheet(workspace, f"reviewer-{n}-{STAGE}-pilot-1.csv"))] for n in (1, 2, 3)
    ]
    assert rounds[0] == rounds[1] == rounds[2]
    assert len(rounds[0]) == 10
    issue.run(again(workspace), STAGE)
    rest = [row["record"] for n in (1, 2, 3) for row in rows_of(sheet(workspace, f"reviewer-{n}-{STAGE}-1.csv"))]
    assert sorted([*rest, *rounds[0]]) == sorted(record.id for record in workspace.records())


def test_stopping_a_review_leaves_the_rest_apart_and_can_be_taken_back(tmp_path: Path) -> None:
    """What nobody reads is a state of its own; without the rule's word it needs a reason; taken up again it waits."""
    workspace = make(tmp_path, 40, "mode: single, screeners: [reviewer-1]")
    issue.run(workspace, STAGE, Wish(size=20))
    fill(
        sheet(workspace, f"reviewer-1-{STAGE}-1.csv"),
        lambda number, row: {"decision": "include" if number == 0 else "no"},
    )
    collect.run(again(workspace))
    rule = Hypergeometric()
    with pytest.raises(IdentityError, match="not certified yet"):
        stop.stop(again(workspace), STAGE, rule, "reviewer-1")
    stop.stop(again(workspace), STAGE, rule, "reviewer-1", "no time left")
    standing = stand(again(workspace).snapshot())
    assert len(standing.having(UNSCREENED)) == 20
    assert {one.reason for one in again(workspace).events(Decision) if one.role == "automation"} == {
        "stopped without a rule: no time left"
    }
    stop.resume(again(workspace), STAGE, "reviewer-1")
    assert not stand(again(workspace).snapshot()).having(UNSCREENED)
    assert len(issue.run(again(workspace), STAGE, Wish(size=20)).data["issued"]) == 1
