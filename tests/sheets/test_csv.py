"""CSV sheets: what goes out comes back, and what a spreadsheet spoilt is read right or refused whole."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_review.errors import SheetError
from evidence_review.sheets import CELL_LIMIT, csv_line, csv_pieces, plain, read, write_csv
from evidence_review.sheets.guard import guard, unguard
from evidence_review.sheets.table import CONTINUED, pieces, units

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NASTY = st.one_of(TEXT, st.from_regex(r"'*[=+\-@\t\r][ -~]{0,5}", fullmatch=True), st.sampled_from(['"', "a\nb", ";"]))
WANTED = ("record", "decision")
FORMULA = re.compile(r"[=+\-@\t\r]")


@given(NASTY)
def test_guard_is_a_bijection_and_leaves_nothing_that_runs(text: str) -> None:
    """A guarded cell never begins as a formula, and unguarding gives the text again."""
    assert not FORMULA.match(guard(text))
    assert unguard(guard(text)) == text


@given(NASTY)
def test_guard_reaches_every_cell(text: str) -> None:
    """Guarding what unguarding gave returns the cell, unless the cell was never a guarded one."""
    if not FORMULA.match(text):
        assert guard(unguard(text)) == text


@given(st.lists(st.tuples(st.just("R-00000000"), NASTY, NASTY), max_size=8), st.sampled_from([",", ";", "\t", "|"]))
def test_round_trip(rows: list[tuple[str, str, str]], separator: str) -> None:
    """Every cell comes back as it went out, under every separator, with its row number."""
    data = write_csv(["record", "decision", "note"], rows, separator)
    table = read(data, "s.csv", required=WANTED)
    assert [(row["record"], row["decision"], row["note"]) for row in table.rows] == rows
    assert [row.number for row in table.rows] == list(range(2, len(rows) + 2))


@given(st.lists(st.tuples(st.just("R-00000000"), NASTY), min_size=1, max_size=5))
def test_no_cell_of_a_written_file_begins_as_a_formula(rows: list[tuple[str, str]]) -> None:
    """Seen by a plain CSV reader, no cell begins with a character that starts a formula."""
    text = write_csv(["=record", "decision"], rows).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if FORMULA.match(cell)]


RESAVED = {
    "utf-8 without a mark": lambda text: text.encode("utf-8"),
    "utf-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "utf-16 with a mark": lambda text: text.encode("utf-16"),
    "utf-16-be with a mark": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "utf-16 without a mark": lambda text: text.encode("utf-16-le"),
    "windows-1252": lambda text: text.encode("cp1252"),
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "a sep line": lambda text: b"sep=;\r\n" + text.replace(",", ";").encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "NUL characters": lambda text: text.replace("include", "incl\0ude").encode(),
    "trailing empty rows": lambda text: (text + ",,\n,,\n\n").encode(),
    "trailing cells left off": lambda text: text.replace("exclude,", "exclude").encode(),
    "no-break spaces": lambda text: text.replace("include", "\u00a0include\u00a0").encode(),
    "columns moved and headings in capitals": lambda text: "\n".join(
        ",".join(line.split(",")[::-1]) for line in text.replace("decision", "DECISION ").splitlines()
    ).encode(),
}


@pytest.mark.parametrize("how", RESAVED)
def test_a_resaved_sheet_reads_the_same(how: str) -> None:
    """Whatever a spreadsheet made of encoding, separator, line ends and blanks, the answers are the same."""
    text = "record,decision,note\nR-1,include,Größe für Žižek\nR-2,exclude,\n"
    table = read(RESAVED[how](text), "s.csv", required=WANTED)
    assert [(row["record"], row.plain("decision"), row.get("note")) for row in table.rows] == [
        ("R-1", "include", "Größe für Žižek"),
        ("R-2", "exclude", ""),
    ]


def test_a_guessed_encoding_is_said() -> None:
    """Windows-1252 and unmarked UTF-16 are assumptions, so they are noted."""
    assert read("record,decision\nR-1,Größe\n".encode("cp1252"), "s.csv", required=WANTED).guessed
    assert read("record,decision\nR-1,x\n".encode("utf-16-le"), "s.csv", required=WANTED).notes


REFUSED = {
    "nothing": (b"", "empty"),
    "only a mark": (b"\xef\xbb\xbf", "empty"),
    "only blanks": (b" ,,\n,,\n", "no header"),
    "a column renamed": (
        b"record,decison\nR-1,x\n",
        "row 1: column 'decision' is missing. If it is the one now called",
    ),
    "a column deleted": (b"record,note\nR-1,x\n", "column 'decision' is missing"),
    "a column twice": (b"record,decision,Decision\nR-1,x,y\n", "'decision' stands twice, in B and C"),
    "a quote inside a cell": (b'record,decision\nR-1,x\nR-2,"a" b\n', "row 3 (line 3 of the file): a quotation mark"),
    "an open quote": (b'record,decision\nR-1,"x\nR-2,y\n', "row 2"),
    "too many cells": (b"record,decision\nR-1,x,y\n", "row 2: the row has 3 cells and the header 2"),
    "rows in one cell": (b'"record,decision"\n"R-1,x"\n', "every row stands in one single cell"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "old Excel workbook"),
    "a PDF": (b"%PDF-1.7", "no spreadsheet"),
    "no text": (b"record,decision\nR-1,\x81\x8d\x90\xff\n", "encoding is unknown"),
    "not a workbook": (b"PK\x03\x04 and nothing more", "damaged"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_known_is_refused_with_its_place(why: str) -> None:
    """A file that cannot be read whole is not read at all; the message names place and remedy."""
    data, message = REFUSED[why]
    with pytest.raises(SheetError) as caught:
        read(data, "s.csv", required=WANTED)
    assert message in str(caught.value)


def test_header_only_is_a_table_without_rows() -> None:
    """A sheet without rows is a sheet: nobody has answered yet."""
    assert read(b"record,decision\n", "s.csv", required=WANTED).rows == ()


def test_lock_files_are_refused(tmp_path) -> None:
    """The marks of open sheets are told from sheets by their names."""
    for name in ("~$sheet.xlsx", ".~lock.sheet.csv#"):
        path = tmp_path / name
        path.write_bytes(b"someone")
        with pytest.raises(SheetError, match="open spreadsheet"):
            read(path)


@given(st.integers(CELL_LIMIT - 3, CELL_LIMIT + 3), st.sampled_from(["a", "\U0001f600", "="]))
def test_pieces_fit_a_cell_and_join_to_the_whole(size: int, letter: str) -> None:
    """Cut text fits spreadsheets' cells, counted as they count, and loses nothing."""
    cut = pieces(letter * size)
    assert "".join(cut) == letter * size
    assert all(units(guard(piece)) <= CELL_LIMIT for piece in cut)


