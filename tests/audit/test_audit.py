"""Whatever is changed behind the program's back is found and named; one record's story is told whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evidence_review.commands.audit.explain import explain
from evidence_review.commands.audit.timeline import timeline
from evidence_review.commands.audit.verify import verify
from evidence_review.errors import IdentityError, ReviewError, UsageError
from evidence_review.model.events import Decision, DuplicateEvent, Retrieval
from evidence_review.model.record import Citation, Name, Parsed
from evidence_review.model.search_run import SearchRun
from evidence_review.workspace.workspace import Workspace

PROTOCOL = """\
review: small
title: A small review
question: {text: Does it work?}
eligibility: {exclude: [{code: E1, label: wrong setting}]}
team: [{id: reviewer-1}]
screening:
  title_abstract: {mode: single, screeners: [reviewer-1]}
  full_text: {mode: single, screeners: [reviewer-1]}
sources:
  - {id: pubmed, name: PubMed}
"""


@pytest.fixture
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Workspace, list[str]]:
    """Three records: one merged into the first, one excluded; the first included."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols" / "small.yml").write_text(PROTOCOL, encoding="utf-8")
    workspace = Workspace.open(tmp_path)
    ids = []
    with workspace.transaction("load") as change:
        digest = change.keep_import(b"the file", ".nbib")
        for number, title in enumerate(("Twinning in Rwanda", "Twinning in Rwanda.", "Bees"), start=1):
            parsed = Parsed(Citation(title=title, authors=(Name("Kelly", "E"),), year=2015), f"raw {number}", number)
            identifier, _ = change.add_record(parsed, "pubmed", f"{change.run}.1", number, "nbib")
            ids.append(identifier)
        change.add_run(
            SearchRun(f"{change.run}.1", "pubmed", "database", "file", searched_on="2026-11-20", starts=3, loaded=3,
                      files=(("pubmed.nbib", digest),), record_ids=tuple(ids))
        )  # fmt: skip
    with workspace.transaction("dedup") as change:
        change.add_events([DuplicateEvent("merged", ids[1], ids[0], "title", "title 0.99", "dedup", change.when)])
        change.counts["records"] = 3
    with workspace.transaction("screen") as change:
        for identifier, verdict, reason in ((ids[0], "include", ""), (ids[2], "exclude", "E1")):
            change.add_events([
                Decision(identifier, "title-abstract", "reviewer-1", verdict, reason, "", "screener", "1", "s.csv", "2",
                         change.when)
            ])  # fmt: skip
    with workspace.transaction("fulltext") as change:
        change.add_events([Retrieval(ids[0], "retrieved", "library", "", "reviewer-1", "r.csv", "2", change.when)])
        change.add_events(
            [Decision(ids[0], "full-text", "reviewer-1", "include", "", "", "screener", "1", "f.csv", "2", change.when)]
        )
    return workspace, ids


def test_an_untouched_review_verifies(review: tuple[Workspace, list[str]]) -> None:
    """Chain, files, hashes and totals are in order."""
    data = verify(review[0]).data
    assert (data["entries"], data["records"], data["faults"]) == (4, 3, [])


def library_files(workspace: Workspace) -> list[str]:
    library = workspace.layout.library
    return sorted(
        path.relative_to(library).as_posix()
        for path in library.rglob("*")
        if path.is_file() and not path.name.startswith(".lock")
    )


def test_one_changed_byte_in_any_file_is_found(review: tuple[Workspace, list[str]]) -> None:
    """Each file of the library in turn: a flipped byte is named by file (a broken ledger by its entry)."""
    workspace, _ = review
    names = library_files(workspace)
    assert len(names) >= 7
    for name in names:
        path = workspace.layout.library / name
        data = path.read_bytes()
        for place in (len(data) // 2, len(data) - 2):
            path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            with pytest.raises(ReviewError) as refused:
                verify(Workspace.open(workspace.layout.folder))
            assert path.name in str(refused.value), f"{name} byte {place}: {refused.value}"
        path.write_bytes(data)
    verify(workspace)


def test_a_file_that_is_gone_is_named(review: tuple[Workspace, list[str]]) -> None:
    """Also the byte copy of an imported file."""
    workspace, _ = review
    (imported,) = workspace.layout.imports.glob("*.nbib")
    imported.unlink()
    with pytest.raises(IdentityError, match="is gone; run 0001-load wrote it"):
        verify(workspace)


def test_the_story_of_a_record_has_every_step_with_date_and_name(review: tuple[Workspace, list[str]]) -> None:
    """Source, file and line, merge with its rule, decisions with sheet and row, retrieval, study, where it is now."""
    workspace, ids = review
    told = "\n".join(explain(workspace, ids[0].lower()).lines)
    for part in (
        "Kelly 2015. Twinning in Rwanda", "PubMed on 2026-11-20", "pubmed.nbib", "line 1",
        f"merged with {ids[1]} (title, title 0.99) by dedup", "title-abstract: reviewer-1 include [s.csv row 2]",
        "full text retrieved (library), noted by reviewer-1", "included (databases and registers)",
    ):  # fmt: skip
        assert part in told, told
    copy = "\n".join(explain(workspace, ids[1]).lines)
    assert f"kept as  {ids[0]}" in copy
    assert "E1 wrong setting" in "\n".join(explain(workspace, ids[2]).lines)
    assert json.dumps(explain(workspace, ids[0]).data)


def test_a_word_that_was_taken_back_is_told_as_such(review: tuple[Workspace, list[str]]) -> None:
    """The settling word and its withdrawal both stand in the story."""
    workspace, ids = review
    with workspace.transaction("screen") as tx:
        tx.add_events(
            Decision(ids[0], "title-abstract", "arbiter", verdict, "", note, "consensus", "", "", "", tx.when)
            for verdict, note in (("exclude", ""), ("withdrawn", "a slip"))
        )
    told = "\n".join(explain(workspace, ids[0]).lines)
    assert "title-abstract: arbiter as consensus exclude" in told
    assert "title-abstract: arbiter took back what was settled: a slip" in told
    assert "included (databases and registers)" in told


def test_the_story_of_a_study_is_that_of_its_reports(review: tuple[Workspace, list[str]]) -> None:
    """A study's id works as well."""
    workspace, ids = review
    assert explain(workspace, ids[0].replace("R-", "S-")).lines == explain(workspace, ids[0]).lines


def test_an_unknown_id_is_refused(review: tuple[Workspace, list[str]]) -> None:
    """With exit code 2, as any name that does not exist."""
    with pytest.raises(UsageError, match="No record or study 'R-XXXX'"):
        explain(review[0], "R-XXXX")


def test_the_timeline_has_one_line_a_run(review: tuple[Workspace, list[str]]) -> None:
    """In order, with what was counted."""
    assert [line.split("  ")[1] for line in timeline(review[0]).lines] == [
        "0001-load", "0002-dedup", "0003-screen", "0004-fulltext",
    ]  # fmt: skip
