"""Which names are of one journal: what the names say, and what the records of a review say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from evidence_review.commands.dedup import engines, venues
from evidence_review.commands.dedup.find import edges, find
from evidence_review.commands.dedup.form import match_forms
from evidence_review.model.record import Citation, Name

PAIRS = [
    (
        "clin cancer res",
        "clinical cancer research an official journal of a society",
        True,
        "abbreviated, and a subtitle",
    ),
    ("bmj", "british medical journal", True, "an acronym"),
    ("zhongguo zhenjiu", "zhongguo zhen jiu chinese acupuncture", True, "syllables parted, and a translation"),
    (
        "proceedings of the 12th conference on robotics",
        "conference on robotics 2014",
        True,
        "the count and year of a meeting",
    ),
    ("gynecologic oncology", "lower genital tract disease", False, "two journals"),
    ("journal of robotics", "conference on robotics", False, "a journal and a meeting of one field"),
]


@pytest.mark.parametrize(("one", "two", "expected", "why"), PAIRS, ids=[why for *_, why in PAIRS])
def test_names_of_one_venue(one: str, two: str, expected: bool, why: str) -> None:
    """Abbreviations, acronyms and additions are seen through, whichever name comes first."""
    nothing = venues.Facts(frozenset(), frozenset())
    assert (nothing.one(one, two), nothing.one(two, one)) == (expected, expected)


def works(names: Sequence[Sequence[str]]) -> list[Citation]:
    """Return a work for each row of names, found once under each."""
    return [
        Citation(
            title=f"On the {chr(97 + place) * 5} of things",
            authors=(Name("Olsen"), Name("Ito")),
            year=2010,
            container=name,
        )
        for place, row in enumerate(names)
        for name in row
    ]


def merged(citations: Sequence[Citation]) -> int:
    """Return how many records are merged into another."""
    forms = match_forms(citations)
    ids = [f"R-{place:04d}" for place in range(len(forms))]
    return len(find(forms, ids, edges(engines.embedded(forms), ids)).merges)


def test_records_bring_two_names_of_one_journal_together() -> None:
    """Names that share paper after paper are of one journal; one paper in two journals makes them not one."""
    same = ("Stroke", "Hirnschlag und Nerven")
    assert merged(works([same] * 12)) == 12
    assert merged(works([same, *[("Stroke",)] * 9, *[("Hirnschlag und Nerven",)] * 9])) == 0


def test_where_names_are_written_in_any_way_another_name_says_little() -> None:
    """Of 24 works found twice, all stand under names of their own: these are no journals' names to go by."""
    names = [(f"Annual {chr(97 + place) * 6}", f"Yearly {chr(97 + place) * 7}") for place in range(24)]
    assert venues.facts(match_forms(works(names))).loose
    assert merged(works(names)) == 24
    curated = [*names[:2], *[("Salt", "Salt")] * 22]
    assert not venues.facts(match_forms(works(curated))).loose
    assert merged(works(curated)) == 22


def test_a_place_outweighs_how_names_are_written() -> None:
    """Written in any way or not: where volumes are known, another name means another publication."""
    names = [(f"Annual {chr(97 + place) * 6}", f"Yearly {chr(97 + place) * 7}") for place in range(24)]
    placed = [replace(work, volume="7") if place % 2 else work for place, work in enumerate(works(names))]
    assert venues.facts(match_forms(placed)).loose
    assert merged(placed) == 0


def test_a_volume_is_its_journals_own() -> None:
    """An abstract and its article in two journals whose volumes have one number by chance are looked at, not merged.

    Where one of the journals is not known well, another issue must speak against it, too.
    """
    article, talk = works([("Stroke", "Hirnschlag und Nerven")])
    article = replace(article, volume="48", issue="4", doi="10.1000/salt.1")
    talk = replace(talk, volume="48", pages="S111")
    others = works([(), *[("Stroke",)] * 5, *[("Hirnschlag und Nerven",)] * 5])
    for issue in ("4", "2", ""):
        assert merged([article, replace(talk, issue=issue), *others]) == 0
    assert merged([article, replace(talk, issue="2")]) == 0
    assert merged([article, replace(talk, issue="4")]) == 1
    assert merged([article, replace(talk, container="Stroke", issue="2")]) == 1
