"""Whether two names may be of the same journal or proceedings: abbreviations, acronyms, subtitles. No list of names."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import fuzz

_SMALL = frozenset(
    (
        "and",
        "of",
        "the",
        "in",
        "for",
        "on",
        "de",
        "la",
        "le",
        "et",
        "fur",
        "und",
        "der",
        "y",
        "e",
        "del",
        "a",
        "an",
        "al",
    )
)
LIKE = 88
_ENOUGH = 3


def _words(name: str) -> list[str]:
    words = [word for word in name.split() if word not in _SMALL]
    return words or name.split()


def _shortens(short: str, full: str) -> bool:
    """Whether a word is an abbreviation: the same first letter, then its letters in their order."""
    if not full.startswith(short[0]):
        return False
    rest = iter(full)
    return all(letter in rest for letter in short)


def _abbreviates(short: list[str], full: list[str]) -> bool:
    """Whether every word of `short` shortens the word of `full` at its place."""
    return len(short) == len(full) and all(map(_shortens, short, full))


def _acronym(one: list[str], two: list[str]) -> bool:
    """Whether a word of the one is made of the first letters of the other: ICIS 2017, BMJ."""
    initials = "".join(word[0] for word in two)
    return len(initials) > 2 and initials in one


@lru_cache(maxsize=1 << 18)
def alike(one: str, two: str) -> bool:
    """Whether two normalised names may be of one venue."""
    if one == two or fuzz.token_set_ratio(one, two) >= LIKE:
        return True
    short, full = sorted((_words(one), _words(two)), key=lambda words: sum(map(len, words)))
    if _acronym(short, full) or _acronym(full, short):
        return True
    # A subtitle may follow: "Clin Cancer Res" and "Clinical Cancer Research: an official journal of …".
    return _abbreviates(short, full if len(short) < _ENOUGH else full[: len(short)])
