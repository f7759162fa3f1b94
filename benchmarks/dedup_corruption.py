"""Which damage to a record makes dedup miss a copy? One damage at a time, then several.

usage: dedup_corruption.py [RECORDS.csv] [--works 3000] [--json]

Without a file the records are made up; with one, its records are damaged: give your own export. Each work gets one
damaged copy among all the others. Printed are the shares of copies merged, doubtful, linked and missed, worst first,
and the wrong merges among all.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import dedup_generator as generator

from evidence_review.commands.dedup import engines
from evidence_review.commands.dedup.find import edges, find
from evidence_review.commands.dedup.form import match_form
from evidence_review.commands.dedup.gather import gather
from evidence_review.model.record import Citation


def outcome(originals: Sequence[Citation], copies: Sequence[Citation]) -> tuple[Counter[str], int]:
    """Return what became of each copy, and how many different works were merged with one another."""
    forms = [match_form(one) for one in (*originals, *copies)]
    ids = [f"R-{place:08d}" for place in range(len(forms))]
    found = find(forms, ids, edges(engines.embedded(forms), ids))
    count = len(originals)
    merged = {place for place in range(count) if found.keeper_of[place] == found.keeper_of[count + place]}
    asked = {frozenset((edge.one, edge.two)) for edge, _ in found.doubts}
    tied = {frozenset((edge.one, edge.two)) for edge in found.links}
    told: Counter[str] = Counter()
    for place in range(count):
        pair = frozenset((place, count + place))
        names = ("merged", "doubtful", "linked", "missed")
        flags = (place in merged, pair in asked, pair in tied, True)
        told[next(name for name, flag in zip(names, flags, strict=True) if flag)] += 1
    clusters: dict[int, set[int]] = {}
    for place, keeper in enumerate(found.keeper_of):
        clusters.setdefault(keeper, set()).add(place % count)
    return told, sum(len(works) - 1 for works in clusters.values() if len(works) > 1)


def unique(path: Path) -> list[Citation]:
    """Return what is left of a file's records without duplicates."""
    everything = [record.citation for record in gather([path])]
    forms = [match_form(one) for one in everything]
    ids = [f"R-{place:08d}" for place in range(len(forms))]
    return [everything[place] for place in sorted(set(find(forms, ids, edges(engines.embedded(forms), ids)).keeper_of))]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--works", type=int, default=3000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.file:
        originals = unique(arguments.file)[: arguments.works]
    else:
        place = generator.world(arguments.works)
        originals = list(generator.works(place, arguments.works))
    _, already = outcome(originals, [Citation() for _ in originals])
    rows = []
    several = [("two of them", 2), ("three of them", 3), ("five of them", 5)]
    for name, count in [*((name, 1) for name in generator.CORRUPTIONS), *several]:
        draw = random.Random(name)
        copies = []
        for work in originals:
            damages = [name] if count == 1 else draw.sample(list(generator.CORRUPTIONS), count)
            copies.append(generator.copy(draw, work, damages))
        told, wrong = outcome(originals, copies)
        shares = {key: told[key] / len(originals) for key in ("merged", "doubtful", "linked", "missed")}
        rows.append({"damage": name, **shares, "wrong": wrong - already})
    rows.sort(key=lambda row: row["merged"])  # type: ignore[arg-type,return-value]  # a share
    if arguments.json:
        print(json.dumps({"works": len(originals), "rows": rows}, indent=2))
        return
    print(f"{len(originals)} works, each with one damaged copy; {already} wrong merges among the works themselves")
    print(f"{'damage':28}{'merged':>9}{'doubtful':>10}{'linked':>9}{'missed':>9}{'wrong':>7}")
    for row in rows:
        shares = "".join(
            f"{row[key]:>{width}.1%}" for key, width in (("merged", 9), ("doubtful", 10), ("linked", 9), ("missed", 9))
        )
        print(f"{row['damage']:28}{shares}{row['wrong']:>7}")


if __name__ == "__main__":
    main()
