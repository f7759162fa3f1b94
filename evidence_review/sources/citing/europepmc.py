"""Who cites whom, by Europe PMC: `/{source}/{id}/references` and `/citations`, then the documents themselves.

https://europepmc.org/RestfulWebService. A list gives no abstract and no DOI, so what it names is fetched whole. A
reference that the service could not match to a document of its own comes as text and is kept as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request, question
from evidence_review.net.failures import Failure
from evidence_review.sources import europepmc
from evidence_review.sources.base import Access, Found, Got, Item, Page, Steps, text_of
from evidence_review.sources.bodies import check_status, dicts, inner, json_of, message_in, need_count
from evidence_review.sources.citing.base import FORWARD, Index, Seed, add, batches, by_offset, named, unknown
from evidence_review.sources.fields import page_range, people, plain_line

BATCH = 50
PAGE = 1000


def read(reply: Reply) -> Page:
    """Read a list of references or citations, or a page of a search with the names its results go by."""
    check_status(reply, europepmc.SERVICE)
    data = json_of(reply, europepmc.SERVICE)
    if isinstance(data, dict) and "resultList" in data:
        links: dict[str, tuple[str, ...]] = {}
        for item in dicts(inner(data, "resultList").get("result")):
            native = f"{text_of(item.get('source'))}/{text_of(item.get('id'))}"
            for name in (f"doi:{text.doi(text_of(item.get('doi')))}", f"pmid:{text_of(item.get('pmid'))}"):
                links[name] = (native,)
        return replace(europepmc.read(reply), links=links)
    for outer, within in (("referenceList", "reference"), ("citationList", "citation")):
        if isinstance(data, dict) and outer in data:
            return _listing(data, dicts(inner(data, outer).get(within)))
    if isinstance(data, dict) and data.get("hitCount") == 0:
        return Page(iter(()), hits=0)
    raise Failure("shape", f"{europepmc.SERVICE}'s answer has no list: {message_in(data)}".rstrip(": "), transient=True)


def _listing(data: Any, entries: Sequence[dict[str, Any]]) -> Page:
    ids = [_native(entry) for entry in entries]
    unmatched = [entry for entry, native in zip(entries, ids, strict=True) if not native]
    return Page(
        named(_as_text(unmatched)),
        hits=need_count(data, europepmc.SERVICE, "hitCount"),
        ids=tuple(filter(None, ids)),
    )


def _native(entry: dict[str, Any]) -> str:
    source, native = text_of(entry.get("source")), text_of(entry.get("id"))
    return f"{source}/{native}" if source and native else ""


def _as_text(entries: Sequence[dict[str, Any]]) -> Iterator[Item]:
    """Yield references that stand for no document of the service."""
    for entry in entries:
        raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
        words = plain_line(entry.get("unstructuredInformation"))
        title = plain_line(entry.get("title")) or words
        if not title and not entry.get("doi"):
            yield Rejected(0, "a reference without title and identifier", raw[:2000])
            continue
        pages, number = page_range(text_of(entry.get("pageInfo")))
        written = text_of(entry.get("authorString")).rstrip(".")
        yield Parsed(
            Citation(
                title=title,
                container=plain_line(entry.get("journalAbbreviation") or entry.get("publicationTitle")),
                authors=people(europepmc.initialled(name) for name in written.split(", ") if name),
                year=text.year(text_of(entry.get("pubYear"))),
                date=text_of(entry.get("pubYear")),
                volume=text_of(entry.get("volume")),
                issue=text_of(entry.get("issue")),
                pages=pages,
                article_number=number,
                doi=text.doi(text_of(entry.get("doi"))),
                issn=text.issns(text_of(entry.get("issn") or entry.get("ISSN"))),
                publisher=plain_line(entry.get("publisherName")),
                notes=(words,) if words and words != title else (),
                database=europepmc.SERVICE,
            ),
            raw,
        )


def steps(direction: str, seeds: Sequence[Seed]) -> Callable[[Access], Steps]:
    """Return the steps that find the seeds, fetch the list of each, then the documents that the lists name."""

    def run(access: Access) -> Steps:
        known = yield from _look_up(access, seeds)
        links: dict[str, tuple[str, ...]] = {}
        wanted: dict[str, None] = {}
        strangers, missing = [], []
        starts = 0
        for seed in seeds:
            native = next((known[name] for name in seed.names if name in known), "")
            if not native:
                strangers.append(seed.label)
                continue
            answers, seen = yield from _list(access, direction, native)
            if seen < (answers[0].hits or 0):
                missing.append(f"{answers[0].hits or 0:,} entries reported for {seed.label}, {seen:,} delivered")
            for got in answers:
                starts += got.starts
                add(links, seed.key, (*got.native, *got.ids))
                wanted.update(dict.fromkeys(got.ids))
        delivered: list[str] = []
        for batch in batches(list(wanted), BATCH):
            got = yield replace(_search(access, " OR ".join(map(_one, batch)), carries=True), total=True)
            delivered.extend(got.native)
        notes = unknown(europepmc.SERVICE, strangers)
        gone = [native for native in wanted if native not in set(delivered)]
        if gone:
            notes += (f"listed, but no longer in {europepmc.SERVICE}: {', '.join(gone)}",)
        starts += len(delivered)
        return Found(
            starts + len(gone), starts, len(links) - len(gone), missing=tuple(missing), notes=notes, links=links
        )

    return run


def _look_up(access: Access, seeds: Sequence[Seed]) -> Generator[Request, Got, dict[str, str]]:
    """Return identifier → source/id of the documents that the service knows."""
    known: dict[str, str] = {}
    names = [f"{scheme}:{value}" for seed in seeds for scheme in ("pmid", "doi") if (value := getattr(seed, scheme))]
    for batch in batches(list(dict.fromkeys(names)), BATCH):
        parts = [
            _one(f"MED/{value}") if scheme == "pmid" else f'DOI:"{value}"'
            for scheme, _, value in (name.partition(":") for name in batch)
        ]
        got = yield replace(_search(access, " OR ".join(parts), carries=False), total=True)
        for name, found in got.links.items():
            known.setdefault(name, found[0])
    return known


def _one(native: str) -> str:
    source, _, identifier = native.partition("/")
    return f"(EXT_ID:{identifier} AND SRC:{source})"


def _search(access: Access, query: str, *, carries: bool) -> Request:
    values = (
        ("query", query),
        ("resultType", "core"),
        ("format", "json"),
        ("pageSize", str(PAGE)),
        ("cursorMark", "*"),
    )
    return question(access.base, "/search", values, post_if_long="/searchPOST", carries=carries)


def _list(access: Access, direction: str, native: str) -> Generator[Request, Got, tuple[list[Got], int]]:
    what = "citations" if direction == FORWARD else "references"

    def page(number: int) -> Request:
        values = (("page", str(number)), ("pageSize", str(PAGE)), ("format", "json"))
        return Request(access.base, f"/{native}/{what}", values)

    numbers = count(2)

    def more(got: Got, seen: int) -> Request | None:
        arrived = got.starts + len(got.ids)
        return page(next(numbers)) if arrived and seen < (got.hits or 0) else None

    return (yield from by_offset(page(1), more))


INDEX = Index(
    id="europepmc",
    name=europepmc.SERVICE,
    platform=europepmc.SOURCE.platform,
    home=europepmc.SOURCE.home,
    rate=europepmc.SOURCE.rate,
    keyed_rate=europepmc.SOURCE.keyed_rate,
    following=steps,
    reading=read,
    schemes=frozenset({"doi", "pmid"}),
)
