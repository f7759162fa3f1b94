"""The tables of a review, written to its reports folder."""

from __future__ import annotations

from evidence_review.commands.synthesise.maps import maps
from evidence_review.commands.synthesise.write import slug, summary_of, write_tables
from evidence_review.state.standing import stand
from evidence_review.state.tables import Table, study_tables
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace


def tables(workspace: Workspace) -> Summary:
    """Write the tables that the protocol asks for; a table of characteristics where it asks for none."""
    snapshot = workspace.snapshot()
    named = named_apart(study_tables(snapshot, stand(snapshot)))
    return summary_of(named, write_tables(workspace, "tables", named))


def everything(workspace: Workspace) -> Summary:
    """Write tables, and gap maps where the protocol asks for them."""
    made = tables(workspace)
    if not workspace.protocol.synthesis.maps:
        return made
    drawn = maps(workspace)
    data = {**made.data, "written": [*made.data["written"], *drawn.data["written"]]}
    return Summary((*made.lines, *drawn.lines), data)


def named_apart(made: tuple[Table, ...]) -> dict[str, Table]:
    """Return tables by file name; two of one title get numbers."""
    named: dict[str, Table] = {}
    for table in made:
        name, number = slug(table.title), 2
        while name in named:
            name, number = f"{slug(table.title)}-{number}", number + 1
        named[name] = table
    return named
