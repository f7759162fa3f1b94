"""Keeping a copy: the file in `library/<review>/fulltext/`, who it is from, and that the report was retrieved."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from evidence_review.model.events import KEPT, RETRIEVED, Copy, Retrieval
from evidence_review.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy to keep. `where` is who gave it, `by` the person or service that named it."""

    report: str
    data: bytes
    kind: str
    check: str
    where: str
    by: str
    address: str = ""
    licence: str = ""
    version: str = ""
    person: str = ""


def keep(workspace: Workspace, verb: str, one: Kept) -> tuple[str, bool]:
    """Keep a copy; return its name in the folder, and whether it is new."""
    digest = hashlib.sha256(one.data).hexdigest()
    # The name leads to the report and, beside others of it, to these bytes.
    path = workspace.layout.fulltext / f"{one.report}-{digest[:8]}.{one.kind}"
    name = workspace.layout.inside(path)
    with workspace.transaction(verb, {"report": one.report, "address": one.address}) as tx:
        known = [event for event in workspace.events(Copy) if event.event == KEPT and event.record == one.report]
        last = [event for event in workspace.events(Retrieval) if event.record == one.report]
        new = not any(event.sha256 == digest for event in known)
        tx.write(path, one.data)
        if new:
            tx.add_events(
                [Copy(KEPT, one.report, one.address, one.kind, one.licence, one.version, name, digest, one.check,
                      one.by, tx.when)]
            )  # fmt: skip
        if new and not (last and last[-1].outcome == RETRIEVED):
            note = "; ".join(part for part in (one.licence and f"licence {one.licence}", one.version) if part)
            tx.add_events([Retrieval(one.report, RETRIEVED, one.where, note, one.person, "", "", tx.when)])
        tx.counts["kept"] = int(new)
    return name, new
