"""The parts of a strategy that can be counted by themselves: its numbered lines, its lines, or its concepts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evidence_review.commands.search.strategy.parse import parse
from evidence_review.commands.search.strategy.print import to_pubmed
from evidence_review.commands.search.strategy.translate import TARGETS, translate
from evidence_review.commands.search.strategy.translate.base import EXACT
from evidence_review.commands.search.strategy.tree import And, Node, Not, Strategy, children, leaves
from evidence_review.state.known_items import KnownItem

# The operators that join a line to the one before or after it.
_JOINING = re.compile(r"^(?:AND|OR|NOT)\b\s*|\s*\b(?:AND|OR|NOT)$", re.IGNORECASE)


def lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of each part: numbered lines with what they refer to, else those that stand by themselves.

    Where brackets run over several lines, the parts are what the whole strategy joins by AND or takes away by NOT.
    """
    strategy = parse(text)
    if strategy.lines:
        for numbered in strategy.lines:
            yield f"line #{numbered.number}", to_pubmed(numbered.node)
        return
    written = [(number, _JOINING.sub("", line.strip())) for number, line in enumerate(text.splitlines(), start=1)]
    written = [(number, line) for number, line in written if line]
    if all(line.count("(") == line.count(")") for _, line in written):
        for number, line in written:
            yield f"line {number}", line
        return
    for part in _concepts(strategy):
        first = min((leaf.place.line for leaf in leaves(part)), default=0)
        last = max((leaf.place.line for leaf in leaves(part)), default=0)
        yield (f"line {first}" if first == last else f"lines {first}-{last}"), to_pubmed(part)


def _concepts(strategy: Strategy) -> Iterator[Node]:
    def parts(node: Node) -> Iterator[Node]:
        if isinstance(node, (And, Not)):
            for child in children(node):
                yield from parts(child)
        else:
            yield node

    return parts(strategy.root)


def among(items: Sequence[KnownItem], target: str) -> tuple[str, int]:
    """Return (a strategy that finds the known items, how many of them it names) for a target; ("", 0) for none.

    An item is named by its PMID, or its DOI, where the target has a field for it.
    """
    named = []
    for item in items:
        ids = [f"{item.pmid}[pmid]"] if item.pmid else []
        # A comma, a bracket or a quote in a DOI would end the term.
        ids += [f'"{item.doi}"[aid]'] if item.doi and not set(item.doi) & set('"[]') else []
        told = next((term for term in ids if _is_told(term, target)), "")
        if told:
            named.append(told)
    return " OR ".join(named), len(named)


def _is_told(term: str, target: str) -> bool:
    if target not in TARGETS or TARGETS[target].bag:
        return False
    # Words of an identifier that are looked for anywhere would claim an item that merely has them.
    return all(row.outcome == EXACT for row in translate(parse(term), target).rows)
