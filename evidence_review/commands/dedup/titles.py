"""How two titles differ that are not the same: in spelling, in length, or in words that change the meaning."""

from __future__ import annotations

from collections import Counter

from rapidfuzz.distance import OSA

SPELLING, PART, EXTRA, SWAP = "spelling", "part", "extra", "swap"
_SMALL = frozenset(("a", "an", "the", "of", "in", "on", "for", "and", "to", "with", "at", "by", "from", "or", "s"))
_MIN_WORDS, _MIN_LETTERS = 3, 15


def _same_word(one: str, two: str) -> bool:
    """Whether two words are one in two spellings: tumour and tumor; not male and female, nor 3 and 5."""
    shorter = min(len(one), len(two))
    if not (one.isalpha() and two.isalpha()):
        return False
    if shorter >= 5:
        return OSA.distance(one, two, score_cutoff=1) <= 1
    return False


def _without(words: list[str], others: list[str]) -> list[str]:
    """Return the words that the others have not, or have fewer times."""
    once = set(words)
    if len(once) == len(words):
        rest = once.difference(others)
        return [word for word in words if word in rest] if rest else []
    return list((Counter(words) - Counter(others)).elements())


def _pair_off(left: list[str], right: list[str]) -> tuple[list[str], list[str]]:
    rest = list(right)
    unmatched = []
    for word in left:
        twin = next((other for other in rest if _same_word(word, other)), None)
        if twin is None:
            unmatched.append(word)
        else:
            rest.remove(twin)
    return unmatched, rest


def may_be_one(one: str, two: str) -> bool:
    """Whether two titles not alike as a whole may still be one: a part of it, or its words in another order."""
    short, full = sorted((one, two), key=len)
    if full.startswith(short) or full.endswith(short):
        return True
    return abs(len(full) - len(short)) < _MIN_LETTERS and sorted(one.split()) == sorted(two.split())


def difference(one: str, two: str) -> str:
    """Return how two normal titles differ: spelling, part (one is cut), extra (one has words more) or swap."""
    first, second = one.split(), two.split()
    left, right = _pair_off(_without(first, second), _without(second, first))
    left = [word for word in left if word not in _SMALL]
    right = [word for word in right if word not in _SMALL]
    if not left and not right:
        return SPELLING
    joined = "".join(left), "".join(right)
    if joined[0] == joined[1] or one.replace(" ", "") == two.replace(" ", ""):
        return SPELLING
    if left and right:
        longest = max(map(len, joined))
        if longest >= 10 and len(left) != len(right) and OSA.distance(*joined, score_cutoff=2) <= 2:
            return SPELLING
        # A title cut inside a word: the last word left of the shorter is the beginning of one in the longer.
        short, full = sorted((one, two), key=len)
        if full.startswith(short) and len(short) >= _MIN_LETTERS:
            return PART
        return SWAP
    short, full = sorted((one, two), key=len)
    enough = len(short.split()) >= _MIN_WORDS and len(short) >= _MIN_LETTERS
    return PART if enough and (full.startswith(short) or full.endswith(short)) else EXTRA
