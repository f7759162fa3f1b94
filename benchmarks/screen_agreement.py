"""Agreement figures against statsmodels and irrCAC, each in an environment of its own, on tables drawn by chance.

    python benchmarks/screen_agreement.py --statsmodels /path/to/python --irrcac /path/to/other/python

Cohen's kappa with its error and interval and Fleiss' kappa against statsmodels; Gwet's AC1 with its error, and PABAK
(the coefficient of Brennan and Prediger), against irrCAC, which rounds to five digits. Prints the greatest difference.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from evidence_review.state.agreement import ac1, fleiss, kappa, pabak

TABLES = 400
# Run by the other Python: reads tables from its input, writes figures, null where a figure is not defined.
STATSMODELS = """
import json, sys, warnings
import numpy as np
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa
warnings.simplefilter("ignore")
given = json.load(sys.stdin)
def cohen(table):
    found = cohens_kappa(np.array(table))
    return [float(found.kappa), float(found.std_kappa), float(found.kappa_low), float(found.kappa_upp)]
json.dump({"tables": [cohen(table) for table in given["tables"]],
           "ratings": [[float(fleiss_kappa(np.array(one)))] for one in given["ratings"]]}, sys.stdout)
"""
IRRCAC = """
import json, sys, warnings
import pandas as pd
from irrCAC.raw import CAC
warnings.simplefilter("ignore")
def figures(table):
    rows = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    one = CAC(pd.DataFrame(rows, columns=["first", "second"]))
    gwet, prediger = one.gwet()["est"], one.bp()["est"]
    return [float(gwet["coefficient_value"]), float(gwet["se"]), float(prediger["coefficient_value"])]
json.dump({"tables": [figures(table) for table in json.load(sys.stdin)["tables"]]}, sys.stdout)
"""


def tables(chance: random.Random) -> list[list[list[int]]]:
    """Draw square tables of two to four verdicts, agreeing more or less; each verdict is used by both people."""
    drawn = []
    while len(drawn) < TABLES:
        size, on, off = chance.randint(2, 4), chance.choice([5, 40, 300]), chance.choice([2, 10, 40])
        table = [[chance.randint(0, on if i == j else off) for j in range(size)] for i in range(size)]
        if all(map(sum, table)) and all(map(sum, zip(*table, strict=True))):
            drawn.append(table)
    return drawn


def ratings(chance: random.Random) -> list[list[list[int]]]:
    """Draw counts of verdicts by three to five people on 10 to 60 records."""
    drawn = []
    for _ in range(TABLES // 4):
        people, words = chance.randint(3, 5), chance.randint(2, 4)
        rows = []
        for _ in range(chance.randint(10, 60)):
            said = [chance.choice([0, chance.randrange(words)]) for _ in range(people)]
            rows.append([said.count(word) for word in range(words)])
        if all(map(any, zip(*rows, strict=True))):
            drawn.append(rows)
    return drawn


def other(python: str, program: str, given: dict[str, object]) -> dict[str, list[list[float]]]:
    """Let another Python reckon the figures."""
    done = subprocess.run([python, "-c", program], input=json.dumps(given), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def apart(name: str, ours: Sequence[Sequence[float | None]], theirs: Sequence[Sequence[float]], least: float) -> bool:
    """Print the greatest difference; tell whether it is more than rounding."""
    most = max(abs((a or 0) - b) for one, two in zip(ours, theirs, strict=True) for a, b in zip(one, two, strict=True))
    print(f"{name:58} {len(ours):4} tables, greatest difference {most:.1e}")
    return most > least


def main() -> int:
    """Compare what the given environments have."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, module in (("--statsmodels", "statsmodels"), ("--irrcac", "irrCAC")):
        parser.add_argument(name, metavar="PYTHON", default=sys.executable if find_spec(module) else "")
    given = parser.parse_args()
    if not (given.statsmodels or given.irrcac):
        parser.error("neither statsmodels nor irrCAC is here: name a Python that has it")
    chance = random.Random(1)
    data = {"tables": tables(chance), "ratings": ratings(chance)}
    wrong = False
    if given.statsmodels:
        found = other(given.statsmodels, STATSMODELS, data)
        ours = [[one.value, one.se, one.low, one.high] for one in map(kappa, data["tables"])]
        # Their interval is not cut at −1 and 1.
        theirs = [[value, se, max(-1.0, low), min(1.0, high)] for value, se, low, high in found["tables"]]
        wrong |= apart("Cohen's kappa, error, interval: statsmodels", ours, theirs, 1e-9)
        counts = [[dict(enumerate(map(int, row))) for row in one] for one in data["ratings"]]
        named = [[{str(k): n for k, n in row.items() if n} for row in one] for one in counts]
        wrong |= apart("Fleiss' kappa: statsmodels", [[fleiss(one).value] for one in named], found["ratings"], 1e-9)
    if given.irrcac:
        some = data["tables"][: TABLES // 4]  # it takes its time
        found = other(given.irrcac, IRRCAC, {"tables": some})
        ours = [[ac1(table).value, ac1(table).se, pabak(table)] for table in some]
        wrong |= apart("Gwet's AC1, error, PABAK: irrCAC", ours, found["tables"], 6e-6)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
