"""PubMed itself: the strategy with every bracket set and every mark plain."""

from __future__ import annotations

from evidence_review.commands.search.strategy.print import to_pubmed
from evidence_review.commands.search.strategy.translate.base import Rendering, Target
from evidence_review.commands.search.strategy.tree import Dates, Term


def _same(leaf: Term | Dates) -> Rendering:
    return Rendering(to_pubmed(leaf))


TARGET = Target("pubmed", "PubMed", _same, _same)
