"""Every source is paged to its end: all that its service holds is delivered, and what cannot be is said."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from fake_http import Answer, Asked, as_json
from fake_services import EuropePmc
from source_steps import drive

from evidence_review.errors import UsageError
from evidence_review.net.exchange import reply_of_bytes
from evidence_review.net.failures import Failure
from evidence_review.sources import SOURCES, get, names
from evidence_review.sources.base import Access, Query

Model = Callable[[int], Callable[[Asked], Answer]]


def window(asked: Asked, count: int, start: str, size: str) -> range:
    """Return the numbers (from 1) of the records on a page."""
    begin = int(asked.values.get(start, 0) or 0)
    return range(begin + 1, min(begin + int(asked.values[size]), count) + 1)


def openalex(count: int) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        begin = 0 if asked.values["cursor"] == "*" else int(asked.values["cursor"])
        end = min(begin + int(asked.values["per_page"]), count)
        works = [{"id": f"https://openalex.org/W{n}", "title": f"Work {n}"} for n in range(begin + 1, end + 1)]
        return as_json({"meta": {"count": count, "next_cursor": str(end) if works else None}, "results": works})

    return answer


def ctgov(count: int) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        begin = int(asked.values.get("pageToken", "t0")[1:])
        end = min(begin + int(asked.values["pageSize"]), count)
        studies = [
            {"protocolSection": {"identificationModule": {"nctId": f"NCT{n:08d}", "briefTitle": f"Trial {n}"}}}
            for n in range(begin + 1, end + 1)
        ]
        page: dict[str, Any] = {"studies": studies}
        if begin == 0:
            page["totalCount"] = count
        if end < count:
            page["nextPageToken"] = f"t{end}"
        return as_json(page)

    return answer


def crossref(count: int) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        begin = 0 if asked.values["cursor"] == "*" else int(asked.values["cursor"])
        end = min(begin + int(asked.values["rows"]), count)
        items = [{"DOI": f"10.5555/c.{n}", "title": [f"Work {n}"], "type": "report"} for n in range(begin + 1, end + 1)]
        message = {"total-results": count, "items": items, "next-cursor": str(end)}
        return as_json({"status": "ok", "message-type": "work-list", "message": message})

    return answer


def semanticscholar(count: int) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        begin = int(asked.values.get("token", 0))
        end = min(begin + 1000, count)
        page: dict[str, Any] = {"total": count, "token": str(end) if end < count else None}
        if count:
            page["data"] = [{"paperId": f"p{n}", "title": f"Paper {n}"} for n in range(begin + 1, end + 1)]
        return as_json(page)

    return answer


def doaj(count: int, year: Callable[[int], int | None] = lambda n: 2000 + n % 20) -> Callable[[Asked], Answer]:
    """Holds articles of a year each, taken in on consecutive days; gives 1,000 for a query; refuses wildcards."""
    days = [(_FIRST + datetime.timedelta(n)).isoformat() for n in range(count + 1)]

    def answer(asked: Asked) -> Answer:
        assert "%20" in asked.path
        assert "+" not in asked.path
        query = unquote(asked.path)
        if re.search(r"[*?~]", query):
            return as_json({"status": "bad_request", "error": "Query contains disallowed Lucene features"}, 400)
        page, size = int(asked.values["page"]), int(asked.values["pageSize"])
        if (page - 1) * size >= 1000:
            return as_json({"status": "bad_request", "error": "You cannot access results beyond 1000"}, 400)
        numbers = [n for n in range(1, count + 1) if _in_doaj(query, year(n), days[n])]
        results = [
            {"id": f"d{n}", "bibjson": {"title": f"Article {n}"}} for n in numbers[(page - 1) * size : page * size]
        ]
        return as_json(
            {"total": len(numbers), "page": page, "pageSize": size, "query": unquote(asked.path), "results": results}
        )

    return answer


_FIRST = datetime.date(2010, 1, 1)


def _in_doaj(query: str, year: int | None, added: str) -> bool:
    """Whether an article meets the limits of a query."""
    if "NOT _exists_:bibjson.year" in query and year is not None:
        return False
    years = re.findall(r"bibjson\.year:\[(\d{4}) TO (\d{4})\]", query)
    days = re.findall(r"created_date:\[(\S{10}) TO (\S{10})\]", query)
    return all(year is not None and int(low) <= year <= int(high) for low, high in years) and all(
        low <= added <= high for low, high in days
    )


def arxiv(count: int) -> Callable[[Asked], Answer]:
    """Holds a hundred preprints of each day; gives 30,000 for a query."""
    days = [(_FIRST + datetime.timedelta(n // 100)).strftime("%Y%m%d") for n in range(count + 1)]

    def answer(asked: Asked) -> Answer:
        spans = re.findall(r"submittedDate:\[(\d{8})0000 TO (\d{8})2359\]", asked.values["search_query"])
        held = [n for n in range(1, count + 1) if all(low <= days[n] <= high for low, high in spans)]
        assert int(asked.values["start"]) < 30_000
        numbers = [held[place - 1] for place in window(asked, len(held), "start", "max_results")]
        entries = "".join(
            f"<entry><id>http://arxiv.org/abs/2001.{n:05d}v2</id><title>Preprint {n}</title><published>"
            f"2020-01-02T00:00:00Z</published><summary>Text</summary><author><name>Bea Aalto</name></author></entry>"
            for n in numbers
        )
        feed = (
            '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
            'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
            f"<opensearch:totalResults>{len(held)}</opensearch:totalResults>{entries}</feed>"
        )
        return Answer(feed.encode())

    return answer


def eric(count: int) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        docs = [{"id": f"EJ{n}", "title": f"Study {n}"} for n in window(asked, count, "start", "rows")]
        return as_json({"response": {"numFound": count, "start": int(asked.values["start"]), "docs": docs}})

    return answer


def core(count: int) -> Callable[[Asked], Answer]:
    """Holds works of eleven years, a thousandth without any; gives 10,000 for a query."""

    def answer(asked: Asked) -> Answer:
        if int(asked.values["limit"]) > 100:
            return Answer(b"Gateway Timeout", 504)
        query = asked.values["q"]
        bounds = re.findall(r"yearPublished(>=|<=)(\d{4})", query)
        low = max([int(year) for sign, year in bounds if sign == ">="], default=0)
        high = min([int(year) for sign, year in bounds if sign == "<="], default=9999)
        held = [n for n in range(1, count + 1) if (low <= 2000 + n % 11 <= high if n % 1000 else not bounds)]
        if "NOT _exists_:yearPublished" in query:
            held = [n for n in held if n % 1000 == 0]
        assert int(asked.values["offset"]) < 10_000
        places = window(asked, len(held), "offset", "limit")
        works = [{"id": held[place - 1], "title": f"Work {place}"} for place in places]
        return as_json({"totalHits": len(held), "limit": 100, "offset": int(asked.values["offset"]), "results": works})

    return answer


def datacite(count: int) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        begin = 0 if asked.values["page[cursor]"] == "1" else int(asked.values["page[cursor]"])
        end = min(begin + int(asked.values["page[size]"]), count)
        data = [
            {"attributes": {"doi": f"10.5555/d.{n}", "titles": [{"title": f"Data {n}"}]}}
            for n in range(begin + 1, end + 1)
        ]
        links = {"next": f"https://api/dois?page%5Bcursor%5D={end}&page%5Bsize%5D=500"} if end < count else {}
        return as_json({"data": data, "meta": {"total": count}, "links": links})

    return answer


def europepmc(count: int) -> Callable[[Asked], Answer]:
    return EuropePmc(count).answer


def own_api(count: int) -> Callable[[Asked], Answer]:
    """Pages of 30, whatever anybody assumes; the place stands in the path."""

    def answer(asked: Asked) -> Answer:
        begin = int(asked.path.split("/")[-2])
        entries = [
            {
                "doi": f"10.1101/{n}",
                "title": f"Preprint {n}",
                "date": "2024-01-01",
                "version": "1",
                "authors": "Aalto, B.",
            }
            for n in range(begin + 1, min(begin + 30, count) + 1)
        ]
        message = {
            "status": "ok" if count else "no posts found",
            "cursor": begin,
            "count": len(entries),
            "total": str(count),
        }
        return as_json({"messages": [message], "collection": entries})

    return answer


def scopus(count: int) -> Callable[[Asked], Answer]:
    """Holds one record in a thousandth of a year; gives at most 5,000 for a query."""

    def answer(asked: Asked) -> Answer:
        bounds = re.findall(r"PUBYEAR ([<>]) (\d+)", asked.values["query"])
        low = max([int(year) for sign, year in bounds if sign == ">"], default=0)
        high = min([int(year) for sign, year in bounds if sign == "<"], default=9999)
        numbers = [n for n in range(1, count + 1) if low < 1990 + n // 1000 < high]
        begin = int(asked.values["start"])
        if begin >= 5000:
            return as_json({"service-error": {"status": {"statusText": "Exceeds the maximum number"}}}, 400)
        entries = [
            {"eid": f"2-s2.0-{n}", "dc:title": f"Paper {n}"}
            for n in numbers[begin : begin + int(asked.values["count"])]
        ]
        results = {
            "opensearch:totalResults": str(len(numbers)),
            "entry": entries or [{"error": "Result set was empty"}],
        }
        return as_json({"search-results": results})

    return answer


def ieee(count: int) -> Callable[[Asked], Answer]:
    """Counts records from 1, and sends a page of one record without its list."""

    def answer(asked: Asked) -> Answer:
        start, size = int(asked.values["start_record"]), int(asked.values["max_records"])
        assert size <= 200
        numbers = range(start, min(start + size, count + 1))
        page: dict[str, Any] = {"total_records": count, "total_searched": 5_000_000}
        if size > 1 and count:
            page["articles"] = [{"article_number": str(n), "title": f"Paper {n}"} for n in numbers]
        return as_json(page)

    return answer


MODELS: dict[str, Model] = {
    "europepmc": europepmc, "openalex": openalex, "ctgov": ctgov, "crossref": crossref,
    "semanticscholar": semanticscholar, "doaj": doaj, "arxiv": arxiv, "eric": eric, "core": core, "datacite": datacite,
    "medrxiv": europepmc, "biorxiv": europepmc, "medrxiv-api": own_api, "biorxiv-api": own_api, "scopus": scopus,
    "ieee": ieee,
}  # fmt: skip
QUERY = Query("partnership hospital")


def test_every_source_but_pubmed_has_a_model_here() -> None:
    """A new source is tested like the others (PubMed's slices have tests of their own)."""
    assert set(MODELS) | {"pubmed"} == set(SOURCES)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("count", [0, 1, 997, 2345])
def test_all_that_a_service_holds_is_delivered_once(name: str, count: int) -> None:
    """Pages follow to the end, none is asked for twice, nothing is missing; Crossref stops by plan and says so."""
    found, delivered, asked = drive(get(name), MODELS[name](count), QUERY)
    expected = min(count, 1000) if name == "crossref" else count
    assert (found.hits, len(delivered), len(set(delivered))) == (count, expected, expected)
    assert found.missing == ()
    assert found.planned == (1000 if name == "crossref" and count > 1000 else None)
    assert len({(request.key, request.carries) for request in asked}) == len(asked)


def test_scopus_beyond_its_cap_is_sliced_by_year() -> None:
    """12,345 records over thirteen years come whole, though one query gives 5,000."""
    found, delivered, _ = drive(get("scopus"), scopus(12_345), QUERY)
    assert (found.hits, len(set(delivered)), found.missing) == (12_345, 12_345, ())


@pytest.mark.parametrize(("name", "count"), [("core", 25_000), ("arxiv", 36_789), ("doaj", 6_543)])
def test_what_one_query_does_not_give_is_fetched_in_slices(name: str, count: int) -> None:
    """Far beyond the cap of one query everything is delivered once."""
    found, delivered, _ = drive(get(name), MODELS[name](count), QUERY)
    assert (found.hits, len(delivered), len(set(delivered)), found.missing) == (count, count, count, ())


def test_doaj_a_year_above_the_cap_is_cut_by_the_day_of_entry_and_articles_without_a_year_come_too() -> None:
    """3,000 articles of one year and 1,500 without a year: neither is lost."""
    model = doaj(4_500, lambda n: None if n % 3 == 0 else 2021)
    found, delivered, _ = drive(get("doaj"), model, QUERY)
    assert (found.hits, len(set(delivered)), found.missing) == (4_500, 4_500, ())


def test_what_lies_beyond_a_cap_and_in_no_slice_is_said() -> None:
    """Where no axis is left to cut along, the search is incomplete with the number."""
    service = scopus(0)

    def crowded(asked: Asked) -> Answer:
        """5,005 records of one year."""
        bounds = [int(year) for year in re.findall(r"PUBYEAR > (\d+)", asked.values["query"])]
        tops = [int(year) for year in re.findall(r"PUBYEAR < (\d+)", asked.values["query"])]
        if max(bounds, default=0) >= 2019 or min(tops, default=9999) <= 2019:
            return service(asked)
        begin, size = int(asked.values["start"]), int(asked.values["count"])
        entries = [{"eid": f"2-s2.0-{n}"} for n in range(begin, min(begin + size, 5_005))]
        return as_json({"search-results": {"opensearch:totalResults": "5005", "entry": entries}})

    crowded_out, delivered, _ = drive(get("scopus"), crowded, QUERY)
    assert len(delivered) == 5_000
    assert crowded_out.missing == ("5 of 5,005 reported were not delivered; it gives at most 5,000 for one query",)


def test_a_source_that_ignores_the_limits_of_slices_is_a_failure_after_a_few_questions() -> None:
    """The parts come to more than the whole: that is said, and not tried for ever."""
    asked: list[Asked] = []

    def stubborn(question: Asked) -> Answer:
        asked.append(question)
        return core(12_000)(Asked("GET", question.path, {**question.values, "q": "all"}, {}, 0.0))

    with pytest.raises(Failure, match="limits by year are ignored"):
        drive(get("core"), stubborn, QUERY)
    assert len(asked) < 10


def test_a_result_that_shrinks_while_it_is_paged_by_place_is_not_called_complete() -> None:
    """Records may slip between pages; a search that cannot know says so."""
    sizes = iter([450, 449, 449])
    found, _, _ = drive(get("eric"), lambda asked: eric(next(sizes))(asked), QUERY)
    assert "shrank from 450 to 449" in found.missing[0]


def test_a_result_that_shrinks_under_a_cursor_is_explained() -> None:
    """A cursor keeps its place: what is delivered is what the source had at the end."""
    sizes = iter([1800, 1798])
    found, delivered, _ = drive(get("europepmc"), lambda asked: europepmc(next(sizes))(asked), QUERY)
    assert (found.hits, found.hits_at_end, len(delivered), found.missing) == (1800, 1798, 1798, ())


def test_a_cursor_that_leads_nowhere_leaves_a_gap_that_is_said() -> None:
    """A service that stops giving a next page before the end has not delivered everything."""

    def answer(asked: Asked) -> Answer:
        return as_json({"meta": {"count": 500, "next_cursor": None}, "results": [{"id": "https://openalex.org/W1"}]})

    found, _, _ = drive(get("openalex"), answer, QUERY)
    assert found.missing == ("499 of 500 reported were not delivered",)


DATED = Query("partnership", (), "2015-03-01", "2020-12-31", "2026-01-15")


@pytest.mark.parametrize("name", sorted(MODELS))
def test_limits_of_dates_reach_the_service_or_are_said_not_to(name: str) -> None:
    """A limit is sent in the source's own terms; where there are none, the run's limits say so."""
    _, _, asked = drive(get(name), MODELS[name](3), DATED)
    sent = unquote(asked[0].shown)
    if name == "ctgov":
        assert "2026-01-15" in sent
        assert "2015" not in sent
        return
    # The later of two beginnings is the limit, and years may be written as bounds.
    assert re.search("2015|2014|20260115", sent) or name.endswith("-api")
    if name not in ("semanticscholar", "eric", "ieee"):
        assert "2026-01-15" in sent or "20260115" in sent


def test_keys_travel_beside_the_question() -> None:
    """No key or e-mail address is part of a request's name, address or representation."""
    access = Access("http://model", key="KEY123456", token="TOKEN123456", email="someone@example.org")
    for name in names():
        request = get(name).count(QUERY, access)
        shown = f"{request!r} {request.shown} {request.key} {access!r}"
        assert not any(secret in shown for secret in ("KEY123456", "TOKEN123456", "someone@example.org", "someone%40"))


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"<html><body>Sorry</body></html>", b'{"error": "broken"}', b'{"message": "broken"}',
     b"<?xml version='1.0'?><a/>", b'{"results": null}', b"\xff\xfe\x00", b'"text"', b"<", b"{"],
)  # fmt: skip
def test_a_reply_without_its_container_is_never_zero_hits(name: str, body: bytes) -> None:
    """Whatever comes with status 200 in place of a result is a named failure, or at least reports no number of hits."""
    with pytest.raises(Failure):
        page = get(name).read(reply_of_bytes(body, 200))
        list(page.records)
        assert page.hits is None
        raise Failure("unsupported", "no hits are claimed")


