"""Render a review's report: everything folded afresh, refused where it does not add up."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from evidence_review.commands.report import after_inclusion, appraisal, known, material, prose, rendition
from evidence_review.commands.report.checklists import Checklist
from evidence_review.commands.report.material import Material
from evidence_review.commands.report.rendition import LAYOUTS, Rendition, Wishes
from evidence_review.errors import IdentityError, Problem
from evidence_review.state import identities
from evidence_review.state.flow import Flow
from evidence_review.state.waiting import Waiting
from evidence_review.summary import Summary, counted
from evidence_review.workspace import protocol_file
from evidence_review.workspace.disk import sha256_file
from evidence_review.workspace.handed_out import with_sheets
from evidence_review.workspace.intact import absent_copies, library_faults
from evidence_review.workspace.layout import LIBRARY, Layout
from evidence_review.workspace.protocol_file import to_fill_in
from evidence_review.workspace.transaction import Transaction
from evidence_review.workspace.workspace import Workspace


def run(workspace: Workspace, *, draft: bool = False, wishes: Wishes | None = None) -> Summary:
    """Write the report, the diagram, the checklists and `numbers.json` to `reports/<review>/`.

    Raises:
        IdentityError: totals do not add up, a file of the library was changed, or something waits, and no `draft` is
            asked for; each fault is named.
        UsageError: a language, layout, style or format that does not exist.
        InputError: a template or a file of the authors is wrong, or the extra `documents` is not installed.
    """
    wanted = wishes or Wishes()
    wanted.check()
    with _no_collection():
        found = gather(workspace)
        refuse(workspace, found, draft=draft)
        made = rendition.make(workspace, found, wanted)
    layout = workspace.layout
    arguments = {"draft": draft, "language": wanted.language, "layout": wanted.layout, "to": list(wanted.formats)}
    with workspace.transaction("report", arguments) as tx:
        for name, data in made.files.items():
            tx.write(layout.reports / name, data)
        note_inputs(tx, workspace, found)
        tx.counts = {"studies": found.flow.having("new_studies"), "reports": found.flow.having("new_reports")}
    return _summary(workspace, found, wanted, made)


def note_inputs(tx: Transaction, workspace: Workspace, found: Material) -> None:
    """Note in the ledger which files beside the protocol were read: prose, answers, known items."""
    layout = workspace.layout
    paths = [layout.beside_protocol / f"{name}.md" for name in sorted(found.prose)]
    tx.saw(layout.inside(path) for path in (*paths, layout.checklist_answers) if path.is_file())
    for name, digest in known.items(workspace)[1].items():
        tx.read_input(name, digest)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Leave the garbage collector off: reading makes a million values that all stay, and looking for cycles among
    them takes a quarter of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()  # or the collector would now look through all that was read, once, for a sixth of the time
            gc.enable()


def gather(workspace: Workspace) -> Material:
    """Fold the review as it stands."""
    layout = workspace.layout
    snapshot = workspace.snapshot()
    current = sha256_file(layout.protocol)
    return material.gather(
        snapshot,
        _Versions(layout, current),
        current,
        prose.read(layout.beside_protocol),
        after_inclusion.pooled(layout, snapshot.ledger),
        {tool.id: tool.title for tool in appraisal.tools_of(snapshot.protocol, layout.beside_protocol / "tools")},
    )


class _Versions(Mapping[str, Mapping[str, Any]]):
    """Every kept version of the protocol, and today's, as plain values by sha256; read only when asked for."""

    def __init__(self, layout: Layout, current: str) -> None:
        self._layout = layout
        self._paths = {current: layout.protocol}
        self._paths |= {path.stem: path for path in sorted(layout.protocol_versions.glob("*.yml"))}

    def __getitem__(self, digest: str) -> Mapping[str, Any]:
        path = self._paths[digest]
        tree = protocol_file.tree_of(path.read_text(encoding="utf-8-sig"), self._layout.inside(path))
        values = protocol_file.plain(tree)
        return values if isinstance(values, dict) else {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def refuse(workspace: Workspace, found: Material, *, draft: bool) -> None:
    """Raise IdentityError where nothing final, or nothing at all, may be rendered."""
    layout = workspace.layout
    ledger = found.snapshot.ledger
    changed = list(library_faults(layout, ledger, absent_copies(layout, ledger)))
    if changed:
        raise IdentityError("The library is not what the program wrote; no report is made of it.", changed)
    if draft:
        return
    if not found.snapshot.records:
        raise IdentityError(
            "There are no records yet, so there is nothing to report. Start with 'evidence-review load' or "
            "'evidence-review search'; 'evidence-review report --draft' renders the plan."
        )
    broken = [
        Problem("totals", str(failure), "'evidence-review audit explain' tells each record's story.")
        for failure in identities.hard(found.failures)
    ]
    if broken:
        raise IdentityError(f"Totals do not add up: {counted(len(broken), 'identity', 'identities')} broken.", broken)
    if found.waiting:
        waits = [
            Problem("", f"{item.count:,} × {item.what}", f"Next: {item.todo}") for item in _waits(workspace, found)
        ]
        raise IdentityError(
            "The report is not final: something waits. 'evidence-review report --draft' renders what there is.", waits
        )


def _waits(workspace: Workspace, found: Material) -> list[Waiting]:
    """Return what waits, for the person at the keyboard; the document itself knows nothing of sheets that are out."""
    return with_sheets(found.waiting, workspace.layout, found.snapshot, found.standing)


def included(flow: Flow) -> str:
    """Return how many studies are included, in an update those that are new and all."""
    studies, reports = flow.having("new_studies"), flow.having("new_reports")
    if not flow.is_update:
        return f"{counted(studies, 'study', 'studies')} in {counted(reports, 'report')}"
    words = f"{counted(studies, 'new study', 'new studies')} in {counted(reports, 'report')}"
    return f"{words}, {flow.having('total_studies')} studies in all" if flow.having("total_studies") else words


def _summary(workspace: Workspace, found: Material, wanted: Wishes, made: Rendition) -> Summary:
    layout, files = workspace.layout, made.files
    place = layout.inside(layout.reports)
    stem = LAYOUTS[wanted.layout]
    studies, reports = found.flow.having("new_studies"), found.flow.having("new_reports")
    state = "Draft of the report" if found.waiting or identities.hard(found.failures) else "Report"
    lines = [
        f"{state}: {included(found.flow)}; "
        f"{place}/{stem}.html, {', '.join(name for name in sorted(files) if _for_people(name, stem))}"
    ]
    lines += [f"Waits: {item.count:,} × {item.what}. Next: {item.todo}" for item in _waits(workspace, found)]
    lines += [f"Warning: {failure}" for failure in found.failures if failure.soft]
    if unfilled := to_fill_in(layout.protocol):
        lines.append(
            f"Warning: {counted(len(unfilled), 'place')} of the protocol still to be filled in, from line "
            f"{unfilled[0][0]} on; the report shows them as they stand. 'evidence-review protocol check' lists them."
        )
    lines += made.notes
    scores = "; ".join(_score(one) for one in made.checklists)
    lines.append(f"Items reported: {scores}. {place}/checklists/completeness.csv names what only you can say.")
    if not layout.checklist_answers.is_file() and any(one.left for one in made.checklists):
        lines.append("'evidence-review report checklists' writes a sheet in which you can answer it.")
    old = _older(workspace, found, files)
    if old:
        lines.append(f"Older than the records, and not rendered this time: {', '.join(old)}.")
    return Summary(
        tuple(lines),
        {
            "folder": place,
            "files": sorted(files),
            "final": not found.waiting,
            "studies": studies,
            "reports": reports,
            "waiting": [{"what": item.what, "n": item.count} for item in found.waiting],
            "checklists": {
                one.id: {"reported": len(one.done), "answered": len(one.answered), "items": len(one.items)}
                for one in made.checklists
            },
            "numbers": {key: number.n for key, number in found.flow.counts.items()},
        },
    )


def _score(one: Checklist) -> str:
    answered = f" and {len(one.answered)} by your answers" if one.answered else ""
    return f"{one.title} {len(one.done)} of {len(one.items)}{answered}"


def _older(workspace: Workspace, found: Material, files: Mapping[str, bytes]) -> list[str]:
    """Return what earlier renderings left in the report's folder from before the library last changed."""
    layout = workspace.layout
    folder = f"{layout.inside(layout.reports)}/"
    written: dict[str, int] = {}
    changed = 0
    for entry in found.snapshot.ledger:
        for path in entry.outputs:
            if path.startswith(f"{LIBRARY}/"):
                changed = entry.seq
            elif entry.verb == "report" and path.startswith(folder):
                written[path.removeprefix(folder)] = entry.seq
    return sorted(
        name
        for name, seq in written.items()
        if seq < changed and name not in files and (layout.reports / name).is_file()
    )


def _for_people(name: str, stem: str) -> bool:
    return name in ("flow.svg", "flow.png", "numbers.json") or (
        name.startswith(f"{stem}.") and not name.endswith("html")
    )
