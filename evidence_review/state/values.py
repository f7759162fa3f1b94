"""What was extracted or appraised, folded from value events: who says what of each place, and what holds today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from evidence_review.model.events import (
    CONSENSUS,
    NOT_APPLICABLE,
    NOT_REPORTED,
    UNCLEAR,
    VERIFIER,
    WITHDRAWN,
    Value,
)
from evidence_review.model.form import Form
from evidence_review.state.standing import Standing

SINGLE, AGREED, DIFFERENT, VERIFIED, SETTLED = "single", "agreed", "different", "verified", "settled"

_Key = TypeVar("_Key", str, "Place")

_WORDS = {NOT_REPORTED: "not reported", NOT_APPLICABLE: "not applicable", UNCLEAR: "unclear"}


class Place(NamedTuple):
    """Where a value belongs. `form` is the id without its version; `group` and `item` are "" at study level."""

    study: str
    form: str
    group: str
    item: str
    field: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Everything said about one place.

    `people` has each extractor's latest value, in the order in which they first spoke; `checked` the verifier's;
    `found` what the extractor had said when the verifier first looked (None where nothing); `reopened` whether an
    extractor has since said something else than the verifier; `settled` the consensus; `first` what each extractor said
    first, before any difference was shown to them.
    """

    place: Place
    people: Mapping[str, Value]
    checked: Value | None = None
    settled: Value | None = None
    found: Value | None = None
    reopened: bool = False
    first: Mapping[str, Value] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """One of settled, verified, different, agreed (two or more say the same) and single."""
        if self.settled is not None:
            return SETTLED
        if self.checked is not None:
            return DIFFERENT if self.reopened else VERIFIED
        said = {meaning(value) for value in self.people.values()}
        if len(said) > 1:
            return DIFFERENT
        return AGREED if len(self.people) > 1 else SINGLE

    @property
    def corrected(self) -> bool:
        """Whether the verifier changed what the extractor had said, or said something where nothing was."""
        return self.checked is not None and (self.found is None or meaning(self.found) != meaning(self.checked))

    @property
    def final(self) -> Value | None:
        """The value that holds: the consensus, else the verifier's, else the extractors' where they do not differ."""
        if self.settled is not None:
            return self.settled
        if self.state == DIFFERENT:
            return None
        return self.checked or next(iter(self.people.values()), None)


@dataclass(frozen=True, slots=True)
class Values:
    """All cells of a review, by place, in the order in which the places were first filled."""

    cells: Mapping[Place, Cell]
    _by_study: Mapping[tuple[str, str], tuple[Cell, ...]] = field(repr=False)

    def of_study(self, study: str, form: str) -> tuple[Cell, ...]:
        """Return a study's cells in one form or tool."""
        return self._by_study.get((study, form), ())

    def cell(self, study: str, form: str, field: str, group: str = "", item: str = "") -> Cell | None:
        """Return the cell of a place, or None where nobody said anything."""
        return self.cells.get(Place(study, form, group, item, field))

    def items(self, study: str, form: str, group: str) -> list[str]:
        """Return the keys of a repeating group's entries, in the order in which they were first filled."""
        return list(dict.fromkeys(cell.place.item for cell in self.of_study(study, form) if cell.place.group == group))

    def forms(self, study: str) -> list[str]:
        """Return the ids of the forms and tools in which a study has values."""
        return [form for one, form in self._by_study if one == study]

    def without(self, studies: Iterable[str], forms: Iterable[str]) -> list[str]:
        """Return the studies about which none of these forms and tools says anything."""
        wanted = tuple(forms)
        return [study for study in studies if not any(self.of_study(study, form) for form in wanted)]

    def unchecked(self, studies: Iterable[str], forms: Iterable[str]) -> list[str]:
        """Return the studies of which one person alone said something in these forms, and nobody checked it."""
        wanted = tuple(forms)
        cells = {study: [cell for form in wanted for cell in self.of_study(study, form)] for study in studies}
        return [study for study, said in cells.items() if said and all(cell.state == SINGLE for cell in said)]

    def people(self, study: str, form: str) -> list[str]:
        """Return who extracted a study in a form, first speaker first."""
        return list(dict.fromkeys(person for cell in self.of_study(study, form) for person in cell.people))


def asked(values: Values, forms: Iterable[Form]) -> Values:
    """Return values without what was said of fields and groups that `forms` have lost; other forms are left as is."""
    fields = {
        form.id: {
            (group, one.id) for group in ("", *(part.id for part in form.groups)) for one in form.fields_of(group)
        }
        for form in forms
    }
    cells = {
        place: cell
        for place, cell in values.cells.items()
        if place.form not in fields or (place.group, place.field) in fields[place.form]
    }
    return _arranged(cells)


def form_id(form: str) -> str:
    """Return the id in `characteristics@1`."""
    return form.partition("@")[0]


