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

from evidence_review.commands.report import documents, rendition
from evidence_review.commands.report.rendition import Wishes
from evidence_review.commands.report.run import gather, refuse
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
            workspace = Workspace.open(Path(name) / "review")
            found = gather(workspace)
            refuse(workspace, found, draft=False)
            read = time.perf_counter() - wall
            files = rendition.make(workspace, found, wishes)
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            size = sum(map(len, files.values())) / 1e6
            print(
                f"{what}: {wall:.2f} s ({read:.2f} s of it reading and counting; {processor:.2f} s of this process), "
                f"{records:,} records, {found.flow.having('new_studies'):,} studies, {size:.1f} MB"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
