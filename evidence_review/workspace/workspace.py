"""A review folder: what is in it, and the one way to change it."""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from evidence_review import __version__
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
    Value,
)
from evidence_review.model.ledger import GENESIS, LedgerEntry, run_name, seal
from evidence_review.model.protocol import Protocol, Reason
from evidence_review.model.record import Parsed, Record
from evidence_review.model.search_run import SearchRun, run_from_dict, run_to_dict
from evidence_review.state.snapshot import Amendment, Snapshot
from evidence_review.workspace import drawn, lock, protocol_file, records, tables, transaction
from evidence_review.workspace.layout import Layout, reviews_in
from evidence_review.workspace.records import Prepared

_EVENT_FILES: dict[type[Any], str] = {
    DuplicateEvent: "duplicates",
    Decision: "decisions",
    Retrieval: "retrievals",
    Copy: "copies",
    Correction: "corrections",
    StudyLink: "studies",
    CitationLink: "citations",
    Notice: "notices",
    Edition: "editions",
    Value: "values",
}


def now() -> datetime.datetime:
    """Return the time in UTC, to the second.

    `SOURCE_DATE_EPOCH` (https://reproducible-builds.org/specs/source-date-epoch/) sets it, so that the same work gives
    the same bytes.
    """
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if fixed:
        return datetime.datetime.fromtimestamp(int(fixed), datetime.UTC)
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def stamp(moment: datetime.datetime) -> str:
    """Return a moment as the event files hold it: `2026-11-23T09:30:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _portable(word: str, folder: Path) -> str:
    """Return a word of a command line without the paths of this machine."""
    path = Path(word)
    if not path.is_absolute():
        return word
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@dataclass(frozen=True)
class Workspace:
    """One review in one folder. Reading is by its methods; writing only through `transaction`.

    `command` is the command line for which it was opened, as the ledger keeps it. From its first reading on it knows
    how far the ledger went, so that a change is never made on what another process has changed meanwhile.
    """

    layout: Layout
    command: tuple[str, ...] = ()
    _read_at: list[int] = field(default_factory=list, compare=False, repr=False)

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
        workspace = Workspace(Layout(folder, review), tuple(_portable(word, folder) for word in command))
        workspace._finish_pending()
        return workspace

    def _finish_pending(self) -> None:
        """Apply what a process that died had committed, so that readers see whole changes only."""
        if transaction.has_pending(self.layout.pending):
            with (
                transaction.storage_errors("An interrupted change could not be finished"),
                lock.held(self.layout.lock, "recovery", stamp(now())),
            ):
                transaction.recover(self.layout.folder, self.layout.pending)

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
        """Yield every record in the order of identification, each with its source's last correction."""
        corrected = {event.record: event.citation for event in self.events(Correction)}
        for record in records.read(self.layout.records):
            yield records.corrected(record, corrected[record.id]) if record.id in corrected else record

    def events(self, kind: type[Event]) -> tuple[Event, ...]:
        """Return every event of one kind, in the order in which they happened."""
        self._reading()
        return tables.read(getattr(self.layout, _EVENT_FILES[kind]), kind)

    def runs(self) -> tuple[SearchRun, ...]:
        """Return every search run, in the order in which they were made."""
        self._reading()
        found = []
        for manifest in self.layout.searches.glob("*/*/manifest.json"):
            try:
                found.append(run_from_dict(json.loads(manifest.read_text(encoding="utf-8"))))
            except (ValueError, TypeError) as fault:
                raise StorageError(f"{manifest} is damaged ({fault}): put it back from a backup.") from fault
        return tuple(sorted(found, key=lambda run: (run.id, run.source)))

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
        return Snapshot(
            protocol=self.protocol,
            records={record.id: record for record in self.records()},
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
            today=now().date(),
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
        with transaction.storage_errors("Nothing was changed"):
            layout.library.mkdir(parents=True, exist_ok=True)
        moment = now()
        with (
            transaction.storage_errors("The review could not be written"),
            lock.held(layout.lock, verb, stamp(moment)),
        ):
            staging = transaction.Staging(layout.folder, layout.pending)
            staging.begin()
            self._must_be_current()
            change = Transaction(self, staging, verb, dict(arguments or {}), moment)
            try:
                yield change
                change._seal()
                if staging.empty:
                    staging.discard()
                else:
                    staging.commit()
                    self._read_at.clear()
            except BaseException:
                if not transaction.has_pending(layout.pending):
                    staging.discard()
                raise


def _where_instead(folder: Path) -> str:
    above = next((parent for parent in folder.parents if reviews_in(parent)), None)
    if above is None:
        return "Start one with 'evidence-review init NAME', or say where it lies with '--folder DIR'."
    return f"{above} is one: go there, or put --folder {shlex.quote(str(above))} before the verb."


class Transaction:
    """The changes of one run of one command. `run` is the run's name, `when` its time, for use in events."""

    def __init__(
        self,
        workspace: Workspace,
        staging: transaction.Staging,
        verb: str,
        arguments: dict[str, Any],
        moment: datetime.datetime,
    ) -> None:
        self._workspace = workspace
        self._layout = workspace.layout
        self._staging = staging
        self._verb = verb
        self._arguments = arguments
        self._inputs: dict[str, str] = {}
        self._ledger = workspace.ledger()
        self._records = self._layout.records
        self._known: records.Known | None = None
        self._write_record: Callable[[bytes], None] | None = None
        self.counts: dict[str, Any] = {}
        self.when = stamp(moment)
        self.run = run_name(len(self._ledger) + 1, verb)

    def add_record(self, parsed: Parsed, source: str, run: str, position: int, format: str) -> tuple[str, bool]:
        """Add what a source gave as a record; return its id and whether it is new (else it was already there)."""
        return self.add_prepared(records.prepare(parsed, source, format), source, run, position)

    def add_prepared(self, prepared: Prepared, source: str, run: str, position: int) -> tuple[str, bool]:
        """Add a record that `records.prepare` made ready; return its id and whether it is new."""
        if self._known is None:
            self._known = records.known(self._records)
        identifier, new = self._known.take(prepared[0])
        if new:
            if self._write_record is None:
                self._write_record = self._staging.appending(self._records)
            self._write_record(records.line(prepared, identifier, source, run, position))
        return identifier, new

    def add_run(self, run: SearchRun) -> None:
        """Write the manifest of a search run."""
        folder = self._layout.searches / run.source / run.id
        self.write(folder / "manifest.json", encode_json(run_to_dict(run)))

    def add_events(self, events: Iterable[Event]) -> None:
        """Append events to the file of their kind."""
        for kind, batch in groupby(events, key=type):
            target: Path = getattr(self._layout, _EVENT_FILES[kind])
            if not target.exists() and not self._staging.will_append(target):
                self._staging.append(target, tables.header(kind))
            self._staging.append(target, tables.rows(batch))

    def write(self, path: Path, data: bytes, *, keep_existing: bool = False) -> None:
        """Write a whole file of the review folder; with `keep_existing` only where there is none.

        A file that lay there with these very bytes, but that no run is known to have written (a committed report beside
        a fresh library), is written all the same: the ledger must name the run that vouches for it.
        """
        if keep_existing:
            self._staging.create(path, data)
            return
        last, digest = self._last_writer(path), hashlib.sha256(data).hexdigest()
        known = last is not None and last.outputs[self._layout.inside(path)] == digest
        self._staging.replace(path, data, known=known)

    def draw(self, path: Path, data: bytes) -> None:
        """Write a picture of what was extracted or appraised.

        One that comes out the same although values were recorded since is written all the same: the ledger must name
        the run that looked at them, or readers would be told for ever that the picture is old.
        """
        last = self._last_writer(path)
        if last is not None and last.seq < drawn.last_change(self._ledger):
            self._staging.replace(path, data, known=False)
        else:
            self.write(path, data)

    def _last_writer(self, path: Path) -> LedgerEntry | None:
        name = self._layout.inside(path)
        return next((entry for entry in reversed(self._ledger) if name in entry.outputs), None)

    def keep_import(self, data: bytes, suffix: str) -> str:
        """Keep a byte copy of a loaded file; return its sha256."""
        digest = hashlib.sha256(data).hexdigest()
        self._staging.create(self._layout.imports / f"{digest}{suffix}", data)
        return digest

    def keep_import_of(self, source: BinaryIO, sha256: str, suffix: str) -> str:
        """Keep a byte copy of a loaded file of any size whose hash is known; return the sha256 of what was copied."""
        return self._staging.create_from(self._layout.imports / f"{sha256}{suffix}", source)

    def read_input(self, name: str, sha256: str) -> None:
        """Note in the ledger that a file was read."""
        self._inputs[name] = sha256

    def saw(self, names: Iterable[str]) -> None:
        """Note in the ledger that files of the folder were read (their names inside it)."""
        for name in names:
            self.read_input(name, transaction.sha256_file(self._layout.folder / name))

    def _keep_sheets(self) -> None:
        """Keep a byte copy of each sheet that was read, so that the row a decision names can always be looked up."""
        for name, digest in self._inputs.items():
            path = self._layout.folder / name
            if path.is_relative_to(self._layout.sheets) and path.is_file():
                data = path.read_bytes()
                if hashlib.sha256(data).hexdigest() == digest:
                    self._staging.create(self._layout.collected / f"{digest}{path.suffix}", data)

    def _seal(self) -> None:
        if self._staging.empty:
            return
        protocol = self._layout.protocol
        if protocol.exists():
            data = protocol.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            self._inputs.setdefault(self._layout.inside(protocol), digest)
            self._staging.create(self._layout.protocol_versions / f"{digest}.yml", data)
        self._keep_sheets()
        entry = LedgerEntry(
            seq=len(self._ledger) + 1,
            verb=self._verb,
            when=self.when,
            version=__version__,
            command=list(self._workspace.command),
            arguments=self._arguments,
            inputs=dict(sorted(self._inputs.items())),
            outputs=dict(sorted(self._staging.outputs().items())),
            counts=self.counts,
            previous=self._ledger[-1].hash if self._ledger else GENESIS,
        )
        entry = replace(entry, hash=seal(entry))
        line = json.dumps({name: getattr(entry, name) for name in LedgerEntry.__dataclass_fields__}, ensure_ascii=False)
        self._staging.append(self._layout.ledger, (line + "\n").encode("utf-8"))


def encode_json(data: Any) -> bytes:
    """Return data as indented JSON bytes, keys in the order given."""
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
