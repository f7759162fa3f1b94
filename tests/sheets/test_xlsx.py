"""XLSX sheets: text stays text, drop-downs and locks are there, damaged and doubtful workbooks are refused."""

from __future__ import annotations

import datetime
import io
import tracemalloc
import zipfile
from xml.etree.ElementTree import canonicalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from evidence_review.errors import SheetError
from evidence_review.sheets import read, read_all
from evidence_review.sheets.xlsx_stream import xlsx_pieces
from evidence_review.sheets.xlsx_write import Column, Worksheet, write_xlsx

WANTED = ("record", "decision")
COLUMNS = (Column("record"), Column("title", 40), Column("decision", answers=("include", "exclude"), editable=True))
CELL = st.one_of(
    st.text(max_size=30),
    st.from_regex(r"'*[=+\-@\t\r][ -~]{0,5}", fullmatch=True),
    st.sampled_from(["_x0041_", "_x005F_x0041_", "\r\n", "\x07", "1e5", "2015-01-01", "007"]),
)


def workbook(rows: list[list[object]], title: str = "screening") -> bytes:
    """Make a workbook as another program would."""
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@settings(max_examples=60)
@given(st.lists(st.tuples(st.just("R-00000000"), CELL), min_size=1, max_size=6))
def test_round_trip(rows: list[tuple[str, str]]) -> None:
    """Every text comes back as it went out, formulas, control characters and look-alikes of numbers included."""
    data = write_xlsx([Worksheet("screening", COLUMNS, [[record, text, ""] for record, text in rows])])
    table = read(data, "s.xlsx", required=WANTED)
    expected = [text.replace("\0", "").encode("utf-8", "replace").decode() for _, text in rows]
    assert [row["title"].encode("utf-8", "replace").decode() for row in table.rows] == expected


def test_the_same_sheet_is_the_same_file() -> None:
    """Times inside the archive are fixed, so that issuing twice gives equal bytes."""
    one, two = (write_xlsx([Worksheet("s", COLUMNS, [["R-1", "t", ""]])], "2026-01-02T03:04:05Z") for _ in range(2))
    assert one == two
    assert load_workbook(io.BytesIO(one)).properties.modified == datetime.datetime(2026, 1, 2, 3, 4, 5)


def test_people_get_drop_downs_locks_and_a_header_that_stays() -> None:
    """Only the decision can be typed in; its answers are a list; the first row and column stay in sight."""
    sheet = Worksheet("screening", COLUMNS, [["R-1", "A partnership", ""]], frozen=1, highlight=["partner"],
                      coloured=["title"])  # fmt: skip
    book = load_workbook(io.BytesIO(write_xlsx([sheet])), rich_text=True)
    page = book["screening"]
    assert page.protection.sheet
    assert [cell.protection.locked for cell in page[2]] == [True, True, False]
    assert page.freeze_panes == "B2"
    rule = page.data_validations.dataValidation[0]
    assert str(rule.sqref) == "C2"
    assert rule.formula1 == "lists!$A$1:$A$2"
    assert [cell.value for cell in book["lists"]["A"]] == ["include", "exclude"]
    assert [str(part) for part in page["B2"].value] == ["A ", "partnership"]


def test_links_can_be_clicked_where_they_are_web_addresses() -> None:
    """An address opens; a script, a file or text with control characters does not; the cell reads as written."""
    texts = ["https://doi.org/10.1/a?b=1&c=<2>", "javascript:alert(1)", "file:///etc/passwd", "", "https://x\ny"]
    columns = (Column("record"), Column("link", links=True))
    data = write_xlsx([Worksheet("s", columns, [["R-1", text] for text in texts])])
    cells = [row[1] for row in load_workbook(io.BytesIO(data))["s"].iter_rows(min_row=2)]
    assert [cell.hyperlink.target if cell.hyperlink else "" for cell in cells] == [texts[0], "", "", "", ""]
    assert [row["link"] for row in read(data, required=("record", "link")).rows] == texts


def test_nothing_is_a_formula() -> None:
    """No cell of a workbook we write holds a formula."""
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "\t=1"]
    data = write_xlsx([Worksheet("s", COLUMNS, [["R-1", text, text] for text in texts])])
    page = load_workbook(io.BytesIO(data))["s"]
    assert {cell.data_type for row in page.iter_rows() for cell in row} == {"s"}


def test_numbers_dates_and_truths_come_as_people_see_them() -> None:
    """A whole float is a whole number, a date ISO, a percentage a percentage."""
    day = datetime.datetime(2020, 3, 4)
    table = read(
        workbook([[*WANTED, "a", "b", "c"], ["R-1", 1.0, 123, 1.5, day], ["R-2", True, None, "007", day.date()]])
    )
    assert [list(row.cells.values()) for row in table.rows] == [
        ["R-1", "1", "123", "1.5", "2020-03-04"],
        ["R-2", "TRUE", "", "007", "2020-03-04"],
    ]


def test_a_title_above_the_headings_is_refused_with_a_remedy_that_helps() -> None:
    """Whoever has a workbook already is not told to save one."""
    with pytest.raises(SheetError, match="Delete what stands above the row of headings"):
        read(workbook([["Trials of x"], [*WANTED], ["R-1", "include"]]), "s.xlsx")


