"""The CSV of the R package robvis (`Study,D1..Dn,Overall`, with or without a weight): read for plots, and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence_review.csv_text import csv_text
from evidence_review.drawing.traffic_light import Judgements
from evidence_review.errors import Problem, SheetError, suggest
from evidence_review.forms.fault import CellFault
from evidence_review.forms.numbers import number
from evidence_review.forms.tools import OVERALL, Tool
from evidence_review.sheets import Row, Table, fold, read
from evidence_review.sheets.guard import guard

# What other tools and robvis' own examples say, for answers that the tool at hand does not list.
_WORDS = {
    "low": "good", "some concerns": "some", "moderate": "some", "high": "poor", "serious": "poor", "critical": "worst",
    "very high": "worst",
    "unclear": "unclear", "no information": "unclear", "not applicable": "none", "na": "none", "n/a": "none",
}  # fmt: skip
_INITIALS = {
    "l": "low", "s": "some concerns", "h": "high", "m": "moderate", "c": "critical", "u": "unclear",
    "n": "no information",
}  # fmt: skip
STUDY, WEIGHT = "study", "weight"


@dataclass(frozen=True, slots=True)
class Read:
    """A table of judgements as it was read; `weights` is empty where the table has none."""

    judgements: Judgements
    weights: tuple[float, ...]


def read_robvis(path: Path, tool: Tool) -> Read:
    """Read a robvis table.

    Raises:
        SheetError: with every problem: no study column, no domain, an answer that is none.
    """
    table = read(path, required=["Study"], optional=["Overall", "Weight"])
    domains = [name for name in table.columns if fold(name) not in (STUDY, OVERALL, WEIGHT)]
    has_overall, has_weight = "Overall" in table.columns, "Weight" in table.columns
    problems: list[Problem] = []
    if not domains:
        problems.append(Problem(table.where(1), "there is no domain", "Name the columns Study,D1,D2,…,Overall."))
    if not table.rows:
        problems.append(Problem(table.where(), "there is no study in it", "Add one row a study below the header."))
    columns = [*domains, *(["Overall"] if has_overall else [])]
    rows, weights = [], []
    for row in table.rows:
        if not row.plain("Study"):
            problems.append(Problem(table.where(row, "Study"), "the study has no name", "Write one."))
        rows.append((row.plain("Study"), tuple(_answer(table, row, name, tool, problems) for name in columns)))
        if has_weight:
            weights.append(_weight(table, row, problems))
    problems += _twice(table)
    if problems:
        raise SheetError(f"{table.name} was not drawn.", problems)
    answers = {answer for _, given in rows for answer in given if answer}
    levels = {answer: _level(tool, answer) for answer in answers}
    named = [(name, _meaning(tool, name, place)) for place, name in enumerate(domains)]
    if has_overall:
        named.append(("Overall", "Overall"))
    title = f"Risk of bias and quality: {tool.title}"
    return Read(Judgements(title, named, rows, levels, "Overall" if has_overall else ""), tuple(weights))


def _answer(table: Table, row: Row, name: str, tool: Tool, problems: list[Problem]) -> str:
    text = row.plain(name)
    if not text:
        return ""
    scale = [*tool.answers, *tool.overall.answers]
    exact = next((answer for answer in scale if fold(answer) == fold(text)), None)
    if exact:
        return exact
    word = _INITIALS.get(fold(text), fold(text))
    for answer in scale:
        if fold(answer) == word:
            return answer
    if word in _WORDS:
        return word.capitalize()
    problems.append(
        Problem(table.where(row, name), f"'{text}' is no answer of {tool.id}", suggest(text, dict.fromkeys(scale)))
    )
    return ""


def _weight(table: Table, row: Row, problems: list[Problem]) -> float:
    text = row.plain("Weight")
    try:
        found = float(number(text or "0"))
    except CellFault as fault:
        problems.append(Problem(table.where(row, "Weight"), fault.what, "Write a number, or take the column out."))
        return 0.0
    if found < 0 or not text:
        problems.append(Problem(table.where(row, "Weight"), "a weight is 0 or more", "Correct it."))
    return found


def _twice(table: Table) -> list[Problem]:
    seen: dict[str, int] = {}
    problems = []
    for row in table.rows:
        name = fold(row.plain("Study"))
        if name and seen.setdefault(name, row.number) != row.number:
            what = f"study '{row.plain('Study')}' stands twice, also in row {seen[name]}"
            problems.append(Problem(table.where(row, "Study"), what, "Give two results of one study different names."))
    return problems


def _level(tool: Tool, answer: str) -> str:
    if answer in tool.answers:
        return tool.answers[answer]
    return tool.overall.answers.get(answer) or _WORDS.get(fold(answer), "unclear")


def _meaning(tool: Tool, name: str, place: int) -> str:
    """Return what a domain is about: by its id, else by its place where columns are just numbered."""
    by_id = next((item.prompt for item in tool.items if fold(item.id) == fold(name)), "")
    if by_id or not (fold(name)[:1] == "d" and fold(name)[1:].isdigit()):
        return by_id
    return tool.items[place].prompt if place < len(tool.items) else ""


def write_robvis(data: Judgements) -> bytes:
    """Return judgements as a table that robvis reads."""
    header = ["Study", *(name for name, _ in data.domains)]
    rows: list[Sequence[str]] = [header, *([study, *answers] for study, answers in data.rows)]
    return csv_text([[guard(cell) for cell in row] for row in rows]).encode("utf-8")
