"""Do both engines decide alike, pair for pair?

usage: dedup_engines.py [DIR …] [--made-up 100000] [--json]

Each DIR holds records.csv; besides, so many made-up records (0 for none). The embedded engine and Spark (`local[2]`
unless the session is set up otherwise) judge the same records. Compared are the pairs that are not distinct with rule,
points and every grade, how many pairs were looked at, and what a cap left out; a difference makes the exit code 1.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import dedup_generator as generator

from evidence_review.commands.dedup import engines
from evidence_review.commands.dedup.form import Form, match_forms
from evidence_review.commands.dedup.gather import gather
from evidence_review.commands.dedup.judging import Judged


def pairs(judged: Judged) -> set[tuple[object, ...]]:
    """Return every judged pair with its rule, points and grades."""
    columns = (judged.first, judged.second, judged.rule, judged.points)
    return set(zip(*(column.tolist() for column in columns), map(tuple, judged.grades.tolist()), strict=True))


def sets(folders: Sequence[Path], made_up: int) -> Iterator[tuple[str, list[Form]]]:
    """Yield the name and the matching forms of each set."""
    for folder in folders:
        yield folder.name, gather([folder / "records.csv"]).forms
    if made_up:
        yield f"{made_up} made up", match_forms(citation for citation, _ in generator.records(made_up))


def compared(name: str, forms: Sequence[Form]) -> dict[str, object]:
    """Run both engines over one set."""
    begun = time.perf_counter()
    here = engines.embedded(forms)
    between = time.perf_counter()
    there = engines.spark(forms)
    done = time.perf_counter()
    mine, its = pairs(here), pairs(there)
    return {
        "set": name,
        "records": len(forms),
        "pairs looked at": [here.compared, there.compared],
        "pairs told": [len(mine), len(its)],
        "only embedded": len(mine - its),
        "only Spark": len(its - mine),
        "left out": [here.capped.left_out, there.capped.left_out],
        "seconds": [round(between - begun, 1), round(done - between, 1)],
        "alike": mine == its and here.compared == there.compared and here.capped.left_out == there.capped.left_out,
    }


def main() -> None:
    """Print a line for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--made-up", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    # Read when the session starts: two workers here, unless a cluster is named.
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", "--master local[2] --driver-memory 4g pyspark-shell")
    alike = True
    for name, forms in sets(arguments.folders, arguments.made_up):
        told = compared(name, forms)
        alike &= bool(told["alike"])
        text = json.dumps(told) if arguments.json else "  ".join(f"{key} {value}" for key, value in told.items())
        print(text, flush=True)
    sys.exit(0 if alike else 1)


if __name__ == "__main__":
    main()
