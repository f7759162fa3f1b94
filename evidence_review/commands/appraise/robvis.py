"""The CSV of the R package robvis (`Study,D1..Dn,Overall`, with or without a weight): read for plots, and written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence_review.commands.appraise.answers import level, understand
from evidence_review.csv_text import csv_text
from evidence_review.drawing.traffic_light import Judgements
from evidence_review.errors import Problem, SheetError
from evidence_review.forms.fault import CellFault
from evidence_review.forms.numbers import number
from evidence_review.forms.tools import Tool
from evidence_review.sheets import Row, Table, fold, read
from evidence_review.sheets.guard import guard

STUDY, OVERALL = "study", "Overall"
_STUDY = re.compile(r"^(?:study|studies|trial|author|article|paper|reference|citation|result)s?\b")
_WEIGHT = re.compile(r"^weights?\b")
_DOMAIN = re.compile(r"^d(?:omain)? ?(\d+)[a-z]?\b")


@dataclass(frozen=True, slots=True)
class Read:
    """A table of judgements as it was read; `weights` is empty where the table has none."""

    judgements: Judgements
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which column is what; `overall` and `weight` are "" where the table has none."""

    study: str
    domains: tuple[str, ...]
    overall: str
    weight: str


def read_robvis(path: Path, tool: Tool) -> Read:
    """Read a robvis table; robvis itself goes by places, so headings are taken in any wording.

    Raises:
        SheetError: with every problem: no study column, no domain, an answer that is none.
    """
    table = read(path)
    columns = _columns(table)
    problems = _bare(table, columns)
    rows, weights = [], []
    for row in table.rows:
        if not row.plain(columns.study):
            problems.append(Problem(table.where(row, columns.study), "the study has no name", "Write one."))
        names = [*columns.domains, *([columns.overall] if columns.overall else [])]
        rows.append((row.plain(columns.study), tuple(_answer(table, row, name, tool, problems) for name in names)))
        if columns.weight:
            weights.append(_weight(table, row, columns.weight, problems))
    problems += _twice(table, columns.study)
    if problems:
        raise SheetError(f"{table.name} was not drawn.", problems)
    levels = {answer: level(tool, answer) for _, given in rows for answer in given if answer}
    named = [(_short(name), _meaning(tool, name, place)) for place, name in enumerate(columns.domains)]
    if columns.overall:
        named.append((OVERALL, OVERALL))
    drawn = Judgements(f"Risk of bias and quality: {tool.title}", named, rows, levels, columns.overall and OVERALL)
    return Read(drawn, tuple(weights))


def _columns(table: Table) -> _Columns:
    """Tell the columns apart.

    Raises:
        SheetError: none holds the studies.
    """
    # R's write.csv numbers the rows in a first column without a heading, which the reader has dropped or named.
    names = [name for name in table.columns if name]
    study = next((name for name in names if _STUDY.match(fold(name))), "")
    overall = _pick([name for name in names if fold(name).startswith("overall")], OVERALL)
    weight = _pick([name for name in names if _WEIGHT.match(fold(name))], "weight")
    if not study and names and names[0] not in (overall, weight) and not _DOMAIN.match(fold(names[0])):
        study = names[0]
    if not study:
        what = "column 'Study' is missing"
        raise SheetError(
            f"{table.name} was not drawn.", [Problem(table.where(1), what, "Name the columns Study,D1,D2,…,Overall.")]
        )
    domains = tuple(one for one in names if one not in (study, overall, weight))
    filled = {name for name in (overall, weight) if name and any(row.plain(name) for row in table.rows)}
    return _Columns(study, domains, overall if overall in filled else "", weight if weight in filled else "")


def _pick(found: list[str], best: str) -> str:
    return next((name for name in found if fold(name) == fold(best)), found[-1] if found else "")


def _bare(table: Table, columns: _Columns) -> list[Problem]:
    problems = []
    if not columns.domains:
        problems.append(Problem(table.where(1), "there is no domain", "Name the columns Study,D1,D2,…,Overall."))
    if not table.rows:
        problems.append(Problem(table.where(), "there is no study in it", "Add one row a study below the header."))
    return problems


def _answer(table: Table, row: Row, name: str, tool: Tool, problems: list[Problem]) -> str:
    text = row.plain(name)
    if not text:
        return ""
    try:
        return understand(tool, text)
    except CellFault as fault:
        problems.append(Problem(table.where(row, name), fault.what, fault.remedy))
        return ""


def _weight(table: Table, row: Row, name: str, problems: list[Problem]) -> float:
    text = row.plain(name).removesuffix("%").strip()
    try:
        found = float(number(text or "0"))
    except CellFault as fault:
        problems.append(Problem(table.where(row, name), fault.what, "Write a number, or take the column out."))
        return 0.0
    if found < 0 or not text:
        problems.append(Problem(table.where(row, name), "a weight is 0 or more", "Correct it."))
    return found


def _twice(table: Table, study: str) -> list[Problem]:
    seen: dict[str, int] = {}
    problems = []
    for row in table.rows:
        name = fold(row.plain(study))
        if name and seen.setdefault(name, row.number) != row.number:
            what = f"study '{row.plain(study)}' stands twice, also in row {seen[name]}"
            problems.append(Problem(table.where(row, study), what, "Give two results of one study different names."))
    return problems


def _short(name: str) -> str:
    """Return a heading as people wrote it: R puts a dot for each space and sign."""
    return " ".join(name.replace(".", " ").split()) if name.count(".") > 1 else name


def _meaning(tool: Tool, name: str, place: int) -> str:
    """Return what a domain is about: by its id, else by its place where columns are just numbered, else its heading."""
    by_id = next((item.prompt for item in tool.items if fold(item.id) == fold(name)), "")
    if by_id:
        return by_id
    if fold(name) in (f"d{place + 1}", f"domain {place + 1}"):
        return tool.items[place].prompt if place < len(tool.items) else ""
    return _short(name)


def write_robvis(data: Judgements, weights: Sequence[float] = ()) -> bytes:
    """Return judgements as a table that robvis reads, with a last column `Weight` where there are `weights`."""
    rows: list[Sequence[str]] = [["Study", *(name for name, _ in data.domains), *(["Weight"] if weights else [])]]
    for place, (study, answers) in enumerate(data.rows):
        rows.append([study, *answers, *([f"{weights[place]:g}"] if weights else [])])
    return csv_text([[guard(cell) for cell in row] for row in rows]).encode("utf-8")
