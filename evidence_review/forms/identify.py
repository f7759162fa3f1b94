"""Which part of which form a sheet is, and whose: told from its content first, from its name second."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath

from evidence_review.forms.desk import Desk
from evidence_review.model.events import EXTRACTOR, VERIFIER
from evidence_review.sheets import Table, fold
from evidence_review.sheets.form_layout import BY, FORM, ROLE, STUDY_ID, Part

CONSENSUS_COLUMN = "consensus"


@dataclass(frozen=True, slots=True)
class Owner:
    """What a sheet is: a part of a form, `version` as the sheet has it, filled in by one person in one role.

    Where rows were pasted together from two people's sheets, each row speaks for itself; this is the sheet's majority.
    """

    part: Part
    version: str
    by: str
    role: str


def column(table: Table, name: str) -> str:
    """Return a column's heading as the table has it, or the plain name where it has none."""
    return next((heading for heading in table.columns if fold(heading) == fold(name)), name)


def is_consensus(table: Table) -> bool:
    """Whether this is a sheet of differences."""
    have = {fold(heading) for heading in table.columns}
    return fold(CONSENSUS_COLUMN) in have and fold(STUDY_ID) in have


def part_of(desk: Desk, table: Table, title: str = "") -> Owner | None:
    """Return what a table is; None where it is no sheet of this desk."""
    have = {fold(heading) for heading in table.columns}
    if fold(STUDY_ID) not in have or is_consensus(table):
        return None
    said = _most(table, FORM)
    form_id, _, rest = said.partition("@")
    version, _, group = rest.partition("/")
    part = next((part for part in desk.parts() if part.form.id == form_id and part.group == group), None)
    stem = PurePath(table.name).stem
    if part is None and not said:
        part = _by_name(desk, title, stem)
    if part is None:
        return None
    role = _most(table, ROLE).casefold()
    return Owner(
        part, version or part.form.version, _person(desk, table, stem), VERIFIER if role == VERIFIER else EXTRACTOR
    )


def form_named(table: Table) -> tuple[str, str]:
    """Return form and group that a sheet says it is of, "" where it says nothing."""
    form, _, rest = _most(table, FORM).partition("@")
    return form, rest.partition("/")[2]


def study_ids(table: Table) -> set[str]:
    """Return the study ids that stand in a sheet."""
    heading = column(table, STUDY_ID)
    return {row.plain(heading) for row in table.rows}


def _most(table: Table, name: str) -> str:
    heading = column(table, name)
    counts = Counter(text for row in table.rows if (text := row.plain(heading)))
    return counts.most_common(1)[0][0] if counts else ""


def _person(desk: Desk, table: Table, stem: str) -> str:
    said = _most(table, BY)
    if said:
        return next((person for person in desk.team if person.casefold() == said.casefold()), said)
    named = [person for person in desk.team if stem.casefold().startswith(person.casefold())]
    return max(named, key=len, default="")


def _by_name(desk: Desk, title: str, stem: str) -> Part | None:
    for part in sorted(desk.parts(), key=lambda one: -len(one.group)):
        if part.group and (fold(title) == fold(part.group) or f" {fold(stem)}".endswith(f" {fold(part.group)}")):
            return part
    return next((part for part in desk.parts() if not part.group), None)
