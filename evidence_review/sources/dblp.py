"""DBLP (https://dblp.org/faq/How+to+use+the+dblp+search+API.html): replies of its search, in XML or JSON."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree.ElementTree import Element, tostring

from evidence_review import text
from evidence_review.model.record import Citation, Parsed, Rejected
from evidence_review.net.exchange import Reply
from evidence_review.net.failures import Failure
from evidence_review.sources.base import Item, Page, Reader, next_place, text_of
from evidence_review.sources.bodies import check_status, count_of, inner, json_of, need, need_count, xml_of
from evidence_review.sources.fields import csl_type, identifiers, page_range, people, plain_line, words, written_name

SERVICE = "DBLP"
_TYPES = {
    "Journal Articles": "article-journal", "Conference and Workshop Papers": "paper-conference",
    "Books and Theses": "book", "Parts in Books or Collections": "chapter", "Editorship": "book",
    "Reference Works": "entry", "Data and Artifacts": "dataset", "Informal and Other Publications": "article",
}  # fmt: skip
# People of one name are told apart by a number after it.
_NUMBER = re.compile(r" \d{4}$")


def read(reply: Reply) -> Page:
    """Read a page of publications."""
    check_status(reply, SERVICE)
    if reply.head(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _xml(reply)
    data = json_of(reply, SERVICE)
    found = need(data, SERVICE, "result", "hits")
    hits = need_count(data, SERVICE, "result", "hits", "@total")
    entries = inner(data, "result", "hits").get("hit") or []
    entries = entries if isinstance(entries, list) else [entries]
    following = next_place(found.get("@first"), len(entries), hits)
    return Page((_entry(item) for item in entries), hits=hits, next=following)


def _entry(item: Any) -> Item:
    info = inner(item, "info")
    names = inner(info, "authors").get("author")
    names = names if isinstance(names, list) else [names]
    authors = [text_of(name.get("text")) if isinstance(name, dict) else text_of(name) for name in names]
    return _record({name: value for name, value in info.items() if name != "authors"}, authors, json.dumps(item))


def _xml(reply: Reply) -> Page:
    root = xml_of(reply, SERVICE)
    found = root.find("hits")
    total = None if found is None else count_of(found.get("total"))
    if found is None or total is None:
        raise Failure("shape", f"{SERVICE}'s answer has no 'hits' with a total; it is a '{root.tag}'")
    nodes = found.findall("hit")
    following = next_place(found.get("first"), len(nodes), total)
    return Page(map(_hit, nodes), hits=total, next=following)


def _hit(node: Element) -> Item:
    info = node.find("info")
    children = [] if info is None else list(info)
    values = {child.tag: " ".join("".join(child.itertext()).split()) for child in children if child.tag != "authors"}
    authors = ["".join(name.itertext()) for name in node.iterfind("info/authors/author")]
    return _record(values, authors, tostring(node, encoding="unicode"))


def _record(values: dict[str, Any], authors: list[str], raw: str) -> Item:
    key = text_of(values.get("key"))
    if not key:
        return Rejected(0, "a publication without a key", raw[:2000])
    year = text.year(text_of(values.get("year")))
    first, _, last = text_of(values.get("pages")).partition("-")
    pages, number = page_range(first, last)
    venue = values.get("venue")
    citation = Citation(
        type=_TYPES.get(text_of(values.get("type"))) or csl_type(values.get("type")),
        title=plain_line(text_of(values.get("title"))).removesuffix("."),
        container=plain_line(next(iter(words(venue)), "")),
        authors=people(written_name(_NUMBER.sub("", " ".join(name.split()))) for name in authors),
        year=year,
        date=str(year) if year else "",
        volume=text_of(values.get("volume")),
        issue=text_of(values.get("number")),
        pages=pages,
        article_number=number,
        doi=text.doi(text_of(values.get("doi"))),
        other_ids=identifiers([("dblp", key)]),
        urls=words([text_of(values.get("url")), text_of(values.get("ee"))]),
        publisher=plain_line(text_of(values.get("publisher"))),
        database=SERVICE,
        status=("preprint",) if text_of(venue) == "CoRR" else (),
    )
    return Parsed(citation, raw, native_id=key)


READER = Reader("dblp", SERVICE, read)
