"""Texts as rows of word numbers: read once, for single words, pairs of words, and words with their hyphens."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_COMPOUND = re.compile(r"\b\w[\w-]*\w\b")  # words with their hyphens: double-blind, health-system
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
    """Number the words of texts. A word is two letters or digits at least, small, with the hyphens inside it."""
    import numpy as np

    vocabulary: defaultdict[str, int] = defaultdict()
    vocabulary.default_factory = vocabulary.__len__
    numbers = array("q")
    lengths = np.zeros(len(texts), dtype=np.int64)
    for place, text in enumerate(texts):
        words = _COMPOUND.findall(text.lower())
        numbers.extend(map(vocabulary.__getitem__, words))
        lengths[place] = len(words)
    return Tokens(dict(vocabulary), np.asarray(numbers, dtype=np.int64), np.repeat(np.arange(len(texts)), lengths))


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

    words = _COMPOUND.findall(text.lower())
    if cut:
        words = [part for word in words for part in _parts(word)]
    return np.asarray([vocabulary.get(word, UNKNOWN) for word in words], dtype=np.int64)


def _parts(word: str) -> list[str]:
    return [part for part in word.split("-") if len(part) >= _WORD_AT_LEAST]
