"""Real exports of many vendors: each gives its records, no record start is lost, the fields are what Zotero reads."""

from __future__ import annotations

import csv
import json
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_review import text
from evidence_review.errors import ReviewError
from evidence_review.formats import open_bytes, open_file
from evidence_review.model.record import Citation, Parsed, Record, Rejected

pytestmark = pytest.mark.corpus

# Where the manifest's number is not the number of records: file → (records, rejected, why).
EXCEPTIONS: dict[str, tuple[int, int, str]] = {
    "csv/aff_abstrackr.csv": (10, 1, "one row is the heading of a section: it fills the internal id alone"),
    "csv/aff_excel.csv": (10, 0, "the file has ten rows below its header; the manifest counts nine"),
    "xlsx/aff_embase.xlsx": (10, 0, "the manifest has no number for workbooks"),
    "xlsx/aff_eppi.xlsx": (10, 0, "the manifest has no number for workbooks"),
    "ris/jr_RisImporterCorrupted.ris": (0, 1, "its one record lacks the TY line: it is rejected with that reason"),
    "ris/jr_RisImporterTest1.ris": (3, 8, "eight of the eleven TY lines have nothing after them"),
    "enw/jr_Endnote.entries.enw": (5, 8, "eight of the thirteen %0 lines have nothing after them"),
    "pubmed_xml/jr_MedlineImporterTestMalformedEntry.xml": (0, 1, "its one article is not well-formed XML"),
    "nbib/jr_MedlinePlainImporterTestMultipleEntries.txt": (
        7,
        0,
        "two records have no PMID; the manifest counts PMIDs",
    ),
}


