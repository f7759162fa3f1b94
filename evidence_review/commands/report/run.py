"""Render a review's report: everything folded afresh, refused where it does not add up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from evidence_review.commands.report import flow_diagram, known, material, prisma_csv, prose
from evidence_review.commands.report.appraisal import appraisal_tables
from evidence_review.commands.report.labels import Labels, labels
from evidence_review.commands.report.markdown import from_html
from evidence_review.commands.report.material import Material
from evidence_review.commands.report.numbers import Number, Numbers
from evidence_review.commands.report.page import page
from evidence_review.commands.report.render import environment, helpers, render
from evidence_review.errors import IdentityError, Problem
from evidence_review.state import identities
from evidence_review.state.flow import Count
from evidence_review.summary import Summary, counted
from evidence_review.workspace import protocol_file
from evidence_review.workspace.intact import library_faults
from evidence_review.workspace.transaction import sha256_file
from evidence_review.workspace.workspace import Workspace


def run(workspace: Workspace, *, draft: bool = False, language: str = "en") -> Summary:
    """Write the report, the diagram, the checklists and `numbers.json` to `reports/<review>/`.

    Raises:
        IdentityError: totals do not add up, a file of the library was changed, or something waits, and no `draft` is
            asked for; each fault is named.
    """
    words = labels(language)
    found = gather(workspace)
    refuse(workspace, found, draft=draft)
    files = documents(workspace, found, words)
    layout = workspace.layout
    with workspace.transaction("report", {"draft": draft, "language": language}) as tx:
        for name, data in files.items():
            tx.write(layout.reports / name, data)
        for name in sorted(found.prose):
            path = layout.beside_protocol / f"{name}.md"
            tx.read_input(layout.inside(path), sha256_file(path))
        for name, digest in known.items(workspace)[1].items():
            tx.read_input(name, digest)
        tx.counts = {"studies": found.flow.having("new_studies"), "reports": found.flow.having("new_reports")}
    return _summary(workspace, found, files)


def gather(workspace: Workspace) -> Material:
    """Fold the review as it stands."""
    layout = workspace.layout
    snapshot = workspace.snapshot()
    current = sha256_file(layout.protocol)
    return material.gather(snapshot, _versions(workspace), current, prose.read(layout.beside_protocol))


def _versions(workspace: Workspace) -> dict[str, Mapping[str, Any]]:
    """Return every kept version of the protocol, and today's, as plain values by sha256."""
    layout = workspace.layout
    found: dict[str, Mapping[str, Any]] = {}
    paths = {path.stem: path for path in sorted(layout.protocol_versions.glob("*.yml"))}
    paths.setdefault(sha256_file(layout.protocol), layout.protocol)
    if len(paths) == 1:
        return found
    for digest, path in paths.items():
        tree = protocol_file.tree_of(path.read_text(encoding="utf-8-sig"), layout.inside(path))
        plain = protocol_file.plain(tree)
        if isinstance(plain, dict):
            found[digest] = plain
    return found


def refuse(workspace: Workspace, found: Material, *, draft: bool) -> None:
    """Raise IdentityError where nothing final, or nothing at all, may be rendered."""
    layout = workspace.layout
    changed = list(library_faults(layout, found.snapshot.ledger))
    if changed:
        raise IdentityError("The library is not what the program wrote; no report is made of it.", changed)
    if draft:
        return
    broken = [
        Problem("totals", str(failure), "'evidence-review audit explain' tells each record's story.")
        for failure in identities.hard(found.failures)
    ]
    if broken:
        raise IdentityError(f"Totals do not add up: {counted(len(broken), 'identity', 'identities')} broken.", broken)
    if found.waiting:
        waits = [Problem("", f"{item.count:,} × {item.what}", f"Next: {item.todo}") for item in found.waiting]
        raise IdentityError(
            "The report is not final: something waits. 'evidence-review report --draft' renders what there is.", waits
        )


def documents(workspace: Workspace, found: Material, words: Labels) -> dict[str, bytes]:
    """Return every file of the report by its name in the report's folder."""
    numbers = Numbers(words)
    world = environment(workspace.layout.own_templates)
    given = material.context(found, words, numbers)
    given |= helpers(given) | _counting(numbers)
    given["appraisals"] = appraisal_tables(found, workspace.layout.beside_protocol / "tools")
    listed, _ = known.items(workspace)
    given["known_items"] = known.told(listed, found.snapshot, numbers)
    protocol = found.snapshot.protocol

    def draw(*, links: bool) -> str:
        return flow_diagram.draw(
            found.flow, words, protocol.title, adjustments=protocol.adjustments, draft=_draft_line(found, words),
            options=flow_diagram.Options(links=links),
        )  # fmt: skip

    svg = draw(links=False)
    inline = draw(links=True)
    alt = flow_diagram.describe(found.flow, words)
    html_body = render(world, "body.html.j2", {**given, **_pictures(inline)})
    given |= helpers(given)
    text_body = render(world, "body.html.j2", {**given, **_files(alt)})
    files = {
        "report.md": from_html(text_body).encode("utf-8", "replace"),
        "report.html": page(world, given, html_body, found).encode("utf-8", "replace"),
        "flow.svg": svg.encode("utf-8", "replace"),
        "flow.csv": prisma_csv.write(found.flow),
    }
    for checklist in given["checklists"]:
        files[f"checklists/{checklist.id}.csv"] = checklist.to_csv()
    files["numbers.json"] = _lines(_numbers(found, numbers))
    return files