def meaning(value: Value) -> tuple[str, str]:
    """Return what makes two values the same: status and text, without regard to case and spacing."""
    return value.status, " ".join(value.value.split()).casefold()


def shown(value: Value | None) -> str:
    """Return a value as a table shows it: its text, else the words of its status, "" for None."""
    if value is None:
        return ""
    return value.value or _WORDS.get(value.status, "")


def answers_of(field_type: str, value: str) -> tuple[str, ...]:
    """Return the single answers of a value: several for choices and countries, else the value itself."""
    if field_type in ("choices", "country"):
        return tuple(part for part in value.split("; ") if part)
    return (value,) if value else ()


def study_of(standing: Standing) -> dict[str, str]:
    """Return the included study of each record that belongs to one, copies of its reports too."""
    return {
        member: study.id
        for study in standing.studies
        for report in study.reports
        for member in standing.clusters.members_of[report]
    }


def fold(values: Iterable[Value], standing: Standing) -> Values:
    """Fold value events into cells.

    A value follows its report: when two studies turn out to be one, the values of both are that study's.
    """
    studies = study_of(standing)
    people: dict[Place, dict[str, Value]] = {}
    checked: dict[Place, Value] = {}
    settled: dict[Place, Value] = {}
    found: dict[Place, Value | None] = {}
    reopened: dict[Place, set[str]] = {}
    first: dict[Place, dict[str, Value]] = {}
    for value in values:
        study = studies.get(value.record, value.study)
        place = Place(study, form_id(value.form), value.group, value.item, value.field)
        said = people.setdefault(place, {})
        if value.role == CONSENSUS:
            _take(settled, place, value)
        elif value.role == VERIFIER:
            _take(checked, place, value)
            reopened.pop(place, None)
            found.setdefault(place, next(iter(said.values()), None))
        else:
            _take(said, value.by, value)
            if value.status != WITHDRAWN:
                first.setdefault(place, {}).setdefault(value.by, value)
            if place in checked:
                if meaning(checked[place]) != meaning(value):
                    reopened.setdefault(place, set()).add(value.by)
                else:
                    reopened.get(place, set()).discard(value.by)
    cells = {
        place: Cell(
            place, said, checked.get(place), settled.get(place), found.get(place), bool(reopened.get(place)),
            first.get(place, {}),
        )
        for place, said in people.items()
        if said or place in checked or place in settled
    }  # fmt: skip
    return _arranged(cells)


def _arranged(cells: Mapping[Place, Cell]) -> Values:
    by_study: dict[tuple[str, str], list[Cell]] = {}
    for place, cell in cells.items():
        by_study.setdefault((place.study, place.form), []).append(cell)
    return Values(cells, {key: tuple(found) for key, found in by_study.items()})


def _take(held: dict[_Key, Value], key: _Key, value: Value) -> None:
    if value.status == WITHDRAWN:
        held.pop(key, None)
    else:
        held[key] = value


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where two people who both worked on the study do not say the same; None where one left it empty."""

    place: Place
    said: Mapping[str, Value | None]


def differences(values: Values, form: str) -> list[Difference]:
    """Return every unsettled place of a form at which people differ, in the order of first filling."""
    found = []
    everyone: dict[str, list[str]] = {}
    for cell in values.cells.values():
        if cell.place.form != form or cell.settled is not None:
            continue
        if cell.checked is not None:
            if cell.reopened:
                found.append(Difference(cell.place, {**cell.people, cell.checked.by: cell.checked}))
            continue
        people = _people(values, form, cell.place.study, everyone)
        if len(people) > 1 and (cell.state == DIFFERENT or len(cell.people) < len(people)):
            found.append(Difference(cell.place, {person: cell.people.get(person) for person in people}))
    return found


def _people(values: Values, form: str, study: str, known: dict[str, list[str]]) -> list[str]:
    """Return who extracted a study, asked once a study."""
    if study not in known:
        known[study] = values.people(study, form)
    return known[study]


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """How often the extractors of a field said the same at first: `same` of `both` cells, and the pairs of answers.

    A cell that one of them left empty counts as a disagreement; its pair has "" there.
    """

    group: str
    field: str
    both: int
    same: int
    pairs: tuple[tuple[str, str], ...]


def agreement(values: Values, form: str) -> list[FieldAgreement]:
    """Return the agreement per field over the studies that two or more people extracted, by what each said first.

    A mind changed after a difference was shown is no agreement.
    """
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    everyone: dict[str, list[str]] = {}
    for cell in values.cells.values():
        if cell.place.form != form or not cell.first:
            continue
        people = _people(values, form, cell.place.study, everyone)
        said = [" ".join(meaning(cell.first[one])) if one in cell.first else "" for one in people]
        pairs = found.setdefault((cell.place.group, cell.place.field), [])
        pairs += [(said[0], other) for other in said[1:]]
    return [
        FieldAgreement(group, name, len(pairs), sum(one == two for one, two in pairs), tuple(pairs))
        for (group, name), pairs in found.items()
        if pairs
    ]
