"""How long the program takes to answer `--help`, and the worked example from an empty library to its report.

Prints the median of several runs beside the time aimed at; exits 1 where one is missed.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from evidence_review.cli import VERBS

CHECKOUT = Path(__file__).resolve().parent.parent
RUNS = 5
GROUP_HELP, VERB_HELP, EXAMPLE = 0.3, 0.4, 10.0


def seconds(arguments: list[str], runs: int = RUNS) -> float:
    """Return the median time of a command line of the program."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "evidence_review.cli", *arguments], check=True, capture_output=True)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def example() -> float:
    """Return the time of the worked example in a fresh folder."""
    os.environ["SOURCE_DATE_EPOCH"] = "1795435200"
    with tempfile.TemporaryDirectory() as folder:
        for part in ("protocols", "screening"):
            shutil.copytree(CHECKOUT / part, Path(folder) / part)
        return seconds(["--folder", folder, "--review", "health-partnerships", "run"], runs=1)


def main() -> int:
    """Measure and print."""
    rows = [("--help", seconds(["--help"]), GROUP_HELP)]
    rows += [(f"{verb} --help", seconds([verb, "--help"]), VERB_HELP) for verb in VERBS]
    rows.append(("the worked example", example(), EXAMPLE))
    for name, taken, limit in rows:
        print(f"{name:<22} {taken:6.3f} s   (at most {limit:.1f} s){'' if taken <= limit else '   MISSED'}")
    return int(any(taken > limit for _, taken, limit in rows))


if __name__ == "__main__":
    sys.exit(main())
