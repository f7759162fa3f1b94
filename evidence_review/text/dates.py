"""Years and dates in ISO 8601, as precise as the text is."""

from __future__ import annotations

import re
from functools import lru_cache

_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv january januar janvier enero ene gennaio gen janeiro januari",
            "feb february februar febr fevrier fév février fev febrero febbraio fevereiro februari",
            "mar march marz märz mars marzo março mrt maart mrz",
            "apr april avr avril abr abril aprile",
            "may mai mayo maggio mag maio mei",
            "jun june juni juin junio giugno giu junho",
            "jul july juli juil juillet julio luglio lug julho",
            "aug august aout août ago agosto augustus",
            "sep sept september septembre septiembre settembre set setembro",
            "oct october okt oktober octobre octubre ottobre ott outubro out",
            "nov november novembre noviembre novembro",
            "dec december dez dezember déc décembre decembre dic diciembre dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_EIGHT_DIGITS = re.compile(r"(1[4-9]\d\d|20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_ISO = re.compile(r"(1[4-9]\d\d|20\d\d)(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?![\d])")
_RIS = re.compile(r"(1[4-9]\d\d|20\d\d)/(\d{1,2})/(\d{1,2})?/")
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](1[4-9]\d\d|20\d\d)(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?\.?(?!\d)")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def year(text: str) -> int | None:
    """Return the first year from 1400 to 2099 in text, or None."""
    if len(text) == 4 and text.isdecimal() and text.isascii():
        return int(text) if 1400 <= int(text) < 2100 else None
    match = _YEAR.search(text) or _EIGHT_DIGITS.match(text.strip())
    return int(match.group(1)) if match else None


@lru_cache(maxsize=8192)
def date(text: str) -> str:
    """Return a date in ISO 8601, as precise as the text is: `2015 Dec 14`, `2015/12//`, `Spring 2015`.

    A range of months and an ambiguous `03/04/2015` give the year alone: which month is not known.
    """
    text = text.strip()
    when = year(text)
    if when is None:
        return ""
    if len(text) == 4:
        return text
    if match := _EIGHT_DIGITS.match(text):
        return _iso(int(match.group(1)), int(match.group(2)), int(match.group(3)))
    if match := _RIS.match(text):
        # What follows the third slash, such as "Feb2020", says the same again in words.
        return _iso(when, int(match.group(2)), int(match.group(3) or 0))
    if match := _DAY_FIRST.search(text):
        one, two = int(match.group(1)), int(match.group(2))
        if one > 12 or one == two:
            return _iso(when, two, one)
        return _iso(when, one, two) if two > 12 else str(when)
    months = [_MONTHS[word] for word in (found.lower() for found in _WORD.findall(text)) if word in _MONTHS]
    if months:
        if len(set(months)) > 1:
            return str(when)
        rest = text.replace(str(when), " ", 1)
        days = {int(found) for found in _DAY.findall(rest)}
        return _iso(when, months[0], days.pop() if len(days) == 1 else 0)
    if (match := _ISO.match(text)) is not None:
        return _iso(when, int(match.group(2) or 0), int(match.group(3) or 0))
    return str(when)


def _iso(year: int, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        return f"{year:04d}"
    if not 1 <= day <= _DAYS[month - 1]:
        return f"{year:04d}-{month:02d}"
    return f"{year:04d}-{month:02d}-{day:02d}"
