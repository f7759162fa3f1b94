"""The command line of `load`."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary

_ROUTES = ("database", "register", "website", "organisation", "citation", "other")
_DATE = click.DateTime(["%Y-%m-%d"])


class _Load(click.Group):
    """`load FILE…` and `load` alone are the command `files`; the other words are commands of their own.

    A file that is named like one of them is given as `./export`.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["files", *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        files = self.commands["files"]
        click.Command.format_options(files, click.Context(files, parent=ctx.parent, info_name="load"), formatter)
        self.format_commands(ctx, formatter)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS] [FILES]... | COMMAND"]


@click.group("load", cls=_Load)
def command() -> None:
    """Read export files of databases and reference managers, and log searches made by hand.

    Without FILES, everything that the protocol lists under 'sources' and that is not loaded yet. A FILE may be a
    folder, a zip archive, or - for standard input. Format and encoding are found from the content.

    \b
    Examples:
      evidence-review load
      evidence-review load embase.ris --source embase --searched-on 2026-11-20 --hits 412
      evidence-review load unknown.txt --dry-run
      evidence-review load take-back embase.ris --because "it is last year's export"
      evidence-review load convert scopus.csv --to ris --out scopus.ris
      evidence-review load export --set included --to csv --out included.csv
    """


def _columns(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        field, sign, heading = pair.partition("=")
        if not (sign and field.strip() and heading.strip()):
            raise click.UsageError(f"'{pair}' is not FIELD=HEADING, such as title=Titel.")
        found[field.strip()] = heading.strip()
    return found


@command.command("files", hidden=True)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--source", default="", metavar="ID", help="The protocol's source that the files belong to.")
@click.option("--route", type=click.Choice(_ROUTES), help="What kind of source it is, if the protocol lacks it.")
@click.option("--platform", default="", help="Where it was searched, such as Ovid or EBSCOhost.")
@click.option("--searched-on", type=_DATE, metavar="DATE", help="When it was searched (year-month-day).")
@click.option(
    "--instead-of",
    type=_DATE,
    metavar="DATE",
    help="With --source: the day noted wrongly for a search that was logged without a file.",
)
@click.option("--searched-by", default="", metavar="ID", help="Who searched.")
@click.option(
    "--strategy-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The strategy used."
)
@click.option("--hits", type=click.IntRange(min=0), help="How many records the source reported.")
@click.option("--limits", default="", help="Limits of the search, in words.")
@click.option("--note", default="", help="Anything else about the search.")
@click.option("--format", "file_format", default="", metavar="FORMAT", help="Overrule the format that was found.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=HEADING",
    help="Which heading of a table is which field, such as title=Titel. Repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Show what the program understands; change nothing. Needs no review.")
@click.option("--full", is_flag=True, help="With --dry-run: every record, not the first ones.")
@click.pass_obj
@summarised
def files_command(
    state: State,
    files: tuple[Path, ...],
    source: str,
    route: str | None,
    platform: str,
    searched_on: object,
    instead_of: object,
    searched_by: str,
    strategy_file: Path | None,
    hits: int | None,
    limits: str,
    note: str,
    file_format: str,
    columns: tuple[str, ...],
    dry_run: bool,
    full: bool,
) -> Summary:
    """Load files, or what the protocol lists."""
    if dry_run:
        if not files:
            raise click.UsageError("Name the files to look at: load FILE… --dry-run.")
        from evidence_review.commands.load.dry import look

        return look(files, file_format, _columns(columns), full=full)
    from evidence_review.commands.load.plan import Wish
    from evidence_review.commands.load.run import run

    if instead_of and (files or not source):
        raise click.UsageError(
            "--instead-of corrects one search that has no file: name it with --source. The day of a loaded file is "
            "corrected by loading the file again with the right --searched-on."
        )
    when = f"{searched_on:%Y-%m-%d}" if searched_on else ""
    wish = Wish(
        source=source,
        route=route or "",
        platform=platform,
        searched_on=when,
        instead_of=f"{instead_of:%Y-%m-%d}" if instead_of else "",
        searched_by=searched_by,
        strategy_file=strategy_file,
        hits=hits,
        limits=limits,
        note=note,
        format=file_format,
        columns=_columns(columns),
    )
    return run(state.workspace(), files, wish)


@command.command("take-back")
@click.argument("what", metavar="FILE-OR-RUN")
@click.option("--because", required=True, metavar="TEXT", help="Why; the report prints it.")
@click.option("--by", default="", metavar="ID", help="Who of the team takes it back.")
@click.option("--source", default="", metavar="ID", help="For which source it was loaded, where for several.")
@click.option(
    "--with-decisions", is_flag=True, help="Also where people have decided on records that go: that counts no more."
)
@click.pass_obj
@summarised
def take_back_command(state: State, what: str, because: str, by: str, source: str, with_decisions: bool) -> Summary:
    """Take back a file that was loaded by mistake: the wrong one, or the right one for the wrong source.

    What it alone brought is in the review no more; what another file or search brought, too, stays. Its bytes, its
    records and what was decided on them stay on file, and the report's search log says that it was taken back. It can
    be loaded again, for the right source or for the same one. Without a file: the name of the run, such as 0003-load.1.

    Was the file right and only its source wrong, and screening has begun: load it for the right source first and run
    dedup; what was decided on a record counts for its copies that stay.

    \b
    Examples:
      evidence-review load take-back scopus.csv --because "it is Scopus's export" --source embase
      evidence-review load take-back 0003-load.1 --because "an older export" --by reviewer-1
    """
    from evidence_review.commands.load.take_back import run

    return run(state.workspace(), what, because=because, by=by, source=source, with_decisions=with_decisions)


@command.command("decisions")
@click.option("--source", required=True, metavar="ID", help="The source whose records carry decisions.")
@click.option(
    "--stage",
    type=click.Choice(["title-abstract", "full-text"]),
    default="title-abstract",
    show_default=True,
    help="The stage that they were made at.",
)
@click.option("--person", "people", multiple=True, metavar="NAME=ID", help="Who of the team a name is. Repeatable.")
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="TAG=VERDICT",
    help="What a tag of Zotero or Covidence means: include, exclude or maybe. Repeatable.",
)
@click.option(
    "--all",
    "every",
    type=click.Choice(["include", "exclude", "maybe"]),
    default=None,
    help="The decision on every record of the source, where a file is a list, such as Covidence's of irrelevant ones.",
)
@click.pass_obj
@summarised
def decisions_command(
    state: State, source: str, stage: str, people: tuple[str, ...], tags: tuple[str, ...], every: str | None
) -> Summary:
    """Take over screening decisions made in Rayyan, Covidence, ASReview or EPPI-Reviewer, or by tags in Zotero.

    \b
    Examples:
      evidence-review load decisions --source rayyan --person "Ann=reviewer-1"
      evidence-review load decisions --source zotero --tag "to read=include" --person tags=reviewer-1
      evidence-review load decisions --source covidence-irrelevant --all exclude --person list=reviewer-1
    """
    from evidence_review.commands.load.decisions import run

    return run(state.workspace(), source, stage, people, tags, every or "")


