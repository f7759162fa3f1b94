"""The rules that turn grades and points into an outcome: one table, read from the top; the first that applies decides.

Contradictions come before points, so that no sum of agreements merges two reports that are known to differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evidence_review.commands.dedup import grades
from evidence_review.commands.dedup.columns import Columns
from evidence_review.commands.dedup.score import Floats, Scored
from evidence_review.model.events import DISTINCT, DOUBTFUL, LINKED, MERGED

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class View:
    """Scored pairs as the rules see them: questions answered for all pairs at once."""

    table: Columns
    pairs: Scored

    def is_(self, field: grades.Field, *words: str) -> Flags:
        """Whether a field has one of the grades."""
        column = self.pairs.grades[:, grades.FIELDS.index(field)]
        found: Flags = np.isin(column, [field.code(word) if word != "unknown" else 0 for word in words])
        return found

    @property
    def points(self) -> Floats:
        """The points of each pair."""
        return self.pairs.points

    @cached_property
    def identifier(self) -> Flags:
        """A DOI or PMID in common, and none that differs."""
        same = self.is_(grades.DOI, "same") | self.is_(grades.PMID, "same")
        return same & ~self.is_(grades.DOI, "other") & ~self.is_(grades.PMID, "other")

    @cached_property
    def identical(self) -> Flags:
        """Not one field differs, and there is a title."""
        one, two = self.pairs.first, self.pairs.second
        same = self.is_(grades.TITLE, "same", "short", "common")
        for codes in self.table.codes.values():
            same &= codes[one] == codes[two]
        same &= self.table.year[one] == self.table.year[two]
        return same

    @cached_property
    def titles_agree(self) -> Flags:
        """The same title, and one that tells a work."""
        return self.is_(grades.TITLE, "same", "spelling", "short")

    @cached_property
    def short(self) -> Flags:
        """A title too short to tell a work by, whatever else is known of it."""
        found: Flags = self.table.short[self.pairs.first] | self.table.short[self.pairs.second]
        return found

    @cached_property
    def people_agree(self) -> Flags:
        """The same authors, as far as can be told."""
        return self.is_(grades.AUTHORS, "several", "same", "alike", "first")

    @cached_property
    def unsigned(self) -> Flags:
        """No authors on one side and the same journal: journals print errata and notices without names."""
        return self.is_(grades.AUTHORS, "unknown") & self.is_(grades.VENUE, "same") & ~self.short

    @cached_property
    def same_page(self) -> Flags:
        """The same first page, and no volume that differs.

        Years apart without a volume it is none: an article number stays when a review is updated.
        """
        pages = self.is_(grades.PAGES, "same", "first") & ~self.is_(grades.VOLUME, "other")
        return pages & (self.is_(grades.VOLUME, "same") | ~self.is_(grades.YEAR, "two", "other"))

    @cached_property
    def same_range(self) -> Flags:
        """The same pages, more than one, in the same volume or year.

        A range that begins at 1 does not count: it may be the first of an issue, or a manuscript's own.
        """
        forms = self.table.forms
        found = self.is_(grades.PAGES, "same") & ~self.is_(grades.VOLUME, "other")
        found &= self.is_(grades.VOLUME, "same") | self.is_(grades.YEAR, "same")
        for place in np.flatnonzero(found).tolist():
            form = forms[self.pairs.first[place]]
            found[place] = form.first_page not in ("1", form.last_page)
        return found

    @cached_property
    def same_article_range(self) -> Flags:
        """The same pages, as many as an article has: three to sixty. A supplement's whole range is no place."""
        forms = self.table.forms
        found = self.same_range.copy()
        for place in np.flatnonzero(found).tolist():
            form = forms[self.pairs.first[place]]
            length = number(form.last_page) - number(form.first_page) + 1
            found[place] = _SHORTEST <= length <= _LONGEST
        return found

    @cached_property
    def same_text(self) -> Flags:
        """What tells that two titles are of one text, whatever their words: PMID, abstract, or an article's pages.

        A DOI does not, nor a page: a supplement or a book may have one DOI for all, and a page several abstracts.
        """
        return self.is_(grades.PMID, "same") | self.is_(grades.ABSTRACT, "same", "alike") | self.same_article_range

    @cached_property
    def same_abstract(self) -> Flags:
        """The same words at the beginning of both abstracts, long enough to be nobody else's."""
        abstract = self.table.codes["abstract"]
        found = np.equal(abstract[self.pairs.first], abstract[self.pairs.second])
        for place in np.flatnonzero(found).tolist():
            found[place] = len(self.table.forms[self.pairs.first[place]].abstract) >= _LONG_ABSTRACT
        return found

    @cached_property
    def editions(self) -> Flags:
        """Two DOIs that differ only in the number of an edition: .pub2 of a Cochrane review, v2 of a preprint."""
        found = self.is_(grades.DOI, "other")
        for place in np.flatnonzero(found).tolist():
            one, two = (self.table.forms[side[place]].doi for side in (self.pairs.first, self.pairs.second))
            found[place] = _EDITION.sub("", one) == _EDITION.sub("", two)
        return found

    @cached_property
    def placeless(self) -> Flags:
        """Neither record has volume, pages, DOI or PMID: a table of titles, authors, journals and years."""
        one, two = self.pairs.first, self.pairs.second
        placed = np.any([self.table.codes[name] > 0 for name in ("volume", "first_page", "doi", "pmid")], axis=0)
        found: Flags = ~placed[one] & ~placed[two]
        return found

    @cached_property
    def kinds_differ(self) -> Flags:
        """One announces itself as what the other is not: an erratum, a preprint, a protocol, a reply."""
        one, two = self.pairs.first, self.pairs.second
        marker, kind = self.table.codes["marker"], self.table.codes["kind"]
        differ: Flags = (kind[one] != kind[two]) | (marker[one] != marker[two])
        return differ

    @cached_property
    def backed(self) -> Flags:
        """Something besides title and authors agrees; or there are many authors, and nothing that is known differs.

        The year is not enough where the journal is another, for people publish twice within one; but where these
        records write their journals in any way, that says little.
        """
        journal = self.is_(grades.VENUE, "other", "apart") & (not self.table.journals.loose)
        found = self.identifier | (self.is_(grades.YEAR, "same") & ~journal) | self.is_(grades.VENUE, "same")
        found |= self.is_(grades.VOLUME, "same") | self.is_(grades.PAGES, "same", "first", "near")
        found |= self.is_(grades.ABSTRACT, "same") & ~self.is_(grades.VENUE, "other", "apart")
        quiet = self.is_(grades.AUTHORS, "several") & self.is_(grades.YEAR, "unknown")
        return found | (quiet & ~self.is_(grades.VENUE, "other", "apart"))

    @cached_property
    def elsewhere(self) -> Flags:
        """Published in two places: two of journal, volume, pages, year and DOI differ, and nothing joins them."""
        journal = self.is_(grades.VENUE, "other", "apart")
        volume = self.is_(grades.VOLUME, "other")
        pages = self.is_(grades.PAGES, "other")
        year = self.is_(grades.YEAR, "near", "two", "other")
        doi = self.is_(grades.DOI, "other")
        differ = sum(flag.astype(np.int8) for flag in (journal, volume, pages, year, doi))
        # A volume or a DOI that differs is seldom a slip, where the pages do not say otherwise.
        alone = (doi | volume) & ~self.is_(grades.PAGES, "same", "first")
        alone |= volume & self.is_(grades.ISSUE, "other") & ~self.is_(grades.PAGES, "same")
        alone |= self.is_(grades.TITLE, "short") & self.is_(grades.ISSUE, "other") & ~self.is_(grades.PAGES, "same")
        unplaced = ~self.is_(grades.PAGES, "same", "first") & ~self.is_(grades.VOLUME, "same")
        alone |= unplaced & (pages | self.is_(grades.VENUE, "apart"))
        # Two years apart is no delay in print: a volume or page must bring the two together.
        placed = self.same_page | (self.is_(grades.VOLUME, "same") & ~pages)
        far = self.is_(grades.YEAR, "two", "other") & ~placed
        # One year is a delay only where one of the two was not in print yet, and has no place.
        far |= self.is_(grades.YEAR, "near") & ~placed & (self.placeless | self.is_(grades.TITLE, "short"))
        split = (differ >= 2) & ~(self.same_page & ~doi & ~journal)
        return (split | alone | far) & ~self.identifier


