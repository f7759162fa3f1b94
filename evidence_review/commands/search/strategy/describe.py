"""A strategy and its translations as plain data for `--json`, and as lines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from evidence_review.commands.search.strategy.print import to_pubmed
from evidence_review.commands.search.strategy.translate.base import EXACT, OUTCOMES, Row, Translation
from evidence_review.commands.search.strategy.tree import And, Dates, Fault, Node, Not, Or, Strategy, Term, Unread


def tree(node: Node) -> dict[str, Any]:
    """Return a node as nested objects: `kind` is and, or, not, term, dates or unread."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            kind = "and" if isinstance(node, And) else "or"
            return {"kind": kind, "parts": [tree(part) for part in parts], **_place(node)}
        case Not(keep=keep, drop=drop):
            return {"kind": "not", "keep": tree(keep), "drop": tree(drop), **_place(node)}
        case Term():
            return {"kind": "term", **_leaf(node)}
        case Dates():
            return {"kind": "dates", **_leaf(node)}
        case Unread():
            return {"kind": "unread", **_leaf(node)}


def _place(node: Node) -> dict[str, int]:
    return {"line": node.place.line, "column": node.place.column}


def _leaf(leaf: Term | Dates | Unread) -> dict[str, Any]:
    data = asdict(leaf)
    del data["place"]
    return {**data, **_place(leaf)}


def fault(item: Fault) -> dict[str, Any]:
    """Return a fault as an object."""
    place = {"line": item.place.line, "column": item.place.column}
    return {"code": item.code, "severity": item.severity, "what": item.what, "remedy": item.remedy, **place}


def translation(item: Translation) -> dict[str, Any]:
    """Return a translation as an object: query, parameters, queries, notes, counts of outcomes, and the terms."""
    return {
        "query": item.query,
        "parameters": dict(item.parameters),
        "queries": list(item.queries),
        "outcomes": outcomes(item),
        "terms": [asdict(row) for row in item.rows],
        "notes": list(item.notes),
    }


def outcomes(item: Translation) -> dict[str, int]:
    """Return how many terms had each outcome."""
    found = Counter(row.outcome for row in item.rows)
    return {outcome: found[outcome] for outcome in OUTCOMES}


def strategy(item: Strategy, translations: Mapping[str, Translation]) -> dict[str, Any]:
    """Return a strategy with its translations as one object."""
    return {
        "tree": tree(item.root),
        "normalised": to_pubmed(item.root),
        "faults": [fault(each) for each in item.faults],
        "lines": [
            {"number": line.number, "query": to_pubmed(line.node), "line": line.place.line} for line in item.lines
        ],
        "targets": {name: translation(each) for name, each in translations.items()},
    }


def caret(item: Fault, text: str, width: int = 100) -> tuple[str, str]:
    """Return the line that a fault stands in, cut to `width` around it, and a line with a caret under the place."""
    lines = text.split("\n")
    line = lines[item.place.line - 1] if 0 < item.place.line <= len(lines) else ""
    at = max(item.place.column - 1, 0)
    start = max(0, min(at - width // 2, len(line) - width))
    shown = "".join(character if character.isprintable() else " " for character in line[start : start + width])
    length = max(1, min(item.place.end - item.place.start, len(shown) - (at - start)))
    return shown, " " * (at - start) + "^" * length


def fault_lines(item: Fault, text: str) -> Iterator[str]:
    """Yield a fault for people: what, where with a caret, and what to do."""
    yield f"{item.severity}: line {item.place.line}, column {item.place.column}: {item.what}. {item.remedy}".rstrip()
    for line in caret(item, text):
        yield f"    {line}"


def translation_lines(item: Translation, label: str, *, all_terms: bool = False) -> Iterator[str]:
    """Yield a translation for people: the query, what beside it, and the terms that changed, alike ones together."""
    counted = ", ".join(f"{count} {outcome}" for outcome, count in outcomes(item).items() if count)
    yield f"{label} ({item.target}): {counted or 'no terms'}"
    for query in item.queries:
        yield f"    {query}"
    for name, text in item.parameters.items():
        yield f"    {name}={text}"
    for note in item.notes:
        yield f"    Note: {note}"
    groups: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in item.rows:
        if all_terms or row.outcome != EXACT:
            groups.setdefault((row.outcome, row.effect, row.why, row.mend), []).append(row)
    for (outcome, effect, why, mend), rows in groups.items():
        shown = rows if all_terms else rows[:4]
        names = "; ".join(f"{row.text} ({row.line}:{row.column})" for row in shown)
        more = f" and {len(rows) - len(shown)} more" if len(rows) > len(shown) else ""
        result = {"more": ", finds more", "fewer": ", finds fewer"}.get(effect, "")
        yield f"    {outcome}{result}: {names}{more}"
        for extra in filter(None, (why, mend)):
            yield f"        {extra}"
