"""RIS out: the tags that Zotero, EndNote, Rayyan, Covidence, ASReview and RevMan all read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evidence_review.formats.base import Writer
from evidence_review.formats.types import TO_RIS
from evidence_review.formats.write.verbatim import verbatim
from evidence_review.model.record import Citation, Name, Record

# Where A2 is read as an editor by every program; elsewhere ED is written.
_A2 = frozenset({"chapter", "paper-conference", "entry-encyclopedia", "entry-dictionary"})


class RisWriter(Writer):
    """RIS."""

    name = "ris"
    label = "RIS"
    suffix = ".ris"
    single_url = False
    types = frozenset(TO_RIS)
    holds = frozenset(
        {"type", "title", "title_original", "container", "container_abbrev", "authors", "editors", "year",
         "date", "volume",
         "issue", "pages", "article_number", "doi", "pmid", "pmcid", "issn", "isbn", "abstract", "keywords", "terms",
         "language", "publisher", "place", "urls", "database", "notes"}
    )  # fmt: skip

    def entry(self, record: Record) -> str:
        """Return the record's lines, and a blank one."""
        text = record.raw if verbatim(record, "ris") else "".join(f"{line}\n" for line in lines(record.citation))
        return f"{text}\n" if text.endswith(("\n", "\r")) else f"{text}\n\n"

    def assemble(self, entries: Iterable[str]) -> Iterator[bytes]:
        """Yield the file."""
        for text in entries:
            yield text.encode("utf-8", "replace")


def person(name: Name) -> str:
    """Return a name as `family, given, suffix`; a group ends in a comma, which EndNote and others understand."""
    if name.literal:
        return f"{name.literal.rstrip(',')},"
    return ", ".join(part for part in (name.family, name.given, name.suffix) if part)


def lines(citation: Citation) -> Iterator[str]:
    """Yield the lines of one record."""
    for tag, value in _tagged(citation):
        value = " ".join(value.split())
        if value:
            yield f"{tag}  - {value}"
    yield "ER  - "


def _tagged(citation: Citation) -> Iterator[tuple[str, str]]:
    yield "TY", TO_RIS.get(citation.type, "GEN")
    if citation.type == "article":
        # RIS has no type for it: UNPB alone would be any manuscript.
        yield "M3", "Preprint"
    for name in citation.authors:
        yield "AU", person(name)
    for name in citation.editors:
        yield ("A2" if citation.type in _A2 else "ED"), person(name)
    yield "TI", citation.title
    yield "TT", citation.title_original
    # For a whole book T2 is read as its series, so what holds a book has the tag of a journal.
    yield ("T2" if citation.type != "book" else "JF"), citation.container
    yield "J2", citation.container_abbrev
    yield "PY", str(citation.year or "")
    if len(citation.date) > 4:
        yield "DA", citation.date.replace("-", "/") + "/" * (3 - citation.date.count("-"))
    yield "VL", citation.volume
    yield "IS", citation.issue
    first, dash, last = citation.pages.partition("-")
    simple = dash and first.strip().isalnum() and last.strip().isalnum()
    yield "SP", first if simple else citation.pages
    yield "EP", last if simple else ""
    yield "C7", citation.article_number
    yield "DO", citation.doi
    if citation.pmid:
        yield "U1", f"{citation.pmid} [PMID]"
    if citation.pmcid:
        yield "U1", f"{citation.pmcid} [PMCID]"
    for number in (*citation.issn, *citation.isbn):
        yield "SN", number
    yield "AB", citation.abstract
    for word in citation.keywords:
        yield "KW", word
    for word in citation.terms:
        yield "MH", word
    yield "LA", citation.language
    yield "PB", citation.publisher
    yield "CY", citation.place
    for url in citation.urls:
        yield "UR", url
    yield "DB", citation.database
    for note in citation.notes:
        yield "N1", note
