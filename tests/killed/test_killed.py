"""Whatever writes, and whenever it dies: the next run ends in the same bytes as if nothing had happened."""

from __future__ import annotations

import random
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
from dying_programs import CHECKOUT, NEVER, contents, program

from evidence_review.commands.run.run import identification, work
from evidence_review.workspace.workspace import Workspace

DEATHS = 5

_PROTOCOL = Workspace.open(CHECKOUT, "health-partnerships").protocol
# Every writing step of a whole review, as a person would type it.
STEPS = [
    *identification(_PROTOCOL),
    *work(_PROTOCOL),
    ("report", "--draft"),
    ("protocol", "amend", "--section", "version", "--to", "'9'", "--reason", "a test of dying"),
]

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")


@dataclass(frozen=True)
class Step:
    """One command: the folder before and after it, and how many changes of the disk it makes."""

    before: Path
    after: Path
    changes: int


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Step]:
    """The worked example taken through every step once, undisturbed; repeated commands keep the first that changes."""
    root = tmp_path_factory.mktemp("chain")
    start = root / "000"
    for name in ("protocols", "screening"):
        shutil.copytree(CHECKOUT / name, start / name)
    found: dict[tuple[str, ...], Step] = {}
    for number, arguments in enumerate(STEPS, start=1):
        before, after, count = root / f"{number - 1:03d}", root / f"{number:03d}", root / "count"
        shutil.copytree(before, after)
        done = program(after, arguments, NEVER, count)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        changes = int(count.read_text(encoding="utf-8"))
        if arguments not in found or contents(found[arguments].before) == contents(found[arguments].after):
            found[arguments] = Step(before, after, changes)
    return found


@pytest.mark.parametrize("arguments", list(dict.fromkeys(STEPS)), ids=" ".join)
def test_a_killed_command_leaves_nothing_half_done(
    chain: dict[tuple[str, ...], Step], arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """Killed at changes of the disk drawn at random and at the very first and last, then run again."""
    step = chain[arguments]
    expected = contents(step.after)
    if contents(step.before) == expected:
        assert step.changes <= 4, "a command that changes nothing touches only its staging folder"
        return
    draw = random.Random(" ".join(arguments))
    deaths = {1, step.changes, *draw.sample(range(1, step.changes + 1), min(DEATHS - 2, step.changes))}
    for last in sorted(deaths):
        folder = tmp_path / str(last)
        shutil.copytree(step.before, folder)
        killed = program(folder, arguments, last, tmp_path / "count")
        assert killed.returncode == -signal.SIGKILL, f"survived change {last}: {killed.stderr}"
        again = program(folder, arguments, NEVER, tmp_path / "count")
        assert again.returncode == 0, f"after dying at change {last}: {again.stderr}"
        left = contents(folder)
        assert set(left) == set(expected), f"after dying at change {last} of {step.changes}"
        differing = [name for name in expected if left[name] != expected[name]]
        assert not differing, f"after dying at change {last} of {step.changes}"
