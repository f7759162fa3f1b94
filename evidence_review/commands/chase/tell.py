"""What `chase` says: run by run, then what all services gave together, seed by seed, and what comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evidence_review.errors import EXIT_DONE, EXIT_SOURCE
from evidence_review.model.events import CitationLink
from evidence_review.model.search_run import COMPLETE, SearchRun
from evidence_review.sources.citing import get
from evidence_review.sources.citing.base import Seed
from evidence_review.state import citations
from evidence_review.state.citations import Network
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import stand
from evidence_review.summary import Summary, counted

_RUN = ("id", "source", "state", "reason", "hits", "starts", "loaded", "known", "rejected", "note")
_MOST = 20


def report(
    snapshot: Snapshot,
    made: Sequence[SearchRun],
    seeds: Sequence[Seed],
    ways: Sequence[str],
    services: Sequence[str],
    written: Sequence[str],
) -> Summary:
    """Say what was followed, what came of it, and what no service knows."""
    network = citations.network(snapshot, stand(snapshot))
    nameless = [seed.label for seed in seeds if not seed.names]
    rounds = max((int(link.round) for link in snapshot.citations), default=0)
    lines = [line for run in made for line in (_run(snapshot, run), *([f"    {run.note}"] if run.note else []))]
    if not made:
        lines.append(_nothing(seeds, nameless, rounds))
    if nameless:
        lines.append(f"Without DOI, PMID or OpenAlex id, so not followed: {', '.join(nameless)}")
    together = _together(snapshot, network, made)
    lines += _said(together)
    per_seed = [_seed(snapshot, network, seed, services) for seed in seeds]
    lines += [_seed_line(each, ways) for each in per_seed[:_MOST]]
    if len(per_seed) > _MOST:
        lines.append(f"  … and {len(per_seed) - _MOST:,} more; --json has all")
    lines += written
    bad = any(run.state != COMPLETE for run in made)
    return Summary(
        lines=tuple(lines),
        data={
            "runs": [{**{name: getattr(run, name) for name in _RUN}, "service": run.format} for run in made],
            "seeds": per_seed,
            "rounds": rounds,
            "works": together.works,
            "in_review": together.known,
            "by_services": dict(together.by_services),
            "without_identifier": nameless,
            "written": list(written),
        },
        next=_next(made, bad),
        exit_code=EXIT_SOURCE if bad else EXIT_DONE,
    )


def redrawn(snapshot: Snapshot, written: Sequence[str]) -> Summary:
    """Say that only the picture was drawn."""
    lines = written or (() if snapshot.citations else ("No citations were followed yet: there is nothing to draw.",))
    return Summary(lines=tuple(lines), data={"runs": [], "written": list(written)})


def _run(snapshot: Snapshot, run: SearchRun) -> str:
    state = "" if run.state == COMPLETE else f" {run.state.upper()}: {run.reason}"
    return (
        f"{get(run.format).name}, {run.source.split('-')[1]}: {counted(run.starts, 'record')} "
        f"({run.loaded:,} new, {run.known:,} known).{state}"
    )


def _nothing(seeds: Sequence[Seed], nameless: Sequence[str], rounds: int) -> str:
    if len(nameless) == len(seeds):
        return "No document has an identifier that a service knows: nothing was followed."
    done = f" after {counted(rounds, 'round')}" if rounds else ""
    return (
        f"Nothing to do{done}: every document named was followed before. When screening includes no more of what was "
        "found, citation searching is finished. Use --again to follow anew."
    )


@dataclass(frozen=True, slots=True)
class Together:
    """The documents behind the records of some runs, copies counted once: `by_services` says how many of them were
    named by one service, by two …; `known` how many the review has by another route, too."""

    works: int
    known: int
    by_services: Mapping[str, int]


def _together(snapshot: Snapshot, network: Network, made: Sequence[SearchRun]) -> Together:
    runs = {run.id for run in made}
    key_of = {record: key for key, document in network.documents.items() for record in document.records}
    services: dict[str, set[str]] = {}
    for link in snapshot.citations:
        if link.run in runs:
            services.setdefault(key_of[link.record], set()).add(link.service)
    known = sum(
        any(not snapshot.records[record].source.startswith("citation-") for record in network.documents[key].records)
        for key in services
    )
    by_services = Counter(len(names) for names in services.values())
    return Together(len(services), known, {str(number): count for number, count in sorted(by_services.items())})


def _said(together: Together) -> list[str]:
    if not together.works:
        return []
    by = ", ".join(f"{count:,} by {counted(int(number), 'service')}" for number, count in together.by_services.items())
    return [
        f"Together: {counted(together.works, 'document')} (same DOI or PMID counted once; {by}). "
        f"{together.known:,} of them are in the review already."
    ]


def _seed(snapshot: Snapshot, network: Network, seed: Seed, services: Sequence[str]) -> dict[str, object]:
    """Return how many documents a seed cites and is cited by: by each service, and in all."""
    keys = [network.key_of.get(name, name) for name in (seed.record, *seed.names)]
    key = next((each for each in keys if each in network.documents), seed.key)
    # The seed may have been followed under another name: from a file before it was a record, or under a copy.
    links = [link for link in snapshot.citations if network.key_of.get(link.seed, link.seed) in {key, seed.key}]
    counts = {
        service: {
            "cites": _listed(links, service, citations.BACKWARD),
            "cited_by": _listed(links, service, citations.FORWARD),
        }
        for service in services
    }
    return {
        "label": seed.label,
        "names": list(seed.names),
        "record": seed.record,
        "cites": len(network.cited_by(key)),
        "cited_by": len(network.citing(key)),
        "services": counts,
    }


def _listed(links: Iterable[CitationLink], service: str, way: str) -> int:
    return len({link.record for link in links if (link.service, link.direction) == (service, way)})


def _seed_line(told: dict[str, object], ways: Sequence[str]) -> str:
    parts = []
    services = told["services"]
    assert isinstance(services, dict)
    for way, name, words in ((citations.BACKWARD, "cites", "cites"), (citations.FORWARD, "cited_by", "cited by")):
        if way in ways:
            each = ", ".join(f"{get(service).name} {counts[name]:,}" for service, counts in services.items())
            parts.append(f"{words} {told[name]:,} ({each})")
    return f"  {told['label']}: {'; '.join(parts)}"


def _next(made: Sequence[SearchRun], bad: bool) -> str:
    if bad:
        return "evidence-review chase with the same options, which goes on where it stopped"
    return "evidence-review dedup" if any(run.loaded for run in made) else "evidence-review status"
