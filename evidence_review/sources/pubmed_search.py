"""How PubMed is searched: the ids first, slice by slice, then the articles in batches.

A query gives at most 9,999 ids, however it is paged and also through the history server
(https://www.ncbi.nlm.nih.gov/books/NBK25499/). Beyond that the search is sliced by the day on which PubMed took a
record in (each record has exactly one), and a day by PMID, until every slice fits; the slices' counts must add up to
the whole.
"""

from __future__ import annotations

import datetime
from collections.abc import Generator

from evidence_review.net.exchange import Request, question
from evidence_review.net.failures import Failure
from evidence_review.sources import languages
from evidence_review.sources.base import Access, Found, Got, Query, Steps

SERVICE = "PubMed"
MOST_IDS = 9999
BATCH = 200
_FIRST_DAY, _LAST_PMID = datetime.date(1700, 1, 1), 99_999_999
_TOOL = "evidence-review"


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
        ids = yield from _sliced(access, term, whole)
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


class _NoSlicesError(Exception):
    """The service ignores what a slice is to be limited to: the parts come to more than the whole."""


def _sliced(access: Access, term: str, whole: Got) -> Generator[Request, Got, tuple[str, ...]]:
    """Return the ids of a query over the cap: by date, by PMID where dates make no difference.

    Raises:
        Failure: neither makes a difference, so only the first part of the result can be had.
    """
    span = (_FIRST_DAY, _last_day())
    try:
        got = yield _esearch(access, term, dates=_dates(*span))
        return (yield from _by_date(access, term, *span, got))
    except _NoSlicesError:
        try:
            return (yield from _by_pmid(access, term, ("", ""), 1, _LAST_PMID, whole))
        except _NoSlicesError:
            raise Failure(
                "clamped", f"{SERVICE} gives {MOST_IDS:,} of {whole.hits or 0:,} and ignores limits of dates and PMIDs"
            ) from None


def _dates(begin: datetime.date, end: datetime.date) -> tuple[str, str]:
    return begin.strftime("%Y/%m/%d"), end.strftime("%Y/%m/%d")


def _check_parts(whole: Got, parts: list[Got]) -> None:
    """Refuse parts that overlap. A few more than the whole may have been added since it was counted."""
    hits = whole.hits or 0
    if sum(part.hits or 0 for part in parts) > hits + max(100, hits // 10):
        raise _NoSlicesError


def _by_date(
    access: Access, term: str, begin: datetime.date, end: datetime.date, got: Got
) -> Generator[Request, Got, tuple[str, ...]]:
    """Return the ids that were entered in `begin`…`end`, halving until a slice fits; `got` answers for the whole."""
    if (got.hits or 0) <= MOST_IDS:
        return (yield from _slice(access, term, got, _dates(begin, end)))
    if begin == end:
        return (yield from _by_pmid(access, term, _dates(begin, end), 1, _LAST_PMID, got))
    middle = _middle(begin, end)
    halves = ((begin, middle), (middle + datetime.timedelta(days=1), end))
    parts = []
    for half in halves:
        parts.append((yield _esearch(access, term, dates=_dates(*half))))
    _check_parts(got, parts)
    found: tuple[str, ...] = ()
    for half, part in zip(halves, parts, strict=True):
        found += yield from _by_date(access, term, *half, part)
    return found


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
    access: Access, term: str, dates: tuple[str, str], low: int, high: int, got: Got
) -> Generator[Request, Got, tuple[str, ...]]:
    """Return the ids in the PMID range `low`…`high`, halving until a slice fits. `got` answers for the whole range."""
    if low >= high:
        return ()
    middle = (low + high) // 2
    ranges = ((low, middle), (middle + 1, high))
    terms = [f"({term}) AND {begin}:{end}[UID]" for begin, end in ranges]
    parts = []
    for part_term in terms:
        parts.append((yield _esearch(access, part_term, dates=dates)))
    _check_parts(got, parts)
    found: tuple[str, ...] = ()
    for (begin, end), part_term, part in zip(ranges, terms, parts, strict=True):
        if (part.hits or 0) > MOST_IDS:
            found += yield from _by_pmid(access, term, dates, begin, end, part)
        else:
            found += yield from _slice(access, part_term, part, dates)
    return found


def _fetch(access: Access, ids: tuple[str, ...]) -> Generator[Request, Got, set[str]]:
    """Fetch articles in batches; what a batch left out is asked for once more by itself."""
    delivered: set[str] = set()
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        got = yield efetch(access, batch)
        delivered.update(got.native)
        late = tuple(pmid for pmid in batch if pmid not in delivered)
        if late and len(late) < len(batch):
            got = yield efetch(access, late, least=0)
            delivered.update(got.native)
    return delivered


def efetch(access: Access, ids: tuple[str, ...], least: int = 1) -> Request:
    """Return a request for articles by PMID."""
    values = (("tool", _TOOL), ("db", "pubmed"), ("retmode", "xml"), ("id", ",".join(ids)))
    return Request(access.base, "/efetch.fcgi", form=values, secret_params=_common(access), least=least)
