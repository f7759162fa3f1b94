"""The loop around every request: pace, send, keep, look, and try again - or stop with a name for what went wrong."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import requests
import urllib3

from evidence_review import __version__
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Pace, Rate, Ticket
from evidence_review.net.scrub import Scrubber
from evidence_review.net.store import SUCCESS, Store
from evidence_review.net.talk import Quiet, Talk
from evidence_review.net.waits import asked_wait, clock, told_rate

# No single wait and no sum of waits for one request is longer; a service that asks for more is left for later.
CEILING = 120.0
SILENT = 5.0
TRIES = 5
_TIMEOUT = (10.0, 60.0)
# A large page over a slow line may take minutes; what takes longer has stopped in all but name.
_MOST_BODY = 600.0
_CHUNK = 1 << 13
_FIRST_BACKOFF = 1.0
_MORE_WHEN_CROWDED = 2
_MAX_BODY = 1 << 30

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Timing:
    """How patient a client is; tests make it brisk. Times are in seconds; `rate` stands in for a source's.

    `timeout` is for the connection and for each part of an answer, `body` for the whole of it; a wait of `silent` is
    spoken of.
    """

    ceiling: float = CEILING
    tries: int = TRIES
    first_backoff: float = _FIRST_BACKOFF
    timeout: tuple[float, float] = _TIMEOUT
    body: float = _MOST_BODY
    silent: float = SILENT
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    rate: Rate | None = None


@dataclass
class Client:
    """Asks one service. `secrets` are scrubbed from all that is kept or said."""

    service: str
    pace: Pace
    rate: Rate
    secrets: tuple[str, ...] = ()
    talk: Talk = field(default_factory=Quiet)
    timing: Timing = field(default_factory=Timing)

    def __post_init__(self) -> None:
        """Make the connection pool and the scrubber."""
        self._scrubber = Scrubber(self.secrets)
        self._session = requests.Session()
        # .netrc and proxies with passwords belong to other programs; proxy variables are still honoured.
        self._session.auth = _no_auth
        self._session.headers.update({"User-Agent": f"evidence-review/{__version__}", "Accept-Encoding": "gzip"})

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def ask(self, request: Request, store: Store, look: Callable[[Reply], Seen]) -> Seen:
        """Return what `look` makes of the answer. It is kept in `store` before it is looked at.

        Raises:
            Failure: after the last try, or at once where trying again cannot help.
        """
        waited = 0.0
        attempt = 1
        while True:
            try:
                return self._try(request, store, look)
            except Failure as failure:
                # A crowded service (Semantic Scholar without a key) lets one in five through and never says when.
                tries = self.timing.tries + (_MORE_WHEN_CROWDED if failure.kind == "rate-limit" else 0)
                wait = self._patience(failure, attempt, tries, waited)
                self._wait(wait, f"{failure.message} (try {attempt} of {tries})")
                waited += wait
                attempt += 1

    def _patience(self, failure: Failure, attempt: int, tries: int, waited: float) -> float:
        """Return how long to wait before the next try; raise the failure where there is none."""
        if not failure.transient or attempt >= tries:
            raise failure
        wait = failure.wait if failure.wait is not None else self.timing.first_backoff * 2 ** (attempt - 1)
        if wait + waited > self.timing.ceiling:
            until = self.timing.now() + wait
            raise Failure(
                failure.kind,
                f"{failure.message}. It asks to wait until {clock(until)}, longer than the {self.timing.ceiling:.0f} s "
                "that a run waits: run the command again then; what was fetched is kept.",
                transient=False,
                until=datetime.datetime.fromtimestamp(until, datetime.UTC),
            ) from failure
        return wait

    def _wait(self, seconds: float, why: str) -> None:
        if seconds >= self.timing.silent:
            until = clock(self.timing.now() + seconds)
            self.talk.say(f"{self.service}: waiting {seconds:.0f} s, until {until}: {self._scrubber.text(why)}")
        if seconds > 0:
            self.timing.sleep(seconds)

    def _enter(self) -> Ticket:
        """Wait for our turn."""
        waited, told = 0.0, False
        while True:
            turn = self.pace.enter()
            if isinstance(turn, Ticket):
                return turn
            if turn + waited > self.timing.ceiling:
                raise self._no_turn(turn)
            if turn >= self.timing.silent or (waited >= self.timing.silent and not told):
                ends = clock(self.timing.now() + turn)
                self.talk.say(f"{self.service}: waiting for its pace, until {ends}")
                told = True
            self.timing.sleep(turn)
            waited += turn

    def _no_turn(self, turn: float) -> Failure:
        until = self.timing.now() + turn
        return Failure(
            "rate-limit",
            f"{self.service}'s pace, which all programs on this machine share, leaves no room before {clock(until)}: "
            "run the command again then; what was fetched is kept.",
            transient=False,
            until=datetime.datetime.fromtimestamp(until, datetime.UTC),
        )

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Say when an answer lets people wait, and until when it may."""
        until = clock(self.timing.now() + sum(self.timing.timeout))
        waited = f"{self.timing.silent:.0f} s"
        words = f"{self.service}: no whole answer after {waited}; it is given up at {until} if nothing comes"
        watch = threading.Timer(self.timing.silent, self.talk.say, (words,))
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _try(self, request: Request, store: Store, look: Callable[[Reply], Seen]) -> Seen:
        ticket = self._enter()
        told: Rate | None = None
        cool_down = 0.0
        try:
            reply = self._send(request, store)
            told = told_rate(reply.headers, self.rate)
            asked = asked_wait(reply.headers, self.timing.now())
            try:
                seen = look(reply)
            except Failure as failure:
                store.note(request, reply, failure.kind)
                if failure.transient and failure.wait is None and asked is not None:
                    failure.wait = asked
                if failure.kind == "rate-limit" and failure.transient:
                    cool_down = min(failure.wait or 0.0, 3600.0)
                raise
            store.note(request, reply, SUCCESS)
            cool_down = asked or 0.0
            return seen
        finally:
            self.pace.leave(ticket, told, cool_down)

    def _send(self, request: Request, store: Store) -> Reply:
        try:
            with (
                self._watched(),
                self._session.request(
                    request.method,
                    request.base + request.path,
                    params=[*request.params, *request.secret_params] if request.form is None else None,
                    data=[*request.form, *request.secret_params] if request.form is not None else None,
                    headers=dict(request.secret_headers),
                    timeout=self.timing.timeout,
                    stream=True,
                    # A key must not follow a redirect to another host.
                    allow_redirects=False,
                ) as response,
            ):
                headers = {name: self._scrubber.text(value) for name, value in response.headers.items()}
                chunks = self._in_time(_chunks(response))
                return store.keep(request, response.status_code, headers, self._scrubber.stream(chunks))
        except requests.exceptions.Timeout:
            raise Failure("timeout", f"{self.service} did not answer in time") from None
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as fault:
            raise Failure("truncated", f"{self.service}'s answer broke off ({self._words(fault)})") from None
        except urllib3.exceptions.HTTPError as fault:
            raise Failure("truncated", f"{self.service}'s answer broke off ({self._words(fault)})") from None
        except requests.exceptions.RequestException as fault:
            # The library's words hold the address with its secrets.
            raise Failure("network", f"{self.service} could not be reached ({self._words(fault)})") from None

    def _in_time(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the parts of a body; one that trickles in for longer than `body` seconds is given up."""
        end = self.timing.now() + self.timing.body
        for chunk in chunks:
            if self.timing.now() > end:
                raise Failure("timeout", f"{self.service}'s answer was not whole after {self.timing.body:.0f} s")
            yield chunk

    def _words(self, fault: BaseException) -> str:
        """Return the name of the innermost cause: never a text that may hold an address."""
        cause: BaseException = fault
        seen = 0
        while seen < 8:
            inner = (
                cause.__cause__
                or cause.__context__
                or next((item for item in cause.args if isinstance(item, BaseException)), None)
                or getattr(cause, "reason", None)
            )
            if not isinstance(inner, BaseException):
                break
            cause, seen = inner, seen + 1
        text = (
            f"{type(cause).__name__}: {cause}"
            if isinstance(cause, OSError) and cause.strerror
            else type(cause).__name__
        )
        return self._scrubber.text(text)[:200]


def _no_auth(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def _chunks(response: requests.Response) -> Iterator[bytes]:
    size = 0
    for chunk in response.iter_content(_CHUNK):
        size += len(chunk)
        if size > _MAX_BODY:
            raise Failure("too-large", f"the answer has more than {_MAX_BODY:,} bytes")
        yield chunk
