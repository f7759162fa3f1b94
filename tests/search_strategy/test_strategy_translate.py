"""Writing a strategy for other sources: the logic is kept, and every loss is said."""

from __future__ import annotations

import random
from itertools import product
from urllib.parse import quote

import made_strategies as made
import pytest
import query_readers as readers
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_review.commands.search.strategy.parse import parse
from evidence_review.commands.search.strategy.print import to_pubmed
from evidence_review.commands.search.strategy.translate import TARGETS, translate
from evidence_review.commands.search.strategy.translate.base import DROPPED, EXACT, OUTCOMES, Translation
from evidence_review.commands.search.strategy.tree import And, Node, Not, Or, Strategy, Term, leaves
from evidence_review.errors import UsageError

LOGICAL = [name for name, target in TARGETS.items() if not target.bag]


def meaning(node: Node, found: list[bool | None]) -> bool | None:
    """Return whether a strategy finds a record, given that for each of its leaves in turn; None for what is dropped.

    A dropped operand takes no part; a NOT without anything to take away from is dropped whole.
    """
    match node:
        case And(parts=parts) | Or(parts=parts):
            values = [value for value in (meaning(part, found) for part in parts) if value is not None]
            if not values:
                return None
            return all(values) if isinstance(node, And) else any(values)
        case Not(keep=keep, drop=drop):
            kept, dropped = meaning(keep, found), meaning(drop, found)
            return kept if kept is None or dropped is None else kept and not dropped
        case _:
            return found.pop(0)


def agree(strategy: Strategy, translation: Translation, seed: int, tries: int = 24) -> None:
    """Assert that strategy and translation find the same records, whatever each term finds."""
    target = translation.target
    rows = [readers.read(target, row.query) if row.query else None for row in translation.rows]
    if not translation.query:
        assert meaning(strategy.root, [None if row is None else True for row in rows]) is None
        return
    whole = readers.read(target, translation.query)
    parts = [readers.read(target, query) for query in translation.queries]
    names = sorted(set().union(*(readers.atoms(row) for row in rows if row is not None)))
    chance = random.Random(seed)
    for _ in range(tries):
        share = chance.random()
        truth = {name: chance.random() < share for name in names}
        expected = meaning(strategy.root, [None if row is None else readers.value(row, truth) for row in rows])
        assert readers.value(whole, truth) is expected
        assert any(readers.value(part, truth) for part in parts) is expected


@pytest.mark.parametrize("target", LOGICAL)
@given(tree=made.trees(made.terms() | made.dates), seed=st.integers(0, 2**16))
def test_tree_and_translation_find_the_same(target: str, tree: Node, seed: int) -> None:
    """For random trees and random records, dropped terms aside."""
    strategy = parse(to_pubmed(tree))
    agree(strategy, translate(strategy, target), seed)


@settings(max_examples=60)
@pytest.mark.parametrize("target", list(TARGETS))
@given(text=made.texts)
def test_any_text_is_translated_or_said_to_be_empty(target: str, text: str) -> None:
    """Each leaf has its row with a known outcome; an empty query is noted."""
    strategy = parse(text)
    translation = translate(strategy, target)
    assert len(translation.rows) == len(list(leaves(strategy.root)))
    assert {row.outcome for row in translation.rows} <= set(OUTCOMES)
    assert all(row.why for row in translation.rows if row.outcome != EXACT)
    assert all(bool(row.query) != (row.outcome == DROPPED) or translation.parameters for row in translation.rows)
    assert translation.query or any("Nothing" in note for note in translation.notes)


@pytest.mark.parametrize("target", LOGICAL)
def test_not_of_a_not_is_kept(target: str) -> None:
    """A NOT (B NOT C) finds what A and C both find, which A NOT B NOT C does not."""
    strategy = parse("alpha[ti] NOT (beta[ti] NOT gamma[ti])")
    translation = translate(strategy, target)
    whole = readers.read(target, translation.query)
    rows = [readers.read(target, row.query) for row in translation.rows]
    for truths in product((False, True), repeat=3):
        truth = {name: each for row, each in zip(rows, truths, strict=True) for name in readers.atoms(row)}
        a, b, c = truths
        assert readers.value(whole, truth) is (a and not (b and not c))


