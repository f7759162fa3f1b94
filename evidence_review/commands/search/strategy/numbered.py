"""Strategies on numbered lines: which line is where, and which of them the last line comes to use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from evidence_review.commands.search.strategy.tree import WARNING, Fault, Line

_LABEL = re.compile(r"[ \t]*(?:#[ ]?([0-9]{1,4})[.):]?|([0-9]{1,4})[.):])[ \t]+(?=\S)")
_STARTS_WITH_OPERATOR = re.compile(r"(?:AND|OR|NOT)\b", re.IGNORECASE)
_ONLY_REFERENCES = re.compile(r"(?:#[0-9]+|AND|OR|NOT|[\s()])+", re.IGNORECASE)


def entries(text: str) -> list[tuple[int, int, int]] | None:
    """Return (number, start, end) of each numbered line; None where the text is not numbered line by line."""
    found: list[tuple[int, int, int]] = []
    labelled, at = 0, 0
    for line in text.splitlines(keepends=True):
        start, at = at, at + len(line)
        if not line.strip():
            continue
        label = _LABEL.match(line)
        if label and not _STARTS_WITH_OPERATOR.match(line, label.end()):
            number = int(label[1] or label[2])
            if found and number <= found[-1][0]:
                return None
            found.append((number, start + label.end(), at))
            labelled += 1
        elif not found:
            return None
        elif _ONLY_REFERENCES.fullmatch(line) and "#" in line:
            found.append((found[-1][0] + 1, start, at))
        else:
            found[-1] = (found[-1][0], found[-1][1], at)
    return found if labelled >= 2 else None


def unused(lines: Sequence[Line]) -> Iterator[Fault]:
    """Yield a fault for each line that the last line does not come to use."""
    refers = {line.number: line.refers for line in lines}
    used: set[int] = set()
    waiting = [lines[-1].number]
    while waiting:
        number = waiting.pop()
        if number not in used:
            used.add(number)
            waiting.extend(refers[number])
    for line in lines:
        if line.number not in used:
            what = f"line #{line.number} is not part of the last line, so it is not searched"
            place = replace(line.place, end=line.place.start + 1)
            yield Fault("unused-line", WARNING, what, "Join it in the last line, or take it out.", place)
