"""The command line of `report`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary

_OPTIONS = (
    click.option("--draft", is_flag=True, help="Render although something waits; a watermark says what."),
    click.option(
        "--to",
        multiple=True,
        metavar="FORMAT",
        help="docx, odt, pdf, png or all, beside HTML and Markdown; repeatable.",
    ),
    click.option(
        "--layout", default="full", show_default=True, help="full, 1-3-25, brief, slides, annexes or checklists."
    ),
    click.option(
        "--language", default="", help="Language of the labels: en, fr, es or pt; else the protocol's, else English."
    ),
    click.option("--references", default="vancouver", show_default=True, help="vancouver or apa."),
    click.option(
        "--csl", type=click.Path(dir_okay=False, path_type=Path), help="A CSL style for citations in DOCX, ODT and PDF."
    ),
    click.option(
        "--hide",
        multiple=True,
        metavar="PART",
        help="Leave out of the diagram: sources, totals, reasons, title-abstract-reasons, automation, unscreened, "
        "awaiting, appraisal, synthesis or adjustments; repeatable.",
    ),
    click.option(
        "--reference-doc", type=click.Path(dir_okay=False, path_type=Path), help="A DOCX or ODT whose styles to use."
    ),
)


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@click.group("report", invoke_without_command=True)
@_options
@click.option("--json", "as_json", is_flag=True, help="Print the summary for programs on stdout.")
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> Summary | None:
    """Render the report; check flow diagrams.

    Alone it writes reports/<review>/: report.html, report.md, flow.svg, flow.csv, numbers.json and the filled
    checklists. A report is final only when all totals add up and nothing waits; otherwise it exits 4 and says why.

    \b
    Examples:
      evidence-review report
      evidence-review report --draft --to docx --to pdf
      evidence-review report --layout brief
      evidence-review report diff 2026-11-20
      evidence-review report check-flow PRISMA.csv
      evidence-review report checklists
    """
    if ctx.invoked_subcommand is not None:
        return None
    summary: Summary = ctx.invoke(render, **options)
    return summary


@command.command("render", hidden=True)
@_options
@click.pass_obj
@summarised
def render(
    state: State,
    draft: bool,
    to: tuple[str, ...],
    layout: str,
    language: str,
    references: str,
    csl: Path | None,
    reference_doc: Path | None,
    hide: tuple[str, ...],
) -> Summary:
    """Render the report."""
    from evidence_review.commands.report.rendition import FORMATS, Wishes
    from evidence_review.commands.report.run import run

    formats = FORMATS if "all" in to else tuple(dict.fromkeys(to))
    wishes = Wishes(language, layout, references, formats, reference_doc, csl, hide)
    return run(state.workspace(), draft=draft, wishes=wishes)


@command.command("check-flow")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--adjust", multiple=True, metavar="I3=2", help="A declared difference, added to what is expected.")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Draw the diagram here if all adds up.")
@summarised
def check_flow(file: Path, adjust: tuple[str, ...], svg: Path | None) -> Summary:
    """Check the numbers of a flow diagram made elsewhere; no review folder is needed.

    FILE is in the form of the R package PRISMA2020's template, as CSV or XLSX; its columns 'data' and 'n' are enough.
    Exits 4 where the numbers do not add up, naming the identity, what was expected and what was found.

    \b
    Examples:
      evidence-review report check-flow PRISMA.csv
      evidence-review report check-flow PRISMA.csv --adjust I5=-3 --svg flow.svg
    """
    from evidence_review.commands.report.check_flow import check_flow

    return check_flow(file, adjust, svg)


@command.command("checklists")
@click.pass_obj
@summarised
def checklists(state: State) -> Summary:
    """Write the sheet in which the authors answer what only they can say.

    protocols/<review>/checklists.csv gets a row for each item of a reporting checklist that the program does not find
    in the report. Fill in a place, a note or both; the report shows them as answered by the authors. A sheet that is
    there is never written over.

    \b
    Example:
      evidence-review report checklists
    """
    from evidence_review.commands.report.answer_sheet import write_sheet

    return write_sheet(state.workspace())


@command.command("diff")
@click.argument("old")
@click.argument("new", required=False, default="")
@click.pass_obj
@summarised
def diff(state: State, old: str, new: str) -> Summary:
    """Say what changed between two renderings, or since a day.

    OLD and NEW are each a numbers.json, a folder with one, or a day such as 2026-11-20; without NEW it is the review
    as it stands.
    """
    from evidence_review.commands.report.diff import run

    return run(state.workspace(), old, new)
