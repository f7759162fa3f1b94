"""Everything a review holds at one moment, read once, so that all that is derived from it agrees."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence_review.model.events import (
    CitationLink,
    Copy,
    Decision,
    DuplicateEvent,
    Edition,
    Notice,
    Retrieval,
    StudyLink,
    TakenBack,
    Value,
)
from evidence_review.model.ledger import LedgerEntry
from evidence_review.model.protocol import Protocol, Reason
from evidence_review.model.record import Record
from evidence_review.model.search_run import SearchRun


@dataclass(frozen=True, slots=True)
class Amendment:
    """A logged change of the protocol (`protocols/<review>/amendments.csv`). `sha256` is the protocol's afterwards."""

    date: str
    section: str
    old: str
    new: str
    reason: str
    stage: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A review as it stands. `records` are in the order in which they were identified.

    `former_reasons` are those that decisions use and only earlier versions of the protocol had; `earlier_reasons` all
    that it had when decisions were made, by their moment, where a code read otherwise than today. `taken_back` are the
    runs that were loaded by mistake, which are not among the `runs`; `gone` are the records that only they brought,
    which are not among the `records`: each with the record that stands for its copies that stay, "" where none does.
    """

    protocol: Protocol
    records: Mapping[str, Record] = field(default_factory=dict)
    runs: tuple[SearchRun, ...] = ()
    duplicates: tuple[DuplicateEvent, ...] = ()
    decisions: tuple[Decision, ...] = ()
    retrievals: tuple[Retrieval, ...] = ()
    copies: tuple[Copy, ...] = ()
    links: tuple[StudyLink, ...] = ()
    citations: tuple[CitationLink, ...] = ()
    notices: tuple[Notice, ...] = ()
    editions: tuple[Edition, ...] = ()
    values: tuple[Value, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    former_reasons: tuple[Reason, ...] = ()
    earlier_reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    today: datetime.date = datetime.date.min
    taken_back: tuple[tuple[TakenBack, SearchRun], ...] = ()
    gone: Mapping[str, str] = field(default_factory=dict)
