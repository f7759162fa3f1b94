"""The rules that turn grades and points into an outcome: one table, read from the top; the first that applies decides.

Contradictions come before points, so that no sum of agreements merges two reports that are known to differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence_review.commands.dedup import grades
from evidence_review.commands.dedup.columns import Columns
from evidence_review.commands.dedup.score import Scored
from evidence_review.commands.dedup.view import Flags, View
from evidence_review.model.events import DISTINCT, DOUBTFUL, LINKED, MERGED


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name as `duplicates.csv` has it, what follows, what it looks at, why, and when."""

    name: str
    outcome: str
    fields: str
    why: str
    when: Callable[[View], Flags]


IDENTICAL = "identical"
_TWO_PLACES = 4.0


def _notice(view: View) -> Flags:
    return view.kinds_differ & ~view.identifier & ~(view.same_page & view.titles_agree)


RULES = (
    Rule(
        IDENTICAL, MERGED, "all",
        "every field is the same", lambda view: view.identical,
    ),
    Rule(
        "no title", DISTINCT, "title, DOI, PMID",
        "nothing to go by but an identifier, and none in common",
        lambda view: view.is_(grades.TITLE, "unknown") & ~view.identifier,
    ),
    Rule(
        "identifier alone", MERGED, "title, DOI, PMID, points",
        "a DOI or PMID in common, a title missing, and nothing against it",
        lambda view: view.is_(grades.TITLE, "unknown") & view.identifier & (view.points >= 6),
    ),
    Rule(
        "version", LINKED, "what the title announces, kind of record, authors, journal",
        "one is an erratum, retraction, reply, preprint, abstract, protocol, update or chapter of the other",
        lambda view: _notice(view) & view.is_(grades.TITLE, "same", "spelling", "part")
        & (view.people_agree | view.unsigned) & ~view.is_(grades.NUMBERS, "other"),
    ),
    Rule(
        "edition", LINKED, "DOI, title, authors",
        "the next edition of a review or preprint: its DOI ends in another number",
        lambda view: view.editions & view.is_(grades.TITLE, "same", "spelling", "part") & view.people_agree,
    ),
    Rule(
        "other kind", DISTINCT, "what the title announces, kind of record, identifiers, pages",
        "an erratum, reply or preprint of something else", _notice,
    ),
    Rule(
        "one notice", MERGED, "what the title announces, DOI, PMID, authors, journal, pages",
        "an erratum or another notice, which each database titles in its own words",
        lambda view: view.one_notice,
    ),
    Rule(
        "numerals differ, pages agree", DOUBTFUL, "numerals, authors, pages, identifiers",
        "part 1 and part 2, or a slip",
        lambda view: view.is_(grades.NUMBERS, "other") & view.people_agree & (view.identifier | view.same_range),
    ),
    Rule(
        "numerals differ", DISTINCT, "numerals",
        "part 1 and part 2", lambda view: view.is_(grades.NUMBERS, "other"),
    ),
    Rule(
        "common title, identifier", MERGED, "title, DOI, PMID, authors",
        "a title of many works, but a DOI or PMID in common",
        lambda view: view.is_(grades.TITLE, "common") & view.identifier & ~view.is_(grades.AUTHORS, "other"),
    ),
    Rule(
        "common title, place", MERGED, "title, authors, volume, year, pages, points",
        "a title of many works, but the same authors, volume or year, and pages",
        lambda view: view.is_(grades.TITLE, "common") & view.people_agree & view.same_page & ~view.elsewhere
        & (~view.is_(grades.ISSUE, "other") | (view.same_range & ~view.short)) & ~view.is_(grades.DOI, "other")
        & (view.points >= grades.MERGE),
    ),
    Rule(
        "common title", DOUBTFUL, "title, authors, volume, issue, pages, points",
        "a title of many works; nothing tells these two apart",
        lambda view: view.is_(grades.TITLE, "common") & ~view.is_(grades.AUTHORS, "other", "partly") & ~view.elsewhere
        & ~view.is_(grades.VOLUME, "other") & ~view.is_(grades.PAGES, "other")
        & (~view.is_(grades.ISSUE, "other") | view.same_range) & (view.points >= grades.MERGE),
    ),
    Rule(
        "common title, no more", DISTINCT, "title",
        "a title of many works", lambda view: view.is_(grades.TITLE, "common"),
    ),
    Rule(
        "one text", MERGED, "title, authors, journal, year, abstract",
        "the same title, authors, journal and abstract within a year, whatever place or DOI say",
        lambda view: view.same_abstract & view.is_(grades.TITLE, "same", "spelling") & view.is_(grades.VENUE, "same")
        & view.is_(grades.AUTHORS, "several") & view.is_(grades.YEAR, "same", "near"),
    ),
    Rule(
        "published twice", LINKED, "title, authors, journal, volume, pages, DOI",
        "the same title and authors in two journals or at two conferences",
        lambda view: view.elsewhere & view.titles_agree & view.people_agree & view.is_(grades.VENUE, "other", "apart")
        & (view.is_(grades.VOLUME, "other") | view.is_(grades.PAGES, "other") | view.is_(grades.DOI, "other")
           | view.is_(grades.VENUE, "apart")),
    ),
    Rule(
        "two places", DOUBTFUL, "title, authors, volume, issue, pages, year, DOI",
        "the same title and authors, but volume, issue and pages, year or DOI contradict each other",
        lambda view: view.elsewhere & view.is_(grades.TITLE, "same", "spelling") & view.people_agree
        & (view.points >= _TWO_PLACES),
    ),
    Rule(
        "elsewhere", DISTINCT, "journal, volume, pages, year, DOI",
        "published in two places", lambda view: view.elsewhere,
    ),
    Rule(
        "identifier", MERGED, "DOI, PMID, title, abstract, pages, points",
        "a DOI or PMID in common and enough else; under another title also abstract or pages",
        lambda view: view.identifier & (view.points >= grades.MERGE)
        & (view.same_text | ~view.is_(grades.TITLE, "swap", "extra", "other")),
    ),
    Rule(
        "identifier, little else", DOUBTFUL, "DOI, PMID, points",
        "a DOI or PMID in common, but the rest differs",
        lambda view: view.identifier & (view.points >= 1),
    ),
    Rule(
        "pages and authors", MERGED, "authors, journal, year, volume, issue, pages, abstract",
        "the same authors, journal, year, volume and pages, no other abstract: translated, or cut",
        lambda view: view.is_(grades.TITLE, "other") & view.same_article_range & view.is_(grades.VOLUME, "same")
        & view.is_(grades.YEAR, "same") & ~view.is_(grades.VENUE, "other", "apart") & ~view.is_(grades.ISSUE, "other")
        & ~view.is_(grades.DOI, "other") & view.is_(grades.AUTHORS, "several", "same")
        & ~view.is_(grades.ABSTRACT, "other"),
    ),
    Rule(
        "translated", DOUBTFUL, "authors, pages",
        "the same authors and pages under another title: translated, or cut",
        lambda view: view.is_(grades.TITLE, "other") & view.same_range & view.people_agree,
    ),
    Rule(
        "other title", DISTINCT, "title",
        "another title", lambda view: view.is_(grades.TITLE, "other"),
    ),
    Rule(
        "words differ, pages agree", MERGED, "title, authors, pages, abstract, points",
        "a garbled title at the same pages by the same authors",
        lambda view: view.is_(grades.TITLE, "swap", "extra") & view.same_range & view.people_agree & view.same_text
        & (view.points >= grades.MERGE),
    ),
    Rule(
        "words differ", DOUBTFUL, "title, points",
        "words exchanged or added, and no pages to decide by",
        lambda view: view.is_(grades.TITLE, "swap", "extra") & (view.points >= grades.LOOK + 1),
    ),
    Rule(
        "other words", DISTINCT, "title",
        "words exchanged or added", lambda view: view.is_(grades.TITLE, "swap", "extra"),
    ),
    Rule(
        "title and place", MERGED, "title, pages, volume, authors, points",
        "the same title at the same pages; other authors only where it is the same range",
        lambda view: view.same_page & (view.points >= grades.MERGE)
        & (~view.is_(grades.AUTHORS, "other") | (view.same_range & view.is_(grades.TITLE, "same", "spelling"))),
    ),
    Rule(
        "part of a title", DOUBTFUL, "title, numerals, pages, year, volume, points",
        "the beginning of a title, but other pages, another year or a numeral more",
        lambda view: view.is_(grades.TITLE, "part") & (view.points >= grades.LOOK) & ~view.same_page
        & (view.is_(grades.NUMBERS, "some") | view.is_(grades.PAGES, "other")
           | (~view.is_(grades.YEAR, "same") & ~view.is_(grades.VOLUME, "same"))),
    ),
    Rule(
        "title and authors", MERGED, "title, authors, year, journal, points",
        "the same title and authors, and nothing against it",
        lambda view: view.people_agree & view.backed & (view.points >= grades.MERGE),
    ),
    Rule(
        "title, year and journal", MERGED, "title, year, journal, points",
        "the same title, year and journal where authors are unknown",
        lambda view: view.is_(grades.AUTHORS, "unknown") & (view.points >= grades.MERGE),
    ),
    Rule(
        "not enough", DOUBTFUL, "points",
        "much agrees, but not enough", lambda view: view.points >= grades.LOOK,
    ),
    Rule(
        "too little", DISTINCT, "points",
        "too little agrees", lambda view: view.points < grades.LOOK,
    ),
)  # fmt: skip


def decide(table: Columns, pairs: Scored) -> NDArray[np.int8]:
    """Return for each pair the place in `RULES` of the rule that decides."""
    view = View(table, pairs)
    decided = np.full(len(pairs), -1, np.int8)
    for place, rule in enumerate(RULES):
        decided[(decided < 0) & rule.when(view)] = place
    return decided
