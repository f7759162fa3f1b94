"""Large files: cut anywhere, shared among processes or not, they give the same; a process may die."""

from __future__ import annotations

import io
import os
import pickle
import random
import signal
import weakref
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_review.errors import FormatError, InputError
from evidence_review.formats import FORMATS, open_bytes, open_file, processes, ris
from evidence_review.formats.base import Text
from evidence_review.formats.blocks import line_pieces
from evidence_review.formats.processes import in_order
from evidence_review.formats.slices import CUTTABLE, Rest, Slice, slices
from evidence_review.formats.table import Table, items
from evidence_review.formats.tagged import Drafted, _items, cut, read_rest, read_slice
from evidence_review.model.record import Draft, Parsed, Rejected

LINES = (
    "TY  - JOUR", "ty  - JOUR", "TY - BOOK", "TY  -  JOUR", "ER  - ", "ER  -", "er  - ", "TI  - Größe", "AU  - Doe, J",
    "AB  - One", "a line without a tag", "", "   ", "QQ  - unknown", "KW  - ", "UR  - http://x.org/1", "2.", "\x0c",
    "Record #2 of 9", "PY  - 2020", "TYPO of an author", "ERROR in transmission", "DO  - 10.1234/a", "\ufeffTY  - JOUR",
)  # fmt: skip
ENDS = ("\n", "\r\n", "\r", "\n\n")


def whole(data: bytes, encoding: str) -> list[Drafted]:
    """Read a file line by line, which is the plain way."""
    text = Text("file", encoding, lambda: io.BytesIO(data))
    with text.stream() as stream:
        return list(_items(line_pieces(stream, ris.LAYOUT), ris.LAYOUT, ""))


def in_slices(data: bytes, encoding: str, size: int) -> list[Drafted]:
    source = Text("file", encoding, lambda: io.BytesIO(data))
    found: list[Drafted] = []
    for part in slices(io.BytesIO(data), ris.LAYOUT.cut, size):
        if isinstance(part, Rest):
            found += read_rest(part, source, ris.LAYOUT, "")
        else:
            found += read_slice(part, encoding, ris.LAYOUT, "")
    return found


@given(
    st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(ENDS)), max_size=40),
    st.sampled_from(sorted(CUTTABLE)),
    st.integers(1, 300),
)
@settings(max_examples=400)
def test_a_file_cut_anywhere_gives_what_the_whole_gives(lines: list[tuple[str, str]], encoding: str, size: int) -> None:
    """Whatever lines stand in whatever order, with whatever line ends, in slices of whatever size."""
    data = "".join(line + end for line, end in lines).encode(encoding, "replace")
    assert in_slices(data, encoding, size) == whole(data, encoding)


@given(st.binary(max_size=60), st.integers(1, 50))
@settings(max_examples=400)
def test_bytes_of_no_encoding_are_cut_without_harm(noise: bytes, size: int) -> None:
    data = b"TY  - JOUR\nTI  - " + noise + b"\nTY  - JOUR\nTI  - " + noise + b"\nER  - \n"
    for encoding in sorted(CUTTABLE):
        assert in_slices(data, encoding, size) == whole(data, encoding)


def test_a_file_is_not_cut_where_damage_could_claim_a_line_end() -> None:
    """In GB18030 the byte 0x80 and a figure wait for two bytes more, which the line end would be one of."""
    data = b"TY  - JOUR\nTI  - \x800\nTY  - JOUR\nTI  - two\nER  - \n"
    for encoding in ("gb18030", "utf-16"):
        assert cut(Text("file", encoding, lambda: io.BytesIO(data)), ris.LAYOUT) is None
    assert cut(Text("file", "utf-8", lambda: io.BytesIO(data)), ris.LAYOUT) is not None


def test_real_files_cut_anywhere_give_what_the_whole_gives(corpus: Path) -> None:
    for path in sorted((corpus / "exports" / "ris").iterdir()):
        data = path.read_bytes()
        assert in_slices(data, "utf-8-sig", random.Random(path.name).randrange(200, 9000)) == whole(data, "utf-8-sig")


