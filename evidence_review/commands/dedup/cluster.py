"""From pairs to clusters: no chain of likenesses may join records that contradict each other.

Pairs are joined from the surest down. A join is refused where a member of one side contradicts a member of the other,
or where a person said that two of them differ; what is refused becomes doubtful. The order of the records plays no
part: ties are broken by their ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evidence_review.commands.dedup.form import Form
from evidence_review.commands.dedup.rules import IDENTICAL
from evidence_review.commands.dedup.score import apart_pages, numerals


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair of records (places in the list of records, smaller id first) with the rule that spoke and its points."""

    one: int
    two: int
    rule: str
    points: float
    scores: str = ""


@dataclass(frozen=True, slots=True)
class Clustering:
    """`root_of` names each record's cluster by one of its members; `members` has those of more than one record.

    `refused` are joins not made, with the reason.
    """

    root_of: list[int]
    members: dict[int, list[int]]
    refused: list[tuple[Edge, str]]


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
    versions: Iterable[tuple[int, int]] = (),
) -> Clustering:
    """Join records by `edges`; pairs in `same` are joined first whatever speaks against it, those in `distinct` never.

    What rules join has no two members that a rule found to be `versions` of one work: an article and a preprint are not
    one for the sake of a third record that may be either.

    A person's `same` outranks what records contradict, and where two people disagree `distinct` wins: a record too many
    costs a minute, a study lost costs the review.
    """
    same = list(same)
    groups = _Groups(len(forms))
    by_rules = _Groups(len(forms)) if same else groups
    apart: dict[int, set[int]] = {}
    for one, two in distinct:
        apart.setdefault(one, set()).add(two)
        apart.setdefault(two, set()).add(one)

    def kept_apart(one: int, two: int) -> bool:
        if not apart:
            return False
        yours = set(groups.of(two))
        return any(apart.get(place, frozenset()) & yours for place in groups.of(one))

    for one, two in sorted(same, key=lambda pair: tuple(sorted((ids[pair[0]], ids[pair[1]])))):
        if not kept_apart(one, two):
            groups.join(one, two)
    other_version: dict[int, set[int]] = {}
    for one, two in versions:
        other_version.setdefault(one, set()).add(two)
        other_version.setdefault(two, set()).add(one)
    refused: list[tuple[Edge, str]] = []
    # Identical records first: they are one, whatever other copies each of them has.
    for edge in sorted(edges, key=lambda edge: (edge.rule != IDENTICAL, -edge.points, ids[edge.one], ids[edge.two])):
        # What people joined may contradict itself; only what rules joined must not.
        mine, yours = by_rules.of(edge.one), by_rules.of(edge.two)
        if mine is yours:
            continue
        reason = "a person keeps them apart" if kept_apart(edge.one, edge.two) else ""
        if not reason and (len(mine) > 1 or len(yours) > 1):
            reason = _between({forms[place] for place in mine}, {forms[place] for place in yours})
            if not reason and any(not other_version.get(place, _NONE).isdisjoint(yours) for place in mine):
                reason = "two of them are versions of one work"
        if reason:
            refused.append((edge, reason))
        else:
            groups.join(edge.one, edge.two)
            if by_rules is not groups:
                by_rules.join(edge.one, edge.two)
    root_of = list(range(len(forms)))
    for root, members in groups.members.items():
        for place in members:
            root_of[place] = root
    open_still = [(edge, reason) for edge, reason in refused if root_of[edge.one] != root_of[edge.two]]
    return Clustering(root_of, groups.members, open_still)


_NONE: frozenset[int] = frozenset()


class _Groups:
    """Disjoint sets of places, with the members of each."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self.members: dict[int, list[int]] = {}

    def root(self, place: int) -> int:
        """Return the place that names a set."""
        parent = self._parent
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    def of(self, place: int) -> list[int]:
        """Return the set of a place."""
        root = self.root(place)
        return self.members.get(root, [root])

    def join(self, one: int, two: int) -> None:
        """Make one set of two; the smaller goes into the larger."""
        left, right = self.root(one), self.root(two)
        if left == right:
            return
        small, large = left, right
        if len(self.members.get(left, ())) > len(self.members.get(right, ())):
            small, large = right, left
        self.members[large] = [*self.members.get(large, [large]), *self.members.pop(small, [small])]
        self._parent[small] = large


def _between(left: set[Form], right: set[Form]) -> str:
    found = {reason for one in left for two in right if (reason := contradiction(one, two))}
    return min(found, default="")
