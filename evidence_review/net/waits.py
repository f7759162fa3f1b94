"""What a service's headers ask for: how long to wait, how often to come, what is left of a budget."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from evidence_review.net.pace import Rate

# A year: whoever asks for more means something else, and dates have an end.
_LONGEST = 366 * 86_400.0


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that `Retry-After` or `Backoff` ask to wait (RFC 9110, 10.2.3), None where neither does."""
    for name in ("retry-after", "backoff"):
        value = headers.get(name, "").strip()
        if not value:
            continue
        try:
            seconds = float(value)
        except ValueError:
            try:
                seconds = parsedate_to_datetime(value).timestamp() - now
            except (ValueError, TypeError, OverflowError):
                continue
        if math.isfinite(seconds):
            return min(max(0.0, seconds), _LONGEST)
    return None


def _number(headers: Mapping[str, str], *names: str) -> float | None:
    for name in names:
        try:
            number = float(headers[name])
        except (KeyError, ValueError):
            continue
        if math.isfinite(number):
            return min(number, _LONGEST)
    return None


def budget_left(headers: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Return (what is left of the budget, seconds until it is filled again), None for what the headers do not say.

    OpenAlex counts dollars (`x-ratelimit-remaining-usd`), Elsevier requests of the week (`x-ratelimit-remaining`).
    """
    left = _number(headers, "x-ratelimit-remaining-usd", "x-ratelimit-remaining")
    return left, _number(headers, "x-ratelimit-reset")


def told_rate(headers: Mapping[str, str], standing: Rate) -> Rate | None:
    """Return the rate that the headers set, filled up from `standing`; None where they say nothing of it.

    Crossref: `x-rate-limit-limit: 10`, `x-rate-limit-interval: 1s`, `x-concurrency-limit: 3`. NCBI sends
    `x-ratelimit-limit` per second; as others mean a day by it, it counts only where the interval is known.
    """
    limit = _number(headers, "x-rate-limit-limit", "x-ratelimit-limit")
    interval = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h)?\s*", headers.get("x-rate-limit-interval", ""))
    seconds = standing.seconds
    if interval:
        seconds = float(interval[1]) * {"s": 1, "m": 60, "h": 3600, None: 1}[interval[2]]
    at_once = _number(headers, "x-concurrency-limit")
    if not interval and not at_once and not standing.header_interval:
        return None
    known = bool(interval) or standing.header_interval
    return Rate(
        requests=int(limit) if known and limit and limit >= 1 else standing.requests,
        seconds=seconds if seconds > 0 else standing.seconds,
        at_once=int(at_once) if at_once and at_once >= 1 else standing.at_once,
        header_interval=standing.header_interval,
    )


def clock(moment: float) -> str:
    """Return a time as people read it: `10:31:02 UTC`, with the day where it is not today."""
    when = datetime.datetime.fromtimestamp(moment, datetime.UTC)
    same_day = when.date() == datetime.datetime.now(datetime.UTC).date()
    return when.strftime("%H:%M:%S UTC" if same_day else "%Y-%m-%d %H:%M UTC")
