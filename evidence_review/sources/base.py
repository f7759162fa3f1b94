"""What every source is: how it is searched, step by step, and how a stored reply of it is read.

A search is a generator: it yields a `Request`, is sent what the answer held (`Got`), and returns what it all came to
(`Found`). It never sees the network, so the same steps run against a service, against the archive, or half and half.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from evidence_review.model.record import Parsed, Rejected
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.pace import Rate

Item = Parsed | Rejected


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: a query in the source's own syntax, and dates (ISO, inclusive) where there are limits.

    `parameters` are set beside the query where its translation says so; `added_since` asks for what the source took in
    from that day on, for updates. `languages` are codes of `languages.KNOWN`, empty where there is no limit.
    """

    text: str
    parameters: tuple[tuple[str, str], ...] = ()
    published_from: str = ""
    published_to: str = ""
    added_since: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """How a service is reached: its base address, and the user's key, token and e-mail address where there are any."""

    base: str
    key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Charge:
    """What an answer cost in US dollars, and what is `left` of the budget, None where the service does not say."""

    dollars: float
    left: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What one reply holds. `records` are read from the body as they are asked for.

    `hits` is the total that the source reports; `next` its cursor, token or address of what follows; `ids` what it
    lists without records; `understood` its own reading of the query; `notes` its warnings; `links` lead
    from an identifier to others (from a work to those it cites); `charge` is what it cost, where the source charges.
    """

    records: Iterator[Item]
    hits: int | None = None
    next: str = ""
    ids: tuple[str, ...] = ()
    understood: str = ""
    notes: tuple[str, ...] = ()
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    charge: Charge | None = None


@dataclass(frozen=True, slots=True)
class Got:
    """What an answer held, with its records counted: `starts` record starts, `native` their ids."""

    hits: int | None
    next: str
    ids: tuple[str, ...]
    understood: str
    notes: tuple[str, ...]
    starts: int
    native: tuple[str, ...]
    links: Mapping[str, tuple[str, ...]]
    charge: Charge | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    `hits` is what the source reported first, `hits_at_end` last (they differ where the database changed meanwhile);
    `distinct` how many different records were delivered; `missing` says, for each gap that nothing explains, what is
    missing; `planned` is how many were to be fetched where that is fewer than all; `limits` which limits were applied,
    in words; `notes` the source's own warnings; `links` lead from the native id of a record to what it was found by,
    where that is not one query (the documents that cite it, or that it cites).
    """

    hits: int
    hits_at_end: int
    distinct: int
    understood: str = ""
    missing: tuple[str, ...] = ()
    planned: int | None = None
    limits: str = ""
    notes: tuple[str, ...] = ()
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Steps = Generator[Request, Got, Found]


class Reads(Protocol):
    """A service whose stored replies can be read, whether or not it can be searched."""

    id: str
    name: str

    def read(self, reply: Reply) -> Page:
        """Read a stored reply; raise the named Failure where it is none."""


@dataclass(frozen=True)
class Reader:
    """A service that is read and never asked: people have its replies, or other programs fetched them."""

    id: str
    name: str
    reading: Callable[[Reply], Page]

    def read(self, reply: Reply) -> Page:
        """Read a stored reply; raise the named Failure where it is none."""
        return self.reading(reply)


class Source(Reads, Protocol):
    """A service that can be searched. `home` is its usual base address, `platform` its name as PRISMA-S wants it;
    `target` the syntax of its queries where that is another source's, else "".

    `page_size` is how many records a page holds, 0 where that makes no difference to anybody; `limits_language` says
    whether a limit of languages can be put into its query. `rate` is how often it may be asked without a key,
    `keyed_rate` with one; `needs_key` says that nothing works without one.
    """

    platform: str
    home: str
    target: str
    limits_language: bool
    page_size: int
    rate: Rate
    keyed_rate: Rate
    needs_key: bool

    def search(self, query: Query, access: Access) -> Steps:
        """Yield the requests of a whole search."""

    def count(self, query: Query, access: Access) -> Request:
        """Return one cheap request whose answer reports the hits."""


@dataclass(frozen=True)
class Service:
    """A source made of three functions."""

    id: str
    name: str
    platform: str
    home: str
    searching: Callable[[Query, Access], Steps]
    counting: Callable[[Query, Access], Request]
    reading: Callable[[Reply], Page]
    rate: Rate
    keyed_rate: Rate
    needs_key: bool = False
    target: str = ""
    limits_language: bool = False
    page_size: int = 0

    def search(self, query: Query, access: Access) -> Steps:
        """Yield the requests of a whole search."""
        return self.searching(query, access)

    def count(self, query: Query, access: Access) -> Request:
        """Return one cheap request whose answer reports the hits."""
        return self.counting(query, access)

    def read(self, reply: Reply) -> Page:
        """Read a stored reply; raise the named Failure where it is none."""
        return self.reading(reply)


