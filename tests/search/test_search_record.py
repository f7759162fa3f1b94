"""What PRISMA-S asks to be told of a search is on record, and stands in the report."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

from fake_http import Answer, Asked, serving
from fake_services import EuropePmc, PubMed

from evidence_review import __version__
from evidence_review.commands.report.run import run as report
from evidence_review.commands.search.run import run
from evidence_review.net.client import Timing
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

STRATEGY = '"Hospitals"[mh] AND partnership[tiab]'


def test_the_report_tells_of_each_search_what_prisma_s_asks_for(
    review: Callable[..., Workspace], settings: Callable[..., Settings], brisk: Timing
) -> None:
    """Platform, strategy, translation with losses, limits, time, hits, fetched, the source's reading, version, hash."""
    more = "limits: {published_from: 2015-01-01}"
    workspace = review("pubmed", "europepmc", strategy=STRATEGY, more=more)

    def broken(asked: Asked) -> Answer:
        made = EuropePmc(25, page=10).answer(asked)
        return made if asked.values["cursorMark"] == "*" else replace(made, body=b"", status=500)

    with serving(PubMed.of(3).answer) as pubmed, serving(broken) as epmc:
        urls = {"pubmed": pubmed.url, "europepmc": epmc.url}
        run(workspace, settings=settings(urls), timing=replace(brisk, tries=1))
    runs = {item.source: item for item in workspace.runs()}
    assert {item.program for item in runs.values()} == {__version__}
    report(Workspace.open(workspace.layout.folder), draft=True)
    page = next(workspace.layout.folder.rglob("report.html")).read_text(encoding="utf-8")
    annex = page[page.index('id="strategies"') :]
    told = html.unescape(re.sub(r"<[^>]+>", "", annex))
    pubmed_run = runs["pubmed"]
    assert "PubMed (NCBI E-utilities)" in told
    assert f"at {pubmed_run.searched_on[11:16]} UTC with evidence-review {__version__}" in told
    assert STRATEGY in told
    assert "KW:Hospitals AND TITLE_ABS:partnership" in told
    assert "Europe PMC does not explode headings" in told
    assert "published 2015-01-01" in told
    assert "the source itself reported 3" in told
    assert "The source read the query as: " + pubmed_run.understood in told
    assert pubmed_run.files[0][1] in told
    assert "incomplete (server-error after 10 of 25 were fetched" in told
