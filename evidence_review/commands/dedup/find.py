"""Find duplicates among records: judge pairs, cluster them, choose who stands for each cluster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from evidence_review.commands.dedup import collecting, grades, rules
from evidence_review.commands.dedup.blocks import Capped
from evidence_review.commands.dedup.cluster import Clustering, Edge, cluster
from evidence_review.commands.dedup.form import Form
from evidence_review.commands.dedup.judging import Judged
from evidence_review.model.events import DOUBTFUL, LINKED, MERGED

REFUSED = "chain refused"


@dataclass(frozen=True, slots=True)
class Merge:
    """`record` is a copy of `kept` (places); `rule` and `scores` are of the surest pair that joined it."""

    record: int
    kept: int
    edge: Edge


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: merges (one for each record that is not kept), links and doubtful pairs, surest first."""

    keeper_of: tuple[int, ...]
    merges: tuple[Merge, ...]
    links: tuple[Edge, ...]
    doubts: tuple[tuple[Edge, str], ...]
    compared: int = 0
    capped: Capped = field(default_factory=Capped)


@dataclass(frozen=True, slots=True)
class Edges:
    """Judged pairs by outcome."""

    merged: tuple[Edge, ...]
    linked: tuple[Edge, ...]
    doubtful: tuple[Edge, ...]
    compared: int = 0
    capped: Capped = field(default_factory=Capped)

    def all(self) -> tuple[Edge, ...]:
        """Return every edge."""
        return (*self.merged, *self.linked, *self.doubtful)


def scores(codes: Sequence[int], points: float) -> str:
    """Return the grades of a pair as `duplicates.csv` has them: `12.5: title same, authors several, year near`."""
    told = [
        f"{field.name} {field.word(code)}"
        for field, code in zip(grades.FIELDS, codes, strict=True)
        if code and not (field is grades.NUMBERS and code == 1)
    ]
    return f"{points:g}: " + ", ".join(told)


def edges(judged: Judged, ids: Sequence[str]) -> Edges:
    """Return judged pairs as edges, the smaller id first, so that the order of the records plays no part."""
    with collecting.paused():
        return _edges(judged, ids)


def _edges(judged: Judged, ids: Sequence[str]) -> Edges:
    by_outcome: dict[str, list[Edge]] = {MERGED: [], LINKED: [], DOUBTFUL: []}
    rows = zip(
        judged.first.tolist(),
        judged.second.tolist(),
        judged.rule.tolist(),
        judged.points.tolist(),
        judged.grades.tolist(),
        strict=True,
    )
    told: dict[tuple[float, tuple[int, ...]], str] = {}
    for one, two, place, points, codes in rows:
        rule = rules.RULES[place]
        if ids[two] < ids[one]:
            one, two = two, one
        key = (points, tuple(codes))
        if key not in told:
            told[key] = scores(codes, points)
        by_outcome[rule.outcome].append(Edge(one, two, rule.name, points, told[key]))
    return Edges(
        tuple(by_outcome[MERGED]),
        tuple(by_outcome[LINKED]),
        tuple(by_outcome[DOUBTFUL]),
        judged.compared,
        judged.capped,
    )


_KINDS = {"article": 0, "update": 1, "protocol": 2, "registration": 3, "abstract": 4, "preprint": 5, "notice": 6}


def rank(form: Form, identifier: str) -> tuple[object, ...]:
    """Order the members of a cluster: a published article, an abstract, a DOI, more fields, longer title, then id."""
    empty = form.count("") + form.count(0)
    return (_KINDS.get(form.kind, 0), not form.abstract, not form.doi, empty, -len(form.title), identifier)


def _keepers(
    forms: Sequence[Form], ids: Sequence[str], clustering: Clustering, merged_by_people: frozenset[int]
) -> dict[int, int]:
    """Return the keeper of each cluster; a record that a person merged away stands for none, unless all were."""
    chosen = {}
    for root, members in clustering.members.items():
        free = [member for member in members if member not in merged_by_people]
        # Where people merged every member away, the first identified stands for them, as the fold has it.
        chosen[root] = min(free, key=lambda place: rank(forms[place], ids[place])) if free else min(members)
    return chosen


def find(
    forms: Sequence[Form],
    ids: Sequence[str],
    judged: Edges,
    same: Sequence[tuple[int, int]] = (),
    distinct: Sequence[tuple[int, int]] = (),
) -> Found:
    """Cluster judged pairs with what people said: `same` are (record, kept), `distinct` pairs they keep apart."""
    with collecting.paused():
        return _found(forms, ids, judged, same, distinct)


def _found(
    forms: Sequence[Form],
    ids: Sequence[str],
    judged: Edges,
    same: Sequence[tuple[int, int]],
    distinct: Sequence[tuple[int, int]],
) -> Found:
    versions = [(edge.one, edge.two) for edge in judged.linked]
    surest = sorted(judged.merged, key=lambda edge: (-edge.points, ids[edge.one], ids[edge.two]))
    clustering = cluster(forms, ids, surest, same, distinct, versions)
    root_of = clustering.root_of
    keepers = _keepers(forms, ids, clustering, frozenset(record for record, _ in same))
    keeper_of = tuple(keepers.get(root, root) for root in root_of)
    best: dict[int, Edge] = {}
    for edge in surest:
        if root_of[edge.one] == root_of[edge.two]:
            best.setdefault(edge.one, edge)
            best.setdefault(edge.two, edge)
    merges = tuple(
        Merge(place, keeper, best.get(place, Edge(place, keeper, "person", 0.0)))
        for place, keeper in enumerate(keeper_of)
        if place != keeper
    )
    kept_apart = {frozenset(pair) for pair in distinct}
    links = _one_per_clusters(((edge, "") for edge in judged.linked), root_of, ids, kept_apart)
    doubts = _one_per_clusters(
        [*clustering.refused, *((edge, "") for edge in judged.doubtful)], root_of, ids, kept_apart
    )
    return Found(keeper_of, merges, tuple(edge for edge, _ in links), tuple(doubts), judged.compared, judged.capped)


def _one_per_clusters(
    found: Iterable[tuple[Edge, str]], root_of: Sequence[int], ids: Sequence[str], kept_apart: set[frozenset[int]]
) -> list[tuple[Edge, str]]:
    """Return the surest pair between any two clusters, surest first; none where a person keeps members apart."""
    apart = {frozenset((root_of[one], root_of[two])) for one, two in map(tuple, kept_apart)}
    chosen: dict[frozenset[int], tuple[Edge, str]] = {}
    for edge, reason in sorted(found, key=lambda item: (-item[0].points, ids[item[0].one], ids[item[0].two], item[1])):
        clusters = frozenset((root_of[edge.one], root_of[edge.two]))
        if len(clusters) == 2 and clusters not in apart:
            chosen.setdefault(clusters, (edge, reason))
    return list(chosen.values())
