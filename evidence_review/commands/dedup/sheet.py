"""The sheet of doubtful pairs: out, side by side, and back, read as text and refused whole where a row is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence_review.commands.dedup import rules
from evidence_review.commands.dedup.find import REFUSED
from evidence_review.commands.dedup.review import Review
from evidence_review.errors import Problem, SheetError, suggest
from evidence_review.model.events import DISTINCT, DOUBTFUL, LINKED, MERGED, DuplicateEvent
from evidence_review.model.ids import RECORD_ID
from evidence_review.model.record import Citation, Record
from evidence_review.sheets import Row, Table, fold, write_csv
from evidence_review.sheets import read as read_sheet
from evidence_review.state.clusters import ENGINE, cluster
from evidence_review.workspace.transaction import Transaction
from evidence_review.workspace.workspace import Workspace

DECISION, BY, NOTE, WHY = "decision", "by", "note", "why"
ONE, TWO = "record 1", "record 2"
SAME, DIFFERENT, VERSIONS = "same", "different", "linked"

# What people write, and the event that it makes.
ANSWERS = {
    SAME: MERGED, "merge": MERGED, "merged": MERGED, "duplicate": MERGED, "yes": MERGED,
    DIFFERENT: DISTINCT, "distinct": DISTINCT, "not duplicate": DISTINCT, "no": DISTINCT,
    VERSIONS: LINKED, "link": LINKED, "same study": LINKED,
}  # fmt: skip
WORDS = {MERGED: SAME, DISTINCT: DIFFERENT, LINKED: VERSIONS}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person says about two records. `event` is merged, distinct or linked; `row` where it stands."""

    one: str
    two: str
    event: str
    by: str
    note: str
    row: int


def _authors(citation: Citation) -> str:
    names = [str(name) for name in citation.authors]
    return "; ".join(names[:10]) + ("; …" if len(names) > 10 or citation.authors_truncated else "")


def _place(citation: Citation) -> str:
    volume = citation.volume + (f"({citation.issue})" if citation.issue else "")
    return ": ".join(part for part in (volume, citation.pages or citation.article_number) if part)


_FIELDS = (
    ("title", lambda record: record.citation.title),
    ("authors", lambda record: _authors(record.citation)),
    ("year", lambda record: str(record.citation.year or "")),
    ("journal", lambda record: record.citation.container or record.citation.container_abbrev),
    ("volume and pages", lambda record: _place(record.citation)),
    ("DOI", lambda record: record.citation.doi),
    ("PMID", lambda record: record.citation.pmid),
    ("abstract", lambda record: record.citation.abstract),
    ("source", lambda record: record.source),
)
COLUMNS = (
    DECISION, BY, NOTE, *(f"{name} {side}" for name, _ in _FIELDS for side in (1, 2)), WHY, ONE, TWO,
)  # fmt: skip
_WHY = {rule.name: rule.why for rule in rules.RULES}


def _why(event: DuplicateEvent) -> str:
    if event.rule.startswith(REFUSED):
        return f"Alike one by one, but not all of them together: {event.note}. {event.scores}"
    return f"{_WHY.get(event.rule, event.rule)}. {event.scores}"


def _row(event: DuplicateEvent, one: Record, two: Record, answer: tuple[str, str, str]) -> list[str]:
    sides = [cell(record) for _, cell in _FIELDS for record in (one, two)]
    return [*answer, *sides, _why(event), one.id, two.id]


def _pairs(review: Review) -> list[DuplicateEvent]:
    """Return the pairs of the sheet: those open, in the order in which they came up, and those that people answered."""
    ids = review.ids
    open_now = {frozenset((event.record, event.kept)) for event in cluster(ids, review.events).doubtful}
    said = review.said()
    pairs: dict[frozenset[str], DuplicateEvent] = {}
    for event in review.events:
        pair = frozenset((event.record, event.kept))
        if event.event == DOUBTFUL and event.by == ENGINE and (pair in open_now or pair in said):
            pairs[pair] = event
    return list(pairs.values())


