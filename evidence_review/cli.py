"""The command line: a verb's module is imported only when it is called, and errors become words here alone."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evidence_review import __version__
from evidence_review.console import NESTED, Call, State
from evidence_review.errors import EXIT_INTERRUPTED, ReviewError

if TYPE_CHECKING:
    from evidence_review.summary import Summary

# Verb → what it does, in the order in which a review meets them. The command itself is `command` in
# `evidence_review.commands.<verb>.cli`.
VERBS = {
    "init": "Start a review: a commented protocol to fill in.",
    "protocol": "Check, show or amend the protocol.",
    "search": "Search bibliographic sources with the protocol's strategy.",
    "load": "Read export files and manual search logs; convert and export records.",
    "chase": "Follow citations, backward and forward.",
    "zotero": "Pull records from a Zotero library; push what was decided.",
    "dedup": "Find duplicates; explain, undo or add a merge.",
    "screen": "Screening sheets out and in, conflicts, agreement, progress.",
    "fulltext": "Record which full texts were sought and obtained.",
    "extract": "Extraction sheets out and in, checked against the form.",
    "appraise": "Appraisal sheets out and in, by study design.",
    "synthesise": "Tables of what was extracted and appraised.",
    "report": "Flow diagram, report, checklists; check a published flow.",
    "audit": "Verify the ledger; tell one record's whole story.",
    "update": "Search and load again; screen only what is new.",
    "status": "Where the review stands, what waits for whom, what to do next.",
    "run": "Everything that needs no person, in order.",
}


_TYPED = "evidence_review.typed"


class Verbs(click.Group):
    """The verbs, each loaded when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the work, not of the alphabet."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one verb."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"evidence_review.commands.{cmd_name}.cli")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Note what was typed; name the nearest verb when one is misspelt."""
        ctx.meta[_TYPED] = tuple(args)
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from evidence_review.errors import suggest

            ctx.fail(f"No command '{args[0]}'. {suggest(args[0], VERBS)}".strip())
        return super().resolve_command(ctx, args)


def calling(folder: Path, review: str | None) -> Call:
    """Return a function that runs a verb on this review and gives its summary back unprinted."""

    def call(arguments: list[str]) -> Summary:
        named = ["--review", review] if review else []
        with group.make_context("evidence-review", ["--folder", str(folder), *named, *arguments]) as ctx:
            ctx.meta[NESTED] = True
            summary: Summary = group.invoke(ctx)
        return summary

    return call


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with 'evidence-review init NAME', then 'evidence-review status' says what comes next.",
)
@click.version_option(__version__, prog_name="evidence-review")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The review folder. Default: the current folder.",
)
@click.option("--review", metavar="NAME", help="Which review, where the folder holds several.")
@click.pass_context
def group(ctx: click.Context, folder: Path, review: str | None) -> None:
    """A rapid evidence review on plain files, from protocol to PRISMA-style report."""
    ctx.obj = State(folder, review, calling(folder, review), ctx.meta.get(_TYPED, ()))


def main(arguments: list[str] | None = None) -> None:
    """Run the program: the one boundary where an error becomes words and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        result = group.main(arguments, prog_name="evidence-review", standalone_mode=False)
        # A command gives its summary back; click itself gives the exit code of --help and --version.
        code = result if isinstance(result, int) else getattr(result, "exit_code", 0)
    except ReviewError as fault:
        click.echo(f"Error: {fault}", err=True)
        code = fault.exit_code
    except click.ClickException as fault:
        fault.show()
        code = fault.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nInterrupted. What was finished is kept; run the command again to go on.", err=True)
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe (head, less) went away: that is no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


if __name__ == "__main__":
    main()
