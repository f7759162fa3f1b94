"""Is this file the paper? Its first bytes say what it is; its title or DOI, found in its text, that it is the one."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from pypdf import PdfReader
from rapidfuzz import fuzz

from evidence_review import text
from evidence_review.model.events import PAGE, PDF, XML
from evidence_review.model.record import Citation

# Pages on which a paper says what it is; a reference list further on names other papers' titles and DOIs.
_PAGES = 2
# A title shorter than this stands in too many papers to tell one from another.
_LEAST, _ALIKE = 20, 92
_MOST = 100 << 20
_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file is: its `kind` ("" where it is neither PDF, XML nor a web page), and whether it is the paper.

    `right` is None where nobody can tell, as for a scan without text; `why` says how it was recognised, or why not.
    """

    kind: str
    right: bool | None
    why: str


def check(data: bytes, citations: Sequence[Citation]) -> Checked:
    """Look whether `data` is a full text of the report that these citations name."""
    head = data[:2048]
    if b"%PDF-" in head[:1024]:
        return _judged(PDF, _pdf_text(data), citations)
    if _HTML.match(head.removeprefix(b"\xef\xbb\xbf")):
        return Checked(PAGE, False, "a web page came, not the paper: its landing page, or a page to log in")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        front = _xml_text(data)
        if front is None:
            return Checked("", False, "it is XML, but no article with a text")
        return _judged(XML, front, citations)
    return Checked("", False, "it is neither a PDF nor an article in XML")


def _judged(kind: str, words: str, citations: Sequence[Citation]) -> Checked:
    if len(words.split()) < 5:
        return Checked(kind, None, "it has no text to recognise it by; it may be a scan or be locked")
    flat = text.title_key(words)
    if any(_has_title(flat, text.title_key(citation.title)) for citation in citations):
        return Checked(kind, True, "its title stands in the text")
    if any(_has_doi(words, citation.doi) for citation in citations):
        return Checked(kind, True, "its DOI stands in the text")
    if all(len(text.title_key(citation.title)) < _LEAST and not citation.doi for citation in citations):
        return Checked(kind, None, "the record has no DOI and too short a title to recognise it by")
    return Checked(kind, False, "another paper came: neither title nor DOI stands on its first pages")


def _has_title(flat: str, title: str) -> bool:
    """Whether a title stands in a text but for a few letters; its numbers must all be there (part 1 is not part 2)."""
    if len(title) < _LEAST or len(title) > len(flat):
        return False
    found = fuzz.partial_ratio_alignment(title, flat, score_cutoff=_ALIKE)
    if found is None:
        return False
    window = set(flat[max(found.dest_start - 8, 0) : found.dest_end + 8].split())
    return all(word in window for word in title.split() if any(sign.isdigit() for sign in word))


def _has_doi(words: str, doi: str) -> bool:
    """Whether a DOI stands in a text, also where a line breaks it; another DOI that begins with it is not it."""
    if not doi:
        return False
    signs = r"\s*".join(re.escape(sign) for sign in doi.lower())
    return re.search(signs + r"(?![0-9a-z]|[./-][0-9a-z])", words.lower()) is not None


def _pdf_text(data: bytes) -> str:
    """Return the text of the first pages and the title that the file gives itself; "" where it cannot be read."""
    if len(data) > _MOST:
        return ""
    # pypdf tells of every oddity of a file; what cannot be read is said by us.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return ""
        told = reader.metadata
        title = str(told.title or "") if told is not None else ""
        return "\n".join([title, *(page.extract_text() for page in reader.pages[:_PAGES])])
    # A broken or hostile file can raise nearly anything in a parser of this format: it is then one without text.
    except Exception:
        return ""


def _xml_text(data: bytes) -> str | None:
    """Return what the front of a JATS article says; None where there is no article with a body."""
    try:
        root = fromstring(data, forbid_dtd=False)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    article = root if root.tag == "article" else root.find(".//article")
    if article is None or article.find("body") is None:
        return None
    front = article.find("front")
    return " ".join((front if front is not None else article).itertext())
