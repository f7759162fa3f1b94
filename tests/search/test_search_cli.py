"""The command as people and programs run it: exit codes, JSON on stdout, talk on stderr, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fake_http import Answer, Asked, serving
from fake_services import EuropePmc

from evidence_review.workspace.workspace import Workspace

COMMAND = [sys.executable, "-m", "evidence_review.cli"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which nobody's own settings are found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EVIDENCE_REVIEW_", "NCBI_"))}
    return {**kept, "HOME": str(tmp_path / "home"), "EVIDENCE_REVIEW_CACHE": str(tmp_path / "cache")}


def test_json_goes_to_stdout_and_waits_to_stderr(review: Callable[..., Workspace], environment: dict[str, str]) -> None:
    """A program can read stdout whole; a person sees the wait and its end; the code is 3 while something is missing."""
    workspace = review("europepmc", "core")
    folder = str(workspace.layout.folder)
    with serving(EuropePmc(25, page=10).answer) as server:
        server.faults = {2: Answer(b"", 429, {"Retry-After": "5"})}
        done = subprocess.run(
            [*COMMAND, "--folder", folder, "search", "--json"],
            env={**environment, "EVIDENCE_REVIEW_EUROPEPMC_URL": server.url},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 3
    states = {item["source"]: item["state"] for item in json.loads(done.stdout)["sources"]}
    assert states == {"europepmc": "complete", "core": "failed"}
    assert "waiting 5 s, until" in done.stderr
    assert "CORE_API_KEY" in done.stderr


def test_a_run_whose_only_source_failed_says_that_it_failed(
    review: Callable[..., Workspace], environment: dict[str, str]
) -> None:
    """Not that there are no records: the reason is the source's, and so is the exit code."""
    folder = str(review("core").layout.folder)
    done = subprocess.run([*COMMAND, "--folder", folder, "run"], env=environment, capture_output=True, text=True)
    assert done.returncode == 3
    assert "core: FAILED" in done.stderr
    assert "CORE_API_KEY" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_leaves_a_folder_that_the_next_run_continues_from(
    review: Callable[..., Workspace], environment: dict[str, str]
) -> None:
    """Interrupted: exit code 130, a sentence and no traceback; the pages so far are not asked for again."""
    workspace = review("europepmc")
    service = EuropePmc(25, page=10)
    slow = True

    def answer(asked: Asked) -> Answer:
        made = service.answer(asked)
        return replace(made, delay=20.0) if slow and asked.values["cursorMark"] == "AoE20" else made

    with serving(answer) as server:
        command = [*COMMAND, "--folder", str(workspace.layout.folder), "search"]
        chosen = {**environment, "EVIDENCE_REVIEW_EUROPEPMC_URL": server.url}
        process = subprocess.Popen(command, env=chosen, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 30
        while len(server.asked) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=30)
        assert (process.returncode, "Traceback" in words) == (130, False)
        assert "run the command again to go on" in words
        slow, before = False, len(server.asked)
        done = subprocess.run(command, env=chosen, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert [asked.values["cursorMark"] for asked in server.asked[before:]] == ["AoE20"]
    assert len(list(workspace.records())) == 25
