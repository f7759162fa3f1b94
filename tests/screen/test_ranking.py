"""Ranking: the promising first, every record once, and batches that grow and say why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screening_reviews import OTHER, PROTOCOL_TEXT, WANTED, again, everything, fill, make, rows_of, sheet

from evidence_review.commands.screen import collect, issue
from evidence_review.commands.screen.issue import Wish
from evidence_review.errors import InputError

STAGE = "title-abstract"
pytest.importorskip("scipy", reason="ranking needs the extra 'rank'")

from evidence_review.commands.screen.features import features, stem  # noqa: E402 - after the check for the extra
from evidence_review.commands.screen.rank import rank  # noqa: E402
from evidence_review.commands.screen.tokens import joined, words_of  # noqa: E402


def test_the_protocol_brings_its_matter_first() -> None:
    """Before any decision the records that share the protocol's words, in any form of them, come first."""
    known = features([*OTHER, *WANTED], [""] * 48, PROTOCOL_TEXT)
    ranking = rank(known, [], [], list(range(48)))
    assert set(ranking.order[:8]) == set(range(40, 48))
    assert ranking.why(ranking.order[0])


@pytest.mark.parametrize(
    ("wanted", "other", "question"),
    [
        ("高血压患者自我管理的随机对照试验", "钢合金在压力下的晶体生长", "社区高血压病人的自我管理"),
        ("高血圧患者の自己管理についての試験", "鉄鋼における結晶成長の研究", "地域の高血圧と自己管理"),
        ("การจัดการตนเองของผู้ป่วยความดันโลหิตสูง", "การเติบโตของผลึกในเหล็กกล้า", "ความดันโลหิตสูงและการจัดการตนเอง"),
        ("उच्च रक्तचाप के रोगियों का स्वप्रबंधन", "इस्पात में क्रिस्टल वृद्धि का अध्ययन", "रक्तचाप और स्वप्रबंधन"),
    ],
)
def test_scripts_without_spaces_or_with_vowel_signs_are_ranked(wanted: str, other: str, question: str) -> None:
    """What shares characters with the question comes first, and the words that tell why can be read."""
    titles = [*[f"{other} {n}0" for n in range(9)], wanted]
    ranking = rank(features(titles, [""] * 10, question), [], [], list(range(10)))
    assert ranking.order[0] == 9
    assert all(term.replace(" ", "") in wanted.replace(" ", "") for term in ranking.why(9).split(", "))


def test_words_are_found_as_they_stand() -> None:
    """Hyphens stay, single letters go, mixed scripts part, and decomposed letters are the same as composed ones."""
    assert words_of("Double-blind -a- T細胞療法 x2") == ["double-blind", "細胞", "胞療", "療法", "x2"]
    assert words_of("me\u0301ta-analyse") == ["m\u00e9ta-analyse"]
    assert joined("高血", "血压") == "高血压"
    assert joined("aab", "bba") == "aab bba"


def test_decisions_outweigh_the_protocol() -> None:
    """When people include what the protocol's words do not meet, the like of it comes first."""
    known = features([*OTHER, *WANTED], [""] * 48, PROTOCOL_TEXT)
    judged = [*range(10), *range(40, 44)]
    labels = [1] * 10 + [0] * 4
    order = rank(known, judged, labels, list(range(48))).order
    assert set(order[:30]) == set(range(10, 40))


@settings(max_examples=30)
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
    ranking = rank(features(texts, [""] * len(texts), "beta"), judged, labels, list(range(len(texts))))
    assert sorted([*ranking.order, *judged]) == list(range(len(texts)))
    assert all(ranking.why(index) for index in ranking.order)


def test_a_record_without_text_is_due_when_the_ranking_runs_dry() -> None:
    """It waits while the ranking brings up includes, and comes next when it brings up fewer than the average."""
    known = features([*WANTED, *OTHER[:8], ""], [""] * 17, PROTOCOL_TEXT)
    assert rank(known, [0, 1], [1, 1], list(range(17))).order[-1] == 16
    judged, labels = [*range(12)], [1] + [0] * 11
    assert rank(known, judged, [1] + [1] * 7 + [0] * 4, list(range(17))).order[-1] == 16
    many = features([*WANTED[:2], *OTHER * 3, ""], [""] * 123, PROTOCOL_TEXT)
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


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6), count=st.integers(2, 60), width=st.integers(1, 90), scale=st.sampled_from([0.01, 1, 50])
)
def test_the_machine_is_that_of_scikit_learn(seed: int, count: int, width: int, scale: float) -> None:
    """Whatever the rows, empty and equal ones too, and whatever their costs, the weights are those of LinearSVC."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    from evidence_review.commands.screen.machine import fit

    chance = np.random.default_rng(seed)
    rows = csr_matrix(np.where(chance.random((count, width)) < 0.2, chance.random((count, width)), 0))
    signs = np.append(np.where(chance.random(count - 2) < 0.3, 1, -1), [1, -1])
    costs = scale * chance.random(count) + 0.001
    known = LinearSVC(C=1, loss="squared_hinge", dual=False, tol=1e-12, max_iter=100_000)
    known.fit(rows, signs, sample_weight=costs)
    weights, intercept = fit(rows, signs, costs)
    assert np.abs(weights - known.coef_.ravel()).max() < 1e-6
    assert abs(intercept - known.intercept_[0]) < 1e-6


def test_what_waits_for_a_second_person_only_is_ranked_too(tmp_path: Path) -> None:
    """When everything was judged by one of two, the other's ranked sheet still says why rows stand where they stand."""
    workspace = make(tmp_path, 4)
    issue.run(workspace, STAGE, Wish(screener="reviewer-1"))
    path = sheet(workspace, f"reviewer-1-{STAGE}-1.csv")
    fill(path, lambda number, row: {"decision": "include" if number else "exclude"})
    collect.run(again(workspace))
    issue.run(again(workspace), STAGE, Wish(ranked=True))
    rows = rows_of(sheet(workspace, f"reviewer-2-{STAGE}-1.csv"))
    assert len(rows) == 4
    assert all(row["why here"] for row in rows)


def test_weights_are_those_of_scikit_learn() -> None:
    """TF-IDF without the import gives what scikit-learn's transformer gives, blank rows and unknown words too."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfTransformer

    from evidence_review.commands.screen.features import _weighted

    chance = np.random.default_rng(1)
    counts = csr_matrix(chance.poisson(0.3, (40, 60)).astype(np.float32) * (np.arange(40) != 7)[:, None])
    asked = csr_matrix(chance.poisson(0.2, (1, 60)).astype(np.float32))
    known = TfidfTransformer(sublinear_tf=True).fit(counts)
    for ours, rows in zip(_weighted(counts, asked), (counts, asked), strict=True):
        assert abs(ours - known.transform(rows)).max() < 1e-6
