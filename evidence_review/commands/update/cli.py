"""The command line of `update`."""

from __future__ import annotations

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary


@click.command("update")
@click.option("--since", default="", metavar="DATE", help="Search from this day on. Default: the last search.")
@click.option("--overlap", type=click.IntRange(0), default=30, show_default=True, help="Days to go back before it.")
@click.option(
    "--check/--no-check",
    default=None,
    help="Ask Crossref and PubMed whether what is included was retracted. Default: where the review asks services.",
)
@click.option("--only-check", is_flag=True, help="Only that: search for nothing.")
@click.option("--same-version", is_flag=True, help="Go on with this version, although its final report is there.")
@click.option("--only-summary", is_flag=True, help="Only write reports/<review>/update.md anew.")
@click.pass_obj
@summarised
def command(
    state: State,
    since: str,
    overlap: int,
    check: bool | None,
    only_check: bool,
    same_version: bool,
    only_summary: bool,
) -> Summary:
    """Search and load again, look for duplicates among everything, and issue sheets for what is new.

    After a final report the next version begins: the flow diagram then counts what is new, beside the studies of the
    previous version. What is included is checked for retractions, and reports/<review>/update.md says what is new.

    \b
    Example:
      evidence-review update
      evidence-review update --only-check
    """
    from evidence_review.commands.update.run import Wishes, run
    from evidence_review.net.terminal import talking

    with talking() as talk:
        wishes = Wishes(since, overlap, check, same_version, only_check, only_summary)
        return run(state.workspace(), state.call, wishes, talk=talk)
