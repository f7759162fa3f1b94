"""The command line of `init`."""

from __future__ import annotations

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary


@click.command("init")
@click.argument("name")
@click.option("--title", default="", help="The review's title; it can be changed in the file.")
@click.option(
    "--framework",
    type=click.Choice(["PICO", "SPICE", "SPIDER"], case_sensitive=False),
    default="PICO",
    show_default=True,
    help="How the question is taken apart.",
)
@click.pass_obj
@summarised
def command(state: State, name: str, title: str, framework: str) -> Summary:
    """Start the review NAME: a commented protocol to fill in, and the folders around it.

    \b
    Example:
      evidence-review init hand-hygiene --framework PICO
    """
    from evidence_review.commands.init.run import run

    return run(state.folder, name, title, framework.upper())
