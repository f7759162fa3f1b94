"""Damaged, hostile and wrong files: an error in words or a flagged record, never a crash, a hang or a silent loss."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from evidence_review.errors import FormatError, InputError
from evidence_review.formats import Reading, open_bytes, open_file
from evidence_review.formats.inputs import members
from evidence_review.model.record import Parsed, Rejected

ONE = "TY  - JOUR\nTI  - A title\nAU  - Kelly, E\nPY  - 2015\nER  - \n"


def read(data: bytes | str, name: str = "export.ris") -> tuple[Reading, list[Parsed], list[Rejected]]:
    reading = open_bytes(data.encode("utf-8") if isinstance(data, str) else data, name)
    items = list(reading)
    parsed = [item for item in items if isinstance(item, Parsed)]
    return reading, parsed, [item for item in items if isinstance(item, Rejected)]


def test_a_truncated_last_record_is_kept_and_flagged() -> None:
    _, parsed, rejected = read(ONE + "\nTY  - JOUR\nTI  - Another ti")
    assert [item.citation.title for item in parsed] == ["A title", "Another ti"]
    assert parsed[1].flags == ("no end of record",)
    assert rejected == []


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.ris", ONE + "\nTY  - JOUR\nTI  - Another title\nAU"), ("a.nbib", "PMID- 1\nTI  - Another title\nFAU")],
)
def test_a_file_that_broke_off_within_a_tag_adds_nothing_to_the_value_above(name: str, text: str) -> None:
    reading, parsed, _ = read(text, name)
    assert parsed[-1].citation.title == "Another title"
    assert [(aside.kind, aside.text) for aside in reading.places] == [("stray line", text.splitlines()[-1])]


def test_a_web_page_that_is_called_a_workbook_is_told_from_a_login_page() -> None:
    page = "<html><head><title>Export</title></head><body>{}</body></html>"
    with pytest.raises(FormatError, match="Open it in a spreadsheet program and save it as XLSX or CSV"):
        read(page.format("<table><tr><td>Title</td></tr></table>"), "export.xls")
    with pytest.raises(FormatError, match="log-in or error page"):
        read(page.format("Please log in"), "export.xls")


def test_a_missing_end_does_not_merge_two_records() -> None:
    _, parsed, _ = read(ONE.replace("ER  - \n", "") + ONE)
    assert len(parsed) == 2
    assert "no end of record" in parsed[0].flags


def test_a_doubled_opening_line_is_a_start_that_says_nothing() -> None:
    reading, parsed, rejected = read("TY  - JOUR\n" + ONE)
    assert (reading.starts, len(parsed)) == (2, 1)
    assert [(item.line, item.reason) for item in rejected] == [(1, "the record start has nothing after it")]


def test_a_record_without_its_opening_line_is_rejected_with_its_line_and_text() -> None:
    _, parsed, rejected = read(ONE + "\nTI  - Lost head\nAU  - Doe, J\nER  - \n\n" + ONE)
    assert len(parsed) == 2
    assert rejected[0].line == 7
    assert "Lost head" in rejected[0].raw


@pytest.mark.parametrize("opening", ["TY  -JOUR", "TY -JOUR", "TY-JOUR", "TY   - JOUR", "TY-  JOUR"])
def test_an_opening_line_with_other_blanks_opens_a_record(opening: str) -> None:
    for text in (ONE + ONE.replace("TY  - JOUR", opening), ONE.replace("TY  - JOUR", opening) + ONE):
        reading, parsed, rejected = read(text)
        assert (reading.starts, len(parsed), rejected) == (2, 2, [])
        assert {item.citation.type for item in parsed} == {"article-journal"}


def test_unknown_tags_are_reported_with_their_lines_and_stay_in_the_raw_record() -> None:
    reading, parsed, _ = read(ONE.replace("PY", "QQ  - odd\nPY"))
    assert [(aside.line, aside.kind, aside.text) for aside in reading.places] == [(4, "unknown tag", "QQ")]
    assert "QQ  - odd" in parsed[0].raw


def test_lower_case_tags_and_bare_carriage_returns_are_read() -> None:
    _, parsed, _ = read("ty  - JOUR\rti  - A title\rau  - Kelly, E\rer  - \r")
    assert (parsed[0].citation.title, parsed[0].citation.authors[0].family) == ("A title", "Kelly")


def test_control_characters_are_flagged_and_not_part_of_the_title() -> None:
    _, parsed, _ = read(ONE.replace("A title", "A \x00ti\x07tle"))
    assert parsed[0].citation.title == "A title"
    assert "NUL character" in parsed[0].flags


def test_an_undecodable_byte_is_reported_with_its_place_and_not_dropped() -> None:
    data = (ONE * 3).replace("A title", "Ein Ärgernis über Öl äöü – ß").encode()
    reading, parsed, _ = read(data.replace(b"rgernis", b"rger\xffnis", 1))
    assert [(bad.line, bad.value) for bad in reading.encoding.bad] == [(2, 0xFF)]
    assert parsed[0].citation.title.startswith("Ein Ärger\ufffdnis")
    assert "undecodable byte" in parsed[0].flags


@pytest.mark.parametrize(
    ("encoding", "stated"),
    [
        ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with BOM"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16-LE"),
        ("cp1252", "Windows-1252"), ("mac_roman", "MAC ROMAN"),
    ],
)  # fmt: skip
def test_encodings_are_found_and_stated(encoding: str, stated: str) -> None:
    title = "Müller’s café: naïve Übung – “quoted” señor"
    reading, parsed, _ = read(ONE.replace("A title", title).encode(encoding))
    assert (str(reading.encoding), parsed[0].citation.title) == (stated, title)


def test_chinese_in_gbk_is_found() -> None:
    title = "参考文献管理工具研究"
    reading, parsed, _ = read(ONE.replace("A title", title).encode("gbk"))
    assert (reading.encoding.name, parsed[0].citation.title) == ("gb18030", title)


def test_an_unclosed_quote_does_not_swallow_the_rest_silently() -> None:
    rows = "".join(f"Title {number},2015\n" for number in range(500))
    reading, parsed, rejected = read('title,year\n"Open quote,2014\n' + rows, "table.csv")
    assert reading.starts == len(parsed) + len(rejected)
    assert any("unclosed quote" in flag for flag in parsed[0].flags)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"%PDF-1.4 binary", "PDF"),
        (b"\x00\x01\x02\x03" * 400, "binary"),
        (b"<!DOCTYPE html><html><head><title>Log in</title></head><body></body></html>", "web page ('Log in')"),
        (b"just some words\nand more of them\n", "no format that is known"),
        (b"<root><child/></root>", "XML of an unknown kind"),
        (b'{"a": 1}', "JSON of an unknown kind"),
        (b"<xml><!ENTITY a 'x'><records></records></xml>", "declares XML entities"),
    ],
)
def test_what_is_no_export_is_refused_saying_what_it_is(data: bytes, says: str) -> None:
    with pytest.raises(FormatError, match=says.replace("(", r"\(").replace(")", r"\)")):
        read(data, "saved.ris")


BOMB = """<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<xml><records><record><titles><title>&b;</title></titles></record></records></xml>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>&x;</ArticleTitle></Article>
</MedlineCitation></PubmedArticle></PubmedArticleSet>"""


@pytest.mark.parametrize("document", [BOMB, OUTSIDE])
def test_xml_bombs_and_external_entities_are_refused(document: str) -> None:
    with pytest.raises(FormatError, match="declares XML entities"):
        read(document, "x.xml")


def test_one_malformed_xml_record_costs_only_itself() -> None:
    good = "<record><ref-type name='Book'>6</ref-type><titles><title>T {}</title></titles></record>"
    document = f"<xml><records>{good.format(1)}<record><titles><title>bad</record>{good.format(2)}</records></xml>"
    _, parsed, rejected = read(document, "x.xml")
    assert [item.citation.title for item in parsed] == ["T 1", "T 2"]
    assert "well-formed" in rejected[0].reason


def test_one_unclosed_bibtex_entry_costs_only_itself() -> None:
    broken = "@article{a,\n title = {Open {brace,\n year = 2001\n\n@article{b,\n title = {Whole},\n}\n"
    _, parsed, rejected = read(broken, "x.bib")
    assert parsed[-1].citation.title == "Whole"
    assert len(parsed) + len(rejected) == 2


def test_latex_is_decoded_and_money_stays() -> None:
    entry = (
        r"@article{a, title = {5\% and \$5 of P\"{a}ckert and $5 and 5%}, author = {Eli{\'a}{\v{s}}, Marek and others}}"
    )
    _, parsed, _ = read(entry, "x.bib")
    assert parsed[0].citation.title == "5% and $5 of Päckert and $5 and 5%"
    assert parsed[0].citation.authors[0].family == "Eliáš"
    assert parsed[0].citation.authors_truncated


def zip_of(entries: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return made.getvalue()


def test_a_zip_is_read_without_being_unpacked(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(zip_of({"b.ris": ONE.encode(), "a.ris": ONE.encode(), "readme.md": b"no"}))
    found = list(members([tmp_path / "all.zip"]))
    assert [member.name.rsplit("/", 1)[-1] for member in found] == ["a.ris", "b.ris"]
    assert [len(list(member.open())) for member in found] == [1, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["all.zip"]


@pytest.mark.parametrize("name", ["../../x.ris", "/etc/x.ris", "..\\x.ris", "C:\\x.ris"])
def test_a_zip_entry_that_points_outside_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "bad.zip").write_bytes(zip_of({name: ONE.encode()}))
    with pytest.raises(InputError, match="points outside"):
        list(members([tmp_path / "bad.zip"]))


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    (tmp_path / "bomb.zip").write_bytes(zip_of({"big.ris": b"\0" * 60_000_000}))
    with pytest.raises(InputError, match="would unpack to 60,000,000 bytes"):
        list(members([tmp_path / "bomb.zip"]))


def test_a_workbook_is_read_below_its_preamble_with_numbers_and_dates_as_text(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["SEARCH QUERY", "x"],
        [],
        ["Title", "Publication Year", "DOI", "Volume"],
        ["A title", 2015, "10.1000/A", 11.0],
    ):
        sheet.append(row)
    book.save(tmp_path / "x.xlsx")
    parsed = list(open_file(tmp_path / "x.xlsx"))
    assert isinstance(parsed[0], Parsed)
    found = parsed[0].citation
    assert (found.title, found.year, found.doi, found.volume) == ("A title", 2015, "10.1000/a", "11")


def test_a_broken_workbook_is_refused_in_words() -> None:
    with pytest.raises((FormatError, InputError), match=r"damaged|workbook"):
        list(open_bytes(b"PK\x03\x04[Content_Types].xml xl/ broken", "x.xlsx"))


@pytest.mark.parametrize("tag", ["SP", "EP", "PY", "DA", "VL", "IS", "DO", "SN", "U1", "C2", "AN"])
def test_a_number_with_thousands_of_figures_is_no_crash(tag: str) -> None:
    """Python refuses to make a number of more than 4,300 figures."""
    _, parsed, _ = read(ONE.replace("ER  -", f"SP  - 1\n{tag}  - {'9' * 5000}\nER  -"))
    assert parsed[0].citation.title == "A title"


def test_a_short_record_with_a_nul_is_damaged_text_and_no_binary_file() -> None:
    _, parsed, _ = read("TY  - JOUR\nTI  - a\x00b\x01c\nER  - \n")
    assert parsed[0].flags == ("NUL character",)
    assert parsed[0].citation.title == "abc"


def test_what_can_only_be_read_as_a_whole_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evidence_review.formats.base._MOST_WHOLE", 1000)
    with pytest.raises(FormatError, match=r"x.json has more than .* can only be read as a whole"):
        list(open_bytes(b'[{"title": "' + b"x" * 2000 + b'", "type": "book"}]', "x.json"))


def test_a_damaged_entry_of_an_archive_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.ris", ONE * 50)
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"a.zip/a.ris is damaged in its archive .* Download the archive again"):
        list(next(iter(members([path]))).open())


def test_files_put_one_after_the_other_are_read_whole() -> None:
    """The byte order mark, line ends and headings of the second stand in the middle; no record is lost to them."""
    both = b"TY  - JOUR\r\nTI  - One\r\nER  - \r\n" + "\ufeffTY  - JOUR\rTI  - Two\rER  - \r".encode()
    titles = [item.citation.title for item in open_bytes(both, "x.ris") if isinstance(item, Parsed)]
    assert titles == ["One", "Two"]
    table = "\ufeffTitle,Year\nOne,2001\n\ufeffTitle,Year\nTwo,2002\n".encode()
    reading = open_bytes(table, "x.csv")
    assert [item.citation.title for item in reading if isinstance(item, Parsed)] == ["One", "Two"]
    assert reading.asides["preamble"] == 1


def test_cyrillic_of_windows_is_no_western_nonsense() -> None:
    data = "TY  - JOUR\nTI  - Партнерство больниц и клиник\nER  - \n".encode("cp1251")
    reading = open_bytes(data, "x.ris")
    assert [item.citation.title for item in reading if isinstance(item, Parsed)] == ["Партнерство больниц и клиник"]
    assert str(reading.encoding) == "Windows-1251"


LONG = {
    "ris": ("TY  - JOUR\nTI  - A\nAB  - ", "\nER  - \nTY  - JOUR\nTI  - Next\nER  - \n", "utf-16"),
    "nbib": ("PMID- 1\nTI  - A\nAB  - ", "\n\nPMID- 2\nTI  - Next\n", "utf-8"),
    "wos": ("FN X\nVR 1.0\nPT J\nTI A\nAB ", "\nER\n\nPT J\nTI Next\nER\n", "utf-8"),
    "ovid-tagged": ("<1. >\nTI  - A\nAB  - ", "\n\n<2. >\nTI  - Next\n", "utf-8"),
    "ovid-reprint": ("<1>\nTitle\n  A\nAbstract\n  ", "\n\n<2>\nTitle\n  Next\nSource\n  J\n", "utf-8"),
    "refworks": ("RT Journal\nT1 A\nAB ", "\n\nRT Journal\nT1 Next\n", "utf-8"),
    "enw": ("%0 Journal Article\n%T A\n%X ", "\n\n%0 Journal Article\n%T Next\n", "utf-8"),
    "bibtex": ("@article{a,\n title = {A},\n abstract = {", "}\n}\n@article{b,\n title = {Next}\n}\n", "utf-8"),
}


@pytest.mark.parametrize("form", LONG)
@pytest.mark.parametrize("piece", [700, 10_000])
def test_a_line_longer_than_any_record_costs_only_its_record(
    form: str, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is rejected with its place and size, nothing of it is kept, and the next record is read."""
    for module in ("base", "blocks", "bibtex_syntax"):
        monkeypatch.setattr(f"evidence_review.formats.{module}.MOST_IN_A_RECORD", 4000)
    monkeypatch.setattr("evidence_review.formats.base._PIECE", piece)
    before, after, encoding = LONG[form]
    _, (following,), (long,) = read((before + "word " * 2000 + after).encode(encoding), f"x.{form}")
    line = before.count("\n") + 1
    assert re.match(rf"it has 10,0\d\d characters \(those beyond 4,000 begin on line {line}\)", long.reason)
    assert len(long.raw) <= 2000
    assert following.citation.title == "Next"


