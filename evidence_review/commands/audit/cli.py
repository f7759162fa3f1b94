"""The command line of `audit`."""

from __future__ import annotations

from pathlib import Path

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
      evidence-review audit bundle review.zip
      evidence-review audit verify review.zip
    """


@command.command("verify")
@click.argument("bundle", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--no-replay", is_flag=True, help="Check a bundle's bytes and totals only; do not do the review again.")
@click.pass_obj
@summarised
def verify(state: State, bundle: Path | None, no_replay: bool) -> Summary:
    """Check the ledger's chain, the hash of every file the program made, and the totals.

    With a BUNDLE (no review folder needed): check every byte of it, then do the whole review again from its ledger
    and compare what comes out.
    """
    from evidence_review.commands.audit.verify import verify, verify_bundle

    return verify(state.workspace()) if bundle is None else verify_bundle(bundle, again=not no_replay)


@command.command("bundle")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--codes", is_flag=True, help="Put codes in the place of the names of the team.")
@click.pass_obj
@summarised
def bundle(state: State, out: Path, codes: bool) -> Summary:
    """Write the whole review into one archive OUT (.zip, an RO-Crate) that others can check and repeat.

    Copies of full texts stay out: they are licensed to you. With --codes the review is done again under codes for its
    people, so that what others get still verifies.
    """
    from evidence_review.commands.audit.bundle import bundle
    from evidence_review.commands.audit.coded import bundle_coded

    return bundle_coded(state.workspace(), out) if codes else bundle(state.workspace(), out)


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
