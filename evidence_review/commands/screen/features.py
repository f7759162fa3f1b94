"""Texts as numbers for ranking: words and pairs of words for learning, word stems for meeting the protocol's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evidence_review.errors import InputError

# Pairs of words help a little and cost much: beyond this many records single words must do.
PAIRS_UP_TO = 20_000
_TITLE_COUNTS = 2  # how often a title's words count against once in the abstract, for learning
_TITLE_MEETS = 3  # the same for meeting the protocol, which is written like a title
_ENDINGS = (
    "ations", "ation", "ments", "ities", "ings", "ions", "ives", "ness", "ment", "ing", "ies", "ied", "ion", "ers",
    "ity", "ive", "als", "er", "al", "ed", "es", "s", "e",
)  # fmt: skip
_STEM_AT_LEAST = 4
_COMPOUND = r"(?u)\b\w[\w-]*\w\b"  # words with their hyphens: double-blind, health-system


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
    names: Any
    blank: Any


def features(titles: Sequence[str], abstracts: Sequence[str], protocol: str) -> Features:
    """Turn records and the protocol's text into features.

    Raises:
        InputError: scikit-learn is not installed, or no record has a word.
    """
    try:
        from sklearn.feature_extraction.text import CountVectorizer  # type: ignore[import-untyped]  # has no types
    except ImportError:
        raise InputError("Ranking needs scikit-learn: install it with 'pip install evidence-review[rank]'.") from None
    import numpy as np

    texts, count = [*titles, *abstracts], len(titles)
    compounds = CountVectorizer(token_pattern=_COMPOUND, dtype=np.float32)
    words = CountVectorizer(ngram_range=(1, 2), dtype=np.float32) if count <= PAIRS_UP_TO else compounds
    try:
        compound_counts = compounds.fit_transform(texts).tocsr()
        counts = compound_counts if words is compounds else words.fit_transform(texts).tocsr()
    except ValueError:
        raise InputError("No record has a title or an abstract, so there is nothing to rank by.") from None
    joined = (counts[count:] + _TITLE_COUNTS * counts[:count]).tocsr()
    # A word of nearly every record tells nothing.
    held_by = np.asarray(joined.getnnz(axis=0)).ravel()
    rare = np.flatnonzero(held_by <= max(0.95 * count, held_by.min()))
    stems = _stems(compounds.get_feature_names_out())
    met = (compound_counts[count:] + _TITLE_MEETS * compound_counts[:count]) @ stems
    weighted, weighted_asked = _weighted(joined[:, rare], words.transform([protocol]).tocsr()[:, rare])
    stemmed, stemmed_asked = _weighted(met, compounds.transform([protocol]) @ stems)
    blank = np.asarray(joined.getnnz(axis=1)).ravel() == 0
    return Features(weighted, stemmed, weighted_asked, stemmed_asked, words.get_feature_names_out()[rare], blank)


def _weighted(counts: Any, asked: Any) -> tuple[Any, Any]:
    """Return counts as TF-IDF with logarithmic counts, rows of length one (Manning et al. 2008, chapter 6)."""
    from sklearn.feature_extraction.text import TfidfTransformer

    weigh = TfidfTransformer(sublinear_tf=True).fit(counts)
    return weigh.transform(counts).tocsr(), weigh.transform(asked).tocsr()


def _stems(words: Sequence[str]) -> Any:
    """Return the matrix that adds the columns of words with one stem."""
    import numpy as np
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # has no types

    column: dict[str, int] = {}
    columns = [column.setdefault(stem(word), len(column)) for word in words]
    ones = np.ones(len(columns), dtype=np.float32)
    return csr_matrix((ones, (range(len(columns)), columns)), shape=(len(columns), max(len(column), 1)))


def stem(word: str) -> str:
    """Return a word without its ending, so that `randomised`, `randomises` and `randomise` meet."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM_AT_LEAST:
            return word[: -len(ending)]
    return word
