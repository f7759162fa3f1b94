"""Displays beyond plain tables: cross-tabs, side-by-side views and framework matrices, folded from values.

Each is a `Table`, so that whatever prints tables prints them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evidence_review.model.form import FormField
from evidence_review.model.protocol import Protocol
from evidence_review.model.synthesis import CrossTab, Matrix, SideBySide
from evidence_review.state.standing import Standing, Study
from evidence_review.state.table_parts import NOT_SETTLED, Row, Source, Spelling, Table, find_field, label, rank
from evidence_review.state.values import DIFFERENT, Cell, answers_of, shown

EMERGENT = "emergent"


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted: a study, or an entry of one of its groups (`item` is its key)."""

    study: Study
    item: str = ""


def group_of(source: Source, *keys: str) -> str:
    """Return the repeating group to which one of these fields belongs, "" where all are at study level."""
    for key in keys:
        group, dot, _ = key.rpartition(".")
        if dot and find_field(source.form, key, group):
            return group
    return ""


def units(source: Source, standing: Standing, group: str) -> list[Unit]:
    """Return what is counted: studies, or the entries of a group."""
    if not group or source.form is None:
        return [Unit(study) for study in standing.studies]
    form = source.form.id
    return [Unit(study, item) for study in standing.studies for item in source.values.items(study.id, form, group)]


def _cell(source: Source, unit: Unit, key: str, group: str) -> Cell | None:
    found = find_field(source.form, key, group)
    if found is None or source.form is None:
        return None
    place, field = found
    return source.values.cell(unit.study.id, source.form.id, field.id, place, unit.item if place else "")


def answers(source: Source, unit: Unit, key: str, group: str) -> tuple[str, ...]:
    """Return a unit's answers to a field: one or several, or the words of a status; none where nothing was said."""
    cell = _cell(source, unit, key, group)
    if cell is None:
        return ()
    if cell.state == DIFFERENT:
        return (NOT_SETTLED,)
    found = find_field(source.form, key, group)
    value = cell.final
    if value is not None and value.value and found is not None:
        return answers_of(found[1].type, value.value)
    return (shown(value),) if shown(value) else ()


def _field(source: Source, key: str, group: str) -> FormField:
    found = find_field(source.form, key, group)
    if found is None:
        raise KeyError(key)  # the protocol's check named it long before
    return found[1]


def scale(source: Source, key: str, group: str, given: Sequence[str]) -> tuple[str, ...]:
    """Return the answers of a field in order: all its options, so that gaps are seen, then what else was answered."""
    field = _field(source, key, group)
    options = ("yes", "no") if field.type == "yes-no" else field.options
    others = sorted(set(given) - set(options), key=lambda answer: rank(answer, ()))
    return (*options, *others)


def spelling(source: Source, key: str, group: str) -> Spelling:
    """Return the spelling of a field's answers; of none where there is no field."""
    return Spelling(_field(source, key, group).options if key else ())


def placed(
    source: Source, standing: Standing, rows: str, columns: str, group: str
) -> dict[tuple[str, str], list[Unit]]:
    cells: dict[tuple[str, str], list[Unit]] = {}
    down, across = spelling(source, rows, group), spelling(source, columns, group)
    for unit in units(source, standing, group):
        for row in answers(source, unit, rows, group):
            for column in answers(source, unit, columns, group) if columns else ("",):
                cells.setdefault((down(row), across(column)), []).append(unit)
    return cells


def cross_tab(source: Source, standing: Standing, asked: CrossTab) -> Table:
    """Return a table of counts with the studies behind each; empty cells stay, as a dash."""
    group = group_of(source, asked.rows, asked.columns)
    cells = placed(source, standing, asked.rows, asked.columns, group)
    rows = scale(source, asked.rows, group, [row for row, _ in cells])
    columns = scale(source, asked.columns, group, [column for _, column in cells]) if asked.columns else ("",)
    lines = tuple(Row("", (row, *(counted(cells.get((row, column), ())) for column in columns))) for row in rows)
    heading = crossing(
        label(source.form, asked.rows, group), label(source.form, asked.columns, group) if asked.columns else ""
    )
    across = columns if asked.columns else ("Studies" if not group else "Entries",)
    return Table(asked.title, (heading, *across), lines, notes_on(source, standing, group, asked.rows, asked.columns))


