"""The command line of `extract`."""

from __future__ import annotations

import click

from evidence_review.console import KIND, SheetWork, State, sheet_commands, summarised
from evidence_review.summary import Summary


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
@KIND
@click.pass_obj
@summarised
def sheet(state: State, extractor: str, kind: str) -> Summary:
    """Write extraction sheets, a row a study; sheets that stand there are left as they are."""
    from evidence_review.commands.extract import run

    return run.sheet(state.workspace(), extractor, kind)


def _run() -> SheetWork:
    from evidence_review.commands.extract import run

    return run


sheet_commands(
    command,
    _run,
    {
        "collect": "Read filled sheets, all or nothing: FILES, or every sheet in the extraction folder.",
        "differences": "Write the cells at which two people differ, to settle by consensus.",
        "verify": "Write sheets filled with what was extracted, for a second person to check and correct.",
        "status": "Say how far extraction is, how well people agree, and what a changed form asks for.",
    },
)


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
    """List reports that may belong to one study: same trial number, or same people and a like title or site."""
    from evidence_review.commands.extract.proposals import run

    return run(state.workspace())
