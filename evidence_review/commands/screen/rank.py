"""Ranking: the records most likely to be included first, learnt from the protocol's text and what was decided.

Before any decision records are ordered by how much they share with the protocol, and with the records that share most
with it. After that a linear support vector machine learns from the decisions, with the protocol as one more include;
nearness to the included records and to the protocol is added, the latter fading as includes come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evidence_review.commands.screen.features import Features

_C = 0.11  # of the support vector machine, as in ASReview's ELAS u4
_RATIO = 30.0  # includes together weigh this many times as much as excludes together
_NEAR = 0.25  # weight of nearness to the included records
_FADE = 10.0  # the protocol's weight is _FADE / (_FADE + includes)
_ALIKE = 20  # how many records nearest to the protocol stand in for includes before there are any
_TERMS = 4  # terms that tell why a record stands where it stands


@dataclass(frozen=True, slots=True)
class Ranking:
    """`order` are indices of records not yet judged, the most promising first; `worth` what each term counts."""

    order: tuple[int, ...]
    features: Features
    worth: Any

    def why(self, index: int) -> str:
        """Return the terms that count most for a record."""
        import numpy as np

        row = self.features.words[index]
        if self.features.blank[index]:
            return "no text to rank by"
        worth = row.data * self.worth[row.indices]
        terms: list[str] = []
        for place in np.argsort(-worth, kind="stable"):
            if worth[place] <= 0 or len(terms) == _TERMS:
                break
            term = self.features.names[row.indices[place]]
            if not any(term in other or other in term for other in terms):
                terms.append(term)
        return ", ".join(terms) if terms else "nothing in common with what was included"


def rank(
    features: Features,
    judged: Sequence[int],
    labels: Sequence[int],
    shuffled: Sequence[int],
    seeds: Sequence[int] = (),
) -> Ranking:
    """Order the records that are not judged yet.

    Args:
        features: of all records.
        judged: indices of the judged records, in the order in which they were judged.
        labels: 1 (include) or 0 for each of `judged`.
        shuffled: all indices in an order without meaning: it decides between equals.
        seeds: indices of records not judged that are known to fit: they are learnt from as includes and come first.
    """
    import numpy as np

    done = np.zeros(len(shuffled), dtype=bool)
    done[list(judged)] = True
    order = np.asarray(shuffled, dtype=int)
    pool = order[~done[order]]
    seen = np.asarray([*seeds, *judged], dtype=int)
    found = np.asarray([*[1] * len(seeds), *labels], dtype=int)
    # The protocol stands in for an include; without an exclude there is nothing to tell it from.
    learnt = None if found.all() else _learn(features, seen, found)
    worth = np.asarray(features.words_of_protocol.todense()).ravel() if learnt is None else learnt[0]
    if not len(pool):
        return Ranking((), features, worth)
    score = _scores(features, pool, seen, found, learnt)
    score = _blanks(score, features.blank[pool], found, len(shuffled))
    score = np.where(np.isin(pool, list(seeds)), score.max() + 1, score)
    best = np.argsort(-score, kind="stable")
    return Ranking(tuple(pool[best].tolist()), features, worth)


def _standard(values: Any) -> Any:
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else values * 0


def _protocol_nearness(features: Features) -> Any:
    """Return how near each record is to the protocol, and to the records nearest to it (pseudo-relevance feedback)."""
    import numpy as np

    near = np.asarray((features.stems @ features.stems_of_protocol.T).todense()).ravel()
    if not near.any():
        return near
    nearest = np.argsort(-near, kind="stable")[:_ALIKE]
    centre = np.asarray(features.stems[nearest].mean(axis=0)).ravel()
    return _standard(_standard(near) + _standard(features.stems @ centre))


def _scores(features: Features, pool: Any, seen: Any, found: Any, learnt: tuple[Any, float] | None) -> Any:
    """Return the score of each record of the pool; `learnt` are the weights of words and the intercept."""
    import numpy as np

    includes = int(found.sum()) if len(found) else 0
    score = _FADE / (_FADE + includes) * _standard(_protocol_nearness(features)[pool])
    if learnt is not None:
        coefficients, intercept = learnt
        score = score + _standard(features.words[pool] @ coefficients + intercept)
    if includes:
        centre = np.asarray(features.words[seen[found == 1]].mean(axis=0)).ravel()
        if includes < len(found):
            centre = centre - np.asarray(features.words[seen[found == 0]].mean(axis=0)).ravel()
        score = score + _NEAR * _standard(features.words[pool] @ centre)
    return score


def _learn(features: Features, seen: Any, found: Any) -> tuple[Any, float]:
    import numpy as np
    from scipy.sparse import vstack  # type: ignore[import-untyped]  # has no types

    from evidence_review.commands.screen import machine

    rows = vstack([features.words[seen], features.words_of_protocol])
    labels = np.append(found, 1)
    includes = int(labels.sum())
    weights = np.where(labels == 1, 1.0, includes / (_RATIO * (len(labels) - includes)))
    weights *= len(labels) / weights.sum()
    return machine.fit(rows, 2 * labels - 1, _C * weights)


def _blanks(score: Any, blank: Any, found: Any, total: int) -> Any:
    """Place the records without any text: nothing speaks for them and nothing against.

    Such a record has the average chance of being an include. It is due as soon as what the ranking brings up falls
    below that average: when the last 50 judged held no larger share of includes than all records, by those found.
    """
    import numpy as np

    if not blank.any() or blank.all():
        return score
    includes = int(found.sum()) if len(found) else 0
    due = includes > 0 and found[-50:].mean() <= includes / total
    return np.where(blank, score.max() + 1 if due else score.min() - 1, score)
