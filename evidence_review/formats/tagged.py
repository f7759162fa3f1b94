"""The one engine for formats of tagged lines; what differs between them is data (`Layout`).

Two passes, both linear. `blocks` cuts a file into records by the few lines that open or close one. Within a block one
regular expression takes every line apart at once, and lines without a tag continue the one above.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from evidence_review.formats.base import ORDINAL, PAGE_BREAK, PREAMBLE, STRAY, UNKNOWN_TAG, Aside, Item, Text
from evidence_review.formats.normalise import Bag, citation
from evidence_review.model.record import Parsed, Rejected

# Tag → its values with the line each begins on, in the order of the file.
Tags = dict[str, list[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Roles:
    """How tags become roles of the normaliser.

    `first` maps a role to tags in order of preference: the first tag that says anything gives all its values. `every`
    maps a role to tags that all contribute. `finish` mends what a table cannot say, and may set the role `native`, the
    source's own id; `split` maps a role to the separator (a pattern) of several values in one.
    """

    first: Mapping[str, tuple[str, ...]]
    every: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    split: Mapping[str, str] = field(default_factory=dict)
    finish: Callable[[Tags, Bag, str], None] | None = None
    order: str = "suffix-last"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a format of tagged lines looks.

    `heads` are the first two characters of every line that `start`, `end` or `outside` can match, so that most lines
    are passed over by one look-up. `line` takes a line apart (groups: tag, value) and must match any line. `known`
    are the tags that the format has; others are reported. With `gap`, a blank line may end a record. `frame`
    are the tags that open and close a record: one that has no other says nothing. `quick` is the separator that follows
    a tag of two characters on nearly every line.
    """

    name: str
    start: re.Pattern[str]
    end: re.Pattern[str] | None
    line: re.Pattern[str]
    heads: frozenset[str]
    roles: Roles
    known: frozenset[str]
    gap: bool = False
    one_a_line: frozenset[str] = frozenset()
    trailing: re.Pattern[str] | None = None
    tagged: re.Pattern[str] | None = None
    header: re.Pattern[str] | None = None
    frame: frozenset[str] = frozenset()
    quick: str = ""
    joiner: str = " "


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one record start: `number` of the first, the text as it came, and whether its end was seen."""

    number: int
    raw: str
    closed: bool = True
    orphan: bool = False


_ORDINAL = re.compile(r"\s*(?:\d{1,6}\s*[.):]?|<\s*\d{1,6}\s*\.?\s*>|Record #?\d+ of \d+|\[\d+\])\s*$", re.IGNORECASE)
_PREAMBLE = re.compile(
    r"\s*(?:Provider:|Content:|Database:|Search (?:query|strategy|history)|Link to the Ovid|Exported|Date of|"
    r"%|#|//|FN |VR |EF\b|Copyright)",
    re.IGNORECASE,
)
_PAGE_BREAK = re.compile(r"[\s\x0c]*\x0c[\s\x0c]*$|\s*(?:-{3,}|={3,}|_{3,}|\*{3,})\s*$|\s*Page \d+(?: of \d+)?\s*$")


# What a platform writes below a record: no part of the value above it.
_BETWEEN_RECORDS = ("Link to the Ovid", "Link to the External")


def aside(number: int, line: str) -> Aside:
    """Name a line that belongs to no record."""
    text = line.strip("\r\n \ufeff")
    if _PAGE_BREAK.match(line):
        return Aside(number, PAGE_BREAK, text[:200])
    if _ORDINAL.match(line):
        return Aside(number, ORDINAL, text[:200])
    if _PREAMBLE.match(line):
        return Aside(number, PREAMBLE, text[:200])
    return Aside(number, STRAY, text[:200])


def blocks(lines: Iterable[str], layout: Layout) -> Iterator[Block | Aside]:
    """Cut lines (with their ends) into records and what lies between them."""
    start, end, heads = layout.start, layout.end, layout.heads
    current: list[str] | None = None
    first = 0
    done: Block | None = None
    gap = False
    orphans: list[str] = []
    orphan_at = 0
    for number, line in enumerate(lines, start=1):
        if line[:2] in heads:
            if start.match(line) and not (layout.gap and current and not gap and _same_record(line, current, layout)):
                if orphans:
                    yield from _orphans(orphan_at, orphans, layout)
                    orphans = []
                if done:
                    yield done
                    done = None
                if current is not None:
                    yield Block(first, "".join(current), closed=end is None)
                current, first, gap = [line], number, False
                continue
            if end is not None and end.match(line):
                if current is not None:
                    current.append(line)
                    done, current = Block(first, "".join(current)), None
                elif orphans:
                    orphans.append(line)
                    yield from _orphans(orphan_at, orphans, layout)
                    orphans = []
                else:
                    yield Aside(number, STRAY, line.strip()[:200])
                continue
        if current is not None:
            if layout.gap:
                blank = not line.strip()
                if gap and not blank and _new_after_gap(line, current, layout):
                    yield Block(first, "".join(current), closed=True)
                    current, first, gap = [line], number, False
                    continue
                if gap and not blank and not line[:1].isspace() and not layout.tagged.match(line):  # type: ignore[union-attr]  # every layout with gaps has one
                    yield aside(number, line)
                    continue
                gap = blank
            current.append(line)
            continue
        if not line.strip("\r\n \t\ufeff"):
            if orphans:
                orphans.append(line)
            continue
        if done is not None:
            if layout.trailing is not None and layout.trailing.match(line):
                done = Block(done.number, done.raw + line)
                continue
            yield done
            done = None
        if (
            layout.tagged is not None
            and (orphans or layout.tagged.match(line))
            and not (layout.header is not None and layout.header.match(line))
        ):
            if layout.gap:
                current, first = [line], number
                continue
            orphan_at = orphan_at if orphans else number
            orphans.append(line)
            continue
        yield aside(number, line)
    if orphans:
        yield from _orphans(orphan_at, orphans, layout)
    if done:
        yield done
    if current is not None:
        yield Block(first, "".join(current), closed=end is None)


def _same_record(line: str, current: list[str], layout: Layout) -> bool:
    """Whether a line that could open a record goes on with the current one: its tag has not been seen there yet."""
    tag = line[:4].split("-")[0].split()[0]
    return not any(layout.start.match(before) and before[:4].split("-")[0].split()[0] == tag for before in current)


def _new_after_gap(line: str, current: list[str], layout: Layout) -> bool:
    """Whether a tagged line after a blank one opens a record: its tag has already been used in the current one."""
    match = layout.tagged.match(line) if layout.tagged else None
    if match is None:
        return False
    tag = line[:4].rstrip("- ")
    return tag.startswith("PM") or any(before.startswith(tag) and before[:4].rstrip("- ") == tag for before in current)


_SUBSTANCE = frozenset({"TI", "T1", "AU", "A1", "DO", "AB", "N2", "BT", "CT", "UT", "SO", "T2", "JF", "JO", "PMID"})


def _orphans(number: int, lines: list[str], layout: Layout) -> Iterator[Block | Aside]:
    """Tagged lines that no opening line precedes: a record start that lost its head, or a stray line."""
    while lines and not lines[-1].strip():
        lines.pop()
    if any(line[:2] in _SUBSTANCE for line in lines):
        yield Block(number, "".join(lines), orphan=True)
        return
    for place, line in enumerate(lines):
        if line.strip():
            yield Aside(number + place, STRAY, line.strip()[:200])


def read(source: Text, layout: Layout, dialect: str) -> Iterator[Item]:
    """Yield what a file of tagged lines holds."""
    with source.stream() as stream:
        unknown: set[str] = set()
        for block in blocks(stream, layout):
            if isinstance(block, Aside):
                yield block
                continue
            if block.orphan:
                reason = f"the record has no opening line ({_opening(layout)}); put one before line {block.number}"
                yield Rejected(block.number, reason, block.raw)
                continue
            tags, strays = take_apart(block.raw, block.number, layout)
            for tag in tags:
                if tag not in layout.known:
                    for _, line in tags[tag]:
                        yield Aside(line, UNKNOWN_TAG, tag)
                    unknown.add(tag)
            yield from strays
            yield parsed(block, tags, layout, dialect)


def _opening(layout: Layout) -> str:
    return {"ris": "TY  - ", "wos": "PT ", "refworks": "RT "}.get(layout.name, "the one that numbers it")


def take_apart(raw: str, number: int, layout: Layout) -> tuple[Tags, list[Aside]]:
    """Return the tags of a block, each value with its line; a line without a tag continues the value above."""
    if "\r" in raw:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    tags: Tags = {}
    strays: list[Aside] = []
    values: list[tuple[str, int]] | None = None
    tag = ""
    quick = layout.quick
    for line, written in enumerate(raw.split("\n"), start=number):
        if quick and written[2:6] == quick and written[:2].isupper():
            # Most lines of most files: two characters and the separator, told without a regular expression.
            found, value = written[:2], written[6:]
        else:
            match = layout.line.match(written)
            found, value = (match.group(1) or "", match.group(2)) if match else ("", written)
        if found:
            tag = found if found.isupper() or found not in _LOWER else found.upper()
            values = tags.get(tag)
            if values is None:
                values = tags[tag] = []
            values.append((value.strip(), line))
        elif value and (value := value.strip()):
            if values is None or value.startswith(_BETWEEN_RECORDS):
                strays.append(aside(line, value))
            elif tag in layout.one_a_line:
                values.append((value, line))
            else:
                before, at = values[-1]
                values[-1] = (f"{before}{layout.joiner}{value}" if before else value, at)
    return tags, strays


_LOWER = frozenset(
    f"{one}{two}" for one in "abcdefghijklmnopqrstuvwxyz" for two in "abcdefghijklmnopqrstuvwxyz0123456789"
)


def parsed(block: Block, tags: Tags, layout: Layout, dialect: str) -> Parsed | Rejected:
    """Return the record that the tags of a block make."""
    roles = layout.roles
    if not any(value for tag, values in tags.items() if tag not in layout.frame for value, _ in values):
        return Rejected(block.number, "the record start has nothing after it", block.raw)
    bag: Bag = {}
    trace: list[tuple[str, str, int]] = []
    for role, candidates in roles.first.items():
        for tag in candidates:
            if (values := tags.get(tag)) and (texts := [value for value, _ in values if value]):
                bag[role] = texts
                trace.append((role, tag, values[0][1]))
                break
    for role, candidates in roles.every.items():
        found = bag.setdefault(role, [])
        for tag in candidates:
            if values := tags.get(tag):
                found.extend(value for value, _ in values if value)
                trace.append((role, tag, values[0][1]))
    for role, separator in roles.split.items():
        if role in bag:
            bag[role] = [part.strip() for value in bag[role] for part in re.split(separator, value) if part.strip()]
    if roles.finish is not None:
        roles.finish(tags, bag, dialect)
    made, flags = citation(bag, roles.order)
    if not block.closed:
        flags = (*flags, "no end of record")
    if "\ufffd" in block.raw:
        flags = (*flags, "undecodable byte")
    if "\x00" in block.raw:
        flags = (*flags, "NUL character")
    native = bag["native"][0] if bag.get("native") else ""
    return Parsed(made, block.raw, block.number, native, tuple(trace), flags)
