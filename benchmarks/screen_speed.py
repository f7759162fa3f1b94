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


def main(count: int) -> None:
    """Make records, rank them once with features and once again, print processor seconds and peak memory."""
    chance = random.Random(1)
    words = [f"{''.join(chance.choices('abcdefghilmnoprstu', k=chance.randint(3, 11)))}" for _ in range(VOCABULARY)]
    # Words of running text: few are frequent, most are rare (Zipf).
    weights = list(accumulate(1 / (place + 3) for place in range(VOCABULARY)))
    titles = [" ".join(chance.choices(words, cum_weights=weights, k=12)) for _ in range(count)]
    abstracts = [" ".join(chance.choices(words, cum_weights=weights, k=180)) for _ in range(count)]
    judged = chance.sample(range(count), min(count // 5, 2000))
    labels = [int(chance.random() < 0.05) for _ in judged]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    known = features(titles, abstracts, " ".join(chance.choices(words, cum_weights=weights, k=40)))
    ready = time.process_time()
    ranking = rank(known, judged, labels, range(count))
    for index in ranking.order[:200]:
        ranking.why(index)
    done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{count:,} records: features {ready - begun:.2f} s, ranking {done - ready:.2f} s, "
          f"memory {peak / 1024:.0f} MB at the peak ({before / 1024:.0f} MB before)")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2500)
