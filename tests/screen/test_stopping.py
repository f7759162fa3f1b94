"""Stopping: a promise that holds, its cost, and heuristics by their own name."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screening_reviews import add, again, call, fill, make, rows_of, save, sheet

from evidence_review.commands.screen import collect, issue, stop
from evidence_review.commands.screen.hypergeometric import left_at_most, p_value
from evidence_review.commands.screen.issue import Wish
from evidence_review.commands.screen.progress import Drawn
from evidence_review.commands.screen.rules import RULES, Hypergeometric, InARow, first_stop
from evidence_review.commands.screen.stopping import read_labels, run, to_certify
from evidence_review.errors import IdentityError, InputError
from evidence_review.model.events import Decision
from evidence_review.state.standing import UNSCREENED, stand
from evidence_review.workspace.workspace import Workspace

STAGE = "title-abstract"


def plain_p(labels: list[int], total: int, target: float) -> float:
    """The same figure, one suffix at a time, in whole numbers."""
    from fractions import Fraction
    from math import comb, floor

    n, r, best = len(labels), sum(labels), Fraction(1)
    wanted_in_all = floor(Fraction(r) / Fraction(str(target)) + 1)
    if wanted_in_all - r > total - n:
        return 0.0
    for i in range(1, n + 1):
        k, population = sum(labels[-i:]), total - (n - i)
        successes = wanted_in_all - (r - k)
        ways = sum(
            comb(successes, x) * comb(population - successes, i - x)
            for x in range(min(k, successes) + 1)
            if i - x <= population - successes and x <= i
        )
        best = min(best, Fraction(ways, comb(population, i)))
    return float(best)


@settings(max_examples=80)
@given(st.lists(st.integers(0, 1), min_size=1, max_size=60), st.integers(0, 80), st.sampled_from([0.8, 0.9, 0.95, 1.0]))
def test_p_is_that_of_whole_numbers(labels: list[int], more: int, target: float) -> None:
    """The vectorised sum equals exact arithmetic on every ranking."""
    assert p_value(labels, len(labels) + more, target) == pytest.approx(
        plain_p(labels, len(labels) + more, target), abs=1e-9
    )


def test_certain_is_what_cannot_be_otherwise() -> None:
    """19 of 20 found and one unread: recall is 95 % or more whatever the last one is; two unread may spoil it."""
    assert p_value([1] * 19, 20) == 0
    assert p_value([1] * 19, 21) == 1


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


@pytest.mark.parametrize(
    ("labels", "piped"),
    [("0100", ""), (" 0 1\n0 0\n", ""), ("0,1,0,0", ""), ("0;1;0;0;", ""), ("-", "0\r\n1\r\n0\r\n0\r\n")],
)
def test_labels_however_they_are_written(labels: str, piped: str) -> None:
    """Spaces, commas and line ends between labels do not matter, nor whether they come from a pipe."""
    given = ["--labels-file", "-"] if piped else ["--labels", labels]
    data = call("screen", "stopping", *given, "--total", "40", "--json", piped=piped)
    assert (data["screened"], data["found"]) == (4, 1)


def test_labels_from_a_file_longer_than_a_command_line(tmp_path: Path) -> None:
    """200,000 labels, one a line, come from a file, with the mark that Windows puts in front."""
    path = tmp_path / "labels.txt"
    path.write_text("1\n" * 100 + "0\n" * 199_900, encoding="utf-8-sig")
    data = call("screen", "stopping", "--labels-file", str(path), "--total", "250000", "--json")
    assert (data["screened"], data["found"], data["decision"]) == (200_000, 100, "stop")


def test_a_wrong_label_is_named_with_its_place() -> None:
    """What is neither 0 nor 1 is shown."""
    with pytest.raises(InputError, match=r"'x' is the 3\. label of 4"):
        read_labels("01 x0")


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


def answered(workspace: Workspace, name: str, verdict: Callable[[int], str], by_answer: bool = False) -> None:
    """Fill in a sheet, sort it by its answers where a person likes that, and collect it."""
    path = sheet(workspace, name)
    rows = [{**row, "decision": verdict(place)} for place, row in enumerate(rows_of(path))]
    save(path, sorted(rows, key=lambda row: row["decision"], reverse=True) if by_answer else rows)
    collect.run(again(workspace))


@pytest.mark.parametrize("by_answer", [False, True])
def test_a_sheet_sorted_by_its_answers_stops_nothing(tmp_path: Path, by_answer: bool) -> None:
    """The order in which records were given out counts, not that of the rows that came back.

    Includes all along the sheet: sorted to its top they would look as if none came for a long time.
    """
    workspace = make(tmp_path, 60, "mode: single, screeners: [reviewer-1]")
    issue.run(workspace, STAGE, Wish(size=50))
    answered(workspace, f"reviewer-1-{STAGE}-1.csv", lambda place: "in" if place % 10 == 9 else "exclude", by_answer)
    told = stop.ask(again(workspace), STAGE, Hypergeometric(confidence=0.7))
    assert told.data["decision"] == "go on"
    assert told.data["p"] == pytest.approx(p_value(([0] * 9 + [1]) * 5, 60))
    assert told.data["in_given_order"] == 50
    assert "came in the order of identification" in told.lines[-1]


def test_an_elusion_sample_comes_from_sheets(tmp_path: Path) -> None:
    """Drawn by chance from what nobody judged, filled in and collected; bounds count only what was unread then."""
    workspace = make(tmp_path, 60, "mode: single, screeners: [reviewer-1, reviewer-2]")
    issue.run(workspace, STAGE, Wish(size=10))
    for person in ("reviewer-1", "reviewer-2"):
        answered(workspace, f"{person}-{STAGE}-1.csv", lambda place: "include" if place < 5 else "no")
    issue.run(again(workspace), STAGE, Wish(sample=20))
    answered(workspace, f"reviewer-1-{STAGE}-2.csv", lambda place: "no")
    assert "elusion" not in stop.ask(again(workspace), STAGE, Hypergeometric()).data
    answered(workspace, f"reviewer-2-{STAGE}-2.csv", lambda place: "include" if place == 0 else "no")
    told = stop.ask(again(workspace), STAGE, Hypergeometric())
    bound = left_at_most(40, 20, 1)
    assert told.data["elusion"] == {
        "unread": 40, "sample": 20, "found": 1, "left_at_most": bound, "beyond_sample": bound - 1,
    }  # fmt: skip
    assert told.data["drawn"]["judged"] == 20
    assert f"at most {bound - 1} are left in the other 20" in str(told.lines)
    assert "5.0 % (95 % CI 0.9 to 23.6 %)" in str(told.lines)
    shutil.rmtree(workspace.layout.library)
    add(workspace, range(1, 61))
    collect.run(again(workspace))
    assert stop.ask(again(workspace), STAGE, Hypergeometric()).data["drawn"] == told.data["drawn"]


def test_the_interval_of_a_share_is_that_of_the_paper() -> None:
    """Wilson's interval for 15 of 148 is 6.2 to 16.1 % (Newcombe 1998, table I)."""
    share, low, high = Drawn(148, 15).share
    assert (round(share, 4), round(low, 4), round(high, 4)) == (0.1014, 0.0624, 0.1605)


@pytest.mark.parametrize("total", [20, 60, 200, 300, 400, 1000])
def test_a_p_of_exactly_one_in_twenty_is_not_below_it(total: int) -> None:
    """One include among the total would be missed by 19 in 20 read with p = .05, which is not below .05."""
    labels = [0] * (total * 19 // 20)
    assert plain_p(labels, total, 0.95) == pytest.approx(0.05, abs=1e-12)
    assert not Hypergeometric().stops(labels, total)
    assert Hypergeometric().stops([*labels, 0], total)
    assert to_certify(labels, total, Hypergeometric()) == 1
