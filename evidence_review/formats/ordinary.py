"""Ordinary records of tagged lines, found and taken apart in one go.

A record is ordinary where its opening line, its closing line and every line between have a known tag in the form that
the format prescribes (`Layout.ordinary`), and nothing but blank lines follows before the next opening line or the end.
So are nearly all records of nearly all exports. Of anything else - a value that goes on in the next line, tags that
are unknown, in lower case or set otherwise, a closing line that is missing, an ordinal, a preamble, a bare carriage
return - nothing is decided here: it is handed on as it stands to `blocks` and `tagged`, which look at each line. What
an ordinary record gives is what these would give; `tests/formats/test_ordinary.py` holds it to that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from evidence_review.formats.base import MOST_IN_A_RECORD
from evidence_review.formats.layout import Ordinary, Tags


class Stretch(NamedTuple):
    """A part of a text that can be read apart: its first line's number, and its `tags` if it is an ordinary record.

    `raw` is then the record without the blank lines below it, otherwise the whole part.
    """

    number: int
    raw: str
    tags: Tags | None


def stretches(text: str, number: int, form: Ordinary) -> Iterator[Stretch]:
    """Yield a text, whose first line has this number, in parts: each is cut before an opening line."""
    opening = f"\n{form.opening}"
    at, end = 0, len(text)
    while at < end:
        after = text.find(opening, at) + 1 or end
        part = text[at:after]
        at = after
        fits = part.startswith(form.opening) and len(part) <= MOST_IN_A_RECORD
        tags = taken_apart(part, number, form) if fits else None
        below = 0 if tags is None else part.find("\n", part.rfind(form.closing) + 1) + 1
        yield Stretch(number, part[:below] if below else part, tags)
        number += part.count("\n")
        if "\r" in part:
            number += part.count("\r") - part.count("\r\n")


def taken_apart(record: str, number: int, form: Ordinary) -> Tags | None:
    """Return the tags of an ordinary record whose first line has this number, None where it is none."""
    closing = record.rfind(form.closing)
    if closing < 0 or record[closing + len(form.closing) :].strip("\r\n \t"):
        return None
    if "\r" in record:
        if record.count("\r") != record.count("\r\n"):
            return None
        record = record.replace("\r\n", "\n")
        closing = record.rfind(form.closing)
    known = form.tags
    tags = Tags()
    lines = tags.lines
    place = number
    for tag, gap, value in [line.partition(form.gap) for line in record[:closing].split("\n")]:
        if value := value.strip():
            if tag in tags:
                tags[tag].append(value)
            else:
                tags[tag] = [value]
                lines[tag] = [place]
        elif not gap or tag not in known:
            return None
        place += 1
    return tags if known >= tags.keys() and not tags.keys() >= form.one_of else None
