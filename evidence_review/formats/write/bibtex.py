"""BibTeX out: UTF-8, with LaTeX's special characters escaped and names in a form that no reader takes apart wrongly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from evidence_review.formats.base import Writer
from evidence_review.formats.bibtex_syntax import MACRO
from evidence_review.formats.write.verbatim import verbatim
from evidence_review.model.record import Citation, Name, Record

_TYPES = {
    "article-journal": "article", "article-magazine": "article", "article-newspaper": "article", "book": "book",
    "chapter": "incollection", "paper-conference": "inproceedings", "thesis": "phdthesis", "report": "techreport",
    "manuscript": "unpublished", "webpage": "online", "dataset": "dataset", "software": "software", "patent": "patent",
    "periodical": "periodical", "pamphlet": "booklet", "entry-encyclopedia": "inreference", "standard": "standard",
    "article": "preprint", "motion_picture": "video", "graphic": "image", "legislation": "legislation", "song": "audio",
    "personal_communication": "letter",
}  # fmt: skip
_SPECIAL = re.compile(r"[&%$#_{}\\~^]")
_ESCAPES = {"\\": r"{\textbackslash}", "~": r"{\textasciitilde}", "^": r"{\textasciicircum}"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class BibtexWriter(Writer):
    """BibTeX."""

    name = "bibtex"
    label = "BibTeX"
    suffix = ".bib"
    single_url = True
    types = frozenset({*_TYPES, "document"})
    holds = frozenset(
        {"type", "title", "title_original", "container", "container_abbrev", "authors", "authors_truncated", "editors",
         "year", "date", "volume", "issue", "pages", "article_number", "doi", "pmid", "pmcid", "issn", "isbn",
         "abstract",
         "keywords", "language", "publisher", "place", "urls", "notes", "database"}
    )  # fmt: skip

    def entry(self, record: Record) -> Entry:
        """Return the record's entry: as it came with the macros that it needs, or made anew around its key."""
        if verbatim(record, "bibtex"):
            macros = tuple(definition for role, definition, _ in record.trace if role == MACRO)
            return macros, "", "", record.raw.strip() + "\n\n"
        kind = _TYPES.get(record.citation.type, "misc")
        return (), f"@{kind}{{", _key(record.citation), _body(record.citation)

    def assemble(self, entries: Iterable[Entry]) -> Iterator[bytes]:
        """Yield the file, in which no two entries made anew share a key and macros stand before what needs them."""
        taken: set[str] = set()
        defined: set[str] = set()
        for macros, opening, key, body in entries:
            yield "".join(f"{one}\n" for one in macros if one not in defined).encode("utf-8", "replace")
            defined.update(macros)
            yield f"{opening}{_untaken(key, taken) if key else ''}{body}".encode("utf-8", "replace")


# The macros that it needs, what opens it, its key where it is not in the rest already, the rest.
Entry = tuple[tuple[str, ...], str, str, str]


def escape(text: str) -> str:
    """Return text that LaTeX prints as it is."""
    text = _SPECIAL.sub(lambda sign: _ESCAPES.get(sign.group(), "\\" + sign.group()), " ".join(text.split()))
    for sign in "-`'":
        # Two of them would be read as a dash or a quotation mark.
        while sign * 2 in text:
            text = text.replace(sign * 2, f"{sign}{{}}{sign}")
    return text


def _key(citation: Citation) -> str:
    name = citation.authors[0] if citation.authors else Name(literal="anon")
    words = f"{name.family or name.literal.split(' ')[0]}{citation.year or ''}"
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Za-z0-9]", "", plain) or "record"


def _untaken(base: str, taken: set[str]) -> str:
    """Return a key that no entry has yet, and take it."""
    key, number = base, 1
    while key.lower() in taken:
        number += 1
        key = f"{base}-{number}"
    taken.add(key.lower())
    return key


def _person(name: Name) -> str:
    if name.literal:
        return "{" + escape(name.literal) + "}"
    if name.suffix:
        return f"{escape(name.family)}, {escape(name.suffix)}, {escape(name.given)}"
    return f"{escape(name.family)}, {escape(name.given)}" if name.given else "{" + escape(name.family) + "}"


def _people(names: Iterable[Name], truncated: bool = False) -> str:
    return " and ".join([*(_person(name) for name in names), *(["others"] if truncated else [])])


def _fields(citation: Citation) -> Iterator[tuple[str, str]]:
    yield "author", _people(citation.authors, citation.authors_truncated)
    yield "editor", _people(citation.editors)
    yield "title", "{" + escape(citation.title) + "}" if citation.title else ""
    yield "origtitle", escape(citation.title_original)
    journal = citation.type in {"article-journal", "article-magazine", "article-newspaper", "", "article", "document"}
    yield ("journal" if journal else "booktitle"), escape(citation.container)
    yield "shortjournal", escape(citation.container_abbrev)
    yield "year", str(citation.year or "")
    if len(citation.date) > 4:
        yield "date", citation.date
        yield "month", _MONTHS[int(citation.date[5:7]) - 1]
    yield "volume", escape(citation.volume)
    yield ("number" if citation.type not in _ISSUED else "issue"), escape(citation.issue)
    yield "pages", escape(citation.pages).replace("-", "--")
    yield "eid", escape(citation.article_number)
    yield "doi", citation.doi.replace("{", "").replace("}", "")
    yield "pmid", citation.pmid
    yield "pmcid", citation.pmcid
    yield "issn", ", ".join(citation.issn)
    yield "isbn", ", ".join(citation.isbn)
    yield "abstract", escape(citation.abstract)
    yield (
        "keywords",
        "; ".join(escape(word) for word in citation.keywords) + (";" if len(citation.keywords) == 1 else ""),
    )
    yield "language", citation.language
    yield "publisher", escape(citation.publisher)
    yield "address", escape(citation.place)
    if citation.urls:
        yield "url", citation.urls[0].replace("{", "%7B").replace("}", "%7D")
    yield "note", " ".join(escape(note) for note in citation.notes)
    yield "database", escape(citation.database)


# In these types `number` is the document's own number, so an issue has the other name.
_ISSUED = frozenset({"report", "patent", "book", "webpage", "thesis", "document"})


def _body(citation: Citation) -> str:
    """Return an entry from the comma after its key on."""
    lines = [","]
    for name, value in _fields(citation):
        if value and name == "month":
            lines.append(f"  {name} = {value},")
        elif value:
            lines.append(f"  {name} = {{{value}}},")
    return "\n".join([*lines, "}", "", ""])
