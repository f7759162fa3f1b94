"""Whether two names may be of the same journal or proceedings: abbreviations, acronyms, subtitles. No list of names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from rapidfuzz import fuzz

from evidence_review.commands.dedup.normalise import Form

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


# A journal with this many records is well known in a review.
WELL_KNOWN = 5
# Two names that bring so many of the rarer one's records together are names of one journal.
_TOGETHER, _SHARE = 3, 0.2


@dataclass(frozen=True, slots=True)
class Facts:
    """What a review's own records say of journals: which are well known, and which two names go together."""

    known: frozenset[str]
    together: frozenset[tuple[str, str]]

    def apart(self, one: str, two: str) -> bool:
        """Whether two journals are both well known, and known not to be one."""
        return one in self.known and two in self.known and (min(one, two), max(one, two)) not in self.together

    def changed(self, before: Facts) -> frozenset[str]:
        """Return the journals of which something else was known before."""
        pairs = self.together ^ before.together
        return (self.known ^ before.known) | {name for pair in pairs for name in pair}


def facts(forms: Sequence[Form]) -> Facts:
    """Learn from records that have title, first author and year in common under which names journals go.

    Where "SIGMOD Conference" and "Management of Data" share paper after paper they are one; where a society's guideline
    stands once in each of two journals they are not.
    """
    count = Counter(form.venue for form in forms if form.venue)
    known = frozenset(name for name, times in count.items() if times >= WELL_KNOWN)
    works: dict[tuple[str, str, int], set[str]] = {}
    for form in forms:
        if form.venue in known and form.title and form.first_author and form.year:
            works.setdefault((form.title, form.first_author, form.year), set()).add(form.venue)
    shared: Counter[tuple[str, str]] = Counter()
    for names in works.values():
        if 1 < len(names) < WELL_KNOWN:
            shared.update(combinations(sorted(names), 2))
    return Facts(known, together(shared, count))


def together(shared: Mapping[tuple[str, str], int], count: Mapping[str, int]) -> frozenset[tuple[str, str]]:
    """Return the pairs of names that share enough works, by how many works share them and how many have each."""
    return frozenset(
        pair for pair, times in shared.items() if times >= max(_TOGETHER, _SHARE * min(count[pair[0]], count[pair[1]]))
    )
