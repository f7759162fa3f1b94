"""A sheet's rows as answers: read by record id and decision columns alone, every fault named with its row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from evidence_review.commands.screen.columns import BY, DECISION, DUPLICATE_OF, NOTE, REASON, RECORD, TITLE
from evidence_review.commands.screen.identity import Identity
from evidence_review.commands.screen.words import Unknown, Words
from evidence_review.errors import Problem, suggest
from evidence_review.model.events import EXCLUDE, FULL_TEXT, INCLUDE, MAYBE
from evidence_review.model.ids import RECORD_ID
from evidence_review.sheets import Row, Table, fold, plain
from evidence_review.workspace.issued import CONFLICTS

_EDITABLE = (DECISION, REASON, DUPLICATE_OF)
_NUMBERLIKE = re.compile(r"^[\d.,+\-]+([eE][+\-]?\d+)?$")


@dataclass(frozen=True, slots=True)
class Answer:
    """One row that a person filled in. `by` are the people who settled a conflict; [] in a screener's own sheet.

    `worded` says whether the reason stands there in words, not by its code alone.
    """

    record: str
    verdict: str
    reason: str
    note: str
    duplicate_of: str
    by: tuple[str, ...]
    row: int
    worded: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What a sheet's rows are held against: the review's records, this sheet's own, words and people.

    `voices` are the people who judged a record, `screeners` those who screen now. Who judged it settles no conflict
    alone, unless everyone else who did has left. `titles` are those of the sheet's own records. `taken` are the codes
    that were taken from this sheet and that the protocol has here no more: they may stay, but be given to no other.
    """

    records: frozenset[str]
    own: frozenset[str]
    words: Words
    people: tuple[str, ...]
    whose: Mapping[str, str]
    voices: Mapping[str, frozenset[str]]
    screeners: frozenset[str]
    titles: Mapping[str, str]
    taken: Mapping[str, frozenset[str]]


def read_answers(table: Table, identity: Identity, known: Known) -> tuple[list[Answer], list[Problem]]:
    """Return the rows that have an answer, and everything that is wrong with the sheet."""
    answers: list[Answer] = []
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for row in table.rows:
        record, fault = _record(table, row, known)
        if fault is not None:
            problems.append(fault)
            continue
        if not record:
            continue
        if record in first:
            remedy = "Keep the row with the decision and delete the other."
            what = f"record {record} stands twice, also in row {first[record]}"
            problems.append(Problem(table.where(row, RECORD), what, remedy))
            continue
        first[record] = row.number
        answer, faults = _answer(table, row, record, identity, known)
        problems += faults
        if answer is not None:
            answers.append(answer)
    return answers, [*_sorted_apart(table, known), *problems]


def _sorted_apart(table: Table, known: Known) -> list[Problem]:
    """Return whether rows bear the titles of each other's records: then ids and answers may not belong together.

    A title that somebody edited is nobody else's, and does not matter.
    """
    bearers: dict[str, set[str]] = {}
    for record, title in known.titles.items():
        if title := fold(title):
            bearers.setdefault(title, set()).add(record)
    odd = [
        row
        for row in table.rows
        if (record := row.plain(RECORD).upper()) in known.titles
        and record not in bearers.get(fold(row.get(TITLE)), {record})
    ]
    if len(odd) < 2:
        return []
    what = f"{len(odd)} rows, this one first, bear the title of another row's record: columns were sorted apart"
    remedy = "Whose the decisions are cannot be known. Take a copy from before, and select all columns when you sort."
    return [Problem(table.where(odd[0], TITLE), what, remedy)]


def _record(table: Table, row: Row, known: Known) -> tuple[str, Problem | None]:
    """Return a row's record id, or what is wrong with it; "" for a row that is a person's own remark."""
    cell = row.plain(RECORD)
    record = cell.upper()
    where = table.where(row, RECORD)
    if not cell:
        if any(row.plain(column) for column in _EDITABLE):
            return "", Problem(where, "a decision without a record id", "Put the row's id back; it is in your copy.")
        return "", None
    if record in known.own:
        return record, None
    if record in known.records:
        owner = known.whose.get(record, "")
        what = f"record {record} was not issued in this sheet" + (f", but in {owner}" if owner else "")
        return "", Problem(where, what, "Take the row out and decide in the sheet where it was issued.")
    if not RECORD_ID.match(record):
        what = f"'{cell}' is no record id"
        if _NUMBERLIKE.match(cell):
            what += "; the spreadsheet may have changed it into a number or a date"
        return "", Problem(where, what, "Copy the id from the sheet as it was issued.")
    return "", Problem(
        where, f"there is no record {cell} in this review", suggest(record, known.own).partition(" V")[0]
    )


