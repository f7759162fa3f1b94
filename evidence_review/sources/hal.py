"""HAL, the French open archive (https://api.archives-ouvertes.fr/docs/search): replies of its search in JSON.

Names of fields end in their kind; which ones are there depends on what was asked for.
"""

from __future__ import annotations

import json
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Reply
from evidence_review.net.failures import Failure
from evidence_review.sources.base import Item, Page, Reader, made, next_place, text_of
from evidence_review.sources.bodies import check_status, json_of, message_in, need_count, need_list
from evidence_review.sources.fields import (
    abstract_of,
    date_in,
    first,
    identifiers,
    page_range,
    people,
    plain_line,
    words,
    written_name,
    year_of,
)

SERVICE = "HAL"
_TYPES = {
    "ART": "article-journal", "COMM": "paper-conference", "COUV": "chapter", "OUV": "book", "DOUV": "book",
    "THESE": "thesis", "HDR": "thesis", "MEM": "thesis", "REPORT": "report", "UNDEFINED": "article",
    "POSTER": "paper-conference", "PROCEEDINGS": "book", "PATENT": "patent", "SOFTWARE": "software",
}  # fmt: skip


def read(reply: Reply) -> Page:
    """Read a page of documents."""
    check_status(reply, SERVICE)
    data = json_of(reply, SERVICE)
    if isinstance(data, dict) and "error" in data:
        raise Failure("bad-request", f"{SERVICE} refuses the question: {message_in(data)}")
    docs = need_list(data, SERVICE, "response", "docs")
    hits = need_count(data, SERVICE, "response", "numFound")
    return Page(made(docs, _record), hits=hits, next=next_place(data["response"].get("start"), len(docs), hits))


def _record(entry: dict[str, Any]) -> Item:
    raw = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    native = text_of(entry.get("halId_s")) or text_of(entry.get("docid"))
    if not native:
        return Rejected(0, "a document without an id", raw[:2000])
    date = date_in(entry.get("publicationDate_s")) or date_in(entry.get("publicationDateY_i"))
    start, _, end = text_of(entry.get("page_s")).partition("-")
    pages, number = page_range(start, end)
    titles = words(entry.get("title_s") or [])
    citation = Citation(
        type=_TYPES.get(text_of(entry.get("docType_s")), "document"),
        title=titles[0] if titles else "",
        title_original=titles[1] if len(titles) > 1 else "",
        container=plain_line(first(entry.get("journalTitle_s") or entry.get("conferenceTitle_s"))),
        authors=people(written_name(name) for name in _several(entry.get("authFullName_s"))),
        year=text.year(text_of(entry.get("publicationDateY_i") or entry.get("producedDateY_i"))) or year_of(date),
        date=date,
        volume=text_of(entry.get("volume_s")),
        issue=first(entry.get("issue_s")),
        pages=pages,
        article_number=number,
        doi=text.doi(text_of(entry.get("doiId_s"))),
        pmid=text.pmid(text_of(entry.get("pubmedId_s"))),
        other_ids=identifiers([("hal", native), ("arxiv", text_of(entry.get("arxivId_s")))]),
        issn=text.issns(f"{text_of(entry.get('journalIssn_s'))} {text_of(entry.get('journalEissn_s'))}"),
        abstract=abstract_of(first(entry.get("abstract_s"))),
        keywords=words(entry.get("keyword_s") or []),
        language=text.language(first(entry.get("language_s"))),
        urls=words([text_of(entry.get("uri_s")), text_of(entry.get("fileMain_s"))]),
        database=SERVICE,
    )
    return Parsed(citation, raw, native_id=native)


def _several(value: Any) -> list[str]:
    """Return the names of a list one by one, the same name twice where it stands twice."""
    return [name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)]


READER = Reader("hal", SERVICE, read)
