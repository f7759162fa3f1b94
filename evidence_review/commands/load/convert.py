"""`load convert`: files of records into another format, with an itemised list of what the target cannot hold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from evidence_review.errors import InputError, StorageError, UsageError, suggest
from evidence_review.formats.inputs import Member, members
from evidence_review.formats.write import WRITERS, Loss, losses
from evidence_review.model.record import Parsed, Record
from evidence_review.summary import Summary


def convert(files: Sequence[Path], target: str, out: Path, form: str = "") -> Summary:
    """Read `files` and write all their records to `out` as `target`.

    Raises:
        InputError: a file cannot be read, or holds no record.
        UsageError: there is no such target.
        StorageError: `out` cannot be written.
    """
    writer = writer_named(target)
    records: list[Record] = []
    told: list[dict[str, Any]] = []
    for member in members(files):
        told.append(_taken(member, form, records))
    if not records:
        raise InputError("The files hold no record; nothing was written.")
    lost = losses(records, writer)
    write_out(out, writer.write(records))
    rejected = sum(len(entry["rejected"]) for entry in told)
    lines = [f"{len(records)} records written to {out} as {writer.label}, {rejected} record starts rejected"]
    lines += [
        f"    {entry['file']} line {fault['line']}: {fault['reason']}" for entry in told for fault in entry["rejected"]
    ]
    return Summary(
        (*lines, *loss_lines(lost)), {"files": told, "out": str(out), "records": len(records), **loss_data(lost)}
    )


def writer_named(target: str) -> Any:
    """Return a writer by its name. Raises UsageError with the names there are."""
    if target not in WRITERS:
        raise UsageError(f"Nothing can be written as '{target}'. {suggest(target, WRITERS)}")
    return WRITERS[target]


def _taken(member: Member, form: str, records: list[Record]) -> dict[str, Any]:
    reading = member.open(format=form)
    rejected: list[dict[str, Any]] = []
    for place, item in enumerate(reading, start=1):
        if isinstance(item, Parsed):
            records.append(
                Record(
                    id="", source="", run=member.name, position=place, citation=item.citation, format=reading.format,
                    line=item.line, raw=item.raw,
                )
            )  # fmt: skip
        else:
            rejected.append({"line": item.line, "reason": item.reason})
    return {
        "file": member.name,
        "format": reading.format,
        "starts": reading.starts,
        "records": reading.loaded,
        "rejected": rejected,
    }


def write_out(out: Path, pieces: Iterator[bytes]) -> None:
    """Write a file whole or not at all: beside its place first, then moved there."""
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as stream:
            try:
                for piece in pieces:
                    stream.write(piece)
            except BaseException:
                stream.close()
                Path(stream.name).unlink()
                raise
        Path(stream.name).replace(out)
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
