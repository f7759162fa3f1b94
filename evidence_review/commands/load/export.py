"""`load export`: any set of a review's records to any format, so that work can go on in other programs."""

from __future__ import annotations

from pathlib import Path

from evidence_review.commands.load.convert import loss_data, loss_lines, write_out, writer_named
from evidence_review.errors import InputError
from evidence_review.formats.write import Loss, losses
from evidence_review.formats.write.tables import with_outcomes
from evidence_review.state import standing as places
from evidence_review.state.names import reason_label
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, stand
from evidence_review.summary import Summary
from evidence_review.workspace.layout import LIBRARY, SCREENING, Layout
from evidence_review.workspace.workspace import Workspace

_STATES = {
    "awaiting": (places.AWAITING_SCREENING, places.CONFLICT_SCREENING),
    "included": (places.INCLUDED,),
    "excluded": (places.EXCLUDED_SCREENING, places.EXCLUDED_ELIGIBILITY),
}
SETS = ("all", "unique", *_STATES)
_OUTCOME_COLUMNS = ("standing", "exclusion_reason", "decided_by")
_NOTHING = ("", "", "")
_SHOWN = 10


def run(workspace: Workspace, chosen: str, target: str, out: Path) -> Summary:
    """Write the records of one set to a file; the review itself is not changed.

    Raises:
        InputError: the set is empty, or the file would replace one of the review's own.
        StorageError: the file cannot be written.
    """
    writer = writer_named(target)
    _refuse_to_replace(workspace.layout, out)
    snapshot = workspace.snapshot()
    standing = stand(snapshot)
    records = [snapshot.records[record] for record in members_of(snapshot, standing, chosen)]
    if not records:
        raise InputError(f"No record is in the set '{chosen}' yet; nothing was written. See 'evidence-review status'.")
    lost = losses(records, writer)
    outcomes = _outcomes(snapshot, standing)
    if target in {"csv", "xlsx"}:
        pieces = with_outcomes(target, records, outcomes, _OUTCOME_COLUMNS)
    else:
        pieces = writer.write(records)
        lost += _unsaid([record.id for record in records if outcomes.get(record.id, _NOTHING)[1]], writer.label)
    write_out(out, pieces)
    line = f"{len(records)} records ({chosen}) written to {out} as {writer.label}"
    data = {"set": chosen, "to": target, "out": str(out), "records": len(records), **loss_data(lost)}
    return Summary((line, *loss_lines(lost)), data)


def _refuse_to_replace(layout: Layout, out: Path) -> None:
    """Keep what the review stands on: nothing goes into its library, and no protocol or sheet is written over."""
    place = out.resolve()
    kept = [layout.protocol, layout.beside_protocol, layout.folder / SCREENING]
    if place.is_relative_to((layout.folder / LIBRARY).resolve()) or (
        out.exists() and any(place.is_relative_to(own.resolve()) for own in kept)
    ):
        raise InputError(f"{out} is where the review keeps files of its own. Choose another place with --out.")


def _unsaid(excluded: list[str], label: str) -> list[Loss]:
    """Return that the reasons for which records were excluded do not go with them."""
    if not excluded:
        return []
    why = f"{label} has no field for it; CSV and XLSX have"
    return [Loss("exclusion_reason", len(excluded), tuple(excluded[:_SHOWN]), why)]


def members_of(snapshot: Snapshot, standing: Standing, chosen: str) -> list[str]:
    """Return the ids of a set, in the order of identification."""
    if chosen == "all":
        return list(snapshot.records)
    if chosen == "unique":
        return standing.clusters.keepers
    return standing.having(*_STATES[chosen])


def _outcomes(snapshot: Snapshot, standing: Standing) -> dict[str, list[str]]:
    """Return where each record stands, why it was excluded and by whom; a duplicate says of what."""
    found: dict[str, list[str]] = {}
    for record in snapshot.records:
        keeper = standing.clusters.keeper_of[record]
        if keeper != record:
            found[record] = [f"duplicate of {keeper}", "", ""]
            continue
        outcome = standing.full_text.get(keeper) or standing.title_abstract.get(keeper)
        reason = outcome.reason if outcome else ""
        label = reason_label(snapshot, reason)
        people = ", ".join(dict.fromkeys(decision.screener for decision in outcome.decisions)) if outcome else ""
        found[record] = [
            standing.state_of[keeper],
            f"{reason}: {label}" if label != reason else reason,
            people,
        ]
    return found
