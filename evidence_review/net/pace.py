"""How often a service is asked, agreed between all processes of one machine through one small file.

A request may go out when fewer than the allowed number can have reached the service within the period. Since nobody
knows when between sending and answer a request arrived, each one counts from the moment it was sent until one period
after its answer came: so the service never sees more than the limit in any period, however the processes are scheduled.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from evidence_review.net.failures import Failure

# A request whose process died, or whose answer is slow, is taken to have arrived after this many seconds.
IN_FLIGHT = 5.0
_LONGEST_LOCK = 30.0
_LONGEST_COOL_DOWN = 3600.0


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `requests` in any `seconds`, and at most `at_once` unanswered.

    `header_interval` says that the service's own limit header speaks of `seconds`, too.
    """

    requests: int
    seconds: float = 1.0
    at_once: int = 3
    header_interval: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that was let out."""

    number: int


@dataclass(frozen=True, slots=True)
class _Sent:
    number: int
    at: float
    done: float | None

    def until(self, rate: Rate) -> float:
        """Return when it stops counting."""
        return (self.done if self.done is not None else self.at + IN_FLIGHT) + rate.seconds


@dataclass(frozen=True, slots=True)
class _State:
    sent: tuple[_Sent, ...] = ()
    next: int = 1
    not_before: float = 0.0
    told: Rate | None = None


class Pace:
    """The pace of one service under one key. `path` is the file that all processes share."""

    def __init__(self, path: Path, rate: Rate, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._rate = rate
        self._clock = clock
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(path.with_suffix(".lock"), timeout=_LONGEST_LOCK, poll_interval=0.005)

    def enter(self) -> Ticket | float:
        """Return a ticket when a request may go out now, else the seconds to wait before asking again."""
        with self._held():
            now = self._clock()
            state = self._read(now)
            rate = state.told or self._rate
            if state.not_before > now:
                return state.not_before - now
            live = tuple(item for item in state.sent if item.until(rate) > now)
            unanswered = [item for item in live if item.done is None and item.at + IN_FLIGHT > now]
            if len(live) >= rate.requests or len(unanswered) >= rate.at_once:
                # An unanswered request may be answered at any moment: look again soon.
                ends = min((item.until(rate) for item in live), default=now)
                return min(max(ends - now, 0.005), 0.05 if unanswered else rate.seconds)
            self._write(replace(state, sent=(*live, _Sent(state.next, now, None)), next=state.next + 1))
            return Ticket(state.next)

    def leave(self, ticket: Ticket, told: Rate | None = None, wait: float = 0.0) -> None:
        """Say that the answer came; pass on the rate that its headers set and the wait that it asked for."""
        with self._held():
            now = self._clock()
            state = self._read(now)
            sent = tuple(replace(item, done=now) if item.number == ticket.number else item for item in state.sent)
            not_before = max(state.not_before, now + wait) if wait else state.not_before
            self._write(replace(state, sent=sent, not_before=not_before, told=told or state.told))

    @property
    def rate(self) -> Rate:
        """The rate in force: what the service's headers last said, else our own."""
        with self._held():
            return self._read(self._clock()).told or self._rate

    @contextmanager
    def _held(self) -> Iterator[None]:
        try:
            self._lock.acquire()
        except Timeout:
            raise Failure(
                "timeout",
                f"another process has held {self._path.with_suffix('.lock')} for {_LONGEST_LOCK:.0f} s; if none runs, "
                "remove it",
                transient=False,
            ) from None
        try:
            yield
        finally:
            self._lock.release()

    def _read(self, now: float) -> _State:
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            return _State(
                # A clock that was set back must not stop us for long.
                sent=tuple(_Sent(**item) for item in data["sent"] if item["at"] <= now + 1.0),
                next=int(data["next"]),
                not_before=min(float(data["not_before"]), now + _LONGEST_COOL_DOWN),
                told=Rate(**data["told"]) if data["told"] else None,
            )
        except (OSError, ValueError, KeyError, TypeError):
            return _State()

    def _write(self, state: _State) -> None:
        draft = self._path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(asdict(state)), encoding="utf-8")
        with suppress(PermissionError):  # Windows, while a virus scanner reads the old one: the next call tries again
            draft.replace(self._path)


def pace_file(folder: Path, service: str, base: str, secret: str) -> Path:
    """Return the file that paces `service` at `base` under one key. Of the key only 32 bits of a hash are written."""
    digest = hashlib.sha256(f"{service}\0{base}\0{secret}".encode()).hexdigest()[:8]
    return folder / f"{service}-{digest}.json"
