"""An update searches from where the last one stopped, and names what is new."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fake_http import Answer, serving
from fake_services import EuropePmc

from evidence_review.commands.search.run import run as search
from evidence_review.commands.update.run import Wishes, run
from evidence_review.errors import SourceError
from evidence_review.model.search_run import SearchRun
from evidence_review.net.client import Timing
from evidence_review.summary import Summary
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

DAY = 86_400
NO_CHECK = Wishes(check=False)
FIRST = 1_790_000_000  # 2026-09-21


def test_only_what_was_added_since_is_asked_for_and_shown(
    review: Callable[..., Workspace], settings: Callable[..., Settings], brisk: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search goes back over the overlap; the records it brings beyond those known are listed, once."""
    workspace = review("europepmc")
    called: list[list[str]] = []
    with serving(EuropePmc(12).answer) as server:
        chosen = settings({"europepmc": server.url})

        def call(arguments: list[str]) -> Summary:
            called.append(arguments)
            if arguments[0] != "search":
                return Summary()
            since = arguments[arguments.index("--since") + 1] if "--since" in arguments else ""
            return search(workspace, only=["europepmc"], since=since, settings=chosen, timing=brisk)

        assert len(run(workspace, call, NO_CHECK).data["new_records"]) == 12
        assert called[0] == ["search", "--source", "europepmc"]
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(FIRST + 60 * DAY))
        server.answer = EuropePmc(15).answer
        called.clear()
        summary = run(workspace, call, NO_CHECK)
        assert called[0] == ["search", "--source", "europepmc", "--since", "2026-08-22"]
        assert "FIRST_IDATE:[2026-08-22" in server.asked[-1].values["query"]
        assert len(summary.data["new_records"]) == 3
        assert summary.lines[0] == "3 new records, 3 of them are to be screened."
        called.clear()
        assert run(workspace, call, NO_CHECK).data["new_records"] == []
        assert [arguments[0] for arguments in called] == ["dedup", "screen"]


def test_a_search_that_was_cut_off_is_continued_first(
    review: Callable[..., Workspace], settings: Callable[..., Settings], brisk: Timing
) -> None:
    """An update does not begin a new search where the last one is not finished."""
    workspace = review("europepmc")
    with serving(EuropePmc(25, page=10).answer) as server:
        chosen = settings({"europepmc": server.url})
        server.faults = dict.fromkeys(range(2, 10), Answer(b"", 500))
        assert search(workspace, settings=chosen, timing=brisk).exit_code == 3
        called: list[list[str]] = []
        run(workspace, lambda arguments: called.append(arguments) or Summary(), NO_CHECK)  # type: ignore[func-returns-value]
    assert called[0] == ["search", "--source", "europepmc"]


def test_a_changed_strategy_or_limit_is_searched_in_full_first(
    review: Callable[..., Workspace], settings: Callable[..., Settings], brisk: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the old strategy left out is older than its last search: asking for the new days alone would miss it."""
    workspace = review("europepmc")
    with serving(EuropePmc(12).answer) as server:
        chosen = settings({"europepmc": server.url})
        called: list[list[str]] = []

        def call(arguments: list[str]) -> Summary:
            called.append(arguments)
            if arguments[0] != "search":
                return Summary()
            since = arguments[arguments.index("--since") + 1] if "--since" in arguments else ""
            return search(review_now, only=["europepmc"], since=since, settings=chosen, timing=brisk)

        review_now = workspace
        run(workspace, call, NO_CHECK)
        wider = "partnership[tiab] AND (hospital[tiab] OR clinic[tiab])"
        for days, changes in (
            (0, {"strategy": wider}),
            (60, {"strategy": wider, "more": "limits: {languages: [English]}"}),
            (120, {"strategy": wider}),
        ):
            monkeypatch.setenv("SOURCE_DATE_EPOCH", str(FIRST + days * DAY))
            review_now = review("europepmc", **changes)
            called.clear()
            run(review_now, call, NO_CHECK)
            since = ["--since", "2026-08-22"] if days == 120 else []
            assert called[0] == ["search", "--source", "europepmc", *since]


def test_a_file_loaded_for_a_searched_source_does_not_move_the_day(
    review: Callable[..., Workspace], settings: Callable[..., Settings], brisk: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service was not asked on the day of the file: the update goes back to its own last search."""
    workspace = review("europepmc")
    with serving(EuropePmc(3).answer) as server:
        search(workspace, settings=settings({"europepmc": server.url}), timing=brisk)
    with Workspace.open(workspace.layout.folder).transaction("load") as tx:
        tx.add_run(SearchRun(f"{tx.run}.1", "europepmc", "database", "file", searched_on="2026-11-01"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(FIRST + 60 * DAY))
    called: list[list[str]] = []
    summary = run(
        Workspace.open(workspace.layout.folder), lambda asked: called.append(asked) or Summary(), NO_CHECK  # type: ignore[func-returns-value]
    )  # fmt: skip
    assert called[0] == ["search", "--source", "europepmc", "--since", "2026-08-22"]
    assert "asks no service" not in "".join(summary.lines)


def test_zotero_is_pulled_again_as_it_was_and_one_that_fails_stops_no_other_step(
    review: Callable[..., Workspace],
) -> None:
    """Each pull once, as it was typed, of sources that there still are; exit code 3 where one failed."""
    folder = review(more="  - {id: team, name: Team, platform: Zotero}").layout.folder
    for source, place in (("team", "A"), ("team", "B"), ("gone", "C"), ("team", "A")):
        command = ("zotero", "pull", "--source", source, "--collection", place)
        workspace = Workspace.open(folder, command=command)
        with workspace.transaction("zotero", {"pull": place, "source": source}) as tx:
            tx.append(workspace.layout.zotero / f"pull-{source}.jsonl", b"{}\n")
    called: list[list[str]] = []

    def call(arguments: list[str]) -> Summary:
        called.append(arguments)
        if arguments[-1] == "A":
            raise SourceError("Zotero did not answer.")
        return Summary()

    summary = run(Workspace.open(folder), call, NO_CHECK)
    pull = ["zotero", "pull", "--source", "team", "--collection"]
    assert called == [[*pull, "A"], [*pull, "B"], ["load"], ["dedup"], ["screen", "sheet"]]
    assert summary.exit_code == 3
    assert any("FAILED, so what is new there is missing. Zotero did not answer." in line for line in summary.lines)
