"""What is written is read back the same, on every field that both the format and the record have."""

from __future__ import annotations

import datetime
import io
import string
from dataclasses import fields, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_review import text
from evidence_review.formats import open_bytes
from evidence_review.formats.opening import read_written
from evidence_review.formats.write import WRITERS, losses
from evidence_review.model.record import Citation, Name, Parsed, Record

READ_BACK = ("ris", "nbib", "bibtex", "csl-json", "endnote-xml", "csv", "xlsx")
LETTERS = string.ascii_letters + "äöüßéèñçøåæłőšžÄÖÉ"
# Characters that mean something to one format or another: LaTeX, XML, tables, formulas, lists of names.
SIGNS = "&%$#_{}\\~^<>\"'=+-@.,:()[]/!?*“”’–"

# A word that means "nothing" to databases, such as NONE, is read as nothing.
words = st.text(alphabet=LETTERS, min_size=2, max_size=10).filter(lambda made: not text.is_null(made))
sentence = st.lists(st.one_of(words, st.text(alphabet=LETTERS + SIGNS, min_size=1, max_size=8)), min_size=1, max_size=8)
running = sentence.map(" ".join).map(text.clean).filter(lambda made: len(made) > 3 and not text.is_null(made))
# A text that looks like something else is normalised on the way back, as the same text from any file would be.
plain = st.lists(words, min_size=2, max_size=5).map(" ".join)
family = words.map(str.title)
person = st.builds(Name, family=family, given=st.sampled_from(["E", "E. M.", "Anna Maria", "J.-P."]))
group = st.sampled_from(["World Health Organization", "Cochrane Bone", "RECOVERY Collaborative Group", "UNICEF"]).map(
    lambda name: Name(literal=name)
)
people = st.lists(st.one_of(person, group), max_size=5).map(tuple)
dates = st.dates(min_value=datetime.date(1900, 1, 1), max_value=datetime.date(2035, 12, 31))
citations = st.builds(
    Citation,
    type=st.sampled_from(
        ["article-journal", "book", "chapter", "paper-conference", "thesis", "report", "webpage", "dataset"]
    ),
    title=running,
    container=plain,
    container_abbrev=plain.map(lambda made: f"{made} J"),
    authors=people,
    editors=st.lists(person, max_size=2).map(tuple),
    volume=st.integers(1, 999).map(str),
    issue=st.integers(1, 40).map(str),
    pages=st.tuples(st.integers(1, 900), st.integers(901, 1800)).map(lambda pair: f"{pair[0]}-{pair[1]}"),
    article_number=st.just("e12345"),
    doi=st.integers(1, 10**6).map(lambda number: f"10.1234/ab_{number}.x"),
    pmid=st.integers(10**7, 4 * 10**7).map(str),
    pmcid=st.integers(10**5, 10**7).map(lambda number: f"PMC{number}"),
    issn=st.sampled_from([(), ("1234-5678",), ("1234-5678", "2049-363X")]),
    isbn=st.sampled_from([(), ("9783642002304",)]),
    abstract=running,
    keywords=st.lists(words, max_size=4, unique_by=str.casefold).map(tuple),
    terms=st.lists(words, max_size=3, unique_by=str.casefold).map(tuple),
    language=st.sampled_from(["en", "fr", "de", ""]),
    publisher=plain,
    place=plain,
    urls=st.sampled_from([(), ("https://example.org/a?b=1&c=2",)]),
    database=st.sampled_from(["", "Embase", "Global Health"]),
    notes=plain.map(lambda made: (f"Note of {made}",)),
).filter(lambda made: not (set(made.keywords) & set(made.terms)))


@st.composite
def dated(draw: st.DrawFn) -> Citation:
    day = draw(dates).isoformat()
    date = day[: draw(st.sampled_from([4, 7, 10]))]
    return replace(draw(citations), date=date, year=int(day[:4]))


def names(people: tuple[Name, ...]) -> list[str]:
    return [str(name) for name in people]


