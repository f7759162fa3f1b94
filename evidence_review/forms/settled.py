"""Cells that were settled, and people who say something else since: the consensus holds, and that is said."""

from __future__ import annotations

from collections.abc import Iterator

from evidence_review.forms.found import Collected
from evidence_review.model.events import CONSENSUS, Value
from evidence_review.state.values import Cell, Place, Values, form_id, meaning, shown


def told(found: Collected, after: Values) -> list[str]:
    """Return a sentence for each new value that a consensus overrules, and for each new consensus that is behind.

    Args:
        after: all values with those `found`.
    """
    said: dict[str, None] = {}
    for value in found.values:
        place = Place(value.study, form_id(value.form), value.group, value.item, value.field)
        cell = after.cells.get(place)
        if cell is not None and cell.settled is not None:
            said.update((text, None) for text in _told(found, cell, value))
    return list(said)


def _told(found: Collected, cell: Cell, value: Value) -> Iterator[str]:
    settled = cell.settled
    if settled is None:
        return
    place = cell.place
    where = " ".join(filter(None, (place.study, place.group, place.item))) + f", {place.field}"
    if value.role != CONSENSUS:
        if meaning(value) != meaning(settled):
            now_says = shown(value) or "nothing"
            yield (
                f"{where}: {value.by} says '{now_says}' now, but '{shown(settled)}' was settled and stays "
                f"({settled.sheet} row {settled.row}); to change it, change it there"
            )
        return
    row, person = found.whose.get(place, ("", ""))
    now = cell.people.get(person) or (cell.checked if cell.checked and cell.checked.by == person else None)
    if now is not None and meaning(now) != meaning(settled):
        yield (
            f"{row}: the answer of {person} in this sheet, '{shown(settled)}', was taken, but {person} says "
            f"'{shown(now)}' by now; if that shall hold, write it into 'consensus'"
        )
