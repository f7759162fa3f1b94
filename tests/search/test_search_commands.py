"""Counting, known items, stored replies, and what the command line makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from fake_http import Answer, Asked, as_json, serving
from fake_services import EuropePmc, PubMed, article_set

from evidence_review.cli import group
from evidence_review.commands.search.accept import run as accept
from evidence_review.commands.search.count import run as count
from evidence_review.commands.search.known_items import run as known_items
from evidence_review.commands.search.run import run
from evidence_review.errors import InputError, UsageError
from evidence_review.net.client import Timing
from evidence_review.net.talk import Quiet
from evidence_review.sources.harvest import anew
from evidence_review.state.standing import stand
from evidence_review.state.waiting import waiting
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

Review = Callable[..., Workspace]
Make = Callable[..., Settings]


def test_counting_fetches_nothing_and_names_a_source_that_failed(review: Review, settings: Make, brisk: Timing) -> None:
    """Each source is asked once for a number; one that fails has no number, and the exit code is 3."""
    workspace = review("pubmed", "europepmc")
    with serving(PubMed.of(450).answer) as pubmed, serving(EuropePmc(25).answer) as epmc:
        epmc.faults = dict.fromkeys(range(1, 9), as_json({"version": "6.9"}))
        urls = {"pubmed": pubmed.url, "europepmc": epmc.url}
        summary = count(workspace, settings=settings(urls), timing=brisk)
        assert len(pubmed.asked) == 1
    hits = {item["source"]: (item["hits"], item["failure"][:5]) for item in summary.data["counts"]}
    assert hits == {"pubmed": (450, ""), "europepmc": (None, "shape")}
    assert summary.exit_code == 3
    assert not workspace.layout.library.exists()


def test_each_line_of_a_strategy_is_counted(review: Review, settings: Make, brisk: Timing) -> None:
    """Lines that stand by themselves are counted by themselves, with the words that join them left off."""
    workspace = review("pubmed", strategy="(partnership[tiab] OR twinning[tiab])\n\n  AND (hospital[tiab])")
    with serving(PubMed.of(3).answer) as server:
        count(workspace, by_line=True, settings=settings({"pubmed": server.url}), timing=brisk)
        terms = [asked.values["term"] for asked in server.asked]
    assert terms[0].count("AND") == 1
    assert [term.strip("()") for term in terms[1:]] == ["partnership[tiab] OR twinning[tiab]", "hospital[tiab]"]


def test_concepts_whose_brackets_run_over_lines_are_counted_as_a_whole(
    review: Review, settings: Make, brisk: Timing
) -> None:
    """What the strategy joins by AND, or takes away by NOT, is a line each, named by the lines it stands on."""
    strategy = "(partnership[tiab] OR\n\n twinning[tiab])\n\nAND (hospital[tiab]) NOT\n\n(letter[pt]\n\n OR news[pt])"
    workspace = review("pubmed", strategy=strategy)
    with serving(PubMed.of(3).answer) as server:
        data = count(workspace, by_line=True, settings=settings({"pubmed": server.url}), timing=brisk).data
    assert [item["what"] for item in data["counts"]] == ["all", "lines 1-2", "line 3", "lines 4-5"]


def test_known_items_are_counted_line_by_line_where_a_source_can_be_asked_for_one(
    review: Review, settings: Make, brisk: Timing
) -> None:
    """PubMed and Europe PMC take PMIDs and DOIs; OpenAlex takes neither in its query, and nothing is claimed there."""
    workspace = review("pubmed", "europepmc", "openalex", strategy="partnership[tiab]", more="known_items: known.csv")
    folder = workspace.layout.beside_protocol
    folder.mkdir(parents=True)
    (folder / "known.csv").write_text("pmid,doi\n1000001,\n7777777,\n,10.5555/e.9\n", encoding="utf-8")

    def pubmed(asked: Asked) -> Answer:
        return as_json({"esearchresult": {"count": "2" if "[pmid]" in asked.values["term"] else "0", "idlist": []}})

    def works(_: Asked) -> Answer:
        return as_json({"meta": {"count": 0}, "results": []})

    with serving(pubmed) as one, serving(EuropePmc(1).answer) as two, serving(works) as three:
        urls = {"pubmed": one.url, "europepmc": two.url, "openalex": three.url}
        summary = count(workspace, by_line=True, settings=settings(urls), timing=brisk)
        asked = [asked.values["query"] for asked in two.asked if "EXT_ID" in asked.values["query"]]
    counts = {(item["source"], item["what"]): (item["known"], item["of_known"]) for item in summary.data["counts"]}
    assert counts[("pubmed", "line 1")] == (2, 3)
    assert counts[("europepmc", "line 1")] == (1, 3)
    assert counts[("openalex", "line 1")] == (None, None)
    assert asked[0] == ('TITLE_ABS:partnership AND (EXT_ID:1000001 OR EXT_ID:7777777 OR DOI:"10.5555/e.9")')
    assert "pubmed, line 1: 0 hits (partnership[tiab]; 2 of 3 known items; it finds nothing" in "\n".join(summary.lines)


def test_a_service_that_cannot_be_asked_is_said_so_once_and_left_alone(
    review: Review, settings: Make, brisk: Timing
) -> None:
    """Its lines are not asked for after that, the data name them; another source is counted."""
    workspace = review("pubmed", "europepmc", strategy="(a[tiab])\n\nAND (b[tiab])\n\nAND (c[tiab])")

    def gone(_: Asked) -> Answer:
        return Answer(status=403, body=b"no")

    with serving(gone) as one, serving(EuropePmc(1).answer) as two:
        summary = count(
            workspace, by_line=True, settings=settings({"pubmed": one.url, "europepmc": two.url}), timing=brisk
        )
        assert len(one.asked) == 1
    assert [line.partition(".")[0] for line in summary.lines if line.startswith("pubmed")] == [
        "pubmed: FAILED, not counted",
        "pubmed: 3 lines not asked for, which would fail in the same way",
    ]
    pubmed = [item for item in summary.data["counts"] if item["source"] == "pubmed"]
    assert [(item["what"], item["hits"], item["asked"]) for item in pubmed] == [
        ("all", None, True), ("line 1", None, False), ("line 2", None, False), ("line 3", None, False),
    ]  # fmt: skip
    assert all(item["failure"].startswith("refused: ") for item in pubmed)
    assert len([item for item in summary.data["counts"] if item["hits"] == 1]) == 4
    assert summary.exit_code == 3


def test_a_line_that_is_refused_does_not_hold_up_the_others(review: Review, settings: Make, brisk: Timing) -> None:
    """A question that the service does not accept says nothing of the next."""
    workspace = review("pubmed", strategy="(a[tiab])\n\nAND (b[tiab])")

    def picky(asked: Asked) -> Answer:
        term = asked.values["term"]
        return Answer(status=400, body=b"no") if "a[tiab]" in term else PubMed.of(3).answer(asked)

    with serving(picky) as server:
        data = count(workspace, by_line=True, settings=settings({"pubmed": server.url}), timing=brisk).data
    assert [(item["what"], item["hits"]) for item in data["counts"]] == [("all", None), ("line 1", None), ("line 2", 3)]


def test_what_a_harvest_will_cost_is_said_before_it_begins(review: Review, settings: Make, brisk: Timing) -> None:
    """OpenAlex charges by the request: counting says what all pages cost and what is left, the harvest what it cost."""
    workspace = review("openalex")

    def works(asked: Asked) -> Answer:
        start = 0 if asked.values["cursor"] == "*" else int(asked.values["cursor"])
        size = int(asked.values["per_page"])
        found = [{"id": f"https://openalex.org/W{n}", "title": "One"} for n in range(start, min(start + size, 1234))]
        meta = {"count": 1234, "next_cursor": str(start + size), "cost_usd": 0.001}
        return as_json({"meta": meta, "results": found}, x_ratelimit_remaining_usd="0.0125")

    told: list[str] = []

    class Listener(Quiet):
        def say(self, text: str) -> None:
            told.append(text)

    with serving(works) as server:
        chosen = settings({"openalex": server.url}, keys={"openalex": "k" * 20})
        counted = count(workspace, settings=chosen, timing=brisk)
        run(workspace, settings=chosen, timing=brisk, talk=Listener())
    said = "fetching all takes 13 requests and some 0.013 US dollars of the 0.0125 that are left of the budget"
    assert counted.lines[0] == f"openalex: 1,234 hits ({said}: it will take several days)"
    assert any(said in sentence for sentence in told)
    assert "its pages cost 0.013 US dollars" in workspace.runs()[0].note


def test_known_items_are_found_by_any_identifier_or_title(review: Review, settings: Make, brisk: Timing) -> None:
    """Found by DOI, PMID or title; missed ones are listed, with the date limit where that is why."""
    workspace = review("pubmed", more="known_items: known.csv\nlimits: {published_from: 2000-01-01}")
    folder = workspace.layout.beside_protocol
    folder.mkdir(parents=True)
    (folder / "known.csv").write_text(
        "Title,DOI,PMID,Year\n,https://doi.org/10.5555/P.1000001,,\n,,1000002,\n"
        "PARTNERSHIP NUMBER 1000003,,,2020\nPartnership number 1000004.,10.9999/another,,\nOld one,,,1987\n",
        encoding="utf-8",
    )
    with serving(PubMed.of(10).answer) as server:
        run(workspace, settings=settings({"pubmed": server.url}), timing=brisk)
    data = known_items(workspace).data
    assert (data["total"], len(data["found"]), data["by_source"]) == (5, 3, {"pubmed": 3})
    assert [(item["row"], item["reason"]) for item in data["missed"]] == [
        (5, "no word of hospital[tiab] stands in its title; add its PMID to the file, then --ask can tell more"),
        (6, "published 1987, before the search's limit of 2000-01-01; "
            "no word of partnership[tiab] stands in its title; no word of hospital[tiab] stands in its title; "
            "add its PMID to the file, then --ask can tell more"),
    ]  # fmt: skip


def test_a_cursor_that_expires_is_begun_again_and_nothing_is_doubled(
    review: Review, settings: Make, brisk: Timing
) -> None:
    """The pages before are kept in the archive; the records are those of the whole second attempt."""

    def answer(asked: Asked) -> Answer:
        begin = int(asked.values.get("pageToken", "t0").rpartition("t")[2])
        if asked.values.get("pageToken") == "first-t20":
            return Answer(b"Invalid pageToken: expired", 400)
        name = "second-" if sum("pageToken" not in earlier.values for earlier in server.asked) > 1 else "first-"
        studies = [
            {"protocolSection": {"identificationModule": {"nctId": f"NCT{n:08d}", "briefTitle": f"Trial {n}"}}}
            for n in range(begin + 1, min(begin + 10, 35) + 1)
        ]
        page: dict[str, object] = {"studies": studies, "totalCount": 35}
        if begin + 10 < 35:
            page["nextPageToken"] = f"{name}t{begin + 10}"
        return as_json(page)

    workspace = review("ctgov")
    with serving(answer) as server:
        assert run(workspace, settings=settings({"ctgov": server.url}), timing=brisk).exit_code == 0
        asked = len(server.asked)
    (made,) = workspace.runs()
    assert (made.state, made.hits, made.starts, made.loaded) == ("complete", 35, 35, 35)
    before = workspace.layout.records.read_bytes()
    workspace.layout.records.unlink()
    run(workspace, offline=True, settings=settings())
    assert workspace.layout.records.read_bytes() == before
    assert asked == 2 + 1 + 4


def test_a_source_without_its_key_fails_with_the_remedy(review: Review, settings: Make) -> None:
    """What needs a key says where to put it, and is no empty result."""
    workspace = review("core")
    summary = run(workspace, settings=settings({"core": "http://127.0.0.1:9"}))
    assert summary.exit_code == 3
    assert workspace.runs()[0].state == "failed"
    assert "CORE_API_KEY" in workspace.runs()[0].reason


def test_a_source_that_cannot_be_searched_is_named_with_the_nearest(review: Review, settings: Make) -> None:
    """A protocol that asks for a source without an interface is told so before anything is sent."""
    with pytest.raises(InputError) as fault:
        run(review("embase"), settings=settings())
    assert "load an export" in str(fault.value)
    with pytest.raises(UsageError, match="'pubmed'"):
        run(review("pubmed"), only=["pubmde"], settings=settings())


def test_again_makes_a_new_run_and_knows_the_old_records(review: Review, settings: Make, brisk: Timing) -> None:
    """The second search is on record by itself; what it finds again is known, not new."""
    workspace = review("pubmed")
    with serving(PubMed.of(20).answer) as server:
        chosen = settings({"pubmed": server.url})
        run(workspace, settings=chosen, timing=brisk)
        server.answer = PubMed.of(23).answer
        run(workspace, again=True, settings=chosen, timing=brisk)
    first, second = workspace.runs()
    assert first.id != second.id
    assert (second.starts, second.loaded, second.known) == (23, 3, 20)
    assert second.starts == second.loaded + second.known + second.rejected


def invoke(*arguments: str) -> tuple[int, dict[str, object]]:
    """Run the command line with --json; return its exit code and data."""
    result = CliRunner().invoke(group, [*arguments, "--json"], standalone_mode=False)
    summary = result.return_value
    return summary.exit_code, json.loads(result.stdout)


def test_stored_replies_are_read_as_bodies_and_as_exchanges(tmp_path: Path) -> None:
    """The interface that needs no review: records and hits, or a failure by name with exit code 3."""
    body = tmp_path / "reply.xml"
    body.write_bytes(article_set([1, 2]))
    code, data = invoke("search", "parse", "pubmed", str(body))
    assert code == 0
    assert [record["pmid"] for record in data["records"]] == ["1", "2"]  # type: ignore[attr-defined]
    exchange = tmp_path / "reply.exchange.json"
    response = {"status": 429, "headers": {}, "body_encoding": "utf-8", "body": '{"message": "slow down"}'}
    exchange.write_text(json.dumps({"request": {"url": "https://api"}, "response": response}), encoding="utf-8")
    code, data = invoke("search", "parse", "semanticscholar", str(exchange))
    assert (code, data["failure"]["kind"]) == (3, "rate-limit")  # type: ignore[index]


NAMES = {
    "pubmed": (
        article_set([1]).replace(
            b'<AuthorList CompleteYN="Y">',
            b'<AuthorList CompleteYN="Y"><Author ValidYN="N"><LastName>Aaltoo</LastName></Author>',
        ),
        [{"family": "Aalto", "given": "B C"}],
    ),
    "crossref": (
        b'{"status": "ok", "message-type": "work-list", "message": {"total-results": 1, "items": [{"DOI": '
        b'"10.5555/1", "title": ["T"], "author": [{"given": "Plato"}, {"family": "Aalto", "given": "B"}]}]}}',
        [{"literal": "Plato"}, {"family": "Aalto", "given": "B"}],
    ),
    "scopus": (
        b'{"search-results": {"opensearch:totalResults": "1", "entry": [{"eid": "2-s2.0-1", "dc:title": "T", '
        b'"dc:creator": "van Aalto B.", "author": [{"authname": "van Aalto B.", "surname": "van Aalto", '
        b'"given-name": "Berta", "initials": "B."}]}]}}',
        [{"family": "van Aalto", "given": "Berta"}],
    ),
}


@pytest.mark.parametrize("source", NAMES)
def test_authors_are_those_that_the_service_holds_valid_in_the_parts_it_gives(source: str, tmp_path: Path) -> None:
    """A corrected spelling is no second author; a given name alone is a name; surname and given name stay apart."""
    body, authors = NAMES[source]
    path = tmp_path / "reply"
    path.write_bytes(body)
    code, data = invoke("search", "parse", source, str(path))
    assert code == 0
    assert [record["authors"] for record in data["records"]] == [authors]  # type: ignore[attr-defined]


def test_pages_of_one_search_are_read_in_order(tmp_path: Path) -> None:
    """Several files are one run: the hits of the first, the next of the last."""
    files = []
    for number, cursor in enumerate(("*", "AoE10", "AoE20")):
        values = {"cursorMark": cursor, "pageSize": "10", "query": "q"}
        path = tmp_path / f"{number}.json"
        path.write_bytes(EuropePmc(25).answer(Asked("GET", "/search", values, {}, 0.0)).body)
        files.append(str(path))
    code, data = invoke("search", "parse", "europepmc", *files)
    assert (code, len(data["records"]), data["reported_hits"]) == (0, 25, 25)  # type: ignore[arg-type]


def test_a_missed_item_is_explained_by_the_part_that_it_does_not_meet(
    review: Review, settings: Make, brisk: Timing
) -> None:
    """PubMed's own counts say which condition excludes an item, which NOT takes it away, and what it has not got."""
    strategy = "(partnership[tiab] OR twinning[tiab]) AND hospital[tiab] NOT letter[pt]"
    workspace = review("pubmed", strategy=strategy, more="known_items: known.csv")
    workspace.layout.beside_protocol.mkdir(parents=True)
    known = workspace.layout.beside_protocol / "known.csv"
    known.write_text("pmid,title\n11,no hospital\n12,a letter\n13,not there\n14,found\n,no number\n", encoding="utf-8")
    meets = {"11": {"partnership"}, "12": {"partnership", "hospital", "letter"}, "14": {"partnership", "hospital"}}

    def answer(asked: Asked) -> Answer:
        term = asked.values["term"]
        pmid = next(number for number in ("11", "12", "13", "14") if f"{number}[uid]" in term)
        words = [word for word in ("partnership", "hospital", "letter", "hasabstract") if word in term]
        hit = pmid in meets and all(word in meets[pmid] for word in words)
        return as_json({"esearchresult": {"count": str(int(hit)), "idlist": []}})

    with serving(answer) as server:
        data = known_items(workspace, ask=True, settings=settings({"pubmed": server.url}), timing=brisk).data
    reasons = {item["title"]: item["reason"] for item in data["missed"]}
    assert reasons["no hospital"] == "no abstract; not matched by hospital[tiab]"
    assert reasons["a letter"] == 'taken away by NOT "letter"[pt]'
    assert reasons["not there"] == "not in PubMed"
    assert reasons["found"].startswith("the strategy finds it in PubMed today")
    assert reasons["no number"].endswith("add its PMID to the file, then --ask can tell more")
    offline = {item["title"]: item["reason"] for item in known_items(workspace).data["missed"]}
    assert offline["no hospital"] == (
        "no word of partnership[tiab] OR twinning[tiab] stands in its title; "
        "its abstract and headings are not here: ask PubMed with --ask"
    )