def comparable(citation: Citation, field: str) -> object:
    value = getattr(citation, field)
    if field in {"authors", "editors"}:
        return names(value)
    if field == "notes":
        return " ".join(value).replace(";", "")
    if field == "keywords":
        return sorted(value)
    return value


def written(citation: Citation, target: str) -> bytes:
    record = Record("R-00000000", "s", "r", 1, citation)
    return b"".join(WRITERS[target].write([record, record]))


@pytest.mark.parametrize("target", READ_BACK)
@settings(max_examples=40, report_multiple_bugs=False, suppress_health_check=list(HealthCheck))
@given(citation=dated())
def test_write_then_read_gives_the_same_fields(target: str, citation: Citation) -> None:
    """Written to any format and read again, every field that the format holds is what it was."""
    if citation.type in {"book", "thesis"}:
        # The number of a whole book's pages is no page range, and what holds a book is a series, which no field has.
        citation = replace(citation, container="", container_abbrev="")
    if target == "csl-json" and not citation.type.startswith("article"):
        # There `number` is the number of a report, a patent or a standard.
        citation = replace(citation, article_number="")
    items = list(open_bytes(written(citation, target), f"x{WRITERS[target].suffix}"))
    assert len(items) == 2
    item = items[0]
    assert isinstance(item, Parsed)
    different = {
        field.name: (comparable(citation, field.name), comparable(item.citation, field.name))
        for field in fields(Citation)
        if field.name in WRITERS[target].holds
        and field.name != "status"
        and comparable(citation, field.name) != comparable(item.citation, field.name)
    }
    assert different == {}


@pytest.mark.parametrize("target", READ_BACK)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(made=st.lists(dated(), min_size=1, max_size=3))
def test_reading_back_what_is_known_gives_what_reading_any_file_gives(target: str, made: list[Citation]) -> None:
    """Losses are found without asking anew what format and encoding a file has that was written a moment ago."""
    data = b"".join(WRITERS[target].write(Record("", "s", "r", place, one) for place, one in enumerate(made, start=1)))
    suffix = WRITERS[target].suffix
    assert read_written(data, WRITERS[target]) == list(open_bytes(data, f"written{suffix}", format=target))


RAW = {
    "ris": "TY  - JOUR\r\nTI  - A  title \r\nXX  - odd\r\nER  - \r\n",
    "nbib": "PMID- 1\nTI  - A title\n      continued\nXX  - odd\n",
    "bibtex": "@article{k,\n  title = {A {T}itle}, odd = {x}\n}",
}


@pytest.mark.parametrize("form", RAW)
def test_an_untouched_record_goes_out_byte_for_byte(form: str) -> None:
    """In its own format nothing is normalised, and nothing is lost."""
    reading = open_bytes(RAW[form].encode(), f"x.{form}", format=form)
    item = next(iter(reading))
    assert isinstance(item, Parsed)
    record = Record("R-00000000", "s", "r", 1, item.citation, format=reading.format, raw=item.raw)
    assert RAW[form].encode().strip() in b"".join(WRITERS[form].write([record]))
    assert losses([record], WRITERS[form]) == []


def test_losses_name_the_field_the_records_and_the_reason() -> None:
    record = Record("R-00000001", "s", "r", 1, Citation(title="T", status=("update",), urls=("https://x.org",)))
    found = losses([record], WRITERS["nbib"])
    assert [(loss.field, loss.count, loss.ids) for loss in found] == [
        ("urls", 1, ("R-00000001",)),
        ("status", 1, ("R-00000001",)),
    ]


@pytest.mark.parametrize("target", READ_BACK)
def test_a_preprint_stays_a_preprint(target: str) -> None:
    """In CSL its type is called `article`, which as a word of databases is an article of a journal."""
    item = next(iter(open_bytes(written(Citation(type="article", title="A title"), target), "x")))
    expected = "article" if "type" in WRITERS[target].holds else "article-journal"
    assert item.citation.type == expected  # type: ignore[union-attr]  # the record has a title, so it is no rejection


