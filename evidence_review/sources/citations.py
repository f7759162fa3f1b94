"""Who cites whom, by OpenAlex: backward through `referenced_works`, forward through `filter=cites:`.

https://developers.openalex.org/guides/citations. A filter takes up to 100 values joined by `|`; half of that keeps the
address short.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from evidence_review import text
from evidence_review.net.exchange import Reply, Request
from evidence_review.sources import openalex
from evidence_review.sources.base import Access, Found, Got, Page, Steps, text_of
from evidence_review.sources.bodies import dicts, inner, json_of

BACKWARD, FORWARD = "backward", "forward"
DIRECTIONS = (BACKWARD, FORWARD)
BATCH = 50


@dataclass(frozen=True, slots=True)
class Seed:
    """A document whose citations are followed. `label` names it for people; `record` is its record id, if any."""

    label: str
    doi: str = ""
    pmid: str = ""
    openalex: str = ""
    record: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The identifiers it can be looked up by, best first, as `doi:…`, `pmid:…`, `openalex:…`."""
        pairs = (("openalex", self.openalex), ("doi", self.doi), ("pmid", self.pmid))
        # A comma or a bar would end the value in a filter.
        return tuple(f"{scheme}:{value}" for scheme, value in pairs if value and not set(value) & set(",|"))


def read(reply: Reply) -> Page:
    """Read a page of works with what each one cites and the identifiers it goes by."""
    page = openalex.read(reply)
    data = json_of(reply, openalex.SERVICE)
    links: dict[str, tuple[str, ...]] = {}
    for work in dicts(data.get("results")) if isinstance(data, dict) else []:
        native = text_of(work.get("id")).rsplit("/", 1)[-1]
        cited = work.get("referenced_works")
        links[native] = tuple(text_of(item).rsplit("/", 1)[-1] for item in cited) if isinstance(cited, list) else ()
        ids = inner(work, "ids")
        for name in (f"doi:{text.doi(text_of(work.get('doi')))}", f"pmid:{text.pmid(text_of(ids.get('pmid')))}"):
            links[name] = (native,)
        links[f"openalex:{native}"] = (native,)
    return replace(page, links=links)


def steps(direction: str, seeds: Sequence[Seed]) -> Callable[[Access], Steps]:
    """Return the steps that follow the citations of `seeds`: look them up, fetch what they cite or what cites them."""

    def run(access: Access) -> Steps:
        known, links = yield from _look_up(access, seeds)
        unknown = [seed.label for seed in seeds if not any(name in known for name in seed.names)]
        notes = (f"not in OpenAlex: {', '.join(unknown)}",) if unknown else ()
        works = list(dict.fromkeys(known[name] for seed in seeds for name in seed.names if name in known))
        if direction == FORWARD:
            return (yield from _citing(access, works, notes))
        cited = list(dict.fromkeys(other for work in works for other in links.get(work, ())))
        return (yield from _cited(access, cited, notes))

    return run


def _look_up(
    access: Access, seeds: Sequence[Seed]
) -> Generator[Request, Got, tuple[dict[str, str], dict[str, tuple[str, ...]]]]:
    """Return (identifier → work, work → works it cites), asking by the best identifier first, then by the others."""
    known: dict[str, str] = {}
    links: dict[str, tuple[str, ...]] = {}
    for scheme in ("openalex", "doi", "pmid"):
        wanted = [
            name
            for seed in seeds
            if not any(other in known for other in seed.names)
            for name in seed.names
            if name.startswith(f"{scheme}:")
        ]
        for batch in _batches(list(dict.fromkeys(wanted))):
            values = "|".join(name.partition(":")[2] for name in batch)
            for got in (yield from _pages(access, f"{scheme}:{values}", carries=False)):
                for name, found in got.links.items():
                    if ":" in name:
                        known[name] = found[0]
                    else:
                        links[name] = found
    return known, links


def _cited(access: Access, ids: Sequence[str], notes: tuple[str, ...]) -> Steps:
    delivered: list[str] = []
    for batch in _batches(ids):
        for got in (yield from _pages(access, f"openalex:{'|'.join(batch)}", carries=True)):
            delivered.extend(got.native)
    gone = [work for work in ids if work not in set(delivered)]
    if gone:
        notes = (*notes, f"cited, but no longer in OpenAlex: {', '.join(gone)}")
    return Found(len(ids), len(delivered), len(set(delivered)), notes=notes)


def _pages(access: Access, chosen: str, *, carries: bool) -> Generator[Request, Got, list[Got]]:
    """Return every page of the works that a filter chooses."""
    pages: list[Got] = []
    cursor, starts, hits = "*", 0, 1
    while cursor and starts < hits:
        got = yield replace(openalex.works(access, chosen, cursor, carries=carries), total=True, least=bool(pages))
        pages.append(got)
        starts, hits = starts + got.starts, got.hits or 0
        cursor = got.next
    return pages


def _citing(access: Access, works: Sequence[str], notes: tuple[str, ...]) -> Steps:
    total = Found(0, 0, 0, notes=notes)
    for batch in _batches(works):
        found = yield from openalex.by_cursor(access, f"cites:{'|'.join(batch)}")
        total = Found(
            total.hits + found.hits,
            total.hits_at_end + found.hits_at_end,
            total.distinct + found.distinct,
            missing=(*total.missing, *found.missing),
            notes=notes,
        )
    return total


def _batches(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + BATCH] for start in range(0, len(values), BATCH)]
