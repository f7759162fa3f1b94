"""Loading one file: its bytes are kept, its records added, and every record start is accounted for."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from evidence_review.commands.load.plan import Job
from evidence_review.errors import IdentityError, InputError
from evidence_review.formats.base import INDENTED, STRAY, UNKNOWN_COLUMN, UNKNOWN_TAG
from evidence_review.formats.doubts import Doubts
from evidence_review.formats.inputs import Member
from evidence_review.formats.readers import FORMATS
from evidence_review.formats.reading import Reading
from evidence_review.model.record import Rejected
from evidence_review.model.search_run import SearchRun
from evidence_review.summary import counted
from evidence_review.workspace.records import prepare_of_file
from evidence_review.workspace.transaction import Transaction

_REASONS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Loaded:
    """A run with the reading behind it (None where a search was logged without a file) and doubts about its records."""

    run: SearchRun
    reading: Reading | None = None
    doubts: Doubts = field(default_factory=Doubts)


def already(runs: Iterable[SearchRun], source: str, digest: str) -> SearchRun | None:
    """Return the run that loaded a file with these bytes for this source, or None."""
    return next((run for run in runs if run.source == source and digest in (sha for _, sha in run.files)), None)


def load_file(tx: Transaction, number: int, job: Job, member: Member, reading: Reading) -> Loaded:
    """Bring the records of one file in, or those of its databases that belong to the job.

    Args:
        number: its place among the files of this run of the command.
        reading: the file opened and not yet read.

    Raises:
        FormatError: the file cannot be read.
        IdentityError: its record starts do not add up: a fault of this program, told before anything is written.
    """
    search = job.search
    run_id = f"{tx.run}.{number}"
    ids: dict[str, None] = {}
    rejections: list[tuple[int, str]] = []
    starts = loaded = known = 0
    doubts = Doubts()
    form = FORMATS[reading.format].name
    with ThreadPoolExecutor(1) as beside:
        # The copy is made while other processes start and read.
        copying = beside.submit(_copied, tx, member, reading)
        for place, item in enumerate(reading.each(partial(prepare_of_file, search.source, form)), start=1):
            if isinstance(item, Rejected):
                if job.takes_rejected:
                    starts += 1
                    rejections.append((item.line, item.reason))
                continue
            database, flagged, record = item
            if job.databases is not None and database not in job.databases:
                continue
            starts += 1
            if flagged is not None:
                doubts.note(*flagged)
            identifier, new = tx.add_prepared(record, search.source, run_id, place)
            ids[identifier] = None
            loaded += new
            known += not new
    if starts != loaded + known + len(rejections) or (job.databases is None and starts != reading.starts):
        raise IdentityError(
            f"{member.name}: {reading.starts} record starts, but {loaded} loaded + {known} already there + "
            f"{len(rejections)} rejected. Nothing was written; please report this file."
        )
    if starts == 0:
        raise InputError(
            f"{member.name} was read as {FORMATS[form].label} and holds no record. Export the records again."
        )
    if copying.result() != reading.sha256:
        raise InputError(
            f"{member.name} changed while it was read. Wait until the download has ended, then load again."
        )
    tx.read_input(member.name, reading.sha256)
    return Loaded(
        SearchRun(
            id=run_id,
            source=search.source,
            route=search.route,
            via=search.via,
            platform=search.platform,
            strategy=search.strategy,
            limits=search.limits,
            searched_on=search.searched_on,
            searched_by=search.searched_by,
            hits=search.hits,
            starts=starts,
            loaded=loaded,
            known=known,
            rejected=len(rejections),
            rejections=tuple(rejections),
            files=((member.name, reading.sha256),),
            format=f"{reading.format} ({reading.dialect.strip(':')})" if reading.dialect.strip(":") else reading.format,
            encoding=str(reading.encoding),
            note=search.note,
            record_ids=tuple(ids),
        ),
        reading,
        doubts,
    )


def _copied(tx: Transaction, member: Member, reading: Reading) -> str:
    """Keep a byte copy of a file; return the sha256 of what was copied."""
    with member.opener() as stream:
        return tx.keep_import_of(stream, reading.sha256, member.suffix)


def log_search(tx: Transaction, number: int, job: Job) -> Loaded:
    """Log a search that was made by hand and has no file."""
    search = job.search
    return Loaded(
        SearchRun(
            id=f"{tx.run}.{number}",
            source=search.source,
            route=search.route,
            via=search.via,
            platform=search.platform,
            strategy=search.strategy,
            limits=search.limits,
            searched_on=search.searched_on,
            searched_by=search.searched_by,
            hits=search.hits,
            note=search.note,
        )
    )


def told(done: Loaded) -> list[str]:
    """Say what became of a file."""
    run, reading = done.run, done.reading
    if reading is None:
        hits = "" if run.hits is None else f", {counted(run.hits, 'hit')}"
        return [f"{run.source}: search of {run.searched_on or 'unknown date'} logged without a file{hits}"]
    lines = [
        f"{run.source}: {run.files[0][0]} read as {run.format}, {run.encoding}: "
        f"{counted(run.starts, 'record start')} = {run.loaded:,} loaded + "
        f"{run.known:,} already there + {run.rejected:,} rejected"
    ]
    lines += [f"    line {line} rejected: {reason}" for line, reason in run.rejections[:_REASONS_SHOWN]]
    if run.rejected > _REASONS_SHOWN:
        lines.append(f"    … and {run.rejected - _REASONS_SHOWN} more; the run's manifest has all of them")
    lines += [f"    {bad} is not {reading.encoding.main}" for bad in reading.encoding.bad[:_REASONS_SHOWN]]
    lines += [f"    {reading.encoding.advice}"] if reading.encoding.advice else []
    lines += [f"    {kind}: {count}{_first(reading, kind)}" for kind, count in sorted(reading.asides.items())]
    lines += [f"    {words}" for words in done.doubts.told()]
    if run.reason:
        lines.append(f"    incomplete: {run.reason}")
    return lines


def _first(reading: Reading, kind: str) -> str:
    places = [aside for aside in reading.places if aside.kind == kind]
    if kind not in {STRAY, UNKNOWN_TAG, UNKNOWN_COLUMN, INDENTED} or not places:
        return ""
    shown = ", ".join(f"line {aside.line} '{aside.text[:40]}'" for aside in places[:3])
    return f" ({shown}{', …' if len(places) > 3 else ''})"
