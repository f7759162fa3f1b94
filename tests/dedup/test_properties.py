"""What must hold of any records: order, case, Unicode form and marks never change the outcome."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from evidence_review.commands.dedup import blocks, engines, judging, keys, score
from evidence_review.commands.dedup.cluster import cluster
from evidence_review.commands.dedup.columns import columns
from evidence_review.commands.dedup.events import changes
from evidence_review.commands.dedup.find import edges, find
from evidence_review.commands.dedup.form import match_form
from evidence_review.commands.dedup.review import Review
from evidence_review.model.events import DISTINCT, LINKED, MERGED, UNDONE, DuplicateEvent
from evidence_review.model.record import Citation, Name, Record
from evidence_review.state.clusters import cluster as fold

# Few values for each field, so that records meet; the words are such that some pairs differ in one word or letter.
_WORDS = (
    *("stroke", "care", "in", "rural", "clinics", "home", "women", "men", "trial", "Part", "I", "II", "1", "2"),
    *("randomised", "randomized", "Über", "β-blockers", "Editorial", "протокол", "研究", "study:", "[Review]"),
)
_NAMES = st.builds(
    Name, st.sampled_from(("Kelly", "Müller", "Ito", "de la Cruz", "Wu")), st.sampled_from(("", "E", "Ana"))
)
CITATIONS = st.builds(
    Citation,
    title=st.lists(st.sampled_from(_WORDS), max_size=9).map(" ".join),
    authors=st.lists(_NAMES, max_size=3).map(tuple),
    year=st.sampled_from((None, 2010, 2011, 2015)),
    container=st.sampled_from(("", "Journal of Care", "J Care", "Stroke", "Unknown")),
    volume=st.sampled_from(("", "1", "2")),
    issue=st.sampled_from(("", "1", "S1")),
    pages=st.sampled_from(("", "10-19", "10-9", "1-7", "S12", "20-29")),
    doi=st.sampled_from(("", "", "10.1000/a", "10.1000/b")),
    pmid=st.sampled_from(("", "", "1", "2")),
    abstract=st.sampled_from(("", "Background. Long.", "Aims. " + "Words. " * 30)),
)
SETS = st.lists(CITATIONS, min_size=2, max_size=12)
FEW = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])


def outcome(citations: Sequence[Citation], ids: Sequence[str]) -> tuple[object, ...]:
    """Return all that is found, by id and without order."""
    forms = [match_form(citation) for citation in citations]
    found = find(forms, ids, edges(engines.embedded(forms), ids))
    return (
        {ids[place]: ids[keeper] for place, keeper in enumerate(found.keeper_of)},
        {(ids[edge.one], ids[edge.two], edge.rule) for edge in found.links},
        {(ids[edge.one], ids[edge.two], edge.rule, reason) for edge, reason in found.doubts},
    )


def names(count: int) -> list[str]:
    """Return ids whose order is not that of the records."""
    return [f"R-{(place * 7919) % 100003:06d}" for place in range(count)]


@FEW
@given(SETS, st.randoms(use_true_random=False))
def test_order_plays_no_part(citations: list[Citation], random: object) -> None:
    """Shuffling the records changes nothing: not the clusters, not the keepers, not the doubts."""
    ids = names(len(citations))
    expected = outcome(citations, ids)
    order = list(range(len(citations)))
    random.shuffle(order)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    assert outcome([citations[place] for place in order], [ids[place] for place in order]) == expected


CHANGES: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "lower case": str.lower,
    "composed": lambda text: unicodedata.normalize("NFC", text),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "byte order mark": lambda text: "\ufeff" + text if text else text,
    "spaces": lambda text: f"  {text}  ".replace(" ", "\u00a0 ") if text else text,
}
_TEXTS = ("title", "container", "abstract", "doi", "pages")


@FEW
@given(SETS, st.sampled_from(sorted(CHANGES)))
@example([Citation(title="straße und haus am see"), Citation(title="STRASSE und haus am see")], "upper case")
def test_case_and_unicode_form_play_no_part(citations: list[Citation], name: str) -> None:
    """The outcome is that of the same records in another case, Unicode form, or with marks and spaces around."""
    change = CHANGES[name]
    fields = ("title", "container", "abstract") if name in ("byte order mark", "spaces") else _TEXTS
    changed = [
        replace(
            citation,
            **{field: change(getattr(citation, field)) for field in fields},
            authors=tuple(Name(change(author.family), change(author.given)) for author in citation.authors),
        )
        for citation in citations
    ]
    ids = names(len(citations))
    assert outcome(changed, ids) == outcome(citations, ids)


@FEW
@given(CITATIONS, SETS)
def test_identical_records_always_merge(citation: Citation, others: list[Citation]) -> None:
    """Two records alike in every byte are one, whatever else there is, if they have a title or an identifier."""
    if not citation.title and not (citation.doi or citation.pmid):
        return
    citations = [citation, *others, citation]
    forms = [match_form(one) for one in citations]
    ids = names(len(citations))
    found = find(forms, ids, edges(engines.embedded(forms), ids))
    assert found.keeper_of[0] == found.keeper_of[-1]


@FEW
@given(SETS)
def test_no_title_never_merges_without_an_identifier(citations: list[Citation]) -> None:
    """A record that has no title shares a DOI or PMID with a member of its cluster, or stands alone."""
    bare = [replace(citation, title="") if place % 2 else citation for place, citation in enumerate(citations)]
    forms = [match_form(citation) for citation in bare]
    ids = names(len(bare))
    found = find(forms, ids, edges(engines.embedded(forms), ids))
    for place, keeper in enumerate(found.keeper_of):
        mates = [other for other, its in enumerate(found.keeper_of) if its == keeper and other != place]
        if not bare[place].title and mates:
            mine = {bare[place].doi, bare[place].pmid} - {""}
            assert any(mine & {bare[mate].doi, bare[mate].pmid} for mate in mates)


_TALK = Citation(title="Stroke care in rural clinics", authors=(Name("Wu", "E"), Name("Ito")), year=2010)


@FEW
@given(SETS)
@example([
    Citation(title=_TALK.title, authors=(Name("Kelly"),), pages="1-7", pmid="2"),
    Citation(title=_TALK.title, authors=(Name("Kelly"),), volume="1", pages="10-19", pmid="2"),
    Citation(title=_TALK.title, authors=(Name("Müller"),), pages="10-19", pmid="2"),
])  # fmt: skip
@example([
    replace(_TALK, volume="1", pages="10-19"), replace(_TALK, abstract="Aims. " + "Words. " * 30),
    replace(_TALK, volume="2", pages="20-29"),
])  # fmt: skip
def test_what_is_kept_has_no_duplicates_left(citations: list[Citation]) -> None:
    """Looking again among the records that were kept merges nothing but pairs that were told as doubtful.

    Nor those of a title that several works bore: among fewer records it may be one that says more.
    """
    ids = names(len(citations))
    forms = [match_form(citation) for citation in citations]
    found = find(forms, ids, edges(engines.embedded(forms), ids))
    told = {frozenset((found.keeper_of[edge.one], found.keeper_of[edge.two])) for edge, _ in found.doubts}
    kept = sorted(set(found.keeper_of))
    again = [forms[place] for place in kept]
    merges = find(again, [ids[place] for place in kept], edges(engines.embedded(again), [ids[p] for p in kept])).merges
    common = columns(forms).common
    again_merged = [(kept[merge.edge.one], kept[merge.edge.two]) for merge in merges]
    assert all(frozenset(pair) in told or common[pair[0]] for pair in again_merged)


@FEW
@given(SETS)
def test_blocking_loses_no_pair_of_the_same_title(citations: list[Citation]) -> None:
    """The plain twin: comparing every pair finds no merge of equal titles that the keys do not bring together."""
    forms = [match_form(citation) for citation in citations]
    everything = np.array(np.triu_indices(len(forms), 1), np.int64)
    judged = judging.judge(columns(forms), everything[0], everything[1])
    codes, _ = blocks.candidates(forms)
    compared = set(codes.tolist())
    for one, two in zip(judged.first.tolist(), judged.second.tolist(), strict=True):
        if forms[one].title == forms[two].title and forms[one].title:
            assert one * len(forms) + two in compared


def test_a_crowded_block_is_split_and_what_is_left_out_is_counted(monkeypatch: object) -> None:
    """More records than the cap under one key: split by further fields; copies still meet; the rest is counted."""
    crowd = [
        Citation(title="Editorial", authors=(Name(f"Author{place}"),), year=2000 + place % 2) for place in range(500)
    ]
    twins = [replace(citation) for citation in crowd[:50]]
    forms = [match_form(citation) for citation in (*crowd, *twins)]
    codes, capped = blocks.candidates(forms)
    assert capped.split
    found = set(codes.tolist())
    assert all(place * len(forms) + 500 + place in found for place in range(50))
    assert len(codes) < len(forms) * keys.CAP


def test_a_block_that_cannot_be_split_is_compared_by_neighbours() -> None:
    """A thousand records alike in all but their titles' ends: compared with neighbours, the rest counted and said."""
    forms = [
        match_form(Citation(title=f"A very long report of the same survey number {place}")) for place in range(1000)
    ]
    codes, capped = blocks.candidates(forms)
    assert capped.left_out
    assert len(codes) + max(capped.left_out.values()) >= 1000 * 999 // 2
    assert len(codes) < 1000 * (blocks.WINDOW + 2)