@given(
    st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(ENDS)), max_size=40),
    st.sampled_from(sorted(CUTTABLE)),
    st.integers(1, 60),
)
@settings(max_examples=200)
def test_from_a_stretch_on_that_is_too_long_the_file_is_read_line_by_line(
    lines: list[tuple[str, str]], encoding: str, longest: int
) -> None:
    """Wherever that is, and with a byte order mark, what comes is what the whole gives."""
    data = "".join(line + end for line, end in lines).encode(encoding, "replace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evidence_review.formats.slices._LONGEST", longest)
        assert in_slices(data, encoding, 7) == whole(data, encoding)


@pytest.mark.parametrize("count", [1, 2])
def test_a_record_longer_than_any_real_one_costs_itself_only(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line end that is missing must not cost the file: the record is rejected by its line, the others are read."""
    monkeypatch.setattr("evidence_review.formats.slices._LONGEST", 100_000)
    monkeypatch.setattr("evidence_review.formats.blocks.MOST_IN_A_RECORD", 50_000)
    before, after = many(30), many(20)
    data = before + b"\nTY  - JOUR\nAB  - " + b"x" * 900_000 + b"\nER  - \n" + after
    line = before.count(b"\n") + 2
    reading = open_bytes(data, "long.ris")
    items = list(reading.each(title, processes=count))
    assert [(item.line, item.reason[:22]) for item in items if isinstance(item, Rejected)] == [
        (line, "it has 900,025 charact")
    ]
    assert (len(items), reading.starts, reading.loaded, reading.rejected) == (51, 51, 50, 1)
    assert items == list(open_bytes(data, "long.ris").each(title, processes=1))
    batches = open_bytes(data, "long.ris")
    assert sum(batches.batches(len, processes=count)) == batches.starts == 51
    assert batches.asides == reading.asides


def many(count: int) -> bytes:
    made = [
        f"TY  - JOUR\nTI  - Title {number}\nQQ  - odd\nER  - \n" if number % 50 else "TY  - JOUR\nER  - \n"
        for number in range(1, count + 1)
    ]
    return "\n".join(made).encode()


def title(parsed: Parsed | Draft) -> str:
    return parsed.citation.title


@pytest.mark.parametrize("count", [2, 3])
def test_several_processes_give_the_same_in_the_same_order(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records, rejections with their lines, what is no record: all as one process gives them."""
    monkeypatch.setattr("evidence_review.formats.slices._SIZE", 2000)
    monkeypatch.setattr("evidence_review.formats.tagged.slices", partial(slices, size=2000))
    alone, shared = open_bytes(many(2000), "many.ris"), open_bytes(many(2000), "many.ris")
    expected = list(alone.each(title, processes=1))
    assert list(shared.each(title, processes=count)) == expected
    assert sum(isinstance(item, Rejected) for item in expected) == 40
    assert (shared.loaded, shared.rejected, shared.asides) == (alone.loaded, alone.rejected, alone.asides)
    assert shared.places == alone.places[: len(shared.places)]
    assert len(shared.places) == 200


TABLE = """Search: care of stroke\r
ID;Title;Authors;Colour;Year\r
1;Care of stroke;Núñez, M.;red;2010\r
;;;;\r
2;;;blue;\r
ID;Title;Authors;Colour;Year\r
3;"Care; of ""stroke""\nin villages";Olsen, P., Ito, K.;red;2011;too;many\r
Title;Journal;DOI\r
Home care;Salt;10.1000/salt.1\r
"""
WOS_TABLE = "PT\tAU\tTI\tSO\tPY\tUT\r\nJ\tDoe, J; Roe, K\tCare of stroke\tSALT\t2010\tWOS:1\r\n"


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("text", [TABLE * 400, WOS_TABLE * 400], ids=["headings", "Web of Science"])
def test_a_table_shared_among_processes_gives_the_same(text: str, count: int) -> None:
    """Preamble, headings that come again, other headings, rows with nothing: with one process or several."""
    alone, shared = (open_bytes(text.encode(), "table.csv") for _ in range(2))
    expected = list(alone.each(asis, processes=1))
    assert len(expected) >= 400
    assert list(shared.each(asis, processes=count)) == expected
    assert (shared.loaded, shared.rejected, shared.asides) == (alone.loaded, alone.rejected, alone.asides)
    assert shared.places == alone.places[: len(shared.places)]


def asis(item: Parsed | Draft) -> Parsed | Draft:
    return item


@pytest.mark.corpus
def test_real_tables_in_stretches_give_what_the_whole_gives(corpus: Path) -> None:
    """Rows that were handed to another process make the same records, whatever table they are of."""
    seen = 0
    for path in sorted((corpus / "exports").rglob("*")):
        try:
            reading = open_file(path)
        except (InputError, OSError):
            continue
        form = FORMATS[reading.format]
        if isinstance(form, Table):
            try:
                expected = list(form.read(reading._text, reading.dialect))
            except FormatError:
                continue
            stretches = [pickle.loads(pickle.dumps(one)) for one in form.stretches(reading._text, reading.dialect)]
            assert [item for one in stretches for item in items(one)] == expected, path
            seen += bool(expected)
    assert seen > 20


def numbered(item: int) -> tuple[int, int]:
    return item, os.getpid()


def fatal_once(marker: str, item: int) -> int:
    """Kill the process that comes to item 5 first, if it is not the one that asked."""
    if item == 5 and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def faulty(item: int) -> int:
    return 1 // (item - 5)


class Knot:
    """Refers to itself, so that only looking for garbage frees it."""

    alive: ClassVar[weakref.WeakSet[Knot]] = weakref.WeakSet()

    def __init__(self) -> None:
        self.rope = [self]
        self.alive.add(self)


def tangled(item: int) -> int:
    """Leave garbage, as reading a workbook does; say how much there is."""
    for _ in range(10_000):
        Knot()
    return len(Knot.alive)


def test_what_a_job_leaves_behind_does_not_pile_up() -> None:
    assert max(in_order(tangled, range(60), 2)) < 100_000


def test_the_work_is_really_shared() -> None:
    done = list(in_order(numbered, range(40), 2))
    assert [item for item, _ in done] == list(range(40))
    assert os.getpid() not in {process for _, process in done}


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_what_a_killed_process_had_in_hand_is_done_here(tmp_path: Path) -> None:
    """The memory watchdog of the system may end a process at any time; nothing is lost by that."""
    assert list(in_order(partial(fatal_once, str(tmp_path / "killed")), range(20), 2)) == list(range(20))
    assert (tmp_path / "killed").exists()


def test_where_no_process_can_be_started_one_does_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes.sys, "executable", "")
    assert {process for _, process in in_order(numbered, range(9), 2)} == {os.getpid()}


