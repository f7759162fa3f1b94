"""The command line of `extract`."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary

_KIND = click.option(
    "--format", "kind", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True, help="Kind of sheet."
)
_FILES = click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group("extract")
def command() -> None:
    """Extract typed values from the included studies.

    \b
    Example:
      evidence-review extract sheet --extractor reviewer-1
      (fill in screening/<review>/extraction/reviewer-1.csv)
      evidence-review extract collect
    """


@command.command("sheet")
@click.option("--extractor", default="", metavar="ID", help="Who extracts. Default: everyone the protocol names.")
@_KIND
@click.pass_obj
@summarised
def sheet(state: State, extractor: str, kind: str) -> Summary:
    """Write extraction sheets, a row a study; sheets that stand there are left as they are."""
    from evidence_review.commands.extract import run

    return run.sheet(state.workspace(), extractor, kind)


@command.command("collect")
@_FILES
@click.option("--withdraw", is_flag=True, help="Take back the values of entries whose rows were deleted.")
@click.pass_obj
@summarised
def collect(state: State, files: tuple[Path, ...], withdraw: bool) -> Summary:
    """Read filled sheets, all or nothing: FILES, or every sheet in the extraction folder."""
    from evidence_review.commands.extract import run

    return run.collect(state.workspace(), files, withdraw=withdraw)


@command.command("differences")
@click.pass_obj
@summarised
def differences(state: State) -> Summary:
    """Write the cells at which two people differ, to settle by consensus."""
    from evidence_review.commands.extract import run

    return run.differences(state.workspace())


@command.command("verify")
@click.option("--verifier", default="", metavar="ID", help="Who checks. Default: the protocol's verifier.")
@_KIND
@click.pass_obj
@summarised
def verify(state: State, verifier: str, kind: str) -> Summary:
    """Write sheets filled with what was extracted, for a second person to check and correct."""
    from evidence_review.commands.extract import run

    return run.verify(state.workspace(), verifier, kind)


@command.command("status")
@click.pass_obj
@summarised
def status(state: State) -> Summary:
    """Say how far extraction is, how well people agree, and what a changed form asks for."""
    from evidence_review.commands.extract import run

    return run.status(state.workspace())


@command.command("link")
@click.argument("report")
@click.option("--study", required=True, help="The study: its id, or any of its reports.")
@click.option("--by", required=True, metavar="ID", help="Who says so.")
@click.option("--label", default="", help="What the study is called in tables.")
@click.pass_obj
@summarised
def link(state: State, report: str, study: str, by: str, label: str) -> Summary:
    """Say that REPORT belongs to a study."""
    from evidence_review.commands.extract.link import link as run

    return run(state.workspace(), report, study, by, label)


@command.command("unlink")
@click.argument("report")
@click.option("--by", required=True, metavar="ID", help="Who says so.")
@click.pass_obj
@summarised
def unlink(state: State, report: str, by: str) -> Summary:
    """Take back the link of REPORT."""
    from evidence_review.commands.extract.link import unlink as run

    return run(state.workspace(), report, by)


@command.command("forms")
@click.argument("form", default="")
@summarised
def forms(form: str) -> Summary:
    """List the ready-made forms, or show one FORM as it would stand in a protocol."""
    from evidence_review.commands.extract.forms import run

    return run(form)


@command.command("proposals")
@click.pass_obj
@summarised
def proposals(state: State) -> Summary:
    """List reports that may belong to one study: same trial number, or same people and nearly the same title."""
    from evidence_review.commands.extract.proposals import run

    return run(state.workspace())
