"""Where a review stands: counts by stage, what waits, the next command, days left."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from evidence_review.model.events import FULL_TEXT, TITLE_ABSTRACT
from evidence_review.state import lost_codes, renumbered
from evidence_review.state import standing as places
from evidence_review.state.assignment import screeners
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, stand
from evidence_review.state.waiting import Waiting, unfinished_forms, waiting
from evidence_review.summary import Summary, counted
from evidence_review.workspace import issued
from evidence_review.workspace.handed_out import with_sheets
from evidence_review.workspace.issued import Issued
from evidence_review.workspace.protocol_file import to_fill_in
from evidence_review.workspace.workspace import Workspace


def run(workspace: Workspace) -> Summary:
    """Fold the review and tell what came of it."""
    snapshot = workspace.snapshot()
    standing = stand(snapshot)
    sheets = issued.read(workspace.layout.issued)
    open_items = tuple(with_sheets(waiting(snapshot, standing), workspace.layout, snapshot, standing))
    forms = unfinished_forms(snapshot, standing)
    people = open_rows(snapshot, standing, sheets)
    stages = _stages(snapshot, standing)
    width = max(len(label) for label, _ in stages)
    lines = [f"{snapshot.protocol.title}", ""]
    lines.extend(f"  {label:<{width}}  {count:>7,}" for label, count in stages)
    lines.append("")
    if open_items:
        lines.append("Waiting:")
        lines.extend(_told(item) for item in open_items)
        if people:
            told = ", ".join(f"{person} ({counted(count, 'row')})" for person, count in people.items())
            lines.append(f"Waiting for: {told}.")
    elif snapshot.records:
        lines.append("No record waits: the report can be final.")
    else:
        lines.append("No records yet.")
    if forms:
        lines.append("Open; a report may go out without it, and says so:")
        lines.extend(_told(item) for item in forms)
    lines.extend(lost_codes.told(snapshot, standing))
    lines.extend(renumbered.told(snapshot))
    unfilled = [] if snapshot.records else to_fill_in(workspace.layout.protocol)
    if unfilled:
        lines.append(f"The protocol has {counted(len(unfilled), 'place')} to fill in.")
    days = days_left(snapshot.protocol.timeline.deadline, snapshot.today)
    if days is not None:
        lines.append(_deadline(days, snapshot.protocol.timeline.deadline))
    return Summary(
        lines=tuple(lines),
        data={
            "review": snapshot.protocol.review,
            "counts": dict(stages),
            "waiting": [_as_dict(item) for item in open_items],
            "forms": [_as_dict(item) for item in forms],
            "people": people,
            "lost_codes": lost_codes.in_use(snapshot, standing),
            "days_left": days,
            "to_fill_in": [number for number, _ in unfilled],
        },
        next="evidence-review protocol check" if unfilled else _next(snapshot, (*open_items, *forms)),
    )


def open_rows(snapshot: Snapshot, standing: Standing, sheets: Iterable[Issued]) -> dict[str, int]:
    """Return how many rows of screening sheets wait for each person, most first; for nobody who has left."""
    waits = {
        TITLE_ABSTRACT: (places.AWAITING_SCREENING, standing.title_abstract),
        FULL_TEXT: (places.AWAITING_ELIGIBILITY, standing.full_text),
    }
    rows: dict[str, set[tuple[str, str]]] = {}
    for sheet in sheets:
        if sheet.stage not in waits or sheet.screener not in screeners(snapshot.protocol, sheet.stage):
            continue
        state, outcomes = waits[sheet.stage]
        for record in sheet.records:
            keeper = standing.clusters.keeper_of.get(snapshot.gone.get(record) or record)
            if keeper is None or standing.state_of[keeper] != state:
                continue
            if sheet.screener not in {decision.screener for decision in outcomes[keeper].decisions}:
                rows.setdefault(sheet.screener, set()).add((sheet.stage, keeper))
    return dict(sorted(((person, len(found)) for person, found in rows.items()), key=lambda item: (-item[1], item[0])))


def _stages(snapshot: Snapshot, standing: Standing) -> list[tuple[str, int]]:
    removed = standing.clusters.removed()
    rows = [
        ("records identified", len(snapshot.records)),
        ("duplicates", len(removed)),
        ("unique records", len(standing.clusters.keepers)),
    ]
    rows.extend((state, len(standing.having(state))) for state in places.STATES if standing.having(state))
    if standing.studies:
        rows.append(("studies included", len(standing.studies)))
    return rows


def _told(item: Waiting) -> str:
    return f"  {item.count:,} {item.what} → {item.todo}"


def _as_dict(item: Waiting) -> dict[str, Any]:
    return {"what": item.what, "count": item.count, "ids": list(item.ids), "todo": item.todo}


def _next(snapshot: Snapshot, open_items: tuple[Waiting, ...]) -> str:
    if not snapshot.records:
        sources = snapshot.protocol.sources
        if any(source.via == "api" for source in sources):
            return "evidence-review search"
        pulled = sources and all(source.in_zotero for source in sources)
        return "evidence-review zotero pull" if pulled else "evidence-review load"
    return open_items[0].todo if open_items else "evidence-review report"


def days_left(deadline: str, today: datetime.date) -> int | None:
    """Return the days from `today` to the deadline (negative when it has passed); None without one."""
    return (datetime.date.fromisoformat(deadline) - today).days if deadline else None


def _deadline(days: int, deadline: str) -> str:
    if days < 0:
        return f"The deadline ({deadline}) passed {counted(-days, 'day')} ago."
    return f"{counted(days, 'day')} left until {deadline}."
