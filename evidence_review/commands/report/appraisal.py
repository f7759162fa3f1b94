"""What was found when studies were appraised: a table for each tool, study by item, with what each answer means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
    """One tool's table, or a part of it: studies of the kind `part`, or so many items as a page has room for."""

    title: str
    source: str
    columns: tuple[Column, ...]
    rows: tuple[AppraisalRow, ...]
    part: str = ""


# More columns than these are set too narrow to read on an upright page.
_ROOM = 11


def appraisal_tables(found: Material, own: Path) -> tuple[AppraisalTable, ...]:
    """Return the tables of every tool with which a study was appraised; `own` is the folder of the team's tools.

    A tool that has a part for each kind of study gets a table for each kind, and one with many items several tables.
    """
    return tuple(
        piece
        for tool in tools_of(found.snapshot.protocol, own)
        for table in _by_kind(found, tool)
        for piece in _in_pieces(table)
    )


def tools_of(protocol: Protocol, own: Path) -> Iterator[Tool]:
    """Yield each tool that a protocol names once; one that is not there is named by `protocol check` and `appraise`."""
    for identifier in dict.fromkeys(protocol.appraisal.tools.values()):
        try:
            yield tools.load(identifier, own)
        except ReviewError:
            continue


def _by_kind(found: Material, tool: Tool) -> Iterator[AppraisalTable]:
    """Yield a tool's table for each kind of study that it tells apart; last of those whose kind is not settled."""
    judged: dict[str, list[tuple[str, str, dict[str, Answer]]]] = {kind: [] for kind in (*tool.kinds, "")}
    for study in sorted(found.standing.studies, key=lambda study: title_key(study.label)):
        answers: dict[str, Answer] = {}
        kind = ""
        for cell in found.values.of_study(study.id, tool.id):
            text = "not settled" if cell.state == DIFFERENT else shown(cell.final)
            if cell.place.field == SECTION:
                kind = text if text in judged else ""
            elif cell.place.field != COMMENTS:
                answers[cell.place.field] = Answer(text, tool.level(cell.place.field, text))
        if answers:
            judged[kind].append((study.id, study.label, answers))
    title = tool.title if tool.version in tool.title else f"{tool.title} ({tool.version})"
    prompts = {item.id: item.prompt for item in tool.items}
    for kind, studies in judged.items():
        used = {name for _, _, answers in studies for name in answers}
        order = [name for name in (*prompts, OVERALL) if name in used]
        columns = tuple(Column(name, prompts.get(name, tool.overall.note or "Overall judgement")) for name in order)
        empty = Answer("", "none")
        rows = tuple(
            AppraisalRow(study, label, tuple(answers.get(name, empty) for name in order))
            for study, label, answers in studies
        )
        part = (kind or "kind not settled") if tool.kinds else ""
        if rows:
            yield AppraisalTable(title, tool.source, columns, rows, part)


def _in_pieces(table: AppraisalTable) -> Iterator[AppraisalTable]:
    """Yield a table, or as many of about the same width as its columns need."""
    many = len(table.columns)
    pieces = -(-many // _ROOM)
    for number in range(pieces):
        start, end = many * number // pieces, many * (number + 1) // pieces
        columns = table.columns[start:end]
        rows = tuple(replace(row, answers=row.answers[start:end]) for row in table.rows)
        items = f"{columns[0].name} to {columns[-1].name}" if pieces > 1 else ""
        part = ", ".join(text for text in (table.part, items) if text)
        yield replace(table, columns=columns, rows=rows, part=part)
