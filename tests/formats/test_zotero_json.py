"""Zotero's own JSON: a list of items, the API's objects around them, or Better BibTeX's export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evidence_review.commands.load.convert import convert
from evidence_review.formats import open_bytes
from evidence_review.model.record import Parsed

ITEM = {
    "itemType": "journalArticle", "key": "AB12CD34",
    "title": "A title", "publicationTitle": "BMJ", "date": "2015-02-13",
    "creators": [{"creatorType": "author", "firstName": "Emma", "lastName": "Kelly"},
                 {"creatorType": "author", "name": "World Health Organization"}],
    "extra": "PMID: 12345", "DOI": "10.1234/a", "tags": [{"tag": "nurses"}], "notes": [{"note": "read this"}],
}  # fmt: skip
NOTE = {"itemType": "note", "note": "a thought"}


@pytest.mark.parametrize(
    "written",
    [
        [ITEM, NOTE],
        [{"key": "AB12CD34", "version": 3, "data": ITEM}, {"key": "N", "data": NOTE}],
        {"config": {"id": "x" * 30_000}, "items": [ITEM, NOTE]},
    ],
    ids=["items", "API", "Better BibTeX"],
)
def test_items_are_read_and_notes_are_no_records(written: object) -> None:
    reading = open_bytes(json.dumps(written, indent=1).encode(), "library.json")
    (item,) = reading
    assert isinstance(item, Parsed)
    it = item.citation
    assert (it.type, it.title, it.container, it.date) == ("article-journal", "A title", "BMJ", "2015-02-13")
    assert [str(name) for name in it.authors] == ["Kelly, Emma", "World Health Organization"]
    assert (it.doi, it.pmid, it.keywords, it.notes) == ("10.1234/a", "12345", ("nurses",), ("read this",))
    assert (item.native_id, reading.format, reading.starts, dict(reading.asides)) == (
        "AB12CD34", "zotero-json", 1, {"note": 1},
    )  # fmt: skip


def test_they_go_out_as_csl_json_that_others_read(tmp_path: Path) -> None:
    (tmp_path / "library.json").write_text(json.dumps([ITEM]))
    convert([tmp_path / "library.json"], "csl-json", tmp_path / "out.json")
    (entry,) = json.loads((tmp_path / "out.json").read_text())
    assert (entry["type"], entry["author"][0]) == ("article-journal", {"family": "Kelly", "given": "Emma"})


@pytest.mark.parametrize("broken", ['[{"itemType": "book"}]', '[{"itemType": "book", "title": "A"}, 5]'])
def test_what_says_nothing_is_rejected(broken: str) -> None:
    reading = open_bytes(broken.encode(), "library.json")
    list(reading)
    assert (reading.rejected, reading.starts) == (1, broken.count("{") + broken.count("5"))


@pytest.mark.parametrize(
    ("kind", "roles", "authors"),
    [
        ("film", ["castMember", "director", "translator"], ["director"]),
        ("artwork", ["artist", "contributor"], ["artist"]),
        ("journalArticle", ["reviewedAuthor", "author", "translator"], ["author"]),
        ("journalArticle", ["reviewedAuthor", "translator"], []),
        ("bill", ["cosponsor", "sponsor"], ["sponsor"]),
    ],
)
def test_the_primary_creator_of_a_kind_is_its_author(kind: str, roles: list[str], authors: list[str]) -> None:
    """As Zotero gives it as CSL; whoever translated or was reviewed is no author."""
    creators = [{"creatorType": role, "lastName": role, "firstName": "A"} for role in roles]
    (item,) = open_bytes(json.dumps([{**ITEM, "itemType": kind, "creators": creators}]).encode(), "library.json")
    assert isinstance(item, Parsed)
    assert [name.family for name in item.citation.authors] == authors
