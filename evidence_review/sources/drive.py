"""Running a source's steps: each question is answered from the store where it can be, else asked; nothing is lost.

Because the steps see only answers, a run that was cut off continues by answering the first questions from the archive,
and an offline run answers all of them so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from evidence_review.net.client import Client
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.store import Store
from evidence_review.net.talk import Quiet, Talk
from evidence_review.sources.base import Found, Got, Item, Page, Steps, drained, price

# Characters of an address that a message shows; a query can be as long as a page.
_SHOWN = 120

Read = Callable[[Reply], Page]


class Restartable(Store, Protocol):
    """A store that can begin again without what it answered so far."""

    def start_over(self) -> None:
        """Answer no more questions from before."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came of a run's steps: the replies that hold records, in order, and how it ended."""

    replies: tuple[Reply, ...]
    found: Found | None
    failure: Failure | None
    hits: int | None
    asked: int
    understood: str = ""


def gather(
    make: Callable[[], Steps],
    read: Read,
    store: Restartable,
    client: Client | None,
    talk: Talk | None = None,
    name: str = "",
) -> Gathered:
    """Run the steps to their end. Without a client only the store answers.

    When the service has forgotten our place in its results, the steps are begun once more from the start.
    """
    gathered = _once(make(), read, store, client, talk or Quiet(), name)
    if gathered.failure is not None and gathered.failure.kind == "cursor-expired" and client is not None:
        (talk or Quiet()).say(f"{name}: the service forgot our place in its results; beginning again.")
        store.start_over()
        gathered = _once(make(), read, store, client, talk or Quiet(), name)
    return gathered


def _once(steps: Steps, read: Read, store: Store, client: Client | None, talk: Talk, name: str) -> Gathered:
    replies: list[Reply] = []
    hits: int | None = None
    understood = ""
    asked = done = 0
    try:
        request = next(steps)
        while True:
            reply, got, fresh = _answer(request, read, store, client)
            asked += fresh
            if hits is None:
                hits, understood = got.hits, got.understood
                if fresh and hits and (words := price(hits, got.starts, got.charge)):
                    talk.say(f"{name}: {hits:,} hits; {words}.")
            if request.carries:
                replies.append(reply)
                done += got.starts
                talk.progress(name, done, hits)
            request = steps.send(got)
    except StopIteration as end:
        found: Found = end.value
        return Gathered(tuple(replies), found, None, found.hits, asked, understood)
    except Failure as failure:
        return Gathered(tuple(replies), None, failure, hits, asked, understood)


def _answer(request: Request, read: Read, store: Store, client: Client | None) -> tuple[Reply, Got, int]:
    kept = store.find(request)
    if kept is not None:
        return kept, drained(read(kept)), 0
    if client is None:
        address = request.shown if len(request.shown) <= _SHOWN else f"{request.shown[:_SHOWN]}…"
        raise Failure("not-archived", f"the archive does not hold the answer to {request.method} {address}")

    def look(reply: Reply) -> tuple[Reply, Got, int]:
        got = drained(read(reply))
        if got.starts < request.least:
            raise Failure("shape", "an empty page came before the end of the results", transient=True)
        if request.total and got.hits is None:
            raise Failure("shape", "the answer does not say how many hits there are", transient=True)
        return reply, got, 1

    return client.ask(request, store, look)


def items(gathered: Gathered, read: Read) -> Iterator[tuple[Reply, int, Item]]:
    """Yield (reply, place in it from 1, record or rejection) of everything that was gathered."""
    for reply in gathered.replies:
        for place, item in enumerate(read(reply).records, start=1):
            yield reply, place, item
