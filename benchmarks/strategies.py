"""How long it takes to read strategies in PubMed syntax and to write them for every target.

Usage: python benchmarks/strategies.py [FILE.jsonl]
Each line of the file is an object with a `query`; without a file, strategies are made up. Exits 1 where reading them
all takes a second or more.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

from evidence_review.commands.search.strategy.lint import review
from evidence_review.commands.search.strategy.parse import parse
from evidence_review.commands.search.strategy.print import to_pubmed
from evidence_review.commands.search.strategy.translate import TARGETS, translate

LIMIT = 1.0


def made_up(count: int = 28) -> list[str]:
    """Return strategies of four concepts with some 120 terms, as reviews publish them."""
    chance = random.Random(1)
    words = [f"{''.join(chance.choices('abcdefghijklmnoprstuvwy', k=9))}" for _ in range(400)]
    texts = []
    for _ in range(count):
        blocks = []
        for _ in range(4):
            terms = [f"{word}[tiab]" for word in chance.sample(words, 24)]
            terms += [f'"{one} {two}"[Mesh]' for one, two in zip(words[:6], chance.sample(words, 6), strict=True)]
            blocks.append(f"({' OR '.join(terms)})")
        texts.append(" AND ".join(blocks) + " NOT (Animals[Mesh] not (Animals[Mesh] and Humans[Mesh]))")
    return texts


def main(arguments: list[str]) -> int:
    """Measure and print."""
    if arguments:
        lines = Path(arguments[0]).read_text(encoding="utf-8").splitlines()
        texts = [json.loads(line)["query"] for line in lines if line.strip()]
    else:
        texts = made_up()
    start = time.perf_counter()
    strategies = [parse(text) for text in texts]
    reading = time.perf_counter() - start
    start = time.perf_counter()
    same = sum(parse(to_pubmed(strategy.root)).root == strategy.root for strategy in strategies)
    again = time.perf_counter() - start
    start = time.perf_counter()
    rows = sum(len(translate(strategy, target).rows) for strategy in strategies for target in TARGETS)
    writing = time.perf_counter() - start
    start = time.perf_counter()
    findings = sum(len(review(strategy)) for strategy in strategies)
    reviewing = time.perf_counter() - start
    print(f"{len(texts)} strategies, {sum(map(len, texts)):,} characters")
    print(f"read                  {reading:6.3f} s   (at most {LIMIT:.1f} s){'' if reading < LIMIT else '   MISSED'}")
    print(f"printed and read back {again:6.3f} s   ({same} of {len(texts)} equal)")
    print(f"written for {len(TARGETS)} targets {writing:5.3f} s   ({rows:,} terms)")
    print(f"reviewed              {reviewing:6.3f} s   ({findings:,} findings)")
    return int(reading >= LIMIT or same < len(texts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
