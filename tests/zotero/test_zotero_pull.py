"""Pulling a library: every item a record of the right source, once, with where it came from."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fake_zotero import KEY, Library, at_random, serving

from evidence_review.commands.zotero import pull, push
from evidence_review.errors import SourceError, UsageError
from evidence_review.model.events import Correction, Decision, Notice
from evidence_review.model.record import Citation, Parsed, Record, citation_to_dict
from evidence_review.net.client import Timing
from evidence_review.state.standing import stand
from evidence_review.summary import Summary
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

PROTOCOL = """\
review: small
title: A small review
question: {text: Do partnerships work?}
eligibility: {include: [{id: I1, criterion: a partnership}]}
team: [{id: reviewer-1}]
sources:
  - {id: team-library, name: Team library, route: other, platform: Zotero, url: "https://www.zotero.org/groups/7/team"}
  - {id: embase, name: Embase}
  - {id: cinahl, name: CINAHL}
"""
ARTICLE = {
    "itemType": "journalArticle",
    "title": "Twinning in <i>practice</i>",
    "creators": [
        {"creatorType": "author", "firstName": "Emma M.", "lastName": "Kelly"},
        {"creatorType": "author", "name": "Health Partnership Group"},
        {"creatorType": "editor", "firstName": "A", "lastName": "Editor"},
    ],
    "publicationTitle": "Global Health",
    "volume": "12",
    "issue": "3",
    "pages": "215-20",
    "date": "2015-12-14",
    "DOI": "https://doi.org/10.1000/ABC",
    "ISSN": "1744-8603",
    "extra": "PMID: 26672689\nPMCID: PMC4681064\nCitation Key: kelly2015",
    "abstractNote": "An abstract.",
    "language": "en",
    "url": "https://example.org/1",
}


@pytest.fixture
def server() -> Iterator[Library]:
    """A library with a collection for each of two databases."""
    with serving() as library:
        library.put("collections", {"key": "SEARCH22", "name": "Searches"})
        library.put("collections", {"key": "EMBASE22", "name": "Embase", "parentCollection": "SEARCH22"})
        library.put("collections", {"key": "CINAHL22", "name": "cinahl", "parentCollection": "SEARCH22"})
        library.put("items", {"key": "ARTICLE2", **ARTICLE, "collections": ["EMBASE22"], "tags": [{"tag": "twinning"}]})
        library.put("items", {"key": "NOTE2222", "itemType": "note", "note": "<p>Good</p>", "parentItem": "ARTICLE2"})
        library.put(
            "items",
            {"key": "FILE2222", "itemType": "attachment", "filename": "kelly.pdf", "parentItem": "ARTICLE2"},
        )
        library.put(
            "items",
            {"key": "REPORT22", "itemType": "report", "title": "Links", "collections": ["EMBASE22", "CINAHL22"]},
        )
        library.put("items", {"key": "LOOSE222", "itemType": "note", "note": "A thought", "collections": ["CINAHL22"]})
        yield library


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A review with a Zotero library among its sources."""
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols" / "small.yml").write_text(PROTOCOL, encoding="utf-8")
    return Workspace.open(tmp_path)


def pulled(workspace: Workspace, server: Library, **wishes: object) -> Summary:
    """Pull without patience."""
    timing = Timing(tries=4, first_backoff=0.5, sleep=lambda _: None, now=lambda: 1.8e9)
    settings = Settings(keys={"zotero": KEY}, urls={"zotero": server.url})
    return pull.run(workspace, settings=settings, timing=timing, **wishes)  # type: ignore[arg-type]


def records(workspace: Workspace) -> dict[tuple[str, str], Record]:
    """Return the records by source and item."""
    return {(record.source, record.native_id): record for record in workspace.records()}


def test_an_item_becomes_a_record_with_its_identifiers_notes_and_files(workspace: Workspace, server: Library) -> None:
    """PMID and PMCID come from `extra`, notes and names of files stay with the record, tags are keywords."""
    summary = pulled(workspace, server)
    assert summary.data["sources"][0]["loaded"] == 2
    found = records(workspace)[("team-library", "ARTICLE2")].citation
    assert (found.title, found.type, found.container) == ("Twinning in practice", "article-journal", "Global Health")
    assert (found.doi, found.pmid, found.pmcid) == ("10.1000/abc", "26672689", "PMC4681064")
    assert [str(name) for name in found.authors] == ["Kelly, Emma M.", "Health Partnership Group"]
    assert (found.year, found.date, found.pages, found.issn) == (2015, "2015-12-14", "215-220", ("1744-8603",))
    assert found.keywords == ("twinning",)
    assert found.notes == ("Good", "Zotero attachment FILE2222: kelly.pdf")