def test_what_another_source_found_says_why_a_source_missed_it(review: Review, settings: Make, brisk: Timing) -> None:
    """Its record has title, abstract and year: what of the strategy it does not meet needs no network."""
    strategy = '(partnership*[tiab] OR "twinning"[ti]) AND nowhere[tiab] AND 2021:3000[dp] NOT number[ti]'
    workspace = review("pubmed", "europepmc", strategy=strategy, more="known_items: known.csv")
    workspace.layout.beside_protocol.mkdir(parents=True)
    (workspace.layout.beside_protocol / "known.csv").write_text("doi\n10.5555/p.1000001\n", encoding="utf-8")
    with serving(PubMed.of(1).answer) as one, serving(EuropePmc(1).answer) as two:
        chosen = settings({"pubmed": one.url, "europepmc": two.url})
        run(workspace, settings=chosen, timing=brisk)
    summary = known_items(workspace)
    assert summary.data["found"][0]["missed_by"] == {
        "europepmc": "not matched by nowhere[tiab] in its title, abstract and keywords; "
        "published 2020, outside 2021:3000[dp]; taken away by NOT number[ti]"
    }
    assert "    found elsewhere, row 2: 10.5555/p.1000001: not matched by nowhere[tiab]" in "\n".join(summary.lines)


