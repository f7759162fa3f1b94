"""The matching form of a record: plain strings to compare, never to show. `match_form` makes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from evidence_review.commands.dedup import collecting
from evidence_review.commands.dedup.normalise import abstract, arxiv, authors, doi, number, pages, registration, venue
from evidence_review.commands.dedup.title_form import marker, numbers, title
from evidence_review.model.record import Citation


class Form(NamedTuple):
    """What is compared of one record. Every text is normalised; "" and 0 mean unknown.

    `numbers` are the numerals of the title in order, `marker` the kind of notice its title announces ("" for a plain
    report); `families` the authors' family names in their order, `initials` those of the first author's given names,
    `letters` each author's first letters, of family and given name, sorted within the author, so that "Wu, Ching-yi"
    and "Ching-yi, Wu" are alike; `first_page` and `last_page` are expanded ("288-97" is 288 and 297); `doi` is the DOI,
    and where there is none a preprint's number at arXiv or a registration's at its register; `serials` ISSNs and ISBNs
    in order; `kind` is article, book, chapter, abstract, preprint, protocol, registration, update or notice.
    """

    title: str
    numbers: str
    marker: str
    families: str
    first_author: str
    initials: str
    letters: str
    author_count: int
    year: int
    venue: str
    volume: str
    issue: str
    first_page: str
    last_page: str
    doi: str
    pmid: str
    serials: str
    abstract: str
    kind: str


_NOTICES = frozenset(("retraction", "erratum", "concern"))
_NOTICE_STATUSES = frozenset(("erratum", "retraction-notice"))
_PREPRINT = re.compile(
    r"^corr$|\b(preprint|arxiv|ssrn|medrxiv|biorxiv|psyarxiv|research square|working paper|osf preprints)\b"
)
_PREPRINT_DOI = ("10.1101/", "10.48550/", "10.2139/ssrn", "10.21203/", "10.31234/", "10.20944/", "10.31219/")
_PROTOCOL = re.compile(r"\bprotocol\b|\b(rationale and (study )?design|design and rationale)\b")


@lru_cache(maxsize=1 << 14)
def _of_preprints(normal_venue: str) -> bool:
    return bool(_PREPRINT.search(normal_venue))


def kind(citation: Citation, normal_title: str, normal_venue: str, normal_doi: str, title_marker: str) -> str:
    """Return what kind of report a record is: notice, preprint, abstract, update, protocol or article."""
    if title_marker in _NOTICES or not _NOTICE_STATUSES.isdisjoint(citation.status):
        return "notice"
    for status in citation.status and ("preprint", "abstract", "update", "protocol"):
        if status in citation.status:
            return status
    if _of_preprints(normal_venue) or normal_doi.startswith(_PREPRINT_DOI):
        return "preprint"
    if ("protocol" in normal_title or "rationale" in normal_title) and _PROTOCOL.search(normal_title):
        return "protocol"
    return citation.type if citation.type in ("book", "chapter") else "article"


def _serials(citation: Citation) -> str:
    both = citation.issn + citation.isbn
    return " ".join(sorted({*both})) if len(both) > 1 else "".join(both)


def match_form(citation: Citation) -> Form:
    """Return what is compared of a citation."""
    normal_title = title(citation.title)
    title_marker = marker(normal_title)
    normal_venue = venue(citation.container or citation.container_abbrev)
    normal_doi = doi(citation.doi)
    form = kind(citation, normal_title, normal_venue, normal_doi, title_marker)
    if not normal_doi and form == "preprint":
        normal_doi = arxiv(citation)
    elif not normal_doi and form == "article" and (registered := registration(citation)):
        form, normal_doi = "registration", registered
    # In the order of `Form`; a million names of fields would take a second.
    return Form(
        normal_title,
        numbers(normal_title),
        title_marker,
        *authors(citation.authors),
        citation.year or 0,
        normal_venue,
        number(citation.volume),
        number(citation.issue),
        *pages(citation.pages or citation.article_number),
        normal_doi,
        citation.pmid,
        _serials(citation),
        abstract(citation.abstract),
        form,
    )


def match_forms(citations: Iterable[Citation]) -> list[Form]:
    """Return what is compared of each citation."""
    with collecting.paused():
        return [match_form(citation) for citation in citations]
