"""The command line of `search`."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary

_FILES = click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE..."
)
# The strategy's own commands, imported when they are called.
_STRATEGY = "evidence_review.commands.search.strategy_cli"
_STRATEGY_COMMANDS = ("translate", "lint")


class _Search(click.Group):
    """The sub-commands of search; those of the strategy come from their own module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the sub-commands in the order of the work."""
        return [*_STRATEGY_COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a sub-command."""
        if cmd_name not in _STRATEGY_COMMANDS:
            return super().get_command(ctx, cmd_name)
        found: click.Command = getattr(importlib.import_module(_STRATEGY), cmd_name)
        return found


@click.group("search", cls=_Search, invoke_without_command=True)
@click.option(
    "--source", "only", multiple=True, metavar="ID", help="Only this source of the protocol; may be repeated."
)
@click.option("--again", is_flag=True, help="Search anew, also where a complete search is there.")
@click.option("--offline", is_flag=True, help="Ask nobody: make the records again from the archived replies.")
@click.option("--since", default="", metavar="DATE", help="Only what the source took in from this day on (2026-03-31).")
@click.option("--json", "as_json", is_flag=True, help="Print the summary for programs on stdout.")
@click.pass_context
def command(
    ctx: click.Context, only: tuple[str, ...], again: bool, offline: bool, since: str, as_json: bool
) -> Summary | None:
    """Search the protocol's sources that have 'via: api', and account for every record.

    A search that was cut off goes on where it stopped; a complete one is not made twice. Keys and the e-mail address
    come from the environment or your settings file, never from the protocol.

    \b
    Example:
      evidence-review search translate
      evidence-review search count
      evidence-review search
    """
    if ctx.invoked_subcommand is not None:
        return None
    return _harvest(ctx.find_object(State), only=only, again=again, offline=offline, since=since, as_json=as_json)


@summarised
def _harvest(state: State, only: tuple[str, ...], again: bool, offline: bool, since: str) -> Summary:
    from evidence_review.commands.search.run import run
    from evidence_review.net.terminal import talking

    with talking() as talk:
        return run(state.workspace(), only=only, again=again, offline=offline, since=since, talk=talk)


@command.command("count")
@click.option(
    "--source", "only", multiple=True, metavar="ID", help="Only this source of the protocol; may be repeated."
)
@click.option("--lines", "by_line", is_flag=True, help="Count each line of the strategy, too, and its known items.")
@click.pass_obj
@summarised
def count(state: State, only: tuple[str, ...], by_line: bool) -> Summary:
    """Ask each source how many hits the strategy has there, before anything is fetched."""
    from evidence_review.commands.search.count import run
    from evidence_review.net.terminal import talking

    with talking() as talk:
        return run(state.workspace(), only=only, by_line=by_line, talk=talk)


@command.command("known-items")
@click.option("--ask", is_flag=True, help="Ask PubMed which part of the strategy the missed ones do not meet.")
@click.pass_obj
@summarised
def known_items(state: State, ask: bool) -> Summary:
    """Say which of the items that the search must find it found, in which source, and why others were missed."""
    from evidence_review.commands.search.known_items import run
    from evidence_review.net.terminal import talking

    with talking() as talk:
        return run(state.workspace(), ask=ask, talk=talk)


@command.command("accept")
@click.argument("source")
@click.option("--by", required=True, metavar="ID", help="Who decides, as the protocol's team names them.")
@click.option("--reason", required=True, help="Why what was found is enough; the report prints it.")
@click.pass_obj
@summarised
def accept(state: State, source: str, by: str, reason: str) -> Summary:
    """Go on with an incomplete search of SOURCE: it no longer waits, and the report says that it is incomplete and why.

    \b
    Example:
      evidence-review search accept arxiv --by reviewer-1 --reason "arXiv gives 30,000 at most"
    """
    from evidence_review.commands.search.accept import run

    return run(state.workspace(), source, by=by, reason=reason)


@command.command("parse")
@click.argument("source")
@_FILES
@summarised
def parse(source: str, files: tuple[Path, ...]) -> Summary:
    """Read stored replies of one source (bodies, or *.exchange.json) without any review.

    \b
    Example:
      evidence-review search parse pubmed reply.xml --json
    """
    from evidence_review.commands.search.parse import run

    return run(source, files)
