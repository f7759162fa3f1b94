"""What a service's headers ask for is understood, and nothing that they may hold breaks the program."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_review.net.pace import Rate
from evidence_review.net.waits import asked_wait, budget_left, clock, told_rate

OURS = Rate(3, 1.0, at_once=2)
NOW = 1_790_000_000.0
WAITS = {
    "7": 7.0,
    "0": 0.0,
    "1.5": 1.5,
    "-3": 0.0,
    "Mon, 21 Sep 2026 14:19:40 GMT": 380.0,
    "Mon, 21 Sep 2020 13:47:00 GMT": 0.0,
    "soon": None,
    "": None,
    "inf": None,
    "nan": None,
    "99999999999999999999": 366 * 86_400.0,
}


@pytest.mark.parametrize("value", WAITS)
@pytest.mark.parametrize("name", ["retry-after", "backoff"])
def test_a_wait_is_seconds_or_a_date(name: str, value: str) -> None:
    """Both forms of RFC 9110 are read; nonsense is no wait, and an absurd one has an end."""
    assert asked_wait({name: value}, NOW) == WAITS[value]


RATES = {
    "limit and interval": ({"x-rate-limit-limit": "50", "x-rate-limit-interval": "1s"}, Rate(50, 1.0, 2)),
    "per minute": ({"x-rate-limit-limit": "30", "x-rate-limit-interval": "1m"}, Rate(30, 60.0, 2)),
    "concurrency": ({"x-concurrency-limit": "1"}, Rate(3, 1.0, 1)),
    "a limit without an interval": ({"x-ratelimit-limit": "1000"}, None),
    "nothing": ({}, None),
    "nonsense": ({"x-rate-limit-limit": "many", "x-rate-limit-interval": "1s"}, Rate(3, 1.0, 2)),
    "nought": ({"x-rate-limit-limit": "0", "x-rate-limit-interval": "0s"}, Rate(3, 1.0, 2)),
}


@pytest.mark.parametrize("name", RATES)
def test_a_rate_counts_where_its_interval_is_known(name: str) -> None:
    """A limit that may mean a day is not taken for one of a second."""
    headers, expected = RATES[name]
    assert told_rate(headers, OURS) == expected


def test_a_source_whose_limit_is_known_to_be_per_second() -> None:
    """NCBI sends no interval; its source says what the limit means."""
    ncbi = Rate(3, 1.0, at_once=3, header_interval=True)
    assert told_rate({"x-ratelimit-limit": "10"}, ncbi) == Rate(10, 1.0, 3, header_interval=True)


NAMES = ("retry-after", "backoff", "x-rate-limit-limit", "x-ratelimit-limit", "x-rate-limit-interval",
         "x-concurrency-limit", "x-ratelimit-remaining", "x-ratelimit-remaining-usd", "x-ratelimit-reset")  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=12), st.integers().map(str), st.floats().map(str), st.sampled_from(["1s", "0m", "٣", "1e400"])
)


# On a busy machine drawing text alone can take long; how fast it is says nothing of the headers.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_no_header_breaks_anything(headers: dict[str, str]) -> None:
    """Whatever stands there, there is a sane rate, a wait that has an end, and words for it."""
    wait = asked_wait(headers, NOW)
    assert wait is None or 0.0 <= wait <= 366 * 86_400.0
    assert clock(NOW + (wait or 0.0))
    rate = told_rate(headers, OURS)
    assert rate is None or (rate.requests >= 1 and rate.seconds > 0 and rate.at_once >= 1)
    assert all(value is None or abs(value) < float("inf") for value in budget_left(headers))
