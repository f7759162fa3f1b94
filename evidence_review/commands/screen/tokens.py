"""Texts as rows of word numbers: read once, for single words, pairs of words, and words with their hyphens."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

# The vowel signs of India's scripts stand inside words, though `\w` does not know them.
_LETTER = r"[\w\u0900-\u0963\u0966-\u0dff]"
_COMPOUND = re.compile(rf"{_LETTER}(?:{_LETTER}|-)*{_LETTER}")  # words with their hyphens: double-blind, health-system
# Chinese, Japanese, Thai, Lao, Burmese and Khmer are written without spaces between words.
_UNSPACED = re.compile(
    "([\u3005-\u3007\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecd\u1000-\u103f\u1780-\u17d3]+)"
)
_WORD_AT_LEAST = 2  # letters
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of some texts, text by text, in their order.

    `vocabulary` gives each word its number; `numbers` are those of the words, `texts` the text in which each stands.
    """

    vocabulary: Mapping[str, int]
    numbers: Any
    texts: Any


def read(texts: Sequence[str]) -> Tokens:
    """Number the words of texts, as `words_of` finds them."""
    import numpy as np

    vocabulary: defaultdict[str, int] = defaultdict()
    vocabulary.default_factory = vocabulary.__len__
    numbers = array("q")
    lengths = np.zeros(len(texts), dtype=np.int64)
    for place, text in enumerate(texts):
        words = words_of(text)
        numbers.extend(map(vocabulary.__getitem__, words))
        lengths[place] = len(words)
    return Tokens(dict(vocabulary), np.asarray(numbers, dtype=np.int64), np.repeat(np.arange(len(texts)), lengths))


def words_of(text: str) -> list[str]:
    """Return the words of a text: two letters or digits at least, small, with the hyphens inside them.

    Where a script sets no spaces, each two neighbouring characters are a word: what overlaps in most of them is alike,
    and no dictionary is needed.
    """
    text = text.lower()
    if text.isascii():
        return _COMPOUND.findall(text)
    pieces = _UNSPACED.split(unicodedata.normalize("NFC", text))
    words: list[str] = []
    for place, piece in enumerate(pieces):
        # Every second piece is a run without spaces.
        words += map("".join, pairwise(piece)) if place % 2 else _COMPOUND.findall(piece)
    return words


def joined(first: str, second: str) -> str:
    """Return two neighbouring words as a person reads them: overlapping characters once, else a space between."""
    if first[-1] == second[0] and _UNSPACED.fullmatch(first + second):
        return first + second[1:]
    return f"{first} {second}"


def parted(whole: Tokens) -> Tokens:
    """Cut words at their hyphens: `double-blind` is two words, and a single letter is none."""
    import numpy as np

    vocabulary: dict[str, int] = {}
    parts = array("q")
    sizes = np.zeros(len(whole.vocabulary), dtype=np.int64)
    for word, number in whole.vocabulary.items():
        cut = _parts(word)
        parts.extend([vocabulary.setdefault(part, len(vocabulary)) for part in cut])
        sizes[number] = len(cut)
    begins = np.cumsum(sizes) - sizes
    size = sizes[whole.numbers]
    within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    numbers = np.asarray(parts, dtype=np.int64)[np.repeat(begins[whole.numbers], size) + within]
    return Tokens(vocabulary, numbers, np.repeat(whole.texts, size))


def numbered(text: str, vocabulary: Mapping[str, int], *, cut: bool) -> Any:
    """Return the words of a text, cut at hyphens or whole, by their numbers in a vocabulary; UNKNOWN for others."""
    import numpy as np

    words = words_of(text)
    if cut:
        words = [part for word in words for part in _parts(word)]
    return np.asarray([vocabulary.get(word, UNKNOWN) for word in words], dtype=np.int64)


def _parts(word: str) -> list[str]:
    return [part for part in word.split("-") if len(part) >= _WORD_AT_LEAST]
