"""PubMed's NBIB out, as far as it goes: it is made for journal articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evidence_review import text
from evidence_review.formats.base import Writer
from evidence_review.formats.write.verbatim import verbatim
from evidence_review.model.record import Citation, Record

_KINDS = {"retracted": "Retracted Publication", "retraction-notice": "Retraction of Publication",
          "preprint": "Preprint",
          "erratum": "Published Erratum", "abstract": "Meeting Abstract",
          "protocol": "Clinical Trial Protocol"}  # fmt: skip


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class NbibWriter(Writer):
    """NBIB."""

    name = "nbib"
    label = "PubMed (NBIB)"
    suffix = ".nbib"
    single_url = False
    types = None
    holds = frozenset(
        {"title", "title_original", "container", "container_abbrev", "authors", "editors", "year", "date",
         "volume", "issue",
         "pages", "article_number", "doi", "pmid", "pmcid", "issn", "isbn", "abstract", "keywords", "terms", "language",
         "publisher", "place", "notes"}
    )  # fmt: skip

    def entry(self, record: Record) -> str:
        """Return the record's lines, and a blank one."""
        whole = record.raw if verbatim(record, "nbib") else "".join(f"{line}\n" for line in lines(record.citation))
        return whole.rstrip("\r\n") + "\n\n"

    def assemble(self, entries: Iterable[str]) -> Iterator[bytes]:
        """Yield the file."""
        for whole in entries:
            yield whole.encode("utf-8", "replace")


def lines(citation: Citation) -> Iterator[str]:
    """Yield the lines of one record."""
    yield f"PMID- {citation.pmid}"
    for tag, value in _tagged(citation):
        value = " ".join(value.split())
        if value:
            yield f"{tag:<4}- {value}"


def _tagged(citation: Citation) -> Iterator[tuple[str, str]]:
    for number in citation.issn:
        yield "IS", number
    for number in citation.isbn:
        yield "ISBN", number
    yield "VI", citation.volume
    yield "IP", citation.issue
    yield "DP", _date(citation)
    yield "TI", citation.title
    yield "TT", citation.title_original
    # What looks like a page would be read as one.
    plain = text.is_article_number(citation.article_number)
    yield "PG", citation.pages or (citation.article_number if plain else "")
    if citation.doi:
        yield "LID", f"{citation.doi} [doi]"
    if citation.article_number and (citation.pages or not plain):
        yield "LID", f"{citation.article_number} [pii]"
    yield "AB", citation.abstract
    for name in citation.authors:
        if name.literal:
            yield "CN", name.literal
        else:
            yield "FAU", ", ".join(part for part in (name.family, name.given, name.suffix) if part)
    for name in citation.editors:
        yield "FED", name.literal or ", ".join(part for part in (name.family, name.given, name.suffix) if part)
    yield "LA", citation.language
    for kind in [_KINDS[word] for word in citation.status if word in _KINDS] or ["Journal Article"]:
        yield "PT", kind
    yield "PL", citation.place
    yield "PB", citation.publisher
    yield "TA", citation.container_abbrev
    yield "JT", citation.container
    for word in citation.terms:
        yield "MH", word
    for word in citation.keywords:
        yield "OT", word
    yield "PMC", citation.pmcid
    for scheme, number in citation.other_ids:
        if scheme == "nct":
            yield "SI", f"ClinicalTrials.gov/{number}"
    for note in citation.notes:
        yield "GN", note


def _date(citation: Citation) -> str:
    """Return `2015 Dec 14`, as PubMed writes dates."""
    parts = citation.date.split("-")
    if len(parts) < 2:
        return str(citation.year or "")
    return " ".join([parts[0], _MONTHS[int(parts[1]) - 1], *(part.lstrip("0") for part in parts[2:])])
