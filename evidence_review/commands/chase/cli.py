"""The command line of `chase`."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_review.console import State, summarised
from evidence_review.sources.citing import INDEXES
from evidence_review.summary import Summary


@click.command("chase")
@click.option("--from", "records", multiple=True, metavar="R-…", help="A record to start from; may be repeated.")
@click.option("--included", is_flag=True, help="Start from everything that is included so far.")
@click.option(
    "--seeds",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Start from the documents of a file: a DOI or PMID a line, or a sheet with such columns.",
)
@click.option(
    "--direction",
    type=click.Choice(["backward", "forward", "both"]),
    default="both",
    show_default=True,
    help="What they cite, what cites them, or both.",
)
@click.option(
    "--service",
    "services",
    multiple=True,
    type=click.Choice(list(INDEXES)),
    help="Ask only this service; may be repeated. Default: all of them.",
)
@click.option("--picture", is_flag=True, help="Only draw the network anew, as the review stands now.")
@click.option("--again", is_flag=True, help="Follow anew what was followed before.")
@click.option("--offline", is_flag=True, help="Ask nobody: make the records again from the archived replies.")
@click.pass_obj
@summarised
def command(
    state: State,
    records: tuple[str, ...],
    included: bool,
    file: Path | None,
    direction: str,
    services: tuple[str, ...],
    picture: bool,
    again: bool,
    offline: bool,
) -> Summary:
    """Follow citations through OpenAlex, Semantic Scholar, Europe PMC and OpenCitations.

    What is found enters by the route of citation searching, with the seed it came from; 'dedup' merges what several
    services name, and what the review has already. Run it again when screening has included more: only what was not
    followed yet is followed. The network is drawn in reports/<review>/citations.svg and .html.

    \b
    Example:
      evidence-review chase --included --direction forward
    """
    from evidence_review.commands.chase.run import run
    from evidence_review.net.terminal import talking

    with talking() as talk:
        return run(
            state.workspace(),
            records=records,
            included=included,
            file=file,
            direction=direction,
            services=services,
            picture=picture,
            again=again,
            offline=offline,
            talk=talk,
        )