def test_every_object_is_accounted_for_in_the_run(workspace: Workspace, server: Library) -> None:
    """Items are loaded, a note of no item is rejected with its key; the replies are kept byte for byte."""
    pulled(workspace, server)
    (run,) = workspace.runs()
    assert (run.route, run.platform, run.starts, run.loaded, run.rejected) == ("other", "Zotero groups/7", 3, 2, 1)
    assert run.rejections == ((3, "LOOSE222 is a note that belongs to no item"),)
    assert all((workspace.layout.imports / f"{digest}.json").is_file() for _, digest in run.files)


def test_pulling_twice_changes_nothing_and_later_only_what_is_new_is_read(
    workspace: Workspace, server: Library
) -> None:
    """By the version of the library."""
    pulled(workspace, server)
    ledger = workspace.layout.ledger.read_bytes()
    again = pulled(workspace, server)
    assert workspace.layout.ledger.read_bytes() == ledger
    assert "nothing new" in again.lines[0]
    server.put("items", {"key": "NEWER222", "itemType": "book", "title": "Newer"})
    later = pulled(workspace, server)
    assert {name: later.data["sources"][0][name] for name in ("starts", "loaded")} == {"starts": 1, "loaded": 1}
    assert any(f"since={server.version - 1}" in line for line in server.asked)


def test_an_edited_item_corrects_its_record_and_the_record_as_it_came_stays(
    workspace: Workspace, server: Library
) -> None:
    """The correction is an event; notes that did not change are not lost by it."""
    pulled(workspace, server)
    raw = workspace.layout.records.read_bytes()
    server.put("items", {"key": "ARTICLE2", "title": "A better title"})
    summary = pulled(workspace, server)
    assert summary.data["sources"][0]["corrected"] == 1
    found = records(workspace)[("team-library", "ARTICLE2")]
    assert (found.citation.title, found.citation.notes[0]) == ("A better title", "Good")
    assert workspace.layout.records.read_bytes() == raw
    assert f"edited in Zotero since they were identified: {found.id}" in workspace.runs()[-1].note
    ledger = workspace.layout.ledger.read_bytes()
    pulled(workspace, server)
    assert workspace.layout.ledger.read_bytes() == ledger


def test_an_edit_in_zotero_does_not_undo_that_a_paper_was_found_to_be_retracted(
    workspace: Workspace, server: Library
) -> None:
    """Not even a push, which tags the item, so that it is read again."""
    pulled(workspace, server)
    record = records(workspace)[("team-library", "ARTICLE2")]
    changed = replace(record.citation, status=(*record.citation.status, "retracted"))
    with workspace.transaction("update") as change:
        change.add_events([Notice(record.id, "retracted", "10.1/n", "2026-05-04", "crossref", change.when)])
        change.add_events([Correction(record.id, json.dumps(citation_to_dict(changed)), "", "crossref", change.when)])
    push.run(
        workspace, settings=Settings(keys={"zotero": KEY}, urls={"zotero": server.url}),
        timing=Timing(sleep=lambda _: None),
    )  # fmt: skip
    assert pulled(workspace, server).data["sources"][0]["corrected"] == 0
    server.put("items", {"key": "ARTICLE2", "title": "A better title"})
    pulled(workspace, server)
    after = records(workspace)[("team-library", "ARTICLE2")].citation
    assert (after.title, "retracted" in after.status) == ("A better title", True)


def test_what_is_gone_is_taken_out_before_screening_unless_somebody_decided(
    workspace: Workspace, server: Library
) -> None:
    """A record that was screened stays and is named; one that comes back is taken back."""
    pulled(workspace, server)
    article, report = (records(workspace)[("team-library", key)].id for key in ("ARTICLE2", "REPORT22"))
    with workspace.transaction("screen") as change:
        verdict = Decision(
            article, "title-abstract", "reviewer-1", "include", "", "", "screener", "", "", "", change.when
        )
        change.add_events([verdict])
    held = server.items["REPORT22"]
    server.remove("REPORT22")
    server.put("items", {"key": "ARTICLE2", "deleted": 1})
    summary = pulled(workspace, server)
    assert states(workspace) == {
        article: "awaiting title and abstract screening",
        report: "removed before screening for other reasons",
    }
    assert (summary.data["sources"][0]["taken_out"], summary.data["sources"][0]["kept"]) == (1, [article])
    server.put("items", held)
    pulled(workspace, server)
    assert states(workspace)[report] == "awaiting title and abstract screening"