@pytest.mark.parametrize("form", LONG)
def test_lines_read_in_pieces_are_the_lines(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In however small pieces a long line comes, the record is the same."""
    before, after, encoding = LONG[form]
    data = (before + "word " * 300 + after).encode(encoding)
    whole = read(data, f"x.{form}")[1:]
    assert [len(items) for items in whole] == [2, 0]
    for piece in (97, 256, 1000):
        monkeypatch.setattr("evidence_review.formats.base._PIECE", piece)
        assert read(data, f"x.{form}")[1:] == whole


def test_a_table_with_a_line_longer_than_any_row_is_refused_by_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evidence_review.formats.table.MOST_IN_A_RECORD", 4000)
    with pytest.raises(FormatError, match="cannot be read as a table") as caught:
        read(b"Title,DOI,Year\nA,10.1/a,2020\nB," + b"word " * 1000, "x.csv")
    assert "line 3" in str(caught.value.problems[0])


@pytest.mark.parametrize("opening", ["", "TI  - orphan\n"])
def test_text_without_any_record_is_not_kept(opening: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One aside or one rejection for a very long line, not one for each piece of it."""
    for module in ("base", "blocks"):
        monkeypatch.setattr(f"evidence_review.formats.{module}.MOST_IN_A_RECORD", 4000)
    monkeypatch.setattr("evidence_review.formats.base._PIECE", 500)
    data = f"{opening}{'word ' * 4000}\nTY  - JOUR\nTI  - Next\nER  - \n".encode("utf-16")
    reading, (following,), rejected = read(data, "x.ris")
    assert following.citation.title == "Next"
    assert len(rejected) + sum(reading.asides.values()) == 1
