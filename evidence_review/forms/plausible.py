"""What is possible but odd: values outside a plausible range, parts that miss their total, years out of order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evidence_review.forms import estimates
from evidence_review.model.form import Form, FormCheck, FormField
from evidence_review.state.values import Cell, Values

# A percentage in a paper is rounded, to whole numbers at worst.
_ROUNDING = 0.6
_NUMBERS = ("integer", "number", "percentage", "estimate")


def odd(values: Values, forms: Mapping[str, Form], studies: Sequence[str]) -> list[str]:
    """Return a sentence for each value, or set of values, that someone should look at again."""
    found = []
    for form in forms.values():
        for study in studies:
            cells = [cell for cell in values.of_study(study, form.id) if cell.final is not None]
            found += [*_ranges(form, cells), *_relations(form, cells)]
    return found


def _where(cell: Cell) -> str:
    final, place = cell.final, cell.place
    item = f" {place.group} {place.item}" if place.group else ""
    at = f" ({final.sheet} row {final.row})" if final else ""
    return f"{place.study}{item}, {place.field}{at}"


def _ranges(form: Form, cells: Sequence[Cell]) -> Iterator[str]:
    fields = {(group, one.id): one for group in ("", *(g.id for g in form.groups)) for one in form.fields_of(group)}
    for cell in cells:
        field = fields.get((cell.place.group, cell.place.field))
        amount = _amount(cell, field)
        if field is None or amount is None:
            continue
        low, high = field.plausible or ((0.0, 100.0) if field.type == "percentage" else (None, None))
        if (low is not None and amount < low) or (high is not None and amount > high):
            yield f"{_where(cell)}: {amount:g} lies outside the plausible {low:g} to {high:g}."


def _amount(cell: Cell, field: FormField | None) -> float | None:
    if field is None or field.type not in _NUMBERS or cell.final is None or not cell.final.value:
        return None
    try:
        return estimates.parts(cell.final.value)[0]
    except ValueError:
        return None


def _relations(form: Form, cells: Sequence[Cell]) -> Iterator[str]:
    for check in form.checks:
        rows: dict[str, dict[str, Cell]] = {}
        for cell in cells:
            if cell.place.group == check.group:
                rows.setdefault(cell.place.item, {})[cell.place.field] = cell
        for row in rows.values():
            yield from _relation(form, check, row)


def _relation(form: Form, check: FormCheck, row: Mapping[str, Cell]) -> Iterator[str]:
    fields = {one.id: one for one in form.fields_of(check.group)}

    def amounts(names: Sequence[str]) -> list[float] | None:
        found = [_amount(row[name], fields.get(name)) if name in row else None for name in names]
        known = [amount for amount in found if amount is not None]
        return known if len(known) == len(names) else None

    parts = amounts(check.parts)
    if parts is None:
        return
    first = row[check.parts[0]]
    if check.kind == "order" and parts != sorted(parts):
        yield f"{_where(first)}: {', '.join(check.parts)} should not decrease, but are {_list(parts)}."
    if check.kind == "sum" and check.total and (total := amounts([check.total])) and sum(parts) != total[0]:
        yield f"{_where(first)}: {', '.join(check.parts)} add up to {sum(parts):g}, but {check.total} is {total[0]:g}."
    if check.kind == "percent" and check.total and check.percent:
        said = amounts([check.total, check.percent])
        if said and said[0] and abs(100 * parts[0] / said[0] - said[1]) > _ROUNDING:
            share = 100 * parts[0] / said[0]
            said_so = f"{check.percent} is {said[1]:g}"
            yield f"{_where(first)}: {parts[0]:g} of {said[0]:g} is {share:.1f} per cent, but {said_so}."


def _list(amounts: Sequence[float]) -> str:
    return ", ".join(f"{amount:g}" for amount in amounts)
