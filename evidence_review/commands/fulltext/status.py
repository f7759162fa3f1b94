"""`fulltext status`: how many reports were sought, retrieved, not retrieved, and the days to the cut-off."""

from __future__ import annotations

import datetime
from collections import Counter

from evidence_review.commands.fulltext.reports import Sought
from evidence_review.model.events import KEPT, NOT_RETRIEVED, RETRIEVED, Copy
from evidence_review.state import standing as places
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace


def run(workspace: Workspace) -> Summary:
    """Tell where the full texts stand."""
    sought = Sought.read(workspace)
    last = Counter(event.outcome for record, event in sought.standing.retrieval.items() if record in sought.reports)
    waiting = sought.waiting()
    lost = sought.standing.having(places.NOT_OBTAINED)
    by_cut_off = len(lost) - last[NOT_RETRIEVED]
    lines = [
        f"{counted(len(sought.reports), 'report')} sought: {last[RETRIEVED]:,} retrieved, {len(lost):,} not retrieved, "
        f"{len(waiting):,} awaited."
    ]
    if by_cut_off > 0:
        lines.append(f"{by_cut_off:,} of those not retrieved count so because the cut-off date has passed.")
    copies = sum(event.event == KEPT for event in workspace.events(Copy))
    if copies:
        folder = workspace.layout.inside(workspace.layout.fulltext)
        lines.append(f"{counted(copies, 'copy', 'copies')} kept in {folder}/.")
    missing = len(sought.missing())
    if missing:
        lines.append(f"{counted(missing, 'report')} in no retrieval sheet yet.")
    cut_off = sought.snapshot.protocol.full_text.cut_off
    data: dict[str, object] = {
        "reports": len(sought.reports),
        "retrieved": last[RETRIEVED],
        "not_retrieved": len(lost),
        "by_cut_off": max(by_cut_off, 0),
        "awaited": len(waiting),
        "copies": copies,
        "in_no_sheet": missing,
        "cut_off": cut_off,
    }
    if cut_off:
        days = (datetime.date.fromisoformat(cut_off) - sought.snapshot.today).days
        data["days_left"] = days
        lines.append(f"Cut-off {cut_off}: {f'{days} days left' if days >= 0 else 'passed'}.")
    then = "evidence-review fulltext sheet" if missing else "evidence-review fulltext collect" if waiting else ""
    return Summary(tuple(lines), data, next=then)
