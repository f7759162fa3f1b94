"""PubMed through the E-utilities (https://www.ncbi.nlm.nih.gov/books/NBK25499/).

A query gives at most 9,999 ids, however it is paged and also through the history server. Beyond that the search is
sliced by the day on which PubMed took a record in (each record has exactly one), and a day by PMID, until every slice
fits; the slices' counts must add up to the whole.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Generator, Iterator
from typing import Any
from xml.etree.ElementTree import Element

from evidence_review.model.record import Citation, Name, Parsed
from evidence_review.net.exchange import Reply, Request, question
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources import jats, languages, pubmed_xml
from evidence_review.sources.base import Access, Found, Got, Item, Page, Query, Service, Steps
from evidence_review.sources.bodies import check_status, inner, json_of, need, need_count, need_list, xml_of

SERVICE = "PubMed"
MOST_IDS = 9999
BATCH = 200
_FIRST_DAY, _LAST_PMID = datetime.date(1700, 1, 1), 99_999_999
_TOOL = "evidence-review"


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
        yield from pubmed_xml.articles(stream)


def _search_json(reply: Reply) -> Page:
    # Over the cap the error holds a raw line break inside a string, which strict JSON does not allow.
    data = json_of(reply, SERVICE, strict=False)
    if isinstance(data, dict) and "rate limit" in str(data.get("error", "")).lower():
        raise Failure("rate-limit", f"{SERVICE}: {data['error']} ({data.get('limit', '?')} in a second)")
    result = need(data, SERVICE, "esearchresult")
    if isinstance(result, dict) and result.get("ERROR"):
        words = " ".join(str(result["ERROR"]).split())
        raise _search_error(words)
    warnings, errors = inner(result, "warninglist"), inner(result, "errorlist")
    notes = (*_notes(errors), *_notes(warnings))
    clamped = next((note for note in notes if "Restrictions achieved" in note), "")
    if clamped:
        raise Failure("clamped", f"{SERVICE} gives at most {MOST_IDS:,} ids for one query; it says: {clamped}")
    return Page(
        iter(()),
        hits=need_count(data, SERVICE, "esearchresult", "count"),
        ids=tuple(str(item) for item in need_list(data, SERVICE, "esearchresult", "idlist")),
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
    if root.tag == "eSummaryResult":
        return Page(_summaries(root))
    if root.tag == "eLinkResult":
        linked = tuple(item.text or "" for item in root.iterfind("LinkSet/LinkSetDb/Link/Id"))
        return Page(iter(()), ids=linked)
    if root.tag == "pmc-articleset":
        return Page(jats.articles(root, "PubMed Central"))
    if root.tag == "ePostResult":
        raise Failure("unsupported", f"{SERVICE}'s ePost answer holds no records, only a place on the history server")
    raise Failure("shape", f"{SERVICE}'s answer is a '{root.tag}', which holds no articles")


def _search_xml(root: Element) -> Page:
    count = (root.findtext("Count") or "").strip()
    if not count.isdecimal() or root.find("IdList") is None:
        raise Failure("shape", f"{SERVICE}'s esearch answer lacks its Count or IdList")
    return Page(
        iter(()),
        hits=int(count),
        ids=tuple((item.text or "").strip() for item in root.iterfind("IdList/Id")),
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


def _initialled(written: str) -> Name:
    """Return `Hambrick GW Jr` as a name."""
    found = re.fullmatch(r"(.+?)\s+([A-Z]{1,4})(?:\s+(Jr|Sr|\d(?:st|nd|rd|th)))?", written.strip())
    if not found:
        return Name(literal=written.strip())
    return Name(family=found[1], given=found[2], suffix=found[3] or "")


def _common(access: Access) -> tuple[tuple[str, str], ...]:
    named = [("api_key", access.key), ("email", access.email)]
    return tuple((name, value) for name, value in named if value)


def _ask(access: Access, path: str, values: tuple[tuple[str, str], ...], *, carries: bool) -> Request:
    asked = question(access.base, path, (("tool", _TOOL), *values), post_if_long=path, carries=carries)
    return Request(asked.base, asked.path, asked.params, asked.form, _common(access), carries=carries)


def _esearch(
    access: Access, term: str, start: int = 0, most: int = MOST_IDS, dates: tuple[str, str] = ("", "")
) -> Request:
    values = [("db", "pubmed"), ("term", term), ("retmode", "json"), ("retstart", str(start)), ("retmax", str(most))]
    if dates[0]:
        values += [("datetype", "edat"), ("mindate", dates[0]), ("maxdate", dates[1])]
    return _ask(access, "/esearch.fcgi", tuple(values), carries=False)


def _term(query: Query) -> str:
    """Return the query with the limits of publication dates in PubMed's own words."""
    term = languages.limited(query.text, query.languages, lambda code: f"{languages.name(code).lower()}[Language]")
    if query.published_from or query.published_to:
        begin = (query.published_from or "1000-01-01").replace("-", "/")
        end = (query.published_to or "3000").replace("-", "/")
        term = f'({term}) AND ("{begin}"[Date - Publication] : "{end}"[Date - Publication])'
    if query.added_since:
        term = f'({term}) AND ("{query.added_since.replace("-", "/")}"[Date - Entry] : "3000"[Date - Entry])'
    return term


