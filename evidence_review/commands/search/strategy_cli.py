"""`search translate` and `search lint`: what each source will understand, and what a reviewer would say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evidence_review.console import State, summarised

if TYPE_CHECKING:
    from evidence_review.summary import Summary

_FILE = click.option(
    "--strategy-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A text file with a strategy in PubMed syntax; no review folder is needed.",
)
_NAME = click.option("--strategy", "name", metavar="NAME", help="Which of the protocol's strategies. Default: all.")


@click.command(
    "translate", epilog="Example: evidence-review search translate --strategy-file strategy.txt --target europepmc"
)
@_FILE
@_NAME
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="SOURCE",
    help="For this source only; may be repeated. Default: the protocol's sources, or all.",
)
@click.option("--all-terms", is_flag=True, help="Show the terms that are exact, too, each by itself.")
@click.pass_obj
@summarised
def translate(
    state: State, strategy_file: Path | None, name: str | None, targets: tuple[str, ...], all_terms: bool
) -> Summary:
    """Write the strategy for each source: what is kept, broadened, narrowed or dropped, and how to mend it."""
    from evidence_review.commands.search.strategy import run

    found = run.strategies(state.workspace, strategy_file, name)
    sources = {} if targets else run.searched_by(state.workspace, strategy_file)
    headings = {} if strategy_file else state.workspace().protocol.headings
    return run.translate(found, targets, all_terms=all_terms, sources=sources, headings=headings)


@click.command("lint", epilog="Example: evidence-review search lint --strategy-file strategy.txt")
@_FILE
@_NAME
@click.option(
    "--hits",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What 'search count --lines --json' printed, or a CSV file with the columns line and hits: names lines that "
    "find nothing.",
)
@click.pass_obj
@summarised
def lint(state: State, strategy_file: Path | None, name: str | None, hits: Path | None) -> Summary:
    """Say what a peer reviewer of search strategies (PRESS) would: errors, doubts, what is missing."""
    from evidence_review.commands.search.strategy import run

    return run.lint(run.strategies(state.workspace, strategy_file, name), hits)
