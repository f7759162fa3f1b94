"""From pairs to clusters: no chain of likenesses may join records that contradict each other.

Pairs are joined from the surest down. A join is refused where a member of one side contradicts a member of the other,
or where a person said that two of them differ; what is refused becomes doubtful. The order of the records plays no
part: ties are broken by their ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from evidence_review.commands.dedup.normalise import Form
from evidence_review.commands.dedup.score import apart_pages, numerals


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair of records (places in the list of records, smaller id first) with the rule that spoke and its points."""

    one: int
    two: int
    rule: str
    points: float
    scores: str = ""


@dataclass(slots=True)
class Clustering:
    """`root_of` names each record's cluster by one of its members; `refused` are joins not made, with the reason."""

    root_of: list[int]
    members: dict[int, list[int]] = field(default_factory=dict)
    refused: list[tuple[Edge, str]] = field(default_factory=list)


def contradiction(one: Form, two: Form) -> str:
    """Return why two records cannot be one, or "": two of DOI, volume and pages differ, or numerals do."""
    if one == two:
        return ""
    if one.doi and one.doi == two.doi:
        return ""
    volume = bool(one.volume and two.volume) and one.volume != two.volume
    pages = bool(one.first_page and two.first_page) and apart_pages(one, two)
    doi = bool(one.doi and two.doi)
    differ = [name for name, flag in (("DOI", doi), ("volume", volume), ("pages", pages)) if flag]
    if len(differ) > 1:
        return " and ".join(differ) + " differ"
    if abs(one.year - two.year) > 1 and one.year and two.year and differ:
        return f"year and {differ[0]} differ"
    if numerals(one.numbers, two.numbers) == "other":
        return "numerals in the titles differ"
    return ""


def cluster(
    forms: Sequence[Form],
    ids: Sequence[str],
    edges: Iterable[Edge],
    same: Iterable[tuple[int, int]] = (),
    distinct: Iterable[tuple[int, int]] = (),
) -> Clustering:
    """Join records by `edges`; pairs in `same` are joined first whatever speaks against it, those in `distinct` never.

    A person's `same` outranks what records contradict, and where two people disagree `distinct` wins: a record too many
    costs a minute, a study lost costs the review.
    """
    parent = list(range(len(forms)))
    members: dict[int, list[int]] = {}
    apart: dict[int, set[int]] = {}
    for one, two in distinct:
        apart.setdefault(one, set()).add(two)
        apart.setdefault(two, set()).add(one)

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    def join(edge: Edge, sure: bool) -> str:
        left, right = root(edge.one), root(edge.two)
        if left == right:
            return ""
        mine, yours = members.get(left, [left]), members.get(right, [right])
        if apart and any(apart.get(place, frozenset()) & set(yours) for place in mine):
            return "a person keeps them apart"
        if not sure and (len(mine) > 1 or len(yours) > 1):
            reason = _between({forms[place] for place in mine}, {forms[place] for place in yours})
            if reason:
                return reason
        small, large = sorted((left, right), key=lambda place: len(members.get(place, ())))
        joined = [*members.get(large, [large]), *members.pop(small, [small])]
        members[large] = joined
        parent[small] = large
        return ""

    found = Clustering(parent)
    for one, two in sorted(same, key=lambda pair: tuple(sorted((ids[pair[0]], ids[pair[1]])))):
        join(Edge(one, two, "", 0), sure=True)
    for edge in sorted(edges, key=lambda edge: (-edge.points, ids[edge.one], ids[edge.two])):
        reason = join(edge, sure=False)
        if reason:
            found.refused.append((edge, reason))
    found.root_of = [root(place) for place in range(len(forms))]
    found.members = members
    found.refused = [
        (edge, reason) for edge, reason in found.refused if found.root_of[edge.one] != found.root_of[edge.two]
    ]
    return found


def _between(left: set[Form], right: set[Form]) -> str:
    for one in sorted(left):
        for two in sorted(right):
            reason = contradiction(one, two)
            if reason:
                return reason
    return ""
