"""Two engines, one judgement: what is compared and how is the same code; only where it runs differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from evidence_review.commands.dedup.form import Form
from evidence_review.commands.dedup.judging import Judged, embedded


class Engine(Protocol):
    """Something that judges every pair that shares a key."""

    def __call__(self, forms: Sequence[Form]) -> Judged:
        """Judge the pairs of `forms`."""
        ...


def spark(forms: Sequence[Form]) -> Judged:
    """Judge on Apache Spark (extra `spark`)."""
    from evidence_review.commands.dedup.spark import judge_on_spark

    return judge_on_spark(forms)


ENGINES: dict[str, Engine] = {"embedded": embedded, "spark": spark}
