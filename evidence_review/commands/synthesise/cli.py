"""The command line of `synthesise`."""

from __future__ import annotations

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary


@click.group("synthesise", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the summary for programs on stdout.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> Summary | None:
    """Write the tables that the protocol asks for; or, with a sub-command, a matrix, a map, pooled effects.

    \b
    Example:
      evidence-review synthesise
    """
    if context.invoked_subcommand is not None:
        return None
    summary: Summary = context.invoke(tables, as_json=as_json)
    return summary


@command.command("tables")
@click.pass_obj
@summarised
def tables(state: State) -> Summary:
    """Write tables of the included studies as CSV and Markdown."""
    from evidence_review.commands.synthesise.run import tables as run

    return run(state.workspace())
