"""Running the program so that it dies at a given change of the disk, and looking at what it leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
DYING = Path(__file__).parent / "killed" / "dying.py"
NEVER = 10**9


def program(folder: Path, arguments: tuple[str, ...], last: int, count: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DYING), str(last), str(folder), str(count), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000"},
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the lock, which is not part of a review."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock")
    }