def test_percentages_come_as_percentages_also_whole_ones() -> None:
    """A workbook stores 100 % as 1, without a point."""
    book = Workbook()
    for row in ([*WANTED], ["R-1", 1], ["R-2", 0.825], ["R-3", 0], ["R-4", 2]):
        book.active.append(row)
        book.active.cell(book.active.max_row, 2).number_format = "0.0%"
    out = io.BytesIO()
    book.save(out)
    assert [row["decision"] for row in read(out.getvalue(), "s.xlsx", required=WANTED).rows] == [
        "100%",
        "82.5%",
        "0%",
        "200%",
    ]


def test_a_formula_without_a_result_is_refused_with_its_cell() -> None:
    """What was never calculated is unknown; blank would be a guess."""
    with pytest.raises(SheetError, match=r"row 2, column B: a formula without a result"):
        read(workbook([list(WANTED), ["R-1", '=IF(1=1,"include","")']]), "s.xlsx", required=WANTED)


def test_hidden_and_filtered_rows_are_read() -> None:
    """A filter hides rows from people, not from us."""
    book = load_workbook(io.BytesIO(workbook([list(WANTED), ["R-1", "include"], ["R-2", "exclude"]])))
    book.active.row_dimensions[2].hidden = True
    out = io.BytesIO()
    book.save(out)
    assert len(read(out.getvalue(), required=WANTED).rows) == 2


def test_the_worksheet_is_found_by_its_columns() -> None:
    """Notes on a first worksheet do not matter; the one with the columns is read; two such are refused."""
    book = load_workbook(io.BytesIO(workbook([["my notes"]], "notes")))
    for title in ("work", "copy of work"):
        page = book.create_sheet(title)
        page.append(list(WANTED))
        page.append(["R-1", "include"])
        out = io.BytesIO()
        book.save(out)
        if title == "work":
            assert read(out.getvalue(), required=WANTED).worksheet == "work"
    with pytest.raises(SheetError, match="'work', 'copy of work' all have the columns"):
        read(out.getvalue(), "s.xlsx", required=WANTED)
    assert set(read_all(out.getvalue())) == {"notes", "work", "copy of work"}


def test_no_worksheet_with_the_columns_names_them_all() -> None:
    """The wrong workbook is refused, saying which worksheets it has."""
    with pytest.raises(SheetError, match="column 'record' is missing"):
        read(workbook([["title"], ["x"]]), "s.xlsx", required=WANTED)


def test_damaged_and_foreign_archives_are_refused() -> None:
    """Cut-off workbooks, OpenDocument sheets and other archives end in a message, not in a trace."""
    whole = workbook([list(WANTED), ["R-1", "include"]])
    for cut in (40, len(whole) // 2, len(whole) - 10):
        with pytest.raises(SheetError, match="damaged"):
            read(whole[:cut], "s.xlsx", required=WANTED)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(SheetError, match="OpenDocument"):
        read(out.getvalue(), "s.ods", required=WANTED)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            new.writestr(item, b"<broken" if item.filename.endswith("sheet1.xml") else old.read(item))
    with pytest.raises(SheetError, match="cannot be read"):
        read(out.getvalue(), "s.xlsx", required=WANTED)


def test_entities_in_a_workbook_are_refused() -> None:
    """A workbook that defines XML entities (the billion laughs) is refused before it grows."""
    whole, out = workbook([list(WANTED), ["R-1", "include"]]), io.BytesIO()
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            body = old.read(item)
            new.writestr(item, bomb + body if item.filename.endswith("sheet1.xml") else body)
    with pytest.raises(SheetError, match="cannot be read"):
        read(out.getvalue(), "s.xlsx", required=WANTED)


def canonical(part: bytes) -> str:
    """Return XML in the form in which equal documents are equal, however an empty element is written."""
    return canonicalize(part.decode(), strip_text=False)


@settings(max_examples=100)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5), st.booleans())
def test_a_workbook_written_row_by_row_is_the_one_written_as_a_whole(rows: list[tuple[str, str]], long: bool) -> None:
    """Every part of the archive is the same, though its rows were made without openpyxl."""
    if long:
        rows = [("=" + "x" * 40_000, "y"), *rows]
    columns = [Column("title", 60), Column("year")]
    whole = write_xlsx([Worksheet("records", columns, rows, locked=False, frozen=1)])
    parts = b"".join(xlsx_pieces("records", columns, iter(rows)))
    with zipfile.ZipFile(io.BytesIO(whole)) as one, zipfile.ZipFile(io.BytesIO(parts)) as other:
        assert one.namelist() == other.namelist()
        for name in one.namelist():
            assert canonical(one.read(name)) == canonical(other.read(name))


def test_writing_row_by_row_takes_no_more_memory_for_more_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the rows: what waits is on the disk, not in memory."""
    monkeypatch.setattr("evidence_review.sheets.xlsx_stream._MOST_IN_MEMORY", 1000)

    def peak(count: int) -> int:
        tracemalloc.start()
        rows = ((f"title {number} " * 20, "2020") for number in range(count))
        size = sum(len(piece) for piece in xlsx_pieces("records", [Column("title"), Column("year")], rows))
        assert size > 4000
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(2000) < 1.5 * peak(200)


def test_more_rows_than_a_worksheet_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Excel leaves out what is below its last row without a word that anybody reads."""
    monkeypatch.setattr("evidence_review.sheets.xlsx_stream.ROW_LIMIT", 5)
    columns = [Column("title")]
    assert b"".join(xlsx_pieces("records", columns, [["a"]] * 4))
    with pytest.raises(SheetError, match="A worksheet has 5 rows, too few for so many records"):
        b"".join(xlsx_pieces("records", columns, [["a"]] * 5))
