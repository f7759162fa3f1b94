"""Doing a review again from its ledger: every run, in order, on the inputs that it had, with the results compared.

Each run is the command that was typed, at the time that it had (SOURCE_DATE_EPOCH), in a fresh folder to which only
its inputs are given: the protocol as it stood, the files and sheets it read, the archived replies of a search. What it
writes must have the hashes that the ledger holds; the first that has not is named.
"""

from __future__ import annotations

import csv
import datetime
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence_review.errors import IdentityError
from evidence_review.model.ledger import LedgerEntry
from evidence_review.workspace import tables
from evidence_review.workspace.layout import PROTOCOLS, SCREENING, Layout
from evidence_review.workspace.transaction import sha256_file
from evidence_review.workspace.workspace import Workspace

# What these ask of a service is not kept as replies that could be read again.
_NOT_REPLAYED = frozenset({"zotero"})


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was done again: how many runs, how many files came out the same, which runs could not be repeated."""

    runs: int
    files: int
    skipped: tuple[str, ...]


def replay(original: Workspace, folder: Path) -> Replayed:
    """Repeat every run of `original` in the empty `folder`.

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
        shutil.copytree(original.layout.beside_protocol, layout.beside_protocol)
        _without_logged(layout.amendments, sum(int(entry.counts.get("amendments", 0)) for entry in entries))
    files = 0
    skipped = []
    for entry in entries:
        if entry.verb in _NOT_REPLAYED or not entry.command:
            skipped.append(entry.run)
            _give(layout, entry.outputs, copies)
            continue
        _give(layout, entry.inputs, copies)
        _do(layout, entry)
        files += _compare(layout, entry)
    return Replayed(len(entries) - len(skipped), files, tuple(skipped))


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
    roots: Iterable[Path] = (layout.beside_protocol, layout.library, layout.sheets)
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


def _give(layout: Layout, files: Mapping[str, str], copies: dict[str, Path]) -> None:
    for name, digest in files.items():
        source = copies.get(digest)
        target = layout.folder / name
        people = name.split("/", 1)[0] in (PROTOCOLS, SCREENING) or "/" not in name
        if source is not None and people:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def _do(layout: Layout, entry: LedgerEntry) -> None:
    moment = datetime.datetime.strptime(entry.when, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.UTC)
    named = [] if entry.verb == "init" else ["--review", layout.review]
    done = subprocess.run(
        [sys.executable, "-m", "evidence_review.cli", "--folder", str(layout.folder), *named, *entry.command],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(int(moment.timestamp()))},
        cwd=layout.folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode not in (0, 3):
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise IdentityError(
            f"Run {entry.run} ('evidence-review {' '.join(entry.command)}') does not run again here: "
            f"{last[-1] if last else 'it said nothing'}"
        )


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
