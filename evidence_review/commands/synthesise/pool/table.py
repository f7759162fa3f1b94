"""The table of studies to pool: columns by measure, every wrong cell named, nothing pooled unless all are right."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evidence_review.commands.synthesise.pool.effects import Effect, Measure, effect
from evidence_review.errors import Problem, SheetError, suggest
from evidence_review.forms.fault import CellFault
from evidence_review.forms.numbers import number
from evidence_review.sheets import Row, Table, fold, read

STUDY = "study"
# metafor's own names of the columns whose names here are shorter.
ALIASES = {f"{name}i": name for name in ("m1", "sd1", "n1", "m2", "sd2", "n2")}
# What leaves no doubt which mark is the decimal one, and numbers of which one cannot say it.
_SIGN = "[-+\u2212\u2013]?"
_COMMA, _POINT = (
    re.compile(rf"^{_SIGN}(?:0*{mark}\d+|\d+{mark}(?:\d{{1,2}}|\d{{4,}})|\d{{1,3}}(?:{other}\d{{3}})+{mark}\d+)$")
    for mark, other in ((",", r"\."), (r"\.", ","))
)
_THOUSAND = re.compile(rf"^{_SIGN}[1-9]\d{{0,2}}([.,])\d{{3}}$")
_SCIENTIFIC = re.compile(r"^[+-]?\d+(?:\.\d+)?[eE][+-]?\d+$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Studies:
    """The studies of a table: an effect each, the numbers behind it, and what a reader should know of the table."""

    effects: tuple[Effect, ...]
    cells: tuple[Mapping[str, float], ...]
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read_studies(path: Path, measure: Measure, covariate: str = "", group: str = "") -> Studies:
    """Read a table for `measure`; `covariate` and `group` are further columns that must be filled.

    Raises:
        SheetError: with every problem: missing columns, cells that are no numbers, studies that give no effect.
    """
    known = [name for columns in measure.columns for name in columns]
    aliases = ALIASES if "m1" in known else {}
    names = [STUDY, *dict.fromkeys(known), *aliases, *(name for name in (covariate, group) if name)]
    table = _renamed(read(path, optional=names), aliases)
    columns = _columns(table, measure, [STUDY, *(name for name in (covariate, group) if name)])
    problems: list[Problem] = []
    effects, cells = [], []
    numeric = [*columns, *([covariate] if covariate else [])]
    comma = _decimal_comma(table, numeric)
    for row in table.rows:
        numbers = _numbers(table, row, numeric, problems, comma=comma)
        if not row.plain(STUDY):
            problems.append(Problem(table.where(row, STUDY), "the study has no name", "Write one."))
        if group and not row.plain(group):
            problems.append(Problem(table.where(row, group), "the study is in no subgroup", "Write one, or 'other'."))
        if numbers is None:
            continue
        try:
            one = effect(measure, row.plain(STUDY), numbers, row.number)
        except CellFault as fault:
            problems.append(Problem(table.where(row), fault.what, fault.remedy))
            continue
        effects.append(replace(one, extra=dict(row.cells)))
        cells.append(numbers)
    if not table.rows:
        problems.append(Problem(table.where(), "there is no study in it", "Add one row a study below the header."))
    if problems:
        raise SheetError(f"{table.name} cannot be pooled; nothing was calculated.", problems)
    return Studies(tuple(effects), tuple(cells), columns, (*table.notes, *_twice(effects)))


def _renamed(table: Table, aliases: Mapping[str, str]) -> Table:
    names = {name: aliases[name] for name in table.columns if name in aliases and aliases[name] not in table.columns}
    if not names:
        return table
    rows = [replace(row, cells={names.get(key, key): text for key, text in row.cells.items()}) for row in table.rows]
    return replace(table, columns=tuple(names.get(name, name) for name in table.columns), rows=tuple(rows))


def _columns(table: Table, measure: Measure, needed: Sequence[str]) -> tuple[str, ...]:
    have = set(table.columns)
    chosen = next((columns for columns in measure.columns if have.issuperset(columns)), None)
    problems = [
        Problem(table.where(1), f"there is no column '{name}'", suggest(name, table.columns))
        for name in needed
        if name not in have
    ]
    if chosen is None:
        ways = " or ".join(",".join((STUDY, *columns)) for columns in measure.columns)
        what = f"the columns for {measure.id} are missing: it has {', '.join(table.columns)}"
        problems.append(Problem(table.where(1), what, f"It needs {ways}."))
    if problems or chosen is None:
        raise SheetError(f"{table.name} cannot be pooled; nothing was calculated.", problems)
    return chosen


def _decimal_comma(table: Table, columns: Sequence[str]) -> bool:
    """Return whether the numbers of a table have a decimal comma: some surely do, and none has a point."""
    texts = [row.plain(name) for row in table.rows for name in columns]
    return any(map(_COMMA.match, texts)) and not any(map(_POINT.match, texts))


def _float(text: str, *, comma: bool) -> float:
    """Return a number; the exponents of programs may be larger than people write them.

    In a table with decimal commas, `1,234` is 1.234, and `1.234` is most likely 1234, but nobody can know.
    """
    either = _THOUSAND.match(text) if comma else None
    if either and either[1] == ".":
        whole = text.replace(".", "")
        raise CellFault(
            f"'{text}' could be {whole} or {text}, for other cells have a decimal comma",
            f"Write {whole}, or {text.replace('.', ',')}.",
        )
    if either:
        text = text.replace(",", ".")
    value = float(text) if _SCIENTIFIC.match(text) else float(number(text))
    if not math.isfinite(value):
        raise CellFault(f"'{text}' is too large to calculate with", "Check its unit.")
    return value


def _numbers(
    table: Table, row: Row, columns: Sequence[str], problems: list[Problem], *, comma: bool
) -> dict[str, float] | None:
    found: dict[str, float] = {}
    for name in columns:
        text = row.plain(name)
        try:
            if not text:
                raise CellFault("the cell is empty", "Fill it in, or leave the study out.")
            found[name] = _float(text, comma=comma)
        except CellFault as fault:
            problems.append(Problem(table.where(row, name), fault.what, fault.remedy.partition("; or")[0]))
    return found if len(found) == len(columns) else None


def _twice(effects: Sequence[Effect]) -> list[str]:
    """Name the studies with several rows: two papers may share a name, two rows of one study are not independent."""
    rows: dict[str, list[Effect]] = {}
    for one in effects:
        rows.setdefault(fold(one.study), []).append(one)
    return [
        f"'{found[0].study}' stands in rows {', '.join(str(one.row) for one in found)}: if these are comparisons of "
        "one study, they are not independent, and the result is too precise"
        for found in rows.values()
        if len(found) > 1
    ]
