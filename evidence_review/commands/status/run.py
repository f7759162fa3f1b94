"""Where a review stands: counts by stage, what waits, the next command, days left."""

from __future__ import annotations

import datetime
from typing import Any

from evidence_review.model.protocol import Protocol
from evidence_review.state import standing as places
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, stand
from evidence_review.state.waiting import Waiting, waiting
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace


def run(workspace: Workspace) -> Summary:
    """Fold the review and tell what came of it."""
    snapshot = workspace.snapshot()
    standing = stand(snapshot)
    open_items = waiting(snapshot, standing)
    counted = _stages(snapshot, standing)
    width = max(len(label) for label, _ in counted)
    lines = [f"{snapshot.protocol.title}", ""]
    lines.extend(f"  {label:<{width}}  {count:>7,}" for label, count in counted)
    lines.append("")
    if open_items:
        lines.append("Waiting:")
        lines.extend(_told(item, snapshot.protocol) for item in open_items)
    elif snapshot.records:
        lines.append("Nothing waits: the report can be final.")
    else:
        lines.append("No records yet.")
    days = days_left(snapshot.protocol.timeline.deadline, snapshot.today)
    if days is not None:
        lines.append(_deadline(days, snapshot.protocol.timeline.deadline))
    return Summary(
        lines=tuple(lines),
        data={
            "review": snapshot.protocol.review,
            "counts": dict(counted),
            "waiting": [_as_dict(item) for item in open_items],
            "days_left": days,
        },
        next=_next(snapshot, open_items),
    )


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


def _told(item: Waiting, protocol: Protocol) -> str:
    return f"  {item.count:,} {item.what} → {item.todo.replace('<review>', protocol.review)}"


def _as_dict(item: Waiting) -> dict[str, Any]:
    return {"what": item.what, "count": item.count, "ids": list(item.ids), "todo": item.todo}


def _next(snapshot: Snapshot, open_items: tuple[Waiting, ...]) -> str:
    if not snapshot.records:
        by_api = any(source.via == "api" for source in snapshot.protocol.sources)
        return "evidence-review search" if by_api else "evidence-review load"
    return open_items[0].todo.replace("<review>", snapshot.protocol.review) if open_items else "evidence-review report"


def days_left(deadline: str, today: datetime.date) -> int | None:
    """Return the days from `today` to the deadline (negative when it has passed); None without one."""
    return (datetime.date.fromisoformat(deadline) - today).days if deadline else None


def _deadline(days: int, deadline: str) -> str:
    if days < 0:
        return f"The deadline ({deadline}) passed {counted(-days, 'day')} ago."
    return f"{counted(days, 'day')} left until {deadline}."