def test_long_cells_go_out_in_further_columns_and_come_back_whole() -> None:
    """A 100,000-character abstract is spread over columns, moved ones too, and joined on reading."""
    abstract = "".join(f"={number} " for number in range(15_000))
    data = write_csv(["record", "abstract", "decision"], [["R-1", abstract, ""], ["R-2", "short", "x"]])
    header, *body = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert header == ["record", "abstract", "abstract" + CONTINUED, "abstract" + CONTINUED + " 2", "decision"]
    turned = io.StringIO(newline="")
    csv.writer(turned).writerows(row[::-1] for row in [header, *body])
    for sheet in (data, turned.getvalue().encode()):
        table = read(sheet, "s.csv", required=WANTED)
        assert [row["abstract"] for row in table.rows] == [abstract, "short"]
        assert table.rows[1]["decision"] == "x"


@given(st.lists(st.tuples(NASTY, NASTY), max_size=6), st.integers(0, 6))
def test_rows_that_waited_as_lines_are_widened_as_their_cells_would_be(rows: list[tuple[str, str]], place: int) -> None:
    """Whether a long cell comes first or last, every row gets the same columns, and every cell its guard."""
    long = ("=" + "x" * CELL_LIMIT, "y")
    rows = [*rows[:place], long, *rows[place:]]
    data = b"".join(csv_pieces(["a", "b"], map(csv_line, rows)))
    assert data == b"".join(csv_pieces(["a", "b"], map(list, rows)))
    header, *body = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert header == ["a", "a" + CONTINUED, "b"]
    assert [(unguard(a) + unguard(rest), unguard(b)) for a, rest, b in body] == rows


def test_a_cell_longer_than_a_paper_is_read() -> None:
    """What another program wrote into one cell of 300,000 characters comes whole; Python's limit is put back."""
    before = csv.field_size_limit()
    table = read(b"record,decision,abstract\nR-1,x," + b"word " * 60_000 + b"\n", "s.csv", required=WANTED)
    assert len(table.rows[0]["abstract"]) == 300_000
    assert csv.field_size_limit() == before


@given(st.text(" \t\u00a0\u200b\ufeffa", max_size=10))
def test_plain_leaves_no_blanks_at_the_ends(text: str) -> None:
    """What a person sees as equal compares equal."""
    assert plain(text) == plain(plain(text)) == plain(text).strip()


def test_a_header_that_was_pasted_in_again_is_left_out(tmp_path: Path) -> None:
    """Two sheets copied one below the other make one; a row that merely holds one such word stays."""
    path = tmp_path / "pasted.csv"
    path.write_text("record,note\nR-1,a\nRecord,Note\nR-2,note\n,note\n", encoding="utf-8")
    table = read(path)
    assert [(row.number, row.get("record"), row.get("note")) for row in table.rows] == [
        (2, "R-1", "a"),
        (4, "R-2", "note"),
        (5, "", "note"),
    ]
    assert table.notes == ("pasted.csv row 3 repeats the header; left out",)
