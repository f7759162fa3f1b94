"""How much decoded text looks like words: by this one legacy encoding is told from another, and from damage."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Quotes, dashes, degree, plus-minus, trademarks, micro, bullet, and the full-width comma and stop.
_TYPOGRAPHY = (
    "\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00b0\u00b1\u00a0\u00ae\u2122\u00a9\u00d7\u00b5\u2022\u3000\uff0c\u3002"
)
_LEGACY = ("cp1252", "gb18030", "mac_roman", "cp1251", "latin-1")
_HIGH = re.compile("[\u0080-\U0010ffff]")


def likeliest(sample: bytes) -> str:
    """Return the legacy encoding in which `sample` makes the most plausible words; of equals the more usual one."""
    return max(_LEGACY, key=lambda name: (plausibility(sample, name), -_LEGACY.index(name)))


def plausibility(sample: bytes, name: str) -> float:
    """Return how much `sample`, decoded as `name`, looks like words: a mean over its characters above 127."""
    text = sample.decode(name, "replace")
    score = 0.0
    count = 0
    for found in _HIGH.finditer(text):
        place, sign = found.start(), found.group()
        count += 1
        before = text[place - 1] if place else " "
        after = text[place + 1] if place + 1 < len(text) else " "
        score += _fit(sign, before, after)
    # A two-byte encoding makes one character of two bytes; each counts for both, so that sums compare.
    return score / max(count, 1)


@lru_cache(maxsize=1 << 14)
def _fit(sign: str, before: str, after: str) -> float:
    category = unicodedata.category(sign)
    if "\u0400" <= sign <= "\u04ff":
        # Cyrillic words are Cyrillic throughout.
        mixed = (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
        turned = category == "Lu" and before.islower()
        return -1.0 if mixed or turned or category not in {"Ll", "Lu"} else 1.15 if sign >= "\u0410" else 0.8
    if "\u00c0" <= sign <= "\u00ff" and before >= "\u00c0" and after >= "\u00c0":
        # No Latin script has three accented letters in a row as a habit.
        return -0.5
    if sign == "\ufffd" or category in {"Cc", "Co", "Cn"}:
        return -4.0
    if "\u4e00" <= sign <= "\u9fff":
        # A Chinese character stands beside others or beside punctuation; one inside a Latin word is an accident.
        return 1.1 if not (before.isascii() and before.isalpha()) or not (after.isascii() and after.isalpha()) else -2.0
    if category == "Ll":
        return 1.0 if before.isalpha() or after.isalpha() else 0.2
    if category == "Lu":
        return -1.0 if before.isalpha() and before.islower() else 0.6
    if sign in _TYPOGRAPHY:
        return 0.8
    return -0.5
