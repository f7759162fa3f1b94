"""Small labelled sets of invented records, in the shapes that fields outside medicine and two indexes give them.

`fields.csv` has computer science, economics, law, psychology, books, theses, trial registers, reviews and guidelines in
their editions, letters, series, supplements and other scripts; `one_field.csv` abstracts, letters and articles of one
field of animal research; `little_known.csv` titles that are none, yearly reports, notices, chapters under one DOI and
trials with their sequels; `two_indexes.csv` nothing but titles, authors, venues and years, as two indexes write them.
The column `work` says which records are one.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from pathlib import Path

import pytest

from evidence_review.commands.dedup.files import run

FOLDER = Path(__file__).with_name("labelled")
# What so few records cannot tell: under which other names a meeting or journal goes.
UNTOLD = {"two_indexes": {"d0", "d2", "d6", "d14"}}


def clusters(path: Path, out: Path) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the works of each cluster, and the clusters of each work."""
    with path.open(encoding="utf-8", newline="") as stream:
        work_of = {row["ID"]: row["work"] for row in csv.DictReader(stream)}
    run([path], out)
    works, parts = defaultdict(set), defaultdict(set)
    with (out / "duplicates.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            works[row["kept_id"]].add(work_of[row["source_id"]])
            parts[work_of[row["source_id"]]].add(row["kept_id"])
    return works, parts


@pytest.mark.parametrize("name", ["fields", "one_field", "two_indexes", "little_known"])
def test_labelled(name: str, tmp_path: Path) -> None:
    """No work is lost, whatever the order of the records, and every copy is found that can be told for one."""
    header, *rows = (FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    for seed in range(2):
        random.Random(seed).shuffle(rows)
        table = tmp_path / f"{name}{seed}.csv"
        table.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        works, parts = clusters(table, tmp_path / f"out{seed}")
        assert [one for one in works.values() if len(one) > 1] == []
        assert {work for work, found in parts.items() if len(found) > 1} == UNTOLD.get(name, set())