def _answer(
    table: Table, row: Row, record: str, identity: Identity, known: Known
) -> tuple[Answer | None, list[Problem]]:
    problems: list[Problem] = []
    verdict = reason = ""
    try:
        verdict = known.words.verdict(row.get(DECISION))
    except Unknown as fault:
        problems.append(Problem(table.where(row, DECISION), str(fault), fault.remedy))
    try:
        reason = known.words.reason(row.get(REASON), known.taken.get(record, frozenset()))
    except Unknown as fault:
        problems.append(Problem(table.where(row, REASON), str(fault), fault.remedy))
    duplicate_of, fault_found = _duplicate_of(table, row, record, known)
    problems += fault_found
    by: tuple[str, ...] = ()
    if identity.kind == CONFLICTS:
        by, fault_found = _by(table, row, record, verdict, known)
        problems += fault_found
    if not problems:
        problems += _coherent(table, row, identity, verdict, reason, known)
    if problems or not (verdict or duplicate_of):
        return None, problems
    worded = fold(row.get(REASON)) != fold(reason)
    return Answer(record, verdict, reason, _note(row), duplicate_of, by, row.number, worded), []


def _coherent(table: Table, row: Row, identity: Identity, verdict: str, reason: str, known: Known) -> list[Problem]:
    """Return where verdict and reason do not go together."""
    codes = ", ".join(dict.fromkeys(known.words.reasons.values()))
    if reason and not verdict:
        return [Problem(table.where(row, DECISION), f"a reason ({reason}) without a decision", "Write the decision.")]
    if reason and verdict == INCLUDE:
        what = f"'{verdict}' with a reason for exclusion ({reason})"
        return [Problem(table.where(row, REASON), what, "Take the reason out, or change the decision.")]
    if verdict == EXCLUDE and not reason and identity.stage == FULL_TEXT and codes:
        remedy = f"Write the one primary reason: {codes}."
        return [Problem(table.where(row, REASON), "excluded at full text without a reason", remedy)]
    if verdict == MAYBE and identity.kind == CONFLICTS and identity.stage == FULL_TEXT:
        return [Problem(table.where(row, DECISION), "'maybe' settles nothing", "Write include or exclude.")]
    return []


def _duplicate_of(table: Table, row: Row, record: str, known: Known) -> tuple[str, list[Problem]]:
    other = row.plain(DUPLICATE_OF).upper()
    if not other:
        return "", []
    where = table.where(row, DUPLICATE_OF)
    if other == record:
        return "", [Problem(where, "a record cannot be its own duplicate", "Write the other row's record id.")]
    if other not in known.records:
        return "", [Problem(where, f"there is no record '{other}' in this review", "Write the other row's record id.")]
    return other, []


def _by(table: Table, row: Row, record: str, verdict: str, known: Known) -> tuple[tuple[str, ...], list[Problem]]:
    """Return who settled a conflict."""
    if not verdict:
        return (), []
    where = table.where(row, BY)
    ids = {person.casefold(): person for person in known.people}
    cells = [plain(part) for part in re.split(r"[;,&+/\n]| and ", row.get(BY)) if plain(part)]
    if not cells:
        return (), [Problem(where, "settled by nobody", "Write who decided; several ids mean that they agreed.")]
    unknown = [cell for cell in cells if cell.casefold() not in ids]
    if unknown:
        what = f"'{unknown[0]}' is not in the team"
        return (), [Problem(where, what, suggest(unknown[0], known.people))]
    chosen = {ids[cell.casefold()] for cell in cells}
    by = tuple(person for person in known.people if person in chosen)
    voices = known.voices.get(record, frozenset())
    others = sorted((voices - chosen) & known.screeners)
    if len(by) == 1 and by[0] in voices and (others or by[0] not in known.screeners):
        what = f"'{by[0]}' is one of those who differ, and settled it alone"
        together = f"{'; '.join([by[0], *others])} if they agreed, or " if others else ""
        return (), [Problem(where, what, f"Write {together}a third person's id.")]
    return by, []


def _note(row: Row) -> str:
    return row.get(NOTE).replace("\r\n", "\n").replace("\r", "\n").strip()
