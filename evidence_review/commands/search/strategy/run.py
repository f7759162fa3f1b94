"""The work of `search translate` and `search lint`: from a file or the protocol to a summary."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence_review.commands.search.strategy import describe
from evidence_review.commands.search.strategy.lint import review
from evidence_review.commands.search.strategy.parse import parse
from evidence_review.commands.search.strategy.translate import TARGETS
from evidence_review.commands.search.strategy.translate import translate as translated
from evidence_review.commands.search.strategy.tree import ERROR, Strategy
from evidence_review.errors import EXIT_DONE, EXIT_INPUT, InputError, Problem, UsageError, suggest
from evidence_review.summary import Summary

if TYPE_CHECKING:
    from evidence_review.workspace.workspace import Workspace

_LINE = re.compile(r"lines? #?([0-9]{1,6})")
_MOST_BYTES = 2_000_000


def read_text(path: Path) -> str:
    """Return a strategy file's text.

    Raises:
        InputError: it cannot be read, is no text in UTF-8 or UTF-16, or is far too long to be a strategy.
    """
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise InputError(f"{path} cannot be read ({fault.strerror}).") from fault
    if len(data) > _MOST_BYTES:
        raise InputError(f"{path} has {len(data):,} bytes; a strategy has at most {_MOST_BYTES:,}. Is it another file?")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8. Save it as UTF-8 text and try again.") from None


def strategies(open_workspace: Callable[[], Workspace], path: Path | None, name: str | None) -> dict[str, Strategy]:
    """Return the strategies meant, by name: the file's (named ""), else the protocol's.

    Raises:
        UsageError: both a file and a name, or a name that the protocol has not got.
        InputError: the file cannot be read, or the protocol has no strategy.
    """
    if path is not None:
        if name is not None:
            raise UsageError("Give --strategy-file or --strategy, not both.")
        return {"": parse(read_text(path))}
    found: Mapping[str, str] = open_workspace().protocol.strategies
    if not found:
        raise InputError("The protocol has no strategy: write one under 'strategies', or give --strategy-file FILE.")
    if name is not None and name not in found:
        raise UsageError(f"The protocol has no strategy '{name}'. {suggest(name, found)}".strip())
    return {key: parse(text) for key, text in found.items() if name in (None, key)}


def searched_by(open_workspace: Callable[[], Workspace], path: Path | None) -> dict[str, tuple[str, ...]]:
    """Return, for each strategy of the protocol, the targets that it is searched in; none for a strategy in a file."""
    if path is not None:
        return {}
    from evidence_review.commands.search.plan import service_of

    found: dict[str, dict[str, None]] = {}
    for source in open_workspace().protocol.sources:
        service = service_of(source) if source.via == "api" else None
        target = (service.target or service.id) if service is not None else ""
        if target in TARGETS:
            found.setdefault(source.strategy or "", {})[target] = None
    return {name: tuple(targets) for name, targets in found.items()}


def _target_of(name: str) -> str:
    """Return the target of a source: preprints are searched through Europe PMC, in its syntax."""
    from evidence_review.sources import find

    service = None if name in TARGETS else find(name)
    if service is None:
        return name
    target = service.target or service.id
    if target not in TARGETS:
        raise UsageError(f"{service.name} is searched without a strategy: it knows dates alone.")
    return target


def translate(
    found: Mapping[str, Strategy],
    targets: Sequence[str] = (),
    *,
    all_terms: bool = False,
    sources: Mapping[str, Sequence[str]] | None = None,
    headings: Mapping[str, Sequence[str]] | None = None,
) -> Summary:
    """Return each strategy's translations for `targets`, else for those that `sources` has for it, else for all.

    `headings` has the words that the protocol gives for a heading.

    Raises:
        UsageError: a target does not exist.
    """
    lines: list[str] = []
    data: dict[str, Any] = {}
    for name, strategy in found.items():
        chosen = tuple(map(_target_of, targets)) or (sources or {}).get(name) or TARGETS
        written = {target: translated(strategy, target, headings) for target in chosen}
        data[name] = describe.strategy(strategy, written)
        if name:
            lines.append(f"Strategy '{name}'")
        for fault in strategy.faults:
            lines.extend(describe.fault_lines(fault, strategy.text))
        for target, translation in written.items():
            lines.extend(describe.translation_lines(translation, TARGETS[target].label, all_terms=all_terms))
    return Summary(tuple(lines), data[""] if set(data) == {""} else {"strategies": data})


def lint(found: Mapping[str, Strategy], hits: Path | None = None) -> Summary:
    """Return what a peer reviewer would say of each strategy; exit code 1 where something is plainly wrong.

    Raises:
        InputError: the file of hits cannot be read; every row at fault is named.
    """
    counts = read_hits(hits) if hits else {}
    lines: list[str] = []
    data: dict[str, Any] = {}
    errors = 0
    for name, strategy in found.items():
        findings = review(strategy, counts)
        errors += sum(finding.severity == ERROR for finding in findings)
        data[name] = {"findings": [describe.fault(finding) for finding in findings]}
        if name:
            lines.append(f"Strategy '{name}'")
        for finding in findings:
            lines.extend(describe.fault_lines(finding, strategy.text))
        lines.append(f"{len(findings)} finding{'' if len(findings) == 1 else 's'}.")
    return Summary(
        tuple(lines),
        data[""] if set(data) == {""} else {"strategies": data},
        exit_code=EXIT_INPUT if errors else EXIT_DONE,
    )


def read_hits(path: Path) -> dict[int, int]:
    """Return the hits of each line from a CSV file with the columns line and hits, or from what `search count` printed.

    Raises:
        InputError: with every row at fault.
    """
    text = read_text(path)
    if text.lstrip().startswith("{"):
        return _counted(path, text)
    rows = csv.DictReader(io.StringIO(text))
    if not {"line", "hits"} <= set(rows.fieldnames or ()):
        raise InputError(f"{path} has no columns 'line' and 'hits' in its first row.")
    found: dict[int, int] = {}
    problems = []
    for number, row in enumerate(rows, start=2):
        line, count = (row["line"] or "").strip().lstrip("#"), (row["hits"] or "").strip().replace(",", "")
        if line.isdecimal() and count.isdecimal():
            found[int(line)] = int(count)
        else:
            problems.append(
                Problem(f"{path} row {number}", "line and hits are not both whole numbers", "Correct them.")
            )
    if problems:
        raise InputError(f"{path} was not read.", problems)
    return found


def _counted(path: Path, text: str) -> dict[int, int]:
    """Return the hits of each line in PubMed, or in the source that has most, from `search count --lines --json`."""
    try:
        counts = json.loads(text)["counts"]
        told = [(str(item["source"]), _LINE.match(str(item["what"])), item["hits"]) for item in counts]
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{path} is not what 'search count --lines --json' prints: it has no 'counts' with source, what and hits."
        ) from None
    known = [(source, int(line[1]), hits) for source, line, hits in told if line and isinstance(hits, int)]
    wanted = [item for item in known if item[0] == "pubmed"] or known
    found: dict[int, int] = {}
    for _, line, hits in wanted:
        found[line] = max(hits, found.get(line, 0))
    return found
