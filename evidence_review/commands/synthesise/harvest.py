"""Harvest plots of the protocol's effect directions."""

from __future__ import annotations

from evidence_review.commands.synthesise.write import slug
from evidence_review.drawing.harvest import Bar, Harvest, draw
from evidence_review.model.synthesis import Directions
from evidence_review.state.directions import DOWN, MIXED, UP, directed, tested
from evidence_review.state.standing import Standing, stand
from evidence_review.state.table_parts import Source, find_field, source_of
from evidence_review.state.values import answers_of
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace

# Where the protocol does not say, or a study's design is not extracted.
_HEIGHT = 2


def harvests(workspace: Workspace) -> Summary:
    """Draw a harvest plot of each effect direction table into `reports/<review>/plots/`."""
    snapshot = workspace.snapshot()
    standing = stand(snapshot)
    source = source_of(snapshot, standing)
    written = []
    with workspace.transaction("synthesise-harvest") as tx:
        for asked in snapshot.protocol.synthesis.directions:
            data = harvest(source, standing, asked)
            if data.domains:
                path = workspace.layout.reports / "plots" / f"{slug(asked.title)}.svg"
                tx.draw(path, draw(data).encode("utf-8"))
                written.append(workspace.layout.inside(path))
        tx.counts["plots"] = len(written)
    return Summary(tuple(written), {"written": written})


def harvest(source: Source, standing: Standing, asked: Directions) -> Harvest:
    """Place each study under the direction of what it found in each domain."""
    read = directed(source, standing, asked)
    names = {DOWN: asked.negative, MIXED: "mixed or none", UP: asked.positive}
    shown = [study for study in standing.studies if read.says(study.id)]
    bars = {
        study.id: Bar(place, study.label, _height(source, study.id, asked))
        for place, study in enumerate(shown, start=1)
    }
    cells: dict[tuple[str, str], list[Bar]] = {}
    found = read.found
    for study in shown:
        for domain in read.domains:
            if (study.id, domain) in found:
                cells.setdefault((domain, names[found[study.id, domain]]), []).append(bars[study.id])
    heights: dict[int, str] = {}
    for answer, height in asked.heights.items():
        heights[height] = f"{heights[height]}, {answer}" if height in heights else answer
    tests = {domain: f"Sign test: {tested(found, domain)}" for domain in read.domains}
    return Harvest(f"Harvest plot: {asked.title}", read.domains, tuple(names.values()), cells, tests, heights)


def _height(source: Source, study: str, asked: Directions) -> int:
    found = find_field(source.form, asked.height, "") if asked.height else None
    if source.form is None or found is None:
        return _HEIGHT
    cell = source.values.cell(study, source.form.id, found[1].id)
    given = answers_of(found[1].type, cell.final.value) if cell is not None and cell.final is not None else ()
    return max((asked.heights.get(answer, _HEIGHT) for answer in given), default=_HEIGHT)
