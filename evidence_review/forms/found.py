"""What collecting stands on, and what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evidence_review.errors import Problem
from evidence_review.forms.desk import Desk
from evidence_review.model.events import WITHDRAWN, Value
from evidence_review.model.form import FormField
from evidence_review.state.values import Place, form_id

# The latest value of each person and role in each place.
Latest = Mapping[tuple[str, str, Place], Value]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A cell with an answer that its field does not have; `older` where its sheet is of another version of the form."""

    form: str
    group: str
    field: FormField
    answer: str
    sheet: str
    row: int
    older: bool


@dataclass(slots=True)
class Collected:
    """What was read: values to append, problems that refuse the whole, notes for people, and how much there was.

    `entries` has the row of each entry that was filled in, by person, role, form, group, study and item;
    `unchecked` the rows that a register filled in and nobody has checked; `unknown` tells which of the problems are
    about an answer that a field does not have; `whose` where a consensus took a person's answer, and that person;
    `changed` each value that says something else than the one before it, after that one; `elsewhere` the sheets from
    which values were collected whose cells are empty here.
    """

    values: list[Value] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cells: int = 0
    rows: int = 0
    withdrawn: int = 0
    entries: dict[tuple[str, ...], int] = field(default_factory=dict)
    unchecked: list[int] = field(default_factory=list)
    unknown: dict[Problem, Unknown] = field(default_factory=dict)
    whose: dict[Place, tuple[str, str]] = field(default_factory=dict)
    changed: list[tuple[Value, Value]] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Desktop:
    """What collecting stands on.

    `studies` has the study of each name that a sheet may give it, `reports` the reports of each study, main one first;
    `sheets` are the names of all sheets that there are; `gone` the records that were taken back, with their copies that
    stay.
    """

    desk: Desk
    studies: Mapping[str, str]
    reports: Mapping[str, tuple[str, ...]]
    known_records: frozenset[str]
    latest: Latest
    when: str
    sheets: frozenset[str] = frozenset()
    gone: Mapping[str, str] = field(default_factory=dict)

    def comes_from(self, value: Value, sheet: str) -> bool:
        """Whether a value was collected from this sheet of the folder. Of files elsewhere, names tell nothing."""
        return value.sheet == sheet and sheet in self.sheets

    def forms_used(self) -> frozenset[str]:
        """Return the forms that values were collected for."""
        return frozenset(place.form for _, _, place in self.latest)

    def former_fields(self, form: str, group: str) -> frozenset[str]:
        """Return the fields of a form's part that values were collected for and that it has no more."""
        used = {place.field for _, _, place in self.latest if (place.form, place.group) == (form, group)}
        return frozenset(used - {one.id for one in self.desk.forms[form].fields_of(group)})


def latest_values(values: Iterable[Value], study_of: Mapping[str, str]) -> dict[tuple[str, str, Place], Value]:
    """Return each person's last value in each place, withdrawn ones left out."""
    found: dict[tuple[str, str, Place], Value] = {}
    for value in values:
        place = Place(
            study_of.get(value.record, value.study), form_id(value.form), value.group, value.item, value.field
        )
        key = (value.by, value.role, place)
        if value.status == WITHDRAWN:
            found.pop(key, None)
        else:
            found[key] = value
    return found


def withdrawn(value: Value, sheet: str, row: int | str, when: str) -> Value:
    """Return the event that takes a value back, as it stands in a sheet now."""
    return replace(value, value="", status=WITHDRAWN, page="", quote="", sheet=sheet, row=str(row), when=when)


def merge(collected: Sequence[Collected]) -> Collected:
    """Return everything of several sheets as one."""
    whole = Collected()
    for one in collected:
        whole.values += one.values
        whole.problems += one.problems
        whole.notes += one.notes
        whole.cells += one.cells
        whole.rows += one.rows
        whole.withdrawn += one.withdrawn
        whole.unknown |= one.unknown
        whole.whose |= one.whose
        whole.changed += one.changed
    return whole
