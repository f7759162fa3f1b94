"""PubMed through the E-utilities (https://www.ncbi.nlm.nih.gov/books/NBK25499/): what its replies hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from evidence_review import text
from evidence_review.model.record import Citation, Name, Parsed, Rejected
from evidence_review.net.exchange import Reply
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources import jats, pubmed_articles, pubmed_xml
from evidence_review.sources.base import Item, Page, Service, next_place, text_of
from evidence_review.sources.bodies import (
    check_status,
    count_of,
    dicts,
    inner,
    json_of,
    listed,
    message_in,
    need,
    need_count,
    need_list,
    xml_of,
)
from evidence_review.sources.fields import page_range, plain_line
from evidence_review.sources.pubmed_search import MOST_IDS, SERVICE, count, search


def read(reply: Reply) -> Page:
    """Read a reply of esearch, efetch, esummary or elink."""
    head = reply.head(2000).lstrip(b"\xef\xbb\xbf \r\n\t")
    if reply.status not in (0, 200):
        check_status(reply, SERVICE)
    if head.startswith((b"{", b"[")):
        return _search_json(reply)
    if re.search(rb"<PubmedArticleSet[\s>]", head):
        return Page(_articles(reply))
    return _other_xml(reply)


def _articles(reply: Reply) -> Iterator[Item]:
    with reply.open() as stream:
        yield from pubmed_articles.articles(stream)


def _search_json(reply: Reply) -> Page:
    # Over the cap the error holds a raw line break inside a string, which strict JSON does not allow.
    data = json_of(reply, SERVICE, strict=False)
    if isinstance(data, dict) and "rate limit" in str(data.get("error", "")).lower():
        raise Failure("rate-limit", f"{SERVICE}: {data['error']} ({data.get('limit', '?')} in a second)")
    if isinstance(data, dict) and "uids" in inner(data, "result"):
        return Page(_summaries_json(inner(data, "result")))
    result = need(data, SERVICE, "esearchresult")
    if isinstance(result, dict) and result.get("ERROR"):
        words = " ".join(str(result["ERROR"]).split())
        raise _search_error(words)
    warnings, errors = inner(result, "warninglist"), inner(result, "errorlist")
    notes = (*_notes(errors), *_notes(warnings))
    clamped = next((note for note in notes if "Restrictions achieved" in note), "")
    if clamped:
        raise Failure("clamped", f"{SERVICE} gives at most {MOST_IDS:,} ids for one query; it says: {clamped}")
    hits = need_count(data, SERVICE, "esearchresult", "count")
    ids = tuple(str(item) for item in need_list(data, SERVICE, "esearchresult", "idlist"))
    return Page(
        iter(()),
        hits=hits,
        next=next_place(result.get("retstart"), len(ids), hits),
        ids=ids,
        understood=str(result.get("querytranslation", "")),
        notes=notes,
    )


def _search_error(words: str) -> Failure:
    """Return the failure of an error in a reply with status 200. A backend that fails may recover; a bad term not."""
    if "cannot be larger than" in words or "Empty term" in words or "Invalid db" in words:
        return Failure("bad-request", f"{SERVICE} refuses the query: {words}")
    return Failure("error-body", f"{SERVICE} reports an error: {words}")


def _notes(lists: dict[str, Any]) -> tuple[str, ...]:
    """Return PubMed's warnings: terms it ignored or did not find, limits it changed."""
    return tuple(
        f"{name}: {', '.join(map(str, values))}"
        for name, values in lists.items()
        if isinstance(values, list) and values
    )


def _other_xml(reply: Reply) -> Page:
    root = xml_of(reply, SERVICE)
    error = root.find("ERROR")
    if error is None and root.tag in ("eFetchResult", "error", "eError"):
        error = root
    if error is not None:
        raise _search_error(" ".join("".join(error.itertext()).split()))
    if root.tag == "eSearchResult":
        return _search_xml(root)
    if root.tag == "PubmedArticle":
        return Page(iter((pubmed_xml.article(root, b""),)))
    if root.tag == "PubmedArticleSet":
        # Only in another encoding than UTF-8, or without a single article, does it come here.
        return Page(
            pubmed_xml.book(node, b"") if node.tag == "PubmedBookArticle" else pubmed_xml.article(node, b"")
            for node in root
            if node.tag in ("PubmedArticle", "PubmedBookArticle")
        )
    if root.tag == "eSummaryResult" and root.find("DocSum") is not None:
        return Page(_summaries(root))
    if root.tag == "eLinkResult":
        linked = tuple(item.text or "" for item in root.iterfind("LinkSet/LinkSetDb/Link/Id"))
        return Page(iter(()), ids=linked)
    if root.tag == "pmc-articleset":
        return Page(jats.articles(root, "PubMed Central"))
    if root.tag == "ePostResult":
        raise Failure("unsupported", f"{SERVICE}'s ePost answer holds no records, only a place on the history server")
    raise Failure("shape", f"{SERVICE}'s answer is a '{root.tag}' that holds no articles")


