"""`appraise plot`: traffic-light and summary pictures, of a robvis table or of what was appraised in a review."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evidence_review.commands.appraise.robvis import read_robvis, write_robvis
from evidence_review.commands.appraise.run import own_tools
from evidence_review.drawing.traffic_light import Judgements, summary, traffic_light
from evidence_review.errors import StorageError, UsageError
from evidence_review.forms import tools
from evidence_review.forms.tools import OVERALL, Tool
from evidence_review.state.standing import Standing, stand
from evidence_review.state.values import Values, fold, shown
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace

# robvis calls so a table of no tool in particular: its columns and answers are taken as they are.
GENERIC = Tool(id="generic", version="1", title="generic table", source="", answers={}, sections=())


def plot_file(path: Path, tool: str, out: Path) -> Summary:
    """Draw a robvis table into the folder `out`."""
    identifier = canonical(tool)
    if identifier not in (GENERIC.id, *tools.packaged()):
        known = ", ".join(tools.packaged())
        raise UsageError(f"There is no appraisal tool '{tool}', but 'generic' draws any table. There are: {known}.")
    chosen = GENERIC if identifier == GENERIC.id else tools.load(identifier)
    found = read_robvis(path, chosen)
    files = pictures(found.judgements, "", found.weights)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            partial = out / f".{name}.part"
            partial.write_bytes(data)
            partial.replace(out / name)
    except OSError as fault:
        raise StorageError(f"The pictures could not be written to {out}: {fault.strerror or fault}.") from fault
    return _told(found.judgements, [(out / name).as_posix() for name in files], _foreign(chosen, found.judgements))


def plot_review(workspace: Workspace, only: str) -> Summary:
    """Draw every tool's judgements of a review into its reports folder; `only` one tool's where it is named."""
    snapshot = workspace.snapshot()
    standing = stand(snapshot)
    values = fold(snapshot.values, standing)
    used = list(dict.fromkeys(snapshot.protocol.appraisal.tools.values()))
    if only and canonical(only) not in used:
        raise UsageError(f"The protocol does not name the tool '{only}'. It names: {', '.join(used) or 'none'}.")
    lines: list[str] = []
    written: list[str] = []
    with workspace.transaction("appraise-plot", {"tool": only}) as tx:
        for identifier in [canonical(only)] if only else used:
            data = judgements(tools.load(identifier, own_tools(workspace)), standing, values)
            if not data.rows:
                lines.append(f"{identifier}: nothing appraised yet, so there is no picture.")
                continue
            for name, content in pictures(data, f"{identifier}-").items():
                path = workspace.layout.reports / "appraisal" / name
                tx.draw(path, content)
                written.append(workspace.layout.inside(path))
        tx.counts["pictures"] = len(written)
    return Summary((*written, *lines), {"written": written})


def canonical(tool: str) -> str:
    """Return a tool's id for the names that robvis and people use: ROB2, RoB 2, ROBINS-I, QUADAS-2."""
    plain = "".join(mark for mark in tool.casefold() if mark.isalnum())
    known = {name.replace("-", ""): name for name in (*tools.packaged(), GENERIC.id)}
    return known.get(plain) or known.get(plain.removesuffix("cluster"), tool)


def judgements(tool: Tool, standing: Standing, values: Values) -> Judgements:
    """Return what was judged with a tool: studies in the order of the review, items that anybody answered."""
    rows: list[tuple[str, dict[str, str]]] = []
    for study in standing.studies:
        cells = {cell.place.field: cell for cell in values.of_study(study.id, tool.id)}
        answers = {name: shown(cell.final) or "not settled" for name, cell in cells.items()}
        if answers:
            rows.append((study.label, answers))
    domains = [(item.id, item.prompt) for item in tool.items if any(item.id in answers for _, answers in rows)]
    if any(OVERALL in answers for _, answers in rows):
        domains.append((OVERALL, "Overall"))
    levels: Mapping[str, str] = {**tool.answers, **tool.overall.answers, "not applicable": "none"}
    drawn = [(study, tuple(answers.get(name, "") for name, _ in domains)) for study, answers in rows]
    return Judgements(f"Appraisal: {tool.title}", domains, drawn, levels, OVERALL)


def pictures(data: Judgements, prefix: str, weights: tuple[float, ...] = ()) -> dict[str, bytes]:
    """Return the files: both pictures, and the table that robvis reads."""
    return {
        f"{prefix}traffic-light.svg": traffic_light(data).encode("utf-8"),
        f"{prefix}summary.svg": summary(data, weights).encode("utf-8"),
        f"{prefix}robvis.csv": write_robvis(data, weights),
    }


def _foreign(tool: Tool, data: Judgements) -> list[str]:
    """Return the answers that are no answers of the tool: the table may be another tool's."""
    own = {*tool.answers, *tool.overall.answers}
    return sorted({answer for _, given in data.rows for answer in given if answer} - own) if own else []


def _told(data: Judgements, written: list[str], foreign: list[str]) -> Summary:
    domains = sum(name != data.overall for name, _ in data.domains)
    whole = " and the overall judgement" if domains < len(data.domains) else ""
    told = f"{counted(len(data.rows), 'study', 'studies')}, {counted(domains, 'domain')}{whole}"
    if foreign:
        told += f"; drawn as they stand, though the tool has no such answers: {', '.join(foreign)}"
    return Summary(
        (told, *written), {"studies": len(data.rows), "domains": domains, "written": written, "foreign": foreign}
    )
