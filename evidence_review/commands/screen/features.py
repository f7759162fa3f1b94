"""Texts as numbers for ranking: words and pairs of words for learning, word stems for meeting the protocol's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from evidence_review.commands.screen import tokens
from evidence_review.commands.screen.tokens import UNKNOWN, Tokens
from evidence_review.errors import InputError

# Pairs of words help a little and cost much: beyond this many records single words must do.
PAIRS_UP_TO = 20_000
_TITLE_COUNTS = 2  # how often a title's words count against once in the abstract, for learning
_TITLE_MEETS = 3  # the same for meeting the protocol, which is written like a title
# What falls off a word, where four letters at least are left.
_ENDING = re.compile("(?<=...[^-])(?:ations?|ments?|ities|ings?|ions?|ives?|ness|ies|ied|ers?|ity|als?|ed|es|s|e)$")


@dataclass(frozen=True, slots=True)
class Terms:
    """The words and pairs of words behind columns, by number: below the size of the vocabulary a word, else a pair."""

    keys: Any
    vocabulary: tuple[str, ...]

    def __getitem__(self, column: int) -> str:
        key, size = int(self.keys[column]), len(self.vocabulary)
        if key < size:
            return self.vocabulary[key]
        first, second = divmod(key - size, size)
        return tokens.joined(self.vocabulary[first], self.vocabulary[second])


@dataclass(frozen=True, slots=True)
class Features:
    """Records and protocol in two spaces, each row of length one.

    `words` and `stems` have a row a record; `words_of_protocol` and `stems_of_protocol` one row; `names` are the terms
    behind the columns of `words`; `blank` marks the records without a single known word.
    """

    words: Any
    stems: Any
    words_of_protocol: Any
    stems_of_protocol: Any
    names: Terms
    blank: Any


def features(titles: Sequence[str], abstracts: Sequence[str], protocol: str) -> Features:
    """Turn records and the protocol's text into features.

    Raises:
        InputError: scipy is not installed, or no record has a word.
    """
    if find_spec("scipy") is None:
        raise InputError("Ranking needs scipy: install it with 'pip install evidence-review[rank]'.")
    import numpy as np

    count = len(titles)
    whole = tokens.read([*titles, *abstracts])
    if not len(whole.numbers):
        raise InputError("No record has a word in its title or abstract, so there is nothing to rank by.")
    pairs = count <= PAIRS_UP_TO
    words = tokens.parted(whole) if pairs else whole
    asked = tokens.numbered(protocol, words.vocabulary, cut=pairs)
    keys, counts, of_protocol = _terms(words, asked, count, pairs=pairs)
    # A word of nearly every record tells nothing.
    held_by = np.asarray(counts.getnnz(axis=0)).ravel()
    rare = np.flatnonzero(held_by <= max(0.95 * count, held_by.min(initial=count)))
    weighted, weighted_asked = _weighted(counts[:, rare], of_protocol[:, rare])
    stem_of, stems = _stems(whole.vocabulary)
    met = _matrix(whole.texts, stem_of[whole.numbers], count, stems, _TITLE_MEETS)
    known = tokens.numbered(protocol, whole.vocabulary, cut=False)
    stems_asked = stem_of[known[known != UNKNOWN]]
    met_asked = _matrix(np.zeros_like(stems_asked), stems_asked, 1, stems)
    blank = np.asarray(met.getnnz(axis=1)).ravel() == 0
    stemmed, stemmed_asked = _weighted(met, met_asked)
    return Features(weighted, stemmed, weighted_asked, stemmed_asked, Terms(keys[rare], tuple(words.vocabulary)), blank)


def _terms(words: Tokens, asked: Any, count: int, *, pairs: bool) -> tuple[Any, Any, Any]:
    """Return the keys of all terms, how often each record holds each of them, and how often the protocol does."""
    import numpy as np

    size = len(words.vocabulary)
    texts, held = words.texts, words.numbers
    of_protocol = asked[asked != UNKNOWN]
    if pairs:
        beside = texts[1:] == texts[:-1]
        held = np.concatenate([held, _pair(held[:-1], held[1:], size)[beside]])
        texts = np.concatenate([texts, texts[:-1][beside]])
        both = (asked[:-1] != UNKNOWN) & (asked[1:] != UNKNOWN)
        of_protocol = np.concatenate([of_protocol, _pair(asked[:-1], asked[1:], size)[both]])
    keys, columns = np.unique(held, return_inverse=True)
    counts = _matrix(texts, columns, count, len(keys), _TITLE_COUNTS)
    found = np.searchsorted(keys, of_protocol)
    found = found[keys[np.minimum(found, len(keys) - 1)] == of_protocol]
    return keys, counts, _matrix(np.zeros_like(found), found, 1, len(keys))


def _pair(first: Any, second: Any, size: int) -> Any:
    """Return the key of a pair of words, above those of single words."""
    return size * (1 + first) + second


def _matrix(texts: Any, columns: Any, count: int, width: int, title: int = 1) -> Any:
    """Count terms: a row a record, titles (the first `count` texts) `title` times as much as abstracts."""
    import numpy as np
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # has no types

    weights = np.where(texts < count, np.float32(title), np.float32(1))
    return csr_matrix((weights, (texts % count, columns)), shape=(count, max(width, 1)))


def _weighted(counts: Any, asked: Any) -> tuple[Any, Any]:
    """Return counts as TF-IDF with logarithmic counts, rows of length one (Manning et al. 2008, chapter 6).

    The weights are those of scikit-learn's TfidfTransformer, which takes longer to import than ranking takes.
    """
    import numpy as np

    records, terms = counts.shape
    held_by = np.bincount(counts.indices, minlength=terms)
    rarity = np.log((1 + records) / (1 + held_by)).astype(np.float32) + 1

    def weighed(rows: Any) -> Any:
        rows = rows.tocsr(copy=True)
        rows.data = (1 + np.log(rows.data)) * rarity[rows.indices]
        sizes = np.diff(rows.indptr)
        squares = np.bincount(np.repeat(np.arange(len(sizes)), sizes), rows.data**2, len(sizes))
        rows.data /= np.repeat(np.sqrt(squares), sizes).astype(np.float32)
        return rows

    return weighed(counts), weighed(asked)


def _stems(words: Iterable[str]) -> tuple[Any, int]:
    """Return the number of each word's stem, and how many stems there are."""
    import numpy as np

    number: dict[str, int] = {}
    stem_of = [number.setdefault(stem(word), len(number)) for word in words]
    return np.asarray(stem_of, dtype=np.int64), len(number)


def stem(word: str) -> str:
    """Return a word without its ending, so that `randomised`, `randomises` and `randomise` meet."""
    return _ENDING.sub("", word)
