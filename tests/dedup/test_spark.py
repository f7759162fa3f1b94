"""Both engines decide alike, pair for pair."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from dedup_samples import ABROAD, SECOND, TALK, TRIAL, UNSURE

from evidence_review.commands.dedup import engines, judging, keys, venues
from evidence_review.commands.dedup.form import Form, match_forms
from evidence_review.errors import InputError
from evidence_review.model.record import Citation, citation_from_dict

CASES = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))


def pairs(judged: judging.Judged) -> list[tuple[object, ...]]:
    """Return the judged pairs in order."""
    columns = (judged.first, judged.second, judged.rule, judged.points)
    rows = zip(*(column.tolist() for column in columns), map(tuple, judged.grades.tolist()), strict=True)
    return sorted(rows)


def sample() -> list[Form]:
    """A few pairs of every outcome, works whose journals are written in any way, and crowds that go beyond the cap: one
    that can be split and one that cannot."""
    citations = [citation_from_dict(case[side]) for case in CASES for side in ("one", "two")]
    citations += [TRIAL, ABROAD, SECOND, TALK, UNSURE]
    citations += [
        replace(SECOND, title=f"On the {chr(97 + place) * 5} of rural things", container=name, issn=(), doi="")
        for place in range(24)
        for name in (f"Annual {'x' * place}y", f"Yearly {'z' * place}q")
    ]
    citations += [
        Citation(title="Editorial", authors=TRIAL.authors[place % 3 : place % 3 + 1], year=2000 + place % 7)
        for place in range(keys.CAP + 60)
    ]
    citations += [
        replace(TRIAL, title=f"A long report of one and the same survey {place}") for place in range(keys.CAP + 9)
    ]
    return match_forms(citations)


def test_without_pyspark_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Spark is not installed, the remedy is named."""
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    with pytest.raises(InputError, match=r"evidence-review\[spark\]"):
        engines.spark(match_forms([TRIAL, ABROAD]))


# A busy machine takes minutes to start the Java machine and its workers.
@pytest.mark.timeout(900)
def test_spark_and_embedded_agree_pair_for_pair() -> None:
    """The same pairs, rules, points, grades, and the same count of what a cap left out."""
    pytest.importorskip("pyspark", reason="the extra 'spark' is not installed")
    pytest.importorskip("pyarrow", reason="the extra 'spark' is not installed")
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    forms = sample()
    assert venues.facts(forms).loose
    here, there = engines.embedded(forms), engines.spark(forms)
    assert pairs(there) == pairs(here)
    assert there.compared == here.compared
    assert there.capped.left_out == here.capped.left_out
