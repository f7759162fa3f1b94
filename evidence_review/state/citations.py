"""Who cites whom among the documents of a review, folded from what services say.

Copies of one document count once: those that were merged, and those that share a DOI or PMID and nobody told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidence_review.model.events import DISTINCT
from evidence_review.model.record import Record, short_reference
from evidence_review.state.clusters import cluster, standing_events
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import INCLUDED, Standing

BACKWARD, FORWARD = "backward", "forward"


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the network. `records` are its copies here (none for a seed from outside); `state` where it is."""

    key: str
    label: str
    title: str
    year: int | None
    doi: str
    records: tuple[str, ...]
    state: str
    seed: bool

    @property
    def included(self) -> bool:
        """Whether the review includes it."""
        return self.state == INCLUDED


@dataclass(frozen=True, slots=True)
class Network:
    """Documents by key, and for each pair (citing, cited) the services that say so.

    `key_of` leads to a document from each of its records and from identifiers such as `doi:10.…`.
    """

    documents: Mapping[str, Document]
    cites: Mapping[tuple[str, str], frozenset[str]]
    key_of: Mapping[str, str]

    def citing(self, key: str) -> list[str]:
        """The documents that cite one."""
        return [citing for citing, cited in self.cites if cited == key]

    def cited_by(self, key: str) -> list[str]:
        """The documents that one cites."""
        return [cited for citing, cited in self.cites if citing == key]

    def groups(self) -> list[tuple[str, ...]]:
        """The included documents in groups that hang together, directly or through one document, largest first.

        Two included documents are connected where one cites the other, or where both cite, or are cited by, the same
        document (bibliographic coupling, Kessler 1963, 10.1002/asi.5090140103; co-citation, Small 1973,
        10.1002/asi.4630240406).
        """
        included = [key for key, document in self.documents.items() if document.included]
        parent = {key: key for key in included}

        def root(key: str) -> str:
            while parent[key] != key:
                key = parent[key]
            return key

        for first, second in self._near(included):
            parent[root(first)] = root(second)
        groups: dict[str, list[str]] = {}
        for key in included:
            groups.setdefault(root(key), []).append(key)
        return sorted((tuple(group) for group in groups.values()), key=lambda group: -len(group))

    def _near(self, included: Iterable[str]) -> list[tuple[str, str]]:
        those = set(included)
        pairs = []
        through: dict[tuple[str, str], str] = {}
        for citing, cited in self.cites:
            if citing in those and cited in those:
                pairs.append((citing, cited))
            for end, other, way in ((citing, cited, "out"), (cited, citing, "in")):
                if end in those:
                    first = through.setdefault((way, other), end)
                    if first != end:
                        pairs.append((first, end))
        return pairs


def next_round(snapshot: Snapshot, seeds: Iterable[str]) -> int:
    """Return the round of a search that starts from these records: one more than the latest among their own rounds.

    A record has a round where only citation searching brought it.
    """
    round_of = {link.record: int(link.round) for link in snapshot.citations}
    keys = _keys(snapshot)
    reached: dict[str, int] = {}
    for record in snapshot.records:
        found = round_of.get(record, 0)
        reached[keys[record]] = min(reached.get(keys[record], found), found)
    return 1 + max((reached.get(keys.get(seed, ""), 0) for seed in seeds), default=0)


def network(snapshot: Snapshot, standing: Standing) -> Network:
    """Fold the links into a network."""
    keys = _keys(snapshot, standing)
    groups: dict[str, list[str]] = {}
    for record, key in keys.items():
        groups.setdefault(key, []).append(record)
    key_of = {name: keys[record.id] for record in snapshot.records.values() for name in _names(record)} | keys
    seeds = {key_of.get(link.seed, link.seed) for link in snapshot.citations}
    documents: dict[str, Document] = {}
    cites: dict[tuple[str, str], set[str]] = {}
    for link in snapshot.citations:
        # A seed from outside may have been found as a record later.
        seed, other = key_of.get(link.seed, link.seed), keys[link.record]
        for key in (seed, other):
            if key not in documents:
                members = groups.get(key, [])
                documents[key] = _document(key, members, snapshot, standing, key in seeds, link.label)
        if seed != other:
            pair = (seed, other) if link.direction == BACKWARD else (other, seed)
            cites.setdefault(pair, set()).add(link.service)
    return Network(documents, {pair: frozenset(services) for pair, services in cites.items()}, key_of)


def _document(key: str, members: list[str], snapshot: Snapshot, standing: Standing, seed: bool, label: str) -> Document:
    if not members:
        return Document(
            key, label, label, None, key.removeprefix("doi:") if key.startswith("doi:") else "", (), "", seed
        )
    records = [snapshot.records[member] for member in members]
    states = [standing.state_of[keeper] for keeper in {standing.clusters.keeper_of[member]: None for member in members}]
    told = max(records, key=_fullness)
    return Document(
        key,
        short_reference(told.citation),
        told.citation.title,
        told.citation.year,
        next((record.citation.doi for record in records if record.citation.doi), ""),
        tuple(members),
        INCLUDED if INCLUDED in states else states[0],
        seed,
    )


def _fullness(record: Record) -> tuple[bool, bool, bool]:
    return bool(record.citation.title), bool(record.citation.authors), record.citation.year is not None


def _keys(snapshot: Snapshot, standing: Standing | None = None) -> dict[str, str]:
    """Return record → the first record of its document."""
    clusters = standing.clusters if standing else cluster(list(snapshot.records), snapshot.duplicates)
    apart = {pair for pair, event in standing_events(snapshot.duplicates).items() if event.event == DISTINCT}
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for keeper, members in clusters.members_of.items():
        names = [name for member in members for name in _names(snapshot.records[member])]
        meets = next((first[name] for name in names if name in first), keeper)
        if frozenset((meets, keeper)) in apart:
            meets = keeper
        for name in names:
            first.setdefault(name, meets)
        found.update(dict.fromkeys(members, meets))
    return found


def _names(record: Record) -> list[str]:
    other = dict(record.citation.other_ids).get("openalex", "")
    pairs = (("doi", record.citation.doi), ("pmid", record.citation.pmid), ("openalex", other))
    return [f"{scheme}:{value}" for scheme, value in pairs if value]
