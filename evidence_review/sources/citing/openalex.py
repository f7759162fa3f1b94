"""Who cites whom, by OpenAlex: backward through `referenced_works`, forward through `filter=cites:`.

https://developers.openalex.org/guides/citations. A filter takes up to 100 values joined by `|`; half of that keeps the
address short.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace

from evidence_review import text
from evidence_review.net.exchange import Reply, Request
from evidence_review.sources import openalex
from evidence_review.sources.base import Access, Found, Got, Page, Steps, text_of
from evidence_review.sources.bodies import dicts, inner, json_of
from evidence_review.sources.citing.base import FORWARD, Index, Seed, add, batches, unknown, watched

BATCH = 50
Links = Mapping[str, tuple[str, ...]]


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
        known, cites = yield from _look_up(access, seeds)
        notes = unknown(
            openalex.SERVICE, [seed.label for seed in seeds if not any(name in known for name in seed.names)]
        )
        seeds_of: dict[str, tuple[str, ...]] = {}
        for seed in seeds:
            # Two identifiers of one document may lead to two works.
            add(seeds_of, seed.key, dict.fromkeys(known[name] for name in seed.names if name in known))
        follow = _citing if direction == FORWARD else _cited
        return (yield from follow(access, seeds_of, cites, notes))

    return run


def _look_up(access: Access, seeds: Sequence[Seed]) -> Generator[Request, Got, tuple[dict[str, str], Links]]:
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
        for batch in batches(list(dict.fromkeys(wanted)), BATCH):
            values = "|".join(name.partition(":")[2] for name in batch)
            for got in (yield from _pages(access, f"{scheme}:{values}", carries=False)):
                for name, found in got.links.items():
                    if ":" in name:
                        known[name] = found[0]
                    else:
                        links[name] = found
    return known, links


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


def _cited(access: Access, seeds_of: Links, cites: Links, notes: tuple[str, ...]) -> Steps:
    """Fetch the works that the seeds' works cite."""
    links: dict[str, tuple[str, ...]] = {}
    for work, keys in seeds_of.items():
        for key in keys:
            add(links, key, cites.get(work, ()))
    delivered: list[str] = []
    for batch in batches(list(links), BATCH):
        for got in (yield from _pages(access, f"openalex:{'|'.join(batch)}", carries=True)):
            delivered.extend(got.native)
    gone = [work for work in links if work not in set(delivered)]
    if gone:
        notes = (*notes, f"cited, but no longer in OpenAlex: {', '.join(gone)}")
    return Found(len(links), len(delivered), len(set(delivered)), notes=notes, links=links)


def _citing(access: Access, seeds_of: Links, _: Links, notes: tuple[str, ...]) -> Steps:
    """Fetch the works that cite the seeds' works."""
    links: dict[str, tuple[str, ...]] = {}
    total = Found(0, 0, 0)
    for batch in batches(list(seeds_of), BATCH):

        def see(got: Got, asked: Sequence[str] = batch) -> None:
            for native in got.native:
                # A work whose own list lacks what it was found by can still be placed where one work was asked for.
                cited = [work for work in got.links.get(native, ()) if work in asked] or (
                    asked if len(asked) == 1 else ()
                )
                for work in cited:
                    for key in seeds_of[work]:
                        add(links, key, [native])

        found = yield from watched(openalex.by_cursor(access, f"cites:{'|'.join(batch)}"), see)
        total = Found(
            total.hits + found.hits,
            total.hits_at_end + found.hits_at_end,
            total.distinct + found.distinct,
            missing=(*total.missing, *found.missing),
        )
    return replace(total, notes=notes, links=links)


INDEX = Index(
    id="openalex",
    name=openalex.SERVICE,
    platform=openalex.SOURCE.platform,
    home=openalex.SOURCE.home,
    rate=openalex.SOURCE.rate,
    keyed_rate=openalex.SOURCE.keyed_rate,
    following=steps,
    reading=read,
    schemes=frozenset({"openalex", "doi", "pmid"}),
)
