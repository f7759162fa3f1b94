"""Which different works does dedup take for one? One trap at a time, with more and with fewer fields.

usage: dedup_traps.py [RECORDS.csv] [--works 2000] [--json]

Without a file the records are made up; with one, the traps are made from its records: give your own export. Of each
work a second one is made that is like it and another: part 2, an erratum, the next year's report, another talk on the
same page. Printed are the shares of such pairs merged (each a study lost), doubtful, linked and told apart, worst
first: with every field, without identifiers, and with title, authors, journal and year alone. Asked for: with every
field at most one in a hundred merged, whatever the trap; else the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import dedup_generator as generator
from dedup_corruption import outcome, unique

from evidence_review.model.record import Citation

_PLACE: dict[str, object] = {"volume": "", "issue": "", "pages": "", "article_number": "", "abstract": "", "issn": ()}
FIELDS: dict[str, dict[str, object]] = {
    "every field": {},
    "no identifiers": {"doi": "", "pmid": ""},
    "title, authors, journal, year": {"doi": "", "pmid": "", **_PLACE},
}
MOST = 0.01
_OUTCOMES = ("merged", "doubtful", "linked", "missed")


def measured(works: Sequence[Citation], place: generator.World) -> list[dict[str, object]]:
    """Return a row for each trap and each choice of fields, worst first."""
    rows: list[dict[str, object]] = []
    for fields, without in FIELDS.items():
        for name, trap in generator.HARD.items():
            draw = random.Random(name)
            others = [trap(draw, place, work, number) for number, work in enumerate(works)]
            bare = [[replace(one, **without) for one in side] for side in (works, others)]  # type: ignore[arg-type]
            # What the fields left cannot tell apart is one to everybody.
            differ = [(one, two) for one, two in zip(*bare, strict=True) if one != two and one.title]
            if differ:
                told, _ = outcome([one for one, _ in differ], [two for _, two in differ])
                shares = {key: told[key] / len(differ) for key in _OUTCOMES}
                rows.append({"fields": fields, "trap": name, "pairs": len(differ), **shares})
    return sorted(rows, key=lambda row: (list(FIELDS).index(str(row["fields"])), -float(str(row["merged"]))))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--works", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    place = generator.world(arguments.works)
    works = unique(arguments.file)[: arguments.works] if arguments.file else []
    rows = measured(works or list(generator.works(place, arguments.works, traps=0)), place)
    missed = [row for row in rows if row["fields"] == next(iter(FIELDS)) and float(str(row["merged"])) > MOST]
    if arguments.json:
        print(json.dumps(rows, indent=2))
        sys.exit(bool(missed))
    before: Counter[object] = Counter()
    for row in rows:
        if not before[row["fields"]]:
            print(f"{row['fields']!s:34}{'pairs':>7}{'merged':>9}{'doubtful':>10}{'linked':>9}{'apart':>9}")
        before[row["fields"]] += 1
        shares = "".join(f"{row[key]:>{width}.1%}" for key, width in zip(_OUTCOMES, (9, 10, 9, 9), strict=True))
        print(f"  {row['trap']!s:32}{row['pairs']:>7}{shares}{'   MISSED' if row in missed else ''}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