def test_another_package_can_add_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object that fits Source, named by an entry point, is found like our own; ours cannot be replaced."""
    (tmp_path / "their_source.py").write_text(
        "from dataclasses import replace\nfrom evidence_review.sources.doaj import SOURCE\n"
        "OWN = replace(SOURCE, id='theirs', name='Their index')\n",
        encoding="utf-8",
    )
    info = tmp_path / "their_source-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-source\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(
        "[evidence_review.sources]\ntheirs = their_source:OWN\npubmed = their_source:OWN\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert get("theirs").name == "Their index"
    assert get("pubmed").name == "PubMed"
    assert names()[-1] == "theirs"


def test_an_unknown_source_is_named_with_the_nearest() -> None:
    """The message lists a way out."""
    with pytest.raises(UsageError, match="europepmc"):
        get("europmc")


BUDGET = {
    "a burst": (429, {"retry-after": "2"}, "{}", "rate-limit"),
    "a burst without a wait": (429, {}, '{"error": "Too many requests"}', "rate-limit"),
    "hours to wait": (429, {"retry-after": "39000"}, "{}", "budget"),
    "nothing left": (429, {"x-ratelimit-remaining-usd": "0", "x-ratelimit-reset": "11987"}, "{}", "budget"),
    "in words": (429, {}, '{"error": "Insufficient budget", "message": "…"}', "budget"),
}


@pytest.mark.parametrize("name", BUDGET)
def test_openalex_a_burst_and_a_spent_budget_are_told_apart(name: str) -> None:
    """A burst is tried again after seconds; a spent budget ends the run and says until when."""
    status, headers, body, kind = BUDGET[name]
    with pytest.raises(Failure) as failure:
        get("openalex").read(reply_of_bytes(body.encode(), status, headers))
    assert failure.value.kind == kind
    assert failure.value.transient == (kind == "rate-limit")
    assert (failure.value.until is not None) == (name in ("hours to wait", "nothing left"))


SPANS = {
    "semanticscholar": ((("year", "2012-2018"),), "publicationDateOrYear=2015-03-01:2018-12-31"),
    "openalex": (
        (("from_publication_date", "2012-01-01"), ("to_publication_date", "2018-06-30")),
        "from_publication_date:2015-03-01,to_publication_date:2018-06-30",
    ),
    "crossref": ((("from-pub-date", "2016-05-01"),), "from-pub-date:2016-05-01,until-pub-date:2020-12-31"),
}


@pytest.mark.parametrize("name", SPANS)
def test_dates_of_the_strategy_and_of_the_protocol_both_hold(name: str) -> None:
    """What the strategy sets beside the query narrows the protocol's limits and does not replace them."""
    parameters, sent = SPANS[name]
    query = Query("partnership", parameters, "2015-03-01", "2020-12-31")
    assert sent in unquote(get(name).count(query, Access("http://model")).shown)
