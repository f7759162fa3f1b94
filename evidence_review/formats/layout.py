"""What formats of tagged lines look like, as data: the tags of each, and which role of the normaliser they play."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from evidence_review.formats.normalise import Bag


class Tags(dict[str, list[str]]):
    """Tag → its values in the order of the file, none of them empty.

    `lines` has the line on which each begins; of an ordinary record that of each tag's first value only.
    """

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, list[int]] = {}

    def add(self, tag: str, value: str, line: int) -> None:
        """Add a value of `tag` that begins on `line`."""
        if tag in self:
            self[tag].append(value)
            self.lines[tag].append(line)
        else:
            self[tag] = [value]
            self.lines[tag] = [line]

    def drop_empty(self) -> None:
        """Drop values that say nothing, and tags that have no other."""
        for tag in [tag for tag, values in self.items() if "" in values]:
            kept = [(value, line) for value, line in zip(self[tag], self.lines[tag], strict=True) if value]
            if kept:
                self[tag], self.lines[tag] = [value for value, _ in kept], [line for _, line in kept]
            else:
                del self[tag], self.lines[tag]

    def of(self, *names: str) -> list[str]:
        """Return the values of the tags named, in the order of the names."""
        return [value for name in names if name in self for value in self[name]]

    def placed(self, *names: str) -> list[tuple[int, str]]:
        """Return (line, value) of the tags named, in the order of the file."""
        return sorted(pair for name in names if name in self for pair in zip(self.lines[name], self[name], strict=True))


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
class Ordinary:
    """How the lines of an ordinary record look (see `evidence_review.formats.ordinary`).

    `opening` is how its first line begins, `gap` what stands between tag and value, `closing` the line end before the
    last line and how this begins; `tags` are those that may stand from the first line to the one before the last. Of
    `one_of` an ordinary record does not have all: where it does, the order of its lines counts.
    """

    opening: str
    gap: str
    closing: str
    tags: frozenset[str]
    one_of: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """How a format of tagged lines looks.

    `heads` are the first two characters of every line that `start`, `end` or `outside` can match, so that most lines
    are passed over by one look-up. `line` takes a line apart (groups: tag, value) and must match any line. `known` are
    the tags that the format has; others are reported. With `gap`, a blank line may end a record. `frame` are the tags
    that open and close a record: one that has no other says nothing. A file may be cut before every line that begins
    with one of `cut`, for it opens a record whatever stands above it; the usual one is the first. `ordinary` says how
    most records look, where these can be read the short way. `paragraphs` are the tagged lines whose values may have
    blank lines inside, where a blank line elsewhere ends the record.
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
    ordinary: Ordinary | None = None
    cut: tuple[bytes, ...] = ()
    joiner: str = " "
    paragraphs: re.Pattern[str] | None = None
