"""Time and memory of loading many RIS records into a review, beside rispy parsing the same file.

Run: python benchmarks/load_ris.py [RECORDS [PYTHON]]
PYTHON is an interpreter that has rispy; by default the one that runs this. Prints seconds by the clock and of the
processors (of all processes together, so that other work on the machine counts less), records a second by the clock,
peak memory of all processes together, and the ratio to rispy by both. Asked for are 15 s and 500 MB at most for 100,000
records, and a ratio of 1 by the clock.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

_WORDS = """
partnership health district hospital training outcome nurse evaluation access quality cohort rural programme community
service delivery measure intervention participants evidence effect improvement support maternal
"""
WORDS = _WORDS.split()
PROTOCOL = """\
review: bench
title: Benchmark
question: {text: How fast is it?}
eligibility: {include: [{id: I1, criterion: any}]}
sources:
  - {id: one, name: One, via: file, files: [many.ris], searched_on: 2026-01-01}
"""
MEASURED = """
import resource, sys, time
def used():
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
def work():
{work}
before = used()
begin = time.perf_counter()
count = work()
print(time.perf_counter() - begin, used() - before, count)
"""
LOAD = """
    from pathlib import Path
    from evidence_review.commands.load.run import run
    from evidence_review.workspace.workspace import Workspace
    return run(Workspace.open(Path(sys.argv[1]))).data["loaded"]
"""
LOOK = """
    from pathlib import Path
    from evidence_review.commands.load.dry import look
    return look([Path(sys.argv[1])]).data["records"]
"""
CONVERT = """
    from pathlib import Path
    from evidence_review.commands.load.convert import convert
    path = Path(sys.argv[1])
    return convert([path], "csv", path.with_suffix(".csv")).data["records"]
"""
RISPY = """
    import rispy
    with open(sys.argv[1], encoding="utf-8") as stream:
        return len(rispy.load(stream))
"""


def record(number: int, rng: random.Random) -> str:
    """Return a record of some 2,500 characters, as databases export them."""

    def words(count: int) -> str:
        return " ".join(rng.choices(WORDS, k=count))

    lines = ["TY  - JOUR", f"TI  - {words(14)} {number}"]
    letters = "ABCDEFGHIJKLMNOPRSTW"
    lines += [f"AU  - {rng.choice(WORDS).title()}, {rng.choice(letters)}. {rng.choice(letters)}." for _ in range(6)]
    lines += [f"T2  - Journal of {words(3)}", f"PY  - {rng.randrange(1990, 2026)}", f"VL  - {rng.randrange(99)}",
              f"IS  - {rng.randrange(12)}", f"SP  - {rng.randrange(900)}", f"EP  - {rng.randrange(900, 1800)}",
              f"DO  - 10.1234/bench.{number}", "SN  - 1234-5678", "LA  - eng",
              f"UR  - https://example.org/{number}"]  # fmt: skip
    lines += [f"KW  - {words(2)}" for _ in range(8)]
    lines += [f"AB  - {words(225)}", "ER  - ", "", ""]
    return "\n".join(lines)


class Figures(NamedTuple):
    """What a program took: seconds by the clock, seconds of the processors, megabytes; and how many records it saw."""

    clock: float
    processors: float
    memory: float
    count: int


def measured(python: str, work: str, argument: Path) -> Figures:
    """Run a program in a process of its own, and look every 50 ms how much memory it and its children hold."""
    command = [python, "-c", MEASURED.format(work=work.strip("\n")), str(argument)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(resident(number) for number in (process.pid, *children(process.pid))))
        time.sleep(0.05)
    out, errors = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command[:1], out, errors)
    clock, processors, count = out.split()
    return Figures(float(clock), float(processors), peak, int(count))


def children(process: int) -> list[int]:
    """Return the children of a process (Linux only; elsewhere none are seen)."""
    try:
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def resident(process: int) -> float:
    """Return the megabytes that a process holds in memory of its own."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    except (OSError, IndexError):
        return 0.0


def told(name: str, figures: Figures) -> None:
    """Print what a program took."""
    print(
        f"{name:<8} {figures.count:,} records: {figures.clock:.1f} s by the clock, {figures.processors:.1f} s of "
        f"processors, {figures.count / figures.clock:,.0f}/s, {figures.memory:.0f} MB"
    )


# What loading may take at the full size: seconds by the clock, MB, and rispy's seconds over ours.
SECONDS, MEMORY, RATIO, FULL = 15.0, 500.0, 1.0, 100_000


def missed(ours: Figures, theirs: Figures | None) -> list[str]:
    """Return the targets that loading missed."""
    found = []
    if ours.count >= FULL and ours.clock > SECONDS:
        found.append(f"more than {SECONDS:.0f} s")
    if ours.memory > MEMORY:
        found.append(f"more than {MEMORY:.0f} MB")
    if theirs is not None and theirs.clock < RATIO * ours.clock:
        found.append("slower than rispy, which only parses")
    return found


def main() -> int:
    """Make the file, load it, print the figures; 1 where loading missed a target."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    python = sys.argv[2] if len(sys.argv) > 2 else sys.executable
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "protocols" / "bench").mkdir(parents=True)
        (folder / "protocols" / "bench.yml").write_text(PROTOCOL, encoding="utf-8")
        file = folder / "protocols" / "bench" / "many.ris"
        rng = random.Random(1)
        with file.open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(record(number, rng) for number in range(count))
        print(f"{count:,} records, {file.stat().st_size / 1e6:.0f} MB, {os.cpu_count()} processors")
        try:
            theirs = measured(python, RISPY, file)
            told("rispy", theirs)
        except subprocess.CalledProcessError:
            theirs = None
            print("rispy: not installed; pip install rispy for the comparison")
        faults: list[str] = []
        for verb, work, argument in (("load", LOAD, folder), ("dry-run", LOOK, file), ("convert", CONVERT, file)):
            ours = measured(sys.executable, work, argument)
            told(verb, ours)
            if verb == "load":
                faults = missed(ours, theirs)
            if theirs is not None:
                print(
                    f"         ratio (rispy's seconds / ours): {theirs.clock / ours.clock:.2f} by the clock, "
                    f"{theirs.processors / ours.processors:.2f} of processors"
                )
        if faults:
            print(f"load MISSED: {'; '.join(faults)}")
        return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
