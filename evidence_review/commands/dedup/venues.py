"""Whether two names may be of the same journal or proceedings: abbreviations, acronyms, subtitles. No list of names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

from rapidfuzz import fuzz

from evidence_review.commands.dedup.form import Form

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
_ENOUGH, _LONG = 3, 10


def _words(name: str) -> list[str]:
    """Return the words that tell a venue: no small ones, no year or count of a meeting (2014, 12th)."""
    words = [word for word in name.split() if word not in _SMALL and not word[0].isdigit()]
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
    if one == two or fuzz.token_set_ratio(one, two, score_cutoff=LIKE):
        return True
    short, full = sorted((_words(one), _words(two)), key=lambda words: sum(map(len, words)))
    if len(short) > 1 and set(short) <= set(full):
        return True
    # Syllables parted or not, and a translation after them: "Zhongguo zhen jiu = Chinese acupuncture".
    if len(joined := "".join(short)) >= _LONG and "".join(full).startswith(joined):
        return True
    if _acronym(short, full) or _acronym(full, short):
        return True
    # A subtitle may follow: "Clin Cancer Res" and "Clinical Cancer Research: an official journal of …".
    return _abbreviates(short, full if len(short) < _ENOUGH else full[: len(short)])


# What serials and meetings call themselves in their names, in full and abbreviated.
_SERIAL = frozenset(
    ("journal", "j", "transactions", "trans", "annals", "ann", "archives", "arch", "review", "reviews", "rev",
     "letters", "lett", "magazine", "quarterly", "bulletin", "bull")
)  # fmt: skip
_MEETING = frozenset(
    ("proceedings", "proc", "conference", "conf", "symposium", "symp", "workshop", "congress", "meeting", "colloquium")
)


@lru_cache(maxsize=1 << 18)
def _medium(name: str) -> str:
    """Return what a name says of itself: serial or meeting; "" where it says neither or both."""
    words = set(name.split())
    serial, meeting = not words.isdisjoint(_SERIAL), not words.isdisjoint(_MEETING)
    return "" if serial == meeting else ("serial" if serial else "meeting")


# A journal with this many records is well known in a review.
WELL_KNOWN = 5
# Two names that bring so many of the rarer one's records together are names of one journal.
_TOGETHER, _SHARE = 3, 0.2
# Where so many of the works found twice stand under two names that nothing brings together, names say little.
_WORKS, _LOOSE = 20, 0.2


@dataclass(frozen=True, slots=True)
class Facts:
    """What a review's own records say of journals.

    `known` are those that are well known, `together` pairs of names that are of one journal; `loose` is whether names
    are written in so many ways, as search engines do, that another name does not mean another journal.
    """

    known: frozenset[str]
    together: frozenset[tuple[str, str]]
    loose: bool = False

    def one(self, one: str, two: str) -> bool:
        """Whether two names are of one journal: alike, or brought together by this review's records."""
        return (min(one, two), max(one, two)) in self.together or (_media(one, two) and alike(one, two))

    def apart(self, one: str, two: str) -> bool:
        """Whether two names are known not to be of one: both are well known here, or a journal's and a meeting's."""
        if (min(one, two), max(one, two)) in self.together:
            return False
        return (one in self.known and two in self.known) or not _media(one, two)

    def changed(self, before: Facts) -> frozenset[str]:
        """Return the journals of which something else was known before; `loose` is for the caller to compare."""
        pairs = self.together ^ before.together
        return (self.known ^ before.known) | {name for pair in pairs for name in pair}


def _media(one: str, two: str) -> bool:
    """Whether two names may be of one medium: not a journal's and a meeting's."""
    return {_medium(one), _medium(two)} != {"serial", "meeting"}


def facts(forms: Sequence[Form]) -> Facts:
    """Learn from records that have title, first author and year in common under which names journals go.

    Where "SIGMOD Conference" and "Management of Data" share paper after paper they are one; where a society's guideline
    stands once in each of two journals they are not.
    """
    count = Counter(form.venue for form in forms if form.venue)
    first: dict[tuple[str, str, int], str] = {}
    works: dict[tuple[str, str, int], set[str]] = {}
    for form in forms:
        if form.venue and form.title and form.first_author and form.year:
            work = form.title, form.first_author, form.year
            name = first.get(work)
            if name is None:
                first[work] = form.venue
            else:
                works.setdefault(work, {name}).add(form.venue)
    named = Counter(tuple(sorted(names)) for names in works.values() if len(names) > 1)
    return learnt(count, len(works), named.items())


def learnt(count: Mapping[str, int], twice: int, named: Iterable[tuple[Sequence[str], int]]) -> Facts:
    """Return what is known of journals.

    Args:
        count: how many records each name has.
        twice: how many works have more than one record.
        named: the names, sorted, under which such works stand, where there are several, with the number of works.
    """
    known = frozenset(name for name, times in count.items() if times >= WELL_KNOWN)
    shared: Counter[tuple[str, str]] = Counter()
    for names, times in named:
        if len(names) < WELL_KNOWN:
            for one, two in combinations(names, 2):
                shared[one, two] += times
    together = frozenset(
        pair
        for pair, times in shared.items()
        if known.issuperset(pair) and times >= max(_TOGETHER, _SHARE * min(count[pair[0]], count[pair[1]]))
    )
    found = Facts(known, together)
    strange = sum(times for pair, times in shared.items() if not found.one(*pair))
    return replace(found, loose=twice >= _WORKS and strange > _LOOSE * twice)
