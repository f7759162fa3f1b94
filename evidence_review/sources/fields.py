"""From what services send to the fields of a citation: the shared small steps."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

from evidence_review import text
from evidence_review.model.record import Name

_BLOCK = re.compile(r"</?(?:jats:)?(?:p|sec|title|list|list-item|br|div|h\d|tr|li)\b[^<>]*>", re.IGNORECASE)
# Only what looks like a tag: "p<0.05 and n>3" is no markup.
_TAG = re.compile(r"</?[a-zA-Z][\w:.-]*(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))*\s*/?>")
_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
)}  # fmt: skip

# What services call a thing → CSL type (https://docs.citationstyles.org, appendix III)
CSL_TYPES = {
    "journal-article": "article-journal", "journalarticle": "article-journal", "article": "article-journal",
    "review": "article-journal", "letter": "article-journal", "editorial": "article-journal",
    "jarticle": "article-journal", "research": "article-journal", "research-article": "article-journal",
    "data-paper": "article-journal", "data paper": "article-journal", "case-report": "article-journal",
    "journal articles": "article-journal", "journal article": "article-journal", "erratum": "article-journal",
    "conference paper": "paper-conference", "conferencepaper": "paper-conference", "conference": "paper-conference",
    "conference-paper": "paper-conference", "conference-abstract": "paper-conference",
    "proceedings-article": "paper-conference", "proceedings": "book",
    "posted-content": "article", "preprint": "article", "other": "document", "text": "document",
    "book": "book", "monograph": "book", "edited-book": "book", "reference-book": "book", "books": "book",
    "book-set": "book", "book-series": "book", "book-chapter": "chapter", "bookchapter": "chapter",
    "book-section": "chapter", "book-part": "chapter", "book-track": "chapter", "booksection": "chapter",
    "reference-entry": "entry", "dissertation": "thesis", "thesis": "thesis",
    "dissertations/theses": "thesis", "report": "report", "report-series": "report", "report-component": "report",
    "technicalreport": "report", "reports - research": "report", "standard": "standard",
    "dataset": "dataset", "database": "dataset", "collection": "dataset", "software": "software",
    "peer-review": "review", "peerreview": "review", "audiovisual": "motion_picture", "image": "graphic",
    "interactiveresource": "webpage", "webpage": "webpage", "grant": "document", "libguides": "webpage",
}  # fmt: skip


def csl_type(word: Any) -> str:
    """Return the CSL type of a service's word; "" for an empty one, `document` for one we do not know."""
    key = str(word or "").strip().lower().replace("_", "-")
    return CSL_TYPES.get(key, CSL_TYPES.get(key.replace("-", " "), "document")) if key else ""


def squash(value: Any) -> str:
    """Return text with runs of white space as one space; "" for what is no text."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def plain(value: Any) -> str:
    """Return text without HTML or JATS markup, entities decoded at most twice, paragraphs as lines."""
    if not isinstance(value, str):
        return ""
    once = _TAG.sub("", _BLOCK.sub("\n", value))
    decoded = html.unescape(once)
    if decoded != once:
        # Some services escape their markup: &lt;p&gt;. What appears after the first decoding is markup, too.
        decoded = html.unescape(_TAG.sub("", _BLOCK.sub("\n", decoded)))
    lines = (" ".join(line.split()) for line in decoded.splitlines())
    return "\n".join(line for line in lines if line)


def plain_line(value: Any) -> str:
    """Return text without markup, on one line."""
    return text.clean(value) if isinstance(value, str) else ""


def abstract_of(value: Any) -> str:
    """Return an abstract without markup; "" for what only says that there is none."""
    found = plain(value)
    return "" if text.is_null(found) else found


def first(value: Any) -> str:
    """Return the first text of a list, or the text itself."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return next((item for item in value if isinstance(item, str) and item.strip()), "")
    return ""


def words(value: Any) -> tuple[str, ...]:
    """Return the distinct non-empty texts of a list, in order."""
    items = value if isinstance(value, (list, tuple)) else [value]
    return tuple(dict.fromkeys(filter(None, (plain_line(item) for item in items))))


def iso_date(*parts: Any) -> str:
    """Return (year, month, day) as ISO 8601, as precise as known: `2015`, `2015-12`, `2015-12-14`."""
    numbers = []
    for part in parts[:3]:
        number = _number(part)
        if number is None:
            break
        numbers.append(number)
    if not numbers or not 1000 <= numbers[0] <= 2999:
        return ""
    if len(numbers) > 1 and not 1 <= numbers[1] <= 12:
        numbers = numbers[:1]
    if len(numbers) > 2 and not 1 <= numbers[2] <= 31:
        numbers = numbers[:2]
    return "-".join(f"{number:02d}" for number in numbers)


def _number(part: Any) -> int | None:
    word = str(part if part is not None else "").strip()
    if word.isdecimal():
        # Of very many figures Python refuses to make a number, and no year has them.
        return int(word) if len(word) < 100 else 0
    return _MONTHS.get(word[:3].lower())


def date_in(value: Any) -> str:
    """Return the ISO date that a text begins with: `2024-07-01T00:00:00` gives `2024-07-01`."""
    found = re.match(r"\s*(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", str(value or ""))
    return iso_date(*(part for part in found.groups() if part)) if found else ""


def narrowest(*spans: tuple[str, str]) -> tuple[str, str]:
    """Return the span of dates that lies in every one of `spans` ("" for an open end), as full dates or "".

    A year or month begins with its first day and ends with its last.
    """
    begins = [begin + "-01-01"[len(begin) - 4 :] for begin, _ in spans if begin]
    ends = [end + "-12-31"[len(end) - 4 :] for _, end in spans if end]
    return max(begins, default=""), min(ends, default="")


def year_of(date: str) -> int | None:
    """Return the year of an ISO date."""
    return int(date[:4]) if date[:4].isdecimal() and len(date) >= 4 else None


def people(names: Iterable[Any]) -> tuple[Name, ...]:
    """Return the names that are not empty."""
    return tuple(name for name in names if isinstance(name, Name) and (name.family or name.literal or name.given))


def person(family: Any, given: Any = "", suffix: Any = "") -> Name:
    """Return a person; a given name alone stands as a literal."""
    if not plain_line(family):
        return Name(literal=plain_line(given))
    return Name(family=plain_line(family), given=plain_line(given), suffix=plain_line(suffix))


def written_name(value: Any) -> Name:
    """Return the name that is written in one text: `Jane van Dyke`, `Dyke, Jane van`, a group."""
    return text.person(plain_line(value))


def page_range(start: Any, end: Any = "") -> tuple[str, str]:
    """Return (pages, article number): `113`, `25` gives `113-125`; `e1234` is an article number."""
    begin, finish = squash(str(start or "")), squash(str(end or ""))
    if text.is_article_number(begin) and finish in ("", begin):
        return "", begin
    return text.pages(begin, finish), ""


def identifiers(pairs: Sequence[tuple[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Return the (scheme, value) pairs that have a value, without repetition."""
    return tuple(dict.fromkeys((scheme, str(value).strip()) for scheme, value in pairs if str(value or "").strip()))
