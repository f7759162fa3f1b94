"""Names in one cell, told by the style of their table."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence_review.formats import open_file
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
