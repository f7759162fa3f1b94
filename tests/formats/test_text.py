"""Normal forms: each case is one way in which real files write the same thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_review import text
from evidence_review.model.record import Name


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("https://doi.org/10.1186/S12992-015-0133-9.", "10.1186/s12992-015-0133-9"),
        ("doi: 10.1000/abc [doi]", "10.1000/abc"),
        ("(10.1000/ab(c)d)", "10.1000/ab(c)d"),
        ("http://proxy.example/login?url=https://dx.doi.org/10.1000%2Fabc", "10.1000/abc"),
        ("https://onlinelibrary.example/doi/10.1111/x.123/full?x=1", "10.1111/x.123"),
        ("10.1002/(SICI)1097-0258(19980815)17:15&lt;1661::AID-SIM968&gt;3.0.CO;2-2",
         "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2"),
        ("10.1000/abc;10.1000/def", "10.1000/abc"),
        ("no identifier, version 10.2", ""),
        ("10.1000/", ""),
    ],
)  # fmt: skip
def test_doi(written: str, expected: str) -> None:
    assert text.doi(written) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("215", "20", "215-220"), ("215-20", "", "215-220"), ("215–220", "", "215-220"), ("S12-8", "", "S12-S18"),
        ("1209-18; discussion 1218-9", "", "1209-1218; discussion 1218-1219"), ("No", "Specified", ""),
        ("215", "215", "215"),
        ("pp. 3-7", "", "3-7"), ("470-487", "487", "470-487"), ("220", "215", "220-215"),
    ],
)  # fmt: skip
def test_pages(start: str, end: str, expected: str) -> None:
    assert text.pages(start, end) == expected


def test_pages_that_run_backwards_are_seen() -> None:
    assert text.pages_run_backwards(text.pages("220", "215"))
    assert not text.pages_run_backwards(text.pages("215", "20"))


@pytest.mark.parametrize(("written", "is_one"), [("e1003583", True), ("S12", False), ("12-14", False), ("39", False)])
def test_an_article_number_is_no_page(written: str, is_one: bool) -> None:
    assert text.is_article_number(written) is is_one


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024/04/03/", "2024-04-03"), ("2019//", "2019"), ("2015 Dec 14", "2015-12-14"), ("2015 Nov-Dec", "2015"),
        ("14 December 2015", "2015-12-14"), ("13/02/2015", "2015-02-13"), ("03/04/2015", "2015"),
        ("20151214", "2015-12-14"),
        ("Spring 2015", "2015"), ("1 Jan.-Feb. 2019", "2019"), ("no date", ""), ("2015-13-45", "2015"),
        ("2015-02-31", "2015-02"),
        ("15 août 2003", "2003-08-15"),
    ],
)  # fmt: skip
def test_date(written: str, expected: str) -> None:
    assert text.date(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Kelly, E", Name("Kelly", "E")), ("Kelly EM", Name("Kelly", "EM")), ("E. M. Kelly", Name("Kelly", "E. M.")),
        ("Ludwig van Beethoven", Name("van Beethoven", "Ludwig")),
        ("van der Berg, J., Jr", Name("van der Berg", "J.", "Jr")),
        ("World Health Organization", Name(literal="World Health Organization")), ("UNICEF", Name(literal="UNICEF")),
        ("Patrick Jr.", Name("Patrick", "", "Jr.")), ("Patrick Jr., R.L.", Name("Patrick", "R.L.", "Jr.")),
        ("Platt SR", Name("Platt", "SR")), ("King III, M", Name("King", "M", "III")),
        ("Cochrane Bone,", Name(literal="Cochrane Bone")), ("Baldwin,S.A.", Name("Baldwin", "S.A.")),
        ("National Academies of Sciences, Engineering, and Medicine",
         Name(literal="National Academies of Sciences, Engineering, and Medicine")),
    ],
)  # fmt: skip
def test_person(written: str, expected: Name) -> None:
    assert text.person(written) == expected


def test_bibtex_names_have_the_suffix_in_the_middle() -> None:
    assert text.person("von Hicks, III, Michael", "suffix-middle") == Name("von Hicks", "Michael", "III")


def test_et_al_marks_a_list_as_cut_short() -> None:
    names, truncated = text.people(["Smith J", "Jones K et al."])
    assert (names, truncated) == ((Name("Smith", "J"), Name("Jones", "K")), True)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("eng", "en"),
        ("English; French", "en"),
        ("pt_br", "pt-BR"),
        ("fre", "fr"),
        ("Language", ""),
        ("Norsk (Bokmål)", "no"),
    ],
)
def test_language(written: str, expected: str) -> None:
    assert text.language(written) == expected


def test_markup_and_entities_go_but_comparisons_stay() -> None:
    """Entities are decoded at most twice; "p<0.05 and n>3" is no markup."""
    assert text.clean("a &amp;lt;i&amp;gt;b&amp;lt;/i&amp;gt; p&lt;0.05 and n>3 <sup>2</sup>") == "a b p<0.05 and n>3 2"
    assert text.clean("&amp;amp;amp;") == "&amp;"


def test_title_key_has_no_case_accents_or_punctuation() -> None:
    assert text.title_key("Über <i>das</i>: Naïve—thing!") == "uber das naive thing"


def test_mojibake_is_seen_and_real_accents_are_not() -> None:
    assert text.mojibake("cafÃ© â€™s")
    assert not text.mojibake("café Ångström Łódź 中文 naïve")


@given(st.text())
def test_no_text_breaks_a_normal_form(written: str) -> None:
    """Every function answers on every text; what it gives back is in its own normal form already."""
    assert text.doi(text.doi(written)) == text.doi(written)
    assert text.clean(written) == text.clean(written).strip()
    assert text.title_key(text.title_key(written)) == text.title_key(written)
    assert text.date(text.date(written)) == text.date(written)
    text.pages(written)
    text.person(written)
    text.language(written)
    text.pmid(written)
    text.issns(written)
    text.isbns(written)
    text.mojibake(written)


@given(st.text(alphabet="0123456789-–eS. ", max_size=14), st.text(alphabet="0123456789-", max_size=8))
def test_pages_never_raise_and_never_invent_digits(start: str, end: str) -> None:
    found = text.pages(start, end)
    assert set(found) <= set(start) | set(end) | {"-"}
