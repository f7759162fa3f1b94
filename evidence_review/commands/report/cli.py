"""The command line of `report`."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_review.console import summarised
from evidence_review.summary import Summary


@click.group("report")
def command() -> None:
    """Render the report; check flow diagrams.

    \b
    Examples:
      evidence-review report check-flow PRISMA.csv
    """


@command.command("check-flow")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--adjust", multiple=True, metavar="I3=2", help="A declared difference, added to what is expected.")
@summarised
def check_flow(file: Path, adjust: tuple[str, ...]) -> Summary:
    """Check the numbers of a flow diagram made elsewhere; no review folder is needed.

    FILE is in the form of the R package PRISMA2020's template; its columns 'data' and 'n' are enough. Exits 4 where
    the numbers do not add up, naming the identity, what was expected and what was found.
    """
    from evidence_review.commands.report.check_flow import check_flow

    return check_flow(file, adjust)
