"""Europe PMC (https://europepmc.org/RestfulWebService): a cursor over the whole result, 1,000 records a page.

Now and then it answers 200 with nothing but its version: that is a failure, never zero hits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from evidence_review import text
from evidence_review.model.record import Citation, Name, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request, question
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources import europepmc_dc, languages
from evidence_review.sources.base import Access, Got, Item, Page, Query, Service, Steps, made, paged, text_of
from evidence_review.sources.bodies import (
    check_status,
    count_of,
    dicts,
    inner,
    json_of,
    message_in,
    need_count,
    need_list,
    xml_of,
)
from evidence_review.sources.fields import (
    abstract_of,
    date_in,
    identifiers,
    iso_date,
    page_range,
    people,
    plain_line,
    words,
    year_of,
)

SERVICE = "Europe PMC"
PAGE = 1000
_TYPES = {
    "preprint": "article", "book": "book", "book chapter": "chapter", "patent": "patent", "thesis": "thesis",
    "dissertation": "thesis", "congress": "paper-conference",
}  # fmt: skip
_STATUS = {
    "preprint": "preprint", "retracted publication": "retracted", "retraction of publication": "retraction-notice",
    "published erratum": "erratum", "erratum": "erratum", "correction": "erratum", "meeting abstract": "abstract",
    "clinical trial protocol": "protocol",
}  # fmt: skip


def read(reply: Reply) -> Page:
    """Read a page of results, in JSON or in one of the service's XML forms."""
    check_status(reply, SERVICE)
    if reply.head(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _xml(reply)
    data = json_of(reply, SERVICE)
    if isinstance(data, dict) and "errCode" in data:
        raise Failure("error-body", f"{SERVICE} reports an error: {data.get('errMsg', '')}")
    if isinstance(data, dict) and "resultList" not in data and message_in(data):
        raise Failure("error-body", f"{SERVICE} reports an error: {message_in(data)}")
    hits = need_count(data, SERVICE, "hitCount")
    items = need_list(data, SERVICE, "resultList", "result")
    request = data.get("request") or {}
    return Page(
        made(items, _record),
        hits=hits,
        next=text_of(data.get("nextCursorMark")),
        understood=text_of(request.get("queryString")) if isinstance(request, dict) else "",
    )


def _xml(reply: Reply) -> Page:
    root = xml_of(reply, SERVICE)
    if root.tag == "errorBean":
        raise Failure("error-body", f"{SERVICE} reports an error: {(root.findtext('errMsg') or '').strip()}")
    count = count_of(root.findtext("hitCount"))
    if count is None:
        raise Failure("shape", f"{SERVICE}'s answer lacks its hitCount; it is a '{root.tag}'")
    following = (root.findtext("nextCursorMark") or "").strip()
    if root.find("resultList") is not None:
        items: Iterator[Item] = (_record(_tree(node)) for node in root.iterfind("resultList/result"))
    else:
        items = (
            europepmc_dc.record(node, SERVICE, initialled, _judged)
            for node in root.iter()
            if node.tag.endswith("}Description")
        )
    return Page(items, hits=count, next=following)


def _tree(node: Any) -> dict[str, Any]:
    """Return an XML result in the shape of its JSON twin."""
    found: dict[str, Any] = {}
    for child in node:
        value: Any = _tree(child) if len(child) else (child.text or "").strip()
        if child.tag in found:
            before = found[child.tag]
            found[child.tag] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[child.tag] = value
    return found


def _judged(kinds: Sequence[str], usual: str = "article-journal") -> tuple[str, tuple[str, ...]]:
    """Return (CSL type, statuses) for types of publication in lower case."""
    found = (_STATUS[kind] for kind in kinds if kind in _STATUS)
    return next((_TYPES[kind] for kind in kinds if kind in _TYPES), usual), tuple(dict.fromkeys(found))


def _list(data: Any, *path: str) -> list[Any]:
    """Return the list at a path where the service may leave out any step; a lone item counts as a list."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data if isinstance(data, list) else [] if data in (None, "") else [data]


def _record(item: dict[str, Any]) -> Item:
    native = "/".join(filter(None, (text_of(item.get("source")), text_of(item.get("id")))))
    raw = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    if not item.get("id"):
        return Rejected(0, "a result without an id", raw[:2000])
    journal = inner(item, "journalInfo")
    shelf = inner(journal, "journal")
    book = inner(item, "bookOrReportDetails")
    issn = " ".join(text_of(value) for value in (shelf.get("issn"), shelf.get("essn"), item.get("journalIssn")))
    usual = "article" if item.get("source") == "PPR" else "article-journal"
    kinds = [text_of(kind) for kind in _list(item, "pubTypeList", "pubType")]
    kinds += text_of(item.get("pubType")).split("; ") if item.get("pubType") else []
    kind, status = _judged([kind.lower() for kind in kinds], usual)
    pages, number = page_range(text_of(item.get("pageInfo")))
    # The service's full dates are padded with first days; year and month of the issue are what is known.
    date = iso_date(journal.get("yearOfPublication"), journal.get("monthOfPublication"))
    date = date or date_in(item.get("firstPublicationDate")) or text_of(item.get("pubYear"))
    citation = Citation(
        type=kind,
        title=plain_line(item.get("title")),
        container=plain_line(shelf.get("title") or item.get("journalTitle") or book.get("comprisingTitle")),
        container_abbrev=text_of(shelf.get("isoabbreviation") or shelf.get("medlineAbbreviation")),
        authors=_authors(item),
        year=year_of(text_of(item.get("pubYear"))) or year_of(date),
        date=date,
        volume=text_of(journal.get("volume") or item.get("journalVolume")),
        issue=text_of(journal.get("issue") or item.get("issue")),
        pages=pages,
        article_number=number,
        doi=text.doi(text_of(item.get("doi"))),
        pmid=text_of(item.get("pmid")) or (text_of(item.get("id")) if item.get("source") == "MED" else ""),
        pmcid=text.pmcid(text_of(item.get("pmcid"))),
        other_ids=identifiers([("europepmc", native if item.get("source") not in ("MED", "PMC") else "")]),
        issn=text.issns(issn),
        abstract=abstract_of(item.get("abstractText")),
        keywords=words(_list(item, "keywordList", "keyword")),
        terms=_terms(item),
        language=text.language(text_of(item.get("language"))),
        publisher=plain_line(book.get("publisher")),
        urls=(f"https://europepmc.org/article/{native}",),
        database=SERVICE,
        notes=(f"Publication types: {'; '.join(dict.fromkeys(kinds))}",) if kinds else (),
        status=status,
    )  # fmt: skip
    return Parsed(citation, raw, native_id=native)


def _authors(item: dict[str, Any]) -> tuple[Name, ...]:
    listed = dicts(_list(item, "authorList", "author"))
    if not listed:
        written = text_of(item.get("authorString")).rstrip(".")
        return people(initialled(name) for name in written.split(", ") if name)
    found = []
    for author in listed:
        if author.get("collectiveName"):
            found.append(Name(literal=plain_line(author["collectiveName"])))
        elif author.get("lastName"):
            given = text_of(author.get("firstName")) or text_of(author.get("initials"))
            found.append(Name(plain_line(author["lastName"]), plain_line(given), text_of(author.get("suffix"))))
        else:
            found.append(initialled(text_of(author.get("fullName"))))
    return people(found)


def initialled(written: str) -> Name:
    """Return `Haas-Kogan DA` as a name."""
    family, _, given = written.strip().rpartition(" ")
    if family and given.isupper() and len(given) <= 4:
        return Name(family=family, given=given)
    return text.person(written)


def _terms(item: dict[str, Any]) -> tuple[str, ...]:
    """Return MeSH headings as MEDLINE writes them."""
    found = []
    for heading in dicts(_list(item, "meshHeadingList", "meshHeading")):
        name = ("*" if heading.get("majorTopic_YN") == "Y" else "") + text_of(heading.get("descriptorName"))
        for qualifier in dicts(_list(heading, "meshQualifierList", "meshQualifier")):
            star = "*" if qualifier.get("majorTopic_YN") == "Y" else ""
            name += f"/{star}{text_of(qualifier.get('qualifierName'))}"
        found.append(name)
    return tuple(filter(None, found))


def _query(query: Query) -> str:
    found = query.text
    if query.languages:
        # Preprints mostly carry no language; a limit must not lose them.
        among = " OR ".join(f"LANG:{languages.marc(code)}" for code in query.languages)
        found = f"({found}) AND ({among} OR SRC:PPR)"
    if query.published_from or query.published_to:
        begin, end = query.published_from or "1000-01-01", query.published_to or "3000-12-31"
        found = f"({found}) AND (FIRST_PDATE:[{begin} TO {end}])"
    if query.added_since:
        found = f"({found}) AND (FIRST_IDATE:[{query.added_since} TO 3000-12-31])"
    return found


def _page(query: Query, access: Access, cursor: str, size: int = PAGE, *, carries: bool = True) -> Request:
    values = (
        ("query", _query(query)), ("resultType", "core"), ("format", "json"), ("pageSize", str(size)),
        ("cursorMark", cursor),
    )  # fmt: skip
    path = "/search"
    return question(access.base, path, values, post_if_long="/searchPOST", carries=carries)


def count(query: Query, access: Access) -> Request:
    """Return a request for the number of hits."""
    return _page(query, access, "*", 1, carries=False)


def search(query: Query, access: Access) -> Steps:
    """Yield the pages of a search."""
    cursors = {"*"}

    def follow(got: Got, _: int) -> Request | None:
        if not got.next or got.next in cursors:
            return None
        cursors.add(got.next)
        return _page(query, access, got.next)

    limits = []
    if query.published_from or query.published_to:
        limits.append(f"first publication date {query.published_from or 'any'} to {query.published_to or 'any'}")
    if query.added_since:
        limits.append(f"first indexed since {query.added_since}")
    return paged(_page(query, access, "*"), follow, "; ".join(limits))


SOURCE = Service(
    id="europepmc",
    name=SERVICE,
    platform="Europe PMC (RESTful web service)",
    home="https://www.ebi.ac.uk/europepmc/webservices/rest",
    searching=search,
    limits_language=True,
    counting=count,
    reading=read,
    rate=Rate(5, 1.0, at_once=2),
    keyed_rate=Rate(5, 1.0, at_once=2),
)
