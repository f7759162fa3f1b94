"""The command line of `screen`."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary

STAGES = ("title-abstract", "full-text")
_stage = click.option(
    "--stage", type=click.Choice(STAGES), default=STAGES[0], show_default=True, help="Which stage of screening."
)
_format = click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "xlsx"]),
    default="csv",
    show_default=True,
    help="XLSX has drop-downs and the criteria; choose it where a spreadsheet shows a CSV in one single column.",
)


@click.group("screen")
def command() -> None:
    """Screen records in spreadsheets: each person gets a sheet, marks include, exclude or maybe, and gives it back.

    \b
    Example:
      evidence-review screen sheet
      (fill in screening/<review>/title-abstract/*.csv)
      evidence-review screen collect
      evidence-review screen conflicts
    """


@command.command("sheet")
@_stage
@click.option("--screener", default="", metavar="ID", help="Only this person's sheet.")
@click.option(
    "--batch", "size", type=click.IntRange(min=0), help="Rows in a sheet, 0 for all. Default: the protocol's."
)
@click.option("--more", is_flag=True, help="Issue another batch although one is open.")
@_format
@click.pass_obj
@summarised
def sheet(state: State, stage: str, screener: str, size: int | None, more: bool, file_format: str) -> Summary:
    """Write the sheets that are due: one a screener and batch, blinded. A sheet that exists is never touched.

    \b
    Example:
      evidence-review screen sheet --stage title-abstract --format xlsx
    """
    from evidence_review.commands.screen.issue import Wish, run

    return run(state.workspace(), stage, Wish(screener, file_format, size, more))


@command.command("collect")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Every sheet in the screening folder (so without FILES, too).")
@click.option("--stage", type=click.Choice(STAGES), help="Only this stage's sheets. Default: both.")
@click.pass_obj
@summarised
def collect(state: State, files: tuple[Path, ...], everything: bool, stage: str | None) -> Summary:
    """Take back filled sheets. A blank decision means not yet; a changed one is a new decision beside the old.

    A sheet with a fault is refused whole, with every fault's row and remedy; the others are taken.

    \b
    Example:
      evidence-review screen collect ~/Downloads/reviewer-1-title-abstract-1.csv
    """
    from evidence_review.commands.screen.collect import run

    if files and everything:
        raise click.UsageError("Name files, or use --all.")
    return run(state.workspace(), files, stage or "")


@command.command("conflicts")
@_stage
@_format
@click.pass_obj
@summarised
def conflicts(state: State, stage: str, file_format: str) -> Summary:
    """Write the conflicts, what each person said side by side, to be settled and collected.

    \b
    Example:
      evidence-review screen conflicts
    """
    from evidence_review.commands.screen.conflicts import run

    return run(state.workspace(), stage, file_format)


@command.command("status")
@click.pass_obj
@summarised
def status(state: State) -> Summary:
    """Tell how far screening is and what waits for whom."""
    from evidence_review.commands.screen.tell import status as run

    return run(state.workspace())


@command.command("agreement")
@click.option("--stage", type=click.Choice(STAGES), help="Only this stage. Default: both.")
@click.pass_obj
@summarised
def agreement(state: State, stage: str | None) -> Summary:
    """Tell how far screeners agree: percent, positive and negative agreement, κ with its interval, PABAK, AC1."""
    from evidence_review.commands.screen.tell import agreement as run

    return run(state.workspace(), stage or "")
