"""PubMed gives 9,999 ids for one query: more is fetched whole, in slices that fit."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from fake_http import Asked, serving
from fake_services import PubMed

from evidence_review.commands.search.run import run
from evidence_review.net.client import Timing
from evidence_review.net.exchange import reply_of_bytes
from evidence_review.net.failures import Failure
from evidence_review.net.pace import Rate
from evidence_review.sources import pubmed
from evidence_review.sources.base import Access, Found, Query, drained
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace


def drive(service: PubMed) -> tuple[Found, set[str], int]:
    """Run PubMed's steps against a model without a socket; return what was found, the articles, the requests."""
    steps = pubmed.search(Query("partnership"), Access("http://model"))
    delivered: set[str] = set()
    request, asked = next(steps), 1
    while True:
        answer = service.answer(Asked(request.method, request.path, dict(request.form or request.params), {}, 0.0))
        got = drained(pubmed.read(reply_of_bytes(answer.body, answer.status, answer.headers)))
        delivered.update(got.native)
        try:
            request, asked = steps.send(got), asked + 1
        except StopIteration as end:
            return end.value, delivered, asked


def on_one_day(count: int) -> PubMed:
    """A PubMed that took everything in on one day."""
    return PubMed({pmid: datetime.date(2009, 5, 4) for pmid in range(100, 100 + count)})


CASES = {
    "spread over years": PubMed.of(35_089),
    "retmax clamped to 1,000": PubMed(PubMed.of(35_089).added, clamp=1000),
    "all on one day": on_one_day(12_000),
    "exactly at the cap": PubMed.of(9_999),
    "one above the cap": PubMed.of(10_000),
    "none": PubMed({}),
}


@pytest.mark.parametrize("name", CASES)
def test_every_article_is_delivered_and_no_slice_is_above_the_cap(name: str) -> None:
    """However the articles lie in time, all are fetched, each slice within 9,999, and the counts agree."""
    service = CASES[name]
    found, delivered, _ = drive(service)
    assert len(delivered) == found.hits == len(service.added)
    assert found.missing == ()
    assert max(service.slices, default=0) <= 9_999


def test_what_a_slice_does_not_list_is_missing_and_said() -> None:
    """Ids that the whole counts and no slice lists make the search incomplete."""
    service = PubMed.of(12_000)
    lost = min(service.added)

    class Forgetful(PubMed):
        def _matching(self, asked: Asked) -> list[int]:
            found = super()._matching(asked)
            return [pmid for pmid in found if pmid != lost] if "mindate" in asked.values else found

    found, delivered, _ = drive(Forgetful(service.added))
    assert (found.hits, len(delivered)) == (12_000, 11_999)
    assert found.missing == ("1 of 12,000 lie in no slice of entry dates and PMIDs",)


def test_a_listed_article_that_is_not_delivered_is_named() -> None:
    """What efetch leaves out is asked for again and, when it stays away, named."""
    service = PubMed.of(300)
    lost = str(min(service.added))

    class Withholding(PubMed):
        def answer(self, asked: Asked):  # type: ignore[no-untyped-def]
            if "id" in asked.values:
                kept = ",".join(pmid for pmid in asked.values["id"].split(",") if pmid != lost)
                if not kept:
                    return super().answer(Asked("POST", asked.path, {"id": "1"}, {}, 0.0))
                asked = Asked(asked.method, asked.path, {**asked.values, "id": kept}, {}, 0.0)
            return super().answer(asked)

    found, _, _ = drive(Withholding(service.added))
    assert found.missing == (f"1 listed but not delivered: PMID {lost}",)


@pytest.mark.parametrize("clamp", [9_999, 1_000])
def test_a_harvest_over_the_cap_is_whole_over_a_real_socket(
    clamp: int, review: Callable[..., Workspace], settings: Callable[..., Settings]
) -> None:
    """35,089 articles arrive in the review with one record each, also where the service gives fewer than asked for."""
    workspace = review("pubmed")
    service = PubMed(PubMed.of(35_089).added, clamp=clamp)
    with serving(service.answer) as server:
        chosen = settings({"pubmed": server.url}, keys={"pubmed": "k" * 36})
        summary = run(workspace, settings=chosen, timing=Timing(rate=Rate(1_000, at_once=100)))
    assert summary.exit_code == 0
    assert max(service.slices) <= 9_999
    assert sum(service.slices) == 35_089
    (made,) = workspace.runs()
    assert (made.hits, made.starts, made.loaded, made.state) == (35_089, 35_089, 35_089, "complete")
    assert len({record.citation.pmid for record in workspace.records()}) == 35_089


def test_where_dates_make_no_difference_pmids_are_sliced() -> None:
    """A service that ignores limits of dates is noticed at the first cut, and everything still comes."""
    service = PubMed.of(25_000)

    class Dateless(PubMed):
        def _matching(self, asked: Asked) -> list[int]:
            kept = {name: value for name, value in asked.values.items() if name not in ("mindate", "maxdate")}
            return super()._matching(Asked(asked.method, asked.path, kept, {}, 0.0))

    found, delivered, asked = drive(Dateless(service.added))
    assert (len(delivered), found.missing) == (25_000, ())
    assert asked < 250


def test_a_service_that_ignores_every_limit_is_a_failure_after_a_few_questions() -> None:
    """Neither dates nor PMIDs cut the result: that is said, and not tried for ever."""
    service = PubMed.of(25_000)

    class Stubborn(PubMed):
        def _matching(self, asked: Asked) -> list[int]:
            return sorted(self.added)

    with pytest.raises(Failure, match="ignores limits"):
        drive(Stubborn(service.added))
