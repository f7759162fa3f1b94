"""Answers that a form has no more: told once each, with the cells that have them, rather than cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from evidence_review.errors import Problem
from evidence_review.forms.found import Collected, Desktop, Unknown
from evidence_review.model.form import FormField
from evidence_review.state.values import answers_of

_ROWS_SHOWN = 20


class _Answer(NamedTuple):
    form: str
    group: str
    field: str
    text: str


def problems(top: Desktop, found: Collected) -> list[Problem]:
    """Return the problems of all sheets; those with an answer that was taken before come together in one."""
    if not found.unknown:
        return found.problems
    cells: dict[_Answer, list[Unknown]] = {}
    for one in found.unknown.values():
        cells.setdefault(_answer(one), []).append(one)
    taken = _taken(top)
    former = {key: listed for key, listed in cells.items() if key in taken or all(one.older for one in listed)}
    return list(_together(found, former))


def _answer(one: Unknown) -> _Answer:
    return _Answer(one.form, one.group, one.field.id, one.answer.casefold())


def _taken(top: Desktop) -> set[_Answer]:
    """Return every answer that was collected for a field with given answers."""
    return {
        _Answer(place.form, place.group, place.field, answer.casefold())
        for (_, _, place), value in top.latest.items()
        for answer in (value.value, *answers_of("choices", value.value))
    }


def _together(found: Collected, former: Mapping[_Answer, Sequence[Unknown]]) -> Iterator[Problem]:
    told = set()
    for problem in found.problems:
        one = found.unknown.get(problem)
        if one is None or (key := _answer(one)) not in former:
            yield problem
        elif key not in told:
            told.add(key)
            yield _told(problem, one, former[key])


def _told(first: Problem, one: Unknown, cells: Sequence[Unknown]) -> Problem:
    rows: dict[str, list[str]] = {}
    for cell in cells:
        rows.setdefault(cell.sheet, []).append(str(cell.row))
    places = "; ".join(
        f"{sheet} {'row' if len(listed) == 1 else 'rows'} {', '.join(listed[:_ROWS_SHOWN])}"
        + (f" and {len(listed) - _ROWS_SHOWN} more" if len(listed) > _ROWS_SHOWN else "")
        for sheet, listed in rows.items()
    )
    count = "1 cell has it" if len(cells) == 1 else f"{len(cells)} cells have it"
    return Problem(
        first.where, f"'{one.answer}' is not one of the answers any more; {count}: {places}", _way_out(one.field, one)
    )


def _way_out(field: FormField, one: Unknown) -> str:
    answers = ", ".join(f"'{option}'" for option in field.options)
    return (
        f"If it was renamed, replace it by its new name in this column of each sheet; the answers are {answers}. Or "
        f"put '{one.answer}' back among the options of '{field.id}' in the protocol."
    )
