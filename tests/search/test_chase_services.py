"""Four services, one network: each is asked in its own way; what they name is brought together and accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from fake_http import Answer, Server, as_json, serving
from fake_services import EuropePmcCitations, OpenAlex, OpenCitations, SemanticScholar

from evidence_review.commands.chase.run import run
from evidence_review.commands.dedup.run import run as dedup
from evidence_review.model.events import CitationLink, Decision
from evidence_review.model.record import Citation, Parsed
from evidence_review.net.client import Timing
from evidence_review.state import citations
from evidence_review.state.standing import stand
from evidence_review.summary import Summary
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

Review = Callable[..., Workspace]
Make = Callable[..., Settings]

TEAM = (
    "team: [{id: me}]\nscreening: {title_abstract: {mode: single, screeners: [me]}, "
    "full_text: {mode: single, screeners: [me]}}"
)
# 1 and 2 are seeds; 3 to 5 are cited by them; 6 to 8 cite them; 901 is a reference that stands for no document.
GRAPH = {1: [3, 4, 901], 2: [4, 5], 3: [], 4: [], 5: [], 6: [1], 7: [1, 2], 8: [2], 9: [3]}
KNOWN = {number: [other for other in cited if other < 900] for number, cited in GRAPH.items()}


@dataclass
class Services:
    """The four of them, running, and the settings that point there."""

    servers: dict[str, Server]
    settings: Settings

    def asked(self) -> int:
        return sum(len(server.asked) for server in self.servers.values())


@pytest.fixture
def services(settings: Make) -> Iterator[Services]:
    """Each holds the same graph, in its own shape and with small pages."""
    answers = {
        "openalex": OpenAlex(KNOWN, page=2).answer,
        "semanticscholar": SemanticScholar(GRAPH, page=2).answer,
        "europepmc": EuropePmcCitations(GRAPH, page=2).answer,
        "opencitations": OpenCitations(KNOWN, nameless=(5,)).answer,
    }
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(answer)) for name, answer in answers.items()}
        yield Services(servers, settings({name: server.url for name, server in servers.items()}))


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """One by DOI, one by PMID."""
    path = tmp_path / "seeds.txt"
    path.write_text("10.5555/w.1\n2\n", encoding="utf-8")
    return path


def found(workspace: Workspace, service: str, way: str) -> set[str]:
    """What a service gave in a direction: DOIs, titles where there is none."""
    source = f"citation-{way}-{service}"
    cited = [record.citation for record in workspace.records() if record.source == source]
    return {(one.doi or one.title).rpartition("." if one.doi else " ")[2] for one in cited}


@pytest.mark.parametrize(
    ("service", "backward"),
    [
        ("openalex", {"3", "4", "5"}),
        ("semanticscholar", {"3", "4", "5", "901"}),
        ("europepmc", {"3", "4", "5", "901"}),
        ("opencitations", {"3", "4", "5"}),
    ],
)
def test_each_service_gives_exactly_what_it_lists(
    review: Review, services: Services, brisk: Timing, seeds: Path, service: str, backward: set[str]
) -> None:
    """Every page of every list, each document once, complete, and nothing asked twice."""
    workspace = review("pubmed")
    chosen = {"file": seeds, "services": (service,), "settings": services.settings, "timing": brisk}
    assert run(workspace, **chosen).exit_code == 0
    assert (found(workspace, service, "backward"), found(workspace, service, "forward")) == (backward, {"6", "7", "8"})
    for made in workspace.runs():
        assert (made.state, made.route, made.rejected) == ("complete", "citation", 0)
        assert made.starts == made.loaded + made.known
    before = services.asked()
    again = run(workspace, **chosen)
    assert services.asked() == before
    assert "Nothing to do" in again.lines[0]


def test_links_say_seed_direction_service_and_round(
    review: Review, services: Services, brisk: Timing, seeds: Path
) -> None:
    """Who was found from whom, by whom: exactly the arrows of the graph."""
    workspace = review("pubmed")
    run(workspace, file=seeds, settings=services.settings, timing=brisk)
    doi_of = {record.id: record.citation.doi.rpartition(".")[2] for record in workspace.records()}
    links = workspace.events(CitationLink)
    for service in services.servers:
        for way, expected in (
            ("backward", {("1", "3"), ("1", "4"), ("2", "4"), ("2", "5")}),
            ("forward", {("1", "6"), ("1", "7"), ("2", "7"), ("2", "8")}),
        ):
            told = {
                ({"doi:10.5555/w.1": "1", "pmid:2": "2"}[link.seed], doi_of[link.record])
                for link in links
                if (link.service, link.direction) == (service, way) and doi_of[link.record]
            }
            assert told == expected, (service, way)
    assert {link.round for link in links} == {"1"}


def test_together_copies_count_once_and_dedup_merges_them(
    review: Review, services: Services, brisk: Timing, seeds: Path
) -> None:
    """Four services name six documents of the graph; the unmatched reference comes from two of them."""
    workspace = review("pubmed")
    summary = run(workspace, file=seeds, settings=services.settings, timing=brisk)
    # The reference that stands for no document is a text of its own at each service that has it.
    assert (summary.data["works"], summary.data["in_review"]) == (8, 0)
    assert summary.data["by_services"] == {"1": 2, "4": 6}
    first, second = summary.data["seeds"]
    assert {name: counts["cited_by"] for name, counts in first["services"].items()} == dict.fromkeys(
        services.servers, 2
    )
    assert (first["cited_by"], second["cited_by"], second["cites"]) == (2, 2, 2)
    dedup(Workspace.open(workspace.layout.folder))
    snapshot = Workspace.open(workspace.layout.folder).snapshot()
    keepers = stand(snapshot).clusters.keepers
    assert 6 <= len(keepers) <= 8


def test_what_a_service_does_not_know_is_said(
    review: Review, services: Services, brisk: Timing, tmp_path: Path
) -> None:
    """An unknown document is named by each service; OpenCitations cannot tell unknown from uncited, and says so."""
    sheet = tmp_path / "seeds.csv"
    sheet.write_text("title,doi\nKnown,10.5555/w.1\nStranger,10.5555/w.77\n", encoding="utf-8")
    workspace = review("pubmed")
    summary = run(workspace, file=sheet, direction="backward", settings=services.settings, timing=brisk)
    assert summary.exit_code == 0
    notes = {made.format: made.note for made in workspace.runs()}
    assert "not in OpenAlex: Stranger" in notes["openalex"]
    assert "not in Semantic Scholar: Stranger" in notes["semanticscholar"]
    assert "not in Europe PMC: Stranger" in notes["europepmc"]
    assert "OpenCitations lists nothing for Stranger (it does not say" in notes["opencitations"]
    assert any("not in Semantic Scholar: Stranger" in line for line in summary.lines)


def test_a_list_that_a_publisher_hides_is_said(review: Review, settings: Make, brisk: Timing, seeds: Path) -> None:
    """Semantic Scholar's `data: null` is a hidden list, not an empty one."""
    workspace = review("pubmed")
    with serving(SemanticScholar(GRAPH, elided=(2,)).answer) as server:
        run(
            workspace, file=seeds, direction="backward", services=("semanticscholar",),
            settings=settings({"semanticscholar": server.url}), timing=brisk,
        )  # fmt: skip
    (made,) = workspace.runs()
    assert "2: its publisher does not let the list be shown" in made.note


