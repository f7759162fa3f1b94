"""Names in one cell, told by the style of their table."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence_review.formats import open_bytes, open_file
from evidence_review.model.record import Parsed

LISTS = ["Ana Pires, Bo Li Wei, Cem Ud", "Ana Pires, Kurt Ostrom, Cem Ud, Bo Rao", "Rosa Mendes, Ivo Maran, Lena Stoll"]
TWO = "Ivo Maran, Lena Stoll"


def families(path: Path, cells: list[str]) -> list[list[str]]:
    """Return the families of each row of a table with these cells."""
    rows = [f'Title number {number},"{cell}",2001' for number, cell in enumerate(cells)]
    path.write_text("\n".join(["title,authors,year", *rows]) + "\n", encoding="utf-8")
    return [[name.family for name in item.citation.authors] for item in open_file(path) if isinstance(item, Parsed)]


def test_two_people_where_commas_part_people(tmp_path: Path) -> None:
    """Where lists are "Ana Pires, Cem Ud, Bo Rao", two full names with a comma between them are two people."""
    assert families(tmp_path / "a.csv", [TWO, *LISTS])[0] == ["Maran", "Stoll"]


@pytest.mark.parametrize("other", ["Pires, Ana; Ud, Cem", "Pires, Ana and Ud, Cem", "Pires, Ana"])
def test_one_person_where_commas_part_names(tmp_path: Path, other: str) -> None:
    """Where any cell has a comma within a name, it is one person of two family names."""
    assert families(tmp_path / "a.csv", ["Garcia Lopez, Maria Jose", *LISTS, other])[0] == ["Garcia Lopez"]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("Title,First name,Last name\nA,Emma,Kelly\nB,,World Health Organization\n",
         [["Kelly, Emma"], ["World Health Organization"]]),
        ("Title,Author1_first,Author1_last,Author2_first,Author2_last\nA,Emma,Kelly,Kei,Ito\nB,Jo,Doe,,\n",
         [["Kelly, Emma", "Ito, Kei"], ["Doe, Jo"]]),
        ("Titel,Vorname,Nachname,Jahr\nA,Emma,van der Berg,2020\n", [["van der Berg, Emma"]]),
        ("Titre,Nom,Prénom,Année\nA,Lefèvre,Anne,2020\n", [["Lefèvre, Anne"]]),
        ("Title,Author First Name 10,Author Last Name 10,Author Last Name 2,Author First Name 2\nA,Z,Last,First,A\n",
         [["First, A", "Last, Z"]]),
        ("Title,Last name,First name\nA,Kelly; Ito,Emma; Kei\nB,Patrick Jr.,Robert\n",
         [["Kelly, Emma", "Ito, Kei"], ["Patrick, Robert, Jr."]]),
    ],
    ids=["one", "numbered", "German", "French", "in the order of their numbers", "several in a cell, suffix"],
)  # fmt: skip
def test_names_in_two_columns_are_put_together(table: str, expected: list[list[str]]) -> None:
    reading = open_bytes(table.encode(), "x.csv")
    people = [[str(name) for name in item.citation.authors] for item in reading if isinstance(item, Parsed)]
    assert people == expected
    assert reading.places == []


@pytest.mark.parametrize(
    ("heading", "named"),
    [
        ("Title,Authors,First name,Last name", ["First name", "Last name"]),
        ("Title,Year,First name,DOI", ["First name"]),
        ("Title,Year,first,last", ["first", "last"]),
        ("Title,Last author first name,Last name,Last name", ["Last author first name", "Last name", "Last name"]),
    ],
)
def test_half_a_name_or_somebody_elses_is_not_guessed_but_named(heading: str, named: list[str]) -> None:
    reading = open_bytes(f"{heading}\nA,B,C,D\n".encode(), "x.csv")
    assert len(list(reading)) == 1
    assert [aside.text for aside in reading.places] == named
