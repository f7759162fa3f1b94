"""Labelled sets: duplicates found, studies lost, pairs merged wrongly, also where fields are missing.

The files are read as `dedup files` reads them. The metrics are those of Rathbone et al. 2015 (10.1186/2046-4053-4-6)
and Hair et al. 2023 (10.1186/s12915-023-01686-z): a copy removed is a true positive, a study without a survivor a
false one.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from evidence_review.commands.dedup import engines
from evidence_review.commands.dedup.find import Edges, Found, edges, find
from evidence_review.commands.dedup.form import match_form
from evidence_review.commands.dedup.gather import gather
from evidence_review.model.record import Citation

pytestmark = pytest.mark.corpus

# Set → least sensitivity of automatic merges.
LEAST = {
    "cytology_screening": 0.985,
    "stroke": 0.99,
    "sra_copper": 0.99,
    "sra_tafenoquine": 1.0,
    "digital_work_a": 0.99,
}
ANSWERED = 0.995
PRECISION = 0.995
DOUBTFUL = 0.02


@dataclass(frozen=True)
class Labelled:
    """A set: citations, ids, and the true cluster of each."""

    citations: Sequence[Citation]
    ids: Sequence[str]
    truth: Sequence[str]


@dataclass(frozen=True)
class Measured:
    """Sensitivity and studies lost by record, precision by pair."""

    sensitivity: float
    lost: int
    precision: float


def load(folder: Path) -> Labelled:
    """Read one labelled set."""
    with (folder / "truth.csv").open(encoding="utf-8-sig", newline="") as stream:
        cluster_of = {row["ID"]: row["cluster"] for row in csv.DictReader(stream)}
    found = gather([folder / "records.csv"])
    assert sorted(found.source_ids) == sorted(cluster_of)
    citations = [record.citation for record in found]
    return Labelled(citations, found.source_ids, [cluster_of[identifier] for identifier in found.source_ids])


def judged(labelled: Labelled, citations: Sequence[Citation]) -> tuple[Edges, Found]:
    """Find duplicates among a set's citations."""
    forms = [match_form(citation) for citation in citations]
    pairs = edges(engines.embedded(forms), labelled.ids)
    return pairs, find(forms, labelled.ids, pairs)


def measure(truth: Sequence[str], keeper_of: Sequence[int]) -> Measured:
    """Count per true cluster: each surplus survivor is a copy missed, a cluster without one a study lost."""
    survivors = Counter(truth[place] for place in set(keeper_of))
    copies = len(truth) - len(set(truth))
    lost = sum(1 for name in set(truth) if not survivors[name])
    missed = sum(count - 1 for count in survivors.values() if count > 1)
    predicted = Counter(keeper_of)
    right = Counter(zip(truth, keeper_of, strict=True))

    def pairs(counts: Counter[object]) -> int:
        return sum(count * (count - 1) // 2 for count in counts.values())

    merged = pairs(predicted)  # type: ignore[arg-type]
    return Measured(1 - missed / copies, lost, pairs(right) / merged if merged else 1.0)  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=list(LEAST))
def labelled(request: pytest.FixtureRequest, corpus: Path) -> Labelled:
    """One labelled set after the other."""
    return load(corpus / "dedup" / request.param)


@pytest.fixture
def least(request: pytest.FixtureRequest) -> float:
    """The sensitivity asked of the set."""
    return LEAST[request.node.callspec.params["labelled"]]


def test_copies_are_found_and_no_study_is_lost(labelled: Labelled, least: float) -> None:
    """Before any person looks: sensitivity as promised, no study lost, no pair merged wrongly, few doubts."""
    pairs, found = judged(labelled, labelled.citations)
    result = measure(labelled.truth, found.keeper_of)
    assert result.sensitivity >= least
    assert result.lost == 0
    assert result.precision >= PRECISION
    assert len(found.doubts) <= DOUBTFUL * len(labelled.ids)
    forms = [match_form(citation) for citation in labelled.citations]
    truth = labelled.truth
    same = [(edge.one, edge.two) for edge, _ in found.doubts if truth[edge.one] == truth[edge.two]]
    distinct = [(edge.one, edge.two) for edge, _ in found.doubts if truth[edge.one] != truth[edge.two]]
    answered = measure(truth, find(forms, labelled.ids, pairs, same, distinct).keeper_of)
    assert answered.sensitivity >= ANSWERED
    assert answered.lost == 0


FIELDS: dict[str, dict[str, object]] = {
    "DOIs": {"doi": ""},
    "pages": {"pages": "", "article_number": ""},
    "authors": {"authors": ()},
    "journal": {"container": "", "container_abbrev": "", "issn": ()},
    "year": {"year": None, "date": ""},
}


@pytest.mark.parametrize("field", list(FIELDS))
def test_missing_fields_never_make_wrong_merges(labelled: Labelled, field: str) -> None:
    """With a field taken from 10, 30 or 60 percent of the records at random, merged pairs stay right."""
    for share in (0.1, 0.3, 0.6):
        draw = random.Random(f"{field} {share}")
        citations = [
            replace(citation, **FIELDS[field]) if draw.random() < share else citation for citation in labelled.citations
        ]
        _, found = judged(labelled, citations)
        assert measure(labelled.truth, found.keeper_of).precision >= PRECISION


def test_shuffled_records_give_the_same_clusters(labelled: Labelled) -> None:
    """The order of a set's records changes nothing."""
    _, found = judged(labelled, labelled.citations)
    order = list(range(len(labelled.ids)))
    random.Random(7).shuffle(order)
    again = Labelled(
        [labelled.citations[place] for place in order],
        [labelled.ids[place] for place in order],
        [labelled.truth[place] for place in order],
    )
    _, shuffled = judged(again, again.citations)
    first = {labelled.ids[place]: labelled.ids[keeper] for place, keeper in enumerate(found.keeper_of)}
    second = {again.ids[place]: again.ids[keeper] for place, keeper in enumerate(shuffled.keeper_of)}
    assert first == second
