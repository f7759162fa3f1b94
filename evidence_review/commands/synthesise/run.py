"""The tables of a review, written to its reports folder."""

from __future__ import annotations

from evidence_review.commands.synthesise import swim
from evidence_review.commands.synthesise.harvest import harvests
from evidence_review.commands.synthesise.maps import maps
from evidence_review.commands.synthesise.pool.review import pool_review
from evidence_review.commands.synthesise.write import slug, summary_of, write_tables
from evidence_review.state.standing import stand
from evidence_review.state.tables import Table, study_tables
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace


def tables(workspace: Workspace) -> Summary:
    """Write the tables that the protocol asks for; a table of characteristics where it asks for none."""
    snapshot = workspace.snapshot()
    made = study_tables(snapshot, stand(snapshot))
    if swim.wanted(snapshot.protocol.synthesis):
        made = (*made, swim.table(snapshot))
    named = named_apart(made)
    return summary_of(named, write_tables(workspace, "tables", named))


def everything(workspace: Workspace) -> Summary:
    """Write tables, and gap maps, harvest plots and pooled effects where the protocol asks for them."""
    plan = workspace.protocol.synthesis
    made = tables(workspace)
    lines, data = made.lines, dict(made.data)
    for asked, drawing in ((plan.maps, maps), (plan.directions, harvests)):
        if asked:
            drawn = drawing(workspace)
            lines, data["written"] = (*lines, *drawn.lines), [*data["written"], *drawn.data["written"]]
    if plan.pooling:
        pooled = pool_review(workspace)
        lines, data["pooled"] = (*lines, *pooled.lines), pooled.data
    return Summary(lines, data)


def named_apart(made: tuple[Table, ...]) -> dict[str, Table]:
    """Return tables by file name; two of one title get numbers."""
    named: dict[str, Table] = {}
    for table in made:
        name, number = slug(table.title), 2
        while name in named:
            name, number = f"{slug(table.title)}-{number}", number + 1
        named[name] = table
    return named
