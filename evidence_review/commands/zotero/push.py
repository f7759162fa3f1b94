"""Push: the review's collections, items and tags into a library; safe to repeat after any failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from evidence_review.commands.zotero import difference
from evidence_review.commands.zotero.address import LOCAL, Address, choose
from evidence_review.commands.zotero.client import (
    CONFLICT,
    ENDPOINT,
    FAILED,
    UNCHANGED,
    WRITTEN,
    Library,
    Outcome,
    in_batches,
)
from evidence_review.commands.zotero.difference import CHANGE, CREATE, Step
from evidence_review.commands.zotero.pull import FORMAT, platform
from evidence_review.commands.zotero.wanted import Wanted, wanted
from evidence_review.errors import EXIT_DONE, EXIT_SOURCE, SourceError, UsageError
from evidence_review.model.record import Record
from evidence_review.net.client import Timing
from evidence_review.net.talk import Quiet, Talk
from evidence_review.state.snapshot import Snapshot
from evidence_review.summary import Summary, counted
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.transaction import encode_line
from evidence_review.workspace.workspace import Workspace

# A conflict is read again and written again this often before it is given up.
ROUNDS = 6

Steps = Callable[[Sequence[str]], list[Step]]


@dataclass(slots=True)
class _Done:
    """What was done so far; kept also when the work breaks off."""

    made: Counter[str] = field(default_factory=Counter)
    failed: list[Outcome] = field(default_factory=list)


def run(
    workspace: Workspace,
    library: str | None = None,
    *,
    dry_run: bool = False,
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Summary:
    """Make the library hold what the review wants; with `dry_run` only say what that would take.

    Raises:
        UsageError: no library is named, or no key is set.
        SourceError: Zotero failed; what was written stays, and the next run goes on from there.
    """
    chosen = settings or Settings.load()
    snapshot = workspace.snapshot()
    address = choose(snapshot.protocol, library)
    if not chosen.key("zotero"):
        raise UsageError(
            "Writing to Zotero needs a key: set ZOTERO_API_KEY (zotero.org/settings/keys, with write access)."
        )
    url = chosen.url("zotero", ENDPOINT)
    remote = Library(address, chosen.key("zotero"), url, talk or Quiet(), timing or Timing())
    goal = wanted(snapshot, _pulled(snapshot, address)).knowing(remote.collections())
    pusher = _Pusher(remote, goal, snapshot.records, talk or Quiet())
    if dry_run:
        return pusher.said(address)
    try:
        pusher.collections()
        pusher.items()
    except SourceError:
        _note(workspace, address, pusher.done)
        raise
    _note(workspace, address, pusher.done)
    return pusher.summary(address)


def _pulled(snapshot: Snapshot, address: Address) -> dict[str, str]:
    """Return the items of this library that records were pulled from.

    What the Zotero program on somebody's computer gave came from a personal library, with the keys that it has online.
    """
    here = {platform(address)} | ({platform(LOCAL)} if address.kind == LOCAL.kind else set())
    runs = {(run_.source, run_.id) for run_ in snapshot.runs if run_.platform in here}
    return {
        record.id: record.native_id
        for record in snapshot.records.values()
        if record.format == FORMAT and (record.source, record.run) in runs
    }


def _note(workspace: Workspace, address: Address, done: _Done) -> None:
    """Leave a ledger line where something was written."""
    if not done.made:
        return
    with workspace.transaction("zotero", {"push": str(address)}) as change:
        path = workspace.layout.zotero / f"push-{address.kind}-{address.number}.jsonl"
        written = {"library": str(address), "when": change.when, "run": change.run, **dict(sorted(done.made.items()))}
        change.append(path, encode_line(written))
        change.counts.update(done.made)


class _Pusher:
    """Brings one library to what one review wants."""

    def __init__(self, library: Library, goal: Wanted, records: Mapping[str, Record], talk: Talk) -> None:
        self._library = library
        self._goal = goal
        self._records = records
        self._talk = talk
        self.steps: list[Step] = []
        self.done = _Done()

    def said(self, address: Address) -> Summary:
        """Return what would be done."""
        steps = {
            "collections": self._collection_steps(list(self._goal.collections)),
            "items": [*self._item_steps(list(self._goal.items)), *self._placed_steps(list(self._goal.gone))],
        }
        counts = {kind: dict(Counter(step.what for step in found)) for kind, found in steps.items()}
        lines = [f"Nothing was written to {address}. A push would:"]
        for kind, verb in (("collections", "make"), ("items", "make")):
            made = [step.name for step in steps[kind] if step.what == CREATE]
            lines.append(f"  {verb} {len(made):,} {kind}" + (f": {_few(made)}" if made else ""))
        changed = [step.name for step in steps["items"] if step.what == CHANGE]
        lines.append(
            f"  change collections or tags of {len(changed):,} items" + (f": {_few(changed)}" if changed else "")
        )
        lines.extend(self._moves(steps["items"]))
        lines.extend(_left(steps["items"] + steps["collections"]))
        return Summary(
            tuple(lines), {"library": str(address), "dry_run": True, **counts}, "evidence-review zotero push"
        )

    def _moves(self, steps: Sequence[Step]) -> list[str]:
        """Return, for each collection, how many items would come into it and leave it."""
        into = Counter(key for step in steps for key in step.into)
        out = Counter(key for step in steps for key in step.out)
        # One that only an earlier push made has no name here but the one that people see, beside its key.
        names = {key: "/".join(path) for key, path in self._goal.collections.items()}
        order = [*names, *sorted(out.keys() - names.keys())]
        return [
            f"  {names.get(key, f'collection {key}, no longer used')}: {into[key]:,} in, {out[key]:,} out"
            for key in order
            if into[key] or out[key]
        ]

    def collections(self) -> None:
        """Make the collections that are missing, parents before children."""
        depths = sorted({len(path) for path in self._goal.collections.values()})
        for depth in depths:
            keys = [key for key, path in self._goal.collections.items() if len(path) == depth]
            self._bring("collections", keys, self._collection_steps)

    def items(self) -> None:
        """Make and change items."""
        self._bring("items", list(self._goal.items), self._item_steps)
        self._bring("items", list(self._goal.gone), self._placed_steps)

    def summary(self, address: Address) -> Summary:
        """Return what was done, and what could not be."""
        made = self.done.made
        absent = {step.key for step in self.steps if step.what in (difference.BINNED, difference.GONE)}
        there = len(self._goal.items.keys() - absent - {each.key for each in self.done.failed})
        counts = {name: made[name] for name in ("collections made", "items made", "items changed")}
        lines = [
            f"{address}: {made['collections made']:,} collections made, {made['items made']:,} items made, "
            f"{made['items changed']:,} items changed; "
            + counted(there, "item of the review's records is there.", "items of the review's records are there.")
        ]
        lines.extend(_left(self.steps))
        for outcome in self.done.failed[:20]:
            lines.append(f"Not written: {outcome.key}: {outcome.message}")
        data = {"library": str(address), **counts, "failed": [each.key for each in self.done.failed]}
        return Summary(tuple(lines), data, exit_code=EXIT_SOURCE if self.done.failed else EXIT_DONE)

    def _collection_steps(self, keys: Sequence[str]) -> list[Step]:
        remote = self._library.by_key("collections", keys)
        return [difference.collection_step(key, self._goal.collections[key], remote.get(key)) for key in keys]

    def _item_steps(self, keys: Sequence[str]) -> list[Step]:
        remote = self._library.by_key("items", keys)
        return [
            difference.item_step(
                key, self._goal.items[key], remote.get(key), self._goal, self._records[self._goal.items[key].record]
            )
            for key in keys
        ]

    def _placed_steps(self, keys: Sequence[str]) -> list[Step]:
        """Return the steps for items of records that were taken back: one that was never made is made no more."""
        remote = self._library.by_key("items", keys) if keys else {}
        return [
            difference.placed_step(key, self._goal.gone[key], remote[key], self._goal) for key in keys if key in remote
        ]

    def _bring(self, kind: str, keys: Sequence[str], steps: Steps) -> None:
        """Write what differs; read again what conflicts, until nothing differs."""
        pending: Sequence[str] = keys
        written: set[str] = set()
        outcomes: dict[str, Outcome] = {}
        for _ in range(ROUNDS):
            found = steps(pending)
            self._count(kind, found, outcomes, written)
            todo = [step for step in found if step.write is not None]
            self.steps.extend(step for step in found if step.write is None and step.key not in written)
            pending = []
            for batch in in_batches(todo):
                for step, outcome in zip(batch, self._write(kind, batch), strict=True):
                    outcomes[step.key] = outcome
                    if outcome.state in (WRITTEN, UNCHANGED):
                        self._made(kind, step, written)
                    elif outcome.state == CONFLICT:
                        pending.append(step.key)
                    elif outcome.state == FAILED:
                        self.done.failed.append(outcome)
                self._talk.progress("zotero", len(written), len(keys))
            if not pending:
                return
        self.done.failed.extend(outcomes[key] for key in pending)

    def _write(self, kind: str, batch: Sequence[Step]) -> tuple[Outcome, ...]:
        return self._library.write(kind, [step.write for step in batch if step.write is not None])

    def _count(self, kind: str, found: Sequence[Step], outcomes: Mapping[str, Outcome], written: set[str]) -> None:
        """Count as made what a lost reply had left unclear, and what turns out to be there."""
        for step in found:
            if step.write is None and step.key in outcomes and step.key not in written:
                self._made(kind, Step(step.key, CREATE, step.name), written)

    def _made(self, kind: str, step: Step, written: set[str]) -> None:
        written.add(step.key)
        self.done.made[f"{kind} {'made' if step.what == CREATE else 'changed'}"] += 1


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8:,} more" if len(names) > 8 else "")


def _left(steps: Sequence[Step]) -> list[str]:
    binned = [step.name for step in steps if step.what == difference.BINNED]
    gone = [step.name for step in steps if step.what == difference.GONE]
    lines = []
    if binned:
        lines.append(f"  left alone, because they lie in Zotero's bin: {_few(binned)}")
    if gone:
        lines.append(f"  no longer in the library that they were pulled from: {_few(gone)}")
    return lines
