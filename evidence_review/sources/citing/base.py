"""What every index of citations is: documents named by identifiers, followed backward or forward, step by step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evidence_review.model.record import Parsed
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.pace import Rate
from evidence_review.sources.base import Access, Got, Item, Page, Steps

BACKWARD, FORWARD = "backward", "forward"
DIRECTIONS = (BACKWARD, FORWARD)


@dataclass(frozen=True, slots=True)
class Seed:
    """A document whose citations are followed. `label` names it for people; `record` is its record id, if any."""

    label: str
    doi: str = ""
    pmid: str = ""
    openalex: str = ""
    semanticscholar: str = ""
    record: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The identifiers it can be looked up by, best first, such as `doi:…`, `pmid:…`, `openalex:…`."""
        pairs = (
            ("openalex", self.openalex),
            ("doi", self.doi),
            ("pmid", self.pmid),
            ("semanticscholar", self.semanticscholar),
        )
        # A comma or a bar would end the value in a filter.
        return tuple(f"{scheme}:{value}" for scheme, value in pairs if value and not set(value) & set(",|"))

    @property
    def key(self) -> str:
        """What it is called where links are kept: its record, else its best identifier, else its label."""
        return self.record or next(iter(self.names), self.label)


@dataclass(frozen=True)
class Index:
    """A service that knows who cites whom; it can be `connect.Reached`. `schemes` are the identifiers that it takes.

    `following` returns the steps for a direction and seeds; their end says, in `Found.links`, which records come from
    which seeds (by `Seed.key`), and in its notes whom the service does not know.
    """

    id: str
    name: str
    platform: str
    home: str
    rate: Rate
    keyed_rate: Rate
    following: Callable[[str, Sequence[Seed]], Callable[[Access], Steps]]
    reading: Callable[[Reply], Page]
    schemes: frozenset[str]
    needs_key: bool = False


def batches(values: Sequence[str], size: int) -> list[Sequence[str]]:
    """Return the values in portions of at most `size`."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def watched(steps: Steps, see: Callable[[Got], None]) -> Steps:
    """Pass on the requests of `steps`, and show every answer to `see`."""
    try:
        request = next(steps)
        while True:
            got = yield request
            see(got)
            request = steps.send(got)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what Steps return


def by_offset(
    first: Request, more: Callable[[Got, int], Request | None]
) -> Generator[Request, Got, tuple[list[Got], int]]:
    """Yield a request and those that `more` gives after it, for the answer and the count of entries so far.

    Return the answers and the count; an answer without hits says that the document is not known, and is the last.
    """
    answers: list[Got] = []
    seen = 0
    request: Request | None = first
    while request is not None:
        got = yield request
        answers.append(got)
        seen += got.starts + len(got.ids)
        request = more(got, seen) if got.hits is not None else None
    return answers, seen


def named(items: Iterable[Item]) -> Iterator[Item]:
    """Give an id to entries that have none, such as references that the service could not match to a document."""
    for item in items:
        if isinstance(item, Parsed) and not item.native_id:
            digest = hashlib.sha256(item.raw.encode("utf-8", "surrogatepass")).hexdigest()
            yield replace(item, native_id=f"text-{digest[:20]}")
        else:
            yield item


def add(links: dict[str, tuple[str, ...]], seed: str, natives: Iterable[str]) -> None:
    """Note that these records come from a seed."""
    for native in natives:
        if seed not in links.get(native, ()):
            links[native] = (*links.get(native, ()), seed)


def listed(links: Mapping[str, tuple[str, ...]], seeds: Sequence[Seed]) -> dict[str, int]:
    """Return how many records come from each seed, by its key."""
    counts = {seed.key: 0 for seed in seeds}
    for keys in links.values():
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
    return counts


def unknown(service: str, labels: Sequence[str]) -> tuple[str, ...]:
    """Return the note on the seeds that a service does not know."""
    return (f"not in {service}: {', '.join(labels)}",) if labels else ()
