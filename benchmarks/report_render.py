"""How long rendering takes: 20,000 records of which some 200 studies are included.

.venv/bin/python benchmarks/report_render.py [records]
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from made_reviews import make

from evidence_review.commands.report.rendition import FORMATS, Wishes
from evidence_review.commands.report.run import run
from evidence_review.workspace.workspace import Workspace

# Seconds that each round may take.
MOST = {"HTML and Markdown": 1.0, "all formats": 5.0}


def main(records: int) -> int:
    """Make a review and render it, once in HTML and Markdown, once in every format; 1 where one took too long."""
    late = False
    with tempfile.TemporaryDirectory() as name:
        make(Path(name) / "review", records, rare=True)
        rounds = [("HTML and Markdown", Wishes())]
        if importlib.util.find_spec("pypandoc") and importlib.util.find_spec("typst"):
            rounds.append(("all formats", Wishes(formats=FORMATS)))
        for what, wishes in rounds:
            wall, before = time.perf_counter(), os.times()
            summary = run(Workspace.open(Path(name) / "review"), wishes=wishes)
            wall, after = time.perf_counter() - wall, os.times()
            own = after.user + after.system - before.user - before.system
            pandoc = after.children_user + after.children_system - before.children_user - before.children_system
            print(
                f"{what}: {wall:.2f} s ({own:.2f} s of this process, {pandoc:.2f} s of pandoc), "
                f"{records:,} records, {summary.data['studies']:,} studies"
            )
            late |= wall > MOST[what]
    return int(late)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