def test_similarities_are_those_of_the_plain_twin() -> None:
    """The columns give what a pair alone gives: no grade depends on who else is scored with it."""
    titles = [
        "Stroke care in rural clinics",
        "Stroke care in rural clinics: a trial",
        "Care of stroke",
        "Editorial",
        "",
    ]
    forms = [match_form(Citation(title=title, year=2010, authors=(Name("Kelly"),))) for title in titles]
    table = columns(forms)
    first, second = (np.array(side, np.int64) for side in np.triu_indices(len(forms), 1))
    together = score.score(table, first, second)
    for place in range(len(first)):
        alone = score.score(table, first[place : place + 1], second[place : place + 1])
        assert alone.grades[0].tolist() == together.grades[place].tolist()
        assert alone.points[0] == together.points[place]


@FEW
@given(SETS, st.data())
def test_events_say_what_was_found(citations: list[Citation], data: st.DataObject) -> None:
    """Whatever people said in whatever order: the events fold to the clusters found, and a second look adds none."""
    ids = names(len(citations))
    one = st.sampled_from(ids)
    word = st.builds(
        DuplicateEvent, event=st.sampled_from((MERGED, DISTINCT, UNDONE, LINKED)), record=one, kept=one,
        rule=st.just("by hand"), scores=st.just(""), by=st.sampled_from(("reviewer-1", "reviewer-2")), when=st.just(""),
    )  # fmt: skip
    words = tuple(event for event in data.draw(st.lists(word, max_size=5)) if event.record != event.kept)
    records = tuple(Record(name, "s", "r", 1, citation) for name, citation in zip(ids, citations, strict=True))
    forms = tuple(match_form(citation) for citation in citations)
    judged = edges(engines.embedded(forms), ids)

    def settled(before: Review) -> tuple[tuple[int, ...], Review, int]:
        found = find(forms, ids, judged, *before.words())
        new = changes(before, found, "2026-01-01T00:00:00Z")
        return found.keeper_of, Review(records, forms, (*before.events, *new)), len(new)

    _, alone, _ = settled(Review(records, forms, ()))
    keeper_of, after, _ = settled(Review(records, forms, (*alone.events, *words)))
    same, distinct = after.words()
    joined = cluster(forms, ids, (), same)
    contested = any(joined.root_of[one] == joined.root_of[two] for one, two in distinct)
    if not contested:  # where two people contradict each other, the events say so and no fold can please both
        folded = fold(ids, after.events).keeper_of
        assert folded == {ids[place]: ids[keeper] for place, keeper in enumerate(keeper_of)}
        assert all(folded[ids[one]] != folded[ids[two]] for one, two in distinct)
    again, _, new = settled(after)
    assert (again, new) == (keeper_of, 0)
