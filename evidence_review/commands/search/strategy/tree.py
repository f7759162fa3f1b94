"""The tree of a search strategy. Trees are equal when they mean the same, wherever their parts stood in the text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from evidence_review.commands.search.strategy.fields import CONTROLLED

ERROR, WARNING, ADVICE = "error", "warning", "advice"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: line and column from 1, and the offsets `start` to `end` in the whole text."""

    line: int = 0
    column: int = 0
    start: int = 0
    end: int = 0


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Term:
    """One searched term.

    `field` is a short name of `fields.FIELDS`, or "" without a tag; `quoted` whether the words are one phrase;
    `explode` whether a heading brings its narrower headings; `near` the most words allowed between the words;
    `subheadings` qualify a heading. Truncation is a `*` in `text`.
    """

    text: str
    field: str = ""
    quoted: bool = False
    explode: bool = True
    near: int | None = None
    subheadings: tuple[str, ...] = ()
    place: Place = dataclasses.field(default=NOWHERE, compare=False)

    @property
    def truncated(self) -> bool:
        """Whether the text has a truncation mark."""
        return "*" in self.text

    @property
    def controlled(self) -> bool:
        """Whether the value comes from a list (a thesaurus, publication types, journals)."""
        return self.field in CONTROLLED


@dataclass(frozen=True, slots=True)
class Dates:
    """A range of dates, both ends included, as precise as written: `2010`, `2010/05`, `2010/05/31`; 3000 is open."""

    field: str
    start: str
    end: str
    place: Place = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of `parts` (two or more)."""

    parts: tuple[Node, ...]
    place: Place = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of `parts` (two or more)."""

    parts: tuple[Node, ...]
    place: Place = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """What `keep` finds without what `drop` finds."""

    keep: Node
    drop: Node
    place: Place = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that cannot be understood; `why` says so to people. It takes no part in any search."""

    text: str
    why: str = dataclasses.field(default="", compare=False)
    place: Place = dataclasses.field(default=NOWHERE, compare=False)


Node = Term | Dates | And | Or | Not | Unread
Leaf = Term | Dates | Unread


@dataclass(frozen=True, slots=True)
class Fault:
    """Something doubtful in a strategy: `code` for programs, `what` and `remedy` for people."""

    code: str
    severity: str
    what: str
    remedy: str
    place: Place


@dataclass(frozen=True, slots=True)
class Line:
    """One numbered line of a strategy: `number` as written, its own tree, and the lines that it refers to."""

    number: int
    node: Node
    refers: tuple[int, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Strategy:
    """A strategy as read: its `text`, the tree of the whole (`root`), its numbered `lines` if any, and its `faults`."""

    text: str
    root: Node
    lines: tuple[Line, ...] = ()
    faults: tuple[Fault, ...] = ()


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts of a node, in the order of the text; none for a leaf."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            return parts
        case Not(keep=keep, drop=drop):
            return (keep, drop)
        case _:
            return ()


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield the leaves below a node, in the order of the text."""
    if isinstance(node, (Term, Dates, Unread)):
        yield node
        return
    for child in children(node):
        yield from leaves(child)