def test_documents_that_meta_does_not_know_enter_with_their_identifiers(
    review: Review, services: Services, settings: Make, brisk: Timing, seeds: Path
) -> None:
    """Without a title, but not lost; also where Meta is gone altogether, which is said."""
    workspace = review("pubmed")
    run(
        workspace,
        file=seeds,
        direction="backward",
        services=("opencitations",),
        settings=services.settings,
        timing=brisk,
    )
    by_doi = {record.citation.doi: record.citation for record in workspace.records()}
    assert by_doi["10.5555/w.5"].title == ""
    told = by_doi["10.5555/w.3"]
    assert (told.title, told.container, told.date, told.pages) == (
        "Work 3",
        "Journal Of Partnerships",
        "2019-03",
        "11-19",
    )
    assert [str(name) for name in told.authors] == ["Aalto, Bea C", "Berg, D."]
    assert told.pmid == "3" and told.issn == ("1234-5679",)
    gone = review("pubmed", folder="gone")
    with serving(OpenCitations(KNOWN, meta=False).answer) as server:
        chosen = settings({"opencitations": server.url})
        run(gone, file=seeds, direction="backward", services=("opencitations",), settings=chosen, timing=brisk)
    (made,) = gone.runs()
    assert (made.state, made.loaded) == ("complete", 3)
    assert "Meta did not answer" in made.note


