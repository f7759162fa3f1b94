"""Making the searches of a plan: files loaded, searches logged, and what is noted of earlier ones put right."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evidence_review.commands.load.noted import (
    corrected,
    held,
    holder,
    how_to_correct,
    is_another,
    judged,
    of_source,
    other_days,
    redated,
    together,
    with_hits,
)
from evidence_review.commands.load.one import Loaded, already, load_file, log_search, told
from evidence_review.commands.load.plan import Job, Plan, Search, Wish
from evidence_review.formats.inputs import Member, opened
from evidence_review.formats.reading import Reading
from evidence_review.model.events import TakenBack
from evidence_review.model.search_run import INCOMPLETE, SearchRun
from evidence_review.workspace.transaction import Transaction


class Openings:
    """The files of a plan, each opened once however often it is read; what cannot be opened is told at once."""

    def __init__(self, plan: Plan, wish: Wish) -> None:
        self._known: dict[tuple[Member, str, tuple[tuple[str, str], ...]], Reading] = {}
        searched = [(file, job.search.format, job.search.columns) for job in plan.jobs for file in job.files]
        opened(
            [*searched, *((file, wish.format, wish.columns) for file in plan.unassigned)], lambda one: self.open(*one)
        )

    def open(self, file: Member, form: str, columns: Mapping[str, str]) -> Reading:
        """Return a file, not yet read."""
        key = file, form, tuple(sorted(columns.items()))
        if key not in self._known:
            self._known[key] = file.open(format=form, columns=columns)
        return self._known[key].again()


class Making:
    """The searches of one run of the command: `runs` are all on record, corrected and new ones in their places."""

    def __init__(
        self,
        tx: Transaction,
        runs: Sequence[SearchRun],
        openings: Openings,
        wish: Wish,
        former: Sequence[tuple[TakenBack, SearchRun]] = (),
        named: Collection[Path] = (),
    ) -> None:
        self._tx, self._openings, self._wish = tx, openings, wish
        self._former, self._named = former, named
        self.runs = list(runs)
        self.done: list[Loaded] = []
        self.lines: list[str] = []
        self.skipped: list[dict[str, str]] = []
        self.corrected = 0
        self.changed: set[tuple[str, str]] = set()
        self.short = False

    def make(self, job: Job) -> None:
        """Load the files of a search, or log it where it has none."""
        search = job.search
        if not job.files:
            return self._log(job)
        noted = holder(of_source(self.runs, search.source))
        own = search.hits if noted is None or is_another(search, noted) else None
        fresh: list[Loaded] = []
        known: list[tuple[SearchRun, str]] = []
        for member in job.files:
            reading = self._openings.open(member, search.format, search.columns)
            if earlier := already(self.runs, search.source, reading.sha256):
                self.skipped.append({"source": search.source, "file": member.name, "run": earlier.id})
                known.append((earlier, f"{search.source}: {member.name} is already loaded (run {earlier.id})"))
                continue
            if self._left_out(job, member, reading.sha256):
                continue
            # The number of hits belongs to the search, not to each of its files: it is kept with the first.
            this = replace(job, search=replace(search, hits=None if fresh else own))
            fresh.append(load_file(self._tx, len(self.done) + len(fresh) + 1, this, member, reading))
            self.runs.append(fresh[-1].run)
        for earlier, said in known:
            # Beside a new file, what is said of the search is said of the new one.
            self._correct(earlier, Wish() if fresh else self._wish, said)
        if fresh and noted is not None and own is None and self._wish.hits not in (None, noted.hits):
            self.lines.append(
                f"{search.source}: {noted.hits} hits are noted for this search (run {noted.id}); the "
                f"{self._wish.hits} given now are not kept. {how_to_correct(search.source)}"
            )
        at = len(self.lines)
        if fresh:
            self._account(holder(of_source(self.runs, search.source)), {one.run.id for one in fresh})
        now = {(run.id, run.source): run for run in self.runs}
        settled = [replace(one, run=now[one.run.id, one.run.source]) for one in fresh]
        self.done += settled
        # What became of each file stands before what became of their search.
        self.lines[at:at] = [line for one in settled for line in told(one)]
        return None

    def _log(self, job: Job) -> None:
        search = job.search
        if self._wish.instead_of:
            return self._redate(search)
        own = [run for run in self.runs if run.source == search.source]
        earlier = next((run for run in reversed(own) if search.searched_on in ("", run.searched_on[:10])), None)
        if earlier is not None:
            self.skipped.append({"source": search.source, "file": "", "run": earlier.id})
            said = replace(self._wish, hits=search.hits if earlier.via != "api" else None)
            self._correct(earlier, said, f"{search.source}: search already logged (run {earlier.id})")
            return None
        if self._left_out(job, None, ""):
            return None
        self.done.append(log_search(self._tx, len(self.done) + 1, job))
        self.lines += told(self.done[-1])
        self.lines += filter(None, [other_days(self.runs, self.done[-1].run)])
        self.runs.append(self.done[-1].run)
        return None

    def _redate(self, search: Search) -> None:
        """Put right the day of a search that was logged without a file."""
        for run in redated(self.runs, search, self._wish.instead_of, self._tx.when):
            self._put(run)
        self.corrected += 1
        self.lines.append(
            f"{search.source}: the search noted for {self._wish.instead_of} was made on {search.searched_on[:10]}; "
            "what is noted was corrected"
        )

    def _left_out(self, job: Job, member: Member | None, digest: str) -> bool:
        """Whether this was taken back, and nobody asks for it by name: then it is not loaded again unawares."""
        search = job.search
        same = [
            (event, run)
            for event, run in self._former
            if run.source == search.source
            and (any(sha == digest for _, sha in run.files) if member else not run.files)
            and (member is not None or search.searched_on in ("", run.searched_on[:10]))
        ]
        by_source = bool(self._wish.source and (self._named or member is None))
        if not same or by_source or (member is not None and member.path in self._named):
            return False
        event, run = same[-1]
        what = f"{member.name} was" if member else "the search logged by hand was"
        again = f"evidence-review load {f'{member.name} ' if member else ''}--source {search.source}"
        self.skipped.append({"source": search.source, "file": member.name if member else "", "run": run.id})
        self.lines.append(
            f"{search.source}: {what} taken back on {event.when[:10]} ({event.why}); to load it again: {again}"
        )
        return True

    def _correct(self, earlier: SearchRun, wish: Wish, said: str) -> None:
        """Put right what is noted of a search that is on record: its hits with the run that has them."""
        before = list(self.runs)
        self._put(corrected(earlier, replace(wish, hits=None), self._tx.when))
        if wish.hits is not None:
            own = of_source(self.runs, earlier.source)
            this = next(run for run in own if run.id == earlier.id)
            self._put(corrected(with_hits(own, this) or this, Wish(hits=wish.hits), self._tx.when))
        if self.runs == before:
            self.lines.append(f"{said}; nothing changed")
            return
        self.corrected += 1
        self.lines.append(f"{said}; what is noted of its search was corrected")
        own = of_source(self.runs, earlier.source)
        self._account(with_hits(own, next(run for run in own if run.id == earlier.id)), frozenset())

    def _account(self, noted: SearchRun | None, fresh: Collection[str]) -> None:
        """Hold the files of a search to the hits that `noted` has; say what a run lacks that is not `fresh`."""
        if noted is None:
            return
        source = noted.source
        seen = held(together(of_source(self.runs, source), noted))
        stands = judged(noted, seen)
        self._put(stands)
        self.short = self.short or stands.state == INCOMPLETE
        if noted.hits is not None and noted.files and seen > noted.hits:
            self.lines.append(
                f"{source}: its files hold {seen} record starts, {seen - noted.hits} more than the {noted.hits} hits "
                "that the source reported; nothing is lost, but look whether the number or a file is of another "
                f"search. {how_to_correct(source)}"
            )
        elif noted.id not in fresh and stands.state == INCOMPLETE:
            self.lines.append(f"{source}: run {noted.id} is incomplete: {stands.reason}")
        elif noted.id not in fresh and noted.state == INCOMPLETE:
            self.lines.append(f"{source}: its files hold all {noted.hits} hits now; the search is complete")

    def _put(self, run: SearchRun) -> None:
        """Put a changed run in its place; one of this command is written at its end."""
        place = next(place for place, other in enumerate(self.runs) if (other.id, other.source) == (run.id, run.source))
        if self.runs[place] != run:
            self.runs[place] = run
            self.changed.add((run.id, run.source))
