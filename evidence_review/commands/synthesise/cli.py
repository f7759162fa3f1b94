"""The command line of `synthesise`."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_review.console import State, summarised
from evidence_review.summary import Summary

MEASURES = ("RR", "OR", "RD", "MD", "SMD", "GEN", "PLO", "IRLN", "IRR", "ZCOR")
_PLOT = click.Path(dir_okay=False, path_type=Path)
METHODS = ("FE", "DL", "PM", "REML", "MH", "PETO")


@click.group("synthesise", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the summary for programs on stdout.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> Summary | None:
    """Write the tables, displays and gap maps that the protocol asks for; or, with a sub-command, one of them.

    \b
    Example:
      evidence-review synthesise
    """
    if context.invoked_subcommand is not None:
        return None
    summary: Summary = context.invoke(everything, as_json=as_json)
    return summary


@command.command("all")
@click.pass_obj
@summarised
def everything(state: State) -> Summary:
    """Write all that the protocol asks for: tables, displays, gap maps. The bare command does the same."""
    from evidence_review.commands.synthesise.run import everything as run

    return run(state.workspace())


@command.command("tables")
@click.pass_obj
@summarised
def tables(state: State) -> Summary:
    """Write tables of the included studies as CSV and Markdown."""
    from evidence_review.commands.synthesise.run import tables as run

    return run(state.workspace())


@command.command("findings")
@click.option("--by", "person", default="", metavar="ID", help="Who judges; written into a new sheet.")
@click.pass_obj
@summarised
def findings(state: State, person: str) -> Summary:
    """Write a sheet for review findings with their confidence (GRADE-CERQual); read it back once it is filled in."""
    from evidence_review.commands.synthesise.certainty import run
    from evidence_review.state.certainty import CERQUAL

    return run(state.workspace(), CERQUAL, person)


@command.command("outcomes")
@click.option("--by", "person", default="", metavar="ID", help="Who judges; written into a new sheet.")
@click.pass_obj
@summarised
def outcomes(state: State, person: str) -> Summary:
    """Write a sheet for outcomes with their certainty (GRADE); read it back once it is filled in."""
    from evidence_review.commands.synthesise.certainty import run
    from evidence_review.state.certainty import GRADE

    return run(state.workspace(), GRADE, person)


@command.command("pool")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--measure", type=click.Choice(MEASURES, case_sensitive=False), help="The effect measure of FILE.")
@click.option("--method", type=click.Choice(METHODS, case_sensitive=False), default="REML", show_default=True)
@click.option("--knapp-hartung", is_flag=True, help="Interval by Knapp and Hartung, for random effects.")
@click.option(
    "--prediction",
    type=click.Choice(["default", "hts", "none"]),
    default="default",
    help="Prediction interval: by the confidence interval's quantile, by t with k - 2, or none.",
)
@click.option("--by", default="", metavar="COLUMN", help="Pool the subgroups of a column, too.")
@click.option("--covariate", default="", metavar="COLUMN", help="Regress the effects on a column.")
@click.option("--leave-one-out", is_flag=True, help="Pool again without each study in turn.")
@click.option("--egger", is_flag=True, help="Egger's test for small-study effects.")
@click.option("--forest", type=_PLOT, default=None, help="Write a forest plot here (SVG).")
@click.option("--funnel", type=_PLOT, default=None, help="Write a funnel plot here (SVG).")
@click.pass_obj
@summarised
def pool(
    state: State, file: Path | None, measure: str | None, method: str, knapp_hartung: bool, prediction: str, by: str,
    covariate: str, leave_one_out: bool, egger: bool, forest: Path | None, funnel: Path | None,
) -> Summary:  # fmt: skip
    """Pool the effects in FILE, a CSV or XLSX table with a row a study; no review is needed.

    Without FILE, pool what was extracted, as the protocol allows it under 'synthesis.pooling'.

    Columns: study and ai,bi,ci,di (or ai,n1i,ci,n2i) for RR, OR, RD; m1,sd1,n1,m2,sd2,n2, or from medians
    lq1,med1,uq1,n1,lq2,med2,uq2,n2 or min1,med1,max1,…, for MD, SMD; yi with sei, vi or lower,upper for GEN;
    xi,ni for PLO; xi,ti for IRLN; x1i,t1i,x2i,t2i for IRR; ri,ni for ZCOR.

    \b
    Example:
      evidence-review synthesise pool trials.csv --measure RR --method REML --knapp-hartung
    """
    if file is None:
        from evidence_review.commands.synthesise.pool.review import pool_review

        return pool_review(state.workspace())
    if measure is None:
        raise click.UsageError("Say which measure the table is of: '--measure RR'.")
    from evidence_review.commands.synthesise.pool.run import Request, run

    return run(
        Request(file, measure, method, knapp_hartung, prediction, by, covariate, leave_one_out, egger, forest, funnel)
    )


@command.command("map")
@click.pass_obj
@summarised
def gap_map(state: State) -> Summary:
    """Draw the protocol's evidence gap maps: SVG, and an HTML file to filter and open."""
    from evidence_review.commands.synthesise.maps import maps as run

    return run(state.workspace())
