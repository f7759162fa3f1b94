"""arXiv (https://info.arxiv.org/help/api/user-manual.html): Atom feeds, one request in three seconds.

Errors come as an entry of the feed, and now and then a page in mid-run is empty: neither is an empty result.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, tostring

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources.base import Access, Item, Page, Query, Service, Steps, next_place
from evidence_review.sources.bodies import check_status, count_of, own_words, xml_of
from evidence_review.sources.fields import date_in, identifiers, people, plain, plain_line, written_name, year_of
from evidence_review.sources.slices import Axis, sliced

SERVICE = "arXiv"
PAGE, CAP = 1000, 30_000
_ATOM, _ARXIV = "{http://www.w3.org/2005/Atom}", "{http://arxiv.org/schemas/atom}"
_TOTAL = re.compile(r"\{http://a9\.com/-/spec/opensearch/1\.1/\}totalResults$")
_RAW = "{http://arxiv.org/OAI/arXivRaw/}"


def read(reply: Reply) -> Page:
    """Read a feed, or a record of the archive's OAI interface."""
    error = re.search(rb"arxiv\.org/api/errors#([\w-]+)", reply.head(4000))
    if error or (reply.status == 400 and reply.head(200).lstrip().startswith(b"<?xml")):
        words = re.search(r"<summary[^>]*>(.*?)</summary>", reply.head(8000).decode("utf-8", "replace"), re.DOTALL)
        said = " ".join(words[1].split()) if words else own_words(reply)
        raise Failure("bad-request", f"{SERVICE} refuses the question: {said}")
    if reply.head(64).strip().lower().startswith(b"rate exceeded"):
        raise Failure("rate-limit", f"{SERVICE} wants fewer requests")
    check_status(reply, SERVICE)
    root = xml_of(reply, SERVICE)
    if root.tag.endswith("}OAI-PMH"):
        return Page(_oai(root))
    total = count_of(next((node.text for node in root.iter() if _TOTAL.search(node.tag)), None))
    if root.tag != f"{_ATOM}feed" or total is None:
        raise Failure("shape", f"{SERVICE}'s answer is no feed with a totalResults")
    start = next((node.text or "" for node in root.iter() if node.tag.endswith("}startIndex")), "0").strip()
    entries = root.findall(f"{_ATOM}entry")
    return Page(map(record, entries), hits=total, next=next_place(start, len(entries), total))


def record(entry: Element) -> Item:
    """Return an entry of a feed as a citation."""

    def at(name: str) -> str:
        return " ".join((entry.findtext(name) or "").split())

    address = at(f"{_ATOM}id")
    found = re.search(r"/abs/(.+?)(v\d+)?$", address)
    raw = tostring(entry, encoding="unicode")
    if not found:
        return Rejected(0, "an entry without an arXiv id", raw[:2000])
    date = date_in(at(f"{_ATOM}published"))
    reference = at(f"{_ARXIV}journal_ref")
    comment = at(f"{_ARXIV}comment")
    citation = Citation(
        type="article",
        title=plain_line(at(f"{_ATOM}title")),
        container=SERVICE,
        authors=people(written_name(node.findtext(f"{_ATOM}name") or "") for node in entry.iterfind(f"{_ATOM}author")),
        year=year_of(date),
        date=date,
        doi=text.doi(at(f"{_ARXIV}doi")),
        other_ids=identifiers([("arxiv", found[1])]),
        abstract=plain(" ".join((entry.findtext(f"{_ATOM}summary") or "").split())),
        keywords=tuple(node.get("term", "") for node in entry.iterfind(f"{_ATOM}category")),
        urls=(address.replace("http://", "https://"),),
        database=SERVICE,
        notes=tuple(
            f"{name}: {value}" for name, value in (("Journal reference", reference), ("Comment", comment)) if value
        ),
        status=("preprint",),
    )
    return Parsed(citation, raw, native_id=found[1])


def _oai(root: Element) -> Iterator[Item]:
    error = next((node for node in root.iter() if node.tag.endswith("}error")), None)
    if error is not None:
        raise Failure("bad-request", f"{SERVICE} refuses the question: {(error.text or '').strip()}")
    for node in root.iter(f"{_RAW}arXivRaw"):
        values = {child.tag.removeprefix(_RAW): " ".join((child.text or "").split()) for child in node}
        first_version = node.find(f"{_RAW}version/{_RAW}date")
        date = text.date(re.sub(r"^\w+, | \d\d:.*$", "", first_version.text or "")) if first_version is not None else ""
        identifier = values.get("id", "")
        citation = Citation(
            type="article",
            title=plain_line(values.get("title")),
            container=SERVICE,
            authors=people(
                written_name(name) for name in re.split(r",\s+(?:and\s+)?|\s+and\s+", values.get("authors", ""))
            ),
            year=year_of(date),
            date=date,
            doi=text.doi(values.get("doi", "")),
            other_ids=identifiers([("arxiv", identifier)]),
            abstract=plain(values.get("abstract")),
            keywords=tuple(values.get("categories", "").split()),
            urls=(f"https://arxiv.org/abs/{identifier}",),
            database=SERVICE,
            status=("preprint",),
        )
        raw = tostring(node, encoding="unicode")
        yield Parsed(citation, raw, native_id=identifier) if identifier else Rejected(0, "a record without an id", raw)


def _query(query: Query) -> str:
    begin = max(query.published_from, query.added_since)
    if not begin and not query.published_to:
        return query.text
    first, last = begin.replace("-", "") or "19900101", query.published_to.replace("-", "") or "21001231"
    return f"({query.text}) AND submittedDate:[{first}0000 TO {last}2359]"


def _days(first: int, last: int) -> str:
    ends = (datetime.date.fromordinal(day).strftime("%Y%m%d") for day in (first, last))
    return "submittedDate:[{}0000 TO {}2359]".format(*ends)


_DAYS = Axis("day of submission", datetime.date(1986, 1, 1).toordinal(), datetime.date(2100, 12, 31).toordinal(), _days)


def _page(chosen: str, access: Access, start: int, size: int = PAGE, *, carries: bool = True) -> Request:
    values = (
        ("search_query", chosen), ("start", str(start)), ("max_results", str(size)), ("sortBy", "submittedDate"),
        ("sortOrder", "ascending"),
    )  # fmt: skip
    return Request(access.base, "/api/query", values, carries=carries)


def count(query: Query, access: Access) -> Request:
    """Return a request for the number of hits."""
    return _page(_query(query), access, 0, 1, carries=False)


def search(query: Query, access: Access) -> Steps:
    """Yield the pages of a search, oldest first, so that what is added meanwhile comes last."""
    limits = "date of submission" if query.published_from or query.published_to or query.added_since else ""

    def page(chosen: str, start: int, size: int) -> Request:
        return _page(chosen, access, start, size)

    return sliced(_query(query), (_DAYS,), (CAP, PAGE), page, limits)


SOURCE = Service(
    id="arxiv",
    name=SERVICE,
    platform="arXiv (API)",
    home="https://export.arxiv.org",
    searching=search,
    counting=count,
    reading=read,
    rate=Rate(1, 3.0, at_once=1),
    keyed_rate=Rate(1, 3.0, at_once=1),
)
