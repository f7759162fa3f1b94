"""Zotero's Web API v3 through pyzotero (https://www.zotero.org/support/dev/web_api/v3/start): its one door.

pyzotero 1.16 waits silently, gives up without saying so after a 429, and looks at no object's outcome in a batch. So
each request passes through `_Polite._send`, which repeats what failed on the way, honours `Backoff` and `Retry-After`
on any reply, says how long it waits, and stops at a ceiling; and `Library.write` returns what became of each object.

Repeating a write is safe because every object here has a key that we chose, and a version: a second creation of the
same key is refused with 412 and never makes a double.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
from pyzotero import Zotero, zotero_errors

from evidence_review.commands.zotero.address import Address
from evidence_review.errors import SourceError
from evidence_review.net.client import Timing
from evidence_review.net.talk import Talk
from evidence_review.net.waits import asked_wait, clock

BATCH = 50
PAGE = 100
ENDPOINT = "https://api.zotero.org"
# Zotero's own program, where "Allow other applications on this computer to communicate with Zotero" is set.
LOCAL_ENDPOINT = "http://127.0.0.1:23119/api"
_AGAIN = frozenset({409, 429, 500, 502, 503, 504})
_SILENT = 5.0
_MOST_READS = 4
_BELOW = "/children"
_SEARCH = "searches/"

WRITTEN, UNCHANGED, CONFLICT, FAILED = "written", "unchanged", "conflict", "failed"

Object = dict[str, Any]
T = TypeVar("T")


class _Unclear(Exception):
    """A write whose reply was lost: it may have been done or not."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one object of a batch; `conflict` means: read it again before you go on."""

    key: str
    state: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A listing read whole: objects, bodies as they came, and the library's version while it was read.

    `total` is what the server reported; fewer objects than that mean that the listing is not complete.
    """

    objects: tuple[Object, ...]
    bodies: tuple[bytes, ...]
    total: int
    version: int


class _Polite(Zotero):
    """pyzotero, but it says what it waits for, repeats what failed on the way, and stops at a ceiling."""

    def __init__(self, address: Address, key: str, url: str, talk: Talk, timing: Timing) -> None:
        # Requests to this machine go to no proxy.
        super().__init__(address.number, address.kind, key or None, local=address.local)
        self.endpoint = url
        self.address = address
        self.talk = talk
        self.timing = timing
        self._wait = 0.0

    def search_items(self, key: str, **given: Any) -> None:
        """Ask for what a saved search finds, which only the local API does, and pyzotero has no method for."""
        self._retrieve_data(f"/{self.library_type}/{self.library_id}/searches/{key}/items", params=given)

    def _set_backoff(self, duration: str | float) -> None:
        """Leave waiting to `_send`, which has seen the same header."""

    def _check_backoff(self) -> None:
        """Leave waiting to `_send`."""

    def _send(self, method: str, url: str, **kwargs: Any) -> httpx2.Response:
        last = ""
        for attempt in range(self.timing.tries):
            self._pause()
            backoff = self.timing.first_backoff * 2**attempt
            try:
                reply = super()._send(method, url, **kwargs)
                asked = asked_wait(reply.headers, self.timing.now())
                self._wait = asked or 0.0
                if reply.status_code not in _AGAIN:
                    if reply.status_code == 200:
                        reply.json()
                    return reply
                last = f"status {reply.status_code}"
                self._wait = backoff if asked is None else asked
            except (httpx2.TransportError, httpx2.DecodingError) as fault:
                last = f"the connection failed ({type(fault).__name__})"
                self._wait = backoff
            except ValueError:
                last = "the reply broke off or is no JSON"
                self._wait = backoff
                if method != "GET":
                    raise _Unclear from None
        if self.address.local:
            raise SourceError(
                f"Zotero does not answer on this computer: {last}. Start it, and allow other applications to "
                "communicate with it (Settings, Advanced)."
            )
        raise SourceError(
            f"Zotero did not answer after {self.timing.tries} tries: {last}. Nothing is lost; run the command again "
            "later, it goes on where it stopped."
        )

    def _pause(self) -> None:
        seconds, self._wait = self._wait, 0.0
        if seconds <= 0:
            return
        until = clock(self.timing.now() + seconds)
        if seconds > self.timing.ceiling:
            raise SourceError(
                f"Zotero asks to wait until {until}. Nothing is lost; run the command again then, it goes on where it "
                "stopped."
            )
        if seconds >= _SILENT:
            self.talk.say(f"Zotero asks to wait until {until}.")
        self.timing.sleep(seconds)


def in_batches(things: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield things in batches that the API takes."""
    for start in range(0, len(things), BATCH):
        yield things[start : start + BATCH]