def crossing(rows: str, columns: str) -> str:
    """Return the heading over the first column of a cross-tab, which names both sides."""
    return f"{rows} ↓ {columns} →" if columns else rows


def counted(found: Sequence[Unit]) -> str:
    if not found:
        return "–"
    per_study: dict[str, int] = {}
    for unit in found:
        per_study[unit.study.label] = per_study.get(unit.study.label, 0) + 1
    named = [study if count == 1 else f"{study} × {count}" for study, count in per_study.items()]
    return f"{len(found)}: {', '.join(named)}"


def notes_on(source: Source, standing: Standing, group: str, *keys: str) -> tuple[str, ...]:
    notes = []
    if group:
        name = (
            next((one.label or one.id for one in source.form.groups if one.id == group), group)
            if source.form
            else group
        )
        notes.append(f"Counted are entries of '{name}', of which a study may have several.")
    if any(key and _field(source, key, group).type in ("choices", "country") for key in keys):
        notes.append("What has several answers is counted under each of them, so the counts add up to more.")
    counted = {
        unit.study.id
        for unit in units(source, standing, group)
        if all(answers(source, unit, key, group) for key in keys if key)
    }
    without = [study.label for study in standing.studies if study.id not in counted]
    if without:
        notes.append(f"Without an answer, so not in the counts: {', '.join(without)}.")
    return tuple(notes)


def side_by_side(source: Source, standing: Standing, asked: SideBySide) -> Table:
    """Return what each side says of the same thing: a row a study and thing, a column a side."""
    keys = {name: f"{asked.group}.{name}" for name in (asked.about, asked.by, *asked.show)}
    said: dict[tuple[str, str], dict[str, list[str]]] = {}
    words: dict[tuple[str, str], tuple[Study, str]] = {}
    spelled = spelling(source, keys[asked.about], asked.group)
    sides: list[str] = []
    unsided = 0
    for unit in units(source, standing, asked.group):
        about = "; ".join(answers(source, unit, keys[asked.about], asked.group))
        by = answers(source, unit, keys[asked.by], asked.group)
        unsided += bool(about) and not by
        about = spelled(about)
        key = unit.study.id, about
        for side in by:
            text = _joined(source, unit, asked, keys)
            words.setdefault(key, (unit.study, about))
            said.setdefault(key, {}).setdefault(side, []).append(text)
            sides.append(side)
    columns = [side for side in scale(source, keys[asked.by], asked.group, sides) if side in sides]
    rows = tuple(
        Row(study.id, (study.label, about, *("; ".join(said[key].get(side, ["–"])) for side in columns)))
        for key, (study, about) in words.items()
    )
    heading = label(source.form, keys[asked.about], asked.group)
    both = sum(all(side in said[key] for side in columns) for key in words) if len(columns) > 1 else 0
    notes = [f"Rows in which every side has its say: {both} of {len(rows)}."] if rows else []
    if unsided:
        notes.append(f"Entries that name no side, so not shown: {unsided}.")
    return Table(asked.title, ("Study", heading, *columns), rows, tuple(notes))


def _joined(source: Source, unit: Unit, asked: SideBySide, keys: Mapping[str, str]) -> str:
    found = ["; ".join(answers(source, unit, keys[name], asked.group)) for name in asked.show]
    texts = [text for text in found if text]
    return f"{texts[0]} ({', '.join(texts[1:])})" if len(texts) > 1 else (texts[0] if texts else "–")