TEAM = "team: [{id: reviewer-1}]"


def test_an_incomplete_search_waits_until_it_is_made_again_or_accepted(
    review: Review, settings: Make, brisk: Timing
) -> None:
    """It stops the final report; a complete search that asked the same replaces it, or a person accepts it."""
    workspace = review("europepmc", more=TEAM)

    def waits() -> list[str]:
        snapshot = workspace.snapshot()
        return [item.what for item in waiting(snapshot, stand(snapshot)) if item.what.startswith("search")]

    with serving(EuropePmc(25, page=10).answer) as server:
        chosen = settings({"europepmc": server.url})
        server.faults = dict.fromkeys(range(2, 5), Answer(b"", 500))
        run(workspace, settings=chosen, timing=brisk)
        assert len(waits()) == 1
        with pytest.raises(UsageError, match="reviewer-1"):
            accept(anew(workspace), "europepmc", by="reviewer-9", reason="enough")
        accept(anew(workspace), "europepmc", by="reviewer-1", reason="what matters is in PubMed")
        accept(anew(workspace), "europepmc", by="reviewer-1", reason="what matters is in PubMed")
        assert waits() == []
        assert workspace.runs()[0].state == "incomplete"
        assert workspace.runs()[0].accepted == "2026-09-21, reviewer-1: what matters is in PubMed"
        asked = len(server.asked)
        assert "accepted as incomplete" in run(workspace, settings=chosen, timing=brisk).lines[0]
        assert len(server.asked) == asked
        server.faults = dict.fromkeys(range(asked + 1, asked + 5), Answer(b"", 500))
        run(workspace, again=True, settings=chosen, timing=brisk)
        assert len(waits()) == 1
        server.faults = {}
        run(workspace, again=True, settings=chosen, timing=brisk)
        assert waits() == []


