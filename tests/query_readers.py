"""Readers of each target's query syntax, written from its documentation and sharing nothing with the translator.

`read(target, query)` gives nested tuples `("and"|"or"|"not", left, right)` over atoms; `value` evaluates them. Where a
target has rules of precedence, a query is read by them and from left to right, and both must mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Tree = Any

_QUOTED = r'"[^"]*"(?:~\d+)?'
_OPERATOR = r"\b(?:AND|OR|NOT)\b"
_TOKENS = {
    # A term runs to its tag; without one to the next operator or bracket.
    "pubmed": rf'[()]|{_OPERATOR}|(?:{_QUOTED}|(?:(?!{_OPERATOR})[^()\[\]"])+)(?:\[[^\]]*\])?',
    "lucene": rf'[()]|(?:[\w.-]+:)?(?:{_QUOTED}|\[[^\]]*\])|[^\s()"]+',
    "signs": rf'[()+|]|-(?=["(\w])|{_QUOTED}|[^\s()"+|-]+',
    "ctgov": rf'[()]|(?:AREA\[\w+\])?(?:{_QUOTED}|[^\s()"\[\]]+)',
    "scopus": rf'[()]|PUBYEAR [<>] \d+|[A-Z-]+\((?:{_QUOTED}|[^()"])*\)|AND NOT|[^\s()]+',
}
_KIND = {"pubmed": "pubmed", "semanticscholar": "signs", "ctgov": "ctgov", "scopus": "scopus"}
_OPERATORS = {
    "AND": "and", "OR": "or", "NOT": "not", "ANDNOT": "not", "AND NOT": "not", "+": "and", "|": "or", "-": "minus",
}  # fmt: skip
_STRENGTH = {"not": 3, "and": 2, "or": 1}


def tokens(target: str, query: str) -> list[str]:
    """Cut a query; whatever no token covers is an error."""
    pattern = re.compile(_TOKENS[_KIND.get(target, "lucene")])
    found, at = [], 0
    while at < len(query):
        if query[at].isspace():
            at += 1
            continue
        match = pattern.match(query, at)
        assert match, f"{target} cannot read {query[at : at + 40]!r}"
        found.append(match[0].strip())
        at = match.end()
    return found


def read(target: str, query: str) -> Tree:
    """Return the meaning of a query."""
    cut = tokens(target, query)
    by_strength = _Reader(cut, strict=False).whole()
    from_left = _Reader(cut, strict=True).whole()
    if target == "pubmed":
        return from_left
    names = sorted(atoms(by_strength))
    for pattern in range(min(1 << len(names), 64)):
        truth = {name: bool(pattern >> place & 1) for place, name in enumerate(names)}
        assert value(by_strength, truth) == value(from_left, truth), f"{target}: {query} is read in two ways"
    return by_strength


class _Reader:
    def __init__(self, cut: list[str], *, strict: bool) -> None:
        self._cut = cut
        self._at = 0
        self._strict = strict

    def whole(self) -> Tree:
        tree = self._expression(0)
        assert self._at == len(self._cut), f"left over: {self._cut[self._at :][:5]}"
        return tree

    def _next(self) -> str | None:
        return self._cut[self._at] if self._at < len(self._cut) else None

    def _operand(self) -> Tree:
        token = self._next()
        assert token is not None and token != ")", "an operand is missing"
        self._at += 1
        if token == "(":
            tree = self._expression(0)
            assert self._next() == ")", "a bracket is not closed"
            self._at += 1
            return tree
        assert token not in _OPERATORS, f"{token} where an operand should be"
        return token

    def _expression(self, least: int) -> Tree:
        left = self._operand()
        while (token := self._next()) in _OPERATORS:
            operator = _OPERATORS[token]
            if operator == "and" and self._at + 1 < len(self._cut) and self._cut[self._at + 1] == "-":
                operator, extra = "not", 1  # Semantic Scholar: a minus before an operand
            else:
                extra = 0
            strength = 1 if self._strict else _STRENGTH[operator]
            if strength <= least:
                break
            self._at += 1 + extra
            left = (operator, left, self._expression(strength))
        return left


def atoms(tree: Tree) -> set[str]:
    """Return the atoms of a query."""
    return {tree} if isinstance(tree, str) else atoms(tree[1]) | atoms(tree[2])


_MEANING: Mapping[str, Callable[[bool, bool], bool]] = {
    "and": lambda left, right: left and right,
    "or": lambda left, right: left or right,
    "not": lambda left, right: left and not right,
}


def value(tree: Tree, truth: Mapping[str, bool]) -> bool:
    """Return whether a record for which `truth` holds is found."""
    if isinstance(tree, str):
        return truth[tree]
    return _MEANING[tree[0]](value(tree[1], truth), value(tree[2], truth))
