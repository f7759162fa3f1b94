"""Who cites whom, by OpenCitations (https://api.opencitations.net): the Index says which, Meta says what they are.

The Index lists pairs of identifiers (`doi:… pmid:… omid:…` in its version 2, bare DOIs before); titles and authors come
from Meta, some documents at a time. What Meta does not know enters with its identifiers alone. An empty list means
either that a document is not known or that nothing is: the service does not tell the two apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from evidence_review import text
from evidence_review.model.record import Parsed
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources import opencitations
from evidence_review.sources.base import Access, Found, Item, Page, Steps, text_of
from evidence_review.sources.bodies import check_status, dicts, json_of, message_in
from evidence_review.sources.citing.base import FORWARD, Index, Seed, add, batches

SERVICE = opencitations.SERVICE
# Identifiers are long, and stand in the address.
BATCH = 20
_INDEX, _META = "/index/v2", "/meta/v1/metadata/"
_ID = re.compile(r"(doi|pmid|pmcid|omid|openalex):(\S+)")
_BETWEEN = re.compile(r"__(?=(?:doi|pmid|pmcid|omid|openalex):)")
NO_TITLES = "Meta did not answer: documents enter with their identifiers alone"


def read(reply: Reply) -> Page:
    """Read a list of pairs, or the metadata of the documents that were asked for."""
    path = unquote(urlsplit(reply.request.partition(" ")[2] or reply.request).path)
    if "/metadata/" in path:
        return _metadata(reply, path)
    if reply.status == 404:
        return Page(iter(()), notes=("not known",))
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if not isinstance(data, list):
        raise Failure("shape", f"{SERVICE}'s answer is no list: {message_in(data)}".rstrip(": "))
    side = "citing" if "/citations/" in path else "cited"
    found = [_ids(text_of(pair.get(side))) for pair in dicts(data)]
    natives = [_native(ids) for ids in found]
    if not all(natives):
        raise Failure("shape", f"{SERVICE} lists a pair without identifier on its side '{side}'")
    links = {
        native: tuple(f"{scheme}:{value}" for scheme, value in ids.items())
        for native, ids in zip(natives, found, strict=True)
    }
    return Page(iter(()), hits=len(natives), ids=tuple(natives), links=links)


def _ids(written: str) -> dict[str, str]:
    """Return the identifiers of one side of a pair: `omid:br/06… doi:10.… pmid:…`, or a bare DOI."""
    found: dict[str, str] = dict(_ID.findall(written))
    if not found:
        # Version 1 wrote `10.…` or `coci => 10.…`.
        found = {"doi": text.doi(written.rpartition("=>")[2].strip())}
    elif "doi" in found:
        found["doi"] = text.doi(found["doi"]) or found["doi"].lower()
    return {scheme: value for scheme, value in found.items() if value}


def _native(ids: Mapping[str, str]) -> str:
    return next(
        (f"{scheme}:{ids[scheme]}" for scheme in ("doi", "pmid", "omid", "pmcid", "openalex") if scheme in ids), ""
    )


def _metadata(reply: Reply, path: str) -> Page:
    asked = _BETWEEN.split(path.partition("/metadata/")[2])
    if reply.status == 404:
        # No document is unknown to Meta in this way: the address itself is gone.
        return Page((_bare(name) for name in asked), hits=len(asked), notes=(NO_TITLES,))
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if not isinstance(data, list):
        raise Failure("shape", f"{SERVICE}'s answer is no list: {message_in(data)}".rstrip(": "))
    return Page(_documents(asked, dicts(data)), hits=len(asked))


def _documents(asked: Sequence[str], entries: Sequence[dict[str, Any]]) -> Iterator[Item]:
    """Yield one record for each document that was asked for, in that order."""
    by_name = {
        f"{scheme}:{value}": entry
        for entry in entries
        for scheme, value in _ids(text_of(entry.get("id")) or f"doi:{text_of(entry.get('doi'))}").items()
    }
    for name in asked:
        yield _under(name, opencitations.described(by_name[name])) if name in by_name else _bare(name)


def _bare(name: str) -> Item:
    return _under(name, opencitations.known_by(name, name))


def _under(name: str, item: Item) -> Item:
    """Return a document under the name by which it was listed."""
    return replace(item, native_id=name) if isinstance(item, Parsed) else item


def steps(direction: str, seeds: Sequence[Seed]) -> Callable[[Access], Steps]:
    """Return the steps that fetch the pairs of each seed, then what the documents on their other side are."""

    def run(access: Access) -> Steps:
        links: dict[str, tuple[str, ...]] = {}
        silent: list[str] = []
        pairs = 0
        for seed in seeds:
            listed = 0
            for name in (f"{scheme}:{value}" for scheme in ("doi", "pmid") if (value := getattr(seed, scheme))):
                got = yield _pairs(access, direction, name)
                listed += len(got.ids)
                add(links, seed.key, got.ids)
                if got.ids:
                    break
            pairs += listed
            silent += [] if listed else [seed.label]
        delivered = 0
        notes = []
        for batch in batches(list(links), BATCH):
            got = yield _meta(access, batch)
            delivered += got.starts
            notes += [note for note in got.notes if note not in notes]
        if silent:
            notes.insert(0, f"{SERVICE} lists nothing for {', '.join(silent)} (it does not say whether it knows them)")
        if pairs > len(links):
            notes.append(f"{pairs:,} pairs listed, {len(links):,} different documents")
        return Found(len(links), len(links), delivered, notes=tuple(notes), links=links)

    return run


def _pairs(access: Access, direction: str, name: str) -> Request:
    what = "citations" if direction == FORWARD else "references"
    return Request(access.base, f"{_INDEX}/{what}/{_quoted(name)}", secret_headers=_token(access), carries=False)


def _meta(access: Access, names: Sequence[str]) -> Request:
    path = _META + "__".join(map(_quoted, names))
    return Request(access.base, path, secret_headers=_token(access), least=len(names))


def _quoted(name: str) -> str:
    return quote(name, safe=":/()")


def _token(access: Access) -> tuple[tuple[str, str], ...]:
    return (("authorization", access.key),) if access.key else ()


INDEX = Index(
    id="opencitations",
    name=SERVICE,
    platform="OpenCitations (Index v2 and Meta v1)",
    home="https://api.opencitations.net",
    # https://opencitations.net/querying: at most 180 requests a minute.
    rate=Rate(3, 1.0, at_once=1),
    keyed_rate=Rate(3, 1.0, at_once=1),
    following=steps,
    reading=read,
    schemes=frozenset({"doi", "pmid"}),
)
