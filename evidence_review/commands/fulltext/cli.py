"""The command line of `fulltext`."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary


@click.group("fulltext")
def command() -> None:
    """Keep account of full texts: what was sought, where, and whether it came by the cut-off date.

    \b
    Example:
      evidence-review fulltext sheet
      (fill in screening/<review>/full-text/retrieval.csv)
      evidence-review fulltext collect
    """


@command.command("sheet")
@click.option("--format", "file_format", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True)
@click.pass_obj
@summarised
def sheet(state: State, file_format: str) -> Summary:
    """Write a sheet of the reports to seek; one that exists is never touched.

    \b
    Example:
      evidence-review fulltext sheet
    """
    from evidence_review.commands.fulltext.sheet import run

    return run(state.workspace(), file_format)


@command.command("collect")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.pass_obj
@summarised
def collect(state: State, files: tuple[Path, ...]) -> Summary:
    """Take back retrieval sheets: retrieved, not-retrieved, or sought while you wait.

    \b
    Example:
      evidence-review fulltext collect
    """
    from evidence_review.commands.fulltext.collect import run

    return run(state.workspace(), files)


@command.command("status")
@click.pass_obj
@summarised
def status(state: State) -> Summary:
    """Tell how many full texts came, and the days to the cut-off date."""
    from evidence_review.commands.fulltext.status import run

    return run(state.workspace())
