"""The command line of `run`."""

from __future__ import annotations

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary


@click.command("run")
@click.pass_obj
@summarised
def command(state: State) -> Summary:
    """Do everything that needs no person, in order, and stop where people must act.

    Searches, loads, removes duplicates, writes the sheets that are due, takes back those that people filled in, and
    renders the report: final when nothing waits, otherwise as a draft that says what waits.

    \b
    Example:
      evidence-review run
    """
    from evidence_review.commands.run.run import run

    return run(state.workspace(), state.call)