def manifest(corpus: Path) -> list[dict[str, str]]:
    with (corpus / "exports" / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def read(path: Path) -> tuple[list[Parsed], list[Rejected]]:
    items = list(open_file(path))
    return [item for item in items if isinstance(item, Parsed)], [item for item in items if isinstance(item, Rejected)]


def test_every_file_gives_the_records_that_it_holds(corpus: Path) -> None:
    """All files of the manifest give the expected number of records; each exception is stated with its reason."""
    wrong = []
    for row in manifest(corpus):
        parsed, rejected = read(corpus / "exports" / row["file"])
        expected = EXCEPTIONS[row["file"]][:2] if row["file"] in EXCEPTIONS else (int(row["records_expected"]), 0)
        if (len(parsed), len(rejected)) != expected:
            wrong.append((row["file"], expected, (len(parsed), len(rejected))))
    assert wrong == []


def test_starts_are_loaded_plus_rejected_and_each_record_keeps_its_raw_text(corpus: Path) -> None:
    for row in manifest(corpus):
        reading = open_file(corpus / "exports" / row["file"])
        items = list(reading)
        assert reading.starts == len(items) == reading.loaded + reading.rejected, row["file"]
        assert all(item.raw.strip() and item.line >= 1 for item in items), row["file"]


# --- Zotero's translators as the oracle ------------------------------------------------------------------------------


def names(entry: dict[str, Any], kind: str) -> list[str]:
    """Return creators as `family given`, without the dots and spaces that differ between writers of initials."""
    others = {"editor", "seriesEditor", "translator", "contributor", "reviewedAuthor", "bookAuthor"}
    found = []
    for creator in entry.get("creators", []):
        if (creator["creatorType"] == "editor") if kind == "editor" else (creator["creatorType"] not in others):
            whole = f"{creator.get('lastName') or creator.get('name', '')} {creator.get('firstName', '')}"
            found.append(squeezed(whole))
    return found


def squeezed(name: str) -> str:
    return re.sub(r"[\s.,;'\u2019{}\[\]-]", "", name).casefold()


def ours(people: tuple[Any, ...]) -> list[str]:
    return [squeezed(name.literal or f"{name.family} {name.given} {name.suffix}") for name in people]


def plain(value: object) -> str:
    """Return text without markup, with one kind of dash and of sub- and superscript figures."""
    folded = str(value).translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
    words = text.clean(re.sub("[–—−‐]", "-", re.sub(r"<[^>]+>", "", folded)))
    return words.replace("℡", "TEL")


def container(entry: dict[str, Any]) -> str:
    keys = ("publicationTitle", "bookTitle", "proceedingsTitle", "encyclopediaTitle", "websiteTitle", "blogTitle")
    return next((entry[key] for key in keys if entry.get(key)), "")


def fields(entry: dict[str, Any], citation: Citation) -> Iterator[tuple[str, Any, Any]]:
    """Yield (field, what Zotero reads, what we read), both in comparable form."""
    extra = entry.get("extra", "")
    in_extra = re.search(r"DOI: (\S+)", extra)
    yield "title", plain(entry.get("title", entry.get("caseName", entry.get("nameOfAct", "")))), plain(citation.title)
    yield "authors", names(entry, "author"), ours(citation.authors)
    yield "editors", names(entry, "editor"), ours(citation.editors)
    yield "date", text.date(str(entry.get("date", entry.get("issueDate", "")))), citation.date
    yield "container", plain(container(entry)), plain(citation.container)
    yield "volume", plain(entry.get("volume", "")), plain(citation.volume)
    yield "issue", plain(entry.get("issue", "")), plain(citation.issue)
    yield "pages", text.pages(entry.get("pages", "")), citation.pages or citation.article_number
    yield "doi", text.doi(entry.get("DOI", "") or (in_extra.group(1) if in_extra else "")), citation.doi
    yield "issn", text.issns(entry.get("ISSN", "")), citation.issn
    yield "isbn", text.isbns(entry.get("ISBN", "")), citation.isbn
    yield "abstract", plain(entry.get("abstractNote", "")), plain(citation.abstract)
    yield "language", text.language(entry.get("language", "")), citation.language


Rule = Callable[[str, Any, Any, str], bool]
# Each accepted difference, by rule: (field, Zotero's value, ours, file) → whether the rule explains it.
RULES: dict[str, Rule] = {
    "Zotero's item type has no field for it, or Zotero does not read it; we keep what the file says":
        lambda field, theirs, mine, file: not theirs and bool(mine),
    "a whole range of dates: Zotero keeps the month, we keep the day that the file gives":
        lambda field, theirs, mine, file: field == "date" and bool(theirs) and mine.startswith(theirs),
    "we keep every ISSN and ISBN, Zotero the first":
        lambda field, theirs, mine, file: field in {"issn", "isbn"} and set(theirs) <= set(mine),
    "OpenAlex: Zotero takes the profile's name of an author, we the name printed on the work":
        lambda field, theirs, mine, file: "OpenAlex" in file and field == "authors" and len(theirs) == len(mine),
    "Zotero changes the case of titles and journals; we keep the source's":
        lambda field, theirs, mine, file: field in {"title", "container"} and theirs.casefold() == mine.casefold(),
    "Zotero cuts the place from a journal's name, we keep the name in MEDLINE":
        lambda field, theirs, mine, file: field == "container" and mine.casefold().startswith(f"{theirs.casefold()} ("),
    "Zotero takes a second name of the journal over the first (%J twice); we keep the first":
        lambda field, theirs, mine, file: field == "container" and "ReferBibIX__0" in file,
    "Zotero takes the abbreviation J2 for a book's title; we take T2":
        lambda field, theirs, mine, file: field == "container" and theirs == "Abbreviation",
    "the template of all RIS types: words such as Periodical Title stand for types that we read otherwise":
        lambda field, theirs, mine, file: "RIS__2" in file and field not in {"doi", "date", "abstract", "language"},
    "Zotero leaves the volume in the journal's name":
        lambda field, theirs, mine, file: field == "container" and theirs.startswith(f"{mine} "),
    "a book's title in brackets is a translation; the brackets are no part of it":
        lambda field, theirs, mine, file: field == "container" and theirs.startswith("[") and theirs[1:60] == mine[:59],
    "the pages of the chapter, which the source gives beside those of the book":
        lambda field, theirs, mine, file: field == "pages" and "OVID_Tagged__4" in file,
    "quotation marks around a whole title are kept":
        lambda field, theirs, mine, file: field == "title" and mine == f'"{theirs}"',
    "Zotero puts a placeholder where there is no title or no name":
        lambda field, theirs, mine, file: theirs in ("[No title found]", ["anonymousreviewer"]) and not mine,
    "a control character stays in the title and is flagged as mojibake":
        lambda field, theirs, mine, file: field == "title" and bool(re.search("[\x80-\x9f]", mine)),
    "white space around a subscript in indented XML":
        lambda field, theirs, mine, file: field == "title" and theirs.replace(" ", "") == mine.replace(" ", ""),
    "Zotero reads an author marked [Ed] as an author, or lacks one; we read the mark":
        lambda field, theirs, mine, file: "OVID_Tagged" in file and field == "authors",
    "we add the group authors, which have a tag of their own":
        lambda field, theirs, mine, file: "Web_of" in file and field == "authors" and theirs == mine[: len(theirs)],
}  # fmt: skip


def test_fields_are_those_that_zotero_reads_or_the_difference_is_a_stated_rule(corpus: Path) -> None:
    """Thirteen fields of every record that has a twin, from title and creators to abstract and language."""
    unexplained = []
    compared = 0
    used = set()
    for twin in sorted((corpus / "exports").glob("*/*.zotero.json")):
        path = twin.with_name(twin.name.replace(".zotero.json", ".txt"))
        entries = json.loads(twin.read_text(encoding="utf-8"))
        parsed, _ = read(path)
        assert len(parsed) == len(entries), path.name
        for place, (entry, item) in enumerate(zip(entries, parsed, strict=True)):
            for field, theirs, mine in fields(entry, item.citation):
                compared += 1
                if theirs == mine:
                    continue
                rule = next((name for name, holds in RULES.items() if holds(field, theirs, mine, path.name)), None)
                if rule is None:
                    unexplained.append((path.name, place, field, theirs, mine))
                used.add(rule)
    assert unexplained == []
    assert compared > 2000
    assert set(RULES) - used == set(), "a rule that explains nothing must go"


# --- damage ----------------------------------------------------------------------------------------------------------

MOST_BYTES = 60_000
# A thousand in every run of the tests; ten thousand with EVIDENCE_REVIEW_MUTATIONS=10000.
MUTATIONS = int(os.environ.get("EVIDENCE_REVIEW_MUTATIONS", "1000"))


def small_files(corpus: Path) -> list[Path]:
    found = [
        path for path in sorted((corpus / "exports").glob("*/*")) if not path.name.endswith((".zotero.json", ".tsv"))
    ]
    return [path for path in found if path.stat().st_size < MOST_BYTES]


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Return bytes with some deleted, doubled, swapped or re-encoded: single ones, stretches, or whole lines."""
    for _ in range(rng.randint(1, 4)):
        if not data:
            break
        kind = rng.randrange(8)
        at = rng.randrange(len(data))
        to = min(len(data), at + rng.choice([1, 2, 7, 60, 900]))
        lines = data.splitlines(keepends=True)
        line = rng.randrange(len(lines)) if lines else 0
        if kind == 0:
            data = data[:at] + data[to:]
        elif kind == 1:
            data = data[:to] + data[at:to] + data[to:]
        elif kind == 2:
            data = data[:at] + bytes(rng.randrange(256) for _ in range(min(to - at, 8))) + data[to:]
        elif kind == 3:
            data = b"".join([*lines[:line], *lines[line + 1 :]])
        elif kind == 4:
            data = b"".join([*lines[: line + 1], *lines[line:]])
        elif kind == 5:
            other = rng.randrange(len(lines))
            lines[line], lines[other] = lines[other], lines[line]
            data = b"".join(lines)
        elif kind == 6:
            encoding = rng.choice(["utf-16", "cp1252", "utf-16-le", "gb18030", "mac_roman"])
            data = data.decode("utf-8", "replace").encode(encoding, "replace")
        else:
            data = data[:at]
    return data


def conserved(data: bytes, name: str) -> None:
    """Reading ends, with an error in words or with as many items as record starts, each in its place."""
    try:
        reading = open_bytes(data, name)
        items = list(reading)
    except ReviewError as fault:
        assert str(fault).startswith(name) or name in str(fault)
        return
    assert reading.starts == len(items) == reading.loaded + reading.rejected
    for item in items:
        if isinstance(item, Rejected):
            assert item.reason
        else:
            Record("R-00000000", "s", "r", 1, item.citation)
            json.dumps(item.citation.title)


@settings(max_examples=MUTATIONS, suppress_health_check=list(HealthCheck), database=None)
@given(choice=st.integers(0, 10_000), seed=st.integers(0, 2**32))
def test_damaged_files_end_in_records_rejections_or_words(corpus: Path, choice: int, seed: int) -> None:
    """Deleted, doubled, swapped and re-encoded bytes and lines of real exports: no crash, no hang, nothing lost."""
    files = small_files(corpus)
    path = files[choice % len(files)]
    conserved(damaged(path.read_bytes(), random.Random(seed)), path.name)


def test_what_zotero_itself_writes_is_read_as_it_says(corpus: Path) -> None:
    """The twins are items as Zotero's API and Better BibTeX give them: read as CSL-JSON they had no authors."""
    compared, different = 0, []
    for twin in sorted((corpus / "exports").glob("*/*.zotero.json")):
        entries = json.loads(twin.read_text(encoding="utf-8"))
        reading = open_file(twin)
        parsed = [item for item in reading if isinstance(item, Parsed)]
        assert (reading.format, len(parsed)) == ("zotero-json", len(entries)), twin.name
        for entry, item in zip(entries, parsed, strict=True):
            found = list(fields(entry, item.citation))
            compared += len(found)
            # A series' editor, a repository and a patent's artist have fields that the twin's other half lacks.
            different += [
                (twin.name, *one) for one in found if one[1] != one[2] and one[1] and "RIS__2" not in twin.name
            ]
    assert compared > 2000
    assert [one for one in different if one[2] != ["anonymousreviewer"]] == []


# --- two files put together --------------------------------------------------------------------------------------


def in_windows_1252(path: Path) -> bytes | None:
    """Return a file in Windows-1252, None where it is not UTF-8 or has letters that this lacks."""
    try:
        return path.read_bytes().decode("utf-8").encode("cp1252")
    except UnicodeError:
        return None


@pytest.mark.parametrize("folder", ["ris", "nbib", "wos", "enw", "refworks"])
def test_an_export_in_windows_1252_after_one_in_utf_8_is_read_as_if_alone(corpus: Path, folder: str) -> None:
    """Each real file in either encoding, put together with others: the fields of both are those of the two files."""
    paths = [path for path in sorted((corpus / "exports" / folder).glob("*")) if path.suffix != ".json"]
    checked = 0
    for first, second in zip(paths, paths[1:] + paths[:1], strict=True):
        head, tail = first.read_bytes().rstrip() + b"\n\n", in_windows_1252(second)
        if tail is None or tail.isascii() or head.isascii() or open_file(first).encoding.name != "utf-8":
            continue
        both = open_bytes(head + tail, first.name)
        if both.encoding.name != "utf-8+cp1252":
            # Too few letters beyond ASCII to tell it from damage: said, not guessed.
            assert both.encoding.bad, (first.name, second.name)
            continue
        alone = [item.citation for path in (first, second) for item in read(path)[0]]
        assert [item.citation for item in both if isinstance(item, Parsed)] == alone, (first.name, second.name)
        checked += 1
    assert checked or folder != "ris"


# --- rispy as a second reader ----------------------------------------------------------------------------------------


def test_rispy_agrees_on_the_files_that_it_reads_right(corpus: Path) -> None:
    """Where rispy finds the right number of RIS records it sees the same titles, years and numbers of authors."""
    rispy = pytest.importorskip("rispy", reason="rispy is not installed: it is a second reader for tests only")
    different = []
    compared = 0
    for row in manifest(corpus):
        if not row["file"].startswith("ris/") or row["file"] in EXCEPTIONS:
            continue
        path = corpus / "exports" / row["file"]
        entries = rispy.loads(path.read_text(encoding="utf-8-sig"))
        if len(entries) != int(row["records_expected"]):
            continue
        parsed, _ = read(path)
        for entry, item in zip(entries, parsed, strict=True):
            compared += 1
            title = entry.get("title") or entry.get("primary_title") or ""
            if text.title_key(item.citation.title)[:60] != text.title_key(title)[:60] and title and item.citation.title:
                different.append((row["file"], item.line, title[:60], item.citation.title[:60]))
            if text.year(str(entry.get("year", ""))) not in (None, item.citation.year):
                different.append((row["file"], item.line, entry["year"], item.citation.year))
    assert compared > 1000
    assert different == []
