"""Bundle and verify (with replay) the worked example and a review of 20,000 records; print the seconds of each step.

usage: python benchmarks/audit_bundle.py [RECORDS]
The issue asks for the round trip in under 60 s. The records are made up: titles of random words.
"""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
PROTOCOL = """\
review: large
title: A large review
question: {text: Does it scale?}
eligibility: {exclude: [{code: E1, label: not about it}]}
team: [{id: reviewer-1}]
screening:
  title_abstract: {mode: single, screeners: [reviewer-1]}
  full_text: {mode: single, screeners: [reviewer-1]}
sources:
  - {id: made, name: Made up, files: [made.ris], searched_on: 2026-11-20}
"""
WORDS = [f"{a}{b}" for a in ("health", "nurs", "twin", "part", "link", "rural", "care", "train") for b in
         ("ing", "ed", "ship", "er", "al", "ion", "ist", "ment", "ness", "able", "ward", "wise")]  # fmt: skip


def program(folder: Path, *arguments: str) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "evidence_review.cli", "--folder", str(folder), *arguments],
        env={**os.environ, "SOURCE_DATE_EPOCH": "1795435200"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{arguments}: {done.stdout}{done.stderr}")
    return time.perf_counter() - started


def made(folder: Path, count: int) -> None:
    """Write a protocol and a RIS file of `count` records, a tenth of them copies."""
    draw = random.Random(1)
    records: list[str] = []
    for number in range(count):
        if records and draw.random() < 0.1:
            records.append(draw.choice(records).replace("DP  - ", "DP  - copy "))
            continue
        title = " ".join(draw.choices(WORDS, k=9))
        abstract = " ".join(draw.choices(WORDS, k=150))
        records.append(
            f"TY  - JOUR\nAU  - {draw.choice(WORDS).title()}, {chr(65 + number % 26)}.\nTI  - {title}\n"
            f"PY  - {2000 + number % 25}\nJO  - Journal of {draw.choice(WORDS)}\nVL  - {number % 90}\n"
            f"SP  - {number}\nDO  - 10.1234/{number}\nAB  - {abstract}\nDP  - made\nID  - {number}\nER  - \n"
        )
    (folder / "protocols" / "large").mkdir(parents=True)
    (folder / "protocols" / "large.yml").write_text(PROTOCOL, encoding="utf-8")
    text = "\n".join(f"{record}" for record in records)
    (folder / "protocols" / "large" / "made.ris").write_text(text, encoding="utf-8")


def fill(folder: Path) -> None:
    """Answer the doubtful pairs and exclude what nobody wants, as a screener would in a spreadsheet."""
    for path in (folder / "screening").rglob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows, columns = list(reader), list(reader.fieldnames or ())
        if "decision" not in columns or "reason" not in columns:
            continue
        for row in rows:
            row["decision"], row["reason"] = "exclude", "E1"
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.DictWriter(stream, columns)
            writer.writeheader()
            writer.writerows(rows)


def round_trip(name: str, folder: Path) -> None:
    out = folder / "bundle.zip"
    packing = program(folder, "audit", "bundle", str(out))
    checking = program(folder, "audit", "verify", str(out), "--no-replay")
    verifying = program(folder, "audit", "verify", str(out))
    print(f"{name}: bundle {packing:.1f} s ({out.stat().st_size / 1e6:.1f} MB), check {checking:.1f} s, "
          f"check and do again {verifying:.1f} s; round trip {packing + verifying:.1f} s")  # fmt: skip


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as scratch:
        example = Path(scratch) / "example"
        for name in ("protocols", "screening"):
            shutil.copytree(CHECKOUT / name, example / name)
        print(f"example: run {program(example, 'run'):.1f} s")
        round_trip("example", example)
        large = Path(scratch) / "large"
        made(large, count)
        for arguments in (["load"], ["dedup"], ["screen", "sheet"]):
            print(f"{count:,} records: {' '.join(arguments)} {program(large, *arguments):.1f} s")
        fill(large)
        for arguments in (["screen", "collect"], ["report", "--draft"], ["status"], ["audit", "verify"]):
            print(f"{count:,} records: {' '.join(arguments)} {program(large, *arguments):.1f} s")
        round_trip(f"{count:,} records", large)


if __name__ == "__main__":
    main()
