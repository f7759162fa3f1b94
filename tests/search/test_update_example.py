"""The worked example, updated after its final report: only what is new is screened, and the diagram adds up."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evidence_review.commands.report.labels import labels
from evidence_review.commands.report.numbers import Numbers
from evidence_review.commands.report.run import gather, included
from evidence_review.commands.report.searches import told
from evidence_review.model.events import Decision
from evidence_review.state import identities
from evidence_review.state.counting import count
from evidence_review.state.standing import stand
from evidence_review.workspace.workspace import Workspace

CHECKOUT = Path(__file__).resolve().parents[2]
FIRST, LATER = "1795435200", "1811000000"  # 2026-11-23 and 2027-05-22
NEW = """
PMID- 99000001
DP  - 2027
TI  - A made-up partnership of two hospitals, found later.
AU  - Aalto B
JT  - Journal of Tests

PMID- 99000002
DP  - 2027
TI  - Another made-up partnership, found later and left out.
AU  - Berg D
JT  - Journal of Tests
"""
KNOWN = """
TY  - JOUR
TI  - A rapid evidence review on the effectiveness of institutional health partnerships
AU  - Kelly, E.
PY  - 2015
JO  - Globalization and Health
DO  - 10.1186/s12992-015-0133-9
ID  - found again
ER  -
"""


def program(folder: Path, when: str, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "evidence_review.cli", "--folder", str(folder), *arguments],
        env={**os.environ, "SOURCE_DATE_EPOCH": when}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object], int]:
    """The example to its final report; half a year later three records more, one of them known; then the update."""
    folder = tmp_path_factory.mktemp("living")
    for name in ("protocols", "screening"):
        shutil.copytree(CHECKOUT / name, folder / name)
    program(folder, FIRST, "run")
    before = len(list(Workspace.open(folder).records()))
    own = folder / "protocols" / "health-partnerships"
    for name, more in (("pubmed.nbib", NEW), ("crossref.ris", KNOWN)):
        with (own / name).open("a", encoding="utf-8") as out:
            out.write(more)
    return folder, json.loads(program(folder, LATER, "update", "--json")), before


def test_the_first_version_is_kept_and_only_the_new_is_screened(
    updated: tuple[Path, dict[str, object], int],
) -> None:
    """Three records are new, one of them a copy; the sheets of the update hold the other two and nothing else."""
    folder, said, before = updated
    assert len(list(Workspace.open(folder).records())) == before + 3
    to_screen = said["to_screen"]
    assert isinstance(to_screen, list) and len(to_screen) == 2
    snapshot = Workspace.open(folder).snapshot()
    (edition,) = snapshot.editions
    assert (edition.number, len(edition.studies.split()), int(edition.records)) == ("1", 13, before)
    fresh = [
        path
        for path in (folder / "screening" / "health-partnerships" / "title-abstract").glob("*.csv")
        if not (CHECKOUT / path.relative_to(folder)).exists()
    ]
    assert fresh
    for path in fresh:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            ids = {row[name] for row in csv.DictReader(stream) for name in row if str(row[name]).startswith("R-")}
        assert ids == set(to_screen), path


def test_the_flow_counts_what_is_new_beside_the_previous_version(
    updated: tuple[Path, dict[str, object], int],
) -> None:
    """Before, between and after the decisions every identity holds; the totals are those of both versions."""
    folder, said, _ = updated
    to_screen = said["to_screen"]
    assert isinstance(to_screen, list)
    workspace = Workspace.open(folder)
    snapshot = workspace.snapshot()
    flow = count(snapshot, stand(snapshot))
    assert identities.check(flow, snapshot.protocol.adjustments) == ()
    numbers = {key: flow.n(key) for key in ("database_results", "duplicates", "awaiting_screening", "new_studies")}
    assert numbers == {"database_results": 3, "duplicates": 1, "awaiting_screening": 2, "new_studies": 0}
    earlier = snapshot.protocol.updates
    assert earlier is not None and flow.is_update
    assert flow.n("previous_studies") == int(snapshot.editions[0].all_studies) >= 13
    assert included(flow) == f"0 new studies in 0 reports, {flow.n('total_studies')} studies in all"
    with workspace.transaction("screen") as change:
        for record, verdict in zip(to_screen, ("include", "exclude"), strict=True):
            for who in ("reviewer-1", "reviewer-2"):
                reason = "" if verdict == "include" else snapshot.protocol.eligibility.exclude[0].code
                stages = ("title-abstract", "full-text") if verdict == "include" else ("title-abstract",)
                change.add_events(
                    Decision(record, stage, who, verdict, reason, "", "screener", "9", "s.csv", "2", change.when)
                    for stage in stages
                )
    snapshot = Workspace.open(folder).snapshot()
    flow = count(snapshot, stand(snapshot))
    assert identities.check(flow, snapshot.protocol.adjustments) == ()
    assert (flow.n("records_screened"), flow.n("records_excluded"), flow.n("new_studies")) == (2, 1, 1)
    assert flow.n("total_studies") == flow.having("previous_studies") + 1
    program(folder, LATER, "update", "--only-summary")
    page = (folder / "reports" / "health-partnerships" / "update.md").read_text(encoding="utf-8")
    assert "since version 1 ended on 2026-11-23" in page
    assert "3 records, 1 of them copies" in page
    assert "1 new study." in page and "A made-up partnership of two hospitals, found later" in page


def test_the_report_gives_each_source_what_its_listed_runs_gave(
    updated: tuple[Path, dict[str, object], int],
) -> None:
    """A source with no new run keeps the records of its earlier ones; those of this version stand beside them."""
    material = gather(Workspace.open(updated[0]))
    found = {source.id: source for source in told(material.snapshot, material.flow, Numbers(labels("en")))}
    assert any(source.new is not None and source.new.n == 0 and source.records.n for source in found.values())
    for source in found.values():
        assert source.records.n == sum(run.loaded.n for run in source.runs), source.id
    assert sum(source.new.n for source in found.values() if source.new is not None) == 3


def test_an_old_study_that_falls_away_is_named_and_the_totals_still_hold(
    updated: tuple[Path, dict[str, object], int], tmp_path: Path
) -> None:
    """Somebody excludes a study of the previous version: it is withdrawn, not lost."""
    folder = tmp_path / "again"
    shutil.copytree(updated[0], folder)
    workspace = Workspace.open(folder)
    snapshot = workspace.snapshot()
    gone = snapshot.editions[0].reports.split()[0]
    code = snapshot.protocol.eligibility.exclude[0].code
    with workspace.transaction("screen") as change:
        change.add_events(
            Decision(gone, "full-text", who, "exclude", code, "", role, "9", "s.csv", "2", change.when)
            for who, role in (("reviewer-1", "screener"), ("reviewer-2", "screener"), ("arbiter", "arbiter"))
        )
    snapshot = Workspace.open(folder).snapshot()
    standing = stand(snapshot)
    flow = count(snapshot, standing)
    assert flow.since is not None and flow.since.withdrawn["reports"] == (gone,)
    assert identities.check(flow, snapshot.protocol.adjustments) == ()
    assert flow.n("total_reports") == flow.having("previous_reports") + flow.having("new_reports") - 1


def test_updating_twice_changes_nothing(updated: tuple[Path, dict[str, object], int]) -> None:
    """No second version begins, and the ledger stays as it is."""
    folder = updated[0]
    program(folder, LATER, "update")
    before = (folder / "library" / "health-partnerships" / "ledger.jsonl").read_bytes()
    assert "No new records." in program(folder, LATER, "update")
    assert (folder / "library" / "health-partnerships" / "ledger.jsonl").read_bytes() == before


def test_where_nothing_can_be_new_no_version_begins(tmp_path: Path) -> None:
    """No file changed and no service is asked: a new version would turn every number of the final report into 0."""
    for name in ("protocols", "screening"):
        shutil.copytree(CHECKOUT / name, tmp_path / name)
    program(tmp_path, FIRST, "run")
    said = program(tmp_path, LATER, "update")
    assert "the version with the final report goes on" in said
    assert Workspace.open(tmp_path).snapshot().editions == ()


def test_what_was_loaded_before_the_update_is_new_all_the_same(
    updated: tuple[Path, dict[str, object], int], tmp_path: Path
) -> None:
    """Somebody loads the new exports after the final report and only then types update: the version ended before."""
    folder = tmp_path / "loaded"
    for name in ("protocols", "screening"):
        shutil.copytree(CHECKOUT / name, folder / name)
    program(folder, FIRST, "run")
    shutil.copyfile(
        updated[0] / "protocols" / "health-partnerships" / "pubmed.nbib",
        folder / "protocols" / "health-partnerships" / "pubmed.nbib",
    )
    program(folder, LATER, "load")
    program(folder, LATER, "update")
    snapshot = Workspace.open(folder).snapshot()
    flow = count(snapshot, stand(snapshot))
    assert identities.check(flow, snapshot.protocol.adjustments) == ()
    assert (flow.n("database_results"), flow.n("awaiting_screening")) == (2, 2)
    assert len(snapshot.editions) == 1