def drained(page: Page) -> Got:
    """Read every record of a page, keeping only counts and ids."""
    starts = 0
    native = []
    for item in page.records:
        starts += 1
        if isinstance(item, Parsed):
            native.append(item.native_id)
    return Got(
        page.hits, page.next, page.ids, page.understood, page.notes, starts, tuple(native), page.links, page.charge
    )


def in_dollars(amount: float) -> str:
    """Return an amount as people read it: `0.012 US dollars`, to a hundredth of a cent."""
    return f"{amount:.4f}".rstrip("0").rstrip(".") + " US dollars"


def price(hits: int, page_size: int, charge: Charge | None) -> str:
    """Return what fetching all hits will cost, in words; "" where the source does not charge."""
    if charge is None or not charge.dollars or not page_size:
        return ""
    requests = -(-hits // page_size)
    words = f"fetching all takes {requests:,} request{'s' if requests != 1 else ''}"
    words += f" and some {in_dollars(requests * charge.dollars)}"
    if charge.left is None:
        return words
    words += f" of the {charge.left:.4g} that are left of the budget"
    return words + (": it will take several days" if requests * charge.dollars > charge.left else "")


def paged(
    first: Request,
    follow: Callable[[Got, int], Request | None],
    limits: str = "",
    *,
    cap: int = 0,
    planned: int | None = None,
    by_place: bool = False,
) -> Steps:
    """Yield page after page until `follow` (given the last answer and the count of records so far) has no next.

    While less has come than the source reports, an empty page is a failure of the source and not the end. `cap` is the
    number of records beyond which the source gives nothing more for one query, 0 where there is no such number;
    `planned` the number to stop at by plan, where a source ranks everything it has instead of choosing. Pages
    asked for `by_place` (an offset, not a cursor) let records slip through when the result shrinks while it is read.
    """
    got = yield replace(first, total=True)
    hits = at_end = most = got.hits or 0
    seen = set(got.native)
    starts = got.starts
    understood, notes = got.understood, list(got.notes)
    spent = got.charge.dollars if got.charge else 0.0
    while True:
        expected = min(at_end, cap or at_end, at_end if planned is None else planned)
        request = follow(got, starts) if starts < expected else None
        if request is None:
            break
        got = yield replace(request, least=1)
        starts += got.starts
        spent += got.charge.dollars if got.charge else 0.0
        seen.update(got.native)
        at_end = got.hits if got.hits is not None else at_end
        most = max(most, at_end)
        notes.extend(note for note in got.notes if note not in notes)
    notes += [f"its pages cost {in_dollars(spent)}"] if spent else []
    missing = []
    stopped = planned is not None and starts >= planned
    if starts < at_end and not stopped:
        why = f"; it gives at most {cap:,} for one query" if cap and at_end > cap else ""
        missing.append(f"{at_end - starts:,} of {at_end:,} reported were not delivered{why}")
    if by_place and at_end < most:
        missing.append(
            f"the result shrank from {most:,} to {at_end:,} while it was read page by page: records may have slipped "
            "between pages; search again from the start"
        )
    return Found(
        hits, at_end, len(seen), understood, tuple(missing), planned if stopped else None, limits, tuple(notes)
    )


def by_offset(page: Callable[[int], Request], limits: str = "", *, cap: int = 0) -> Steps:
    """Yield page after page of a result that is asked for by the number of records before each page."""

    def follow(got: Got, starts: int) -> Request | None:
        return page(starts) if got.starts else None

    return paged(page(0), follow, limits, cap=cap, by_place=True)


def made(entries: Iterable[Any], make: Callable[[dict[str, Any]], Item]) -> Iterator[Item]:
    """Yield what `make` makes of each entry of a list; what is no object is rejected, not passed over."""
    for entry in entries:
        yield make(entry) if isinstance(entry, dict) else Rejected(0, "an entry that is no record", str(entry)[:200])


def next_place(start: Any, count: int, hits: int) -> str:
    """Return the place at which the next page of an offset begins, "" where this one was the last."""
    try:
        following = int(start) + count
    except (TypeError, ValueError, OverflowError):
        return ""
    return str(following) if count and following < hits else ""


def text_of(value: Any) -> str:
    """Return a JSON value as text: "" for what is absent or no scalar."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None or isinstance(value, (dict, list)):
        return ""
    return str(value)
