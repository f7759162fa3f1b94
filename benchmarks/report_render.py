"""How long rendering takes: 20,000 records of which some 200 studies are included.

.venv/bin/python benchmarks/report_render.py [records]
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from made_reviews import make

from evidence_review.commands.report import documents
from evidence_review.commands.report.rendition import Wishes
from evidence_review.commands.report.run import run
from evidence_review.workspace.workspace import Workspace


def main(records: int) -> None:
    """Make a review and render it, once in HTML and Markdown, once in every format."""
    with tempfile.TemporaryDirectory() as name:
        make(Path(name) / "review", records, rare=True)
        rounds = [("HTML and Markdown", Wishes())]
        if importlib.util.find_spec("pypandoc") and importlib.util.find_spec("typst"):
            rounds.append(("all formats", Wishes(formats=documents.FORMATS)))
        for what, wishes in rounds:
            wall, processor = time.perf_counter(), time.process_time()
            summary = run(Workspace.open(Path(name) / "review"), wishes=wishes)
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            studies = summary.data["studies"]
            print(f"{what}: {wall:.2f} s ({processor:.2f} s of this process), {records:,} records, {studies:,} studies")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
