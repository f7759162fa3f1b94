"""Tables of studies, folded from records and extracted values: what `synthesise` writes and the report prints."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from evidence_review.model import protocol as plans
from evidence_review.model.protocol import Form, FormField, Protocol
from evidence_review.model.record import Citation
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, Study
from evidence_review.state.values import DIFFERENT, SINGLE, Cell, Values, fold, shown

NOT_SETTLED = "not settled"
STUDY_ROWS = "study"
_DEFAULT_TITLE = "Characteristics of included studies"
_DEFAULT_FIELDS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `study` is the study's id, `group` the heading under which it stands ("" where rows are not grouped)."""

    study: str
    cells: tuple[str, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as readers see it. `columns` are headings, `keys` the protocol's names of them; `notes` go below it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    grouped_by: str = ""


@dataclass(frozen=True, slots=True)
class _Source:
    """What cells are taken from, read once."""

    snapshot: Snapshot
    values: Values
    form: Form | None

    def citation(self, study: Study) -> Citation:
        return self.snapshot.records[study.reports[0]].citation


BUILT_IN: Mapping[str, tuple[str, Callable[[_Source, Study], str]]] = MappingProxyType(
    {
        "study": ("Study", lambda source, study: study.label),
        "year": ("Year", lambda source, study: str(source.citation(study).year or "")),
        "title": ("Title", lambda source, study: source.citation(study).title),
        "journal": ("Published in", lambda source, study: _published_in(source.citation(study))),
        "type": ("Kind of document", lambda source, study: source.citation(study).type),
        "doi": ("DOI", lambda source, study: source.citation(study).doi),
        "reports": ("Reports", lambda source, study: str(len(study.reports))),
        "appraisal": ("Appraisal", lambda source, study: _appraisal(source, study)),
    }
)


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
    """Return the tables that the protocol asks for; a table of characteristics where it asks for none."""
    form = snapshot.protocol.extraction.form
    source = _Source(snapshot, fold(snapshot.values, standing), form)
    asked = snapshot.protocol.synthesis.tables or (_default(form),)
    return tuple(_table(source, standing, one) for one in asked)


def _default(form: Form | None) -> plans.Table:
    fields = [field.id for field in form.fields[:_DEFAULT_FIELDS]] if form else []
    return plans.Table(title=_DEFAULT_TITLE, columns=("study", "year", *(fields or ("title", "type"))))


def _table(source: _Source, standing: Standing, asked: plans.Table) -> Table:
    keys = asked.columns if asked.columns[:1] == ("study",) else ("study", *asked.columns)
    group = "" if asked.rows == STUDY_ROWS else asked.rows
    entries = [(study, item) for study in standing.studies for item in _items(source, study, group)]
    wanted = [*keys, *(name for name in (asked.group_by, asked.sort_by) if name)]
    read = {
        (study.id, item): {name: _cell(source, study, name, group, item) for name in wanted} for study, item in entries
    }
    if asked.sort_by:
        entries.sort(key=lambda entry: _natural(read[entry[0].id, entry[1]][asked.sort_by]))
    if asked.group_by:
        order = _options(source.form, asked.group_by, group)
        entries.sort(key=lambda entry: _rank(read[entry[0].id, entry[1]][asked.group_by], order))
    rows = tuple(
        Row(
            study.id,
            tuple(read[study.id, item][key] for key in keys),
            (read[study.id, item][asked.group_by] or "not reported") if asked.group_by else "",
        )
        for study, item in entries
    )
    labels = tuple(label(source.form, key, group) for key in keys)
    grouped = label(source.form, asked.group_by, group) if asked.group_by else ""
    return Table(asked.title, labels, rows, _notes(source, standing, keys, group), tuple(keys), grouped)


def _items(source: _Source, study: Study, group: str) -> Sequence[str]:
    if not group or source.form is None:
        return [""]
    return source.values.items(study.id, source.form.id, group)


def label(form: Form | None, key: str, group: str = "") -> str:
    """Return the heading of a column: the field's label, else its name made readable."""
    if key in BUILT_IN and _field(form, key, group) is None:
        return BUILT_IN[key][0]
    found = _field(form, key, group)
    words = (found[1].label if found else "") or key.rpartition(".")[2].replace("_", " ").capitalize()
    return f"{words} ({found[1].unit})" if found and found[1].unit else words


def _field(form: Form | None, key: str, group: str) -> tuple[str, FormField] | None:
    """Return (group, field) of a column's name: in its own group first, then at study level."""
    if form is None:
        return None
    named, dot, name = key.rpartition(".")
    for place, wanted in ((named, name),) if dot else ((group, key), ("", key)):
        for field in form.fields_of(place):
            if field.id == wanted:
                return place, field
    return None


def _cells(source: _Source, study: Study, key: str, group: str, item: str) -> list[Cell]:
    found = _field(source.form, key, group)
    if found is None or source.form is None:
        return []
    place, field = found
    items = [""] if not place else [item] if place == group else source.values.items(study.id, source.form.id, place)
    cells = (source.values.cell(study.id, source.form.id, field.id, place, one) for one in items)
    return [cell for cell in cells if cell is not None]


def _cell(source: _Source, study: Study, key: str, group: str, item: str) -> str:
    if key in BUILT_IN and _field(source.form, key, group) is None:
        return BUILT_IN[key][1](source, study)
    cells = _cells(source, study, key, group, item)
    said = [NOT_SETTLED if cell.state == DIFFERENT else shown(cell.final) for cell in cells]
    return "; ".join(dict.fromkeys(text for text in said if text))


def _options(form: Form | None, key: str, group: str) -> Sequence[str]:
    found = _field(form, key, group)
    return found[1].options if found else ()


def _rank(text: str, order: Sequence[str]) -> tuple[int, int, list[tuple[int, float, str]]]:
    """Sort groups as the form lists its options, then others by name, and what was not reported last."""
    if not text:
        return 2, 0, []
    return (0, order.index(text), []) if text in order else (1, 0, _natural(text))


def _natural(text: str) -> list[tuple[int, float, str]]:
    """Return a key that sorts numbers by size and words by letter, empty cells last."""
    if not text:
        return [(2, 0.0, "")]
    parts = re.findall(r"\d+(?:\.\d+)?|\D+", text.casefold())
    return [(0, float(part), "") if part[0].isdigit() else (1, 0.0, part) for part in parts]


def _published_in(citation: Citation) -> str:
    return citation.container or citation.publisher


def _appraisal(source: _Source, study: Study) -> str:
    """Return each tool's overall judgement; where it has none, how often each answer was given."""
    said = []
    for tool in dict.fromkeys(source.snapshot.protocol.appraisal.tools.values()):
        cells = [
            cell for cell in source.values.of_study(study.id, tool) if cell.place.field not in ("comments", "section")
        ]
        overall = next((cell for cell in cells if cell.place.field == "overall"), None)
        if overall is not None:
            said.append(f"{tool}: {shown(overall.final) or NOT_SETTLED}")
        elif cells:
            counts = Counter(shown(cell.final) or NOT_SETTLED for cell in cells)
            said.append(f"{tool}: " + ", ".join(f"{answer} {count}" for answer, count in counts.items()))
    return "; ".join(said)


def _notes(source: _Source, standing: Standing, keys: Sequence[str], group: str) -> tuple[str, ...]:
    """Say what a reader must know: what is missing, not settled, or seen by one person only."""
    if source.form is None:
        return ()
    form = source.form.id
    notes = []
    missing = [study.label for study in standing.studies if not source.values.of_study(study.id, form)]
    if missing:
        notes.append(f"Nothing extracted yet from: {', '.join(missing)}.")
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
