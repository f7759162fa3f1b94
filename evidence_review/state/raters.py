"""Who agreed with whom at a stage: independent first decisions paired record by record, ready for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from evidence_review.model.events import EXCLUDE, INCLUDE, Decision
from evidence_review.state.agreement import Agreement, Figure, between, fleiss, in_words
from evidence_review.state.clusters import Clusters

_INDEPENDENT = ("screener", "verifier")


@dataclass(frozen=True, slots=True)
class StageAgreement:
    """How the people of one stage agree.

    `pairs` compare each two people on include or maybe against exclude; `overall` pools all pairs of independent
    decisions; `three_way` keeps maybe apart; `reasons` compares the codes where both excluded and gave one; `fleiss`
    is over the records that the same number of people, three or more, judged; `rounds` pools by batch number.
    """

    stage: str
    pairs: tuple[Agreement, ...]
    overall: Agreement
    three_way: Agreement
    reasons: Agreement
    fleiss: Figure
    fleiss_raters: int
    rounds: Mapping[str, Agreement]


def stage_agreement(clusters: Clusters, decisions: Iterable[Decision], stage: str) -> StageAgreement:
    """Compare what people decided at a stage before they heard of each other.

    Each person's first decision on a record counts: a mind changed after a conflict was seen is no agreement.
    """
    firsts: dict[str, dict[str, Decision]] = {}
    keeper_of = clusters.keeper_of
    for decision in decisions:
        if decision.stage == stage and decision.role in _INDEPENDENT and decision.record in keeper_of:
            keeper = keeper_of[decision.record]
            if (judged := firsts.get(keeper)) is None:
                firsts[keeper] = {decision.screener: decision}
            else:
                judged.setdefault(decision.screener, decision)
    by_pair: dict[tuple[str, str], list[tuple[Decision, Decision]]] = {}
    for judged in firsts.values():
        if len(judged) < 2:
            continue
        for one, two in combinations(sorted(judged), 2):
            by_pair.setdefault((one, two), []).append((judged[one], judged[two]))
    every = [pair for pairs in by_pair.values() for pair in pairs]
    rounds: dict[str, list[tuple[Decision, Decision]]] = {}
    for pair in every:
        if pair[0].batch == pair[1].batch:
            rounds.setdefault(pair[0].batch, []).append(pair)
    most = max(map(len, firsts.values()), default=0)
    coded = [(one.reason, two.reason) for one, two in every if one.reason and two.reason]
    return StageAgreement(
        stage,
        tuple(_binary(one, two, pairs) for (one, two), pairs in sorted(by_pair.items())),
        _binary("", "", every),
        between("", "", _verdicts(every), INCLUDE, EXCLUDE),
        between("", "", coded, "", ""),
        fleiss(_ratings(firsts, most)) if most > 2 else Figure(None),
        most if most > 2 else 0,
        {batch: _binary("", "", pairs) for batch, pairs in rounds.items()},
    )


def _binary(first: str, second: str, pairs: Sequence[tuple[Decision, Decision]]) -> Agreement:
    passed: Counter[tuple[str, str]] = Counter()
    for (one, two), times in _verdicts(pairs).items():
        passed[_passes(one), _passes(two)] += times
    return between(first, second, passed, INCLUDE, EXCLUDE)


def _verdicts(pairs: Sequence[tuple[Decision, Decision]]) -> Counter[tuple[str, str]]:
    return Counter([(one.verdict, two.verdict) for one, two in pairs])


def _passes(verdict: str) -> str:
    """Return include for what goes on to the next stage: at title and abstract a maybe does."""
    return EXCLUDE if verdict == EXCLUDE else INCLUDE


def _ratings(firsts: Mapping[str, Mapping[str, Decision]], people: int) -> list[Counter[str]]:
    """Return how often each verdict was given on each record that this many `people` judged."""
    return [
        Counter(_passes(decision.verdict) for decision in judged.values())
        for judged in firsts.values()
        if len(judged) == people
    ]


def sentence(agreement: Agreement) -> str:
    """Return an agreement as a report says it."""
    if not agreement.n or agreement.percent is None:
        return "No record was judged by two people independently."
    people = f"{agreement.first} and {agreement.second}" if agreement.first else "Pairs of screeners"
    agreed = round(agreement.percent * agreement.n)
    text = f"{people} agreed on {agreed:,} of {agreement.n:,} records ({100 * agreement.percent:.1f} %)"
    specific = [
        f"{100 * share:.0f} % on {word}"
        for word, share in (("includes", agreement.positive), ("excludes", agreement.negative))
        if share is not None
    ]
    if specific:
        text += f", {' and '.join(specific)}"
    kappa = agreement.kappa
    if kappa.value is None or kappa.low is None or kappa.high is None:
        text += "; Cohen's κ is not defined, as all verdicts are the same"
    else:
        text += f"; Cohen's κ {kappa.value:.2f} (95 % CI {kappa.low:.2f} to {kappa.high:.2f}, {in_words(kappa.value)})"
    if agreement.pabak is not None and agreement.ac1.value is not None:
        text += f", PABAK {agreement.pabak:.2f}, Gwet's AC1 {agreement.ac1.value:.2f}"
    return text + "."
