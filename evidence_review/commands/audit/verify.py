"""Is everything what it was? The chain of the ledger, the hash of each file, the totals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evidence_review.errors import IdentityError, Problem
from evidence_review.model.ledger import LedgerEntry, chain_faults
from evidence_review.state import identities
from evidence_review.state.flow import count
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import stand
from evidence_review.summary import Summary, counted
from evidence_review.workspace.intact import library_faults, report_faults, written
from evidence_review.workspace.layout import LIBRARY, REPORTS, Layout
from evidence_review.workspace.transaction import sha256_file
from evidence_review.workspace.workspace import Workspace

_NAMED_BY_HASH = re.compile(r"^([0-9a-f]{64})(\.[^.]*)*$")


def verify(workspace: Workspace) -> Summary:
    """Check everything.

    Raises:
        IdentityError: something is not what it was, or totals do not add up; each fault is named.
    """
    layout = workspace.layout
    entries = workspace.ledger()
    snapshot = workspace.snapshot()
    problems = [
        *_chain(layout, entries),
        *library_faults(layout, entries),
        *report_faults(layout, entries),
        *_named_by_hash(layout),
        *_totals(snapshot),
    ]
    if problems:
        raise IdentityError(f"The review does not verify: {counted(len(problems), 'fault')}.", problems)
    files = len(written(entries, LIBRARY, REPORTS))
    return Summary(
        lines=(
            f"Verified: {counted(len(entries), 'ledger entry', 'ledger entries')} in one chain, "
            f"{counted(files, 'file')} as written, {counted(len(snapshot.records), 'record')} each in one place, "
            "every total adds up.",
        ),
        data={"entries": len(entries), "files": files, "records": len(snapshot.records), "faults": []},
    )


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