def test_addresses_beyond_the_first_are_told_where_a_format_holds_one() -> None:
    record = Record("R-00000001", "s", "r", 1, Citation(title="T", urls=("https://x.org", "https://y.org")))
    told = {target: [(loss.field, loss.why) for loss in losses([record], WRITERS[target])] for target in WRITERS}
    assert told["bibtex"] == [("urls", "BibTeX holds the first only")]
    assert told["csl-json"] == [("urls", "CSL-JSON holds the first only")]
    assert told["ris"] == told["endnote-xml"] == told["csv"] == []


def test_a_type_that_a_format_does_not_know_is_told() -> None:
    record = Record("R-00000001", "s", "r", 1, Citation(title="T", type="post"))
    assert [str(loss) for loss in losses([record], WRITERS["ris"])] == [
        "type: lost in 1 record (RIS has no such type; it becomes a general one)"
    ]


def test_formulas_leave_a_table_harmless_and_come_back_unchanged() -> None:
    title = "=HYPERLINK(1) and more"
    data = written(Citation(title=title, authors=(Name("Kelly", "E"),)), "csv")
    assert b",'=HYPERLINK" in data
    item = next(iter(open_bytes(data, "x.csv")))
    assert item.citation.title == title  # type: ignore[union-attr]  # the row has a title, so it is no rejection


def test_streams_of_any_size_of_chunk_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that lie across the pieces in which a file is read are read whole."""
    data = written(Citation(type="report", title="Straße – " + "word " * 400), "endnote-xml")
    whole = [item.raw for item in open_bytes(data, "x.xml")]
    monkeypatch.setattr("evidence_review.formats.xml_records._CHUNK", 7)
    assert [item.raw for item in open_bytes(io.BytesIO(data).read(), "x.xml")] == whole


def changed(target: str, **fields: object) -> dict[str, str]:
    """Return what is told to be lost of one record, and why."""
    citation = replace(Citation(type="article-journal", title="T", container="J"), **fields)  # type: ignore[arg-type]
    return {loss.field: loss.why for loss in losses([Record("R-1", "s", "r", 1, citation)], WRITERS[target])}


def test_what_a_round_trip_changes_is_told_whatever_the_format_has_fields_for() -> None:
    """Losses are what is not read back, not what a table of fields says."""
    assert changed("bibtex", notes=("One", "Two")) == {"notes": "BibTeX joins several into one"}
    assert changed("nbib", abstract="One\nTwo") == {"abstract": "PubMed (NBIB) has no line breaks; they become spaces"}
    assert changed("ris", type="book", container="Series", container_abbrev="Ser") == {
        "container": "RIS has no place for it beside the other fields of such a record"
    }
    assert changed("csl-json", type="report", article_number="e12345").keys() == {"article_number"}
    assert changed("csv", authors=(Name("Kelly", "E, F, G; H"),)).keys() == {"authors"}


def test_what_formats_were_taught_to_keep_is_not_lost() -> None:
    assert changed("nbib", article_number="940397", type="article-journal") == {}
    assert changed("csl-json", keywords=("Adaptation, Psychological",)) == {}
    assert changed("bibtex", urls=("file:///a.pdf",)) == {}
    assert changed("csv", abstract=" ".join(["word"] * 15_000)) == {}


def test_an_entry_without_the_one_that_it_inherits_from_is_told() -> None:
    text = "@inproceedings{a, title = {T}, crossref = {p}}\n@proceedings{p, title = {P}, year = {2010}}\n"
    records = [
        Record(f"R-{place}", "s", "r", place, item.citation, format="bibtex", raw=item.raw)
        for place, item in enumerate(open_bytes(text.encode(), "x.bib"), start=1)
    ]
    assert losses(records, WRITERS["bibtex"]) == []
    (alone,) = losses(records[:1], WRITERS["bibtex"])
    assert (alone.field, alone.count, alone.ids) == ("inherited fields", 1, ("R-1",))
