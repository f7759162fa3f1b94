"""From pairs of records to grades of each field, on columns; similarities by rapidfuzz."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from evidence_review.commands.dedup import grades, titles
from evidence_review.commands.dedup.columns import LETTERS, Columns, Ints
from evidence_review.commands.dedup.form import Form

Codes = NDArray[np.int8]
Floats = NDArray[np.float32]
CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs with the grade code of every field (one row a pair, columns as `grades.FIELDS`) and their points."""

    first: Ints
    second: Ints
    grades: Codes
    points: Floats

    def __len__(self) -> int:
        return len(self.first)


def similarity(scorer: Any, one: NDArray[np.object_], two: NDArray[np.object_], cutoff: float = 0) -> Floats:
    """Return the similarity of each pair of texts, 0 to 100; 0 below `cutoff`."""
    scores: Floats = process.cpdist(one, two, scorer=scorer, score_cutoff=cutoff, dtype=np.float32, workers=-1)
    return scores


def _equal(table: Columns, name: str, one: Ints, two: Ints) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether both values are known, and whether they are the same."""
    left, right = table.codes[name][one], table.codes[name][two]
    known = (left > 0) & (right > 0)
    return known, known & (left == right)


TITLE_FLOOR, TITLE_ALIKE = 72.0, 80.0


def promising(table: Columns, one: Ints, two: Ints) -> NDArray[np.bool_]:
    """Return which pairs deserve a full comparison: titles alike, or an identifier or a place in common.

    What is dropped here cannot reach the threshold: without a title in common it takes a DOI, a PMID, the same
    abstract, or the same first page with the same author or volume.
    """
    keep = np.zeros(len(one), np.bool_)
    for name in ("doi", "pmid"):
        keep |= _equal(table, name, one, two)[1]
    same = _equal(table, "title", one, two)[1]
    hopeless = same & ~keep & table.common[one]
    hopeless[hopeless] = _apart(table, one[hopeless], two[hopeless])
    keep |= same
    page = _equal(table, "first_page", one, two)[1]
    keep |= page & (_equal(table, "first_author", one, two)[1] | _equal(table, "last_page", one, two)[1])
    rest = np.flatnonzero(~keep)
    texts = table.texts["title"]
    keep[rest] = similarity(fuzz.ratio, texts[one[rest]], texts[two[rest]], TITLE_FLOOR) > 0
    rest = np.flatnonzero(~keep)
    people = _equal(table, "first_author", one[rest], two[rest])[1]
    piece = _equal(table, "head", one[rest], two[rest])[1] | _equal(table, "tail", one[rest], two[rest])[1]
    keep[rest] |= piece & people
    keep[rest] |= _equal(table, "abstract", one[rest], two[rest])[1]
    return keep & ~hopeless


def _apart(table: Columns, one: Ints, two: Ints) -> NDArray[np.bool_]:
    """Return which pairs stand in different volumes or on different pages.

    Of a title that many works bear no rule takes such two for one without an identifier; and they are many.
    """
    volume = grade_volume(table, one, two) == grades.VOLUME.code("other")
    apart: NDArray[np.bool_] = volume | (grade_pages(table, one, two) == grades.PAGES.code("other"))
    return apart


def grade_titles(table: Columns, one: Ints, two: Ints) -> Codes:
    """Grade titles: equal ones by how much they say, others by how they differ."""
    known, same = _equal(table, "title", one, two)
    texts = table.texts["title"]
    found = np.zeros(len(one), np.int8)
    ratio = np.zeros(len(one), np.float32)
    rest = np.flatnonzero(known & ~same)
    ratio[rest] = similarity(fuzz.ratio, texts[one[rest]], texts[two[rest]])
    found[same] = grades.TITLE.code("same")
    words = {word: grades.TITLE.code(word) for word in (titles.SPELLING, titles.PART, titles.EXTRA, titles.SWAP)}
    other = grades.TITLE.code("other")
    for place in rest.tolist():
        one_title, two_title = texts[one[place]], texts[two[place]]
        if ratio[place] >= TITLE_ALIKE or titles.may_be_one(one_title, two_title):
            word = titles.difference(one_title, two_title)
            # A lost subtitle may be longer than what is left, so that the ratio says nothing; of other words it does.
            low = ratio[place] < TITLE_ALIKE and word in (titles.EXTRA, titles.SWAP)
            found[place] = other if low else words[word]
        else:
            found[place] = other
    alike = same | (found == words[titles.SPELLING])
    found[alike & (table.short[one] | table.short[two])] = grades.TITLE.code("short")
    found[alike & (table.common[one] | table.common[two])] = grades.TITLE.code("common")
    return found


def numerals(one: str, two: str) -> str:
    """Return whether the numerals of two titles are the same, some (one has more) or other."""
    left, right = one.split(), two.split()
    if left == right:
        return "same"
    few, many = sorted((left, right), key=len)
    rest = iter(many)
    return "some" if len(few) < len(many) and all(number in rest for number in few) else "other"


def grade_numbers(table: Columns, one: Ints, two: Ints, title: Codes) -> Codes:
    """Grade the numerals of titles; nothing is said where titles are known to be of different length or language."""
    codes = table.codes["numbers"]
    found = np.full(len(one), grades.NUMBERS.code("same"), np.int8)
    silent = np.isin(title, [0, grades.TITLE.code("other")])
    for place in np.flatnonzero(codes[one] != codes[two]).tolist():
        word = numerals(table.forms[one[place]].numbers, table.forms[two[place]].numbers)
        found[place] = grades.NUMBERS.code(word)
    found[silent] = 0
    return found


SEVERAL = 2


def grade_authors(table: Columns, one: Ints, two: Ints) -> Codes:
    """Grade the authors by family names, whole and in part, then by initials, then by the first of them."""
    known, same = _equal(table, "families", one, two)
    code = grades.AUTHORS.code
    found = np.zeros(len(one), np.int8)
    fewest = np.minimum(table.author_count[one], table.author_count[two])
    found[same] = np.where(fewest[same] >= SEVERAL, code("several"), code("same"))
    rest = np.flatnonzero(known & ~same)
    left, right, fewest = one[rest], two[rest], fewest[rest]
    names, letters = table.texts["families"], table.texts["letters"]
    whole = similarity(fuzz.token_sort_ratio, names[left], names[right])
    part = similarity(fuzz.token_set_ratio, names[left], names[right])
    initials = similarity(fuzz.ratio, letters[left], letters[right])
    first = _equal(table, "first_author", left, right)[1]
    most = np.maximum(table.author_count[left], table.author_count[right])
    grade = np.where(whole < 45, code("other"), code("partly")).astype(np.int8)
    grade[first] = code("first")
    grade[(part >= 88) & (first | (fewest > 1))] = code("alike")
    grade[first & (fewest == 1) & (most > 1)] = code("alike")
    grade[((initials >= 85) & (fewest > 2)) | ((initials == 100) & (fewest == 2))] = code("alike")
    grade[whole >= 85] = code("same")
    grade[(whole >= 85) & (fewest >= SEVERAL)] = code("several")
    found[rest] = grade
    # Wang L and Wang J: the family name alone is not the person.
    single = (
        np.isin(found, [code("same"), code("alike")]) & (table.author_count[one] <= 1) & (table.author_count[two] <= 1)
    )
    for place in np.flatnonzero(single).tolist():
        mine, yours = table.forms[one[place]].initials, table.forms[two[place]].initials
        if mine and yours and not set(mine) & set(yours):
            found[place] = code("partly")
    return found


def grade_year(table: Columns, one: Ints, two: Ints) -> Codes:
    """Grade the years by how far they lie apart."""
    left, right = table.year[one], table.year[two]
    apart = np.minimum(np.abs(left - right), 3)
    found: Codes = np.where((left > 0) & (right > 0), apart + 1, 0).astype(np.int8)
    return found


def grade_equal(table: Columns, name: str, one: Ints, two: Ints) -> Codes:
    """Grade a field that is the same (1) or another (2)."""
    known, same = _equal(table, name, one, two)
    found: Codes = np.where(known, np.where(same, 1, 2), 0).astype(np.int8)
    return found


def grade_venue(table: Columns, one: Ints, two: Ints) -> Codes:
    """Grade journals by name, ISSN, and what the records say of names."""
    found = grade_equal(table, "venue", one, two)
    rest = np.flatnonzero(found == 2)
    left, right = one[rest], two[rest]
    codes = table.codes["venue"]
    # Each two names are looked at once, however many pairs stand under them.
    _, samples, which = np.unique(
        codes[left] * (codes.max(initial=0) + 1) + codes[right], return_index=True, return_inverse=True
    )
    told = np.zeros(len(samples), np.int8)
    for place, sample in enumerate(samples.tolist()):
        names = table.forms[left[sample]].venue, table.forms[right[sample]].venue
        if table.journals.one(*names):
            told[place] = 1
        else:
            told[place] = grades.VENUE.code("apart" if table.journals.apart(*names) else "other")
    found[rest] = told[which]
    serials = table.codes["serials"]
    for place in rest[(found[rest] != 1) & (serials[left] > 0) & (serials[right] > 0)].tolist():
        mine, yours = table.forms[one[place]].serials, table.forms[two[place]].serials
        if not set(mine.split()).isdisjoint(yours.split()):
            found[place] = 1
    return found


def grade_volume(table: Columns, one: Ints, two: Ints) -> Codes:
    """Grade volumes; one that is only the year of publication says nothing."""
    found = grade_equal(table, "volume", one, two)
    found[(found == 2) & (table.yearly[one] | table.yearly[two])] = 0
    return found


def apart_pages(one: Form, two: Form) -> bool:
    """Whether two known first pages are of two places."""
    # A range that starts at 1 counts the pages of a manuscript, not of a volume.
    left, right = one.first_page.lstrip(LETTERS), two.first_page.lstrip(LETTERS)
    return left != right and "1" not in (left, right)


def grade_pages(table: Columns, one: Ints, two: Ints) -> Codes:
    """Grade first and last page."""
    code = grades.PAGES.code
    known, first = _equal(table, "first_page", one, two)
    _, last = _equal(table, "last_page", one, two)
    found = np.zeros(len(one), np.int8)
    found[first] = code("first")
    found[first & last] = code("same")
    _, near = _equal(table, "page_number", one, two)
    found[known & ~first] = code("other")
    found[known & ~first & (table.from_one[one] | table.from_one[two])] = 0
    found[known & ~first & near] = code("near")
    return found


def grade_abstract(table: Columns, one: Ints, two: Ints) -> Codes:
    """Grade the beginnings of abstracts."""
    known, same = _equal(table, "abstract", one, two)
    found = np.zeros(len(one), np.int8)
    rest = np.flatnonzero(known & ~same)
    texts = table.texts["abstract"]
    ratio = similarity(fuzz.ratio, texts[one[rest]], texts[two[rest]])
    found[rest] = np.where(ratio >= 90, 1, np.where(ratio >= 60, 2, 3))
    found[same] = 1
    return found


def score(table: Columns, one: Ints, two: Ints) -> Scored:
    """Grade every field of the given pairs and add up the points."""
    title = grade_titles(table, one, two)
    rows = np.stack(
        [
            title,
            grade_numbers(table, one, two, title),
            grade_authors(table, one, two),
            grade_year(table, one, two),
            grade_venue(table, one, two),
            grade_volume(table, one, two),
            grade_equal(table, "issue", one, two),
            grade_pages(table, one, two),
            grade_equal(table, "doi", one, two),
            grade_equal(table, "pmid", one, two),
            grade_abstract(table, one, two),
        ],
        axis=1,
    )
    points = np.zeros(len(one), np.float32)
    for place, field in enumerate(grades.FIELDS):
        points += np.array(field.points(), np.float32)[rows[:, place]]
    return Scored(one, two, rows, points)
