"""How much faster than bib-dedupe, and as good?

usage: dedup_peers.py [DIR …] [--records 10000] [--environment FOLDER]

bib-dedupe is installed into an environment of its own (FOLDER, by default a temporary one that is removed). Both read
the same CSV file and give clusters. Timed is the deduplication alone (for both from records in memory to clusters), and
beside it the whole process, start, reading and writing included, with the processor seconds of all its threads and
children, which say more where a machine does other work too. First 10,000 made-up records, then each labelled set DIR
(records.csv, truth.csv): seconds, the ratio, sensitivity and studies lost.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import dedup_generator as generator

_PEER = """
import sys
import time
import pandas as pd
from bib_dedupe.bib_dedupe import block, cluster, match, prep
if __name__ == "__main__":
    records = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
    begun = time.perf_counter()
    found = cluster(match(block(prep(records))))
    print(time.perf_counter() - begun)
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        for members in found:
            out.write("\\t".join(members) + "\\n")
"""
_OURS = """
import sys
import time
from pathlib import Path
from evidence_review.commands.dedup.engines import embedded
from evidence_review.commands.dedup.gather import gather
from evidence_review.commands.dedup.find import edges, find
from evidence_review.commands.dedup.form import match_forms
records = list(gather([Path(sys.argv[1])]))
begun = time.perf_counter()
forms, ids = match_forms(one.citation for one in records), [one.id for one in records]
find(forms, ids, edges(embedded(forms), ids))
print(time.perf_counter() - begun)
"""
_COLUMNS = ("ID", "ENTRYTYPE", "title", "author", "year", "journal", "booktitle", "volume", "number", "pages", "doi",
            "abstract", "isbn")  # fmt: skip


def write_made_up(folder: Path, count: int) -> None:
    """Write made-up records and their truth."""
    with (
        (folder / "records.csv").open("w", encoding="utf-8", newline="") as stream,
        (folder / "truth.csv").open("w", encoding="utf-8", newline="") as labels,
    ):
        table, truth = csv.writer(stream), csv.writer(labels)
        table.writerow(_COLUMNS)
        truth.writerow(["ID", "cluster"])
        for place, (one, work) in enumerate(generator.records(count)):
            people = " and ".join(f"{name.family or name.literal}, {name.given}".rstrip(", ") for name in one.authors)
            table.writerow([f"m{place}", "article", one.title, people, one.year or "", one.container, "", one.volume,
                            one.issue, one.pages, one.doi, one.abstract, " ".join(one.issn)])  # fmt: skip
            truth.writerow([f"m{place}", f"w{work}"])


def environment(folder: Path) -> Path:
    """Return the Python of an environment that has bib-dedupe; make it where it is not there."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "bib-dedupe==0.11.0"], check=True)
    return python


def timed(command: list[str]) -> tuple[float, float, str]:
    """Run a command; return its seconds, its processor seconds, and what it printed last."""
    before, begun = os.times(), time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, after = time.perf_counter() - begun, os.times()
    processor = sum(after[2:4]) - sum(before[2:4])
    return seconds, processor, (done.stdout.split() or [""])[-1]


Times = tuple[float, float, float]


def ours(folder: Path, out: Path) -> tuple[Times, dict[str, str]]:
    """Run our deduplication alone, then `dedup files`.

    Returns:
        The seconds alone, the seconds and processor seconds of the whole process; each record's cluster.
    """
    *_, alone = timed([sys.executable, "-c", _OURS, str(folder / "records.csv")])
    command = [sys.executable, "-m", "evidence_review.cli", "dedup", "files", str(folder / "records.csv")]
    seconds, processor, _ = timed([*command, "--out", str(out)])
    with (out / "duplicates.csv").open(encoding="utf-8", newline="") as stream:
        cluster_of = {row["source_id"]: row["kept_id"] for row in csv.DictReader(stream)}
    return (float(alone), seconds, processor), cluster_of


def theirs(python: Path, folder: Path, out: Path) -> tuple[Times, dict[str, str]]:
    """Run bib-dedupe; return its times as `ours` does, and the cluster of each record that is in one."""
    script, found = out / "peer.py", out / "peer.tsv"
    script.write_text(_PEER, encoding="utf-8")
    seconds, processor, alone = timed([str(python), str(script), str(folder / "records.csv"), str(found)])
    cluster_of = {}
    for number, line in enumerate(found.read_text(encoding="utf-8").splitlines()):
        cluster_of.update(dict.fromkeys(line.split("\t"), f"c{number}"))
    return (float(alone), seconds, processor), cluster_of


def quality(folder: Path, cluster_of: Mapping[str, str]) -> str:
    """Return sensitivity and studies lost; of each cluster the first record in the file is kept."""
    with (folder / "truth.csv").open(encoding="utf-8-sig", newline="") as stream:
        truth = {row["ID"]: row["cluster"] for row in csv.DictReader(stream)}
    kept: dict[str, str] = {}
    for identifier in truth:
        kept.setdefault(cluster_of.get(identifier, f"alone {identifier}"), identifier)
    survivors = Counter(truth[identifier] for identifier in kept.values())
    works = set(truth.values())
    missed = sum(count - 1 for count in survivors.values())
    return f"{1 - missed / (len(truth) - len(works)):.4f} / {len(works) - len(survivors)}"


# How many times as long bib-dedupe takes for deduplication alone, at least, for as many records or more.
TIMES, AT = 50, 10_000


def main() -> int:
    """Print a line for each set; 1 where we were not fast enough on the one that is made up."""
    slow = False
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--environment", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary)
        python = environment(arguments.environment or base / "environment")
        made = base / f"{arguments.records} made up"
        made.mkdir()
        write_made_up(made, arguments.records)
        print(f"{'':22}{'alone':^25}{'whole process':^25}{'processor seconds':^25}  found / studies lost")
        print(f"{'set':22}" + f"{'ours':>8}{'peer':>9}{'ratio':>8}" * 3 + "  ours          peer")
        for number, folder in enumerate([made, *arguments.folders]):
            out = base / f"out{number}"
            out.mkdir()
            mine, clusters = ours(folder, out)
            peer, others = theirs(python, folder, out)
            slow |= folder == made and arguments.records >= AT and peer[0] < TIMES * mine[0]
            told = "".join(f"{one:8.2f}{two:9.2f}{two / one:8.1f}" for one, two in zip(mine, peer, strict=True))
            print(f"{folder.name:22}{told}  {quality(folder, clusters)}    {quality(folder, others)}", flush=True)
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