# text, target, query of the one term, outcome
RENDERINGS = [
    ("cancer[tiab]", "europepmc", "TITLE_ABS:cancer", "exact"),
    ('"Copper"[mh]', "europepmc", "KW:Copper", "narrower"),
    ("Copper[mh:noexp]", "europepmc", "KW:Copper", "broader"),
    ("Letter[pt]", "europepmc", "PUB_TYPE:Letter", "exact"),
    ("english[la]", "europepmc", 'LANG:"eng"', "exact"),
    ("eng[la]", "scopus", "LANGUAGE(English)", "exact"),
    ("eng[la]", "eric", "language:English", "exact"),
    ("fre[la]", "europepmc", 'LANG:"fre"', "exact"),
    ("swedish[la]", "europepmc", 'LANG:"swe"', "exact"),
    ("english[Filter]", "europepmc", 'LANG:"eng"', "exact"),
    ("english[filter]", "pubmed", '"english"[filter]', "exact"),
    ("humans[Filter]", "europepmc", "KW:Humans", "narrower"),
    ("randomizedcontrolledtrial[Filter]", "europepmc", 'PUB_TYPE:"Randomized Controlled Trial"', "exact"),
    ("systematic review[Filter]", "europepmc", 'PUB_TYPE:"Systematic Review"', "exact"),
    ("meta-analysis[Filter]", "europepmc", 'PUB_TYPE:"Meta-Analysis"', "exact"),
    ("y_5[Filter]", "europepmc", "", "dropped"),
    ("hasabstract", "scopus", "", "dropped"),
    ('"last 5 years"[dp]', "europepmc", "", "dropped"),
    ('"last 5 years"[dp]', "pubmed", '"last 5 years"[dp]', "exact"),
    ("ast*[tiab]", "europepmc", "TITLE_ABS:ast*", "broader"),
    ("asth*[tiab]", "europepmc", "TITLE_ABS:asth*", "exact"),
    (
        '"low and middle income countr*"[ti]',
        "europepmc",
        "(TITLE:low AND TITLE:middle AND TITLE:income AND TITLE:countr*)",
        "broader",
    ),
    ("Smith J[au]", "europepmc", 'AUTH:"Smith J"', "narrower"),
    ("asthma[tiab]", "ieee", "asthma", "broader"),
    ("2010:2020[dp]", "ieee", "", "narrower"),
    ("either\\or[ti]", "europepmc", 'TITLE:"either or"', "exact"),
    (
        "2010:2020[dp]",
        "europepmc",
        "(PUB_YEAR:[2010 TO 2020] OR E_PDATE:[2010-01-01 TO 2020-12-31])",
        "exact",
    ),
    (
        "2010/02:2011/02[dp]",
        "europepmc",
        "(P_PDATE:[2010-02-01 TO 2011-02-28] OR E_PDATE:[2010-02-01 TO 2011-02-28]"
        " OR FIRST_PDATE:[2010-02-01 TO 2011-02-28])",
        "broader",
    ),
    ("wom*n[ti]", "europepmc", "TITLE:wom*", "broader"),
    ("organi*ation*[tiab]", "openalex", "organi*", "broader"),
    ("review[pt]", "europepmc", "PUB_TYPE:review", "narrower"),
    ('"?/surgery"[majr]', "crossref", "", "dropped"),
    ("letter[pt]", "europepmc", "PUB_TYPE:letter", "exact"),
    ("2010:3000[epdat]", "europepmc", "E_PDATE:[2010-01-01 TO 3000-12-31]", "exact"),
    ("2010:2011[ppdat]", "europepmc", "P_PDATE:[2010-01-01 TO 2011-12-31]", "exact"),
    ("2010:2020[edat]", "europepmc", "", "dropped"),
    ("2010:2020[dp]", "openalex", "", "narrower"),
    ("2010:2020[epdat]", "openalex", "", "narrower"),
    ('"breast feed*"[ti]', "europepmc", "(TITLE:breast AND TITLE:feed*)", "broader"),
    ('"hip pain"[ti:~2]', "europepmc", "(TITLE:hip AND TITLE:pain)", "broader"),
    ("heart attack[ti]", "europepmc", 'TITLE:"heart attack"', "narrower"),
    ("heart attack", "europepmc", "(heart AND attack)", "narrower"),
    ("Adenocarcinoma, Follicular[mh]", "openalex", '"Follicular Adenocarcinoma"', "narrower"),
    ('"practice, patterns"[tiab]', "openalex", '"practice patterns"', "exact"),
    ("vaccin*[tiab]", "openalex", "vaccin*", "exact"),
    ("va*[tiab]", "openalex", "va", "narrower"),
    ('"hip pain"[tiab:~2]', "openalex", '"hip pain"~2', "narrower"),
    ("smith j[au]", "openalex", "", "dropped"),
    ('"hip pain"[tiab:~2]', "semanticscholar", '"hip pain"~2', "narrower"),
    ("cancer[ti]", "semanticscholar", "cancer", "broader"),
    ("wom?n[ti]", "doaj", 'bibjson.title:"wom n"', "narrower"),
    ("vaccin*[ti]", "doaj", "bibjson.title:vaccin", "narrower"),
    ("vaccin*[ti]", "arxiv", "ti:vaccin*", "exact"),
    ("2010:2011[dp]", "arxiv", "submittedDate:[201001010000 TO 201112312359]", "narrower"),
    ("Copper[mh]", "eric", "(title:Copper OR description:Copper OR subject:Copper)", "narrower"),
    ("2010:3000[dp]", "core", "(yearPublished>=2010 AND yearPublished<=3000)", "narrower"),
    ("cancer[tiab]", "datacite", "(titles.title:cancer OR descriptions.description:cancer)", "exact"),
    ("Copper[mh:noexp]", "ctgov", "(AREA[ConditionMeshTerm]Copper OR AREA[InterventionMeshTerm]Copper)", "narrower"),
    ("Randomized Controlled Trial[pt]", "ctgov", "AREA[DesignAllocation]RANDOMIZED", "broader"),
    ("2010:2020[dp]", "ctgov", "", "dropped"),
    ('"hip pain*"[tiab:~2]', "semanticscholar", '"hip pain"~2', "narrower"),
    ('"hip pain"[tiab:~2]', "scopus", "TITLE-ABS(hip W/2 pain)", "exact"),
    ('"old hip pain"[tiab:~2]', "scopus", "TITLE-ABS(old W/2 hip W/2 pain)", "narrower"),
    ("2010:2020[dp]", "scopus", "(PUBYEAR > 2009 AND PUBYEAR < 2021)", "narrower"),
    ('"and"[ti]', "scopus", 'TITLE("and")', "exact"),
    ("cancer[tiab]", "crossref", "cancer", "broader"),
    ("2019[edat]", "scopus", "", "dropped"),
    ("cancer[xyz]", "pubmed", "cancer", "exact"),
]


