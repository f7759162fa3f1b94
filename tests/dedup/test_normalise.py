"""The matching form of each field."""

from __future__ import annotations

import pytest

from evidence_review.commands.dedup import normalise, title_form
from evidence_review.commands.dedup.form import match_form
from evidence_review.model.record import Citation, Name

TITLES = [
    ("Effects of <i>Plasmodium</i> &amp; H<sub>2</sub>O", "effects of plasmodium and h2o", "markup leaves no space"),
    (r"The \textit{Schr\"odinger} {E}quation", "the schrodinger equation", "LaTeX"),
    ("[Anwendung von Aspirin bei Kindern]", "anwendung von aspirin bei kindern", "a translation's brackets"),
    ("Care of stroke patients. [Review] [33 refs]", "care of stroke patients", "remarks of an indexer"),
    ("Care of stroke patients [Erratum appears in Stroke 2010;4:8]", "care of stroke patients", "a note at the end"),
    ("Étude de l’œdème", "etude de loedeme", "diacritics, ligatures and apostrophes"),
    ("E\u0301tude", "etude", "a decomposed letter"),
    ("\ufeffTrial", "trial", "a byte order mark"),
    ("Post-operative pain", "post operative pain", "hyphens part words"),
    (r"TNF-$\alpha$ in {\O}re sepsis", "tnf alpha in ore sepsis", "letters by commands of LaTeX"),
    ("TNF-α in sepsis", "tnf alpha in sepsis", "Greek letters in words"),
    ("RETRACTED ARTICLE: Care of stroke patients", "care of stroke patients", "a stamp on a withdrawn article"),
    ("Na?ve patients. Why?", "nave patients why", "a letter that got lost; a question stays two words"),
    ("???", "???", "a title of signs alone is still a title"),
    ("[No title available]", "", "a database's words for no title"),
    ("Care of stroke patients. [Retraction]", "retraction care of stroke patients", "a notice named at the end"),
    ("", "", "no title"),
]


@pytest.mark.parametrize(("text", "expected", "why"), TITLES, ids=[why for _, _, why in TITLES])
def test_title(text: str, expected: str, why: str) -> None:
    """Titles that mean the same have the same normal form."""
    assert title_form.title(text) == expected


PAGES = [
    ("288-97", ("288", "297")), ("288–297", ("288", "297")), ("2682--2687", ("2682", "2687")),
    ("794‐799", ("794", "799")),
    ("S985-S986", ("s985", "s986")), ("S985-6", ("s985", "s986")), ("pp. 12-14", ("12", "14")), ("e0123", ("e123", "")),
    ("998-1005", ("998", "1005")),
    ("V–XII", ("r5", "r12")), ("pp. xiv-xix", ("r14", "r19")), ("xx-xx", ("", "")),
    ("376 -- 383", ("376", "383")), ("422", ("422", "")), ("no pagination", ("", "")), ("", ("", "")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PAGES)
def test_pages(text: str, expected: tuple[str, str]) -> None:
    """First and last page are expanded, whatever dash or prefix."""
    assert normalise.pages(text) == expected


NUMBERS = [
    ("part ii of the study", "2"), ("part i", "1"), ("part two", "2"), ("p16ink4a and hpv18", "16 4 18"),
    ("second report of the panel", "2"), ("vitamin c in 007 patients", "7"), ("i and we", ""), ("type v collagen", "5"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "expected"), NUMBERS)
def test_numbers(title: str, expected: str) -> None:
    """Numerals are found as digits, as Roman numerals after a word that numbers, and as small words."""
    assert title_form.numbers(title) == expected


MARKERS = [
    ("Erratum to: Care of stroke", "erratum"), ("Corrigendum", "erratum"), ("Retraction: Care of stroke", "retraction"),
    ("Care of stroke (vol 31, pg 185, 2007)", "erratum"), ("Reply to Smith", "reply"), ("Authors' reply", "reply"),
    ("Comment on: Care of stroke", "comment"), ("Letters in the alphabet", ""), ("Care of stroke", ""),
    ("Correctional officers in prisons", ""),
]  # fmt: skip


@pytest.mark.parametrize(("title", "expected"), MARKERS)
def test_marker(title: str, expected: str) -> None:
    """A title that announces a notice is known by it; one that only sounds like it is not."""
    assert title_form.marker(title_form.title(title)) == expected


def test_swapped_names_have_the_same_letters() -> None:
    """Family and given name swapped give the same letters, so that the lists can be seen to be alike."""
    right = normalise.authors((Name("Wu", "Ching-yi"), Name("Lin", "Keh-chung")))
    swapped = normalise.authors((Name("Ching-yi", "Wu"), Name("Keh-chung", "Lin")))
    assert (right[3], right[4]) == (swapped[3], swapped[4]) == ("cw kl", 2)


def test_words_for_nothing_are_nothing() -> None:
    """A field that says that nothing is known is empty, so that it is neutral."""
    form = match_form(
        Citation(title="A", container="Unknown", volume="UNKNOWN", pages="n/a", authors=(Name(literal="Anonymous"),))
    )
    assert (form.venue, form.volume, form.first_page, form.families) == ("", "", "", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("https://doi.org/10.1000/ABC.1", "10.1000/abc.1"), ("doi:10.1000/abc.1.", "10.1000/abc.1"), ("none", "")],
)
def test_doi(text: str, expected: str) -> None:
    """A DOI is itself in lower case, however it was written."""
    assert normalise.doi(text) == expected


@pytest.mark.parametrize(
    ("citation", "expected"),
    [
        (Citation(container="CoRR", volume="abs/1811.09999"), ("preprint", "10.48550/arxiv.1811.09999")),
        (Citation(container="arXiv preprint arXiv:1811.09999v2"), ("preprint", "10.48550/arxiv.1811.09999")),
        (Citation(container="arXiv", doi="arXiv:cs/0211999"), ("preprint", "10.48550/arxiv.cs/0211999")),
        (Citation(container="Ann. Stat.", volume="3", pages="1811.09999"), ("article", "")),
        (Citation(container="https://clinicaltrials.gov/show/NCT09999901"), ("registration", "nct09999901")),
        (Citation(authors=(Name(literal="ISRCTN99999901"),)), ("registration", "isrctn99999901")),
        (Citation(container="Trials", volume="3", authors=(Name(literal="NCT09999901"),)), ("article", "")),
    ],
)
def test_numbers_that_name_a_document(citation: Citation, expected: tuple[str, str]) -> None:
    """A preprint is known by its number at arXiv and a registration by its register's; an article has a DOI or none."""
    form = match_form(citation)
    assert (form.kind, form.doi) == expected
    assert form.families == ""