def _search_xml(root: Element) -> Page:
    count = count_of(root.findtext("Count"))
    if count is None or root.find("IdList") is None:
        raise Failure("shape", f"{SERVICE}'s esearch answer lacks its Count or IdList")
    ids = tuple((item.text or "").strip() for item in root.iterfind("IdList/Id"))
    return Page(
        iter(()),
        hits=count,
        next=next_place((root.findtext("RetStart") or "0").strip(), len(ids), count),
        ids=ids,
        understood=(root.findtext("QueryTranslation") or "").strip(),
        notes=tuple(" ".join(item.itertext()) for item in root.iterfind("WarningList/*")),
    )


def _summaries(root: Element) -> Iterator[Parsed]:
    for summary in root.iterfind("DocSum"):
        values = {item.get("Name", ""): item for item in summary.iterfind("Item")}

        def value(name: str, among: dict[str, Element] = values) -> str:
            return (among[name].text or "").strip() if name in among else ""

        pmid = (summary.findtext("Id") or "").strip()
        year = re.match(r"\d{4}", value("PubDate"))
        authors = values["AuthorList"].iterfind("Item") if "AuthorList" in values else ()
        citation = Citation(
            type="article-journal",
            title=value("Title"),
            container=value("FullJournalName"),
            container_abbrev=value("Source"),
            authors=tuple(_initialled(item.text or "") for item in authors),
            year=int(year[0]) if year else None,
            date=year[0] if year else "",
            volume=value("Volume"),
            issue=value("Issue"),
            doi=value("DOI").lower(),
            pmid=pmid,
            database=SERVICE,
        )
        yield Parsed(citation, "", native_id=pmid)


def _summaries_json(result: dict[str, Any]) -> Iterator[Item]:
    for uid in listed(result.get("uids")):
        entry = inner(result, str(uid))
        if not entry or entry.get("error"):
            yield Rejected(0, f"PMID {uid} has no summary: {message_in(entry) or 'nothing stands under its number'}")
            continue
        ids = {text_of(item.get("idtype")): text_of(item.get("value")) for item in dicts(entry.get("articleids"))}
        year = text.year(text_of(entry.get("pubdate")))
        pages, number = page_range(text_of(entry.get("pages")))
        citation = Citation(
            type="article-journal",
            title=plain_line(entry.get("title")),
            container=plain_line(entry.get("fulljournalname")),
            container_abbrev=text_of(entry.get("source")),
            authors=tuple(_initialled(text_of(item.get("name"))) for item in dicts(entry.get("authors"))),
            year=year,
            date=text.date(text_of(entry.get("pubdate"))) or (str(year) if year else ""),
            volume=text_of(entry.get("volume")),
            issue=text_of(entry.get("issue")),
            pages=pages,
            article_number=number,
            doi=text.doi(ids.get("doi", "")),
            pmid=str(uid),
            pmcid=text.pmcid(ids.get("pmc", "") or ids.get("pmcid", "")),
            issn=text.issns(f"{text_of(entry.get('issn'))} {text_of(entry.get('essn'))}"),
            database=SERVICE,
        )
        yield Parsed(citation, json.dumps(entry, ensure_ascii=False), native_id=str(uid))


def _initialled(written: str) -> Name:
    """Return `Hambrick GW Jr` as a name."""
    found = re.fullmatch(r"(.+?)\s+([A-Z]{1,4})(?:\s+(Jr|Sr|\d(?:st|nd|rd|th)))?", written.strip())
    if not found:
        return Name(literal=written.strip())
    return Name(family=found[1], given=found[2], suffix=found[3] or "")


SOURCE = Service(
    id="pubmed",
    name=SERVICE,
    platform="PubMed (NCBI E-utilities)",
    home="https://eutils.ncbi.nlm.nih.gov/entrez/eutils",
    searching=search,
    limits_language=True,
    counting=count,
    reading=read,
    rate=Rate(3, 1.0, at_once=3, header_interval=True),
    keyed_rate=Rate(10, 1.0, at_once=3, header_interval=True),
)