class Library:
    """One Zotero library."""

    def __init__(self, address: Address, key: str, url: str, talk: Talk, timing: Timing) -> None:
        self._zotero = _Polite(address, key, url, talk, timing)
        self._talk = talk
        self.address = address

    def collections(self) -> tuple[Object, ...]:
        """Return every collection.

        Raises:
            SourceError: the library cannot be read.
        """
        return self._whole("collections")

    def searches(self) -> tuple[Object, ...]:
        """Return every saved search.

        Raises:
            SourceError: the library cannot be read.
        """
        return self._whole("searches")

    def items(self, within: str = "", since: int = 0) -> Page:
        """Return every item, its notes and attachments among them, that changed after the version `since`.

        `within` is the key of a collection, or `searches/` and the key of a saved search.

        Raises:
            SourceError: the library cannot be read.
        """
        return self._listing(within or "items", {"since": since, "sort": "dateAdded", "direction": "asc"})

    def by_key(self, kind: str, keys: Iterable[str]) -> dict[str, Object]:
        """Return those of the objects that there are, also in the bin; `kind` is items or collections.

        Raises:
            SourceError: the library cannot be read.
        """
        found: dict[str, Object] = {}
        name = "itemKey" if kind == "items" else "collectionKey"
        for some in in_batches(list(keys)):
            given = {name: ",".join(some), "limit": BATCH, "includeTrashed": 1}
            self._read(kind, given)
            found.update({each["key"]: each for each in self._body()})
        return found

    def with_children(self, keys: Sequence[str]) -> Iterator[tuple[Object, tuple[Object, ...]]]:
        """Yield those of the items that are there, each with all its notes and files.

        Raises:
            SourceError: the library cannot be read.
        """
        held = self.by_key("items", keys)
        for key in keys:
            if key in held and not held[key]["data"].get("deleted"):
                yield held[key], self._listing(f"{key}{_BELOW}", {}).objects

    def present(self, collection: str = "") -> frozenset[str]:
        """Return the key of every item that is in the library or collection now, and not in the bin.

        Raises:
            SourceError: the library cannot be read.
        """
        self._read(collection or "items", {"format": "versions", "limit": None})
        body = json.loads(self._reply().content)
        if not isinstance(body, dict):
            raise SourceError("Zotero's reply is not the list of versions that its API promises. Try again later.")
        total = self._reply().headers.get("Total-Results", "")
        if total.isdecimal() and len(body) < int(total):
            raise SourceError(
                f"Zotero sent {len(body):,} of {total} versions: what is gone cannot be told. Try again later."
            )
        return frozenset(body)

    def write(self, kind: str, objects: Sequence[Object]) -> tuple[Outcome, ...]:
        """Write up to `BATCH` objects with keys and versions; return what became of each.

        Raises:
            SourceError: the library cannot be written, or the reply does not account for every object.
        """
        send = self._zotero.create_items if kind == "items" else self._zotero.create_collections
        try:
            reply = send([dict(each) for each in objects])
        except (_Unclear, zotero_errors.PreConditionFailedError):
            return tuple(Outcome(each["key"], CONFLICT, "the reply was lost") for each in objects)
        except zotero_errors.PyZoteroError as fault:
            raise self._refused(fault, "written") from None
        return tuple(_outcome(reply, place, each["key"]) for place, each in enumerate(objects))

    def _whole(self, what: str) -> tuple[Object, ...]:
        page = self._listing(what, {})
        if len(page.objects) < page.total:
            raise SourceError(f"Zotero sent {len(page.objects):,} of {page.total:,} {what}. Try again later.")
        return page.objects

    def _listing(self, what: str, given: Mapping[str, Any]) -> Page:
        """Read a listing page by page; begin again where the library changes meanwhile."""
        page = self._pages(what, given)
        for _ in range(_MOST_READS):
            if page is not None:
                return page
            self._talk.say("The Zotero library changed while it was read; reading it again.")
            page = self._pages(what, given)
        raise SourceError(
            "The Zotero library keeps changing while it is read. Let the sync finish, and run this again."
        )

    def _pages(self, what: str, given: Mapping[str, Any]) -> Page | None:
        objects: list[Object] = []
        bodies: list[bytes] = []
        version: int | None = None
        while True:
            self._read(what, {**given, "start": len(objects), "limit": PAGE})
            total, now = self._header("Total-Results"), self._header("Last-Modified-Version")
            if version is not None and now != version:
                return None
            version = now
            body = self._body()
            objects.extend(body)
            bodies.append(self._reply().content)
            self._talk.progress("zotero", len(objects), total)
            if len(objects) >= total or not body:
                return Page(tuple(objects), tuple(bodies), total, version)

    def _read(self, what: str, given: Mapping[str, Any]) -> None:
        """Ask for `what`: a kind of object, what is below an item, or the key of a collection whose items are meant."""
        reads = {
            "items": self._zotero.items,
            "collections": self._zotero.collections,
            "searches": self._zotero.searches,
        }
        # What a broken call left behind must not colour the next one.
        self._zotero.url_params = None
        try:
            if what in reads:
                reads[what](**given)
            elif what.startswith(_SEARCH):
                self._zotero.search_items(what.removeprefix(_SEARCH), **given)
            elif what.endswith(_BELOW):
                self._zotero.children(what.removesuffix(_BELOW), **given)
            else:
                self._zotero.collection_items(what, **given)
        except zotero_errors.PyZoteroError as fault:
            raise self._refused(fault, "read") from None

    def _reply(self) -> httpx2.Response:
        reply = self._zotero.request
        assert reply is not None  # set by every call that did not raise
        return reply

    def _body(self) -> list[Object]:
        body = json.loads(self._reply().content)
        if not isinstance(body, list) or not all(isinstance(each, dict) and "key" in each for each in body):
            raise SourceError("Zotero's reply is not the list of objects that its API promises. Try again later.")
        return body

    def _header(self, name: str) -> int:
        text = self._reply().headers.get(name, "")
        if not text.isdecimal():
            raise SourceError(f"Zotero's reply lacks the header {name} that its API promises. Try again later.")
        return int(text)

    def _refused(self, fault: Exception, done: str) -> SourceError:
        """Return a refusal in words; pyzotero's own quote the whole reply."""
        if isinstance(fault, zotero_errors.UserNotAuthorisedError):
            remedy = "Set ZOTERO_API_KEY to a key that may do so (zotero.org/settings/keys)."
            return SourceError(f"The Zotero library {self.address} may not be {done} with this key. {remedy}")
        if isinstance(fault, zotero_errors.ResourceNotFoundError):
            return SourceError(f"Zotero knows no library {self.address}, or no such collection in it.")
        return SourceError(f"Zotero refused: the library {self.address} could not be {done} ({type(fault).__name__}).")


def _outcome(reply: Any, place: int, key: str) -> Outcome:
    """Return what a batch's reply says of one of its objects."""
    parts = {name: reply.get(name) or {} for name in ("successful", "success", "unchanged", "failed")}
    index = str(place)
    if index in parts["failed"]:
        fault = parts["failed"][index]
        code, message = int(fault.get("code", 0)), str(fault.get("message", ""))
        again = code in (409, 412, 428, 429) or code >= 500
        return Outcome(key, CONFLICT if again else FAILED, f"{code} {message}".strip())
    if index in parts["successful"] or index in parts["success"]:
        return Outcome(key, WRITTEN)
    if index in parts["unchanged"]:
        return Outcome(key, UNCHANGED)
    return Outcome(key, CONFLICT, "the reply does not account for it")
