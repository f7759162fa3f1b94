"""The one engine for formats of tagged lines; what differs between them is data (`Layout`).

`blocks` cuts a file into records by the few lines that open or close one. Within a block lines without a tag continue
the one above. Records that are as they should be take the short way of `ordinary`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from evidence_review.formats.base import UNKNOWN_TAG, Aside, Text
from evidence_review.formats.blocks import Block, Piece, aside, blocks, line_pieces, text_pieces
from evidence_review.formats.layout import Layout, Tags
from evidence_review.formats.normalise import Bag, facts
from evidence_review.formats.ordinary import stretches, taken_apart
from evidence_review.formats.slices import CUTTABLE, Rest, Slice, slices
from evidence_review.model.record import Draft, Rejected

Drafted = Draft | Rejected | Aside
# So much is kept of what is rejected for its length.
_SHOWN = 2000
# What a platform writes below a record: no part of the value above it.
_BETWEEN_RECORDS = ("Link to the Ovid", "Link to the External")


def drafts(source: Text, layout: Layout, dialect: str) -> Iterator[Drafted]:
    """Yield what a file of tagged lines holds, citations not made."""
    if (parts := cut(source, layout)) is not None:
        for part in parts:
            if isinstance(part, Rest):
                yield from read_rest(part, source, layout, dialect)
            else:
                yield from read_slice(part, source.encoding, layout, dialect)
        return
    yield from read_rest(Rest(1, 0), source, layout, dialect)


def cut(source: Text, layout: Layout) -> Iterator[Slice | Rest] | None:
    """Return the file in slices that can be read apart, or None where layout or encoding do not allow it."""
    if not layout.cut or source.encoding not in CUTTABLE:
        return None
    return _slices(source, layout)


def _slices(source: Text, layout: Layout) -> Iterator[Slice | Rest]:
    with source.open() as stream:
        yield from slices(stream, layout.cut)


def read_rest(part: Rest, source: Text, layout: Layout, dialect: str) -> Iterator[Drafted]:
    """Yield what the rest of a file holds, line by line, citations not made."""
    with source.stream(part.offset) as stream:
        yield from _items(line_pieces(stream, layout, part.line), layout, dialect)


def read_slice(part: Slice, encoding: str, layout: Layout, dialect: str) -> Iterator[Drafted]:
    """Yield what a slice holds, citations not made."""
    text = part.text(encoding)
    if layout.ordinary is None:
        yield from _items(text_pieces(text, part.line, layout), layout, dialect)
        return
    for number, raw, tags in stretches(text, part.line, layout.ordinary):
        if tags is None:
            yield from _items(text_pieces(raw, number, layout), layout, dialect)
        else:
            yield draft(Block(number, raw), tags, layout, dialect)


def _items(pieces: Iterable[Piece], layout: Layout, dialect: str) -> Iterator[Drafted]:
    for block in blocks(pieces, layout):
        if isinstance(block, Aside):
            yield block
            continue
        if block.orphan:
            reason = f"the record has no opening line ({_opening(layout)}); put one before line {block.number}"
            yield Rejected(block.number, reason, block.raw)
            continue
        tags, strays = take_apart(block.raw, block.number, layout)
        if strays:
            yield from strays
        yield draft(block, tags, layout, dialect)


def _opening(layout: Layout) -> str:
    return {"ris": "TY  - ", "wos": "PT ", "refworks": "RT "}.get(layout.name, "the one that numbers it")


def take_apart(raw: str, number: int, layout: Layout) -> tuple[Tags, list[Aside]]:
    """Return the tags of a block, and what is not understood in it: unknown tags and stray lines."""
    if layout.ordinary is not None and (tags := taken_apart(raw, number, layout.ordinary)) is not None:
        return tags, []
    if "\r" in raw:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    return _line_by_line(raw, number, layout)


def _line_by_line(raw: str, number: int, layout: Layout) -> tuple[Tags, list[Aside]]:
    """Take the lines of a block one by one; one without a tag continues the value above."""
    tags = Tags()
    strays: list[Aside] = []
    tag = ""
    written_lines = raw.split("\n")
    # Where a file broke off within a tag, this is what its last line holds: no part of the value above it.
    broken = number + len(written_lines) - 1 if written_lines[-1] in layout.known else 0
    for line, written in enumerate(written_lines, start=number):
        match = layout.line.match(written)
        found, value = (match.group(1) or "", match.group(2).strip()) if match else ("", written.strip())
        if found:
            tag = found.upper() if found in _LOWER else found
            if tag not in layout.known:
                strays.append(Aside(line, UNKNOWN_TAG, tag))
            tags.add(tag, value, line)
        elif not value:
            continue
        elif not tag or line == broken or value.startswith(_BETWEEN_RECORDS):
            strays.append(aside(line, value))
        elif tag in layout.one_a_line:
            tags.add(tag, value, line)
        else:
            before = tags[tag][-1]
            tags[tag][-1] = f"{before}{layout.joiner}{value}" if before else value
    tags.drop_empty()
    return tags, strays


_LOWER = frozenset(
    f"{one}{two}" for one in "abcdefghijklmnopqrstuvwxyz" for two in "abcdefghijklmnopqrstuvwxyz0123456789"
)


def draft(block: Block, tags: Tags, layout: Layout, dialect: str) -> Draft | Rejected:
    """Return the record that the tags of a block make."""
    roles = layout.roles
    if block.excess:
        return Rejected(block.number, block.excess, block.raw[:_SHOWN])
    if tags.keys() <= layout.frame:
        return Rejected(block.number, "the record start has nothing after it", block.raw)
    bag: Bag = {role: [] for role in roles.every}
    lines = tags.lines
    sources = _sources(layout, tuple(tags))
    for role, tag in sources:
        bag[role] = [*bag[role], *tags[tag]] if role in bag else tags[tag][:]
    for role, separator in roles.split.items():
        if role in bag:
            bag[role] = [part.strip() for value in bag[role] for part in re.split(separator, value) if part.strip()]
    if roles.finish is not None:
        roles.finish(tags, bag, dialect)
    made, flags = facts(bag, roles.order)
    if not block.closed:
        flags = (*flags, "no end of record")
    if "\ufffd" in block.raw:
        flags = (*flags, "undecodable byte")
    if "\x00" in block.raw:
        flags = (*flags, "NUL character")
    native = bag["native"][0] if bag.get("native") else ""
    trace = tuple([(role, tag, lines[tag][0]) for role, tag in sources])
    return Draft(made, block.raw, block.number, native, trace, flags)


@lru_cache(maxsize=512)
def _sources(layout: Layout, tags: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return which tags of a record give which role. The records of one file have few different sets of tags."""
    roles = layout.roles
    found = [
        (role, next(tag for tag in candidates if tag in tags))
        for role, candidates in roles.first.items() if any(tag in tags for tag in candidates)
    ]  # fmt: skip
    found += [(role, tag) for role, candidates in roles.every.items() for tag in candidates if tag in tags]
    return tuple(found)
