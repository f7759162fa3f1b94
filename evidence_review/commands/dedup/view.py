"""Scored pairs as the rules see them: questions about what agrees and what contradicts, answered for all at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evidence_review.commands.dedup import grades
from evidence_review.commands.dedup.columns import Columns
from evidence_review.commands.dedup.score import Floats, Scored

Flags = NDArray[np.bool_]
_SHORTEST, _LONGEST = 3, 60
_LONG_ABSTRACT = 200
_BOOK_AND_CHAPTER = frozenset(("book", "chapter"))
_WORKS = _BOOK_AND_CHAPTER | {"article"}
# Notices whose titles databases make up from the title of what they are about. A reply has a title of its own.
_REWORDED = frozenset(("erratum", "retraction", "concern"))
_EDITION = re.compile(r"(\.pub\d+|[./]?v\d+)$")


@dataclass(frozen=True)
class View:
    """Scored pairs as the rules see them: questions answered for all pairs at once."""

    table: Columns
    pairs: Scored

    def is_(self, field: grades.Field, *words: str) -> Flags:
        """Whether a field has one of the grades."""
        wanted = np.zeros(len(field.grades) + 1, np.bool_)
        wanted[[field.code(word) if word != "unknown" else 0 for word in words]] = True
        found: Flags = wanted[self.pairs.grades[:, grades.FIELDS.index(field)]]
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
    def page_and_range(self) -> Flags:
        """In one volume, no issue known, an abstract's single page and an article's pages elsewhere.

        A page that is the end of the other's range is a range that some program cut: 2665-2668 and 8.
        """
        found = self.is_(grades.PAGES, "other") & self.is_(grades.VOLUME, "same") & self.is_(grades.ISSUE, "unknown")
        for place in np.flatnonzero(found).tolist():
            sides = [self.table.forms[side[place]] for side in (self.pairs.first, self.pairs.second)]
            single, full = sorted(sides, key=lambda form: form.last_page not in ("", form.first_page))
            page = single.first_page
            found[place] = (
                page.isdigit()
                and single.last_page in ("", page)
                and number(full.last_page) - number(full.first_page) + 1 >= _SHORTEST
                and not full.first_page.endswith(page)
                and not full.last_page.endswith(page)
            )
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
        left, right = abstract[self.pairs.first], abstract[self.pairs.second]
        found = np.equal(left, right) & (left > 0)
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
        """One announces itself as what the other is not: an erratum, a preprint, a protocol, a chapter."""
        one, two = self.pairs.first, self.pairs.second
        marker, kind, forms = self.table.codes["marker"], self.table.codes["kind"], self.table.forms
        differ = kind[one] != kind[two]
        for place in np.flatnonzero(differ).tolist():
            kinds = {forms[one[place]].kind, forms[two[place]].kind}
            # What one database calls a book another calls an article; book and chapter are said on purpose.
            differ[place] = not kinds <= _WORKS or kinds == _BOOK_AND_CHAPTER
        found: Flags = differ | (marker[one] != marker[two])
        return found

    @cached_property
    def one_notice(self) -> Flags:
        """One notice (an erratum, a retraction) by the same people at the same place under one identifier.

        Its title is the database's: "… (vol 104, pg 150, 2017)" in Web of Science, "Corrigendum to …" elsewhere.
        """
        marker, forms = self.table.codes["marker"], self.table.forms
        one, two = self.pairs.first, self.pairs.second
        found: Flags = (marker[one] > 0) & (marker[one] == marker[two])
        found &= self.identifier & self.people_agree & self.same_page & self.is_(grades.VENUE, "same")
        for place in np.flatnonzero(found).tolist():
            found[place] = forms[one[place]].marker in _REWORDED
        return found

    @cached_property
    def backed(self) -> Flags:
        """Something besides title and authors agrees; or there are many authors, and nothing that is known differs.

        The year is not enough where the journal is another, for people publish twice within one. Nor is a volume, whose
        number is its journal's own, where that is known to be another, or is called another and the issue differs. But
        where these records write their journals in any way, their names say little of volumes, and nothing where there
        is no place to tell by.
        """
        journal = self.is_(grades.VENUE, "other", "apart")
        strange = self.is_(grades.VENUE, "apart") | (journal & self.is_(grades.ISSUE, "other"))
        if self.table.journals.loose:
            journal &= ~self.placeless
            strange[:] = False
        found = self.identifier | (self.is_(grades.YEAR, "same") & ~journal) | self.is_(grades.VENUE, "same")
        found |= (self.is_(grades.VOLUME, "same") & ~strange) | self.is_(grades.PAGES, "same", "first", "near")
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
        # A journal prints the abstract in a supplement and the article in the same volume.
        alone |= (pages & self.is_(grades.ISSUE, "other")) | self.page_and_range
        unplaced = ~self.is_(grades.PAGES, "same", "first") & ~self.is_(grades.VOLUME, "same")
        alone |= unplaced & (pages | self.is_(grades.VENUE, "apart"))
        # Two years apart is no delay in print: a volume or page must bring the two together.
        placed = self.same_page | (self.is_(grades.VOLUME, "same") & ~pages)
        far = self.is_(grades.YEAR, "two", "other") & ~placed
        # One year is a delay only where one of the two was not in print yet, and has no place.
        far |= self.is_(grades.YEAR, "near") & ~placed & (self.placeless | self.is_(grades.TITLE, "short"))
        split = (differ >= 2) & ~(self.same_page & ~doi & ~journal)
        return (split | alone | far) & ~self.identifier


def number(page: str) -> int:
    """Return the number of a page such as s12."""
    return int(page.lstrip("abcdefghijklmnopqrstuvwxyz") or 0)