def test_a_fault_of_the_work_itself_is_raised_here_as_it_was() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order(faulty, range(20), 2))


def test_whoever_stops_early_leaves_no_process_behind(tmp_path: Path) -> None:
    results = in_order(numbered, iter(range(10**9)), 2)
    used = {next(results)[1] for _ in range(6)}
    results.close()
    for process in used:
        with pytest.raises(OSError):  # "no such process", under each system's own name
            os.kill(process, 0)


def test_a_hostile_module_in_the_current_folder_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of downloads may hold a file named like a module of the standard library."""
    (tmp_path / "pickle.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    assert [item for item, _ in in_order(numbered, range(4), 2)] == [0, 1, 2, 3]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("opening", ["TY  - ", "TY - ", "ty  - ", "Ty-  ", "TY  -  "])
def test_however_a_vendor_writes_the_opening_line_a_file_can_be_cut_there(opening: str) -> None:
    """A large file in lower case is no single record."""
    data = f"{opening}JOUR\nTI  - A\nER  - \n".encode() * 50
    assert len(list(slices(io.BytesIO(data), ris.LAYOUT.cut, 100))) > 10
    assert in_slices(data, "utf-8", 100) == whole(data, "utf-8")


def test_slices_name_the_line_that_each_begins_on() -> None:
    parts = list(slices(io.BytesIO(b"x\r\nTY  - A\rTY  - B\nTY  - C"), (b"TY  - ",), 4))
    assert b"".join(part.data for part in parts) == b"x\r\nTY  - A\rTY  - B\nTY  - C"
    assert [part.line for part in parts if part.data.startswith(b"TY")] == [2, 3, 4]
    assert parts[0] == Slice(1, b"x\r\n")
