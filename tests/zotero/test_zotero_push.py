"""Pushing a review into a library: once each, everything in its place, nothing of anybody else's touched."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import screening_reviews as reviews
from fake_zotero import KEY, Library, at_random, serving

from evidence_review.commands.zotero import push
from evidence_review.commands.zotero.wanted import object_key
from evidence_review.errors import SourceError, UsageError
from evidence_review.model.events import DuplicateEvent
from evidence_review.net.client import Timing
from evidence_review.summary import Summary
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

LIBRARY = "users/7"


class Waits(list[float]):
    """A sleep that does not, and a clock that counts it."""

    def timing(self, tries: int = 4, ceiling: float = 120.0) -> Timing:
        """Return a client's patience without the patience."""
        return Timing(tries=tries, ceiling=ceiling, first_backoff=0.5, sleep=self.append, now=lambda: 1.8e9 + sum(self))


@pytest.fixture
def server() -> Iterator[Library]:
    """A library with one collection and one item of somebody's."""
    with serving() as library:
        library.put("collections", {"key": "THEIRS22", "name": "Reading list"})
        library.put(
            "items",
            {
                "key": "THEIRS23",
                "itemType": "book",
                "title": "Theirs",
                "collections": ["THEIRS22"],
                "tags": [{"tag": "x"}],
            },
        )
        yield library


def settings(server: Library, key: str = KEY) -> Settings:
    """Settings that lead to the server."""
    return Settings(keys={"zotero": key} if key else {}, urls={"zotero": server.url})


def pushed(workspace: Workspace, server: Library, *, dry_run: bool = False, waits: Waits | None = None) -> Summary:
    """Push with patience that takes no time."""
    return push.run(
        workspace,
        LIBRARY,
        dry_run=dry_run,
        settings=settings(server),
        timing=(Waits() if waits is None else waits).timing(),
    )


def merge(workspace: Workspace, record: str, kept: str) -> None:
    """Merge one record into another."""
    with workspace.transaction("dedup") as change:
        change.add_events([DuplicateEvent("merged", record, kept, "doi", "", "dedup", change.when)])


def ids(workspace: Workspace) -> list[str]:
    """Return the record ids."""
    return [record.id for record in workspace.records()]


def test_records_stand_in_a_tree_that_shows_where_they_are(tmp_path: Path, server: Library) -> None:
    """One collection a source, one a stage, one a reason; duplicates only in the first."""
    workspace = reviews.make(tmp_path, records=4, plan="mode: single, screeners: [reviewer-1]")
    first, second, third, _ = ids(workspace)
    merge(workspace, second, first)
    decide(workspace, {first: "include", third: "exclude"})
    summary = pushed(workspace, server)
    assert summary.exit_code == 0
    assert {path: count for path, count in server.names().items() if path != "Reading list"} == {
        "small": 0,
        "small/01 Search": 0,
        "small/01 Search/PubMed": 4,
        "small/02 Deduplicated": 3,
        "small/03 Included title-abstract": 1,
        "small/04 Full text": 0,
        "small/05 Included": 0,
        "small/Excluded": 0,
        "small/Excluded/E1 no partnership": 1,
    }
    item = server.items[object_key("small", "item", second)]
    assert item["tags"] == [{"tag": "evidence-review:small:duplicate"}]
    assert (item["title"], item["DOI"]) == ("Study 2 of twinning", "10.1/2")
    assert item["extra"] == f"evidence-review: {second}"


def decide(workspace: Workspace, verdicts: dict[str, str]) -> None:
    """Enter one screener's decisions."""
    from evidence_review.model.events import Decision

    with workspace.transaction("screen") as change:
        change.add_events(
            Decision(
                record, "title-abstract", "reviewer-1", verdict, "E1" if verdict == "exclude" else "", "", "screener",
                "1", "sheet.csv", "2", change.when,
            )
            for record, verdict in verdicts.items()
        )  # fmt: skip


def test_pushing_twice_changes_nothing(tmp_path: Path, server: Library) -> None:
    """Neither the library nor the review."""
    workspace = reviews.make(tmp_path)
    pushed(workspace, server)
    version, ledger = server.version, workspace.layout.ledger.read_bytes()
    asked = len(server.asked)
    summary = pushed(workspace, server)
    assert (server.version, workspace.layout.ledger.read_bytes()) == (version, ledger)
    assert not any(line.startswith("POST") for line in server.asked[asked:])
    assert "0 items made, 0 items changed" in summary.lines[0]


