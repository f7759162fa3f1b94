"""`fulltext attached`: keep the files that a team has already attached to the Zotero items which it pulled.

Zotero keeps an attached file in its data folder, at `storage/<key of the attachment>/<name of the file>`
(https://www.zotero.org/support/zotero_data). A linked file lies elsewhere, and one that was not synced nowhere here:
both are named, and left to people.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from evidence_review.commands.fulltext.keep import Kept, keep
from evidence_review.commands.fulltext.reports import Sought
from evidence_review.commands.fulltext.right_paper import check
from evidence_review.errors import UsageError
from evidence_review.formats import attachments
from evidence_review.model.events import PDF, XML
from evidence_review.summary import Summary, counted
from evidence_review.workspace.disk import storage_errors
from evidence_review.workspace.workspace import Workspace

_STORAGE = "storage"


@dataclass
class _Found:
    """What came of it: files kept by report, those that are not the paper, and those that do not lie here."""

    kept: dict[str, str] = field(default_factory=dict)
    other: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def run(workspace: Workspace, folder: Path, *, by: str = "", licence: str = "") -> Summary:
    """Keep, for each awaited report, the first of its records' attached files that is the paper.

    `folder` is Zotero's data folder, or its `storage`.

    Raises:
        UsageError: there is no such folder, or no such person in the team.
    """
    sought = Sought.read(workspace)
    team = [member.id for member in sought.snapshot.protocol.team]
    if by and by not in team:
        raise UsageError(f"'{by}' is not in the team: {', '.join(team)}.")
    storage = folder if folder.name == _STORAGE else folder / _STORAGE
    if not storage.is_dir():
        raise UsageError(
            f"{folder} has no folder '{_STORAGE}'. Zotero shows its data folder under Settings, Advanced, Files and "
            "Folders."
        )
    waiting = sought.waiting()
    if not waiting:
        return Summary((sought.nothing_awaited(),), {"awaited": 0, "kept": {}})
    found = _Found()
    for report in waiting:
        for key, name in _attached(sought, report):
            if report not in found.kept:
                _take(workspace, sought, report, storage / key, name, by, licence, found)
    lines = [f"{len(found.kept):,} of {counted(len(waiting), 'awaited report')} had the paper attached in Zotero."]
    lines += [f"  {report}: {name}" for report, name in found.kept.items()]
    lines += [f"Not taken: {told}" for told in found.other]
    lines += [f"Not in {storage}, so linked or not synced: {told}" for told in found.missing]
    return Summary(tuple(lines), {"awaited": len(waiting), "kept": found.kept, "missing": found.missing})


def _attached(sought: Sought, report: str) -> list[tuple[str, str]]:
    """Return the key and name of each file attached to an item of a report, in the order of its records."""
    notes = (note for citation in sought.citations(report) for note in citation.notes)
    return list(dict.fromkeys(pair for note in notes if (pair := attachments.read(note)) is not None))


def _take(
    workspace: Workspace, sought: Sought, report: str, place: Path, name: str, by: str, licence: str, found: _Found
) -> None:
    told = f"{report}: {place.name}/{name}"
    path = place / name
    # The name came from a library that others write to: it must not lead out of the attachment's folder.
    if path.parent != place or not path.is_file() or not path.resolve().is_relative_to(place.resolve()):
        found.missing.append(told)
        return
    with storage_errors(f"{path} was not read"):
        data = path.read_bytes()
    checked = check(data, sought.citations(report))
    if not checked.right:
        sure = f" Look at it; if it is the paper: 'fulltext add {path} --record {report} --sure'."
        found.other.append(f"{told}: {checked.why}." + (sure if checked.kind in (PDF, XML) else ""))
        return
    file, _ = keep(workspace, "fulltext-attached", Kept(
        report, data, checked.kind, checked.why, f"Zotero attachment {place.name}", by or "zotero", licence=licence,
        person=by,
    ))  # fmt: skip
    found.kept[report] = file
