"""How long does dedup take for 10,000, 100,000 and a million records, and how much memory?

usage: dedup_scale.py [SIZE …] [--engine embedded] [--json]

Each size runs in a process of its own on made-up records (`dedup_generator`). Timed is everything from citations to
clusters: matching forms, keys, candidate pairs, scores, rules, clusters; making the records is not. On a machine that
does other work too, the CPU seconds (of all threads) say more than the seconds. Sensitivity and
wrong merges are printed beside, so that speed is not bought with errors.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
from collections import Counter
from itertools import islice

import dedup_generator as generator

from evidence_review.commands.dedup import engines
from evidence_review.commands.dedup.find import edges, find
from evidence_review.commands.dedup.form import Form, match_forms

SIZES = (10_000, 100_000, 1_000_000)
_BATCH = 5_000


def _peak() -> float:
    """Return the most memory this process and its children held, in GB."""
    import resource  # not on Windows

    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + children) / 1e6


def measure(size: int, engine: str) -> dict[str, object]:
    """Deduplicate `size` records and return times in seconds, memory in GB, and how right the outcome is."""
    forms: list[Form] = []
    truth: list[int] = []
    stream = generator.records(size)
    times: dict[str, float] = {"forms": 0.0}
    processor = 0.0
    while batch := list(islice(stream, _BATCH)):
        citations = [citation for citation, _ in batch]
        begun, started = time.perf_counter(), time.process_time()
        forms.extend(match_forms(citations))
        times["forms"] += time.perf_counter() - begun
        processor += time.process_time() - started
        truth.extend(work for _, work in batch)
    ids = [f"R-{(place * 7_368_787) % 10_000_019:08d}" for place in range(size)]
    started = time.process_time()
    begun = time.perf_counter()
    judged = engines.ENGINES[engine](forms)
    times["pairs"] = time.perf_counter() - begun
    begun = time.perf_counter()
    found = find(forms, ids, edges(judged, ids))
    times["clusters"] = time.perf_counter() - begun
    processor += time.process_time() - started
    survivors = Counter(truth[place] for place in set(found.keeper_of))
    copies = size - len(set(truth))
    missed = sum(count - 1 for count in survivors.values())
    return {
        "records": size,
        "seconds": round(sum(times.values()), 1),
        **{name: round(seconds, 1) for name, seconds in times.items()},
        "CPU seconds": round(processor, 1),
        "GB": round(_peak(), 2),
        "compared per record": round(found.compared / size, 1),
        "sensitivity": round(1 - missed / copies, 4),
        "studies lost": len(set(truth) - set(survivors)),
        "doubtful": round(len(found.doubts) / size, 4),
        "left out": sum(found.capped.left_out.values()),
    }


def main() -> None:
    """Print a line for each size, and how time grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--engine", default="embedded", choices=list(engines.ENGINES))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.sizes[0], arguments.engine)))
        return
    before: tuple[int, float] | None = None
    for size in arguments.sizes:
        command = [sys.executable, __file__, str(size), "--one", "--engine", arguments.engine]
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        if before:
            small, seconds = before
            expected = seconds * (size * math.log(size)) / (small * math.log(small))
            result["of n log n"] = round(result["seconds"] / expected, 2)
        before = size, result["seconds"]
        print(
            json.dumps(result) if arguments.json else "  ".join(f"{key} {value}" for key, value in result.items()),
            flush=True,
        )


if __name__ == "__main__":
    main()
