"""What changed between two renderings, or between a day in the past and today: numbers, and studies by name."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evidence_review.commands.report import after_inclusion
from evidence_review.errors import InputError
from evidence_review.state.counting import count
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import stand
from evidence_review.state.values import fold
from evidence_review.summary import Summary, counted
from evidence_review.workspace.layout import Layout
from evidence_review.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared: numbers by key with their ids, studies by id with label and reports."""

    name: str
    numbers: Mapping[str, tuple[int, frozenset[str]]]
    studies: Mapping[str, tuple[str, tuple[str, ...]]]


def run(workspace: Workspace, old: str, new: str = "") -> Summary:
    """Compare two sides, each a `numbers.json` or a day such as 2026-11-20; `new` is the review as it stands.

    Raises:
        InputError: a side is neither.
    """
    first = side(workspace, old)
    second = side(workspace, new) if new else of_snapshot(workspace.snapshot(), "now", workspace.layout)
    return compare(first, second)


def side(workspace: Workspace, text: str) -> Side:
    """Return the side that a person named."""
    path = Path(text)
    if path.is_dir():
        path = path / "numbers.json"
    if path.is_file():
        return _of_file(path)
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"'{text}' is neither a numbers.json, nor a folder with one, nor a day such as 2026-11-20."
        ) from None
    # What was taken back since was still there on that day.
    then = replace(workspace, until=_end_of(day)).snapshot()
    return of_snapshot(as_of(then, day), text, workspace.layout)


def _of_file(path: Path) -> Side:
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        numbers = {key: (int(item["n"]), frozenset(item.get("ids", ()))) for key, item in data["numbers"].items()}
        studies = {item["id"]: (str(item["label"]), tuple(item["reports"])) for item in data["studies"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise InputError(f"{path} is no numbers.json of a report ({type(fault).__name__}).") from fault
    return Side(str(path), numbers, studies)


def of_snapshot(snapshot: Snapshot, name: str, layout: Layout) -> Side:
    """Return a review as it stands in a snapshot; `layout` is where its pooled effects lie."""
    standing = stand(snapshot)
    pooled = after_inclusion.pooled(layout, snapshot.ledger)
    folded = fold(snapshot.values, standing)
    flow = after_inclusion.extended(count(snapshot, standing), snapshot.protocol, standing.studies, folded, pooled)
    return Side(
        name,
        {key: (number.n, frozenset(number.ids or ())) for key, number in flow.counts.items()},
        {study.id: (study.label, study.reports) for study in standing.studies},
    )


def _end_of(day: datetime.date) -> str:
    return f"{day.isoformat()}T23:59:59Z"


def as_of(snapshot: Snapshot, day: datetime.date) -> Snapshot:
    """Return a review as it stood at the end of a day (UTC): what came later is left out.

    The protocol is today's: earlier versions may not be readable by the program any more.
    """
    last = _end_of(day)
    made = {entry.run for entry in snapshot.ledger if entry.when <= last}

    def then(run: str) -> bool:
        return not snapshot.ledger or run.split(".", 1)[0] in made

    return replace(
        snapshot,
        records={key: record for key, record in snapshot.records.items() if then(record.run)},
        runs=tuple(run for run in snapshot.runs if then(run.id)),
        duplicates=tuple(item for item in snapshot.duplicates if item.when <= last),
        decisions=tuple(item for item in snapshot.decisions if item.when <= last),
        retrievals=tuple(item for item in snapshot.retrievals if item.when <= last),
        links=tuple(item for item in snapshot.links if item.when <= last),
        values=tuple(item for item in snapshot.values if item.when <= last),
        ledger=tuple(entry for entry in snapshot.ledger if entry.when <= last),
        amendments=tuple(item for item in snapshot.amendments if item.date <= day.isoformat()),
        today=day,
    )


_NAMES = {
    "database_results": "records from databases",
    "register_results": "records from registers",
    "website_results": "records from websites",
    "organisation_results": "records from organisations",
    "citations_results": "records from citation searching",
    "other_results": "records from elsewhere",
    "duplicates": "duplicate records removed",
    "excluded_automatic": "records removed by a rule before screening",
    "excluded_other": "records removed for other reasons before screening",
    "unscreened": "records left unscreened",
    "awaiting_screening": "records awaiting screening",
    "records_screened": "records screened",
    "records_excluded": "records excluded",
    "records_excluded_human": "records excluded by people",
    "records_excluded_automation": "records excluded by a rule",
    "sought_reports": "reports sought",
    "notretrieved_reports": "reports not retrieved",
    "awaiting_retrieval": "reports awaited",
    "assessed": "reports read in full",
    "awaiting_eligibility": "reports awaiting a decision",
    "excluded": "reports excluded",
    "included": "reports included",
    "new_studies": "studies included",
    "new_reports": "reports of included studies",
    "total_studies": "studies, with the previous version",
    "total_reports": "reports, with the previous version",
}


def name_of(key: str) -> str:
    """Return what a number of the flow counts, in words."""
    if key in _NAMES:
        return _NAMES[key]
    bare = key.removeprefix("dbr_").removeprefix("other_")
    return _NAMES.get(bare, bare.replace("_", " ")) + (" (other methods)" if key.startswith("other_") else "")


def compare(old: Side, new: Side) -> Summary:
    """Return what changed from `old` to `new`."""
    flow_keys = [key for key in new.numbers if "." not in key] + [
        key for key in old.numbers if "." not in key and key not in new.numbers
    ]
    changed: dict[str, Any] = {}
    lines: list[str] = []
    for key in flow_keys:
        before, after = old.numbers.get(key, (0, frozenset())), new.numbers.get(key, (0, frozenset()))
        if before == after:
            continue
        came, went = sorted(after[1] - before[1]), sorted(before[1] - after[1])
        changed[key] = {"old": before[0], "new": after[0], "came": came, "went": went}
        moved = f" ({len(came):,} came, {len(went):,} went)" if came and went else ""
        lines.append(f"  {name_of(key)}: {before[0]:,} → {after[0]:,}{moved}")
    added = {key: new.studies[key] for key in new.studies if key not in old.studies}
    removed = {key: old.studies[key] for key in old.studies if key not in new.studies}
    regrouped = {
        key: (old.studies[key], new.studies[key])
        for key in new.studies
        if key in old.studies and set(old.studies[key][1]) != set(new.studies[key][1])
    }
    lines += [f"  new study: {label} ({key})" for key, (label, _) in added.items()]
    lines += [f"  no longer included: {label} ({key})" for key, (label, _) in removed.items()]
    lines += [
        f"  other reports: {after[0]} ({key}): {len(before[1])} → {len(after[1])}"
        for key, (before, after) in regrouped.items()
    ]
    head = (
        f"From {old.name} to {new.name}: {counted(len(changed), 'number')} changed, "
        f"{counted(len(added), 'new study', 'new studies')}, {len(removed):,} no longer included."
    )
    return Summary(
        (head, *lines) if lines else (f"Nothing changed from {old.name} to {new.name}.",),
        {
            "old": old.name,
            "new": new.name,
            "numbers": changed,
            "studies": {
                "added": [{"id": key, "label": label} for key, (label, _) in added.items()],
                "removed": [{"id": key, "label": label} for key, (label, _) in removed.items()],
                "regrouped": list(regrouped),
            },
        },
    )