def matrix(source: Source, standing: Standing, asked: Matrix) -> Table:
    """Return a framework matrix: in each cell the findings of a study on a theme, with quote and page."""
    theme_key, text_key = f"{asked.group}.{asked.theme}", f"{asked.group}.{asked.text}"
    options = _field(source, theme_key, asked.group).options
    spelled = spelling(source, theme_key, asked.group)
    cells: dict[tuple[str, str], list[str]] = {}
    bare = 0
    for unit in units(source, standing, asked.group):
        text = _cell(source, unit, text_key, asked.group)
        if text is None or text.final is None or not shown(text.final):
            continue
        bare += not text.final.quote and not text.final.page
        for theme in answers(source, unit, theme_key, asked.group) or (EMERGENT,):
            cells.setdefault((unit.study.id, spelled(theme)), []).append(
                _quoted(text, _shown_beside(source, unit, asked))
            )
    given = {theme for _, theme in cells}
    others = [
        theme for theme in scale(source, theme_key, asked.group, list(given)) if theme not in (*options, EMERGENT)
    ]
    themes = [theme for theme in options if theme != EMERGENT]
    themes += [*others, *([EMERGENT] if EMERGENT in given or EMERGENT in options else [])]
    rows = tuple(
        Row(study.id, (study.label, *("\n".join(cells.get((study.id, theme), ["–"])) for theme in themes)))
        for study in standing.studies
        if any(key[0] == study.id for key in cells)
    )
    headings = [f"{theme} (emergent)" if options and theme in others else theme for theme in themes]
    notes = []
    without = [study.label for study in standing.studies if not any(key[0] == study.id for key in cells)]
    if without:
        notes.append(f"No finding extracted from: {', '.join(without)}.")
    if bare:
        notes.append(f"Findings that trace to no page or quote: {bare}.")
    return Table(asked.title, ("Study", *headings), rows, tuple(notes))


def _shown_beside(source: Source, unit: Unit, asked: Matrix) -> str:
    found = ["; ".join(answers(source, unit, f"{asked.group}.{name}", asked.group)) for name in asked.show]
    texts = [text for text in found if text]
    return f" ({', '.join(texts)})" if texts else ""


def _quoted(cell: Cell, beside: str) -> str:
    value = cell.final
    if value is None:
        return ""
    quote = f" “{value.quote.strip().strip('“”')}”" if value.quote else ""
    # A number gets its "p."; "abstract", "table 1" and "p. 4" stand as they were written.
    page = f"p. {value.page}" if value.page[:1].isdigit() else value.page
    return f"{shown(value)}{beside}{quote}{f' ({page})' if value.page else ''}"


def unknown_fields(protocol: Protocol) -> Iterator[tuple[tuple[str | int, ...], str, list[str]]]:
    """Yield (place, name, valid names) for each name in a display that is no field of the form, or no group of it."""
    form = protocol.extraction.form
    plan = protocol.synthesis
    groups = [group.id for group in form.groups] if form else []
    fields = [field.id for field in form.fields] if form else []
    dotted = [f"{group.id}.{field.id}" for group in form.groups for field in group.fields] if form else []
    asked: list[tuple[tuple[str | int, ...], str, list[str]]] = []
    for index, tab in enumerate(plan.crosstabs):
        asked.append((("crosstabs", index, "rows"), tab.rows, [*fields, *dotted]))
        asked += [(("crosstabs", index, "columns"), tab.columns, [*fields, *dotted])] if tab.columns else []
    for index, one in enumerate(plan.maps):
        asked += [(("maps", index, key), getattr(one, key), [*fields, *dotted]) for key in ("rows", "columns")]
        tools = list(protocol.appraisal.tools.values())
        asked += [(("maps", index, "colour"), one.colour, [*fields, *tools])] if one.colour else []
    for kind, keys in (
        ("perspectives", ("about", "by")), ("matrices", ("theme", "text")), ("directions", ("about", "direction")),
    ):  # fmt: skip
        for index, display in enumerate(getattr(plan, kind)):
            asked.append(((kind, index, "group"), display.group, groups))
            inside = [field.id for field in form.fields_of(display.group)] if form else []
            if display.group in groups:
                asked += [((kind, index, key), getattr(display, key), inside) for key in keys]
                if getattr(display, "height", ""):
                    asked.append(((kind, index, "height"), display.height, fields))
                shows = getattr(display, "show", ())
                asked += [((kind, index, "show", place), name, inside) for place, name in enumerate(shows)]
    for index, pooled in enumerate(plan.pooling):
        asked.append((("pooling", index, "group"), pooled.group, groups))
        inside = [field.id for field in form.fields_of(pooled.group)] if form else []
        if pooled.group in groups:
            asked += [(("pooling", index, "where", name), name, inside) for name in pooled.where]
            asked += [(("pooling", index, "columns", key), name, inside) for key, name in pooled.columns.items()]
    yield from ((place, name, valid) for place, name, valid in asked if name not in valid)
