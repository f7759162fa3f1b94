"""Doing a review again from its ledger: every run, in order, on the inputs that it had, with the results compared.

Each run is the command that was typed, at the time that it had (SOURCE_DATE_EPOCH), in a fresh folder to which only
its inputs are given: the protocol as it stood, the files and sheets it read. What it writes must have the hashes that
the ledger holds; the first that has not is named. What a run wrote that asked a service is put back (`restore`); that
the archived replies give these records is looked at for all of them together (`reread`).
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence_review.commands.audit.codes import Codes
from evidence_review.commands.audit.restore import asks, restore
from evidence_review.commands.audit.run_again import run_again
from evidence_review.commands.audit.unpack import safe
from evidence_review.errors import IdentityError
from evidence_review.formats.inputs import ON_STANDARD_INPUT
from evidence_review.model.ledger import LedgerEntry
from evidence_review.workspace import tables
from evidence_review.workspace.disk import sha256_file
from evidence_review.workspace.layout import LIBRARY, REPORTS, Layout
from evidence_review.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was done again: how many runs, how many files came out the same, which runs were put back instead."""

    runs: int
    files: int
    skipped: tuple[str, ...]


def replay(original: Workspace, folder: Path, codes: Codes | None = None) -> Replayed:
    """Repeat every run of `original` in the empty `folder`.

    With `codes` people's names are replaced in whatever people wrote: other bytes come out, and none are compared.

    Raises:
        IdentityError: a run fails or writes something else than before; it and the file are named.
    """
    entries = original.ledger()
    copies = _by_hash(original.layout)
    layout = Layout(folder, original.layout.review)
    if original.layout.searches.is_dir():
        _give_replies(original.layout, layout)
    if original.layout.own_templates.is_dir():
        shutil.copytree(original.layout.own_templates, layout.own_templates)
    if original.layout.beside_protocol.is_dir():
        _beside_protocol(original.layout, layout, entries, codes)
        _without_logged(layout.amendments, sum(int(entry.counts.get("amendments", 0)) for entry in entries))
    files = 0
    skipped = []
    authors = _of_authors(original.layout, entries)
    for place, entry in enumerate(entries, start=1):
        away = _from_elsewhere(entry) or _edited_since(entry, authors, copies)
        if asks(entry) or not entry.command or away:
            skipped.append(entry.run)
            later = {name for other in entries[place:] for name in other.outputs}
            restore(original.layout, layout, entry, copies, later, codes)
            continue
        if entry.verb == "report":
            for name in authors - entry.inputs.keys():
                (layout.folder / (codes.text(name) if codes else name)).unlink(missing_ok=True)
        _give(layout, entry.inputs, copies, codes)
        run_again(layout, codes.value(entry.command) if codes else entry.command, entry.when, entry.run)
        files += 0 if codes else _compare(layout, entry)
    return Replayed(len(entries) - len(skipped), files, tuple(skipped))


def _of_authors(layout: Layout, entries: Iterable[LedgerEntry]) -> set[str]:
    """Return the files beside the protocol that reports took up: prose and answers, which people write and change
    between one rendering and the next.
    """
    beside = f"{layout.inside(layout.beside_protocol)}/"
    names = (name for entry in entries if entry.verb == "report" for name in (*entry.inputs, *entry.outputs))
    return {name for name in names if name.startswith(beside)}


def _edited_since(entry: LedgerEntry, authors: Collection[str], copies: Mapping[str, Path]) -> bool:
    """Whether a rendering took up words that were changed afterwards, so that it cannot be made again."""
    return entry.verb == "report" and any(
        name in authors and digest not in copies for name, digest in entry.inputs.items()
    )


def _from_elsewhere(entry: LedgerEntry) -> bool:
    """Whether a load read what its command does not find here: standard input, or a file whose name leads out.

    The bytes of what was read are kept, so the records can be read again, but not by the command as it was typed.
    """
    return entry.verb == "load" and any(name == ON_STANDARD_INPUT or not safe(name) for name in entry.inputs)


def _beside_protocol(original: Layout, layout: Layout, entries: Iterable[LedgerEntry], codes: Codes | None) -> None:
    """Hand over what lies beside the protocol; files that were loaded as they came stay as they came."""
    loaded = {name for entry in entries if entry.verb == "load" for name in entry.inputs} - {
        original.inside(original.protocol)
    }
    for path in original.beside_protocol.rglob("*"):
        if path.is_file():
            name = original.inside(path)
            target = layout.folder / (codes.text(name) if codes and name not in loaded else name)
            target.parent.mkdir(parents=True, exist_ok=True)
            data = path.read_bytes()
            target.write_bytes(codes.data(data) if codes and name not in loaded else data)


def _without_logged(amendments: Path, logged: int) -> None:
    """Take the rows that runs of the ledger will log again off the end of the log of amendments."""
    if logged and amendments.exists():
        with amendments.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))[:-logged]
        if len(rows) > 1:
            amendments.write_bytes(tables.encode(rows))
        else:
            amendments.unlink()


def _by_hash(layout: Layout) -> dict[str, Path]:
    """Return every file of the review by the sha256 of its bytes."""
    roots: Iterable[Path] = (layout.beside_protocol, layout.library, layout.sheets, layout.reports)
    found = {sha256_file(path): path for root in roots for path in root.rglob("*") if path.is_file()}
    found[sha256_file(layout.protocol)] = layout.protocol
    return found


def _give_replies(original: Layout, layout: Layout) -> None:
    """Hand over the archived replies of searches, without the manifests that reading them writes."""
    for path in original.searches.rglob("*"):
        if path.is_file() and path.name != "manifest.json":
            target = layout.searches / path.relative_to(original.searches)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _give(layout: Layout, files: Mapping[str, str], copies: dict[str, Path], codes: Codes | None) -> None:
    for name, digest in files.items():
        source = copies.get(digest)
        # A file that was loaded is never touched: its copy lies among the imports.
        coded = None if source is None or source.parent.name == layout.imports.name else codes
        target = layout.folder / (coded.text(name) if coded else name)
        people = safe(name) and name.split("/", 1)[0] not in (LIBRARY, REPORTS)
        # What was read of an archive lies in it still.
        if source is not None and people and not any(parent.is_file() for parent in target.parents):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(coded.data(source.read_bytes()) if coded else source.read_bytes())


def _compare(layout: Layout, entry: LedgerEntry) -> int:
    """Hold what a run wrote against the ledger; return how many files were the same."""
    for name, digest in entry.outputs.items():
        path = layout.folder / name
        if not path.is_file():
            raise IdentityError(f"Done again, run {entry.run} does not write {name}.")
        found = sha256_file(path)
        if found != digest:
            raise IdentityError(f"Done again, run {entry.run} writes another {name}: sha256 {found}, before {digest}.")
    return len(entry.outputs)
