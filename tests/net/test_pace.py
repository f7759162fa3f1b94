"""However many processes ask, a service never sees more than its limit; what its headers say changes the pace."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

from fake_http import Answer, Asked, Server, serving
from hypothesis import given
from hypothesis import strategies as st

from evidence_review.net.client import Client, Timing
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.pace import Pace, Rate, Ticket, pace_file
from evidence_review.net.store import temporary

LIMIT = Rate(8, 1.0, at_once=4)


def ask_many(path: str, url: str, count: int) -> None:
    """Ask a server `count` times at the shared pace (the work of one process)."""
    client = Client("service", Pace(Path(path), LIMIT), LIMIT, timing=Timing())
    with temporary() as store:
        for number in range(count):
            client.ask(Request(url, f"/{number}"), store, lambda reply: reply.status)


def most_in_any(times: list[float], seconds: float) -> int:
    """Return the largest number of moments in any window of `seconds`."""
    ordered = sorted(times)
    return max(
        sum(begin <= moment < begin + seconds for moment in ordered[place:]) for place, begin in enumerate(ordered)
    )


def test_four_processes_never_exceed_the_limit_in_any_second(tmp_path: Path) -> None:
    """Measured where it counts, at the server: no window of one second holds more than eight arrivals."""
    with serving(lambda _: Answer(b"{}")) as server:
        start = multiprocessing.get_context("spawn")
        crowd = [start.Process(target=ask_many, args=(str(tmp_path / "pace.json"), server.url, 8)) for _ in range(4)]
        for process in crowd:
            process.start()
        for process in crowd:
            process.join()
        assert [process.exitcode for process in crowd] == [0, 0, 0, 0]
    arrivals = [asked.when for asked in server.asked]
    assert len(arrivals) == 32
    assert most_in_any(arrivals, LIMIT.seconds) <= LIMIT.requests


def test_a_changed_rate_header_changes_the_pace(tmp_path: Path) -> None:
    """After the service says two in a second, no second holds more than two; and a higher limit is taken up again."""

    def answer(_: Asked) -> Answer:
        limit = "2" if 3 <= len(server.asked) < 9 else "50"
        return Answer(b"{}", 200, {"X-Rate-Limit-Limit": limit, "X-Rate-Limit-Interval": "1s"})

    server: Server
    with serving(answer) as server:
        ask_many(str(tmp_path / "pace.json"), server.url, 20)
    arrivals = [asked.when for asked in server.asked]
    assert most_in_any(arrivals[3:9], 1.0) <= 2
    assert arrivals[8] - arrivals[3] >= 2.0
    # Two in a second would take five.
    assert arrivals[19] - arrivals[9] < 4.0


def test_a_wait_that_one_process_is_asked_for_holds_for_all(tmp_path: Path) -> None:
    """Retry-After reaches every process through the shared file."""
    one, other = (Pace(tmp_path / "pace.json", LIMIT) for _ in range(2))
    ticket = one.enter()
    assert isinstance(ticket, Ticket)
    one.leave(ticket, wait=30.0)
    turn = other.enter()
    assert isinstance(turn, float)
    assert 29.0 < turn <= 30.0


@given(st.lists(st.floats(0.0, 0.4), min_size=1, max_size=40), st.integers(1, 5), st.floats(0.0, 0.3))
def test_no_schedule_of_one_process_breaks_the_limit(gaps: list[float], limit: int, latency: float) -> None:
    """Whenever a request is let out and wherever within its latency it arrives, no period holds too many."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        now = [1000.0]
        pace = Pace(Path(folder) / "pace.json", Rate(limit, 1.0, at_once=99), clock=lambda: now[0])
        arrivals = []
        for number, gap in enumerate(gaps[:12]):
            now[0] += gap
            while isinstance(turn := pace.enter(), float):
                now[0] += turn
            arrivals.append(now[0] + latency * (number % 2))
            now[0] += latency
            pace.leave(turn)
        assert most_in_any(arrivals, 0.999) <= limit


def test_a_request_whose_process_died_does_not_block_for_long(tmp_path: Path) -> None:
    """What was never answered is taken to have arrived, after some seconds."""
    now = [1000.0]
    pace = Pace(tmp_path / "pace.json", Rate(1, 1.0, at_once=1), clock=lambda: now[0])
    assert isinstance(pace.enter(), Ticket)
    assert isinstance(pace.enter(), float)
    now[0] += 6.1
    assert isinstance(pace.enter(), Ticket)


def test_a_damaged_or_foreign_pace_file_is_begun_anew(tmp_path: Path) -> None:
    """The file is only a courtesy between processes: nothing breaks when it does."""
    path = tmp_path / "pace.json"
    for text in ("", "{", '{"sent": 3}', "[]", '{"sent": [{"x": 1}], "next": 1, "not_before": 0, "told": null}'):
        path.write_text(text, encoding="utf-8")
        assert isinstance(Pace(path, LIMIT).enter(), Ticket)


def test_keys_pace_apart_and_are_not_in_the_file_name(tmp_path: Path) -> None:
    """Two keys have two budgets; neither can be read from the name."""
    key = "0123456789abcdef"
    assert pace_file(tmp_path, "s", "u", key) != pace_file(tmp_path, "s", "u", "")
    assert key not in str(pace_file(tmp_path, "s", "u", key))


def test_a_long_wait_is_said_with_the_time_it_ends(tmp_path: Path) -> None:
    """No wait over five seconds is silent."""
    said: list[str] = []
    slept: list[float] = []

    class Listener:
        def say(self, text: str) -> None:
            said.append(text)

        def progress(self, source: str, done: int, total: int | None) -> None:
            return

    now = [time.time()]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    def look(reply: Reply) -> int:
        from evidence_review.net.failures import Failure

        if reply.status != 200:
            raise Failure("rate-limit", "too many")
        return reply.status

    timing = Timing(sleep=sleep, now=lambda: now[0])
    pace = Pace(tmp_path / "pace.json", LIMIT, clock=lambda: now[0])
    with serving(lambda _: Answer(b"{}")) as server, temporary() as store:
        server.faults = {1: Answer(b"", 429, {"Retry-After": "7"})}
        assert (
            Client("Service", pace, LIMIT, talk=Listener(), timing=timing).ask(Request(server.url, "/"), store, look)
            == 200
        )
    assert sum(slept) >= 7
    assert any(text.startswith("Service: waiting 7 s, until ") and "UTC" in text for text in said)
