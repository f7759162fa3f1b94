"""The command line of `appraise`."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_review.console import KIND, SheetWork, State, sheet_commands, summarised
from evidence_review.summary import Summary


@click.group("appraise")
def command() -> None:
    """Appraise the included studies, each with the tool that its design asks for.

    \b
    Example:
      evidence-review appraise tools
      evidence-review appraise sheet --appraiser reviewer-1
      (fill in screening/<review>/appraisal/reviewer-1-<tool>.csv)
      evidence-review appraise collect
    """


@command.command("sheet")
@click.option("--appraiser", default="", metavar="ID", help="Who appraises. Default: everyone the protocol names.")
@KIND
@click.pass_obj
@summarised
def sheet(state: State, appraiser: str, kind: str) -> Summary:
    """Write appraisal sheets, one a tool; sheets that stand there are left as they are."""
    from evidence_review.commands.appraise import run

    return run.sheet(state.workspace(), appraiser, kind)


def _run() -> SheetWork:
    from evidence_review.commands.appraise import run

    return run


sheet_commands(
    command,
    _run,
    {
        "collect": "Read filled sheets, all or nothing: FILES, or every sheet in the appraisal folder.",
        "differences": "Write the judgements at which two people differ, to settle by consensus.",
        "verify": "Write sheets filled with the first person's judgements, for a second to check.",
        "status": "Say how far appraisal is, and which studies no tool is for.",
    },
)


@command.command("tools")
@click.argument("tool", default="")
@summarised
def tools(tool: str) -> Summary:
    """List the appraisal tools, or show the items of one TOOL."""
    from evidence_review.commands.appraise import run

    return run.list_tools(tool)


@command.command("plot")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tool", default="", metavar="ID", help="Which tool; needed with FILE.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Where pictures of FILE go."
)
@click.pass_obj
@summarised
def plot(state: State, file: Path | None, tool: str, out: Path) -> Summary:
    """Draw traffic lights and summary bars: of FILE, a robvis table, or of what was appraised in the review.

    \b
    Example:
      evidence-review appraise plot rob2.csv --tool rob2 --out pictures
    """
    from evidence_review.commands.appraise import plot as drawing

    if file is None:
        return drawing.plot_review(state.workspace(), tool)
    if not tool:
        raise click.UsageError("Say which tool the table is of: '--tool rob2'.")
    return drawing.plot_file(file, tool, out)
