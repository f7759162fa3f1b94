"""Clusters, not chains."""

from __future__ import annotations

from dataclasses import replace

from dedup_samples import ABROAD, SECOND, TRIAL

from evidence_review.commands.dedup import engines
from evidence_review.commands.dedup.cluster import Edge, cluster, contradiction
from evidence_review.commands.dedup.find import edges, find
from evidence_review.commands.dedup.form import match_form
from evidence_review.model.record import Citation

IDS = ["R-A", "R-B", "R-C", "R-D"]


def found(*citations: Citation, same: list[tuple[int, int]] | None = None, apart: list[tuple[int, int]] | None = None):  # type: ignore[no-untyped-def]
    """Find among a few citations."""
    forms = [match_form(citation) for citation in citations]
    ids = IDS[: len(forms)]
    return find(forms, ids, edges(engines.embedded(forms), ids), same or [], apart or [])


def test_a_chain_through_a_poor_record_is_refused() -> None:
    """Two records that contradict each other are not joined by a third that knows too little to contradict either."""
    poor = replace(TRIAL, volume="", issue="", pages="", doi="")
    other = replace(TRIAL, volume="40", issue="", pages="900-912", doi="10.1000/other.900")
    result = found(TRIAL, poor, other)
    assert len(set(result.keeper_of)) == 2
    assert [reason for _, reason in result.doubts] == ["DOI and volume and pages differ"]


def test_identical_records_are_one_before_others_come_near() -> None:
    """Two alike in every byte are one, also where each could be joined to another that contradicts the other's."""
    poor = replace(TRIAL, volume="", issue="", pages="", doi="")
    first, second = replace(poor, volume="40", pages="900-912"), replace(poor, volume="41", pages="4-9")
    forms = [match_form(one) for one in (first, poor, poor, second)]
    joins = [Edge(0, 1, "title and authors", 12), Edge(3, 2, "title and authors", 12), Edge(1, 2, "identical", 12)]
    root_of = cluster(forms, ["R-A", "R-C", "R-D", "R-B"], joins).root_of
    assert root_of[1] == root_of[2]
    assert root_of[0] != root_of[3]


def test_versions_are_not_joined_by_a_third_record() -> None:
    """A record that may be the conference paper or the article does not make them one; a person looks."""
    talk = Citation(title=TRIAL.title, authors=TRIAL.authors, year=2014, container="Conference on Primary Care")
    article = replace(talk, container="Journal of Primary Care")
    result = found(talk, article, replace(talk, container="", year=None))
    assert result.keeper_of[0] != result.keeper_of[1]
    assert [edge.rule for edge in result.links] == ["published twice"]
    assert [reason for _, reason in result.doubts] == ["two of them are versions of one work"]


def test_copies_of_one_paper_are_one_cluster() -> None:
    """Three copies and another paper of the same people make two clusters."""
    assert found(TRIAL, ABROAD, replace(ABROAD, doi=TRIAL.doi.upper()), SECOND).keeper_of.count(3) == 1


def test_a_person_keeps_records_apart_whatever_joins_them() -> None:
    """What a person calls distinct is never in one cluster, not even through a third copy."""
    result = found(TRIAL, TRIAL, TRIAL, apart=[(0, 2)])
    assert result.keeper_of[0] != result.keeper_of[2]


def test_a_person_joins_what_rules_keep_apart() -> None:
    """What a person calls the same is in one cluster, whatever contradicts."""
    assert len(set(found(TRIAL, SECOND, same=[(1, 0)]).keeper_of)) == 1


def test_a_record_that_a_person_merged_away_stands_for_nobody() -> None:
    """The keeper is one that no person merged into another, as the fold over events has it."""
    assert found(TRIAL, ABROAD, same=[(0, 1)]).keeper_of == (1, 1)


def test_where_everything_was_merged_away_the_first_identified_stands() -> None:
    """Two people who merged two records crosswise leave the first one standing, as the fold over events has it."""
    assert found(TRIAL, ABROAD, same=[(0, 1), (1, 0)]).keeper_of == (0, 0)


def test_the_fullest_copy_stands_for_the_others() -> None:
    """A copy with DOI stands for one without, whatever their ids."""
    assert found(ABROAD, TRIAL).keeper_of == (1, 1)


def test_a_published_article_stands_for_its_preprint_copy() -> None:
    """Where a person merged a preprint with its article, the article stands for both."""
    preprint = replace(TRIAL, status=("preprint",), abstract="Long. " * 50)
    assert found(preprint, TRIAL).keeper_of == (1, 1)


def test_contradictions() -> None:
    """It takes two of DOI, volume and pages, or numerals; one DOI in common settles it."""
    form = match_form(TRIAL)
    assert contradiction(form, match_form(ABROAD)) == ""
    assert contradiction(form, form._replace(volume="13", doi="")) == ""
    assert contradiction(form, form._replace(volume="13", first_page="5", doi="")) == "volume and pages differ"
    assert contradiction(form, form._replace(volume="13", first_page="5")) == ""
    assert contradiction(form, form._replace(numbers="2", doi="")) == ""
    assert (
        contradiction(form._replace(numbers="1"), form._replace(numbers="2", doi="")) == "numerals in the titles differ"
    )


def test_the_surest_pair_joins_first() -> None:
    """Where two joins exclude each other, the one with more points is made and the other reported, in any order."""
    forms = [match_form(replace(TRIAL, doi="", volume=volume, pages=pages)) for volume, pages in
             (("1", "5-9"), ("", ""), ("2", "50-59"))]  # fmt: skip
    weak, strong = Edge(0, 1, "weak", 8.0), Edge(1, 2, "strong", 12.0)
    for order in ([weak, strong], [strong, weak]):
        result = cluster(forms, IDS[:3], order)
        assert result.root_of[1] == result.root_of[2] != result.root_of[0]
        assert [edge.rule for edge, _ in result.refused] == ["weak"]
