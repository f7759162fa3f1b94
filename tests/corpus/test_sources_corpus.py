"""Real replies of real services: each gives the records that its golden digest confirms, or a failure by name.

`sources_golden.json` holds no content of the corpus: for each reply the number of records, the reported hits, whether
there is a next page, and a short hash over all records' values of each field. `UPDATE_GOLDEN=1` writes it anew; what
changed is then to be read in the replies themselves.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from evidence_review.commands.search.parse import run
from evidence_review.commands.search.stored import reply_in
from evidence_review.net.exchange import reply_of_bytes
from evidence_review.net.failures import KINDS, Failure
from evidence_review.sources import reader

pytestmark = pytest.mark.corpus

GOLDEN = Path(__file__).with_name("sources_golden.json")
FIELDS = (
    "title", "doi", "pmid", "pmcid", "year", "date", "authors", "abstract", "container", "volume", "issue", "pages",
    "article_number", "issn", "type", "language", "keywords", "terms", "status", "other_ids",
)  # fmt: skip
# The API of a reference manager: its replies are read by the verb of that name.
NOT_OURS = {"zotero"}


def source_of(path: Path) -> str:
    """Return the source whose reply a file is: its folder, or the first word of an error's name."""
    return path.name.split("_")[0] if path.parent.name == "errors" else path.parent.name


def replies(corpus: Path) -> list[Path]:
    """Return every reply."""
    return [path for path in sorted((corpus / "payloads").glob("*/*")) if path.parent.name not in NOT_OURS]


def digest(path: Path) -> dict[str, Any]:
    """Return what a reply comes to, without its words."""
    data = run(source_of(path), [path]).data
    if "failure" in data:
        return {"failure": data["failure"]["kind"]}
    records = data["records"]
    hashes = {
        field: hashlib.sha256(json.dumps([record.get(field) for record in records]).encode()).hexdigest()[:12]
        for field in FIELDS
        if any(record.get(field) for record in records)
    }
    counts = {"records": len(records), "rejected": len(data["rejected"]), "ids": len(data["ids"])}
    return {**counts, "hits": data["reported_hits"], "next": bool(data["next"]), "fields": hashes}


