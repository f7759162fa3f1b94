"""Evidence gap maps: where there are studies, how many and how sure, and where there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evidence_review.model.synthesis import GapMap
from evidence_review.state.displays import Unit, answers, counted, crossing, group_of, notes_on, placed, scale
from evidence_review.state.standing import Standing, Study
from evidence_review.state.table_parts import NOT_SETTLED, Row, Source, Table, find_field, label
from evidence_review.state.values import shown


@dataclass(frozen=True, slots=True)
class Mapped:
    """A gap map: answers of rows and columns in order, and the units in each cell; `colour` is each study's answer."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    row_label: str
    column_label: str
    cells: Mapping[tuple[str, str], tuple[Study, ...]]
    colour: Mapping[str, str]
    colour_label: str
    colours: tuple[str, ...]
    notes: tuple[str, ...]


def gap_map(source: Source, standing: Standing, asked: GapMap) -> Mapped:
    """Return who stands in each cell of a gap map; a study counts once a cell, also with several entries there."""
    group = group_of(source, asked.rows, asked.columns)
    found = placed(source, standing, asked.rows, asked.columns, group)
    rows = scale(source, asked.rows, group, [row for row, _ in found])
    columns = scale(source, asked.columns, group, [column for _, column in found])
    cells = {key: tuple({unit.study.id: unit.study for unit in there}.values()) for key, there in found.items()}
    colour, colours = _colours(source, standing, asked.colour)
    notes = notes_on(source, standing, group, asked.rows, asked.columns)
    notes = tuple(note for note in notes if not note.startswith("Counted are entries"))
    labels = label(source.form, asked.rows, group), label(source.form, asked.columns, group)
    colour_label = label(source.form, asked.colour) if find_field(source.form, asked.colour, "") else asked.colour
    return Mapped(asked.title, rows, columns, *labels, cells, colour, colour_label, colours, notes)


def _colours(source: Source, standing: Standing, key: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return each study's answer to the colouring field or tool, and the answers in order."""
    if not key:
        return {}, ()
    found: dict[str, str] = {}
    if find_field(source.form, key, "") is not None:
        for study in standing.studies:
            given = answers(source, Unit(study), key, "")
            if given:
                found[study.id] = given[0]
        return found, scale(source, key, "", list(found.values()))
    for study in standing.studies:
        cell = source.values.cell(study.id, key, "overall")
        if cell is not None:
            found[study.id] = shown(cell.final) or NOT_SETTLED
    return found, tuple(dict.fromkeys(found.values()))


def as_table(found: Mapped) -> Table:
    """Return a gap map as a table, for those who cannot see it: counts with the studies behind each."""
    rows = tuple(
        Row(
            "",
            (
                row,
                *(counted([Unit(study) for study in found.cells.get((row, column), ())]) for column in found.columns),
            ),
        )
        for row in found.rows
    )
    headings = (crossing(found.row_label, found.column_label), *found.columns)
    gaps = sum((row, column) not in found.cells for row in found.rows for column in found.columns)
    notes = (f"Cells without any study: {gaps} of {len(found.rows) * len(found.columns)}.", *found.notes)
    return Table(found.title, headings, rows, notes)
