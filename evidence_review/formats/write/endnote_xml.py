"""EndNote XML out, with the reference types' codes that EndNote goes by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from evidence_review.formats.base import Writer
from evidence_review.formats.write.ris import person
from evidence_review.formats.write.verbatim import verbatim
from evidence_review.model.record import Citation, Record

_TYPES = {
    "article-journal": ("Journal Article", 17), "article-magazine": ("Magazine Article", 19), "book": ("Book", 6),
    "article-newspaper": ("Newspaper Article", 23), "chapter": ("Book Section", 5), "report": ("Report", 27),
    "paper-conference": ("Conference Paper", 47), "thesis": ("Thesis", 32), "webpage": ("Web Page", 12),
    "patent": ("Patent", 25), "dataset": ("Dataset", 59), "software": ("Computer Program", 9), "map": ("Map", 20),
    "manuscript": ("Unpublished Work", 34), "pamphlet": ("Pamphlet", 58), "legal_case": ("Case", 7),
    "legislation": ("Statute", 31), "hearing": ("Hearing", 14), "bill": ("Bill", 4), "article": ("Preprint", 48),
    "motion_picture": ("Film or Broadcast", 21), "graphic": ("Artwork", 2), "standard": ("Standard", 50),
    "personal_communication": ("Personal Communication", 26), "post-weblog": ("Blog", 56),
    "entry-encyclopedia": ("Encyclopedia", 53), "entry-dictionary": ("Dictionary", 52),
}  # fmt: skip
_GENERIC = ("Generic", 13)
# What XML 1.0 has no way to carry.
_FORBIDDEN = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]")


class EndnoteXmlWriter(Writer):
    """EndNote XML."""

    name = "endnote-xml"
    label = "EndNote XML"
    suffix = ".xml"
    single_url = False
    types = frozenset({*_TYPES, "document"})
    holds = frozenset(
        {"type", "title", "title_original", "container", "container_abbrev", "authors", "editors", "year",
         "date", "volume",
         "issue", "pages", "article_number", "doi", "pmid", "pmcid", "issn", "isbn", "abstract", "keywords",
         "language",
         "publisher", "place",
         "urls", "notes", "database"}
    )  # fmt: skip

    def entry(self, record: Record) -> tuple[str, str]:
        """Return the record's element in two parts, between which its number belongs; the first alone has one."""
        return (record.raw, "") if verbatim(record, "endnote-xml") else (_OPENING, _rest(record.citation))

    def assemble(self, entries: Iterable[tuple[str, str]]) -> Iterator[bytes]:
        """Yield the file."""
        yield b'<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n'
        for place, (opening, rest) in enumerate(entries, start=1):
            number = f"<rec-number>{place}</rec-number>" if rest else ""
            yield f"{opening}{number}{rest}\n".encode("utf-8", "replace")
        yield b"</records></xml>\n"


def _element(tag: str, text: str) -> str:
    words = " ".join(_FORBIDDEN.sub("", text).split())
    return f"<{tag}>{escape(words)}</{tag}>" if words else ""


def _group(tag: str, *parts: str) -> str:
    inside = "".join(parts)
    return f"<{tag}>{inside}</{tag}>" if inside else ""


_OPENING = '<record><source-app name="evidence-review">evidence-review</source-app>'


def _rest(citation: Citation) -> str:
    """Return a record's element from its type on."""
    name, code = _TYPES.get(citation.type, _GENERIC)
    # A book's own container would be read as its series: what holds it is a journal there.
    home = "secondary-title" if citation.type != "book" else "tertiary-title"
    parts = (
        f"<ref-type name={quoteattr(name)}>{code}</ref-type>",
        _group(
            "contributors",
            _group("authors", *(_element("author", person(name)) for name in citation.authors)),
            _group("secondary-authors", *(_element("author", person(name)) for name in citation.editors)),
        ),
        _group(
            "titles",
            _element("title", citation.title),
            _element(home, citation.container),
            _element("translated-title", citation.title_original),
        ),
        _group("periodical", _element("full-title", citation.container), _element("abbr-1", citation.container_abbrev)),
        _element("pages", citation.pages),
        _element("volume", citation.volume),
        _element("number", citation.issue),
        _group("keywords", *(_element("keyword", word) for word in citation.keywords)),
        _group(
            "dates",
            _element("year", str(citation.year or "")),
            _group("pub-dates", _element("date", citation.date if len(citation.date) > 4 else "")),
        ),
        _element("pub-location", citation.place),
        _element("publisher", citation.publisher),
        _element("isbn", " ".join((*citation.issn, *citation.isbn))),
        _element("accession-num", citation.pmid),
        _element("electronic-resource-num", citation.doi),
        _element("custom2", citation.pmcid),
        _element("custom7", citation.article_number),
        _element("abstract", citation.abstract),
        _element("notes", " ".join(citation.notes)),
        _element("remote-database-provider", "NLM" if citation.pmid else ""),
        _element("remote-database-name", citation.database),
        _element("language", citation.language),
        _group("urls", _group("related-urls", *(_element("url", url) for url in citation.urls))),
    )
    return f"{''.join(parts)}</record>"
