"""Dates as precise as they are known; what could be two days is refused."""

from __future__ import annotations

import datetime
import re

from evidence_review.forms.fault import CellFault

_ISO = re.compile(r"^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ]00:00(?::00(?:\.0+)?)?)?$")
_NUMERIC = re.compile(r"^(\d{1,2})([./-])(\d{1,2})\2(\d{4})$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDS = re.compile(r"^(?:(\d{1,2})\.?[ -])?([A-Za-z]{3})[A-Za-z]*\.?,?[ -](\d{4})$")
_HOW = "Write it as year-month-day, such as 2015-12-14; a year or year-month will do."


def date(text: str) -> str:
    """Return an ISO 8601 date: `2015`, `2015-12` or `2015-12-14`.

    `14/12/2015`, `14.12.2015` and `14 Dec 2015` are understood; `04/12/2015` could be two days and is refused.

    Raises:
        CellFault: it is no date, or could be two.
    """
    bare = text.strip()
    if found := _ISO.match(bare):
        year, month, day = found.groups()
        return _made(text, year, month, day)
    if found := _NUMERIC.match(bare):
        first, mark, second, year = found.groups()
        if mark != "." and int(first) <= 12 and int(second) <= 12 and first.zfill(2) != second.zfill(2):
            raise CellFault(f"'{text}' could be two different days", _HOW)
        day, month = (second, first) if mark != "." and int(second) > 12 else (first, second)
        return _made(text, year, month, day)
    if (found := _WORDS.match(bare)) and found[2].lower() in _MONTHS:
        return _made(text, found[3], str(_MONTHS.index(found[2].lower()) + 1), found[1])
    raise CellFault(f"'{text}' is not a date", _HOW)


def _made(text: str, year: str, month: str | None, day: str | None) -> str:
    try:
        datetime.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise CellFault(f"'{text}' is not a day of the calendar", _HOW) from None
    return "-".join([year, *(part.zfill(2) for part in (month, day) if part)])
