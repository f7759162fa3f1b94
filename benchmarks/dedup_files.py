"""How long does the whole of `dedup files` take, from export to tables and RIS, and how much do all its processes hold?

usage: dedup_files.py [SIZE …] [--format ris|csv] [--json]

Made-up records (`dedup_generator`) are written as RIS or as a table and given to the command. Memory is the most that
all its processes held together, looked at ten times a second (Linux only). The target: a million records in 4 GB.
Exit 1 where it is missed.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import dedup_generator as generator

from evidence_review.formats.write import WRITERS
from evidence_review.model.record import Record

SIZES = (10_000, 100_000)
MOST = 4.0
_HEADINGS = ("ID", "title", "author", "year", "journal", "volume", "number", "pages", "doi", "abstract", "isbn")


def write(path: Path, count: int) -> None:
    """Write `count` made-up records in the format that the file is named for."""
    citations = (citation for citation, _ in generator.records(count))
    if path.suffix == ".ris":
        records = (Record("", "", "", place, citation) for place, citation in enumerate(citations, start=1))
        with path.open("wb") as stream:
            stream.writelines(WRITERS["ris"].write(records))
        return
    with path.open("w", encoding="utf-8", newline="") as table:
        rows = csv.writer(table)
        rows.writerow(_HEADINGS)
        for place, one in enumerate(citations, start=1):
            people = "; ".join(map(str, one.authors))
            rows.writerow(
                (place, one.title, people, one.year or "", one.container, one.volume, one.issue, one.pages, one.doi,
                 one.abstract, "")
            )  # fmt: skip


def _family(process: int) -> Iterator[int]:
    """Yield a process and all that it started."""
    yield process
    try:
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))
    except OSError:
        # It has just ended.
        return


def _held(process: int) -> int:
    """Return the bytes that a process and all that it started hold in memory."""
    pages = 0
    for one in _family(process):
        try:
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue
    return pages * os.sysconf("SC_PAGE_SIZE")


def measure(size: int, kind: str) -> dict[str, object]:
    """Deduplicate a file of `size` records; return seconds by the clock and of processors, and memory in GB."""
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / f"records.{kind}"
        write(given, size)
        command = [sys.executable, "-m", "evidence_review.cli", "dedup", "files", str(given)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        running = subprocess.Popen(
            [*command, "--out", str(Path(folder) / "out"), "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        most = 0
        while running.poll() is None:
            most = max(most, _held(running.pid))
            time.sleep(0.1)
        seconds = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert running.stdout is not None and running.returncode == 0
        told = json.load(running.stdout)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {
            "records": size,
            "format": kind,
            "MB": given.stat().st_size // 1_000_000,
            "seconds": round(seconds, 1),
            "CPU seconds": round(processor, 1),
            "GB": round(most / 1e9, 2),
            "copies": told["copies"],
            "doubtful": told["doubtful"],
        }


def main() -> int:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--format", default="ris", choices=("ris", "csv"))
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    missed = False
    for size in chosen.sizes:
        told = measure(size, chosen.format)
        missed |= float(str(told["GB"])) > MOST * max(1, size / 1_000_000)
        print(
            json.dumps(told) if chosen.json else "  ".join(f"{key} {value}" for key, value in told.items()), flush=True
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
