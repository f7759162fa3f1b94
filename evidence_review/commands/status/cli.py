"""The command line of `status`."""

from __future__ import annotations

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary


@click.command("status")
@click.pass_obj
@summarised
def command(state: State) -> Summary:
    """Say where the review stands, what waits for whom, what to do next, and how many days are left.

    \b
    Example:
      evidence-review status
    """
    from evidence_review.commands.status.run import run

    return run(state.workspace())