def test_a_dry_run_says_what_a_push_then_does_and_writes_nothing(tmp_path: Path, server: Library) -> None:
    """The counts of both agree."""
    workspace = reviews.make(tmp_path)
    before = server.version
    said = pushed(workspace, server, dry_run=True)
    assert server.version == before
    done = pushed(workspace, server)
    assert said.data["items"] == {"create": 6} and done.data["items made"] == 6
    assert said.data["collections"] == {"create": 8} and done.data["collections made"] == 8


def test_a_later_push_moves_what_was_decided_and_keeps_what_people_added(tmp_path: Path, server: Library) -> None:
    """A person's tags, collections and corrections of our items stay; our own places and tags follow the review."""
    workspace = reviews.make(tmp_path, records=1, plan="mode: single, screeners: [reviewer-1]")
    (record,) = ids(workspace)
    pushed(workspace, server)
    key = object_key("small", "item", record)
    item = server.items[key]
    mended = {"key": key, "title": "Mended by hand", "collections": [*item["collections"], "THEIRS22"]}
    server.put("items", {**mended, "tags": [*item["tags"], {"tag": "to read", "type": 1}]})
    decide(workspace, {record: "exclude"})
    summary = pushed(workspace, server)
    after = server.items[key]
    assert summary.data["items changed"] == 1
    assert after["title"] == "Mended by hand"
    assert after["tags"] == [
        {"tag": "to read", "type": 1},
        {"tag": "evidence-review:small:excluded at title and abstract"},
    ]
    assert "THEIRS22" in after["collections"]
    assert object_key("small", "collection", "Excluded", "E1 no partnership") in after["collections"]


def test_an_item_leaves_the_collection_of_a_reason_that_no_record_has_any_more(tmp_path: Path, server: Library) -> None:
    """Also of one whose words the protocol has changed since; the dry run says which collections items leave."""
    workspace = reviews.make(tmp_path, records=1, plan="mode: single, screeners: [reviewer-1]")
    (record,) = ids(workspace)
    decide(workspace, {record: "exclude"})
    pushed(workspace, server)
    key = object_key("small", "item", record)
    old = object_key("small", "collection", "Excluded", "E1 no partnership")
    assert old in server.items[key]["collections"]
    protocol = workspace.layout.protocol
    text = protocol.read_text(encoding="utf-8")
    assert "no partnership" in text
    protocol.write_text(text.replace("no partnership", "no partnership at all"), encoding="utf-8")
    workspace = Workspace.open(tmp_path)
    said = pushed(workspace, server, dry_run=True)
    assert any("no partnership at all: 1 in, 0 out" in line for line in said.lines)
    assert any(f"{old}, no longer used: 0 in, 1 out" in line for line in said.lines)
    pushed(workspace, server)
    assert old not in server.items[key]["collections"]
    decide(workspace, {record: "include"})
    pushed(workspace, server)
    names = {server.collections[each]["name"] for each in server.items[key]["collections"]}
    assert names == {"PubMed", "02 Deduplicated", "03 Included title-abstract"}


def test_what_is_somebody_elses_is_untouched(tmp_path: Path, server: Library) -> None:
    """Byte for byte, versions included."""
    theirs = (dict(server.items["THEIRS23"]), dict(server.collections["THEIRS22"]))
    workspace = reviews.make(tmp_path)
    pushed(workspace, server)
    assert (server.items["THEIRS23"], server.collections["THEIRS22"]) == theirs


def test_renamed_collections_keep_their_names_and_binned_items_stay_in_the_bin(tmp_path: Path, server: Library) -> None:
    """What a person did to our own objects is respected, and said."""
    workspace = reviews.make(tmp_path, records=2)
    pushed(workspace, server)
    root = object_key("small", "collection")
    server.put("collections", {"key": root, "name": "Our review"})
    binned = object_key("small", "item", ids(workspace)[0])
    server.put("items", {"key": binned, "deleted": 1})
    version = server.version
    summary = pushed(workspace, server)
    assert (server.version, server.collections[root]["name"]) == (version, "Our review")
    assert any("bin" in line and ids(workspace)[0] in line for line in summary.lines)
    assert "1 item of the review's records is there" in summary.lines[0]


