"""A harvest that dies at any request goes on where it stopped and ends in the same bytes."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from fake_http import Answer, Asked, Server, serving
from fake_services import EuropePmc

from evidence_review.commands.search.run import run
from evidence_review.net.client import Timing
from evidence_review.net.pace import Rate
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

PAGES = 40
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to start 40 processes quickly")


def contents(workspace: Workspace) -> dict[str, bytes]:
    """Return the bytes of the records and of every archived reply (the journal holds the times of the service)."""
    library = workspace.layout.library
    return {
        path.relative_to(library).as_posix(): path.read_bytes()
        for path in sorted(library.rglob("*"))
        if path.name == "records.jsonl" or path.suffix == ".gz"
    }


def archived(workspace: Workspace) -> set[str]:
    """Return the cursors whose pages are in the archive's journal."""
    found = set()
    for journal in workspace.layout.searches.glob("*/*/journal.jsonl"):
        for line in journal.read_bytes().split(b"\n")[:-1]:
            found.add(json.loads(line)["request"].rpartition("cursorMark=")[2])
    return found


class Killer:
    """Kills whoever asks: at its first request that is new, before or shortly after it is answered."""

    def __init__(self, service: EuropePmc, delay: Callable[[], float] | None) -> None:
        self._service = service
        self._delay = delay
        self.pid = 0
        self.cursors: list[str] = []

    def answer(self, asked: Asked) -> Answer:
        self.cursors.append(asked.values["cursorMark"].replace("*", "%2A"))
        if self.pid and self._delay is None and len(self.cursors) > 1:
            os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.05)
        elif self.pid and self._delay is not None:
            threading.Timer(self._delay(), self._kill, [self.pid]).start()
        return self._service.answer(asked)

    def _kill(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def harvest_dying(workspace: Workspace, settings: Settings, timing: Timing, killer: Killer, server: Server) -> int:
    """Start process after process until one lives to the end; return how many died."""
    for deaths in range(200):
        before = archived(workspace)
        killer.cursors.clear()
        child = os.fork()
        if child == 0:
            try:
                time.sleep(0.005)
                run(workspace, settings=settings, timing=timing)
            finally:
                os._exit(0)
        killer.pid = child
        status = os.waitpid(child, 0)[1]
        killer.pid = 0
        assert not before & set(killer.cursors), "an archived page was fetched again"
        if os.WIFEXITED(status):
            return deaths
    raise AssertionError("the harvest never ended")


@pytest.fixture(scope="module")
def patient() -> Timing:
    """A client that does not give up."""
    return Timing(ceiling=5.0, tries=3, first_backoff=0.01, timeout=(5.0, 5.0), rate=Rate(10_000, at_once=1_000))


@pytest.mark.parametrize("instant", ["before the answer", "shortly after the answer"])
def test_killed_at_every_request_of_forty_pages(
    instant: str,
    review: Callable[..., Workspace],
    settings: Callable[..., Settings],
    patient: Timing,
) -> None:
    """No archived page is asked for again; in the end records and archive are those of one undisturbed run."""
    whole, dying = review("europepmc", folder="whole"), review("europepmc", folder="dying")
    service = EuropePmc(PAGES * 5, page=5)
    with serving(service.answer) as server:
        run(whole, settings=settings({"europepmc": server.url}), timing=patient)
        assert len(server.asked) == PAGES
        lots = random.Random(7)
        killer = Killer(service, None if instant == "before the answer" else lambda: lots.uniform(0.0, 0.03))
        server.answer = killer.answer
        deaths = harvest_dying(dying, settings({"europepmc": server.url}), patient, killer, server)
    assert deaths >= PAGES // 2
    assert len(contents(whole)) == PAGES + 1
    assert contents(dying) == contents(whole)
    (died,), (lived,) = dying.runs(), whole.runs()
    assert replace(died, files=()) == replace(lived, files=())


def test_two_processes_at_once_make_one_search(
    review: Callable[..., Workspace], settings: Callable[..., Settings], patient: Timing
) -> None:
    """Whoever comes second joins the run that is begun, waits for it, and finds nothing left to do."""
    workspace = review("europepmc")
    with serving(EuropePmc(60, page=10).answer) as server:
        chosen = settings({"europepmc": server.url})
        children = []
        for _ in range(3):
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    code = run(Workspace.open(workspace.layout.folder), settings=chosen, timing=patient).exit_code
                finally:
                    os._exit(code)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        cursors = [asked.values["cursorMark"] for asked in server.asked]
    assert codes == [0, 0, 0]
    assert sorted(cursors) == sorted(set(cursors))
    (made,) = workspace.runs()
    assert (made.state, made.starts, made.loaded, made.known) == ("complete", 60, 60, 0)
    assert len(list(workspace.records())) == 60