def _draft_line(found: Material, words: Labels) -> str:
    waits = len(found.waiting) + len(identities.hard(found.failures))
    if not waits:
        return ""
    return f"{words('draft')}: " + "; ".join(
        [f"{item.what} ({words.number(item.count)})" for item in found.waiting]
        + [f"{failure.identity} does not hold" for failure in identities.hard(found.failures)]
    )


def _counting(numbers: Numbers) -> dict[str, Any]:
    """Return the functions by which templates make numbers of several boxes, counted lists and figures."""

    def total(key: str, boxes: tuple[str, ...]) -> Number:
        parts = [number.count for box in boxes if (number := numbers.get(box)) is not None]
        ids = tuple(record for part in parts for record in part.ids or ())
        unit = parts[0].unit if parts else "records"
        return numbers.add(key, Count(f"sum:{key}", unit, sum(part.n for part in parts), ids, note=" + ".join(boxes)))

    def tally(key: str, n: int) -> Number:
        return numbers.add(key, Count(f"sum:{key}", "items", n))

    return {"total": total, "counted": tally, "figure": numbers.figure}


def _pictures(inline: str) -> dict[str, Any]:
    def picture(name: str) -> Markup:
        return Markup(f'<div class="scroll" tabindex="0">{inline}</div>')  # noqa: S704 - made by our own writer

    return {"picture": picture}


def _files(alt: str) -> dict[str, Any]:
    def picture(name: str) -> Markup:
        return Markup('<img src="{}.svg" alt="{}">').format(name, alt)

    return {"picture": picture}


def _numbers(found: Material, numbers: Numbers) -> dict[str, Any]:
    return {
        "review": found.snapshot.protocol.review,
        "final": not found.waiting and not identities.hard(found.failures),
        "waiting": [{"what": item.what, "n": item.count, "ids": list(item.ids)} for item in found.waiting],
        "identities": [
            {
                "identity": failure.identity, "box": failure.box, "statement": failure.statement,
                "expected": failure.expected, "found": failure.found, "warning": failure.soft,
                "ids": list(failure.ids),
            }
            for failure in found.failures
        ],
        "adjustments": [item.model_dump() for item in found.snapshot.protocol.adjustments],
        "studies": [
            {"id": study.id, "label": study.label, "reports": list(study.reports)} for study in found.standing.studies
        ],
        **numbers.to_json(),
    }  # fmt: skip


def _lines(data: Mapping[str, Any]) -> bytes:
    """Return JSON with one number a line, so that a comparison of two renderings shows which changed."""

    def encode(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    parts = []
    for key, value in data.items():
        if isinstance(value, Mapping) and value:
            inner = ",\n".join(f"  {encode(name)}: {encode(item)}" for name, item in value.items())
            parts.append(f"{encode(key)}: {{\n{inner}\n}}")
        elif isinstance(value, list) and value:
            inner = ",\n".join(f"  {encode(item)}" for item in value)
            parts.append(f"{encode(key)}: [\n{inner}\n]")
        else:
            parts.append(f"{encode(key)}: {encode(value)}")
    text = "{\n" + ",\n".join(parts) + "\n}\n"
    return text.encode("utf-8", "replace")


def _summary(workspace: Workspace, found: Material, files: Mapping[str, bytes]) -> Summary:
    layout = workspace.layout
    place = layout.inside(layout.reports)
    studies, reports = found.flow.having("new_studies"), found.flow.having("new_reports")
    state = "Draft of the report" if found.waiting or identities.hard(found.failures) else "Report"
    lines = [
        f"{state}: {counted(studies, 'study', 'studies')} in {counted(reports, 'report')}; "
        f"{place}/report.html, report.md, flow.svg, numbers.json"
    ]
    lines += [f"Waits: {item.count:,} × {item.what}. Next: {item.todo}" for item in found.waiting]
    lines += [f"Warning: {failure}" for failure in found.failures if failure.soft]
    return Summary(
        tuple(lines),
        {
            "folder": place,
            "files": sorted(files),
            "final": not found.waiting,
            "studies": studies,
            "reports": reports,
            "waiting": [{"what": item.what, "n": item.count} for item in found.waiting],
            "numbers": {key: number.n for key, number in found.flow.counts.items()},
        },
    )


def read_numbers(path: Path) -> dict[str, Any]:
    """Return a `numbers.json`."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data