def test_a_date_that_is_none_is_refused(review: Review, settings: Make) -> None:
    """Nothing is asked of a source with half a date."""
    with pytest.raises(UsageError, match="2026-03-31"):
        run(review("pubmed"), since="March", settings=settings())


def test_numbered_lines_are_counted_with_what_they_refer_to(review: Review, settings: Make, brisk: Timing) -> None:
    """A line such as #1 AND #2 is counted as what it stands for."""
    workspace = review("pubmed")
    path = workspace.layout.protocol
    text = path.read_text(encoding="utf-8")
    numbered = "main: |\n    #1 partnership[tiab]\n    #2 hospital[tiab]\n    #3 #1 AND #2"
    path.write_text(text.replace("main: 'partnership[tiab] AND hospital[tiab]'", numbered), encoding="utf-8")
    with serving(PubMed.of(3).answer) as server:
        chosen = settings({"pubmed": server.url})
        data = count(Workspace.open(workspace.layout.folder), by_line=True, settings=chosen, timing=brisk).data
        terms = [asked.values["term"] for asked in server.asked]
    assert [item["what"] for item in data["counts"]] == ["all", "line #1", "line #2", "line #3"]
    assert terms[3] == terms[0] == "partnership[tiab] AND hospital[tiab]"


def test_a_limit_of_languages_is_sent_or_said_not_to_be(review: Review, settings: Make, brisk: Timing) -> None:
    """Each source gets the limit in its own words; one that cannot be limited says so in the run's limits."""
    workspace = review("pubmed", "europepmc", "crossref", more="limits: {languages: [English, fr]}")

    def none(_: Asked) -> Answer:
        return as_json({"status": "ok", "message-type": "work-list", "message": {"total-results": 0, "items": []}})

    with serving(PubMed({}).answer) as pubmed, serving(EuropePmc(0).answer) as epmc, serving(none) as crossref:
        urls = {"pubmed": pubmed.url, "europepmc": epmc.url, "crossref": crossref.url}
        assert run(workspace, settings=settings(urls), timing=brisk).exit_code == 0
        assert "AND (english[Language] OR french[Language])" in pubmed.asked[0].values["term"]
        assert "AND (LANG:eng OR LANG:fre OR SRC:PPR)" in epmc.asked[0].values["query"]
    limits = {item.source: item.limits for item in workspace.runs()}
    assert limits["pubmed"] == "languages English, fr"
    assert "not applied" in limits["crossref"]
    with pytest.raises(InputError, match="klingon"):
        run(review("pubmed", folder="other", more="limits: {languages: [klingon]}"), settings=settings())


