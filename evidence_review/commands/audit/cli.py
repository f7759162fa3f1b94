"""The command line of `audit`."""

from __future__ import annotations

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary


@click.group("audit")
def command() -> None:
    """Verify the ledger, the files and the totals; tell one record's whole story.

    \b
    Examples:
      evidence-review audit verify
      evidence-review audit explain R-7K2M9QXD
    """


@command.command("verify")
@click.pass_obj
@summarised
def verify(state: State) -> Summary:
    """Check the ledger's chain, the hash of every file the program made, and the totals."""
    from evidence_review.commands.audit.verify import verify

    return verify(state.workspace())


@command.command("explain")
@click.argument("record")
@click.pass_obj
@summarised
def explain(state: State, record: str) -> Summary:
    """Tell the story of RECORD (R-… or S-…): found where, merged why, decided by whom, used for what."""
    from evidence_review.commands.audit.explain import explain

    return explain(state.workspace(), record)


@command.command("timeline")
@click.pass_obj
@summarised
def timeline(state: State) -> Summary:
    """List every run of a command that changed the review, first to last."""
    from evidence_review.commands.audit.timeline import timeline

    return timeline(state.workspace())
