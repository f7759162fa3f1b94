"""Reports of one study, joined by a person, and the joining taken back."""

from __future__ import annotations

from collections.abc import Iterator

from evidence_review.errors import InputError, UsageError, suggest
from evidence_review.forms.desk import lookup
from evidence_review.forms.found import latest_values
from evidence_review.model.events import StudyLink
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, stand
from evidence_review.state.values import study_of
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace

LINKED, UNDONE = "linked", "undone"


def link(workspace: Workspace, report: str, study: str, by: str, label: str) -> Summary:
    """Say that `report` belongs to `study` (its id, or any of its reports)."""
    with workspace.transaction("extract-link", {"report": report, "study": study, "by": by}) as tx:
        snapshot = workspace.snapshot()
        standing = stand(snapshot)
        keeper = _report(standing, report)
        person = _person(snapshot, by)
        target = lookup(standing, snapshot.gone).get(study.strip().casefold())
        if target is None:
            raise UsageError(
                f"There is no study '{study}'. {suggest(study, [one.id for one in standing.studies])}".strip()
            )
        before = next(one for one in standing.studies if keeper in one.reports)
        if before.id == target and not (label and label != before.label):
            return Summary((f"{keeper} is a report of study {target} already.",), {"study": target, "changed": False})
        tx.add_events([StudyLink(LINKED, keeper, target, label, person, tx.when)])
    after = next(one for one in stand(workspace.snapshot()).studies if keeper in one.reports)
    words = f"{keeper} is now a report of study {after.id} ({after.label}), with {len(after.reports)} reports."
    lines = (words, *_filled_in_twice(snapshot, standing, before.id, target))
    return Summary(lines, {"study": after.id, "reports": list(after.reports), "changed": True})


def _filled_in_twice(snapshot: Snapshot, standing: Standing, one: str, other: str) -> Iterator[str]:
    """Say whose sheets have a row for each of two studies that are one now."""
    studies_of: dict[str, set[str]] = {}
    for person, _, place in latest_values(snapshot.values, study_of(standing)):
        studies_of.setdefault(person, set()).add(place.study)
    people = sorted(person for person, studies in studies_of.items() if {one, other} <= studies)
    if people:
        yield f"Both studies were filled in by {', '.join(people)}: in each cell the newer value holds for now."
        yield "Keep one row for the study in each of their sheets, then collect."


def unlink(workspace: Workspace, report: str, by: str) -> Summary:
    """Take back what a person said about the study of `report`."""
    with workspace.transaction("extract-unlink", {"report": report, "by": by}) as tx:
        snapshot = workspace.snapshot()
        standing = stand(snapshot)
        keeper = _report(standing, report)
        person = _person(snapshot, by)
        members = standing.clusters.members_of[keeper]
        said = [event for event in snapshot.links if event.record in members]
        if not said or said[-1].event == UNDONE:
            return Summary((f"No person linked {keeper}, so there is nothing to take back.",), {"changed": False})
        tx.add_events([StudyLink(UNDONE, keeper, said[-1].study, "", person, tx.when)])
    after = next(one for one in stand(workspace.snapshot()).studies if keeper in one.reports)
    return Summary(
        (f"{keeper} is now a report of study {after.id} ({after.label}).",), {"study": after.id, "changed": True}
    )


def _report(standing: Standing, report: str) -> str:
    keeper = standing.clusters.keeper_of.get(report.strip().upper())
    included = [one for study in standing.studies for one in study.reports]
    if keeper is None:
        raise UsageError(f"There is no record '{report}'. {suggest(report, included)}".strip())
    if keeper not in included:
        raise InputError(
            f"{keeper} is not included: it is {standing.state_of[keeper]}. Only included reports make studies."
        )
    return keeper


def _person(snapshot: Snapshot, by: str) -> str:
    team = [member.id for member in snapshot.protocol.team]
    if by not in team:
        raise UsageError(f"'{by}' is not in the team. {suggest(by, team)}".strip())
    return by