def test_a_cut_off_search_that_the_protocol_no_longer_asks_has_a_way_out(
    review: Review, settings: Make, brisk: Timing
) -> None:
    """The strategy changed before it was continued: nothing completes it, so the next step is to accept it."""
    workspace = review("europepmc", more=TEAM)

    def ways(now: Workspace) -> list[str]:
        snapshot = anew(now).snapshot()
        return [item.todo for item in waiting(snapshot, stand(snapshot)) if item.what.startswith("search")]

    with serving(EuropePmc(25, page=10).answer) as server:
        chosen = settings({"europepmc": server.url})
        server.faults = dict.fromkeys(range(2, 5), Answer(b"", 500))
        run(workspace, settings=chosen, timing=brisk)
        assert ways(workspace) == ["evidence-review search"]
        wider = review("europepmc", strategy="partnership[tiab]", more=TEAM)
        server.faults = {}
        run(wider, settings=chosen, timing=brisk)
        (way,) = ways(wider)
        assert way.startswith("evidence-review search accept europepmc --by ID --reason WHY")
        accept(anew(wider), "europepmc", by="reviewer-1", reason="the wider strategy finds all of it")
        accept(anew(wider), "europepmc", by="reviewer-1", reason="the wider strategy finds all of it")
        assert ways(wider) == []


def test_a_cut_off_search_since_a_day_is_continued_with_that_day(review: Review, settings: Make, brisk: Timing) -> None:
    """A search without the day asks something else and would leave the other one unfinished."""
    workspace = review("europepmc", more=TEAM)
    with serving(EuropePmc(25, page=10).answer) as server:
        chosen = settings({"europepmc": server.url})
        server.faults = dict.fromkeys(range(2, 5), Answer(b"", 500))
        run(workspace, since="2026-08-01", settings=chosen, timing=brisk)
    snapshot = anew(workspace).snapshot()
    assert waiting(snapshot, stand(snapshot))[0].todo == "evidence-review search --source europepmc --since 2026-08-01"
