"""Who cites whom, by Semantic Scholar: `/paper/{id}/references` and `/paper/{id}/citations`.

https://api.semanticscholar.org/api-docs/graph. A list comes by offset, up to 9,999 entries a paper. Entries that the
service could not match to a paper of its own have a title and no id. Some publishers do not allow their lists of
references to be shown: `data` is null then.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from urllib.parse import quote

from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.sources import semanticscholar
from evidence_review.sources.base import Access, Found, Got, Page, Steps, made, text_of
from evidence_review.sources.bodies import check_status, json_of, listed, message_in
from evidence_review.sources.citing.base import FORWARD, Index, Seed, add, by_offset, named, unknown

PAGE = 1000
# The sum of offset and limit stays below 10,000.
MOST = 9_999
ELIDED = "its publisher does not let the list be shown"
_SCHEMES = {"semanticscholar": "", "doi": "DOI:", "pmid": "PMID:"}


def read(reply: Reply) -> Page:
    """Read a page of references or citations; a paper that is not known gives a page without hits."""
    data = _body(reply)
    if reply.status == 404:
        said = message_in(data)
        if "not found" in said.lower() and "paper" in said.lower():
            return Page(iter(()), notes=(said,))
        check_status(reply, semanticscholar.SERVICE)
    if isinstance(data, dict) and "data" in data and data["data"] is None:
        return Page(iter(()), hits=0, notes=(ELIDED,))
    if not isinstance(data, dict) or not isinstance(data.get("data"), list):
        raise Failure(
            "shape", f"{semanticscholar.SERVICE}'s answer has no list 'data': {message_in(data)}".rstrip(": ")
        )
    entries = listed(data["data"])
    return Page(named(made(entries, semanticscholar.record)), hits=len(entries), next=text_of(data.get("next")))


def _body(reply: Reply) -> object:
    if reply.status != 404:
        check_status(reply, semanticscholar.SERVICE)
    return json_of(reply, semanticscholar.SERVICE)


def steps(direction: str, seeds: Sequence[Seed]) -> Callable[[Access], Steps]:
    """Return the steps that fetch the list of each seed in turn, by the first of its identifiers that is known."""

    def run(access: Access) -> Steps:
        links: dict[str, tuple[str, ...]] = {}
        strangers, elided, missing = [], [], []
        starts = 0
        for seed in seeds:
            answers = yield from _list(access, direction, seed)
            if not answers:
                strangers.append(seed.label)
            for got in answers:
                starts += got.starts
                add(links, seed.key, got.native)
                if ELIDED in got.notes:
                    elided.append(seed.label)
            if answers and answers[-1].next:
                missing.append(f"Semantic Scholar shows at most {MOST:,} entries for {seed.label}")
        notes = unknown(semanticscholar.SERVICE, strangers)
        if elided:
            notes += (f"{', '.join(elided)}: {ELIDED}",)
        return Found(starts, starts, len(links), missing=tuple(missing), notes=notes, links=links)

    return run


def _list(access: Access, direction: str, seed: Seed) -> Generator[Request, Got, list[Got]]:
    """Return the pages of a seed's list, none where the service does not know it."""
    for scheme, prefix in _SCHEMES.items():
        value = getattr(seed, scheme)
        if not value:
            continue

        def more(got: Got, seen: int, name: str = prefix + value) -> Request | None:
            following = int(got.next) if got.next.isdecimal() else 0
            return _page(access, direction, name, following) if got.starts and 0 < following < MOST else None

        answers, _ = yield from by_offset(_page(access, direction, prefix + value, 0), more)
        if answers[0].hits is not None:
            return answers
    return []


def _page(access: Access, direction: str, name: str, offset: int) -> Request:
    what = "citations" if direction == FORWARD else "references"
    values = (
        ("fields", semanticscholar.FIELDS), ("offset", str(offset)), ("limit", str(min(PAGE, MOST - offset))),
    )  # fmt: skip
    key = (("x-api-key", access.key),) if access.key else ()
    return Request(access.base, f"/paper/{quote(name, safe=':/()')}/{what}", values, secret_headers=key)


INDEX = Index(
    id="semanticscholar",
    name=semanticscholar.SERVICE,
    platform="Semantic Scholar (Academic Graph API)",
    home=semanticscholar.SOURCE.home,
    rate=semanticscholar.SOURCE.rate,
    keyed_rate=semanticscholar.SOURCE.keyed_rate,
    following=steps,
    reading=read,
    schemes=frozenset(_SCHEMES),
)
