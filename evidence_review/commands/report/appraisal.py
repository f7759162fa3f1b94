"""What was found when studies were appraised: a table for each tool, study by item, with what each answer means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evidence_review.commands.report.material import Material
from evidence_review.errors import ReviewError
from evidence_review.forms import tools
from evidence_review.forms.tools import COMMENTS, OVERALL, SECTION, Tool
from evidence_review.model.protocol import Protocol
from evidence_review.state.values import DIFFERENT, shown
from evidence_review.text.running import title_key


@dataclass(frozen=True, slots=True)
class Column:
    """One item of a tool."""

    name: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One judgement. `level` is good, some, poor, worst, unclear or none."""

    text: str
    level: str


@dataclass(frozen=True, slots=True)
class AppraisalRow:
    """One study's judgements."""

    study: str
    label: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class AppraisalTable:
    """One tool's table."""

    title: str
    source: str
    columns: tuple[Column, ...]
    rows: tuple[AppraisalRow, ...]


def appraisal_tables(found: Material, own: Path) -> tuple[AppraisalTable, ...]:
    """Return the table of every tool with which a study was appraised; `own` is the folder of the team's tools."""
    tables = (_table(found, tool) for tool in tools_of(found.snapshot.protocol, own))
    return tuple(table for table in tables if table.rows)


def tools_of(protocol: Protocol, own: Path) -> Iterator[Tool]:
    """Yield each tool that a protocol names once; one that is not there is named by `protocol check` and `appraise`."""
    for identifier in dict.fromkeys(protocol.appraisal.tools.values()):
        try:
            yield tools.load(identifier, own)
        except ReviewError:
            continue


def _table(found: Material, tool: Tool) -> AppraisalTable:
    used: dict[str, None] = {}
    by_study: list[tuple[str, str, dict[str, Answer]]] = []
    for study in sorted(found.standing.studies, key=lambda study: title_key(study.label)):
        answers: dict[str, Answer] = {}
        for cell in found.values.of_study(study.id, tool.id):
            if cell.place.field in (COMMENTS, SECTION):
                continue
            text = "not settled" if cell.state == DIFFERENT else shown(cell.final)
            answers[cell.place.field] = Answer(text, tool.level(cell.place.field, text))
        if answers:
            used.update(dict.fromkeys(answers))
            by_study.append((study.id, study.label, answers))
    prompts = {item.id: item.prompt for item in tool.items}
    order = [name for name in (*prompts, OVERALL) if name in used]
    columns = tuple(Column(name, prompts.get(name, tool.overall.note or "Overall judgement")) for name in order)
    empty = Answer("", "none")
    rows = tuple(
        AppraisalRow(study, label, tuple(answers.get(name, empty) for name in order))
        for study, label, answers in by_study
    )
    title = tool.title if tool.version in tool.title else f"{tool.title} ({tool.version})"
    return AppraisalTable(title, tool.source, columns, rows)
