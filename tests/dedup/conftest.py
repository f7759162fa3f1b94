"""Small reviews to look for duplicates in."""

from __future__ import annotations

from pathlib import Path

import pytest
from dedup_samples import PROTOCOL, Add, add_to

from evidence_review.model.record import Citation
from evidence_review.workspace.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty review with a fixed clock."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols" / "small.yml").write_text(PROTOCOL, encoding="utf-8")
    return Workspace.open(tmp_path)


@pytest.fixture
def add(workspace: Workspace) -> Add:
    """A function that adds citations to the review and returns their ids."""

    def adding(*citations: Citation, source: str = "pubmed", into: Workspace | None = None) -> list[str]:
        return add_to(into or workspace, citations, source)

    return adding