@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_items_under_random_faults_end_once_each_in_their_places(tmp_path: Path, seed: int) -> None:
    """Each request fails with probability 0.3; resumed until it is through, nothing is there twice or in part."""
    workspace = reviews.make(tmp_path, records=1000, plan="mode: single, screeners: [reviewer-1]")
    names = ids(workspace)
    for number in range(0, 100, 2):
        merge(workspace, names[number + 1], names[number])
    decide(workspace, dict.fromkeys(names[100:300], "exclude"))
    waits = Waits()
    with serving(Library(fault=at_random(random.Random(seed), 0.3))) as server:
        for _ in range(60):
            try:
                summary = pushed(workspace, server, waits=waits)
            except SourceError:
                continue
            if summary.exit_code == 0:
                break
        else:
            pytest.fail("the push never got through")
        assert server.seen.total() - server.seen["none"] >= 5  # the faults did happen
        assert len(server.items) == 1000
        counts = server.names()
        assert counts["small/01 Search/PubMed"] == 1000
        assert counts["small/02 Deduplicated"] == 950
        assert counts["small/Excluded/E1 no partnership"] == 200
        tags = Counter(tag["tag"] for item in server.items.values() for tag in item["tags"])
        assert tags["evidence-review:small:duplicate"] == 50
        assert sum(tags.values()) == 1000
        assert not any(line.startswith("POST") and "/7/" not in line for line in server.asked)


def test_waits_that_are_asked_for_are_kept_and_a_long_one_ends_the_run(tmp_path: Path, server: Library) -> None:
    """`Backoff` on a good reply and `Retry-After` on a refusal; beyond the ceiling the time to come back is said."""
    workspace = reviews.make(tmp_path, records=1)
    faults = iter(["backoff", "429-retry"])
    server.fault = lambda _: next(faults, None)
    waits = Waits()
    pushed(workspace, server, waits=waits)
    assert waits == [2.0, 1.0]
    server.fault = lambda _: "backoff"
    with pytest.raises(SourceError, match="asks to wait until"):
        push.run(workspace, LIBRARY, settings=settings(server), timing=Waits().timing(ceiling=1.0))


def test_a_service_that_never_answers_ends_the_run_and_what_was_written_is_in_the_ledger(
    tmp_path: Path, server: Library
) -> None:
    """Exit code 3, and the next run goes on."""
    workspace = reviews.make(tmp_path, records=120)
    asked = iter(range(10_000))
    server.fault = lambda _: "503" if next(asked) > 10 else None
    with pytest.raises(SourceError, match="after 4 tries: status 503"):
        pushed(workspace, server)
    there = len(server.items) - 1
    assert 0 < there < 120
    assert workspace.ledger()[-1].counts["items made"] == there
    server.fault = lambda _: None
    assert pushed(workspace, server).data["items made"] == 120 - there


def test_an_item_that_zotero_refuses_is_named_and_ends_with_3(tmp_path: Path, server: Library) -> None:
    """The others are written."""
    workspace = reviews.make(tmp_path, records=3)
    refused = object_key("small", "item", ids(workspace)[1])
    server.refused.add(refused)
    summary = pushed(workspace, server)
    assert (summary.exit_code, summary.data["failed"], summary.data["items made"]) == (3, [refused], 2)
    assert any("400 not a valid item" in line for line in summary.lines)


def test_a_missing_or_wrong_key_is_said_without_it(tmp_path: Path, server: Library) -> None:
    """The message names the variable to set, and holds no key."""
    workspace = reviews.make(tmp_path, records=1)
    with pytest.raises(UsageError, match="ZOTERO_API_KEY"):
        push.run(workspace, LIBRARY, settings=settings(server, ""), timing=Waits().timing())
    with pytest.raises(SourceError) as refused:
        push.run(workspace, LIBRARY, settings=settings(server, "wrong-secret"), timing=Waits().timing())
    assert "wrong-secret" not in str(refused.value)
    assert "ZOTERO_API_KEY" in str(refused.value)


@pytest.mark.parametrize("library", ["7", "users/x", "https://example.org/groups/7"])
def test_a_library_that_is_none_is_a_usage_error(tmp_path: Path, library: str, server: Library) -> None:
    """With what to write instead."""
    workspace = reviews.make(tmp_path, records=1)
    with pytest.raises(UsageError, match="groups/NUMBER"):
        push.run(workspace, library, settings=settings(server), timing=Waits().timing())
