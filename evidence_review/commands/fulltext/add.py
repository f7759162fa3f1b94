"""`fulltext add`: keep a copy that a person got elsewhere, after a look whether it is the paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from evidence_review.commands.fulltext.keep import Kept, keep
from evidence_review.commands.fulltext.reports import Sought
from evidence_review.commands.fulltext.right_paper import Checked, check
from evidence_review.errors import InputError, Problem, SheetError, UsageError, suggest
from evidence_review.model.events import PDF, XML
from evidence_review.summary import Summary
from evidence_review.workspace.disk import storage_errors
from evidence_review.workspace.workspace import Workspace

_ID = re.compile(r"R-[0-9A-Z]{8}", re.IGNORECASE)


def run(
    workspace: Workspace,
    files: Sequence[Path],
    *,
    record: str = "",
    by: str = "",
    where: str = "",
    licence: str = "",
    sure: bool = False,
) -> Summary:
    """Keep copies of full texts, all or none.

    A file is that of `record`, else of the report whose id its name begins with, else of the one report whose title
    or DOI stands in it. `sure` says that a person looked, where the program cannot tell.

    Raises:
        UsageError: no such record or person.
        SheetError: with every file that cannot be taken, and why; nothing was taken.
    """
    sought = Sought.read(workspace)
    team = [member.id for member in sought.snapshot.protocol.team]
    if by and by not in team:
        raise UsageError(f"'{by}' is not in the team. {suggest(by, team)}".strip())
    if record and len(files) > 1:
        raise UsageError("'--record' goes with one file; name several files by their record ids: R-7K2M9QXD.pdf.")
    problems: list[Problem] = []
    found: list[tuple[Path, Kept]] = []
    for path in files:
        with storage_errors(f"{path.name} was not read"):
            data = path.read_bytes()
        taken = _one(sought, path, data, record, sure=sure, problems=problems)
        if taken is not None:
            report, checked = taken
            found.append((path, Kept(
                report, data, checked.kind, checked.why, where or "got elsewhere", by, licence=licence, person=by
            )))  # fmt: skip
    if problems:
        raise SheetError("Nothing was taken.", problems)
    lines, kept = [], {}
    for path, one in found:
        name, new = keep(workspace, "fulltext-add", one)
        kept[one.report] = name
        lines.append(f"{path.name} is {one.report} ({one.check}): " + (name if new else f"{name} is there already"))
    return Summary(tuple(lines), {"kept": kept})


def _one(
    sought: Sought, path: Path, data: bytes, record: str, *, sure: bool, problems: list[Problem]
) -> tuple[str, Checked] | None:
    report = _named(sought, path, record)
    if not report:
        bare = check(data, ())
        if bare.kind not in (PDF, XML):
            problems.append(Problem(path.name, bare.why, "Get the file itself."))
            return None
        for one in sought.reports:
            checked = check(data, sought.citations(one))
            if checked.right:
                return one, checked
        what = "no report of this review has a title or DOI that stands on its first pages"
        problems.append(Problem(path.name, what, "Say which it is: '--record R-…'."))
        return None
    checked = check(data, sought.citations(report))
    if checked.right or (sure and checked.kind in (PDF, XML)):
        why = checked.why if checked.right else f"a person looked; {checked.why}"
        return report, Checked(checked.kind, True, why)
    remedy = "Look at it; if it is the paper, say '--sure'." if checked.kind in (PDF, XML) else "Get the file itself."
    problems.append(Problem(path.name, f"not {report}: {checked.why}", remedy))
    return None


def _named(sought: Sought, path: Path, record: str) -> str:
    """Return the report that a person named, by option or in the file's name; "" where nobody did."""
    match = _ID.match(path.name)
    wanted = record.strip().upper() or (match.group().upper() if match else "")
    if not wanted:
        return ""
    report = sought.standing.clusters.keeper_of.get(wanted, "")
    if not report:
        raise UsageError(f"There is no record '{wanted}'. {suggest(wanted, sought.reports)}".strip())
    if report not in sought.standing.full_text:
        raise InputError(f"{report} was not let through by title and abstract screening, so no full text is sought.")
    return report
