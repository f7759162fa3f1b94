"""The time of what is done."""

from __future__ import annotations

import datetime
import os


def now() -> datetime.datetime:
    """Return the time in UTC, to the second.

    `SOURCE_DATE_EPOCH` (https://reproducible-builds.org/specs/source-date-epoch/) sets it, so that the same work gives
    the same bytes.
    """
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if fixed:
        return datetime.datetime.fromtimestamp(int(fixed), datetime.UTC)
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def stamp(moment: datetime.datetime) -> str:
    """Return a moment as the event files hold it: `2026-11-23T09:30:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
