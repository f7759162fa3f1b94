"""Run every benchmark of the project and write docs/benchmarks.md: machine, versions, what came out, and the ratios.

usage: python benchmarks/run_all.py [--quick] [--only NAME …]

Labelled sets come from the folder in EVIDENCE_REVIEW_CORPUS (default ../shared/corpus); a benchmark that needs what is
not here is named with the reason and never passed over. `--quick` takes smaller sizes. Exit 1 where a benchmark missed
its target. The page shows processor time, which says more than the clock on a machine that does other work, too.
"""

from __future__ import annotations

import argparse
import ast
import datetime
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
PAGE = CHECKOUT / "docs" / "benchmarks.md"
CORPUS = Path(os.environ.get("EVIDENCE_REVIEW_CORPUS") or CHECKOUT.parent / "shared" / "corpus").resolve()
PEERS = (
    "bib-dedupe",
    "rispy",
    "asreview",
    "pimeta",
    "PyMetaAnalysis",
    "search-query",
    "pyzotero",
    "statsmodels",
    "irrCAC",
)
OWN = ("evidence-review", "rapidfuzz", "numpy", "scipy", "scikit-learn", "pandas", "requests", "lxml", "openpyxl")


@dataclass(frozen=True)
class Bench:
    """One benchmark. `quick` replaces `arguments` where sizes are to be small; CORPUS/… is a folder of the corpus.

    One that `asks` has targets and ends with 1 where it missed one; the others print figures for people to judge.
    """

    script: str
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] | None = None
    imports: tuple[str, ...] = ()
    asks: bool = False


PLAN = (
    Bench("startup", asks=True),
    Bench("load_ris", ("100000",), ("20000",), imports=("rispy",), asks=True),
    Bench("search_parse_pubmed", ("--articles", "100000"), ("--articles", "20000"), asks=True),
    Bench("strategies", ("CORPUS/queries/pubmed_strategies.jsonl",), asks=True),
    Bench("dedup_labelled", ("CORPUS/dedup/*",)),
    Bench("dedup_corruption", ("--works", "3000"), ("--works", "1000")),
    Bench("dedup_traps", ("--works", "2000"), ("--works", "500")),
    Bench("dedup_engines", ("CORPUS/dedup/*",), ("CORPUS/dedup/*", "--made-up", "0"), imports=("pyspark",), asks=True),
    Bench("dedup_scale", ("10000", "100000"), ("10000",)),
    Bench("dedup_files", ("10000", "100000"), ("10000",), asks=True),
    Bench("dedup_peers", ("--records", "10000"), ("--records", "2000"), asks=True),
    Bench("screen_speed", ("100000",), ("2500",), asks=True),
    Bench(
        "screen_ranking",
        ("CORPUS/screening", "--seeds", "10", "--warm"),
        ("CORPUS/screening", "--seeds", "1", "--warm"),
        asks=True,
    ),
    Bench("screen_agreement", imports=("statsmodels", "irrCAC"), asks=True),
    Bench("extract_collect"),
    Bench("pool_oracles", imports=("pimeta", "meta_analyze")),
    Bench("report_render", ("20000",), ("5000",), asks=True),
    Bench("audit_bundle", ("20000",), ("5000",)),
)
LIBRARIES = ("dedup_generator", "run_all")


@dataclass(frozen=True)
class Outcome:
    """What came of a benchmark: met, missed, nothing asked, or "not run" with the reason as its output."""

    bench: Bench
    state: str
    output: str
    processor: float


def main() -> int:
    """Run them, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller sizes")
    parser.add_argument("--only", nargs="*", default=[], help="names of benchmarks; the page is not written")
    chosen = parser.parse_args()
    unknown = {path.stem for path in (CHECKOUT / "benchmarks").glob("*.py")} - {bench.script for bench in PLAN}
    if unknown - set(LIBRARIES):
        sys.exit(f"benchmarks that the plan does not have: {', '.join(sorted(unknown - set(LIBRARIES)))}")
    outcomes = []
    for bench in PLAN:
        if not chosen.only or bench.script in chosen.only:
            print(f"== {bench.script}", flush=True)
            outcomes.append(outcome := _run(bench, chosen.quick))
            print(outcome.output, f"({outcome.state}, {outcome.processor:.0f} s of processor)", sep="\n", flush=True)
    if not chosen.only:
        PAGE.write_text(page(outcomes, chosen.quick), encoding="utf-8")
        print(f"written: {PAGE.relative_to(CHECKOUT)}")
    return int(any(outcome.state == "missed" for outcome in outcomes))


def _run(bench: Bench, quick: bool) -> Outcome:
    arguments: list[str] = []
    for word in bench.quick if quick and bench.quick is not None else bench.arguments:
        found = sorted(map(str, CORPUS.glob(word.removeprefix("CORPUS/")))) if word.startswith("CORPUS/") else [word]
        if not found:
            return Outcome(bench, "not run", f"needs {word}, which is not here", 0.0)
        arguments += found
    for name in bench.imports:
        if subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, check=False).returncode:
            return Outcome(bench, "not run", f"needs {name}, which is not installed here", 0.0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [sys.executable, str(CHECKOUT / "benchmarks" / f"{bench.script}.py"), *arguments],
            capture_output=True, text=True, check=False, cwd=CHECKOUT, env={**os.environ, "TMPDIR": scratch},
        )  # fmt: skip
        said = (done.stdout.strip() or done.stderr.strip()).replace(scratch, "TMP")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    for path, name in ((CORPUS, "CORPUS"), (CHECKOUT, ".")):
        said = said.replace(str(path), name)
    return Outcome(bench, "missed" if done.returncode else "met" if bench.asks else "nothing asked", said, spent)


def page(outcomes: list[Outcome], quick: bool) -> str:
    """Return the page in Markdown."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; do not edit. Times of other programs come from the same run on the same machine.",
        "",
        f"- When: {today}{', with small sizes (`--quick`)' if quick else ''}",
        f"- Machine: {_processor()}, {os.cpu_count()} cores, {_memory()}, {platform.system()}",
        f"- Python {platform.python_version()}; {_versions(OWN)}",
        f"- Beside them: {_versions(PEERS)}",
        "",
        "| benchmark | asked for | processor s |",
        "|---|---|---|",
        *(
            f"| [{one.bench.script}](#{one.bench.script}) | {one.state} | "
            f"{f'{one.processor:.0f}' if one.state != 'not run' else ''} |"
            for one in outcomes
        ),
    ]
    for one in outcomes:
        words = [*one.bench.quick] if quick and one.bench.quick is not None else [*one.bench.arguments]
        lines += [
            "",
            f"## {one.bench.script}",
            "",
            _first_line(one.bench.script),
            "",
            "```text",
            f"$ python benchmarks/{' '.join([f'{one.bench.script}.py', *words])}",
            one.output or "(it said nothing)",
            "```",
        ]
    return "\n".join(lines) + "\n"


def _first_line(script: str) -> str:
    text = (CHECKOUT / "benchmarks" / f"{script}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").splitlines()[0]


def _versions(names: tuple[str, ...]) -> str:
    found = []
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found) or "none installed in this environment"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    name = re.search(r"model name\s*:\s*(.+)", text)
    return name[1].strip() if name else platform.machine()


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"
    except (ValueError, OSError, AttributeError):
        return "memory unknown"


if __name__ == "__main__":
    sys.exit(main())
