"""The command line of `fulltext`."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary


@click.group("fulltext")
def command() -> None:
    """Keep account of full texts: what was sought, where, and whether it came by the cut-off date.

    \b
    Example:
      evidence-review fulltext sheet
      (fill in screening/<review>/full-text/retrieval.csv)
      evidence-review fulltext collect
    """


@command.command("locate")
@click.option(
    "--service", "only", multiple=True, metavar="ID", help="Ask this one only: unpaywall, openalex, europepmc."
)
@click.option("--again", is_flag=True, help="Ask again what was answered before.")
@click.pass_obj
@summarised
def locate(state: State, only: tuple[str, ...], again: bool) -> Summary:
    """Ask Unpaywall, OpenAlex and Europe PMC where open copies of the awaited reports lie.

    Unpaywall wants an e-mail address: EVIDENCE_REVIEW_EMAIL, or 'email' in your settings file.

    \b
    Example:
      evidence-review fulltext locate
    """
    from evidence_review.commands.fulltext.locate import run
    from evidence_review.net.terminal import talking

    with talking() as talk:
        return run(state.workspace(), only=only, again=again, talk=talk)


@command.command("fetch")
@click.option("--again", is_flag=True, help="Try addresses again that gave no paper before.")
@click.pass_obj
@summarised
def fetch(state: State, again: bool) -> Summary:
    """Download located copies, and keep those that are the paper: its title or DOI must stand in the text.

    \b
    Example:
      evidence-review fulltext fetch
    """
    from evidence_review.commands.fulltext.fetch import run
    from evidence_review.net.terminal import talking

    with talking() as talk:
        return run(state.workspace(), again=again, talk=talk)


@command.command("add")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--record", default="", metavar="ID", help="Whose full text it is. Default: by the file's name or text.")
@click.option("--by", default="", metavar="ID", help="Who got it.")
@click.option("--where", default="", help="Where it was got: library, author, publisher.")
@click.option("--licence", default="", help="Under which licence, as 'cc-by' or 'library licence'.")
@click.option("--sure", is_flag=True, help="You looked: it is the paper, though its text does not say so.")
@click.pass_obj
@summarised
def add(state: State, files: tuple[Path, ...], record: str, by: str, where: str, licence: str, sure: bool) -> Summary:
    """Keep FILES, PDF or XML, that you got elsewhere, in the library; they never enter a bundle.

    \b
    Example:
      evidence-review fulltext add R-7K2M9QXD.pdf --by reviewer-1 --where library
    """
    from evidence_review.commands.fulltext.add import run

    return run(state.workspace(), files, record=record, by=by, where=where, licence=licence, sure=sure)


@command.command("attached")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--by", default="", metavar="ID", help="Who got the files.")
@click.option("--licence", default="", help="Under which licence, as 'cc-by' or 'library licence'.")
@click.pass_obj
@summarised
def attached(state: State, folder: Path, by: str, licence: str) -> Summary:
    """Keep what is attached to the Zotero items that were pulled; FOLDER is Zotero's data folder.

    A file is kept if it is the paper: its title or DOI must stand in the text. Copies never enter a bundle.

    \b
    Example:
      evidence-review fulltext attached ~/Zotero --by reviewer-1
    """
    from evidence_review.commands.fulltext.attached import run

    return run(state.workspace(), folder, by=by, licence=licence)


@command.command("sheet")
@click.option("--format", "file_format", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True)
@click.pass_obj
@summarised
def sheet(state: State, file_format: str) -> Summary:
    """Write a sheet of the reports to seek; one that exists is never touched.

    \b
    Example:
      evidence-review fulltext sheet
    """
    from evidence_review.commands.fulltext.sheet import run

    return run(state.workspace(), file_format)


@command.command("collect")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.pass_obj
@summarised
def collect(state: State, files: tuple[Path, ...]) -> Summary:
    """Take back retrieval sheets: retrieved, not-retrieved, or sought while you wait.

    \b
    Example:
      evidence-review fulltext collect
    """
    from evidence_review.commands.fulltext.collect import run

    return run(state.workspace(), files)


@command.command("status")
@click.pass_obj
@summarised
def status(state: State) -> Summary:
    """Tell how many full texts came, and the days to the cut-off date."""
    from evidence_review.commands.fulltext.status import run

    return run(state.workspace())