@pytest.mark.parametrize(("text", "target", "query", "outcome"), RENDERINGS)
def test_a_term_becomes_what_the_target_has(text: str, target: str, query: str, outcome: str) -> None:
    """Query and outcome of single terms."""
    row = translate(parse(text), target).rows[0]
    assert (row.query, row.outcome) == (query, outcome)


def test_a_row_leads_back_to_the_words_of_the_strategy() -> None:
    """Text, line and column of a row are those of the term as it was written."""
    text = "#1 “sham  treatment”[tiab]\n#2 Mice[Mesh]\n#3 #1 NOT #2"
    rows = translate(parse(text), "europepmc").rows
    assert [(row.text, row.line, row.column) for row in rows] == [
        ("“sham  treatment”[tiab]", 1, 4),
        ("Mice[Mesh]", 2, 4),
    ]


def test_a_range_of_dates_limits_the_whole_search_beside_the_query() -> None:
    """Where a source takes dates as a parameter, a range joined by AND at the top becomes one; others are dropped."""
    top = translate(parse("(cancer[ti] AND 2010:2020/05[dp]) NOT mice[ti]"), "openalex")
    assert dict(top.parameters) == {"from_publication_date": "2010-01-01", "to_publication_date": "2020-05-31"}
    assert top.query == "cancer NOT mice"
    inside = translate(parse("cancer[ti] OR 2010:2020[dp]"), "openalex")
    assert (dict(inside.parameters), inside.rows[1].outcome) == ({}, "dropped")
    twice = translate(parse("a[ti] AND 2010:2020[dp] AND 2015:3000[dp]"), "openalex")
    assert [row.outcome for row in twice.rows] == ["broader", "narrower", "dropped"]
    assert "keeps one date" in twice.rows[1].why
    assert twice.rows[1].mend.startswith("Widen the range by a year")
    open_end = translate(parse("a[ti] AND 2015:3000[dp]"), "semanticscholar")
    assert dict(open_end.parameters) == {"year": "2015-"}


def test_words_that_stand_in_for_a_heading_never_take_records_away() -> None:
    """The animal filter is dropped where headings are searched as words; nothing that PubMed finds is lost by it."""
    text = "copper[tiab] NOT (Animals[mh] NOT (Animals[mh] AND Humans[mh]))"
    translation = translate(parse(text), "openalex")
    assert translation.query == "copper"
    assert [(row.outcome, row.effect) for row in translation.rows[1:]] == [(DROPPED, "more")] * 3


