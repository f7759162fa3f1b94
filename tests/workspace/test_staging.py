"""A command's changes happen all or not at all, wherever the process dies."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_review.errors import StorageError
from evidence_review.workspace.disk import storage_errors
from evidence_review.workspace.staging import Staging, recover

# A child that dies by SIGKILL at the n-th change of the file system below its folder: an audit hook sees each one.
DYING = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    root, last = Path(sys.argv[1]), int(sys.argv[2])
    seen = 0

    def watch(event, arguments):
        global seen
        changing = event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")
        if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wa+x"):
            changing = True
        if changing:
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)

    from evidence_review.workspace.staging import Staging
    staging = Staging(root, root / "library" / ".pending")
    sys.addaudithook(watch)
    staging.begin()
    staging.append(root / "library" / "log.csv", b"third\\n")
    staging.append(root / "library" / "log.csv", b"fourth\\n")
    staging.replace(root / "library" / "state.json", b"new")
    staging.replace(root / "reports" / "deep" / "report.md", b"report")
    staging.commit()
    print(seen)
    """
)

BEFORE = {"library/log.csv": b"first\nsecond\n", "library/state.json": b"old"}
AFTER = {
    "library/log.csv": b"first\nsecond\nthird\nfourth\n",
    "library/state.json": b"new",
    "reports/deep/report.md": b"report",
}


def folder_of(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def prepared(root: Path) -> Path:
    for name, data in BEFORE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def dying(root: Path, last: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", DYING, str(root), str(last)], capture_output=True, text=True, timeout=60
    )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_at_every_change_of_the_disk_it_is_all_or_nothing(tmp_path: Path) -> None:
    """Whichever write, rename or removal the process dies at, recovery gives the old state or the new one, whole."""
    steps = int(dying(prepared(tmp_path / "whole"), 10_000).stdout)
    assert steps >= 8
    outcomes = set()
    for last in range(1, steps + 1):
        root = prepared(tmp_path / str(last))
        assert dying(root, last).returncode == -signal.SIGKILL
        recover(root, root / "library" / ".pending")
        left = folder_of(root)
        assert left in (BEFORE, AFTER), f"half a change after dying at step {last}"
        outcomes.add(left == AFTER)
    assert outcomes == {True, False}


def test_what_changes_nothing_stages_nothing(tmp_path: Path) -> None:
    """Writing the bytes that are there already is no change."""
    root = prepared(tmp_path)
    staging = Staging(root, root / "library" / ".pending")
    staging.begin()
    staging.replace(root / "library" / "state.json", b"old")
    staging.create(root / "library" / "state.json", b"other")
    staging.append(root / "library" / "log.csv", b"")
    assert staging.empty
    staging.discard()
    assert folder_of(root) == BEFORE


@given(
    ops=st.lists(
        st.tuples(st.sampled_from(["append", "replace", "create"]), st.sampled_from("abc"), st.binary(max_size=20)),
        max_size=12,
    )
)
@settings(max_examples=60)
def test_staged_changes_equal_direct_ones(
    tmp_path_factory: pytest.TempPathFactory, ops: list[tuple[str, str, bytes]]
) -> None:
    """Committing equals doing each change at once; the announced hashes are those of the files."""
    root = tmp_path_factory.mktemp("ops")
    expected: dict[str, bytes] = {}
    for kind, name, data in ops:
        staging = Staging(root, root / ".pending")
        staging.begin()
        getattr(staging, kind)(root / name, data)
        announced = staging.outputs()
        staging.commit()
        if kind == "append" and data:
            expected[name] = expected.get(name, b"") + data
        elif kind == "replace" or (kind == "create" and name not in expected):
            expected[name] = data
        for path, digest in announced.items():
            assert digest == hashlib.sha256((root / path).read_bytes()).hexdigest()
    assert folder_of(root) == expected


def test_a_full_disk_is_said_with_a_remedy() -> None:
    """An error of the disk becomes words: what happened, what to do."""
    with pytest.raises(StorageError, match="free some space"), storage_errors("Nothing was changed"):
        raise OSError(28, os.strerror(28), "records.jsonl")
