"""A review folder: what is in it, and the one way to change it."""

from __future__ import annotations

import csv
import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from evidence_review.errors import InputError, LockedError, StorageError, UsageError, suggest
from evidence_review.model.events import (
    STAGES,
    CitationLink,
    Copy,
    Correction,
    Decision,
    DuplicateEvent,
    Edition,
    Event,
    Notice,
    Retrieval,
    StudyLink,
    TakenBack,
    Value,
)
from evidence_review.model.ledger import LedgerEntry
from evidence_review.model.protocol import Protocol, Reason
from evidence_review.model.record import Record
from evidence_review.model.search_run import WITHDRAWN, SearchRun, run_from_dict
from evidence_review.state import taken_back
from evidence_review.state.snapshot import Amendment, Snapshot
from evidence_review.state.taken_back import Gone
from evidence_review.workspace import lock, protocol_file, records, staging, tables
from evidence_review.workspace.clock import now, stamp
from evidence_review.workspace.disk import storage_errors
from evidence_review.workspace.earlier_reasons import earlier_reasons
from evidence_review.workspace.layout import Layout, reviews_in
from evidence_review.workspace.transaction import Transaction


def _portable(word: str, layout: Layout) -> str:
    """Return a word of a command line without the paths of this machine."""
    path = Path(word)
    if path.is_absolute() or path.is_file() or (len(path.parts) > 1 and path.exists()):
        return layout.named(path)
    return word


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@dataclass(frozen=True)
class Workspace:
    """One review in one folder. Reading is by its methods; writing only through `transaction`.

    `command` is the command line for which it was opened, as the ledger keeps it. From its first reading on it knows
    how far the ledger went, so that a change is never made on what another process has changed meanwhile.
    What was taken back after the moment `until` (where it is set) is still there for this reader.
    """

    layout: Layout
    command: tuple[str, ...] = ()
    until: str = ""
    _read_at: list[int] = field(default_factory=list, compare=False, repr=False)
    _gone_at: dict[int, Gone] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    def open(folder: Path, review: str | None = None, command: tuple[str, ...] = ()) -> Workspace:
        """Open the review named `review`, or the only one, in `folder`.

        Raises:
            InputError: there is no review here.
            UsageError: no review of that name, or several and none named.
        """
        folder = folder.resolve()
        names = reviews_in(folder)
        if not names:
            raise InputError(
                f"{folder} is no review folder: it has no protocols/<review>.yml. {_where_instead(folder)}"
            )
        if review is None:
            if len(names) > 1:
                raise UsageError(f"{folder} holds {len(names)} reviews ({', '.join(names)}): choose with '--review'.")
            review = names[0]
        if review not in names:
            raise UsageError(f"No review '{review}' in {folder}. {suggest(review, names)}")
        layout = Layout(folder, review)
        workspace = Workspace(layout, tuple(_portable(word, layout) for word in command))
        workspace._finish_pending()
        return workspace

    def _finish_pending(self) -> None:
        """Apply what a process that died had committed, so that readers see whole changes only."""
        if staging.has_pending(self.layout.pending):
            with (
                storage_errors("An interrupted change could not be finished"),
                lock.held(self.layout.lock, "recovery", stamp(now())),
            ):
                staging.recover(self.layout.folder, self.layout.pending)

    @cached_property
    def protocol(self) -> Protocol:
        """The protocol, checked. Raises ProtocolError with every problem at once."""
        return protocol_file.read(self.layout.protocol, self.layout.folder)

    def _reading(self) -> None:
        if not self._read_at:
            self._read_at.append(_size(self.layout.ledger))

    def _must_be_current(self) -> None:
        """Refuse to write where another process wrote after this one had read."""
        if self._read_at and self._read_at[0] != _size(self.layout.ledger):
            last = self.ledger()[-1]
            raise LockedError(
                f"'evidence-review {' '.join(last.command) or last.verb}' changed this review while the command was "
                "reading it. Nothing was changed; run this command again."
            )

    def records(self) -> Iterator[Record]:
        """Yield every record of the review in the order of identification, each with its source's last correction.

        What only runs that were taken back brought is no record of it.
        """
        corrected = {event.record: event.citation for event in self.events(Correction)}
        taken = self.gone().runs
        for record in records.read(self.layout.records):
            if (record.source, record.run) not in taken:
                yield records.corrected(record, corrected[record.id]) if record.id in corrected else record

    def events(self, kind: type[Event]) -> tuple[Event, ...]:
        """Return every event of one kind that counts, in the order in which they happened.

        Those on records that are gone are events on the copies of them that stay, or do not count.
        """
        said = self.every_event(kind)
        gone = self.gone()
        return tuple(gone.left(said)) if gone.copy_of else said

    def every_event(self, kind: type[Event]) -> tuple[Event, ...]:
        """Return every event of one kind that is on file, whether or not it counts."""
        self._reading()
        return tables.read(tables.file_of(kind, self.layout), kind)

    def gone(self) -> Gone:
        """Return what was taken back, and what of the review is gone with it."""
        taken = frozenset((event.source, event.run) for event in self._said_back())
        if not taken:
            return Gone()
        at = _size(self.layout.ledger)
        if at not in self._gone_at:
            brought = [(head.id, head.source, head.run) for head, _ in records.heads(self.layout.records)]
            self._gone_at[at] = taken_back.gone(brought, taken, self.every_event(DuplicateEvent))
        return self._gone_at[at]

    def gone_records(self) -> Iterator[Record]:
        """Yield the records that only runs that were taken back brought, as the last of these brought them."""
        gone = self.gone().copy_of
        found = {record.id: record for record in records.read(self.layout.records) if record.id in gone} if gone else {}
        yield from found.values()

    def taken_back(self) -> tuple[tuple[TakenBack, SearchRun], ...]:
        """Return the runs that were loaded by mistake, in the order in which they were taken back, each with why."""
        said = self._said_back()
        run_of = {(run.source, run.id): run for run in self._every_run()} if said else {}
        return tuple((event, run_of[event.source, event.run]) for event in said)

    def runs(self) -> tuple[SearchRun, ...]:
        """Return every search run that was not taken back, in the order in which they were made."""
        found, taken = self._every_run(), {(event.source, event.run) for event in self._said_back()}
        return tuple(run for run in found if (run.source, run.id) not in taken) if taken else found

    def _said_back(self) -> tuple[TakenBack, ...]:
        said = self.every_event(TakenBack)
        return tuple(event for event in said if event.when <= self.until) if self.until else said

    def _every_run(self) -> tuple[SearchRun, ...]:
        self._reading()
        found = []
        for manifest in self.layout.searches.glob("*/*/manifest.json"):
            try:
                found.append(run_from_dict(json.loads(manifest.read_text(encoding="utf-8"))))
            except (ValueError, TypeError) as fault:
                raise StorageError(f"{manifest} is damaged ({fault}): put it back from a backup.") from fault
        return tuple(sorted((run for run in found if run.state != WITHDRAWN), key=lambda run: (run.id, run.source)))

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """Return every ledger entry, first to last."""
        path = self.layout.ledger
        if not path.exists():
            return ()
        entries = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                entries.append(LedgerEntry(**json.loads(line)))
            except (ValueError, TypeError) as fault:
                raise StorageError(
                    f"{path} line {number} is damaged ({fault}). Run 'evidence-review audit verify'."
                ) from fault
        return tuple(entries)

    def amendments(self) -> tuple[Amendment, ...]:
        """Return the logged changes of the protocol, first to last."""
        path = self.layout.amendments
        if not path.exists():
            return ()
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return tuple(
                Amendment(**{name: row.get(name) or "" for name in Amendment.__dataclass_fields__})
                for row in csv.DictReader(stream)
            )

    def snapshot(self) -> Snapshot:
        """Read the whole review once."""
        decisions = self.events(Decision)
        found: dict[str, Record] = {}
        for record in self.records():
            # Where it is read as before something was taken back, what was handed on to another run stands there twice.
            found.setdefault(record.id, record)
        return Snapshot(
            protocol=self.protocol,
            records=found,
            runs=self.runs(),
            duplicates=self.events(DuplicateEvent),
            decisions=decisions,
            retrievals=self.events(Retrieval),
            copies=self.events(Copy),
            links=self.events(StudyLink),
            citations=self.events(CitationLink),
            notices=self.events(Notice),
            editions=self.events(Edition),
            values=self.events(Value),
            ledger=self.ledger(),
            amendments=self.amendments(),
            former_reasons=self._former_reasons({item.reason for item in decisions if item.stage in STAGES}),
            earlier_reasons=earlier_reasons(self.layout, self.ledger(), decisions, self.protocol),
            today=now().date(),
            taken_back=self.taken_back(),
            gone=self.gone().copy_of,
        )

    def _former_reasons(self, used: set[str]) -> tuple[Reason, ...]:
        """Return the reasons for exclusion that were `used` and only an earlier protocol had, as it had them last."""
        lost = used - {"", *(reason.code for reason in self.protocol.eligibility.exclude)}
        name = self.layout.inside(self.layout.protocol)
        digests = [entry.inputs[name] for entry in reversed(self.ledger()) if name in entry.inputs] if lost else []
        found: dict[str, Reason] = {}
        for digest in dict.fromkeys(digests):
            if not lost - found.keys():
                break
            path = self.layout.protocol_versions / f"{digest}.yml"
            for reason in protocol_file.reasons(path) if path.exists() else ():
                if reason.code in lost:
                    found.setdefault(reason.code, reason)
        return tuple(found.values())

    @contextmanager
    def transaction(self, verb: str, arguments: Mapping[str, Any] | None = None) -> Iterator[Transaction]:
        """Hold the lock, collect changes, and make them all real when the body ends without an error.

        A body that changes nothing leaves no trace, not even a ledger line: running a command twice changes nothing.
        """
        layout = self.layout
        with storage_errors("Nothing was changed"):
            layout.library.mkdir(parents=True, exist_ok=True)
        moment = now()
        with (
            storage_errors("The review could not be written"),
            lock.held(layout.lock, verb, stamp(moment)),
        ):
            staged = staging.Staging(layout.folder, layout.pending)
            staged.begin()
            self._must_be_current()
            change = Transaction(layout, self.ledger(), self.command, staged, verb, dict(arguments or {}), moment)
            try:
                yield change
                change.seal()
                if staged.empty:
                    staged.discard()
                else:
                    staged.commit()
                    self._read_at.clear()
            except BaseException:
                if not staging.has_pending(layout.pending):
                    staged.discard()
                raise


def _where_instead(folder: Path) -> str:
    above = next((parent for parent in folder.parents if reviews_in(parent)), None)
    if above is None:
        return "Start one with 'evidence-review init NAME', or say where it lies with '--folder DIR'."
    return f"{above} is one: go there, or put --folder {shlex.quote(str(above))} before the verb."
