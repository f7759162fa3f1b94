"""How much faster than bib-dedupe, and as good?

usage: dedup_peers.py [DIR …] [--records 10000] [--environment FOLDER]

bib-dedupe is installed into an environment of its own (FOLDER, by default a temporary one that is removed). Both read
the same CSV file and give clusters; timed is the whole process, start and reading included. First 10,000 made-up
records, then each labelled set DIR (records.csv, truth.csv): seconds, the ratio, sensitivity and studies lost.
"""

from __future__ import annotations

import argparse
import csv
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
import pandas as pd
from bib_dedupe.bib_dedupe import block, cluster, match, prep
if __name__ == "__main__":
    records = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
    found = cluster(match(block(prep(records))))
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        for members in found:
            out.write("\\t".join(members) + "\\n")
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


def timed(command: list[str]) -> float:
    """Run a command and return its seconds."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def ours(folder: Path, out: Path) -> tuple[float, dict[str, str]]:
    """Run `dedup files`; return seconds and each record's cluster."""
    command = [sys.executable, "-m", "evidence_review.cli", "dedup", "files", str(folder / "records.csv")]
    seconds = timed([*command, "--out", str(out)])
    with (out / "duplicates.csv").open(encoding="utf-8", newline="") as stream:
        return seconds, {row["source_id"]: row["kept_id"] for row in csv.DictReader(stream)}


def theirs(python: Path, folder: Path, out: Path) -> tuple[float, dict[str, str]]:
    """Run bib-dedupe; return seconds and the cluster of each record that is in one."""
    script, found = out / "peer.py", out / "peer.tsv"
    script.write_text(_PEER, encoding="utf-8")
    seconds = timed([str(python), str(script), str(folder / "records.csv"), str(found)])
    cluster_of = {}
    for number, line in enumerate(found.read_text(encoding="utf-8").splitlines()):
        cluster_of.update(dict.fromkeys(line.split("\t"), f"c{number}"))
    return seconds, cluster_of


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


def main() -> None:
    """Print a line for each set."""
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
        print(f"{'set':24}{'ours s':>8}{'peer s':>8}{'ratio':>7}   {'ours: sensitivity / lost':26}peer")
        for number, folder in enumerate([made, *arguments.folders]):
            out = base / f"out{number}"
            out.mkdir()
            mine, clusters = ours(folder, out)
            peer, others = theirs(python, folder, out)
            told = f"{folder.name:24}{mine:8.1f}{peer:8.1f}{peer / mine:7.1f}   "
            print(f"{told}{quality(folder, clusters):26}{quality(folder, others)}", flush=True)


if __name__ == "__main__":
    main()