def test_one_service_that_fails_spoils_no_other(review: Review, services: Services, brisk: Timing, seeds: Path) -> None:
    """Its run is said to have failed, with exit code 3; the next call asks it alone and goes on."""
    workspace = review("pubmed")
    broken = services.servers["semanticscholar"]
    broken.faults = dict.fromkeys(range(1, 40), as_json({"message": "Too Many Requests"}, 429))
    summary = run(workspace, file=seeds, direction="forward", settings=services.settings, timing=brisk)
    assert summary.exit_code == 3
    states = {made.format: made.state for made in workspace.runs()}
    assert states == {"openalex": "complete", "semanticscholar": "failed", "europepmc": "complete",
                      "opencitations": "complete"}  # fmt: skip
    broken.faults = {}
    others = services.asked() - len(broken.asked)
    summary = run(workspace, file=seeds, direction="forward", settings=services.settings, timing=brisk)
    assert (summary.exit_code, services.asked() - len(broken.asked)) == (0, others)
    assert found(workspace, "semanticscholar", "forward") == {"6", "7", "8"}
    assert len(workspace.runs()) == 4


def test_a_service_that_fails_twice_is_asked_for_both_when_it_answers_again(
    review: Review, services: Services, brisk: Timing, tmp_path: Path
) -> None:
    """With other seeds each time: no run stays behind that nothing but accepting its failure would settle."""
    workspace = review("pubmed")
    broken = services.servers["semanticscholar"]
    broken.faults = dict.fromkeys(range(1, 40), Answer(b"{}", 400))

    def follow(*numbers: int) -> Summary:
        path = tmp_path / "some.txt"
        path.write_text("".join(f"10.5555/w.{number}\n" for number in numbers), encoding="utf-8")
        return run(
            Workspace.open(workspace.layout.folder), file=path, direction="backward", services=("semanticscholar",),
            settings=services.settings, timing=brisk,
        )  # fmt: skip

    assert (follow(6).exit_code, follow(6, 1).exit_code) == (3, 3)
    broken.faults = {}
    assert follow(6, 1, 9).exit_code == 0
    assert {made.state for made in workspace.runs()} == {"complete"}
    assert len(workspace.events(CitationLink)) == 5
    assert "Nothing to do" in follow(6).lines[0]


def test_a_list_cut_off_is_resumed_where_it_broke(
    review: Review, services: Services, brisk: Timing, seeds: Path
) -> None:
    """What was fetched answers from the archive; links are complete and none is doubled."""
    workspace = review("pubmed")
    server = services.servers["europepmc"]
    server.faults = dict.fromkeys(range(3, 20), Answer(b"", 500))
    chosen = {
        "file": seeds,
        "services": ("europepmc",),
        "direction": "backward",
        "settings": services.settings,
        "timing": brisk,
    }
    assert run(workspace, **chosen).exit_code == 3
    asked = [(one.path, one.values) for one in server.asked[:2]]
    server.faults = {}
    server.asked.clear()
    assert run(workspace, **chosen).exit_code == 0
    assert not [one for one in server.asked if (one.path, one.values) in asked]
    links = [(link.seed, link.record, link.direction) for link in workspace.events(CitationLink)]
    assert len(links) == len(set(links)) == 5


def include(workspace: Workspace, doi: str) -> None:
    """A person includes the record with this DOI, at both stages."""
    record = next(record.id for record in workspace.records() if record.citation.doi == doi)
    with Workspace.open(workspace.layout.folder).transaction("screen") as change:
        change.add_events(
            Decision(record, stage, "me", "include", "", "", "screener", "1", "s.csv", "2", change.when)
            for stage in ("title-abstract", "full-text")
        )


def test_rounds_go_on_until_nothing_new_is_included(
    review: Review, services: Services, brisk: Timing, seeds: Path
) -> None:
    """Round two follows only what screening included since, and says its round; then there is nothing to do."""
    workspace = review("pubmed", more=TEAM)
    chosen = {"services": ("openalex",), "settings": services.settings, "timing": brisk}

    def again() -> Summary:
        return run(Workspace.open(workspace.layout.folder), included=True, **chosen)

    run(workspace, file=seeds, **chosen)
    include(workspace, "10.5555/w.3")
    second = again()
    rounds = {made.strategy.split(",")[1].split()[1] for made in workspace.runs()}
    assert (second.data["rounds"], rounds) == (2, {"1", "2"})
    assert {link.round for link in workspace.events(CitationLink) if link.label.startswith("R-")} == {"2"}
    assert "10.5555/w.9" in {record.citation.doi for record in workspace.records()}
    asked = services.asked()
    third = again()
    assert services.asked() == asked
    assert "Nothing to do after 2 rounds" in third.lines[0]


