"""One command typed again in another folder, at the time that it had."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from collections.abc import Sequence

from evidence_review.errors import IdentityError
from evidence_review.workspace.layout import Layout


def run_again(layout: Layout, words: Sequence[str], when: str, run: str = "") -> None:
    """Run a command in the folder of `layout` as if it were the moment `when`.

    Raises:
        IdentityError: it ends with an error.
    """
    moment = datetime.datetime.strptime(when, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.UTC)
    named = [] if words[0] == "init" else ["--review", layout.review]
    done = subprocess.run(
        [sys.executable, "-m", "evidence_review.cli", "--folder", str(layout.folder), *named, *words],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(int(moment.timestamp()))},
        cwd=layout.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode not in (0, 3):
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()
        what = f"Run {run} ('evidence-review {' '.join(words)}')" if run else f"'evidence-review {' '.join(words)}'"
        raise IdentityError(f"{what} does not run again here: {last[-1] if last else 'it said nothing'}")
