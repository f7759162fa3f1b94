"""A small review to work on."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence_review.workspace.workspace import Workspace

PROTOCOL = """\
review: small
title: A small review
question: {text: Does it work?}
eligibility:
  include: [{id: I1, criterion: everything}]
  exclude: [{code: E1, label: nothing}]
team: [{id: reviewer-1}, {id: reviewer-2}]
screening:
  title_abstract: {mode: single, screeners: [reviewer-1]}
  full_text: {mode: single, screeners: [reviewer-1]}
sources:
  - {id: pubmed, name: PubMed}
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty review with a fixed clock."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols" / "small.yml").write_text(PROTOCOL, encoding="utf-8")
    return Workspace.open(tmp_path)