_SHORTEST, _LONGEST = 3, 60
_LONG_ABSTRACT = 200
_EDITION = re.compile(r"(\.pub\d+|[./]?v\d+)$")


def number(page: str) -> int:
    """Return the number of a page such as s12."""
    return int(page.lstrip("abcdefghijklmnopqrstuvwxyz") or 0)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name as `duplicates.csv` has it, what follows, why, and when."""

    name: str
    outcome: str
    why: str
    when: Callable[[View], Flags]


_TWO_PLACES = 4.0


def _notice(view: View) -> Flags:
    return view.kinds_differ & ~view.identifier & ~(view.same_page & view.titles_agree)


RULES = (
    Rule("identical", MERGED, "every field is the same", lambda view: view.identical),
    Rule(
        "no title", DISTINCT, "nothing to go by but an identifier, and none in common",
        lambda view: view.is_(grades.TITLE, "unknown") & ~view.identifier,
    ),
    Rule(
        "identifier alone", MERGED, "a DOI or PMID in common, a title missing, and nothing against it",
        lambda view: view.is_(grades.TITLE, "unknown") & view.identifier & (view.points >= 6),
    ),
    Rule(
        "version", LINKED, "one is an erratum, retraction, reply, preprint, abstract, protocol or update of the other",
        lambda view: _notice(view) & view.is_(grades.TITLE, "same", "spelling", "part")
        & (view.people_agree | view.unsigned) & ~view.is_(grades.NUMBERS, "other"),
    ),
    Rule(
        "edition", LINKED, "the next edition of a review or preprint: its DOI ends in another number",
        lambda view: view.editions & view.is_(grades.TITLE, "same", "spelling", "part") & view.people_agree,
    ),
    Rule("other kind", DISTINCT, "an erratum, reply or preprint of something else", _notice),
    Rule(
        "numerals differ, pages agree", DOUBTFUL, "part 1 and part 2, or a slip",
        lambda view: view.is_(grades.NUMBERS, "other") & view.people_agree & (view.identifier | view.same_range),
    ),
    Rule("numerals differ", DISTINCT, "part 1 and part 2", lambda view: view.is_(grades.NUMBERS, "other")),
    Rule(
        "common title, identifier", MERGED, "a title of many works, but a DOI or PMID in common",
        lambda view: view.is_(grades.TITLE, "common") & view.identifier & ~view.is_(grades.AUTHORS, "other"),
    ),
    Rule(
        "common title, place", MERGED, "a title of many works, but the same authors, volume or year, and pages",
        lambda view: view.is_(grades.TITLE, "common") & view.people_agree & view.same_page & ~view.elsewhere
        & (~view.is_(grades.ISSUE, "other") | (view.same_range & ~view.short)) & ~view.is_(grades.DOI, "other")
        & (view.points >= grades.MERGE),
    ),
    Rule(
        "common title", DOUBTFUL, "a title of many works; nothing tells these two apart",
        lambda view: view.is_(grades.TITLE, "common") & ~view.is_(grades.AUTHORS, "other", "partly") & ~view.elsewhere
        & ~view.is_(grades.VOLUME, "other") & ~view.is_(grades.PAGES, "other")
        & (~view.is_(grades.ISSUE, "other") | view.same_range) & (view.points >= grades.MERGE),
    ),
    Rule("common title, no more", DISTINCT, "a title of many works", lambda view: view.is_(grades.TITLE, "common")),
    Rule(
        "one text", MERGED, "the same title, authors, journal and abstract within a year, whatever place or DOI say",
        lambda view: view.same_abstract & view.is_(grades.TITLE, "same", "spelling") & view.is_(grades.VENUE, "same")
        & view.is_(grades.AUTHORS, "several") & view.is_(grades.YEAR, "same", "near"),
    ),
    Rule(
        "published twice", LINKED, "the same title and authors in two journals or at two conferences",
        lambda view: view.elsewhere & view.titles_agree & view.people_agree & view.is_(grades.VENUE, "other", "apart")
        & (view.is_(grades.VOLUME, "other") | view.is_(grades.PAGES, "other") | view.is_(grades.DOI, "other")
           | view.is_(grades.VENUE, "apart")),
    ),
    Rule(
        "two places", DOUBTFUL, "the same title and authors, but volume, pages, year or DOI contradict each other",
        lambda view: view.elsewhere & view.is_(grades.TITLE, "same", "spelling") & view.people_agree
        & (view.points >= _TWO_PLACES),
    ),
    Rule("elsewhere", DISTINCT, "published in two places", lambda view: view.elsewhere),
    Rule(
        "identifier", MERGED, "a DOI or PMID in common and enough else; under another title also abstract or pages",
        lambda view: view.identifier & (view.points >= grades.MERGE)
        & (view.same_text | ~view.is_(grades.TITLE, "swap", "extra", "other")),
    ),
    Rule(
        "identifier, little else", DOUBTFUL, "a DOI or PMID in common, but the rest differs",
        lambda view: view.identifier & (view.points >= 1),
    ),
    Rule(
        "pages and authors", MERGED, "the same authors, journal, year, volume and pages: translated, or cut",
        lambda view: view.is_(grades.TITLE, "other") & view.same_article_range & view.is_(grades.VOLUME, "same")
        & view.is_(grades.YEAR, "same") & ~view.is_(grades.VENUE, "other", "apart") & ~view.is_(grades.ISSUE, "other")
        & ~view.is_(grades.DOI, "other") & view.is_(grades.AUTHORS, "several", "same"),
    ),
    Rule(
        "translated", DOUBTFUL, "the same authors and pages under another title: translated, or cut",
        lambda view: view.is_(grades.TITLE, "other") & view.same_range & view.people_agree,
    ),
    Rule("other title", DISTINCT, "another title", lambda view: view.is_(grades.TITLE, "other")),
    Rule(
        "words differ, pages agree", MERGED, "a garbled title at the same pages by the same authors",
        lambda view: view.is_(grades.TITLE, "swap", "extra") & view.same_range & view.people_agree & view.same_text
        & (view.points >= grades.MERGE),
    ),
    Rule(
        "words differ", DOUBTFUL, "words exchanged or added, and no pages to decide by",
        lambda view: view.is_(grades.TITLE, "swap", "extra") & (view.points >= grades.LOOK + 1),
    ),
    Rule("other words", DISTINCT, "words exchanged or added", lambda view: view.is_(grades.TITLE, "swap", "extra")),
    Rule(
        "title and place", MERGED, "the same title at the same pages; other authors only where it is the same range",
        lambda view: view.same_page & (view.points >= grades.MERGE)
        & (~view.is_(grades.AUTHORS, "other") | (view.same_range & view.is_(grades.TITLE, "same", "spelling"))),
    ),
    Rule(
        "part of a title", DOUBTFUL, "the beginning of a title, but other pages, another year or a numeral more",
        lambda view: view.is_(grades.TITLE, "part") & (view.points >= grades.LOOK) & ~view.same_page
        & (view.is_(grades.NUMBERS, "some") | view.is_(grades.PAGES, "other")
           | (~view.is_(grades.YEAR, "same") & ~view.is_(grades.VOLUME, "same"))),
    ),
    Rule(
        "title and authors", MERGED, "the same title and authors, and nothing against it",
        lambda view: view.people_agree & view.backed & (view.points >= grades.MERGE),
    ),
    Rule(
        "title, year and journal", MERGED, "the same title, year and journal where authors are unknown",
        lambda view: view.is_(grades.AUTHORS, "unknown") & (view.points >= grades.MERGE),
    ),
    Rule("not enough", DOUBTFUL, "much agrees, but not enough", lambda view: view.points >= grades.LOOK),
    Rule("too little", DISTINCT, "too little agrees", lambda view: view.points < grades.LOOK),
)  # fmt: skip


def decide(table: Columns, pairs: Scored) -> NDArray[np.int8]:
    """Return for each pair the place in `RULES` of the rule that decides."""
    view = View(table, pairs)
    decided = np.full(len(pairs), -1, np.int8)
    for place, rule in enumerate(RULES):
        decided[(decided < 0) & rule.when(view)] = place
    return decided
