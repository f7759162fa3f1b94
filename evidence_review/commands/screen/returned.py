"""A screening sheet that came back, and what became of its answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence_review.commands.screen.answers import Answer
from evidence_review.commands.screen.identity import Identity
from evidence_review.model.events import Decision, DuplicateEvent
from evidence_review.sheets import Table
from evidence_review.workspace.issued import Issued


@dataclass(frozen=True, slots=True)
class Returned:
    """A file that came back and was understood; `gone` are its rows whose records were taken back since."""

    path: Path
    name: str
    table: Table
    identity: Identity
    issued: Issued
    answers: tuple[Answer, ...]
    gone: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file changed: new decisions and merges; `same` answers were known, `waiting` rows are still blank.

    `changed` has each new decision by which somebody changed a verdict or a reason, after the one that it replaces;
    `repeated` the words known already that settle a conflict.
    `older` answers stand in a file that was taken before and has not changed since, while its screener decided anew in
    another: they are not a changed mind.
    """

    decisions: tuple[Decision, ...]
    merges: tuple[DuplicateEvent, ...]
    same: int
    changed: tuple[tuple[Decision, Decision], ...]
    repeated: tuple[Decision, ...]
    waiting: int
    blanked: int
    older: int
