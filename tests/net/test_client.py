"""A client is patient within bounds, and what it waits for is said."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from fake_http import Answer, serving

from evidence_review.net.client import Client, Timing
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Pace, Rate, Ticket
from evidence_review.net.store import temporary

RATE = Rate(100, 1.0, at_once=1)
BRISK = Timing(ceiling=1.0, tries=1, first_backoff=0.01, timeout=(5.0, 5.0))


class Listener:
    """Writes down what is said."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.said: list[str] = []

    def say(self, text: str) -> None:
        """Write it down."""
        self.said.append(text)

    def progress(self, source: str, done: int, total: int | None) -> None:
        """Do nothing."""


def ask(url: str, folder: Path, timing: Timing, listener: Listener) -> int:
    """Ask a server for something and return how many bytes came."""

    def look(reply: Reply) -> int:
        with reply.open() as stream:
            return len(stream.read())

    client = Client("Service", Pace(folder / "pace.json", RATE), RATE, (), listener, timing)
    with temporary() as store:
        return client.ask(Request(url, "/x"), store, look)


def test_an_answer_that_lets_people_wait_is_spoken_of_with_the_time_it_is_given_up(tmp_path: Path) -> None:
    """Nobody sits before a silent screen; a quick answer needs no words."""
    slow, quick = Listener(), Listener()
    timing = replace(BRISK, silent=0.2)
    with serving(lambda _: Answer(b"late", delay=0.5)) as server:
        assert ask(server.url, tmp_path, timing, slow) == 4
    with serving(lambda _: Answer(b"soon")) as server:
        assert ask(server.url, tmp_path, timing, quick) == 4
        time.sleep(0.3)
    (words,) = slow.said
    assert "no whole answer after 0 s; it is given up at" in words
    assert quick.said == []


def test_a_body_that_trickles_in_is_given_up(tmp_path: Path) -> None:
    """Each part comes in time, the whole does not: that is a failure by name, not an endless wait."""
    body = b"x" * (1 << 17)
    with serving(lambda _: Answer(body, fault="trickling")) as server:
        with pytest.raises(Failure, match="not whole after") as failure:
            ask(server.url, tmp_path, replace(BRISK, body=0.3), Listener())
        assert failure.value.kind == "timeout"
        assert ask(server.url, tmp_path, replace(BRISK, body=30.0), Listener()) == len(body)


def test_a_pace_that_leaves_no_room_ends_the_run_and_says_when_there_is(tmp_path: Path) -> None:
    """Another program holds the only place: the waits are added up, and beyond the ceiling the run stops cleanly."""
    other = Pace(tmp_path / "pace.json", RATE)
    assert isinstance(other.enter(), Ticket)
    listener = Listener()
    now = [time.time()]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    with serving(lambda _: Answer(b"soon")) as server:
        timing = replace(BRISK, sleep=sleep, now=lambda: now[0])
        with pytest.raises(Failure, match=r"leaves no room before .* UTC: run the command again then") as failure:
            ask(server.url, tmp_path, timing, listener)
        assert server.asked == []
    assert (failure.value.kind, failure.value.transient) == ("rate-limit", False)
