"""Time and memory of loading many RIS records into a review, beside rispy parsing the same file.

Run: python benchmarks/load_ris.py [RECORDS [PYTHON]]
PYTHON is an interpreter that has rispy; by default the one that runs this. Prints seconds of the processor (so that
other work on the machine does not count), records a second, peak memory, and the ratio to rispy.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path

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
LOAD = """
import resource, sys, time
from pathlib import Path
from evidence_review.commands.load.run import run
from evidence_review.workspace.workspace import Workspace
begin = time.process_time()
summary = run(Workspace.open(Path(sys.argv[1])))
seconds = time.process_time() - begin
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, summary.data["loaded"])
"""
RISPY = """
import resource, sys, time
import rispy
begin = time.process_time()
with open(sys.argv[1], encoding="utf-8") as stream:
    entries = rispy.load(stream)
seconds = time.process_time() - begin
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(entries))
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


def measured(python: str, program: str, argument: Path) -> tuple[float, float, int]:
    """Run a program in a process of its own; return seconds, megabytes at its peak, and how many records it saw."""
    out = subprocess.run([python, "-c", program, str(argument)], check=True, capture_output=True, text=True)
    seconds, memory, count = out.stdout.split()
    return float(seconds), float(memory), int(count)


def main() -> None:
    """Make the file, load it, and print the figures."""
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
        size = file.stat().st_size / 1e6
        seconds, memory, loaded = measured(sys.executable, LOAD, folder)
        print(f"load:  {loaded:,} records, {size:.0f} MB: {seconds:.1f} s, {loaded / seconds:,.0f}/s, {memory:.0f} MB")
        try:
            theirs, their_memory, seen = measured(python, RISPY, file)
        except subprocess.CalledProcessError:
            print("rispy: not installed; pip install rispy for the comparison")
            return
        print(f"rispy: {seen:,} records: {theirs:.1f} s, {seen / theirs:,.0f}/s, {their_memory:.0f} MB")
        print(f"ratio (rispy's seconds / ours): {theirs / seconds:.2f}")


if __name__ == "__main__":
    main()
