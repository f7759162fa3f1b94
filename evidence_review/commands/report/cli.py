"""The command line of `report`."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary


@click.group("report", invoke_without_command=True)
@click.option("--draft", is_flag=True, help="Render although something waits; a watermark says what.")
@click.option("--language", default="en", show_default=True, help="Language of the diagram: en, fr, es or pt.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary for programs on stdout.")
@click.pass_context
def command(ctx: click.Context, draft: bool, language: str, as_json: bool) -> Summary | None:
    """Render the report; check flow diagrams.

    Alone it writes reports/<review>/: report.html, report.md, flow.svg, flow.csv, numbers.json and the filled
    checklists. A report is final only when all totals add up and nothing waits; otherwise it exits 4 and says why.

    \b
    Examples:
      evidence-review report
      evidence-review report --draft
      evidence-review report check-flow PRISMA.csv
    """
    if ctx.invoked_subcommand is not None:
        return None
    summary: Summary = ctx.invoke(render, draft=draft, language=language, as_json=as_json)
    return summary


@command.command("render", hidden=True)
@click.option("--draft", is_flag=True)
@click.option("--language", default="en")
@click.pass_obj
@summarised
def render(state: State, draft: bool, language: str) -> Summary:
    """Render the report."""
    from evidence_review.commands.report.run import run

    return run(state.workspace(), draft=draft, language=language)


@command.command("check-flow")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--adjust", multiple=True, metavar="I3=2", help="A declared difference, added to what is expected.")
@summarised
def check_flow(file: Path, adjust: tuple[str, ...]) -> Summary:
    """Check the numbers of a flow diagram made elsewhere; no review folder is needed.

    FILE is in the form of the R package PRISMA2020's template; its columns 'data' and 'n' are enough. Exits 4 where
    the numbers do not add up, naming the identity, what was expected and what was found.
    """
    from evidence_review.commands.report.check_flow import check_flow

    return check_flow(file, adjust)
