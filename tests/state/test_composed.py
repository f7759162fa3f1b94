"""One citation from all copies, each field with the record it came from."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from evidence_review.model.record import Citation, Name, Record
from evidence_review.state.composed import compose

ARTICLE = Record(
    "R-ARTICLE0", "pubmed", "r", 1,
    Citation(title="Care at home", container="Home", year=2015, volume="3", pages="1-9", doi="10.1000/home.1",
             authors=(Name("Kelly", "Erin"),), authors_truncated=True, keywords=("home",), abstract="Short."),
)  # fmt: skip
COPY = Record(
    "R-C0PY0000", "embase", "r", 2,
    Citation(title="Care at home.", year=2014, abstract="A much longer abstract.", pmid="777",
             authors=(Name("Kelly", "E"), Name("Ito", "K")), keywords=("home", "care"), status=("preprint",)),
)  # fmt: skip


def test_each_field_by_its_rule() -> None:
    """The place from the copy that knows most of it, the longest abstract, the fullest authors, all keywords."""
    composed = compose([ARTICLE, COPY])
    citation = composed.citation
    assert (citation.title, citation.year, citation.volume, citation.pages) == ("Care at home", 2015, "3", "1-9")
    assert (citation.abstract, citation.pmid, citation.doi) == ("A much longer abstract.", "777", "10.1000/home.1")
    assert [name.family for name in citation.authors] == ["Kelly", "Ito"]
    assert citation.authors_truncated is False
    assert citation.keywords == ("home", "care")
    assert composed.taken["abstract"] == ("R-C0PY0000",)
    assert composed.taken["doi"] == ("R-ARTICLE0",)
    assert composed.taken["keywords"] == ("R-ARTICLE0", "R-C0PY0000")


def test_the_published_article_goes_before_the_preprint() -> None:
    """Where a preprint stands for a cluster that a person made, title and place are still the article's."""
    assert compose([COPY, ARTICLE]).citation.title == "Care at home"


def test_the_order_of_the_copies_plays_no_part() -> None:
    """Whatever order the copies after the first are in, the same is composed."""
    others = [COPY, replace(COPY, id="R-C0PY0001", citation=replace(COPY.citation, title="CARE AT HOME", pmid="778"))]
    made = [compose([ARTICLE, *order]) for order in permutations(others)]
    assert made[0] == made[1]


def test_one_record_is_itself() -> None:
    """A record without copies is composed of itself alone."""
    composed = compose([ARTICLE])
    assert composed.citation == ARTICLE.citation
    assert set(composed.taken.values()) == {("R-ARTICLE0",)}
