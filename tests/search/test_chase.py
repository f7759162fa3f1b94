"""Citations are followed from named seeds, and what they bring enters by the route of citation searching."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fake_http import as_json, serving
from fake_services import OpenAlex

from evidence_review.commands.chase.run import run
from evidence_review.errors import UsageError
from evidence_review.net.client import Timing
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

Review = Callable[..., Workspace]
Make = Callable[..., Settings]

# 1 and 2 are seeds; 3 to 5 are cited by them; 6 to 8 cite them.
ONE = ("openalex",)
GRAPH = {1: [3, 4], 2: [4, 5], 3: [], 4: [], 5: [], 6: [1], 7: [1, 2], 8: [2], 9: [3]}


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A file of two documents, one by DOI and one by PMID."""
    path = tmp_path / "seeds.txt"
    path.write_text("https://doi.org/10.5555/W.1\n2\n", encoding="utf-8")
    return path


def test_backward_and_forward_bring_exactly_the_neighbours(
    review: Review, settings: Make, brisk: Timing, seeds: Path
) -> None:
    """Backward finds what the seeds cite, forward what cites them, each once, with the seeds named."""
    workspace = review("pubmed")
    with serving(OpenAlex(GRAPH, page=2).answer) as server:
        chosen = settings({"openalex": server.url})
        summary = run(workspace, file=seeds, services=ONE, settings=chosen, timing=brisk)
        asked = len(server.asked)
        run(workspace, file=seeds, services=ONE, settings=chosen, timing=brisk)
        assert len(server.asked) == asked
    assert summary.exit_code == 0
    runs = {item.source: item for item in workspace.runs()}
    assert {name: (item.route, item.state, item.starts) for name, item in runs.items()} == {
        "citation-backward-openalex": ("citation", "complete", 3),
        "citation-forward-openalex": ("citation", "complete", 3),
    }
    assert "10.5555/W.1" in runs["citation-backward-openalex"].strategy
    found = {(record.source, record.native_id) for record in workspace.records()}
    assert found == {("citation-backward-openalex", f"W{number}") for number in (3, 4, 5)} | {
        ("citation-forward-openalex", f"W{number}") for number in (6, 7, 8)
    }
    record = next(workspace.records())
    assert record.citation.abstract == "Two works"


def test_a_seed_that_openalex_does_not_know_is_named(
    review: Review, settings: Make, brisk: Timing, tmp_path: Path
) -> None:
    """A seed without an identifier, and one that is not found, are said and not passed over."""
    sheet = tmp_path / "seeds.csv"
    sheet.write_text("title,doi\nNo identifier,\nUnknown,10.5555/none\n", encoding="utf-8")
    workspace = review("pubmed")
    with serving(OpenAlex(GRAPH).answer) as server:
        summary = run(
            workspace,
            file=sheet,
            direction="backward",
            services=ONE,
            settings=settings({"openalex": server.url}),
            timing=brisk,
        )
    (made,) = workspace.runs()
    assert "not in OpenAlex: Unknown" in made.note
    assert "without an identifier, not followed: No identifier" in made.note
    assert any("not followed: No identifier" in line for line in summary.lines)


def test_a_cited_work_that_is_gone_is_named(review: Review, settings: Make, brisk: Timing, seeds: Path) -> None:
    """A reference to a work that OpenAlex no longer has is explained, not lost in silence."""
    workspace = review("pubmed")
    with serving(OpenAlex({1: [3, 44], 2: [], 3: []}).answer) as server:
        run(
            workspace,
            file=seeds,
            direction="backward",
            services=ONE,
            settings=settings({"openalex": server.url}),
            timing=brisk,
        )
    (made,) = workspace.runs()
    assert (made.hits, made.starts, made.state) == (2, 1, "complete")
    assert "no longer in OpenAlex: W44" in made.note


def test_a_spent_budget_ends_the_run_and_says_until_when(
    review: Review, settings: Make, brisk: Timing, seeds: Path
) -> None:
    """A budget that is spent is told apart from too many requests, and nothing is waited for."""
    workspace = review("pubmed")
    with serving(OpenAlex(GRAPH).answer) as server:
        server.faults = {2: as_json({"error": "daily budget exceeded"}, 429, Retry_After="40000")}
        summary = run(
            workspace,
            file=seeds,
            direction="forward",
            services=ONE,
            settings=settings({"openalex": server.url}),
            timing=brisk,
        )
    (made,) = workspace.runs()
    assert (summary.exit_code, made.state) == (3, "failed" if made.hits is None else "incomplete")
    assert made.reason.startswith("budget")
    assert "is spent until" in made.reason


def test_without_seeds_the_command_says_how_to_name_them(review: Review, settings: Make) -> None:
    """Nothing is chased from nothing."""
    with pytest.raises(UsageError, match="--included"):
        run(review("pubmed"), settings=settings())
