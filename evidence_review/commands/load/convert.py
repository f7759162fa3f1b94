"""`load convert`: files of records into another format, with an itemised list of what the target cannot hold."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from evidence_review.errors import InputError, StorageError, UsageError, suggest
from evidence_review.formats.base import Writer
from evidence_review.formats.inputs import members
from evidence_review.formats.write import WRITERS, Loss, Losses, Seen, read_back
from evidence_review.model.record import Parsed, Record, Rejected
from evidence_review.summary import Summary, counted


@dataclass(frozen=True, slots=True)
class _Batch:
    """What a stretch of a file becomes: the entries for the writer, which of its items they are, and what is lost."""

    entries: list[Any]
    places: list[int]
    rejected: list[tuple[int, str]]
    seen: Seen
    items: int


def convert(files: Sequence[Path], target: str, out: Path, form: str = "") -> Summary:
    """Read `files` and write all their records to `out` as `target`.

    Raises:
        InputError: a file cannot be read, or holds no record; or `out` is one of those to be read.
        UsageError: there is no such target.
        StorageError: `out` cannot be written.
    """
    writer = writer_named(target)
    _refuse_to_replace(files, out)
    lost = Losses(writer)
    told: list[dict[str, Any]] = []
    # Records are written as they are read, so that a file of any size passes through a bounded part of the memory.
    write_out(out, writer.assemble(_entries(files, form, writer, lost, told)))
    count = sum(entry["records"] for entry in told)
    rejected = sum(len(entry["rejected"]) for entry in told)
    lines = [
        f"{counted(count, 'record')} written to {out} as {writer.label}, {counted(rejected, 'record start')} rejected"
    ]
    lines += [
        f"    {entry['file']} line {fault['line']}: {fault['reason']}" for entry in told for fault in entry["rejected"]
    ]
    lines += [
        f"    {entry['file']} {bad} is not {entry['encoding']}: \ufffd stands for it"
        for entry in told
        for bad in entry["undecodable"]
    ]
    found = lost.found()
    data = {"files": told, "out": str(out), "records": count, **loss_data(found)}
    return Summary((*lines, *loss_lines(found)), data)


def _refuse_to_replace(files: Sequence[Path], out: Path) -> None:
    """Keep the files that are read: a new one in the place of an export would be all that is left of it."""
    if not out.is_file():
        return
    for path in files:
        if path.is_file() and path.samefile(out):
            raise InputError(f"{out} is the file to be read, and would be replaced. Choose another name with --out.")
        if path.is_dir() and out.resolve().is_relative_to(path.resolve()):
            raise InputError(
                f"{out} is there already, in the folder to be read, and its records would be read again. "
                "Choose a place outside with --out, or move the file away."
            )


def _entries(
    files: Sequence[Path], form: str, writer: Writer, lost: Losses, told: list[dict[str, Any]]
) -> Iterator[Any]:
    """Yield the entries of all files' records; note what is lost of them, and tell of each file once it is read.

    Raises:
        InputError: there is no record in any.
    """
    for member in members(files):
        reading = member.open(format=form)
        rejected: list[dict[str, Any]] = []
        before = 0
        for batch in reading.batches(partial(_batch, writer.name, reading.format)):
            lost.note(batch.seen, [f"record {before + place}" for place in batch.places])
            before += batch.items
            rejected += [{"line": line, "reason": reason} for line, reason in batch.rejected]
            yield from batch.entries
        told.append(
            {
                "file": member.name,
                "format": reading.format,
                "encoding": str(reading.encoding),
                "undecodable": [str(bad) for bad in reading.encoding.bad],
                "starts": reading.starts,
                "records": reading.loaded,
                "rejected": rejected,
            }
        )
    if not any(entry["records"] for entry in told):
        raise InputError("The files hold no record; nothing was written.")


def _batch(target: str, form: str, items: Sequence[Parsed | Rejected]) -> _Batch:
    """Make the entries of a stretch of a file and read them back, in whatever process that is done."""
    writer = WRITERS[target]
    records = [
        Record(
            id="", source="", run="", position=place, citation=item.citation, format=form,
            line=item.line, raw=item.raw, trace=item.trace,
        )
        for place, item in enumerate(items, start=1) if isinstance(item, Parsed)
    ]  # fmt: skip
    entries = [writer.entry(record) for record in records]
    return _Batch(
        entries,
        [record.position for record in records],
        [(item.line, item.reason) for item in items if isinstance(item, Rejected)],
        read_back(records, entries, writer),
        len(items),
    )


def writer_named(target: str) -> Writer:
    """Return a writer by its name. Raises UsageError with the names there are."""
    if target not in WRITERS:
        raise UsageError(f"Nothing can be written as '{target}'. {suggest(target, WRITERS)}")
    return WRITERS[target]


def write_out(out: Path, pieces: Iterator[bytes]) -> None:
    """Write a file whole or not at all: beside its place first, then moved there."""
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        try:
            with draft.open("wb") as stream:
                stream.writelines(pieces)
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as fault:
        raise StorageError(
            f"{out} cannot be written: {fault.strerror or fault}. Choose another place with --out."
        ) from fault


def loss_lines(lost: Sequence[Loss]) -> list[str]:
    """Say what the target cannot hold."""
    return [f"    {loss}" for loss in lost] if lost else ["    nothing lost"]


def loss_data(lost: Sequence[Loss]) -> dict[str, Any]:
    """Return what the target cannot hold, as data."""
    return {
        "losses": [
            {"field": loss.field, "records": loss.count, "ids": list(loss.ids), "why": loss.why} for loss in lost
        ]
    }