def write(workspace: Workspace, tx: Transaction, review: Review) -> None:
    """Write the sheet, keeping what people wrote into it and nobody collected yet.

    A sheet that already has every open pair is left as it is: it may be open on somebody's screen.

    Raises:
        SheetError: the sheet that is there cannot be read, so it may not be replaced.
    """
    path = workspace.layout.doubtful
    pairs = _pairs(review)
    written: dict[frozenset[str], tuple[str, str, str]] = {}
    if path.exists():
        table = _table(path)
        for row in table.rows:
            pair = frozenset((_id(row, ONE), _id(row, TWO)))
            written[pair] = (row.plain(DECISION), row.plain(BY), row.plain(NOTE))
        if all(frozenset((event.record, event.kept)) in written for event in pairs):
            return
    if not pairs:
        return
    said = review.said()
    record_of = {record.id: record for record in review.records}
    rows = []
    for event in pairs:
        pair = frozenset((event.record, event.kept))
        word = said.get(pair)
        answer = written.get(pair) or ((WORDS.get(word.event, ""), word.by, word.note) if word else ("", "", ""))
        rows.append(_row(event, record_of[event.record], record_of[event.kept], answer))
    tx.write(path, write_csv(COLUMNS, rows))


def _table(path: Path) -> Table:
    try:
        return read_sheet(path, required=(DECISION, ONE, TWO), optional=(BY, NOTE))
    except SheetError as fault:
        remedy = "Mend it, or move it out of the folder; then run 'evidence-review dedup' again."
        raise SheetError(f"{fault.message} {remedy}", fault.problems) from None


def _id(row: Row, column: str) -> str:
    return row.plain(column).upper()


def pair(row: Row) -> tuple[str, str]:
    """Return the ids of the two records of a row."""
    return _id(row, ONE), _id(row, TWO)


def answers(path: Path, review: Review, team: Iterable[str], by: str) -> tuple[list[Answer], Table]:
    """Read the filled rows of a sheet, in any order; rows without a decision wait.

    Args:
        path: the sheet.
        review: what the ids are held against.
        team: who may decide; empty where the protocol names nobody.
        by: who decides where the sheet's row does not say.

    Raises:
        SheetError: with every problem of every row; nothing is taken.
    """
    table = _table(path)
    known = review.place_of
    people = set(team)
    problems: list[Problem] = []
    found: dict[frozenset[str], Answer] = {}
    for row in table.rows:
        wrong = len(problems)
        one, two = _id(row, ONE), _id(row, TWO)
        if review.gone & {one, two}:
            continue
        problems += _id_problems(table, row, known)
        said = row.plain(DECISION)
        if not said:
            continue
        event = ANSWERS.get(fold(said), "")
        if not event:
            remedy = f"{suggest(said, (SAME, DIFFERENT, VERSIONS))} Leave it blank to decide later."
            problems.append(Problem(table.where(row, DECISION), f"'{said}' is no decision", remedy))
        who = row.plain(BY) or by
        problems += _person_problems(table, row, who, people)
        if len(problems) > wrong:
            continue
        pair = frozenset((one, two))
        answer = Answer(one, two, event, who, row.plain(NOTE), row.number)
        if pair in found and found[pair].event != event:
            what = f"the pair {one} and {two} is decided otherwise in row {found[pair].row}"
            problems.append(Problem(table.where(row), what, "Keep one of the two rows."))
        found[pair] = answer
    if problems:
        raise SheetError(f"{table.name} was not collected; nothing of it was taken.", problems)
    return list(found.values()), table


def _id_problems(table: Table, row: Row, known: Mapping[str, int]) -> Iterable[Problem]:
    for column in (ONE, TWO):
        identifier = _id(row, column)
        if identifier not in known:
            what = f"'{row.get(column)}' is no record of this review"
            if not RECORD_ID.match(identifier):
                what = f"'{row.get(column)}' is no record id"
            yield Problem(table.where(row, column), what, "Put the id back as it was issued.")
    if _id(row, ONE) == _id(row, TWO):
        yield Problem(table.where(row), "both records are the same one", "Put the ids back as they were issued.")


def _person_problems(table: Table, row: Row, who: str, people: set[str]) -> Iterable[Problem]:
    if not who:
        remedy = "Write who decided, or collect with '--by PERSON'."
        yield Problem(table.where(row, BY), "nobody is named for this decision", remedy)
    elif who == ENGINE or (people and who not in people):
        remedy = suggest(who, people) or "Name a person."
        yield Problem(table.where(row, BY), f"'{who}' is not in the protocol's team", remedy)
