"""A review folder with searches, and settings that point at servers of the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from evidence_review.net.client import Timing
from evidence_review.net.pace import Rate
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

PROTOCOL = """\
review: partners
title: Partnerships between hospitals
question: {{text: What do partnerships between hospitals achieve?}}
eligibility: {{}}
strategies:
  main: {strategy}
sources:
{sources}
{more}
"""


def protocol_text(*sources: str, strategy: str = "partnership[tiab] AND hospital[tiab]", more: str = "") -> str:
    """Return a protocol that searches `sources` with one strategy."""
    listed = "\n".join(f"  - {{id: {name}, name: {name}, via: api, strategy: main}}" for name in sources)
    return PROTOCOL.format(strategy=f"'{strategy}'", sources=listed, more=more)


@pytest.fixture
def review(tmp_path: Path) -> Callable[..., Workspace]:
    """Make a review folder with these sources."""

    def make(*sources: str, folder: str = "review", **options: str) -> Workspace:
        path = tmp_path / folder / "protocols" / "partners.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(protocol_text(*sources, **options), encoding="utf-8")
        return Workspace.open(tmp_path / folder)

    return make


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    """Make settings whose sources lie at these addresses."""

    def make(urls: dict[str, str] | None = None, keys: dict[str, str] | None = None, email: str = "") -> Settings:
        return Settings(email=email, keys=keys or {}, urls=urls or {}, cache=tmp_path / "cache")

    return make


@pytest.fixture
def brisk() -> Timing:
    """A client that does not wait long between tries."""
    return Timing(ceiling=2.0, tries=3, first_backoff=0.01, timeout=(5.0, 5.0), rate=Rate(1_000, at_once=100))


@pytest.fixture(autouse=True)
def _fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
