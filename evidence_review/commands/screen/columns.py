"""How a screening sheet looks: what stands in its columns, and the criteria beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from evidence_review.commands.screen.words import answer, reasons_of
from evidence_review.model.events import FULL_TEXT, VERDICTS, Decision
from evidence_review.model.protocol import Protocol
from evidence_review.model.record import Record
from evidence_review.sheets.facts import FACTS, facts
from evidence_review.sheets.xlsx_write import Column, Worksheet

RECORD, DECISION, REASON, NOTE, DUPLICATE_OF = "record", "decision", "reason", "note", "duplicate of"
SCREENER, BATCH, BY, WHY = "screener", "batch", "by", "why here"
TITLE = FACTS[0]
DRAWN = "drawn at random"  # stands under `why here`

# What collecting needs, and what it also understands.
REQUIRED = (RECORD, DECISION)
OPTIONAL = (REASON, NOTE, DUPLICATE_OF, SCREENER, BATCH, BY, TITLE)

_WIDTHS = {
    RECORD: 12, DECISION: 10, REASON: 22, NOTE: 18, "title": 44, "abstract": 100, "year": 6, "authors": 26,
    "journal": 24, "link": 30, "doi": 24, DUPLICATE_OF: 13, SCREENER: 12, BATCH: 16, BY: 14, WHY: 24,
}  # fmt: skip
_EDITABLE = (DECISION, REASON, NOTE, DUPLICATE_OF, BY)
# Terms of a strategy in PubMed syntax: quoted phrases and truncated words, but no subject headings.
_TERM = re.compile(r'"([^"]+)"|([A-Za-z][A-Za-z-]{2,}\*|[A-Za-z][A-Za-z-]{2,}(?=\[))')
_HEADING = re.compile(r'(?:"[^"]*"|[\w-]+)\[(?:mesh|majr|mh|sh|dp|la|pt|ad|edat|pdat)[^\]]*\]', re.IGNORECASE)
_BETWEEN = re.compile(r"[,;/()]| and | or ")


def screening_columns(ranked: bool = False) -> list[str]:
    """Return the headings of a screener's sheet."""
    return [RECORD, DECISION, REASON, NOTE, *FACTS, DUPLICATE_OF, *([WHY] if ranked else []), SCREENER, BATCH]


def screening_rows(
    records: Iterable[Record], screener: str, batch: str, why: dict[str, str] | None = None,
    said: Mapping[str, Decision] = MappingProxyType({}),
) -> list[list[str]]:  # fmt: skip
    """Return a screener's sheet: nothing in it tells what others decided. `said` is what this one did, by record."""
    return [
        [
            record.id, *_answered(said.get(record.id)), *facts(record.citation), "",
            *([why.get(record.id, "")] if why is not None else []), screener, batch,
        ]
        for record in records
    ]  # fmt: skip


def _answered(decision: Decision | None) -> tuple[str, str, str]:
    return (decision.verdict, decision.reason, decision.note) if decision else ("", "", "")


def conflict_columns(voices: int) -> list[str]:
    """Return the headings of a conflicts sheet for up to `voices` people a record."""
    said = [f"{what} {number}" for number in range(1, voices + 1) for what in (SCREENER, "verdict", REASON, NOTE)]
    return [RECORD, DECISION, REASON, BY, NOTE, *said, *FACTS, BATCH]


def conflict_row(record: Record, decisions: Sequence[Decision], voices: int, by: str, batch: str) -> list[str]:
    """Return one record's row of a conflicts sheet: what each person said, side by side."""
    said = [cell for one in decisions for cell in (one.screener, one.verdict, one.reason, one.note)]
    return [record.id, "", "", by, "", *said, *[""] * (4 * voices - len(said)), *facts(record.citation), batch]


def worksheet(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], protocol: Protocol, stage: str
) -> Worksheet:
    """Return a sheet for XLSX: drop-downs, locked but for the answers, the question's own words coloured."""
    own = [word for words in protocol.screening.words.values() for word in words]
    answers = {
        DECISION: (*VERDICTS, *own),
        REASON: tuple(answer(reason) for reason in reasons_of(protocol, stage)),
    }
    need = "one reason for every exclude" if stage == FULL_TEXT else "a reason if you like"
    helps = {
        DECISION: "include, exclude or maybe" + (f" (or {own[0]} …)" if own else "") + "; blank means not yet",
        REASON: need,
        DUPLICATE_OF: "If this is the same document as another row: that row's record id",
        BY: "Your id; several ids, as in reviewer-1; reviewer-2, mean consensus",
    }
    columns = [
        Column(
            heading,
            width=_WIDTHS.get(heading, 12),
            answers=answers.get(heading, ()),
            editable=heading in _EDITABLE,
            help=helps.get(heading, ""),
            links=heading == "link",
        )
        for heading in headings
    ]
    return Worksheet(title, columns, rows, frozen=3, highlight=keywords(protocol), coloured=("title", "abstract"))


def keywords(protocol: Protocol) -> tuple[str, ...]:
    """Return what a screener looks for: the strategies' free-text terms, else the short parts of the question."""
    found = [
        (quoted or word).rstrip("*").strip()
        for strategy in protocol.strategies.values()
        for quoted, word in _TERM.findall(_HEADING.sub(" ", strategy))
    ]
    if not found:
        parts = [[part] if isinstance(part, str) else part for part in protocol.question.parts.values()]
        phrases = [phrase for texts in parts for text in texts for phrase in _BETWEEN.split(text)]
        found = [phrase.strip() for phrase in phrases if 0 < len(phrase.split()) <= 4]
    return tuple(dict.fromkeys(found))


def criteria(protocol: Protocol, stage: str) -> tuple[list[str], list[list[str]]]:
    """Return the criteria as a small table, to have at hand while screening."""
    rows = [["question", "", protocol.question.text, ""]]
    rows += [["include", item.id, item.criterion, ""] for item in protocol.eligibility.include]
    rows += [["exclude", item.code, item.label, item.note] for item in reasons_of(protocol, stage)]
    return ["kind", "code", "criterion", "note"], rows


def criteria_worksheet(protocol: Protocol, stage: str) -> Worksheet:
    """Return the criteria as the second worksheet of a workbook."""
    headings, rows = criteria(protocol, stage)
    widths = (10, 10, 70, 60)
    return Worksheet("criteria", [Column(name, width) for name, width in zip(headings, widths, strict=True)], rows)
