"""A file of two encodings is read line by line, each in its own; damage stays damage and is reported with its place."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_review.errors import FormatError
from evidence_review.formats import encodings, open_bytes
from evidence_review.formats.base import Text
from evidence_review.formats.joined import Kind, decode, kind
from evidence_review.model.record import Parsed

NAMES = ("Müller", "Lefèvre", "Núñez", "García", "Öztürk", "Renée", "Ångström", "d’Alès", "Smith", "Doe")
WIDER = (*NAMES, "Łódź", "Šimić", "中文", "Ελένη", "Иванов")


def export(count: int, names: tuple[str, ...], encoding: str, seed: int = 1) -> bytes:
    rng = random.Random(seed)
    made = [
        f"TY  - JOUR\nTI  - The life of {rng.choice(names)} {seed}.{number}\nAU  - {rng.choice(names)}, A.\n"
        f"PY  - 2020\nER  - \n\n"
        for number in range(count)
    ]
    return "".join(made).encode(encoding)


def titles(data: bytes) -> list[str]:
    reading = open_bytes(data, "joined.ris")
    found = [item.citation.title for item in reading if isinstance(item, Parsed)]
    assert reading.starts == len(found)
    return found


UTF8, LEGACY = export(30, WIDER, "utf-8"), export(20, NAMES, "cp1252", 2)
ONE, OTHER = titles(UTF8), titles(LEGACY)


@pytest.mark.parametrize(
    ("data", "expected", "stated"),
    [
        (UTF8 + LEGACY, ONE + OTHER, "UTF-8 with 31 lines in Windows-1252 (lines 182 to 296)"),
        (LEGACY + UTF8, OTHER + ONE, "UTF-8 with 31 lines in Windows-1252 (lines 2 to 116)"),
        (UTF8 + LEGACY + UTF8, ONE + OTHER + ONE, "UTF-8 with 31 lines in Windows-1252 (lines 182 to 296)"),
        (b"\xef\xbb\xbf" + UTF8 + LEGACY, ONE + OTHER, "UTF-8 with BOM with 31 lines in Windows-1252 (lines 182 to"),
        (LEGACY + b"\xef\xbb\xbf" + UTF8, OTHER + ONE, "UTF-8 with 31 lines in Windows-1252 (lines 2 to 116)"),
        ((UTF8 + LEGACY).replace(b"\n", b"\r\n"), ONE + OTHER, "UTF-8 with 31 lines in Windows-1252 (lines 182 to"),
        ((UTF8 + LEGACY).replace(b"\n", b"\r"), ONE + OTHER, "UTF-8 with 31 lines in Windows-1252 (lines 182 to"),
    ],
    ids=["after", "before", "between", "mark", "mark in the middle", "CRLF", "CR"],
)
def test_two_exports_put_together_give_the_records_of_both(data: bytes, expected: list[str], stated: str) -> None:
    reading = open_bytes(data, "joined.ris")
    assert str(reading.encoding).startswith(stated)
    assert reading.encoding.bad == ()
    assert titles(data) == expected


def test_many_files_put_together_are_read_where_the_evidence_is_strong() -> None:
    data = b"".join(export(8, WIDER, "utf-8", seed) + export(8, NAMES, "cp1252", -seed) for seed in range(1, 9))
    assert "mojibake" not in str([item.flags for item in open_bytes(data, "many.ris") if isinstance(item, Parsed)])
    assert str(open_bytes(data, "many.ris").encoding).endswith(", …)")


def test_a_damaged_byte_in_the_first_of_two_exports_is_still_reported_with_its_place() -> None:
    data = (UTF8 + LEGACY).replace("中".encode(), b"A\xb8\xad", 1)
    encoding = encodings.sniff(io.BytesIO(data))
    assert encoding.name == "utf-8+cp1252"
    assert [data[bad.offset] for bad in encoding.bad] == [0xB8, 0xAD]
    assert encoding.bad[0].line == data[: encoding.bad[0].offset].count(b"\n") + 1
    assert sum("\ufffd" in title for title in titles(data)) <= 1


@pytest.mark.parametrize("byte", [b"\xe9", b"\xc3", b"\xff", b"\x92"])
def test_a_single_damaged_byte_makes_no_second_encoding(byte: bytes) -> None:
    """However much it looks like a letter of Windows-1252, and however short the file is."""
    data = "TY  - JOUR\nTI  - Größe\nAB  - Öl\nAU  - Doe\nKW  - CafX\nER  - \n".encode().replace(b"X", byte)
    reading = open_bytes(data, "damaged.ris")
    assert str(reading.encoding) == "UTF-8"
    assert [(bad.line, bad.value) for bad in reading.encoding.bad] == [(5, byte[0])]
    (parsed,) = reading
    assert isinstance(parsed, Parsed)
    assert "undecodable byte" in parsed.flags
    assert parsed.citation.title == "Größe"


def test_what_is_cut_off_within_a_letter_is_damage() -> None:
    """A database that cuts fields by bytes leaves halves of letters behind, in many records."""
    cut = [f"TY  - JOUR\nTI  - Über das {n}\nAB  - sehr sch".encode() + b"\xc3\nER  - \n" for n in range(30)]
    encoding = encodings.sniff(io.BytesIO(b"".join(cut)))
    assert (encoding.name, encoding.bad_count) == ("utf-8", 30)
    assert kind(b"sch\xc3\n") is Kind.DAMAGED


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([*NAMES, "£ 5", "§", "\r", "\n", "\r\n", "a", "–", "中", "\ufeff"]), max_size=30),
    st.data(),
)
def test_the_codec_gives_the_same_however_the_file_is_read(parts: list[str], data: st.DataObject) -> None:
    """Whole, or a few bytes at a time; and no byte that is ASCII is ever changed."""
    raw = b"".join(
        part.encode(data.draw(st.sampled_from(["utf-8", "cp1252"])) if part not in "中\ufeff" else "utf-8")
        for part in parts
    )
    for name in ("utf-8+cp1252", "utf-8-sig+cp1252"):
        decoder = io.IncrementalNewlineDecoder(None, translate=False)
        with Text("file", name, lambda: io.BytesIO(raw)).stream() as stream:
            stream._CHUNK_SIZE = data.draw(st.integers(1, 9))  # type: ignore[attr-defined]
            text = "".join(iter(lambda: stream.read(1), ""))
        assert decoder.decode(raw.decode(name, "replace"), True) == text
    assert (
        bytes(byte for byte in raw if byte < 128) == "".join(s for s in decode(raw, "replace") if s.isascii()).encode()
    )


@pytest.mark.parametrize(("wider", "legacy", "name"), [(1, 2, "utf-8+cp1252"), (2, 1, "utf-8"), (1, 1, "utf-8")])
def test_of_a_few_letters_the_more_decide_and_nothing_becomes_another_alphabet(
    wider: int, legacy: int, name: str
) -> None:
    """Two against one are a second encoding; one against one is said to be damage, with its place."""
    data = export(wider, ("Müller",), "utf-8").replace("AU  - Müller".encode(), b"AU  - Doe")
    data += export(legacy, ("Müller",), "cp1252").replace("AU  - Müller".encode("cp1252"), b"AU  - Doe")
    encoding = encodings.sniff(io.BytesIO(data))
    assert (encoding.name, encoding.bad_count) == (name, 0 if "+" in name else legacy)


@pytest.mark.parametrize("encoding", ["gb18030", "cp1251", "mac_roman"])
def test_of_an_encoding_that_is_not_told_by_lines_the_place_and_the_remedy_are_named(encoding: str) -> None:
    names = ("王伟", "李娜") if encoding == "gb18030" else ("Иванов",) if encoding == "cp1251" else ("Müller",)
    reading = open_bytes(UTF8 + export(20, names, encoding, 2), "joined.ris")
    assert str(reading.encoding) == "UTF-8"
    assert reading.encoding.bad[0].line == 182
    assert reading.encoding.advice.startswith(
        "lines 182 to 297 seem to be in another encoding than the rest: split the"
    )
    assert len(list(reading)) == reading.starts == 50


def test_scattered_damage_is_no_advice_to_split_a_file() -> None:
    parts = UTF8.split(b"The life")
    data = b"The life".join(parts[:2]) + b"The l\xffife" + b"The life".join(parts[2:20]) + b"The l\xffife"
    data += b"The life".join(parts[20:25]) + b"The l\xffife" + b"The life".join(parts[25:])
    encoding = encodings.sniff(io.BytesIO(data))
    assert (encoding.name, encoding.bad_count, encoding.advice) == ("utf-8", 3, "")


@pytest.mark.parametrize("wide", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("count", [5, 400])
def test_utf_16_and_another_encoding_in_one_file_are_refused_with_the_place(wide: str, count: int) -> None:
    """Read as either, the records of the other would be lost, or stray lines."""
    narrow, broad = export(count, NAMES, "utf-8"), export(40, NAMES, wide, 2)
    for data, at in ((narrow + broad, len(narrow)), (broad + narrow, len(broad))):
        with pytest.raises(FormatError, match="holds two files in different encodings") as told:
            open_bytes(data, "joined.ris")
        assert abs(int(told.value.args[0].split("near byte ")[1].split(" ")[0].replace(",", "")) - at) < 500


@pytest.mark.parametrize("wide", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("names", [NAMES, ("中文" * 40, "‟₾⁾⁠")])
def test_utf_16_alone_is_no_mixture(wide: str, names: tuple[str, ...]) -> None:
    assert len(list(open_bytes(export(40, names, wide), "wide.ris"))) == 40


SCRIPTS = {
    "cp1252": NAMES, "mac_roman": NAMES, "cp1251": ("Иванов", "Лечение больных", "Наталья", "Smith"),
    "gb18030": ("中文系", "研究方法", "医院", "Smith"),
}  # fmt: skip


@pytest.mark.parametrize("counts", [(20, 20), (30, 10), (10, 30)])
@pytest.mark.parametrize(
    ("one", "two", "told"),
    [
        ("cp1252", "cp1251", "Windows-1251, the others in Windows-1252"),
        ("cp1251", "cp1252", "Windows-1252, the others in Windows-1251"),
        ("mac_roman", "cp1251", "Windows-1251, the others in MAC ROMAN"),
        ("gb18030", "cp1252", "Windows-1252, the others in GB18030"),
    ],
)
def test_two_legacy_encodings_of_different_scripts_are_named_with_the_lines(
    one: str, two: str, told: str, counts: tuple[int, int]
) -> None:
    """Whichever of them has more, and whether or not the first goes on after the second."""
    first, second = export(counts[0], SCRIPTS[one], one), export(counts[1], SCRIPTS[two], two, 2)
    begins, ends = first.count(b"\n") + 1, (first + second).count(b"\n")
    for data in (first + second, first + second + first):
        advice = open_bytes(data, "two.ris").encoding.advice
        lines = [int(word) for word in advice.split()[1:4:2]]
        assert begins <= lines[0] < begins + 16 and lines[1] <= ends, advice
        assert f"seem to be in {told}: split the file before line {lines[0]}" in advice


@pytest.mark.parametrize("encoding", SCRIPTS)
def test_one_legacy_encoding_is_no_advice_to_split_a_file(encoding: str) -> None:
    data = export(200, (*SCRIPTS[encoding], "¿Quién?", "«Où»") if encoding == "cp1252" else SCRIPTS[encoding], encoding)
    assert open_bytes(data, "one.ris").encoding.advice == ""
