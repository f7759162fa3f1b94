"""Citation searching that dies at any request goes on where it stopped and ends in the same bytes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from fake_http import Answer, Asked, serving
from fake_services import EuropePmcCitations, OpenAlex, OpenCitations, SemanticScholar

from evidence_review.commands.chase.run import run
from evidence_review.net.client import Timing
from evidence_review.net.pace import Rate
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to start many processes quickly")

GRAPH = {1: [3, 4], 2: [4, 5], 3: [], 4: [], 5: [], 6: [1], 7: [1, 2], 8: [2]}
PATIENT = Timing(ceiling=5.0, tries=3, first_backoff=0.01, timeout=(5.0, 5.0), rate=Rate(10_000, at_once=1_000))


def contents(workspace: Workspace) -> dict[str, bytes]:
    """Every file that chase writes; the journals hold the times of the services."""
    folder = workspace.layout.folder
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and (path.name in ("records.jsonl", "citations.csv") or path.suffix in (".gz", ".svg", ".html"))
    }


class Killer:
    """Kills whoever asks something new, before it is answered."""

    def __init__(self) -> None:
        self.pid = 0
        self.seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()

    def before(self, answer: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
        def killing(asked: Asked) -> Answer:
            question = (asked.path, tuple(sorted(asked.values.items())))
            if self.pid and question not in self.seen:
                self.seen.add(question)
                os.kill(self.pid, signal.SIGKILL)
                time.sleep(0.05)
            return answer(asked)

        return killing


def test_killed_at_every_question(
    review: Callable[..., Workspace], settings: Callable[..., Settings], tmp_path: Path
) -> None:
    """Four services, two directions: each question kills once; records, links, archive and picture are those of one
    undisturbed run.
    """
    seeds = tmp_path / "seeds.txt"
    seeds.write_text("10.5555/w.1\n2\n", encoding="utf-8")
    whole, dying = review("pubmed", folder="whole"), review("pubmed", folder="dying")
    answers = {
        "openalex": OpenAlex(GRAPH, page=2).answer, "semanticscholar": SemanticScholar(GRAPH, page=2).answer,
        "europepmc": EuropePmcCitations(GRAPH, page=2).answer, "opencitations": OpenCitations(GRAPH).answer,
    }  # fmt: skip
    killer = Killer()
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(killer.before(answer))) for name, answer in answers.items()}
        chosen = settings({name: server.url for name, server in servers.items()})
        assert run(whole, file=seeds, settings=chosen, timing=PATIENT).exit_code == 0
        deaths = 0
        while True:
            child = os.fork()
            if child == 0:
                try:
                    time.sleep(0.005)
                    run(Workspace.open(dying.layout.folder), file=seeds, settings=chosen, timing=PATIENT)
                finally:
                    os._exit(0)
            killer.pid = child
            status = os.waitpid(child, 0)[1]
            killer.pid = 0
            if os.WIFEXITED(status):
                break
            deaths += 1
            assert deaths < 200, "it never ends"
    assert deaths >= 15
    assert len(contents(whole)) > 20
    assert contents(dying) == contents(whole)
