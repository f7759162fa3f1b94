"""Tables of studies, folded from records and extracted values: what `synthesise` writes and the report prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evidence_review.model import synthesis as plans
from evidence_review.model.form import Form
from evidence_review.model.protocol import Protocol
from evidence_review.state import certainty
from evidence_review.state.directions import direction_table
from evidence_review.state.displays import cross_tab, matrix, side_by_side
from evidence_review.state.gap_map import as_table, gap_map
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, Study
from evidence_review.state.table_parts import (
    BUILT_IN,
    NOT_SETTLED,
    Row,
    Source,
    Spelling,
    Table,
    find_field,
    label,
    natural,
    rank,
    source_of,
)
from evidence_review.state.values import DIFFERENT, SINGLE, Cell, answers_of, shown

__all__ = ["STUDY_ROWS", "Row", "Table", "column_names", "study_tables"]

STUDY_ROWS = "study"
_DEFAULT_TITLE = "Characteristics of included studies"
_DEFAULT_FIELDS = 8


def column_names(protocol: Protocol, rows: str = STUDY_ROWS) -> list[str]:
    """Return every name that a column of a table may have; with `rows` a group, its fields also without its name."""
    form = protocol.extraction.form
    names = list(BUILT_IN)
    if form is not None:
        names += [field.id for field in form.fields]
        names += [f"{group.id}.{field.id}" for group in form.groups for field in group.fields]
        names += [field.id for field in form.fields_of("" if rows == STUDY_ROWS else rows)]
    return list(dict.fromkeys(names))


def study_tables(snapshot: Snapshot, standing: Standing) -> tuple[Table, ...]:
    """Return the tables and displays that the protocol asks for; a table of characteristics where it asks for none."""
    form = snapshot.protocol.extraction.form
    source = source_of(snapshot, standing)
    plan = snapshot.protocol.synthesis
    return (
        *(_table(source, standing, one) for one in plan.tables or (_default(form),)),
        *(cross_tab(source, standing, one) for one in plan.crosstabs),
        *(side_by_side(source, standing, one) for one in plan.perspectives),
        *(matrix(source, standing, one) for one in plan.matrices),
        *(direction_table(source, standing, one) for one in plan.directions),
        *(as_table(gap_map(source, standing, one)) for one in plan.maps),
        *certainty.tables(snapshot, standing),
    )


def _default(form: Form | None) -> plans.Table:
    fields = [field.id for field in form.fields[:_DEFAULT_FIELDS]] if form else []
    return plans.Table(title=_DEFAULT_TITLE, columns=("study", "year", *(fields or ("title", "type"))))


def _table(source: Source, standing: Standing, asked: plans.Table) -> Table:
    keys = asked.columns if asked.columns[:1] == ("study",) else ("study", *asked.columns)
    group = "" if asked.rows == STUDY_ROWS else asked.rows
    entries = [(study, item) for study in standing.studies for item in _items(source, study, group)]
    wanted = [*keys, *(name for name in (asked.group_by, asked.sort_by) if name)]
    read = {
        (study.id, item): {name: _cell(source, study, name, group, item) for name in wanted} for study, item in entries
    }
    if asked.sort_by:
        entries.sort(key=lambda entry: natural(read[entry[0].id, entry[1]][asked.sort_by]))
    rows = tuple(
        Row(study.id, tuple(read[study.id, item][key] for key in keys), heading)
        for heading, (study, item) in _under_headings(source, asked, group, entries, read)
        # A study with nothing in any column is named in the notes instead of standing there blank.
        if any(read[study.id, item][key] for key in keys[1:])
    )
    labels = tuple(label(source.form, key, group) for key in keys)
    grouped = label(source.form, asked.group_by, group) if asked.group_by else ""
    notes = _notes(source, standing, keys, group, {row.study for row in rows})
    return Table(asked.title, labels, rows, notes, tuple(keys), grouped)


def _under_headings(
    source: Source, asked: plans.Table, group: str, entries: Sequence[tuple[Study, str]],
    read: Mapping[tuple[str, str], Mapping[str, str]],
) -> list[tuple[str, tuple[Study, str]]]:  # fmt: skip
    """Return each row with its heading; a row whose study has several answers stands under each of them."""
    if not asked.group_by:
        return [("", entry) for entry in entries]
    found = find_field(source.form, asked.group_by, group)
    kind, order = (found[1].type, found[1].options) if found else ("text", ())
    spelled = Spelling(order)
    placed = [
        (spelled(answer), entry)
        for entry in entries
        for answer in answers_of(kind, read[entry[0].id, entry[1]][asked.group_by]) or ("",)
    ]
    placed.sort(key=lambda pair: rank(pair[0], order))
    return [(answer or "not extracted", entry) for answer, entry in placed]


def _items(source: Source, study: Study, group: str) -> Sequence[str]:
    if not group or source.form is None:
        return [""]
    return source.values.items(study.id, source.form.id, group)


def _cells(source: Source, study: Study, key: str, group: str, item: str) -> list[Cell]:
    found = find_field(source.form, key, group)
    if found is None or source.form is None:
        return []
    place, field = found
    items = [""] if not place else [item] if place == group else source.values.items(study.id, source.form.id, place)
    cells = (source.values.cell(study.id, source.form.id, field.id, place, one) for one in items)
    return [cell for cell in cells if cell is not None]


def _cell(source: Source, study: Study, key: str, group: str, item: str) -> str:
    if key in BUILT_IN and find_field(source.form, key, group) is None:
        return BUILT_IN[key][1](source, study)
    cells = _cells(source, study, key, group, item)
    said = [NOT_SETTLED if cell.state == DIFFERENT else shown(cell.final) for cell in cells]
    return "; ".join(dict.fromkeys(text for text in said if text))


def _notes(
    source: Source, standing: Standing, keys: Sequence[str], group: str, shown_studies: set[str]
) -> tuple[str, ...]:
    """Say what a reader must know: what is missing, not settled, or seen by one person only."""
    if source.form is None:
        return ()
    form = source.form.id
    notes = []
    missing = [study.label for study in standing.studies if not source.values.of_study(study.id, form)]
    if missing:
        notes.append(f"Nothing was extracted from: {', '.join(missing)}.")
    silent = [one.label for one in standing.studies if one.id not in shown_studies and one.label not in missing]
    if silent:
        notes.append(f"Nothing in these columns from: {', '.join(silent)}.")
    cells = [
        cell
        for study in standing.studies
        for key in keys
        for item in _items(source, study, group)
        for cell in _cells(source, study, key, group, item)
    ]
    unsettled = sum(cell.state == DIFFERENT for cell in set_of(cells))
    if unsettled:
        notes.append(f"Values at which two people differ and nobody has settled: {unsettled}.")
    alone = sum(cell.state == SINGLE for cell in set_of(cells))
    if alone:
        notes.append(f"Values that one person extracted and nobody checked: {alone} of {len(set_of(cells))}.")
    return tuple(notes)


def set_of(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells without repetition, in order."""
    return list({cell.place: cell for cell in cells}.values())
