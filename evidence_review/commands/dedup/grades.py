"""Each compared field gets a grade, each grade points: the whole of the judgement in one table.

Points are in the spirit of Fellegi and Sunter (1969, 10.1080/01621459.1969.10501049): for, where copies of one report
agree more often than different reports do; against, where they disagree more seldom. A field that one record lacks is
neutral. They are set by hand, in steps of a half, so that a person can follow a sum on paper.
"""

from __future__ import annotations

from dataclasses import dataclass

MERGE, LOOK = 8.0, 5.5


@dataclass(frozen=True, slots=True)
class Field:
    """A compared field: its grades from 1 (0 is always "unknown", worth nothing) with points and meaning."""

    name: str
    grades: tuple[tuple[str, float, str], ...]

    def points(self) -> list[float]:
        """Return the points of each grade, unknown first."""
        return [0.0, *(points for _, points, _ in self.grades)]

    def code(self, grade: str) -> int:
        """Return the number of a grade."""
        return 1 + [name for name, _, _ in self.grades].index(grade)

    def word(self, code: int) -> str:
        """Return the name of a grade."""
        return self.grades[code - 1][0] if code else "unknown"


TITLE = Field(
    "title",
    (
        ("same", 6.0, "the same words"),
        ("spelling", 5.5, "the same words but for spelling, hyphens and small words"),
        ("part", 3.5, "one is the beginning or the end of the other: a subtitle lost, a title cut"),
        ("extra", 1.5, "one has words more"),
        ("swap", -1.5, "alike, but words are exchanged: men for women, surgery for exercise"),
        ("other", -5.0, "another title"),
        ("short", 3.5, "the same, but too short to tell a work by"),
        ("common", 2.0, "the same, but used for several works in this review: an editorial, a reply"),
    ),
)
NUMBERS = Field(
    "numerals in title",
    (
        ("same", 0.0, "the same, in their order"),
        ("some", -1.5, "one title has a numeral more"),
        ("other", -6.0, "part 1 against part 2"),
    ),
)
AUTHORS = Field(
    "authors",
    (
        ("several", 5.0, "the same family names, two or more"),
        ("same", 4.0, "the same family name, of one author"),
        ("alike", 3.0, "one list is part of the other, or the names are ordered or spelt another way"),
        ("first", 2.0, "the first author is the same"),
        ("partly", 0.0, "some names in common"),
        ("other", -4.0, "other people"),
    ),
)
YEAR = Field(
    "year",
    (
        ("same", 1.0, "the same"),
        ("near", 0.0, "one year apart: online and in print"),
        ("two", -1.0, "two years apart"),
        ("other", -3.0, "further apart"),
    ),
)
VENUE = Field(
    "journal",
    (
        ("same", 1.0, "the same, abbreviated, or with one ISSN"),
        ("other", -1.0, "another name"),
        ("apart", -2.0, "another name; this review knows both journals well, or one is a journal and one a meeting"),
    ),
)
VOLUME = Field(
    "volume", (("same", 1.0, "the same number"), ("other", -2.0, "another; not said of a volume that is the year"))
)
ISSUE = Field("issue", (("same", 0.5, "the same number"), ("other", -1.0, "another")))
PAGES = Field(
    "pages",
    (
        ("same", 4.0, "first and last page"),
        ("first", 3.0, "the first page; a last page is unknown or differs"),
        ("near", 1.0, "the same numbers with another letter: S12, e12, 12"),
        ("other", -3.0, "others; not said of a manuscript's own, which begin at 1"),
    ),
)
DOI = Field("DOI", (("same", 6.0, "the same"), ("other", -4.0, "another")))
PMID = Field("PMID", (("same", 8.0, "the same"), ("other", -4.0, "another")))
ABSTRACT = Field(
    "abstract",
    (
        ("same", 3.0, "the beginnings are the same, but for a letter in ten"),
        ("alike", 1.0, "the beginnings are alike"),
        ("other", -1.0, "another text"),
    ),
)
FIELDS = (TITLE, NUMBERS, AUTHORS, YEAR, VENUE, VOLUME, ISSUE, PAGES, DOI, PMID, ABSTRACT)
