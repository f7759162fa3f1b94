"""A harvest brings in every record that a source reports, or says that it did not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fake_http import Answer, Asked, as_json, serving
from fake_services import EuropePmc, PubMed

from evidence_review.commands.search.run import run
from evidence_review.net.client import Timing
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

Review = Callable[..., Workspace]
Make = Callable[..., Settings]


def test_every_hit_of_pubmed_and_europe_pmc_becomes_a_record(review: Review, settings: Make, brisk: Timing) -> None:
    """What the sources report is what the review holds, source by source, with the run that brought it."""
    workspace = review("pubmed", "europepmc")
    with serving(PubMed.of(450).answer) as pubmed, serving(EuropePmc(25, page=10).answer) as epmc:
        summary = run(workspace, settings=settings({"pubmed": pubmed.url, "europepmc": epmc.url}), timing=brisk)
    assert summary.exit_code == 0
    runs = {item.source: item for item in workspace.runs()}
    assert [(item.hits, item.starts, item.loaded, item.state) for item in runs.values()] == [
        (450, 450, 450, "complete"),
        (25, 25, 25, "complete"),
    ]
    records = list(workspace.records())
    assert len(records) == 475
    first = records[0].citation
    assert (first.pmid, first.doi, first.title) == ("1000450", "10.5555/p.1000450", "Partnership number 1000450.")
    assert (first.pages, first.language, first.abstract) == ("215-220", "en", "METHODS: We counted 1000450 < 1000451.")
    assert records[0].run == runs["pubmed"].id
    assert records[0].trace[0][0::2] == ("record", 1)


def test_searching_twice_asks_nobody_and_changes_nothing(review: Review, settings: Make, brisk: Timing) -> None:
    """A complete search is not made again."""
    workspace = review("pubmed")
    with serving(PubMed.of(30).answer) as server:
        chosen = settings({"pubmed": server.url})
        run(workspace, settings=chosen, timing=brisk)
        before = {path: path.read_bytes() for path in workspace.layout.library.rglob("*") if path.is_file()}
        asked = len(server.asked)
        summary = run(workspace, settings=chosen, timing=brisk)
        assert len(server.asked) == asked
    assert {path: path.read_bytes() for path in workspace.layout.library.rglob("*") if path.is_file()} == before
    assert "nothing to do" in summary.lines[0]


BROKEN = {
    "reset": (Answer(b"", fault="reset"), "network"),
    "truncated": (Answer(b'{"hitCount": 25}' * 50, fault="truncated"), "truncated"),
    "unclosed": (Answer(b'{"version":"6.9","hitCount":25,"resultList":{"result":[]}}', fault="unclosed"), "truncated"),
    "slow": (Answer(b"{}", delay=1.0), "timeout"),
    "429 without a wait": (as_json({"message": "slow down"}, 429), "rate-limit"),
    "429 with a wait": (as_json({"message": "slow down"}, 429, Retry_After="0.1"), "rate-limit"),
    "429 with a long wait": (as_json({"message": "slow down"}, 429, Retry_After="7200"), "rate-limit"),
    "500": (Answer(b"oops", 500), "server-error"),
    "503": (Answer(b"<html><body>Maintenance</body></html>", 503), "server-error"),
    "403": (as_json({"message": "no key"}, 403), "refused"),
    "400": (as_json({"message": "bad query"}, 400), "bad-request"),
    "redirect": (Answer(b"", 302, {"Location": "http://elsewhere.invalid/"}), "redirect"),
    "a web page": (Answer(b"<!DOCTYPE html><html><body>Hello</body></html>"), "html"),
    "an error with status 200": (as_json({"errCode": 1, "errMsg": "broken"}), "error-body"),
    "no JSON": (Answer(b'{"version": "6.9", hitCount: 25}'), "not-json"),
    "an empty body": (Answer(b""), "truncated"),
    "the empty shell": (as_json({"version": "6.9"}), "shape"),
    "wrong charset": (Answer('{"title": "é"}'.encode("latin-1"), 200, {"Content-Type": "application/json"}), "charset"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("page", [1, 2])
def test_a_failure_is_named_and_never_an_empty_result(
    name: str, page: int, review: Review, settings: Make, brisk: Timing
) -> None:
    """Whatever breaks, at any page, the search is failed or incomplete with its reason, and the exit code is 3."""
    answer, kind = BROKEN[name]
    workspace = review("europepmc")
    brisk = replace(brisk, timeout=(5.0, 0.4)) if name == "slow" else brisk
    with serving(EuropePmc(25, page=10).answer) as server:
        server.faults = dict.fromkeys(range(page, page + 10), answer)
        summary = run(workspace, settings=settings({"europepmc": server.url}), timing=brisk)
    (made,) = workspace.runs()
    assert summary.exit_code == 3
    assert made.state == ("failed" if page == 1 else "incomplete")
    assert made.reason.startswith(kind)
    assert made.hits == (None if page == 1 else 25)
    assert made.starts == (0 if page == 1 else 10)


TRANSIENT = [name for name in BROKEN if name not in ("403", "400", "redirect", "429 with a long wait", "slow")]


@pytest.mark.parametrize("name", TRANSIENT)
def test_a_passing_failure_is_tried_again(name: str, review: Review, settings: Make, brisk: Timing) -> None:
    """One bad answer in the middle does not make a search incomplete."""
    workspace = review("europepmc")
    with serving(EuropePmc(25, page=10).answer) as server:
        server.faults = {2: BROKEN[name][0]}
        summary = run(workspace, settings=settings({"europepmc": server.url}), timing=brisk)
    assert summary.exit_code == 0
    assert workspace.runs()[0].state == "complete"
    assert len(list(workspace.records())) == 25


def test_an_incomplete_search_continues_where_it_stopped(review: Review, settings: Make, brisk: Timing) -> None:
    """The second run asks only for what is missing, and ends in the records of a run that was never cut off."""
    whole, cut = review("europepmc", folder="whole"), review("europepmc", folder="cut")
    with serving(EuropePmc(45, page=10).answer) as server:
        chosen = settings({"europepmc": server.url})
        run(whole, settings=chosen, timing=brisk)
        asked = len(server.asked)
        server.faults = {number: Answer(b"", 500) for number in range(asked + 3, asked + 6)}
        assert run(cut, settings=chosen, timing=brisk).exit_code == 3
        assert cut.runs()[0].state == "incomplete"
        server.faults, before = {}, len(server.asked)
        assert run(cut, settings=chosen, timing=brisk).exit_code == 0
        assert [item.values["cursorMark"] for item in server.asked[before:]] == ["AoE20", "AoE30", "AoE40"]
    assert cut.layout.records.read_bytes() == whole.layout.records.read_bytes()
    (made,) = cut.runs()
    assert (made.state, made.starts, made.loaded, made.known) == ("complete", 45, 45, 0)
    assert len(made.record_ids) == 45


def test_offline_rebuilds_identical_records_from_the_archive(review: Review, settings: Make, brisk: Timing) -> None:
    """The records are a pure function of the archive: lost, they come back byte for byte, without asking anybody."""
    workspace = review("pubmed")
    with serving(PubMed.of(250).answer) as server:
        run(workspace, settings=settings({"pubmed": server.url}), timing=brisk)
    before = workspace.layout.records.read_bytes()
    workspace.layout.records.unlink()
    summary = run(workspace, offline=True, settings=settings(), timing=brisk)
    assert summary.exit_code == 0
    assert workspace.layout.records.read_bytes() == before
    ledger = workspace.layout.ledger.read_bytes()
    run(workspace, offline=True, settings=settings(), timing=brisk)
    assert workspace.layout.ledger.read_bytes() == ledger


def test_offline_keeps_the_reason_why_a_search_broke_off(review: Review, settings: Make, brisk: Timing) -> None:
    """The archive ends where the search ended; what the service said then is not lost in reading it again."""
    workspace = review("europepmc")
    with serving(EuropePmc(45, page=10).answer) as server:
        server.faults = {number: Answer(b"", 500) for number in range(3, 6)}
        run(workspace, settings=settings({"europepmc": server.url}), timing=brisk)
    (before,) = workspace.runs()
    assert run(workspace, offline=True, settings=settings(), timing=brisk).exit_code == 3
    (after,) = workspace.runs()
    assert "answers 500" in after.reason
    assert (after.reason, after.starts, after.state) == (before.reason, before.starts, "incomplete")


def test_a_strategy_in_several_queries_is_one_search(review: Review, settings: Make, brisk: Timing) -> None:
    """A source that refuses long queries gets parts; what two parts find is one record, and explained."""
    words = " OR ".join(f"partnership{number}[tiab]" for number in range(400))
    workspace = review("openalex", strategy=words)

    def answer(asked: Asked) -> Answer:
        begin = 0 if asked.values["cursor"] == "*" else int(asked.values["cursor"])
        offset = 100 * ("partnership0" in asked.values["filter"])
        works = [
            {"id": f"https://openalex.org/W{offset + n}", "title": f"Work {n}"}
            for n in range(begin, min(begin + 100, 150))
        ]
        return as_json({"meta": {"count": 150, "next_cursor": str(begin + 100)}, "results": works})

    with serving(answer) as server:
        assert run(workspace, settings=settings({"openalex": server.url}), timing=brisk).exit_code == 0
        assert max(len(asked.values["filter"]) for asked in server.asked) < 4000
        queries = len({asked.values["filter"] for asked in server.asked})
    (made,) = workspace.runs()
    assert queries >= 2
    assert (made.hits, made.starts, made.loaded) == (150 * queries, 150 * queries, 250)
    assert f"{150 * queries - 250} delivered more than once" in made.note
    assert made.starts == made.loaded + made.known + made.rejected
    assert len(list(workspace.records())) == len(made.record_ids) == 250
