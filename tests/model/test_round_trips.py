"""What is written comes back as it was: records, runs, events, ledger entries."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_review import compact_json
from evidence_review.model.events import Decision, DuplicateEvent, Retrieval, StudyLink, Value, from_row
from evidence_review.model.ledger import GENESIS, LedgerEntry, chain_faults, seal
from evidence_review.model.record import (
    Citation,
    Name,
    Parsed,
    Record,
    record_from_dict,
    record_to_dict,
    short_reference,
)
from evidence_review.model.search_run import SearchRun, run_from_dict, run_to_dict
from evidence_review.workspace import records, tables

TEXT = st.text(max_size=20)
SOME = st.text(min_size=1, max_size=9)
NAMES = st.builds(Name, TEXT, TEXT, TEXT, TEXT)
WORDS = st.lists(TEXT, max_size=3).map(tuple)
CITATIONS = st.builds(
    Citation,
    title=TEXT,
    container=TEXT,
    authors=st.lists(NAMES, max_size=3).map(tuple),
    authors_truncated=st.booleans(),
    year=st.none() | st.integers(1, 2100),
    pages=TEXT,
    doi=TEXT,
    issn=WORDS,
    keywords=WORDS,
    urls=WORDS,
    other_ids=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
    status=WORDS,
)
RECORDS = st.builds(
    Record,
    id=SOME,
    source=SOME,
    run=SOME,
    position=st.integers(1, 10**6),
    citation=CITATIONS,
    native_id=TEXT,
    line=st.integers(0, 10**6),
    raw=TEXT,
    trace=st.lists(st.tuples(TEXT, TEXT, st.integers(0, 99)), max_size=2).map(tuple),
    flags=WORDS,
)


@given(RECORDS)
def test_a_record_comes_back_from_its_json(record: Record) -> None:
    text = json.dumps(record_to_dict(record), ensure_ascii=False)
    assert record_from_dict(json.loads(text)) == record


@given(st.integers(0, 9), st.lists(st.tuples(st.integers(0, 99), TEXT), max_size=3), WORDS, TEXT)
def test_a_search_run_comes_back_from_its_json(
    hits: int, rejections: list[tuple[int, str]], ids: tuple[str, ...], note: str
) -> None:
    run = SearchRun(
        "0001-load.1", "pubmed", "database", "file", hits=hits or None, rejections=tuple(rejections), record_ids=ids,
        files=((note, "0" * 64),), note=note,
    )  # fmt: skip
    assert run_from_dict(json.loads(json.dumps(run_to_dict(run)))) == run


CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@pytest.mark.parametrize("kind", [DuplicateEvent, Decision, Retrieval, StudyLink, Value])
def test_an_event_comes_back_from_its_csv_row(kind: type) -> None:
    """Commas, quotes, line breaks and leading signs in a cell change nothing."""

    @given(st.data())
    def holds(data: st.DataObject) -> None:
        event = kind(**{name: data.draw(CELL) for name in kind.__dataclass_fields__})
        text = (tables.header(kind) + tables.rows([event])).decode("utf-8")
        (row,) = csv.DictReader(io.StringIO(text, newline=""))
        assert from_row(kind, row) == event

    holds()


def test_a_file_of_an_older_version_reads_with_the_newer_columns_empty() -> None:
    assert from_row(DuplicateEvent, {"event": "merged", "record": "R-1", "kept": "R-2"}).note == ""


def chain(count: int) -> list[LedgerEntry]:
    """Return a sound ledger."""
    entries: list[LedgerEntry] = []
    for seq in range(1, count + 1):
        entry = LedgerEntry(
            seq, "load", "2026-11-23T12:00:00Z", "0", ["load"], {}, {}, {"library/x": f"{seq:064d}"}, {"records": seq},
            entries[-1].hash if entries else GENESIS,
        )  # fmt: skip
        entries.append(replace(entry, hash=seal(entry)))
    return entries


def test_a_sound_ledger_has_no_fault() -> None:
    assert chain_faults(chain(4)) == []


@pytest.mark.parametrize("place", range(4))
def test_any_changed_entry_is_named(place: int) -> None:
    entries = chain(4)
    entries[place] = replace(entries[place], counts={"records": 99})
    assert entries[place].seq in [seq for seq, _ in chain_faults(entries)]


@pytest.mark.parametrize("place", range(3))
def test_an_entry_taken_out_is_noticed(place: int) -> None:
    entries = chain(4)
    del entries[place]
    assert chain_faults(entries) != []


@pytest.mark.parametrize(
    ("authors", "truncated", "year", "expected"),
    [
        ((), False, 2018, "Anon. 2018"),
        (("Kelly",), False, 2015, "Kelly 2015"),
        (("Kelly",), True, 2015, "Kelly et al. 2015"),
        (("Kelly", "Doyle"), False, None, "Kelly and Doyle n.d."),
        (("Kelly", "Doyle", "Weakliam"), False, 2015, "Kelly et al. 2015"),
    ],
)
def test_a_short_reference_reads_as_people_cite(
    authors: tuple[str, ...], truncated: bool, year: int | None, expected: str
) -> None:
    names = tuple(Name(family=name) for name in authors)
    assert short_reference(Citation(authors=names, authors_truncated=truncated, year=year)) == expected


ANY = st.text(st.characters(), max_size=30)


@given(ANY, st.integers(1, 10**9), st.lists(st.tuples(ANY, ANY, st.integers(0, 10**6)), max_size=2))
def test_a_record_is_written_in_the_same_bytes_with_and_without_the_fast_library(
    words: str, position: int, trace: list[tuple[str, str, int]]
) -> None:
    """Where orjson has no wheel, or a damaged reply holds a lone surrogate, the standard library writes the line."""
    found = Parsed(Citation(title=words, authors=(Name(words, words),)), raw=words, line=position, trace=tuple(trace))
    prepared = records.prepare(found, "source", "ris")
    line = records.line(prepared, "R-00000000", "source", "0001-load.1", position)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compact_json, "orjson", None)
        plain = records.prepare(found, "source", "ris")
        assert records.line(plain, "R-00000000", "source", "0001-load.1", position) == line
    data = json.loads(line.decode("utf-8", "surrogatepass"))
    assert data.pop("key") == prepared[0]
    assert record_from_dict(data).citation == found.citation