def test_words_given_for_a_heading_are_searched_beside_it_where_the_heading_finds_fewer() -> None:
    """Not after NOT, not where the heading does all the work, and in a bag of words as words."""
    given = {"copper": ["copper alloy*", "cupric"]}
    strategy = parse("Copper[mh] NOT (skin[ti] AND Copper[majr])")
    assert translate(strategy, "europepmc", given).query == (
        "(KW:Copper OR (TITLE_ABS:copper AND TITLE_ABS:alloy*) OR TITLE_ABS:cupric) NOT (TITLE:skin AND KW:Copper)"
    )
    assert translate(strategy, "openalex", given).query == "(Copper OR (copper AND alloy*) OR cupric) NOT skin"
    assert translate(strategy, "pubmed", given) == translate(strategy, "pubmed")
    assert translate(strategy, "crossref", given).query == "copper alloy cupric"
    row = translate(strategy, "openalex", given).rows[0]
    assert row.outcome == "narrower" and "protocol gives" in row.why


@pytest.mark.parametrize(
    ("text", "effects"),
    [
        ("a[ti] AND b[gr]", ["more", "more"]),
        ("a[ti] OR b[gr]", ["more", "fewer"]),
        ("x[ti] NOT (a[ti] OR b[gr])", ["more", "fewer", "more"]),
        ("x[ti] NOT (a[ti] AND b[gr])", ["more", "fewer", "fewer"]),
        ("(b[gr] OR c[gr]) AND a[ti]", ["more", "more", "more"]),
        ("x[ti] NOT b[gr]", ["more", "more"]),
        ("b[gr] NOT x[ti]", ["uncertain", "uncertain"]),
    ],
)
def test_the_effect_on_the_whole_is_told(text: str, effects: list[str]) -> None:
    """Dropping an alternative loses records, dropping a condition adds some, and NOT turns both round."""
    assert [row.effect for row in translate(parse(text), "openalex").rows] == effects


def test_a_query_too_long_for_a_url_is_cut_into_several_that_find_the_same() -> None:
    """Alternatives are shared out over queries that each fit."""
    words = [f"word{number}" for number in range(900)]
    text = f"({' OR '.join(f'{word}[tiab]' for word in words)}) AND (x[ti] OR y[ti]) NOT z[ti]"
    strategy = parse(text)
    translation = translate(strategy, "openalex")
    limit = TARGETS["openalex"].limit
    assert len(translation.queries) > 1
    assert all(len(quote(query, safe="")) <= limit for query in translation.queries)
    assert any("shorter ones" in note for note in translation.notes)
    agree(strategy, translation, seed=1, tries=3)


def test_a_query_that_cannot_be_cut_is_said_to_be_too_long() -> None:
    """Conditions cannot be shared out."""
    translation = translate(parse(" AND ".join(f"word{number}[tiab]" for number in range(900))), "openalex")
    assert translation.queries == (translation.query,)
    assert any("shorten" in note for note in translation.notes)


def test_crossref_gets_words_and_says_that_the_logic_is_lost() -> None:
    """A list of the words that are searched for, none of those that are taken away."""
    translation = translate(parse('("kidney transplant*"[tiab] OR kidney[ti]) NOT mice[ti]'), "crossref")
    assert translation.query == "kidney transplant"
    assert [row.outcome for row in translation.rows] == ["broader", "broader", "dropped"]


def test_an_unknown_target_is_named_with_the_valid_ones() -> None:
    """The message has the nearest name."""
    with pytest.raises(UsageError, match="europepmc"):
        translate(parse("a"), "europmc")


def test_the_terms_of_a_tree_are_the_rows_of_every_target() -> None:
    """No term is without a row, in the order of the text."""
    strategy = parse("a[ti] AND (b[mh] NOT c[xyz]) OR 2010[dp]")
    expected = [leaf.text if isinstance(leaf, Term) else leaf.start for leaf in leaves(strategy.root)]
    for target in TARGETS:
        assert [row.term.split("[")[0].strip('"') for row in translate(strategy, target).rows] == expected


def test_a_strategy_of_another_platform_is_said_to_be_one() -> None:
    """Whoever reads a translation alone still learns what was pasted in, and where."""
    translation = translate(parse("1. exp Asthma/\n2. asthma.ti,ab.\n3. 1 or 2"), "openalex")
    (note,) = [note for note in translation.notes if "another platform" in note]
    assert "'exp Asthma/' is Ovid syntax; PubMed reads it as words (line 1, column 4), and 1 more" in note
    assert not any("platform" in note for note in translate(parse("asthma[tiab] OR Asthma[mh]"), "openalex").notes)


def test_why_something_after_not_is_left_out_says_one_thing() -> None:
    """Words in the place of a heading are not searched there, and nothing says that they are."""
    (_, row) = translate(parse("asthma[tiab] NOT animals[mh]"), "openalex").rows
    assert row.why == (
        "OpenAlex does not index by MeSH heading: words in its place would take away records that PubMed keeps"
    )