def test_every_reply_gives_its_golden_records_or_its_named_failure(corpus: Path) -> None:
    """Field by field, over all records of all replies."""
    actual = {path.relative_to(corpus / "payloads").as_posix(): digest(path) for path in replies(corpus)}
    assert len(actual) > 165
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(json.dumps(actual, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    expected = json.loads(GOLDEN.read_text(encoding="utf-8"))
    changed = {name: (expected.get(name), found) for name, found in actual.items() if found != expected.get(name)}
    assert changed == {}
    assert set(expected) == set(actual)


def test_every_stored_error_is_a_named_failure_and_no_number(corpus: Path) -> None:
    """None of the errors that services sent can be read as an answer."""
    for path in sorted((corpus / "payloads" / "errors").iterdir()):
        service = reader(source_of(path))
        with pytest.raises(Failure) as failure:
            list(service.read(reply_in(path)).records)
        assert failure.value.kind in KINDS


def test_no_reply_with_an_error_status_reports_hits(corpus: Path) -> None:
    """A recorded status of 400 and above always ends in a failure."""
    seen = 0
    for path in replies(corpus):
        reply = reply_in(path)
        if reply.status >= 400:
            seen += 1
            assert "failure" in run(source_of(path), [path]).data, path.name
    assert seen >= 10


def identifiers_in(path: Path, text: str) -> set[str]:
    """Return the identifiers of a reply's records, found by plain patterns and not by the reader under test."""
    patterns = {
        "pubmed": r"<MedlineCitation[^>]*>\s*<PMID[^>]*>(\d+)</PMID>",
        "europepmc": r'"source"\s*:\s*"\w+",\s*"pmid"\s*:\s*"(\d+)"',
        "ctgov": r'"nctId"\s*:\s*"(NCT\d{8})"',
        "biorxiv": r'"doi":\s*"(10\.\d+/[^"]+)",\s*"date"',
        "medrxiv": r'"doi":\s*"(10\.\d+/[^"]+)",\s*"date"',
        "semanticscholar": r'"paperId":\s*"([0-9a-f]{40})"',
    }
    pattern = patterns.get(path.parent.name)
    return {value.lower() for value in re.findall(pattern, text)} if pattern else set()


def test_every_identifier_that_plain_patterns_find_is_on_a_record(corpus: Path) -> None:
    """The readers lose no record that a simple search of the text sees."""
    checked = 0
    for path in replies(corpus):
        data = run(source_of(path), [path]).data
        if "failure" in data or path.name.startswith("epmc_raw"):
            continue
        with reply_in(path).open() as stream:
            wanted = identifiers_in(path, stream.read().decode("utf-8", "replace"))
        found = json.dumps(list(data["records"]), ensure_ascii=False).lower()
        missing = {value for value in wanted if f'"{value}"' not in found and f'"med/{value}"' not in found}
        assert not missing, (path.name, sorted(missing)[:5])
        checked += len(wanted)
    assert checked > 3000


def test_replies_of_one_run_follow_each_other(corpus: Path) -> None:
    """What one page names as next is what the following page was asked with; no record stands on two pages."""
    pages = corpus / "payloads" / "semanticscholar"
    first, second = (
        run("semanticscholar", [pages / f"ss_test_search_paper_bulk_retrieval_next_page.{number}.exchange.json"]).data
        for number in (0, 1)
    )
    assert first["next"] in reply_in(pages / "ss_test_search_paper_bulk_retrieval_next_page.1.exchange.json").request
    ids = [record["native_id"] for page in (first, second) for record in page["records"]]
    assert len(ids) == len(set(ids)) == 2000


def test_truncated_at_any_place_no_reply_is_an_answer(corpus: Path) -> None:
    """A body cut off anywhere is a failure: it never gives fewer records in silence."""
    for name in (
        "pubmed/fast_efetch.xml",
        "europepmc/fast_search_core.json",
        "openalex/fast_search.json",
        "arxiv/fast_search.xml",
    ):
        path = corpus / "payloads" / name
        data = path.read_bytes().rstrip()
        service = reader(source_of(path))
        for share in range(1, 40):
            cut = data[: len(data) * share // 40]
            with pytest.raises(Failure):
                list(service.read(reply_of_bytes(cut, 200)).records)


JUNK = (None, [], {}, "", "x", 3, -1, True, 1.5, [None], [{}], {"a": 1}, "2020-13-45", "٣", [[[]]], ["a", {"b": []}])


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of the values of a JSON document, of the first entries of each list."""
    found = [path] if path else []
    inside = data.items() if isinstance(data, dict) else enumerate(data[:3]) if isinstance(data, list) else ()
    for key, value in inside:
        found += places(value, (*path, key))
    return found


def test_a_value_of_another_kind_anywhere_breaks_no_reader(corpus: Path) -> None:
    """Services change: a null, a list or a word in any place gives records or a named failure, never a traceback."""
    lots = random.Random(11)
    tried = 0
    for path in replies(corpus):
        with reply_in(path).open() as stream:
            body = stream.read()
        try:
            document = json.loads(body)
        except ValueError:
            continue
        all_places = places(document)
        for place in lots.sample(all_places, min(12, len(all_places))):
            changed = json.loads(body)
            inside = changed
            for step in place[:-1]:
                inside = inside[step]
            inside[place[-1]] = lots.choice(JUNK)
            tried += 1
            with suppress(Failure):
                list(reader(source_of(path)).read(reply_of_bytes(json.dumps(changed).encode(), 200)).records)
    assert tried > 1000


def test_damaged_bytes_break_no_reader(corpus: Path) -> None:
    """Bytes changed, doubled or taken out of an XML reply give records or a named failure."""
    lots = random.Random(5)
    for path in replies(corpus):
        if path.suffix != ".xml":
            continue
        data = path.read_bytes()
        for _ in range(15):
            at, length = lots.randrange(len(data)), lots.randrange(1, 30)
            middle = lots.choice(
                [b"", b"<", b"&", b"\xff", data[at : at + length] * 2, b"<!DOCTYPE x [<!ENTITY a 'b'>]>"]
            )
            with suppress(Failure):
                damaged = reply_of_bytes(data[:at] + middle + data[at + length :], 200)
                list(reader(source_of(path)).read(damaged).records)
