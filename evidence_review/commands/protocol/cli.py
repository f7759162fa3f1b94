"""The command line of `protocol`."""

from __future__ import annotations

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary


@click.group("protocol")
def command() -> None:
    """Check, show or amend the protocol.

    \b
    Examples:
      evidence-review protocol check
      evidence-review protocol amend --section screening.full_text.mode --to single --reason "one screener left"
    """


@command.command("check")
@click.pass_obj
@summarised
def check(state: State) -> Summary:
    """Name every problem of the protocol at once, each with its line and a remedy."""
    from evidence_review.commands.protocol.run import check

    return check(state.workspace())


@command.command("show")
@click.pass_obj
@summarised
def show(state: State) -> Summary:
    """Print the plan in short, as the program understands it."""
    from evidence_review.commands.protocol.run import show

    return show(state.workspace())


@command.command("amend")
@click.option(
    "--section", default="", help="Which part, such as screening.full_text.mode or sources.pubmed.searched_on."
)
@click.option("--to", "new", default=None, help="The new value. Without it, what you changed by hand is logged.")
@click.option("--reason", required=True, help="Why; it stands in the report.")
@click.option("--stage", default="", help="After which stage of the review, such as 'after screening'.")
@click.pass_obj
@summarised
def amend(state: State, section: str, new: str | None, reason: str, stage: str) -> Summary:
    """Change the protocol, or log what was changed by hand, with date, reason and hash."""
    from evidence_review.commands.protocol.amend import amend

    return amend(state.workspace(), section, new, reason, stage)
