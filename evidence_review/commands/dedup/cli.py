"""The command line of `dedup`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from evidence_review.console import NESTED, State, emit, summarised
from evidence_review.summary import Summary

_ENGINE = click.option(
    "--engine",
    type=click.Choice(["embedded", "spark"]),
    default="embedded",
    show_default=True,
    help="Where to compare: here, or on Apache Spark (extra 'spark').",
)


def _said_by(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command in which a person speaks."""
    function = click.option("--note", default="", help="Why, in a few words.")(function)
    return click.option("--by", metavar="PERSON", required=True, help="Who says so: an id of the team.")(function)


@click.group("dedup", invoke_without_command=True)
@_ENGINE
@click.option("--json", "as_json", is_flag=True, help="Print the summary for programs on stdout.")
@click.pass_context
def command(context: click.Context, engine: str, as_json: bool) -> Summary | None:
    """Find duplicates; take doubtful pairs to people and back; explain, undo or add a merge.

    Without a further word: compare all records (after an update only the new ones), merge copies, link versions of one
    study, and write doubtful pairs to screening/<review>/duplicates.csv. Nothing is deleted.

    \b
    Examples:
      evidence-review dedup
      evidence-review dedup collect --by reviewer-1
      evidence-review dedup explain R-7K2M9QXD R-0C4TZ8HE
      evidence-review dedup files ovid.ris pubmed.nbib --out unique
    """
    if context.invoked_subcommand is not None:
        return None
    from evidence_review.commands.dedup.run import run

    state: State = context.obj
    summary = run(state.workspace(), engine)
    if not context.meta.get(NESTED):
        emit(summary, as_json=as_json)
    return summary


@command.command("collect")
@click.argument("sheet", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--by", metavar="PERSON", default="", help="Who decided, where a row's column 'by' is blank.")
@click.pass_obj
@summarised
def collect(state: State, sheet: Path | None, by: str) -> Summary:
    """Take back the sheet of doubtful pairs: same, different or linked in the column 'decision'.

    \b
    Example:
      evidence-review dedup collect --by reviewer-1
    """
    from evidence_review.commands.dedup.decide import collect as run

    return run(state.workspace(), sheet, by)


@command.command("explain")
@click.argument("one", metavar="RECORD")
@click.argument("two", metavar="RECORD")
@click.pass_obj
@summarised
def explain(state: State, one: str, two: str) -> Summary:
    """Print every key, field, point and rule that speaks for or against two records being one.

    \b
    Example:
      evidence-review dedup explain R-7K2M9QXD R-0C4TZ8HE
    """
    from evidence_review.commands.dedup.explain import run

    return run(state.workspace(), one, two)


@command.command("undo")
@click.argument("record", metavar="RECORD")
@_said_by
@click.pass_obj
@summarised
def undo(state: State, record: str, by: str, note: str) -> Summary:
    """Take back what people merged a record with; else take it out of its cluster, where it stands for itself.

    \b
    Example:
      evidence-review dedup undo R-7K2M9QXD --by reviewer-1 --note "another trial"
    """
    from evidence_review.commands.dedup.decide import undo as run

    return run(state.workspace(), record, by, note)


def _saying(event: str, name: str, doc: str) -> None:
    @command.command(name, help=doc)
    @click.argument("one", metavar="RECORD")
    @click.argument("two", metavar="RECORD")
    @_said_by
    @click.pass_obj
    @summarised
    def say(state: State, one: str, two: str, by: str, note: str) -> Summary:
        from evidence_review.commands.dedup.decide import say as run

        return run(state.workspace(), event, one, two, by, note)


_EXAMPLE = "\n\n\b\nExample:\n  evidence-review dedup {} R-7K2M9QXD R-0C4TZ8HE --by reviewer-1"
_saying(
    "merged",
    "merge",
    "Say that two records are copies of one: a duplicate that the rules missed." + _EXAMPLE.format("merge"),
)
_saying(
    "distinct",
    "distinct",
    "Say that two records are different documents, whatever the rules make of them." + _EXAMPLE.format("distinct"),
)
_saying("linked", "link", "Say that two records are reports of one study; both stay." + _EXAMPLE.format("link"))


@command.command("files")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where the results go.")
@_ENGINE
@click.pass_obj
@summarised
def files(state: State, files: tuple[Path, ...], out: Path, engine: str) -> Summary:
    """Deduplicate export files, those in folders and zip archives, or standard input (-); no review folder is needed.

    Writes DIR/duplicates.csv (one row a record), DIR/doubtful.csv (pairs to look at), DIR/linked.csv (versions of one
    work) and DIR/unique.ris. Files of these names that something else wrote are not overwritten.

    \b
    Example:
      evidence-review dedup files ovid.ris pubmed.nbib scopus.csv --out unique
    """
    from evidence_review.commands.dedup.files import run

    return run(files, out, engine)
