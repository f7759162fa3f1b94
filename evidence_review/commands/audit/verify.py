"""Is everything what it was? The chain of the ledger, the hash of each file, the totals."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from evidence_review.commands.audit.crate import METADATA, without
from evidence_review.commands.audit.replay import replay
from evidence_review.commands.audit.reread import reread
from evidence_review.commands.audit.unpack import unpack
from evidence_review.errors import IdentityError, Problem
from evidence_review.model.ledger import LedgerEntry, chain_faults
from evidence_review.state import identities
from evidence_review.state.counting import count
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import stand
from evidence_review.summary import Summary, counted
from evidence_review.workspace import archive
from evidence_review.workspace.disk import sha256_file
from evidence_review.workspace.intact import absent_copies, library_faults, report_faults, written
from evidence_review.workspace.layout import LIBRARY, REPORTS, Layout
from evidence_review.workspace.workspace import Workspace

_NAMED_BY_HASH = re.compile(r"^([0-9a-f]{64})(\.[^.]*)*$")


def verify(workspace: Workspace, *, bundled: bool = False) -> Summary:
    """Check everything. Copies of full texts, which are in no bundle, are not missed in one that was `bundled`, nor in
    a folder that was unpacked from one.

    Raises:
        IdentityError: something is not what it was, or totals do not add up; each fault is named.
    """
    layout = workspace.layout
    entries = workspace.ledger()
    snapshot = workspace.snapshot()
    absent = absent_copies(layout, entries)
    absent = absent if bundled else without(layout.folder / METADATA, absent)
    problems = [
        *_chain(layout, entries),
        *library_faults(layout, entries, absent),
        *archive.faults(layout, snapshot.runs),
        *report_faults(layout, entries),
        *_named_by_hash(layout),
        *_totals(snapshot),
    ]
    if problems:
        raise IdentityError(f"The review does not verify: {counted(len(problems), 'fault')}.", problems)
    files = len(written(entries, LIBRARY, REPORTS).keys() - absent)
    left = counted(len(absent), "copy of a full text", "copies of full texts")
    return Summary(
        lines=(
            f"Verified: {counted(len(entries), 'ledger entry', 'ledger entries')} in one chain, "
            f"{counted(files, 'file')} as written, {counted(len(snapshot.records), 'record')} each in one place, "
            "every total adds up.",
            *([f"Not looked at, for a bundle holds none: {left}."] if absent else []),
        ),
        data={"entries": len(entries), "files": files, "records": len(snapshot.records), "faults": []},
    )


def verify_bundle(path: Path, again: bool) -> Summary:
    """Check a bundle: every byte, the review in it, and, where `again`, that doing it over gives the same files.

    Raises:
        InputError: the file is no bundle.
        IdentityError: something is not what it says, or comes out differently; the first such thing is named.
    """
    with tempfile.TemporaryDirectory() as scratch:
        original, fresh, read = (Path(scratch) / name for name in ("bundle", "again", "read"))
        for folder in (original, fresh, read):
            folder.mkdir()
        files = unpack(path, original)
        workspace = Workspace.open(original)
        inside = verify(workspace, bundled=True)
        lines = [f"{path.name}: {counted(files, 'file')}, each as it was packed.", *inside.lines]
        data = {"bundle": path.name, "files": files, **inside.data}
        if again:
            replayed = replay(workspace, fresh)
            same = f"{counted(replayed.runs, 'run')}, {counted(replayed.files, 'file')} the same"
            lines.append(f"Done again from the ledger: {same}.")
            archives = reread(workspace, read)
            if archives:
                lines.append(f"Read again from archived replies: {counted(archives, 'search', 'searches')}, the same.")
            if replayed.skipped:
                lines.append(
                    f"Taken as written, for what they read is not here to be read again: {', '.join(replayed.skipped)}."
                )
            data["replayed"] = {"runs": replayed.runs, "files": replayed.files, "skipped": list(replayed.skipped)}
            data["reread"] = archives
    return Summary(lines=tuple(lines), data=data)


def _chain(layout: Layout, entries: tuple[LedgerEntry, ...]) -> Iterator[Problem]:
    for seq, what in chain_faults(list(entries)):
        yield Problem(
            f"{layout.inside(layout.ledger)} entry {seq}", what, "Compare with a backup: the ledger is never edited."
        )


def _named_by_hash(layout: Layout) -> Iterator[Problem]:
    for folder in (layout.imports, layout.collected, layout.protocol_versions):
        for path in sorted(folder.glob("*")):
            match = _NAMED_BY_HASH.match(path.name)
            if match and sha256_file(path) != match.group(1):
                yield Problem(
                    layout.inside(path), "does not have the content that its name says", "Load the file again."
                )


def _totals(snapshot: Snapshot) -> Iterator[Problem]:
    standing = stand(snapshot)
    flow = count(snapshot, standing)
    for failure in identities.check(flow, snapshot.protocol.adjustments):
        if not failure.soft:
            yield Problem("totals", str(failure), "'evidence-review audit explain' tells each record's story.")
