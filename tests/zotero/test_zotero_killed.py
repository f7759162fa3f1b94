"""The program as people run it: killed at any request, it goes on; its key is found nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import screening_reviews as reviews
from fake_zotero import KEY, Library, serving

ZOTERO = """\
  - {id: team, name: Team library, platform: Zotero, url: "https://www.zotero.org/groups/7/team"}
"""


def start(folder: Path, server: Library, *arguments: str) -> subprocess.Popen[str]:
    """Start `evidence-review zotero …` against the server."""
    environment = {**os.environ, "ZOTERO_API_KEY": KEY, "EVIDENCE_REVIEW_ZOTERO_URL": server.url, "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "evidence_review.cli", "--folder", str(folder), "zotero", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a run; return its exit code and all that it said."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out + err


def prepare(folder: Path) -> None:
    """Make a review of 120 records with a Zotero library among its sources."""
    workspace = reviews.make(folder, records=120)
    with workspace.layout.protocol.open("a", encoding="utf-8") as stream:
        stream.write(ZOTERO)


@pytest.mark.parametrize("last", [1, 4, 7, 10, 11, 12])
def test_a_push_killed_at_a_request_is_finished_by_the_next(tmp_path: Path, last: int) -> None:
    """Before or after the request was handled: every item once, every collection once."""
    prepare(tmp_path)
    with serving() as server:
        running: list[subprocess.Popen[str]] = []
        count = iter(range(1, 10_000))

        def kill(_: str) -> str | None:
            if next(count) == last:
                running[0].kill()
                return "drop-after"
            return None

        server.fault = kill
        running.append(start(tmp_path, server, "push", "--library", "groups/7"))
        assert finish(running[0])[0] != 0
        code, said = finish(start(tmp_path, server, "push", "--library", "groups/7"))
        assert code == 0, said
        assert len(server.items) == 120
        assert server.names()["small/01 Search/PubMed"] == 120
        assert len(server.collections) == 8


def test_the_key_is_found_nowhere(tmp_path: Path) -> None:
    """Neither in the folder nor in what is said, also when the service fails."""
    prepare(tmp_path)
    with serving() as server:
        server.put("items", {"key": "BOOK2222", "itemType": "book", "title": "A book"})
        said = [finish(start(tmp_path, server, "pull"))[1], finish(start(tmp_path, server, "push"))[1]]
        server.fault = lambda _: "412-before"
        said.append(finish(start(tmp_path, server, "push", "--json"))[1])
    assert "1 new records" in said[0]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
    assert not [text for text in said if KEY in text]