_TARGETS = ("ris", "nbib", "bibtex", "csl-json", "endnote-xml", "csv", "xlsx")
_to = click.option("--to", "target", type=click.Choice(_TARGETS), required=True, help="The format to write.")
_out = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE", help="The file to write."
)


@command.command("convert")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_to
@_out
@click.option("--format", "file_format", default="", metavar="FORMAT", help="Overrule the format that was found.")
@click.pass_obj
@summarised
def convert_command(state: State, files: tuple[Path, ...], target: str, out: Path, file_format: str) -> Summary:
    """Write the records of FILES in another format, and list what it cannot hold. Needs no review.

    \b
    Example:
      evidence-review load convert scopus.csv --to ris --out scopus.ris
    """
    from evidence_review.commands.load.convert import convert

    return convert(files, target, out, file_format)


@command.command("export")
@click.option(
    "--set",
    "chosen",
    type=click.Choice(["all", "unique", "awaiting", "included", "excluded"]),
    default="unique",
    show_default=True,
    help="Which records: all, one of each group of duplicates, awaiting screening, included, or excluded.",
)
@_to
@_out
@click.pass_obj
@summarised
def export_command(state: State, chosen: str, target: str, out: Path) -> Summary:
    """Write records of the review for other programs: Zotero, EndNote, Rayyan, Covidence, ASReview, RevMan.

    \b
    Example:
      evidence-review load export --set included --to ris --out included.ris
    """
    from evidence_review.commands.load.export import run

    return run(state.workspace(), chosen, target, out)
