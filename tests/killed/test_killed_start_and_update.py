"""A review that is begun, or updated into its next version, by a command that dies."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from dying_programs import CHECKOUT, NEVER, contents, program

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")

NEW = "\nPMID- 99000001\nDP  - 2027\nTI  - A made-up partnership of two hospitals, found later.\nAU  - Aalto B\n"


def test_init_leaves_a_review_or_none(tmp_path: Path) -> None:
    """Killed at every change of the disk: typed again it starts the review or says that it is there; all is whole."""
    words = ("init", "trial", "--framework", "pico")
    whole = tmp_path / "whole"
    whole.mkdir()
    assert program(whole, words, NEVER, tmp_path / "count").returncode == 0
    expected = contents(whole)
    for last in range(1, int((tmp_path / "count").read_text(encoding="utf-8")) + 1):
        folder = tmp_path / str(last)
        folder.mkdir()
        assert program(folder, words, last, tmp_path / "count").returncode == -signal.SIGKILL
        again = program(folder, words, NEVER, tmp_path / "count")
        assert again.returncode == 0 or "exists already" in again.stderr, again.stderr
        assert program(folder, ("status",), NEVER, tmp_path / "count").returncode == 0
        assert contents(folder) == expected, last


@pytest.fixture(scope="module")
def final(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked example to its final report, with one record found later."""
    folder = tmp_path_factory.mktemp("final") / "review"
    for name in ("protocols", "screening"):
        shutil.copytree(CHECKOUT / name, folder / name)
    assert program(folder, ("run",), NEVER, folder.parent / "count").returncode == 0
    with (folder / "protocols" / "health-partnerships" / "pubmed.nbib").open("a", encoding="utf-8") as out:
        out.write(NEW)
    return folder


def test_update_begins_one_version_whenever_it_dies(final: Path, tmp_path: Path) -> None:
    """Killed at changes spread over all its steps: done again, every file is that of one undisturbed update."""
    whole = tmp_path / "whole"
    shutil.copytree(final, whole)
    assert program(whole, ("update",), NEVER, tmp_path / "count").returncode == 0
    expected = contents(whole)
    changes = int((tmp_path / "count").read_text(encoding="utf-8"))
    for last in sorted({1, changes, *range(2, changes, max(1, changes // 8))}):
        folder = tmp_path / str(last)
        shutil.copytree(final, folder)
        assert program(folder, ("update",), last, tmp_path / "count").returncode == -signal.SIGKILL, last
        again = program(folder, ("update",), NEVER, tmp_path / "count")
        assert again.returncode == 0, again.stderr
        left = contents(folder)
        assert [name for name in expected if left.get(name) != expected[name]] == [], (
            f"after change {last} of {changes}"
        )
        assert set(left) == set(expected)
        shutil.rmtree(folder)
