"""How long ranking takes and what it holds in memory, on made-up records of the usual length.

python benchmarks/screen_speed.py 2500
python benchmarks/screen_speed.py 100000
"""

from __future__ import annotations

import random
import resource
import sys
import time
from itertools import accumulate

from evidence_review.commands.screen.features import features
from evidence_review.commands.screen.rank import rank

VOCABULARY = 40_000


def main(count: int) -> int:
    """Make records, rank them twice from their texts on, print processor seconds and peak memory; 1 for a miss."""
    chance = random.Random(1)
    words = [f"{''.join(chance.choices('abcdefghilmnoprstu', k=chance.randint(3, 11)))}" for _ in range(VOCABULARY)]
    # Words of running text: few are frequent, most are rare (Zipf).
    weights = list(accumulate(1 / (place + 3) for place in range(VOCABULARY)))
    titles = [" ".join(chance.choices(words, cum_weights=weights, k=12)) for _ in range(count)]
    abstracts = [" ".join(chance.choices(words, cum_weights=weights, k=180)) for _ in range(count)]
    judged = chance.sample(range(count), min(count // 5, 2000))
    labels = [int(chance.random() < 0.05) for _ in judged]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    question = " ".join(chance.choices(words, cum_weights=weights, k=40))
    first = once(titles, abstracts, question, [], [])
    learnt, again = (once(titles, abstracts, question, judged, labels) for _ in range(2))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count:,} records: first, by the protocol, {first:.2f} s; learning for the first time "
          f"{learnt:.2f} s; again {again:.2f} s; "
          f"memory {peak:.0f} MB at the peak ({before / 1024:.0f} MB before)")  # fmt: skip
    if count <= 2500:
        return int(first > 2 or again > 1 or peak > 300)
    return int(again > 60)


def once(titles: list[str], abstracts: list[str], question: str, judged: list[int], labels: list[int]) -> float:
    """Rank from the texts on, tell why of 200 rows; return processor seconds."""
    begun = time.process_time()
    ranking = rank(features(titles, abstracts, question), judged, labels, range(len(titles)))
    for index in ranking.order[:200]:
        ranking.why(index)
    return time.process_time() - begun


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2500))
