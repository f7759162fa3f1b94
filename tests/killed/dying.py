"""Run the program and die by SIGKILL at the n-th change of the disk below the review folder.

usage: dying.py N FOLDER COUNT_FILE ARGUMENTS…

An audit hook (PEP 578) sees every opening for writing, rename and removal before it happens. With an N that is never
reached the program ends as usual and COUNT_FILE holds how many changes there were.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")


def main() -> None:
    last, folder, count_file, arguments = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:]
    root = str(folder.resolve())
    seen = 0

    def watch(event: str, values: tuple[object, ...]) -> None:
        nonlocal seen
        if event == "open":
            changing = isinstance(values[1], str) and bool(set(values[1]) & set("wa+x"))
        else:
            changing = event in CHANGES
        if changing and str(values[0]).startswith(root) and ".lock" not in str(values[0]):
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)

    from evidence_review.cli import main as program

    sys.addaudithook(watch)
    try:
        program(["--folder", root, *arguments])
    finally:
        Path(count_file).write_text(str(seen), encoding="utf-8")


main()
