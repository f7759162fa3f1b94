"""Ranges of numbered lines, as Ovid and the Cochrane Library write them: `or/1-3`, `1-3/OR`, `or/#1-#3,#7`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from evidence_review.commands.search.strategy.foreign import CODE
from evidence_review.commands.search.strategy.tokens import CLOSE, OPEN, OPERATOR, REFERENCE, WORD, Token
from evidence_review.commands.search.strategy.tree import WARNING, Fault

_LINES = r"#?\d{1,4}(?:-#?\d{1,4})?(?:,#?\d{1,4}(?:-#?\d{1,4})?)*"
_RANGE = re.compile(rf"(?:(and|or)/({_LINES})|({_LINES})/(and|or))", re.IGNORECASE | re.ASCII)

_UNJOINED = re.compile(r"#\d{1,4}(?:-#?\d{1,4}|(?:,#?\d{1,4})+)", re.ASCII)


def spelt_out(tokens: list[Token], known: Collection[int], report: Callable[[Fault], None]) -> list[Token]:
    """Return tokens with each range of lines written out, in brackets; where no line is `known` they stay words."""
    found: list[Token] = []
    for token in tokens:
        if token.kind == WORD and _UNJOINED.fullmatch(token.text):
            what = f"'{token.text[:30]}' does not say how these lines are joined; PubMed reads it as words"
            report(Fault(CODE, WARNING, what, "Write #1 OR #2 OR #3.", token.place))
        match = _RANGE.fullmatch(token.text) if token.kind == WORD else None
        lines = match[2] or match[3] if match else ""
        if match is None or not re.search("[-,]", lines):
            found.append(token)
            continue
        operator = (match[1] or match[4]).upper()
        numbers = _numbers(lines, known) if known else []
        if not numbers:
            what = f"'{token.text[:30]}' is Ovid syntax; PubMed reads it as words"
            report(Fault(CODE, WARNING, what, "Write #1 OR #2 OR #3.", token.place))
            found.append(token)
            continue
        written = f" {operator} ".join(f"#{number}" for number in numbers)
        what = f"'{token.text[:30]}' is Ovid syntax, which PubMed reads as words; here it is read as its lines"
        report(Fault("line-range", WARNING, what, f"For PubMed write {written}.", token.place))
        found.append(replace(token, kind=OPEN, text="("))
        for place, number in enumerate(numbers):
            if place:
                found.append(replace(token, kind=OPERATOR, text=operator))
            found.append(replace(token, kind=REFERENCE, text=str(number)))
        found.append(replace(token, kind=CLOSE, text=")"))
    return found


def _numbers(lines: str, known: Collection[int]) -> list[int]:
    """Return the lines of `1-3,7`: those named, and those between them that there are."""
    found: list[int] = []
    for part in lines.replace("#", "").split(","):
        first, _, last = part.partition("-")
        begin, end = int(first), int(last or first)
        found.extend(number for number in range(begin, end + 1) if number in known or number in (begin, end))
    return list(dict.fromkeys(found))
