"""The command line of `zotero`."""

from __future__ import annotations

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary

_LIBRARY = click.option(
    "--library", metavar="LIBRARY", help="users/NUMBER or groups/NUMBER. Default: the one that the protocol names."
)


@click.group("zotero")
def command() -> None:
    """Records from a Zotero library, and what was decided back into it.

    The key comes from ZOTERO_API_KEY or your settings file; a public library is read without one.

    \b
    Example:
      evidence-review zotero pull --library groups/123456 --source team-library
      evidence-review zotero push --library groups/123456 --dry-run
    """


@command.command("pull")
@_LIBRARY
@click.option("--source", metavar="ID", help="The source of the protocol that the records belong to.")
@click.option("--collection", metavar="NAME", help="Only this collection, by its name, path or key.")
@click.option("--tag", metavar="TAG", help="Only items with this tag.")
@click.option("--by-collection", is_flag=True, help="Each collection called like a source goes to that source.")
@click.option("--local", is_flag=True, help="Ask the Zotero program on this computer, not zotero.org.")
@click.option("--saved-search", metavar="NAME", help="What this saved search finds now; with --local.")
@click.pass_obj
@summarised
def pull(
    state: State,
    library: str | None,
    source: str | None,
    collection: str | None,
    tag: str | None,
    by_collection: bool,
    local: bool,
    saved_search: str | None,
) -> Summary:
    """Read what is new in a library or collection; what was read before is not read twice."""
    from evidence_review.commands.zotero.pull import run
    from evidence_review.net.terminal import talking

    with talking() as talk:
        return run(
            state.workspace(),
            library,
            source=source,
            collection=collection,
            tag=tag,
            by_collection=by_collection,
            saved_search=saved_search,
            local=local,
            talk=talk,
        )


@command.command("push")
@_LIBRARY
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.pass_obj
@summarised
def push(state: State, library: str | None, dry_run: bool) -> Summary:
    """Make collections and tags that show where every record stands; whatever is yours stays as it is."""
    from evidence_review.commands.zotero.push import run
    from evidence_review.net.terminal import talking

    with talking() as talk:
        return run(state.workspace(), library, dry_run=dry_run, talk=talk)
