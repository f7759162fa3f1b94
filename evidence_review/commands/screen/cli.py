"""The command line of `screen`."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

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
@click.option("--ranked", is_flag=True, help="The most promising records first; batches start small and grow.")
@click.option(
    "--random", "share", type=click.FloatRange(0, 1), default=0.0, help="With --ranked: this share by chance."
)
@click.option("--pilot", type=click.IntRange(min=1), help="A pilot round: so many records by chance, for everyone.")
@click.option("--sample", type=click.IntRange(min=1), help="So many unread records by chance, to see what is left.")
@click.option("--anyway", default="", metavar="REASON", help="One person screens alone before the agreement asked for.")
@click.option("--by", default="", metavar="ID", help="With --anyway: who says so.")
@_format
@click.pass_obj
@summarised
def sheet(
    state: State,
    stage: str,
    screener: str,
    size: int | None,
    more: bool,
    ranked: bool,
    share: float,
    pilot: int | None,
    sample: int | None,
    anyway: str,
    by: str,
    file_format: str,
) -> Summary:
    """Write the sheets that are due: one a screener and batch, blinded. A sheet that exists is never touched.

    Where the protocol asks for an agreement, one person gets records alone once it is reached; until then the pilot's
    sheets are written, and what two people judge anyway.

    \b
    Example:
      evidence-review screen sheet --stage title-abstract --format xlsx
    """
    from evidence_review.commands.screen.issue import Wish, run

    wish = Wish(screener, file_format, size, more, ranked, share, pilot or 0, anyway, by, sample or 0)
    if sum(map(bool, (ranked, pilot, sample))) > 1:
        raise click.UsageError("--ranked, --pilot and --sample are three ways to choose records: take one.")
    return run(state.workspace(), stage, wish)


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


@command.command("move")
@click.argument("records", nargs=-1, required=True, metavar="RECORD...")
@click.option("--by", required=True, metavar="ID", help="Who decides it.")
@click.option("--note", default="", help="Why.")
@click.option("--back-to", type=click.Choice(STAGES), help="Take back what was settled on them at this stage.")
@click.pass_obj
@summarised
def move(state: State, records: tuple[str, ...], by: str, note: str, back_to: str | None) -> Summary:
    """Send records to full text, whatever was decided at title and abstract; or back, as their screeners judged them.

    Going back withdraws a move, an arbiter's word or a consensus. A screener's own judgement only that screener can
    change, in the sheet.

    \b
    Example:
      evidence-review screen move R-7K2M9QXD --by reviewer-1 --note "the full text will tell"
      evidence-review screen move R-7K2M9QXD --by reviewer-1 --back-to title-abstract
    """
    from evidence_review.commands.screen.move import back, run

    if back_to:
        return back(state.workspace(), records, back_to, by, note)
    return run(state.workspace(), records, by, note)


@command.command("simulate")
@click.argument("labelled", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--protocol-text", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The question.")
@click.option("--batch", type=click.IntRange(min=1), default=50, show_default=True, help="Records read at a time.")
@click.option("--grow", is_flag=True, help="Begin with 10 and double up to --batch.")
@click.option("--seed", type=int, default=1, show_default=True, help="Shuffles the records; draws a warm start.")
@click.option("--cold/--warm", "cold", default=True, help="Begin with nothing known, or with one of each label.")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Draw the recall curve into this file.")
@summarised
def simulate(
    labelled: Path, protocol_text: Path | None, batch: int, grow: bool, seed: int, cold: bool, svg: Path | None
) -> Summary:
    """Tell what ranking and stopping would have saved on records whose labels are known.

    LABELLED is a CSV or XLSX file with the columns title, abstract and label_included: 1 or 0, or words such as include
    and exclude. Rows without a label are left out.

    \b
    Example:
      evidence-review screen simulate labelled.csv --protocol-text question.txt --batch 50 --seed 1 --cold --json
    """
    from evidence_review.commands.screen.labelled import read_text
    from evidence_review.commands.screen.simulate import Plan, run

    text = read_text(protocol_text) if protocol_text else ""
    return run(labelled, text, Plan(batch, seed, not cold, grow), svg)


@command.command("stopping")
@click.option("--labels", help="Labels in the order screened, such as 0100; without them, this review's decisions.")
@click.option("--labels-file", type=click.File(encoding="utf-8-sig"), help="The same from a file; - for what is piped.")
@click.option("--total", type=click.IntRange(min=1), help="With labels: how many records there are in all.")
@click.option("--target", type=float, default=0.95, show_default=True, help="The recall to certify.")
@click.option("--confidence", type=float, default=0.95, show_default=True, help="How sure to be of it.")
@click.option("--elusion", type=(int, int), metavar="SIZE FOUND", help="A random sample of what is unscreened.")
@click.option("--stop", "by", metavar="ID", help="Leave the rest unscreened, on this person's word.")
@click.option("--anyway", default="", metavar="REASON", help="With --stop: although the rule does not allow it yet.")
@click.option("--resume", "resumer", metavar="ID", help="Take up again what was left unscreened.")
@_stage
@click.pass_obj
@summarised
def stopping(
    state: State,
    labels: str | None,
    labels_file: TextIO | None,
    total: int | None,
    target: float,
    confidence: float,
    elusion: tuple[int, int] | None,
    by: str | None,
    anyway: str,
    resumer: str | None,
    stage: str,
) -> Summary:
    """Tell whether screening may stop, by a rule with a statistical promise, and what it would cost to go on.

    \b
    Example:
      evidence-review screen stopping --labels 0100110000 --total 200 --target 0.95 --confidence 0.95
    """
    from evidence_review.commands.screen import stop, stopping
    from evidence_review.commands.screen.rules import Hypergeometric

    rule = Hypergeometric(target, confidence)
    if labels_file is not None:
        labels = labels_file.read() if labels is None else labels
    if (labels is None) != (total is None):
        raise click.UsageError("Labels and --total go together: of how many records are these the first?")
    if labels is not None and total is not None:
        return stopping.run(stopping.read_labels(labels), total, rule, elusion)
    if by:
        return stop.stop(state.workspace(), stage, rule, by, anyway)
    if resumer:
        return stop.resume(state.workspace(), stage, resumer)
    return stop.ask(state.workspace(), stage, rule, elusion)
