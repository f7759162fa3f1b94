"""What people and rules did: events that are appended and never changed. What holds today is folded from them.

Each class is one row of one CSV file in `library/<review>/`; `columns` gives its header. Every value is text there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

TITLE_ABSTRACT, FULL_TEXT = "title-abstract", "full-text"
STAGES = (TITLE_ABSTRACT, FULL_TEXT)

INCLUDE, EXCLUDE, MAYBE = "include", "exclude", "maybe"
VERDICTS = (INCLUDE, EXCLUDE, MAYBE)

MERGED, UNDONE, DISTINCT, LINKED, DOUBTFUL = "merged", "undone", "distinct", "linked", "doubtful"


@dataclass(frozen=True, slots=True)
class DuplicateEvent:
    """A statement about two records (`duplicates.csv`).

    `event`: merged (`record` is a copy of `kept`), undone (an earlier merge or link of the two is taken back),
    distinct (a person says they differ, for ever), linked (two reports of one study), doubtful (a person must look).
    `by` is a rule's engine ("dedup") or a person's id; a person's word outranks a rule's.
    """

    event: str
    record: str
    kept: str
    rule: str
    scores: str
    by: str
    when: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's screening decision on one record (`decisions.csv`).

    `role`: screener, verifier, arbiter, consensus or automation. A consensus whose verdict is "withdrawn" takes back
    what was settled before. `reason` is a code of the protocol's exclusion
    criteria. `sheet` and `row` say where it was written; `batch` which sheet was issued for it.
    """

    record: str
    stage: str
    screener: str
    verdict: str
    reason: str
    note: str
    role: str
    batch: str
    sheet: str
    row: str
    when: str


@dataclass(frozen=True, slots=True)
class Retrieval:
    """An attempt to get a report's full text (`retrievals.csv`). `outcome`: sought, retrieved or not-retrieved.

    `where` is who was asked, `asked` when (an ISO date, "" where nobody wrote it down).
    """

    record: str
    outcome: str
    where: str
    note: str
    by: str
    sheet: str
    row: str
    when: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a report's full text (`copies.csv`).

    `event`: asked (a service, `by`, was asked for open copies), located (it names an `address`), kept (`file` lies in
    `library/<review>/fulltext/`), refused (what came from the address is not this paper). `kind`: pdf, xml or page.
    `check` says by what the paper was recognised, or why it was refused; `by` is the service that named it, or the
    person who brought it.
    """

    event: str
    record: str
    address: str
    kind: str
    licence: str
    version: str
    file: str
    sha256: str
    check: str
    by: str
    when: str


ASKED, LOCATED, KEPT, REFUSED = "asked", "located", "kept", "refused"
PDF, XML, PAGE = "pdf", "xml", "page"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a record's source says of it now, after it was identified (`corrections.csv`).

    `citation` is the whole of it, as the JSON of `evidence_review.model.record.citation_to_dict`; the last one counts.
    The record as it came stays where it is.
    """

    record: str
    citation: str
    why: str
    by: str
    when: str


SOUGHT, RETRIEVED, NOT_RETRIEVED = "sought", "retrieved", "not-retrieved"
OUTCOMES = (SOUGHT, RETRIEVED, NOT_RETRIEVED)


@dataclass(frozen=True, slots=True)
class StudyLink:
    """A statement that a report belongs to a study (`studies.csv`). `event`: linked or undone."""

    event: str
    record: str
    study: str
    label: str
    by: str
    when: str


@dataclass(frozen=True, slots=True)
class CitationLink:
    """A statement of a service that one document cites another (`citations.csv`).

    `record` was found from `seed`: a record id, or an identifier such as `doi:10.…` where the document is no record of
    this review; `label` names the seed for people. `direction` backward: the seed cites the record; forward: the record
    cites the seed. `round` is 1 where the seed came by another route, and one more than the seed's own where it was
    itself found by following citations; `run` is the search run.
    """

    seed: str
    label: str
    record: str
    direction: str
    service: str
    round: str
    run: str
    when: str


RETRACTED, CONCERN, CORRECTED = "retracted", "concern", "corrected"


@dataclass(frozen=True, slots=True)
class Notice:
    """What a service says has happened to a paper since it appeared (`notices.csv`).

    `kind`: retracted (or withdrawn), concern (an editor's expression of concern), corrected. `notice` is the DOI or
    PMID of the notice, "" where the service names none; `date` its date as far as known.
    """

    record: str
    kind: str
    notice: str
    date: str
    service: str
    when: str


@dataclass(frozen=True, slots=True)
class Edition:
    """The end of one version of a living review, and what it had included then (`editions.csv`).

    `records` is how many records were identified by then; what runs after `run` brought is new since. `studies` and
    `reports` are ids, parted by spaces; `all_studies` and `all_reports` what the version's flow diagram gave as the
    total, earlier versions included. `run` is the run of the final report with which this version ended, `when` its
    moment.
    """

    number: str
    records: str
    studies: str
    reports: str
    all_studies: str
    all_reports: str
    run: str
    when: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A file, or a search logged by hand, that was loaded by mistake (`taken-back.csv`).

    `run` and `source` name the search run. What it alone brought is in the review no more; its bytes, its records and
    what people said of them stay on file. `made` is the run of the command that took it back.
    """

    run: str
    source: str
    why: str
    by: str
    made: str
    when: str


@dataclass(frozen=True, slots=True)
class Value:
    """One extracted or appraised value (`values.csv`).

    `form` is the form's or tool's id with its version (`characteristics@1`); `group` the repeating group ("" at study
    level) and `item` the entry's key in it; `status`: reported, unclear, not-reported, not-applicable, or withdrawn
    (its author took an earlier value back); `role`: extractor, verifier or consensus.
    """

    study: str
    record: str
    form: str
    group: str
    item: str
    field: str
    value: str
    status: str
    page: str
    quote: str
    by: str
    role: str
    sheet: str
    row: str
    when: str


REPORTED, UNCLEAR, NOT_REPORTED, NOT_APPLICABLE = "reported", "unclear", "not-reported", "not-applicable"
WITHDRAWN = "withdrawn"
VALUE_STATUSES = (REPORTED, UNCLEAR, NOT_REPORTED, NOT_APPLICABLE)

EXTRACTOR, VERIFIER, CONSENSUS = "extractor", "verifier", "consensus"

Event = TypeVar(
    "Event",
    DuplicateEvent,
    Decision,
    Retrieval,
    Copy,
    Correction,
    StudyLink,
    CitationLink,
    Notice,
    Edition,
    TakenBack,
    Value,
)


def columns(kind: type[Any]) -> tuple[str, ...]:
    """Return the CSV header of an event class: its fields in order."""
    return tuple(kind.__slots__)


def to_row(event: Any) -> list[str]:
    """Return an event as the cells of its CSV row."""
    return [str(getattr(event, name)) for name in columns(type(event))]


def from_row(kind: type[Event], row: Mapping[str, str]) -> Event:
    """Return the event of a CSV row; columns a newer version added may be missing and read as empty."""
    return kind(**{name: row.get(name) or "" for name in columns(kind)})
