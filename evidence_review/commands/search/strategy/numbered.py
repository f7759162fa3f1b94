"""Strategies on numbered lines: which line is where, and which of them the last line comes to use.

Lines may be numbered `#1`, `1.`, `1)`, `1:`, by a number and a tab, or (where every line is, without a gap) by a bare
number. A search history is copied with its newest line first and with the hits behind each line: the numbers say the
order, and what is no part of a query is passed over with a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from evidence_review.commands.search.strategy.tree import ADVICE, WARNING, Fault, Line

_LABEL = re.compile(r"[ \t]*(?:#[ ]?([0-9]{1,4})[.):]?|([0-9]{1,4})[.):])[ \t]+(?=\S)|[ \t]*#?([0-9]{1,4})\t\s*(?=\S)")
_BARE_LABEL = re.compile(r"[ \t]*([0-9]{1,4})[ \t]+(?=\S)")
_STARTS_WITH_OPERATOR = re.compile(r"(?:AND|OR|NOT)\b(?!/)", re.IGNORECASE)
_STARTS_WITH_REFERENCE = re.compile(r"[\s(]*#([0-9]{1,4})(?=[\s)])")
_GOES_ON = re.compile(r"(?:\b(?:AND|OR|NOT)|\()\s*\Z", re.IGNORECASE)
# What a copied history has around a query: a word before it, and the order, the filters, hits and the time behind it.
_BEFORE = re.compile(r"Search:?[ \t]+(?=[(\"#“])|Search:[ \t]+")
_BEFORE_ALL = re.compile(r"Search:?[ \t]+")
_AFTER = re.compile(r"\b(?:Filters?|Sort by):[^\n]*")
_HITS = re.compile(r"[0-9][0-9,. ]*|[0-9]{1,2}(?::[0-9]{2}){1,2}|")
ANY_SYNTAX = re.compile(r"[\[\]\"“”()*#]|\b(?:AND|OR|NOT)\b")

Report = Callable[[str, str, str, str, int, int], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """A numbered line: the place of its query in the text."""

    number: int
    start: int
    end: int


def entries(text: str, report: Report) -> list[Entry] | None:
    """Return the numbered lines by their numbers; None where the text is not numbered line by line.

    `report` takes (code, severity, what, remedy, start, end) of what is passed over.
    """
    lines = _lines(text)
    label = _BARE_LABEL if _all_numbered(lines) else _LABEL
    found: list[Entry] = []
    labelled = 0
    passed: list[tuple[int, int]] = []
    for line, start, end in lines:
        match = label.match(line)
        if match and not _STARTS_WITH_OPERATOR.match(line, match.end()):
            number = int(next(filter(None, match.groups())))
            found.append(Entry(number, start + match.end(), end))
            labelled += 1
        elif not found:
            if ANY_SYNTAX.search(line):
                return None
            passed.append((start, start + len(line.rstrip())))
        elif _is_new(line, found, text):
            found.append(Entry(max(entry.number for entry in found) + 1, start, end))
        else:
            found[-1] = replace(found[-1], end=end)
    if labelled < 2 or len({entry.number for entry in found}) < len(found):
        return None
    for begin, finish in passed:
        what, remedy = "this stands before the first numbered line and is not searched", "Take it out."
        report("text-before-lines", ADVICE, what, remedy, begin, finish)
    # A word that stands before every query is none of it.
    before = _BEFORE_ALL if all(_BEFORE_ALL.match(text, entry.start, entry.end) for entry in found) else _BEFORE
    return [_bare(entry, text, before, report) for entry in sorted(found, key=lambda entry: entry.number)]


def _is_new(line: str, found: Sequence[Entry], text: str) -> bool:
    """Whether a line without a number is one of its own: it begins with an earlier line, the one before is whole."""
    refers = _STARTS_WITH_REFERENCE.match(line)
    if refers is None or int(refers[1]) not in {entry.number for entry in found}:
        return False
    before = text[found[-1].start : found[-1].end]
    return not _GOES_ON.search(before) and before.count("(") <= before.count(")")


def _lines(text: str) -> list[tuple[str, int, int]]:
    """Return (line, start, end) of each line that is not empty."""
    found = []
    at = 0
    for line in text.splitlines(keepends=True):
        start, at = at, at + len(line)
        if line.strip():
            found.append((line, start, at))
    return found


def _all_numbered(lines: Sequence[tuple[str, int, int]]) -> bool:
    """Whether every line begins with a bare number, and these are 1, 2, 3 … or the same backwards."""
    labels = [_BARE_LABEL.match(line) for line, _, _ in lines]
    numbers = [int(label[1]) for label in labels if label]
    counted = list(range(1, len(lines) + 1))
    return len(lines) > 1 and len(numbers) == len(lines) and numbers in (counted, counted[::-1])


def _bare(entry: Entry, text: str, before: re.Pattern[str], report: Report) -> Entry:
    """Return an entry without what a copied history has around its query."""
    word = before.match(text, entry.start, entry.end)
    start = word.end() if word else entry.start
    end = start + len(_without_hits(text[start : entry.end]))
    after = _AFTER.search(text, start, end)
    if after is None or not text[start : after.start()].strip() or text[after.end() : end].strip():
        return Entry(entry.number, start, end)
    if after[0].startswith("Filter"):
        what = f"'{' '.join(after[0].split())[:60]}' stands beside the query and is not searched"
        report("history-filter", WARNING, what, "Write the limit into the strategy.", *after.span())
    return Entry(entry.number, start, after.start())


def _without_hits(query: str) -> str:
    """Return a query without the columns of hits and times that stand behind it, parted by tabs."""
    kept = query.rstrip().split("\t")
    while len(kept) > 1 and _HITS.fullmatch(kept[-1].strip()):
        kept.pop()
    return "\t".join(kept)


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
