"""RIS whose lines are all indented, as in a mail or on a web page, is read; its raw text stays as it came."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_review.commands.load.convert import convert
from evidence_review.formats import open_bytes, open_file
from evidence_review.model.record import Parsed, Rejected

PLAIN = """\
TY  - JOUR
TI  - A title that
goes on
AU  - Kelly, E
AU  - Doe, J
PY  - 2015
DO  - 10.1234/a
ER  - 

TY  - BOOK
TI  - Two
KW  - one
two
ER  - 
"""


def indent(text: str, before: str, end: str = "\n") -> bytes:
    return "".join(f"{before}{line}".rstrip("\n") + end for line in text.split("\n")[:-1]).encode()


@pytest.mark.parametrize("before", [" ", "   ", "\t", "\u00a0\u00a0", "> ", ">", "        "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_indented_records_are_read_as_the_others_and_keep_their_raw_text(before: str, end: str) -> None:
    data = indent(PLAIN, before, end)
    reading = open_bytes(data, "mail.txt")
    parsed = [item for item in reading if isinstance(item, Parsed)]
    plain = [item for item in open_bytes(PLAIN.encode(), "plain.ris") if isinstance(item, Parsed)]
    assert [item.citation for item in parsed] == [item.citation for item in plain]
    assert [(item.line, item.trace, item.flags) for item in parsed] == [
        (item.line, item.trace, item.flags) for item in plain
    ]
    assert all(item.raw.encode() in data for item in parsed)
    assert (reading.format, reading.starts, dict(reading.asides)) == ("ris", 2, {"indentation": 1})
    assert reading.places[0].text.startswith("every line begins with '")


def test_what_the_mail_says_around_the_records_is_no_record() -> None:
    data = b"Dear all,\nhere they are:\n\n" + indent(PLAIN, "    ") + b"\nbest\n"
    reading = open_bytes(data, "mail.txt")
    assert [item.line for item in reading if isinstance(item, Parsed)] == [4, 13]
    assert [(aside.line, aside.text) for aside in reading.places[1:]] == [
        (1, "Dear all,"), (2, "here they are:"), (19, "best"),
    ]  # fmt: skip


def test_records_that_lost_their_opening_line_or_say_nothing_are_rejected_with_their_lines() -> None:
    data = indent("TY  - JOUR\nER  - \nTI  - Lost\nER  - \n" + PLAIN, "  ")
    reading = open_bytes(data, "mail.txt")
    assert [item.line for item in reading if isinstance(item, Rejected)] == [1, 3]
    assert (reading.loaded, reading.starts) == (2, 4)


def test_records_written_as_ris_stand_where_other_programs_look_for_them(tmp_path: Path) -> None:
    (tmp_path / "mail.txt").write_bytes(indent(PLAIN, "   "))
    convert([tmp_path / "mail.txt"], "ris", tmp_path / "out.ris")
    assert (tmp_path / "out.ris").read_text().startswith("TY  - JOUR\n")
    titles = [item.citation.title for item in open_file(tmp_path / "out.ris") if isinstance(item, Parsed)]
    assert titles == ["A title that goes on", "Two"]


@settings(max_examples=100)
@given(st.text(alphabet=" \t>\u00a0", max_size=5), st.lists(st.sampled_from(PLAIN.split("\n")), max_size=12))
def test_whatever_stands_before_every_line_nothing_is_lost(before: str, lines: list[str]) -> None:
    """As many record starts as without the indentation."""
    text = "\n".join(["TY  - JOUR", "TI  - First", *lines, ""])
    plain, mail = open_bytes(text.encode(), "x.ris"), open_bytes(indent(text, before), "x.ris")
    expected = [type(item) for item in plain]
    assert [type(item) for item in mail] == expected
