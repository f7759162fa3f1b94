"""The command line of `update`."""

from __future__ import annotations

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary


@click.command("update")
@click.option("--since", default="", metavar="DATE", help="Search from this day on. Default: the last search.")
@click.option("--overlap", type=click.IntRange(0), default=30, show_default=True, help="Days to go back before it.")
@click.pass_obj
@summarised
def command(state: State, since: str, overlap: int) -> Summary:
    """Search and load again, look for duplicates among everything, and issue sheets for what is new.

    \b
    Example:
      evidence-review update
    """
    from evidence_review.commands.update.run import run

    return run(state.workspace(), state.call, since=since, overlap=overlap)
