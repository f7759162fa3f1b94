"""What a report says of little or nothing: no study, one report, no copies. Each sentence must read as English."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from made_reviews import PROTOCOL, make

from evidence_review.commands.report.run import run
from evidence_review.model.events import Decision, DuplicateEvent, Retrieval
from evidence_review.model.record import Citation, Name, Parsed
from evidence_review.model.search_run import SearchRun
from evidence_review.workspace.workspace import Workspace

SINGLE = PROTOCOL.replace(
    "mode: dual\n    screeners: [reviewer-1, reviewer-2]", "mode: single\n    screeners: [reviewer-1]"
)


@pytest.fixture(autouse=True)
def _fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")


def small(folder: Path, fates: Sequence[str], protocol: str = SINGLE) -> Workspace:
    """A review with a record for each fate: `out` on its title, `missing`, `excluded` on its text, or `included`."""
    (folder / "protocols").mkdir(parents=True)
    (folder / "protocols" / "links.yml").write_text(protocol, encoding="utf-8")
    workspace = Workspace.open(folder, "links")

    def judge(record: str, stage: str, verdict: str, reason: str) -> Decision:
        return Decision(record, stage, "reviewer-1", verdict, reason, "", "screener", "1", "s.csv", "2", tx.when)

    with workspace.transaction("load") as tx:
        records = [
            tx.add_record(
                Parsed(Citation(title=f"Of its own {fate} {place}", authors=(Name("Roe"),), year=2020), f"{place}"),
                "pubmed", tx.run, place, "ris",
            )[0]
            for place, fate in enumerate(fates, start=1)
        ]  # fmt: skip
    with workspace.transaction("dedup") as tx:
        tx.write(workspace.layout.library / "dedup.json", b"{}\n")
        tx.add_events(
            DuplicateEvent("merged", record, records[0], "doi", "", "dedup", tx.when)
            for record, fate in zip(records, fates, strict=True)
            if fate == "copy"
        )
        tx.counts = {"records": len(records)}
    with workspace.transaction("screen") as tx:
        for record, fate in zip(records, fates, strict=True):
            if fate == "copy":
                continue
            verdict, reason = ("exclude", "E1") if fate == "out" else ("include", "")
            tx.add_events([judge(record, "title-abstract", verdict, reason)])
            if fate == "out":
                continue
            outcome = "not-retrieved" if fate == "missing" else "retrieved"
            tx.add_events([Retrieval(record, outcome, "library", "", "reviewer-1", "", "", tx.when)])
            if fate != "missing":
                verdict, reason = ("exclude", "E2") if fate == "excluded" else ("include", "")
                tx.add_events([judge(record, "full-text", verdict, reason)])
    return workspace


SAID = {
    ("excluded",): "The full text of 1 report was sought; it was read in full and excluded, with its reason (annex). "
    "The review includes no study.",
    ("missing",): "The full text of 1 report was sought; it could not be obtained. The review includes no study.",
    ("included",): "The full text of 1 report was sought; it was read in full. "
    "The review includes 1 study in 1 report.",
    ("out",): "Screening of titles and abstracts covered 1 record and excluded 1. No full text was sought. "
    "The review includes no study.",
    ("missing", "missing"): "The full text of 2 reports was sought; 2 could not be obtained, none was read in full and "
    "none excluded. The review includes no study.",
    ("included", "excluded", "missing"): "The full text of 3 reports was sought; 1 could not be obtained, 2 were read "
    "in full and 1 was excluded, with its reason (annex). The review includes 1 study in 1 report.",
    ("included", "included"): "The full text of 2 reports was sought; all were obtained, 2 were read in full and "
    "none was excluded.",
    ("included", "copy"): "One database gave 2 records. Of these, 1 was a copy of another.",
    ("included", "copy", "copy"): "Of these, 2 were copies of others. Screening of titles and abstracts covered 1 "
    "record and excluded none.",
}  # fmt: skip


@pytest.mark.parametrize("fates", SAID, ids=", ".join)
def test_how_many_were_found_and_kept_is_told_in_english(fates: tuple[str, ...], tmp_path: Path) -> None:
    review = small(tmp_path, fates)
    run(review, draft="included" in fates)
    text = (review.layout.reports / "report.md").read_text(encoding="utf-8").replace("\u00a0", " ")
    line = next(line for line in text.splitlines() if line.startswith("One database gave"))
    assert SAID[fates] in line.replace("[annex](#excluded)", "annex")


def test_a_review_that_found_nothing_says_so_and_is_final(tmp_path: Path) -> None:
    """Nothing to extract is no omission: what depends on studies is reported as not applicable, and where."""
    review = small(tmp_path, ("excluded", "out"))
    made = run(review)
    text = (review.layout.reports / "report.md").read_text(encoding="utf-8")
    assert made.data["final"]
    assert "No study was included, so no data were extracted." in text
    assert "No study met the criteria for inclusion, so there is nothing to describe" in text
    assert "| 18 | Risk of bias in studies | The appraisal of each included study | Included studies |" in text


def test_a_table_without_a_row_is_not_drawn(tmp_path: Path) -> None:
    """Headings above nothing look like a fault of the page; a sentence says what they would have said."""
    review = small(
        tmp_path,
        ("included",),
        SINGLE.replace("Narrative.", "Narrative.\n  tables: [{title: Designs, columns: [design]}]"),
    )
    run(review, draft=True)
    text = (review.layout.reports / "report.md").read_text(encoding="utf-8")
    assert "The table “Designs” has no row: no study has a value for it." in text
    assert "| Study | design |" not in text


def test_no_report_that_was_sought_is_not_every_report(tmp_path: Path) -> None:
    review = small(tmp_path, ("out",))
    run(review)
    text = (review.layout.reports / "report.md").read_text(encoding="utf-8")
    assert "No report was sought." in text
    assert "Every report" not in text


@pytest.mark.parametrize(("what", "told"), [("One database", 0), ("no handsearching", 1)])
def test_a_declared_shortcut_is_not_found_again(what: str, told: int, tmp_path: Path) -> None:
    review = small(tmp_path, ("out",), SINGLE.replace("what: One database", f"what: {what}"))
    with review.transaction("search") as tx:
        tx.add_run(SearchRun(f"{tx.run}.pubmed", "pubmed", "database", "file", searched_on="2026-10-01"))
    run(review, draft=True)
    text = (review.layout.reports / "report.md").read_text(encoding="utf-8")
    assert text.count("One bibliographic database was searched.") == 2 * told


def test_what_gave_records_is_named_as_it_was_searched(tmp_path: Path) -> None:
    """A register is named only where one was searched; a review of other methods alone names no database."""
    told = {
        "database": "One database gave 2 records.",
        "register": "One register gave 2 records.",
        "citation": "Methods other than databases and registers gave 2 records.",
    }
    for route, said in told.items():
        review = small(tmp_path / route, ("included", "included"))
        review.layout.protocol.write_text(
            review.layout.protocol.read_text(encoding="utf-8").replace("route: database", f"route: {route}"),
            encoding="utf-8",
        )
        run(Workspace.open(review.layout.folder), draft=True)
        text = (review.layout.reports / "report.md").read_text(encoding="utf-8").replace("\u00a0", " ")
        assert said in text


def test_limits_of_language_are_told_by_name(tmp_path: Path) -> None:
    """Not by the codes that the protocol has, where a language has a name."""
    review = make(tmp_path / "review", 10, protocol=f"{PROTOCOL}limits: {{languages: [en, pt-BR, xx]}}\n")
    run(review, draft=True)
    text = (review.layout.reports / "report.md").read_text(encoding="utf-8")
    assert "limited by language (English, Portuguese, xx)" in text
    assert "in English or Portuguese or xx" in text