def states(workspace: Workspace) -> dict[str, str]:
    """Return where each record stands."""
    return dict(stand(workspace.snapshot()).state_of)


def held(workspace: Workspace, source: str = "team-library") -> dict[str, Citation]:
    """Return the citations of a source's records that are not taken out."""
    out = {record for record, state in states(workspace).items() if state.startswith("removed")}
    return {
        record.native_id: record.citation
        for record in workspace.records()
        if record.source == source and record.id not in out
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("wishes", [{}, {"collection": "Embase"}, {"tag": "twinning"}], ids=["all", "one", "tag"])
def test_pulls_after_edits_and_deletions_end_where_a_fresh_pull_does(
    tmp_path: Path, workspace: Workspace, server: Library, seed: int, wishes: dict[str, str]
) -> None:
    """Whatever people did between: added, edited, binned, deleted, moved, tagged, annotated."""
    chance = random.Random(seed)
    for number in range(16):
        disturb(server, chance, f"MADE{number:04d}")
        if chance.random() < 0.3:
            pulled(workspace, server, source="team-library", **wishes)
    pulled(workspace, server, source="team-library", **wishes)
    (tmp_path / "fresh" / "protocols").mkdir(parents=True)
    (tmp_path / "fresh" / "protocols" / "small.yml").write_text(PROTOCOL, encoding="utf-8")
    fresh = Workspace.open(tmp_path / "fresh")
    pulled(fresh, server, source="team-library", **wishes)
    assert held(workspace) == held(fresh)


def disturb(server: Library, chance: random.Random, key: str) -> None:
    """Do one thing that a person does to a library."""
    items = [each for each, data in server.items.items() if data["itemType"] not in ("note", "attachment")]
    deed = chance.choice(["add", "edit", "bin", "restore", "delete", "move", "tag", "note", "note", "unnote"])
    one = chance.choice(items) if items else ""
    if deed == "add" or not items:
        server.put("items", {"key": key, "itemType": "book", "title": key, "collections": ["EMBASE22"]})
    elif deed == "edit":
        server.put("items", {"key": one, "title": f"Edited {key}"})
    elif deed in ("bin", "restore"):
        server.put("items", {"key": one, "deleted": int(deed == "bin")})
    elif deed == "delete":
        for child in [each for each, data in server.items.items() if data.get("parentItem") == one]:
            server.remove(child)
        server.remove(one)
    elif deed == "move":
        server.put("items", {"key": one, "collections": chance.choice([[], ["EMBASE22"], ["CINAHL22"]])})
    elif deed == "tag":
        server.put("items", {"key": one, "tags": chance.choice([[], [{"tag": "twinning"}]])})
    elif deed == "note":
        server.put("items", {"key": key, "itemType": "note", "note": f"Note {key}", "parentItem": one})
    else:
        notes = [each for each, data in server.items.items() if data.get("parentItem")]
        if notes:
            server.remove(chance.choice(notes))


def test_a_collection_can_be_named_by_name_path_or_key(workspace: Workspace, server: Library) -> None:
    """And a name that is not there is answered with the nearest."""
    for name in ("embase", "Searches/Embase", "EMBASE22"):
        assert pulled(workspace, server, collection=name, source="team-library").exit_code == 0
    assert [native for _, native in records(workspace)] == ["ARTICLE2", "REPORT22"]
    with pytest.raises(UsageError, match="Searches/Embase"):
        pulled(workspace, server, collection="Searches/Embas")


def test_deletions_are_followed_in_each_of_two_collections_of_one_source(workspace: Workspace, server: Library) -> None:
    """Pulled in turn; what only moved from one to the other, or is in both and leaves one, stays."""
    server.put("items", {"key": "MOVER222", "itemType": "book", "title": "Moved", "collections": ["EMBASE22"]})
    server.put("items", {"key": "STAYS222", "itemType": "book", "title": "Stays", "collections": ["CINAHL22"]})

    def both() -> None:
        for name in ("Embase", "CINAHL"):
            pulled(workspace, server, source="team-library", collection=name)

    both()
    server.remove("FILE2222")
    server.remove("NOTE2222")
    server.remove("ARTICLE2")
    server.put("items", {"key": "REPORT22", "collections": ["EMBASE22"]})
    server.put("items", {"key": "MOVER222", "collections": ["CINAHL22"]})
    both()
    both()
    assert set(held(workspace)) == {"MOVER222", "REPORT22", "STAYS222"}
    server.put("items", {"key": "REPORT22", "deleted": 1})
    server.put("items", {"key": "STAYS222", "collections": []})
    both()
    assert set(held(workspace)) == {"MOVER222"}


def test_an_item_that_is_deleted_is_gone_though_another_pull_had_it(workspace: Workspace, server: Library) -> None:
    """One collection was pulled once, later the whole library: what the first saw holds nothing back."""
    pulled(workspace, server, source="team-library", collection="Embase")
    pulled(workspace, server, source="team-library")
    server.remove("REPORT22")
    pulled(workspace, server, source="team-library")
    assert set(held(workspace)) == {"ARTICLE2"}


def test_collections_called_like_databases_go_to_their_sources(workspace: Workspace, server: Library) -> None:
    """An item in two of them is a record of each, so that each database has its count."""
    summary = pulled(workspace, server, by_collection=True, collection="Searches")
    counts = {item["source"]: (item["loaded"], item["rejected"]) for item in summary.data["sources"]}
    assert counts == {"embase": (2, 0), "cinahl": (1, 1)}
    assert {run.source: run.loaded for run in workspace.runs()} == {"embase": 2, "cinahl": 1}


def test_two_collections_called_like_one_source_are_an_error_unless_a_push_made_one(
    workspace: Workspace, server: Library
) -> None:
    """The tree of our own push holds collections called like the sources; another person's namesake is asked about."""
    pulled(workspace, server, by_collection=True)
    settings = Settings(keys={"zotero": KEY}, urls={"zotero": server.url})
    push.run(workspace, settings=settings, timing=Timing(sleep=lambda _: None))
    assert "small/01 Search/Embase" in server.names()
    counts = pulled(workspace, server, by_collection=True).data["sources"]
    assert [(item["source"], item["loaded"]) for item in counts] == [("embase", 0), ("cinahl", 0)]
    server.put("collections", {"key": "LDEMBASE", "name": "EMBASE"})
    with pytest.raises(UsageError, match=r"EMBASE \(LDEMBASE\)"):
        pulled(workspace, server, by_collection=True)


def test_what_a_push_wrote_is_no_find_of_the_next_pull(workspace: Workspace, server: Library) -> None:
    """Neither the items that it made, nor its tags as keywords, which would tell a screener what others decided."""
    pulled(workspace, server, source="embase", collection="Embase")
    pulled(workspace, server, source="cinahl", collection="CINAHL", library="groups/7")
    with workspace.transaction("load") as change:
        change.add_record(
            Parsed(Citation(title="From a file", type="book"), "raw", "1"), "cinahl", change.run, 1, "ris"
        )
    settings = Settings(keys={"zotero": KEY}, urls={"zotero": server.url})
    before = len(server.items)
    push.run(workspace, settings=settings, timing=Timing(sleep=lambda _: None))
    assert len(server.items) == before + 1
    summary = pulled(workspace, server, source="team-library")
    assert summary.data["sources"][0]["loaded"] == 2
    again = pulled(workspace, server, source="embase", collection="Embase").data["sources"][0]
    assert (again["corrected"], again["loaded"], again["taken_out"]) == (0, 0, 0)
    assert not any("evidence-review" in word for one in workspace.records() for word in one.citation.keywords)


def test_only_items_with_a_tag(workspace: Workspace, server: Library) -> None:
    """Where a tag is named."""
    pulled(workspace, server, tag="twinning")
    assert [native for _, native in records(workspace)] == ["ARTICLE2"]


def test_a_saved_search_is_run_by_zotero_on_this_computer(workspace: Workspace, server: Library) -> None:
    """What it finds now, whole each time: what it no longer finds is taken out."""
    server.searches["SAVED222"] = ("About twinning", lambda item: "Twinning" in item.get("title", ""))
    settings = Settings(urls={"zotero-local": server.url})
    wishes = {"local": True, "saved_search": "About twinning", "source": "team-library", "settings": settings}
    timing = Timing(tries=2, first_backoff=0.1, sleep=lambda _: None)
    pull.run(workspace, timing=timing, **wishes)
    assert [native for _, native in records(workspace)] == ["ARTICLE2"]
    ledger = workspace.layout.ledger.read_bytes()
    pull.run(workspace, timing=timing, **wishes)
    assert workspace.layout.ledger.read_bytes() == ledger
    server.put("items", {"key": "ARTICLE2", "title": "Something else"})
    server.put("items", {"key": "REPORT22", "title": "Twinning after all"})
    pull.run(workspace, timing=timing, **wishes)
    assert list(held(workspace)) == ["REPORT22"]
    with pytest.raises(UsageError, match="About twinning"):
        pull.run(workspace, timing=timing, **{**wishes, "saved_search": "Abuot twinning"})
    with pytest.raises(UsageError, match="--local"):
        pull.run(workspace, timing=timing, **{**wishes, "local": False})
    server.fault = lambda _: "503"
    with pytest.raises(SourceError, match="on this computer"):
        pull.run(workspace, timing=timing, **wishes)


def test_a_listing_that_is_not_complete_takes_nothing_out_and_is_read_again(
    workspace: Workspace, server: Library
) -> None:
    """The run is incomplete, exit code 3; what is gone is not told from a part."""
    server.searches["SAVED222"] = ("All", lambda item: True)
    settings = Settings(urls={"zotero-local": server.url})
    wishes = {"local": True, "saved_search": "All", "source": "team-library", "settings": settings}
    pull.run(workspace, **wishes)
    assert pulled(workspace, server, source="embase", collection="Embase").exit_code == 0
    server.withheld = 4
    server.put("items", {"key": "ARTICLE2", "title": "New"})
    summary = pull.run(workspace, **wishes)
    assert (summary.exit_code, workspace.runs()[-1].state) == (3, "incomplete")
    with pytest.raises(SourceError, match="what is gone cannot be told"):
        pulled(workspace, server, source="embase", collection="Embase")
    assert not any(state.startswith("removed") for state in states(workspace).values())
    server.withheld = 0
    assert pull.run(workspace, **wishes).exit_code == 0


def test_a_library_that_changes_while_it_is_read_is_read_again(workspace: Workspace, server: Library) -> None:
    """No page of one version is joined with a page of another."""
    for number in range(150):
        server.put("items", {"key": f"MANY{number:04d}", "itemType": "book", "title": f"Book {number}"})
    changes = iter([False, True])

    def change(_: str) -> None:
        if next(changes, False):
            server.put("items", {"key": "LATE2222", "itemType": "book", "title": "Late"})

    server.fault = change
    summary = pulled(workspace, server)
    assert (summary.exit_code, summary.data["sources"][0]["loaded"]) == (0, 153)


@pytest.mark.parametrize("seed", range(4))
def test_a_pull_under_random_faults_ends_in_the_records_of_an_undisturbed_one(
    workspace: Workspace, server: Library, seed: int
) -> None:
    """Or fails by name and changes nothing; never with fewer."""
    for number in range(450):
        server.put("items", {"key": f"MANY{number:04d}", "itemType": "book", "title": f"Book {number}"})
    server.fault = at_random(random.Random(seed), 0.4)
    for _ in range(40):
        try:
            summary = pulled(workspace, server)
            break
        except SourceError:
            assert list(workspace.records()) == []
    assert summary.data["sources"][0]["loaded"] == 452


def test_what_was_pulled_is_placed_and_tagged_by_a_push_and_not_made_again(
    workspace: Workspace, server: Library
) -> None:
    """In the library that it came from, the item itself goes into our collections."""
    pulled(workspace, server)
    count = len(server.items)
    settings = Settings(keys={"zotero": KEY}, urls={"zotero": server.url})
    push.run(workspace, settings=settings, timing=Timing(sleep=lambda _: None))
    assert len(server.items) == count
    article = server.items["ARTICLE2"]
    assert article["title"] == ARTICLE["title"]
    assert "EMBASE22" in article["collections"] and len(article["collections"]) == 3
    assert {"tag": "twinning"} in article["tags"] and len(article["tags"]) == 2


def test_a_collection_that_is_gone_is_an_error_and_no_empty_result(workspace: Workspace, server: Library) -> None:
    """A reply of 404 names the library."""
    text = PROTOCOL.replace("groups/7/team", "groups/7/team/collections/GONE2222")
    workspace.layout.protocol.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="groups/7"):
        pulled(Workspace.open(workspace.layout.folder), server)


def test_an_unknown_source_is_named_with_the_nearest(workspace: Workspace, server: Library) -> None:
    """Nothing is read."""
    with pytest.raises(UsageError, match="'embase'"):
        pulled(workspace, server, source="embas")
    assert server.asked == []