def limits_of(query: Query) -> str:
    """Return the limits that were applied, in words."""
    parts = []
    if query.published_from or query.published_to:
        parts.append(f"publication date {query.published_from or 'any'} to {query.published_to or 'any'}")
    if query.added_since:
        parts.append(f"added since {query.added_since}")
    return "; ".join(parts)


def count(query: Query, access: Access) -> Request:
    """Return a request for the number of hits."""
    return _esearch(access, _term(query), most=0)


def search(query: Query, access: Access) -> Steps:
    """Yield the requests of a search: the ids first, slice by slice, then the articles in batches."""
    term = _term(query)
    whole = yield _esearch(access, term)
    hits = whole.hits or 0
    missing: list[str] = []
    if hits <= MOST_IDS:
        ids = yield from _slice(access, term, whole, ("", ""))
        if len(ids) < hits:
            missing.append(f"{hits - len(ids):,} of {hits:,} ids were not listed")
    else:
        ids = yield from _by_date(access, term, _FIRST_DAY, _last_day())
        if len(ids) < hits:
            missing.append(f"{hits - len(ids):,} of {hits:,} lie in no slice of entry dates and PMIDs")
    unique = tuple(dict.fromkeys(ids))
    delivered = yield from _fetch(access, unique)
    gone = [pmid for pmid in unique if pmid not in delivered]
    if gone:
        shown = ", ".join(gone[:20]) + (" …" if len(gone) > 20 else "")
        missing.append(f"{len(gone):,} listed but not delivered: PMID {shown}")
    at_end = max(hits, len(unique)) if not missing else hits
    notes = tuple(note for note in whole.notes if not note.startswith("outputmessages"))
    return Found(hits, at_end, len(delivered), whole.understood, tuple(missing), None, limits_of(query), notes)


def _last_day() -> datetime.date:
    """Return a day that lies after every entry date, the same whenever a search is resumed."""
    return datetime.date(2100, 12, 31)


def _slice(access: Access, term: str, got: Got, dates: tuple[str, str]) -> Generator[Request, Got, tuple[str, ...]]:
    """Return all ids of a query that fits under the cap, paging on where the service gave fewer than were asked for."""
    ids = list(got.ids)
    hits = got.hits or 0
    while len(ids) < hits and got.ids:
        got = yield _esearch(access, term, len(ids), MOST_IDS - len(ids), dates)
        ids.extend(got.ids)
    return tuple(ids)


def _by_date(
    access: Access, term: str, begin: datetime.date, end: datetime.date
) -> Generator[Request, Got, tuple[str, ...]]:
    """Return the ids that were entered in `begin`…`end`, halving until a slice fits."""
    dates = (begin.strftime("%Y/%m/%d"), end.strftime("%Y/%m/%d"))
    got = yield _esearch(access, term, dates=dates)
    hits = got.hits or 0
    if hits <= MOST_IDS:
        return (yield from _slice(access, term, got, dates))
    if begin == end:
        return (yield from _by_pmid(access, term, dates, 1, _LAST_PMID, hits))
    middle = _middle(begin, end)
    early = yield from _by_date(access, term, begin, middle)
    late = yield from _by_date(access, term, middle + datetime.timedelta(days=1), end)
    return (*early, *late)


def _middle(begin: datetime.date, end: datetime.date) -> datetime.date:
    """Return where to cut: between years while there are several, then between months, then between days."""
    if begin.year < end.year:
        # Most of PubMed is young: cut the last third of a long span off first.
        years = end.year - begin.year
        return datetime.date(begin.year + (years * 2 // 3 if years > 3 else (years - 1) // 2), 12, 31)
    if begin.month < end.month:
        month = (begin.month + end.month) // 2
        return datetime.date(begin.year, month + 1, 1) - datetime.timedelta(days=1)
    return begin + (end - begin) // 2


def _by_pmid(
    access: Access, term: str, dates: tuple[str, str], low: int, high: int, hits: int
) -> Generator[Request, Got, tuple[str, ...]]:
    """Return the ids of one day in the PMID range `low`…`high`, halving until a slice fits."""
    if hits > MOST_IDS and low < high:
        middle = (low + high) // 2
        found: tuple[str, ...] = ()
        for begin, end in ((low, middle), (middle + 1, high)):
            part = f"({term}) AND {begin}:{end}[UID]"
            got = yield _esearch(access, part, dates=dates)
            if (got.hits or 0) > MOST_IDS:
                found += yield from _by_pmid(access, term, dates, begin, end, got.hits or 0)
            else:
                found += yield from _slice(access, part, got, dates)
        return found
    return ()


def _fetch(access: Access, ids: tuple[str, ...]) -> Generator[Request, Got, set[str]]:
    """Fetch articles in batches; what a batch left out is asked for once more by itself."""
    delivered: set[str] = set()
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        got = yield _efetch(access, batch)
        delivered.update(got.native)
        late = tuple(pmid for pmid in batch if pmid not in delivered)
        if late and len(late) < len(batch):
            got = yield _efetch(access, late, least=0)
            delivered.update(got.native)
    return delivered


def _efetch(access: Access, ids: tuple[str, ...], least: int = 1) -> Request:
    values = (("tool", _TOOL), ("db", "pubmed"), ("retmode", "xml"), ("id", ",".join(ids)))
    return Request(access.base, "/efetch.fcgi", form=values, secret_params=_common(access), least=least)


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