def test_the_network_says_which_included_documents_hang_together(
    review: Review, services: Services, brisk: Timing, seeds: Path
) -> None:
    """3 and 4 are both cited by 1, 8 by neither; the picture has a row for each of them and for the seeds."""
    workspace = review("pubmed", more=TEAM)
    run(workspace, file=seeds, settings=services.settings, timing=brisk)
    for number in (3, 4, 8):
        include(workspace, f"10.5555/w.{number}")
    summary = run(Workspace.open(workspace.layout.folder), picture=True)
    snapshot = Workspace.open(workspace.layout.folder).snapshot()
    network = citations.network(snapshot, stand(snapshot))
    assert sorted(len(group) for group in network.groups()) == [1, 2]
    assert summary.data["written"] == ["reports/partners/citations.svg", "reports/partners/citations.html"]
    svg = (workspace.layout.reports / "citations.svg").read_text(encoding="utf-8")
    assert svg.count('class="er-study"') == 5
    assert "3 included documents in 2 groups" in svg


def test_a_seed_from_outside_that_is_found_later_is_one_document(
    review: Review, services: Services, brisk: Timing, tmp_path: Path
) -> None:
    """6 cites 1: followed from a file first, then found as a record, 1 is cited by 6 and 7 and by nobody twice."""
    workspace = review("pubmed")
    chosen = {"services": ("openalex",), "settings": services.settings, "timing": brisk}
    for number, way in ((1, "forward"), (6, "backward")):
        path = tmp_path / f"{number}.txt"
        path.write_text(f"10.5555/w.{number}\n", encoding="utf-8")
        summary = run(Workspace.open(workspace.layout.folder), file=path, direction=way, **chosen)
    snapshot = Workspace.open(workspace.layout.folder).snapshot()
    network = citations.network(snapshot, stand(snapshot))
    assert len(network.documents) == 3
    assert len(network.citing(network.key_of["doi:10.5555/w.1"])) == 2
    assert summary.data["seeds"][0]["cites"] == 1


def test_counts_of_a_seed_stay_when_it_becomes_a_record(
    review: Review, services: Services, brisk: Timing, seeds: Path
) -> None:
    """Followed by its DOI from a file, then loaded: each service's counts are told of the record, too."""
    workspace = review("pubmed")
    before = run(workspace, file=seeds, settings=services.settings, timing=brisk).data["seeds"]
    with Workspace.open(workspace.layout.folder).transaction("load") as change:
        change.add_record(
            Parsed(Citation(title="Work 1", doi="10.5555/w.1"), "raw"), "pubmed", change.run, 1, "ris",
        )  # fmt: skip
    after = run(Workspace.open(workspace.layout.folder), file=seeds, settings=services.settings, timing=brisk)
    assert after.data["seeds"][0]["record"].startswith("R-")
    assert [one["services"] for one in after.data["seeds"]] == [one["services"] for one in before]


def test_a_note_stands_under_the_run_that_it_is_about(
    review: Review, services: Services, brisk: Timing, seeds: Path
) -> None:
    """Several services may say the same words."""
    lines = run(review("pubmed"), file=seeds, settings=services.settings, timing=brisk).lines
    place = next(number for number, line in enumerate(lines) if line.startswith("    "))
    assert lines[place - 1].startswith("Semantic Scholar, backward") and lines[place + 1].startswith("Europe PMC")


def test_a_chase_is_made_again_offline(review: Review, services: Services, brisk: Timing, seeds: Path) -> None:
    """From the archive alone, with the seeds kept beside it, the same records and links come out."""
    workspace = review("pubmed")
    run(workspace, file=seeds, settings=services.settings, timing=brisk)
    layout = workspace.layout
    before = layout.records.read_bytes(), layout.citations.read_bytes(), layout.ledger.read_bytes()
    asked = services.asked()
    summary = run(Workspace.open(layout.folder), settings=services.settings, offline=True)
    assert (summary.exit_code, len(summary.data["runs"])) == (0, 8)
    assert services.asked() == asked
    assert before == (layout.records.read_bytes(), layout.citations.read_bytes(), layout.ledger.read_bytes())
    layout.records.unlink()
    layout.citations.unlink()
    run(Workspace.open(layout.folder), settings=services.settings, offline=True)
    assert before[0] == layout.records.read_bytes()
    links = [line.rpartition(b",")[0] for line in before[1].splitlines()]
    assert links == [line.rpartition(b",")[0] for line in layout.citations.read_bytes().splitlines()]
