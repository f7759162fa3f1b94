"""Evidence gap maps: a picture, and one HTML file that filters and opens its cells without any network."""

from __future__ import annotations

from importlib import resources
from typing import Any

from jinja2 import DictLoader
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from evidence_review.commands.synthesise.write import slug
from evidence_review.drawing.gap_map import SHADES, Bubbles, Shade, draw, shades
from evidence_review.drawing.single_file import policy, script_data
from evidence_review.drawing.traffic_light import LOOKS
from evidence_review.errors import InputError
from evidence_review.forms import tools
from evidence_review.model.protocol import Protocol
from evidence_review.model.record import Citation
from evidence_review.state.gap_map import Mapped, gap_map
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import stand
from evidence_review.state.table_parts import source_of
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace

NO_COLOUR = "not judged"


def maps(workspace: Workspace) -> Summary:
    """Write the protocol's gap maps to `reports/<review>/maps/`, as SVG and as HTML.

    Raises:
        InputError: the protocol asks for none.
    """
    snapshot = workspace.snapshot()
    asked = snapshot.protocol.synthesis.maps
    if not asked:
        raise InputError(
            "The protocol asks for no gap map. Add 'synthesis: {maps: [{title: …, rows: FIELD, columns: FIELD}]}'."
        )
    standing = stand(snapshot)
    source = source_of(snapshot, standing)
    written: list[str] = []
    lines: list[str] = []
    with workspace.transaction("synthesise-map") as tx:
        for place, plan in enumerate(asked, start=1):
            found = gap_map(source, standing, plan)
            tints = _tints(found, snapshot.protocol, plan.colour, workspace)
            name = slug(plan.title) if slug(plan.title) != "table" else f"map-{place}"
            files = {f"{name}.svg": draw(_bubbles(found, tints)), f"{name}.html": page(found, tints, snapshot)}
            for file, text in files.items():
                path = workspace.layout.reports / "maps" / file
                tx.draw(path, text.encode("utf-8"))
                written.append(workspace.layout.inside(path))
            gaps = sum((row, column) not in found.cells for row in found.rows for column in found.columns)
            lines.append(f"{plan.title}: {gaps} of {len(found.rows) * len(found.columns)} cells have no study.")
        tx.counts["maps"] = len(asked)
    return Summary((*lines, *written), {"written": written})


def _tints(found: Mapped, protocol: Protocol, colour: str, workspace: Workspace) -> tuple[Shade, ...]:
    """Return the shades of a map: those of a tool's levels, else one an answer, light to dark."""
    if not found.colours and not found.colour:
        return ()
    if colour in protocol.appraisal.tools.values():
        tool = tools.load(colour, workspace.layout.beside_protocol / "tools")
        looks = {answer: LOOKS[level] for answer, level in tool.overall.answers.items()}
        made = tuple(
            Shade(answer, looks[answer].fill, looks[answer].ink) for answer in looks if answer in found.colours
        )
        others = tuple(Shade(answer, SHADES[0]) for answer in found.colours if answer not in looks)
        made = (*made, *others)
    else:
        made = shades(found.colours)
    missing = {study.id for cell in found.cells.values() for study in cell} - set(found.colour)
    return (*made, Shade(NO_COLOUR, "#ffffff")) if missing else made


def _bubbles(found: Mapped, tints: tuple[Shade, ...]) -> Bubbles:
    cells: dict[tuple[str, str], dict[str, int]] = {}
    for key, studies in found.cells.items():
        counts = cells.setdefault(key, {})
        for study in studies:
            answer = found.colour.get(study.id, NO_COLOUR) if tints else ""
            counts[answer] = counts.get(answer, 0) + 1
    return Bubbles(
        found.title, found.rows, found.columns, found.row_label, found.column_label, cells, tints,
        found.colour_label, found.notes,
    )  # fmt: skip


def page(found: Mapped, tints: tuple[Shade, ...], snapshot: Snapshot) -> str:
    """Return the interactive map: one file, no network, titles as text and never as markup."""
    style, script = _part("gap-map.css"), _part("gap-map.js.j2")
    environment = SandboxedEnvironment(
        loader=DictLoader({"page": _part("gap-map.html.j2")}), autoescape=True, trim_blocks=True
    )
    rows = [
        {"name": row, "first": place == 0, "cells": [{"column": column} for column in found.columns]}
        for place, row in enumerate(found.rows)
    ]
    return environment.get_template("page").render(
        title=found.title, rows=rows, columns=found.columns, row_label=found.row_label,
        column_label=found.column_label, shades=tints, shade_label=found.colour_label, notes=found.notes,
        style=Markup(style), script=Markup(script),  # noqa: S704 - both are files of this package
        policy=policy(style, script), data=script_data(_data(found, tints, snapshot)),
    )  # fmt: skip


def _data(found: Mapped, tints: tuple[Shade, ...], snapshot: Snapshot) -> dict[str, Any]:
    studies: dict[str, Any] = {}
    cells: dict[str, dict[str, list[str]]] = {}
    for (row, column), there in found.cells.items():
        cells.setdefault(row, {})[column] = [study.id for study in there]
        for study in there:
            citation: Citation = snapshot.records[study.reports[0]].citation
            studies[study.id] = {
                "label": study.label, "title": citation.title, "year": citation.year or "", "doi": citation.doi,
                "colour": found.colour.get(study.id, NO_COLOUR) if tints else "",
            }  # fmt: skip
    drawn = tints or (Shade("", SHADES[0]),)
    counts = [count for cell in _bubbles(found, tints).cells.values() for count in cell.values()]
    return {
        "columns": list(found.columns), "cells": cells, "studies": studies, "most": max(counts, default=1),
        "shades": [{"answer": one.answer, "fill": one.fill, "ink": one.ink} for one in drawn],
    }  # fmt: skip


def _part(name: str) -> str:
    folder = resources.files("evidence_review.commands.synthesise") / "templates"
    return (folder / name).read_text(encoding="utf-8")
