"""The same against a server that others wrote: npm's zotero-selfhost-server, started here where it is installed.

Its versions count objects, and it never asks to wait; faults are for the server of our own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import screening_reviews as reviews
import zotero_selfhost as selfhost

from evidence_review.commands.zotero import pull, push
from evidence_review.model.events import DuplicateEvent
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

pytestmark = pytest.mark.skipif(bool(selfhost.missing()), reason=selfhost.missing() or "installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[selfhost.Selfhost]:
    """The server, running."""
    with selfhost.running(tmp_path_factory.mktemp("selfhost")) as found:
        yield found


def settings(server: selfhost.Selfhost) -> Settings:
    """Settings that lead to the server."""
    return Settings(keys={"zotero": server.key}, urls={"zotero": server.url})


def test_a_thousand_records_are_pushed_once_each_and_pulled_back(server: selfhost.Selfhost, tmp_path: Path) -> None:
    """Every collection has its count, a second push writes nothing, and a pull gives the citations back."""
    name = f"trial-{uuid.uuid4().hex[:8]}"  # so that the server may be used again
    workspace = make(tmp_path / "push", name, 1000)
    names = [record.id for record in workspace.records()]
    with workspace.transaction("dedup") as change:
        change.add_events(
            DuplicateEvent("merged", names[number + 1], names[number], "doi", "", "dedup", change.when)
            for number in range(0, 100, 2)
        )
    first = push.run(workspace, server.library, settings=settings(server))
    assert (first.exit_code, first.data["items made"], first.data["collections made"]) == (0, 1000, 8)
    again = push.run(workspace, server.library, settings=settings(server))
    assert (again.data["items made"], again.data["items changed"], again.data["collections made"]) == (0, 0, 0)
    counts = {
        path: len(list(pulled(server, tmp_path / path.replace("/", "-"), name, f"{name}/{path}").records()))
        for path in ("01 Search/PubMed", "02 Deduplicated", "05 Included")
    }
    assert counts == {"01 Search/PubMed": 1000, "02 Deduplicated": 950, "05 Included": 0}


def test_what_changes_in_the_library_is_followed(server: selfhost.Selfhost, tmp_path: Path) -> None:
    """A later pull brings what a later push added, and nothing twice."""
    name = f"trial-{uuid.uuid4().hex[:8]}"
    workspace = make(tmp_path / "push", name, 60)
    push.run(workspace, server.library, settings=settings(server))
    other = pulled(server, tmp_path / "pull", name, f"{name}/02 Deduplicated")
    assert len(list(other.records())) == 60
    first, second = [record.id for record in workspace.records()][:2]
    reviews.add(workspace, range(61, 66))
    with workspace.transaction("dedup") as change:
        change.add_events([DuplicateEvent("merged", second, first, "doi", "", "dedup", change.when)])
    push.run(workspace, server.library, settings=settings(server))
    summary = pull.run(
        other, server.library, source="pubmed", collection=f"{name}/02 Deduplicated", settings=settings(server)
    )
    assert {key: summary.data["sources"][0][key] for key in ("loaded", "taken_out")} == {"loaded": 5, "taken_out": 1}


def make(folder: Path, name: str, records: int) -> Workspace:
    """Make a review of that name."""
    workspace = reviews.make(folder, records=0)
    text = workspace.layout.protocol.read_text(encoding="utf-8").replace("review: small", f"review: {name}")
    workspace.layout.protocol.rename(workspace.layout.protocol.with_name(f"{name}.yml")).write_text(
        text, encoding="utf-8"
    )
    made = Workspace.open(folder)
    reviews.add(made, range(1, records + 1))
    return made


def pulled(server: selfhost.Selfhost, folder: Path, name: str, collection: str) -> Workspace:
    """Pull a collection into a fresh review."""
    workspace = make(folder, name, 0)
    summary = pull.run(workspace, server.library, source="pubmed", collection=collection, settings=settings(server))
    assert summary.exit_code == 0
    return workspace
