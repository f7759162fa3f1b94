"""An update says what was retracted, corrected or doubted among the included, once, and whom it could not ask."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_http import Answer, Asked, Server, as_json, serving

from evidence_review.commands.audit.explain import explain
from evidence_review.commands.report import lists
from evidence_review.commands.update.run import Wishes, run
from evidence_review.model.events import Correction, Decision, DuplicateEvent, Notice
from evidence_review.model.record import Citation, Name, Parsed
from evidence_review.model.search_run import SearchRun
from evidence_review.net.client import Timing
from evidence_review.net.exchange import reply_of_bytes
from evidence_review.sources.notices import Told, of_crossref, of_pubmed
from evidence_review.state.standing import stand
from evidence_review.summary import Summary
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

CHECK = Wishes(only_check=True)
TEAM = (
    "team: [{id: me}]\nscreening: {title_abstract: {mode: single, screeners: [me]}, "
    "full_text: {mode: single, screeners: [me]}}"
)


def crossref(asked: Asked) -> Answer:
    """Know papers 1 to 3; a retraction notice of 1, a correction of 2 that the paper names itself."""
    chosen = [part.partition(":")[::2] for part in asked.values["filter"].split(",")]
    items: list[dict[str, object]] = []
    for scheme, doi in chosen:
        if scheme == "doi" and doi in ("10.5555/e.1", "10.5555/e.2", "10.5555/e.3"):
            updated = {
                "updated-by": [{"DOI": "10.5555/C.2", "type": "erratum", "updated": {"date-parts": [[2026, 2]]}}]
            }
            items.append({"DOI": doi, "title": ["A paper"]} | (updated if doi.endswith("2") else {}))
        if scheme == "updates" and doi == "10.5555/e.1":
            told = {"DOI": "10.5555/E.1", "type": "retraction", "updated": {"date-parts": [[2026, 5, 4]]}}
            items.append({"DOI": "10.5555/R.1", "title": ["Retraction"], "update-to": [told]})
    return as_json(
        {"status": "ok", "message-type": "work-list", "message": {"total-results": len(items), "items": items}}
    )


def article(pmid: str, kinds: str = "Journal Article", links: str = "") -> str:
    return (
        f"<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><ArticleTitle>A paper</ArticleTitle>"
        f"<PublicationTypeList><PublicationType>{kinds}</PublicationType></PublicationTypeList></Article>"
        f"<CommentsCorrectionsList>{links}</CommentsCorrectionsList></MedlineCitation></PubmedArticle>"
    )


def pubmed(asked: Asked) -> Answer:
    """Know 1 (retracted, without saying where), 2 (nothing) and 3 (an expression of concern)."""
    concern = (
        '<CommentsCorrections RefType="ExpressionOfConcernIn"><RefSource>J. 2026;1:2</RefSource><PMID>77</PMID>'
        '</CommentsCorrections><CommentsCorrections RefType="CommentIn"><PMID>88</PMID></CommentsCorrections>'
    )
    known = {"1": article("1", "Retracted Publication"), "2": article("2"), "3": article("3", links=concern)}
    found = "".join(known[pmid] for pmid in asked.values["id"].split(",") if pmid in known)
    return Answer(f"<?xml version='1.0'?><PubmedArticleSet>{found}</PubmedArticleSet>".encode())


@pytest.fixture
def included(review: Callable[..., Workspace]) -> tuple[Workspace, list[str]]:
    """Four included records, the last without an identifier, and one excluded that has been retracted."""
    workspace = review("pubmed", more=TEAM)
    ids = []
    with workspace.transaction("load") as change:
        for number in range(1, 6):
            citation = Citation(title=f"Paper {number}", authors=(Name("Aalto", "B"),), year=2000 + number)
            if number != 4:
                shown = 1 if number == 5 else number
                citation = Citation(
                    title=f"Paper {number}", authors=(Name("Aalto", "B"),), year=2000 + number,
                    doi=f"10.5555/e.{number}", pmid=str(shown) if number != 5 else "",
                )  # fmt: skip
            ids.append(
                change.add_record(Parsed(citation, str(number), 1), "pubmed", f"{change.run}.1", number, "nbib")[0]
            )
        change.add_run(SearchRun(f"{change.run}.1", "pubmed", "database", "file", starts=5, loaded=5))
    with workspace.transaction("screen") as change:
        for number, record in enumerate(ids, start=1):
            change.add_events(
                Decision(record, stage, "me", "exclude" if number == 5 else "include", "", "", "screener", "1", "s.csv",
                         "2", change.when)
                for stage in ("title-abstract", "full-text")
            )  # fmt: skip
    return Workspace.open(workspace.layout.folder), ids


def checked(
    workspace: Workspace,
    settings: Callable[..., Settings],
    brisk: Timing,
    prepare: Callable[[Server], None] | None = None,
) -> Summary:
    with serving(crossref) as first, serving(pubmed) as second:
        if prepare:
            prepare(second)
        chosen = settings({"crossref": first.url, "pubmed": second.url})
        nobody: list[list[str]] = []
        summary = run(
            Workspace.open(workspace.layout.folder), lambda words: nobody.append(words) or Summary(), CHECK,  # type: ignore[func-returns-value]
            settings=chosen, timing=brisk,
        )  # fmt: skip
        assert nobody == []
        return summary


def test_notices_are_named_kept_and_shown(
    included: tuple[Workspace, list[str]], settings: Callable[..., Settings], brisk: Timing
) -> None:
    """Crossref's retraction and correction, PubMed's concern; what is excluded is not asked about."""
    workspace, ids = included
    summary = checked(workspace, settings, brisk)
    notices = [(one.record, one.kind, one.notice, one.date, one.service) for one in workspace.events(Notice)]
    assert notices == [
        (ids[0], "retracted", "10.5555/r.1", "2026-05-04", "crossref"),
        (ids[1], "corrected", "10.5555/c.2", "2026-02", "crossref"),
        (ids[2], "concern", "77", "", "pubmed"),
    ]
    said = "\n".join(summary.lines)
    assert f"{ids[0]}  Aalto 2001 is RETRACTED, says Crossref, notice 10.5555/r.1 of 2026-05-04." in said
    assert f"Not checked, for want of a DOI or PMID: {ids[3]}." in said
    assert summary.exit_code == 0
    (correction,) = workspace.events(Correction)
    assert "retracted" in json.loads(correction.citation)["status"]
    story = "\n".join(explain(Workspace.open(workspace.layout.folder), ids[0]).lines)
    assert "RETRACTED, says crossref (notice 10.5555/r.1 of 2026-05-04)" in story
    page = (workspace.layout.reports / "update.md").read_text(encoding="utf-8")
    assert f"Aalto 2001 ({ids[0]}): RETRACTED, notice 10.5555/r.1, 2026-05-04 (crossref)" in page


def test_what_was_said_once_is_not_said_again(
    included: tuple[Workspace, list[str]], settings: Callable[..., Settings], brisk: Timing
) -> None:
    """A second check changes neither the notices nor the ledger."""
    workspace, _ = included
    checked(workspace, settings, brisk)
    before = workspace.layout.ledger.read_bytes(), workspace.layout.notices.read_bytes()
    assert checked(workspace, settings, brisk).data["notices"] == []
    assert before == (workspace.layout.ledger.read_bytes(), workspace.layout.notices.read_bytes())


def test_a_retraction_follows_a_document_to_the_copy_that_stands_for_it(
    included: tuple[Workspace, list[str]], settings: Callable[..., Settings], brisk: Timing
) -> None:
    """Known of one record, which is merged into another afterwards: the report says it, and no check says it anew."""
    workspace, ids = included
    checked(workspace, settings, brisk)
    workspace = Workspace.open(workspace.layout.folder)
    with workspace.transaction("dedup") as change:
        change.add_events([DuplicateEvent("merged", ids[0], ids[3], "by hand", "", "me", change.when)])
    snapshot = Workspace.open(workspace.layout.folder).snapshot()
    study = next(one for one in lists.included(snapshot, stand(snapshot)) if ids[3] in one.references[0].key)
    assert study.flags == ("retracted",)
    assert "[Retracted]." in study.references[0].text
    assert checked(workspace, settings, brisk).data["notices"] == []


def test_a_service_that_fails_is_not_all_clear(
    included: tuple[Workspace, list[str]], settings: Callable[..., Settings], brisk: Timing
) -> None:
    """Exit code 3 and the words; the other service's notices are kept."""
    workspace, _ = included

    def broken(server: Server) -> None:
        server.faults = dict.fromkeys(range(1, 20), Answer(b"<html>gone</html>", 503))

    summary = checked(workspace, settings, brisk, broken)
    assert summary.exit_code == 3
    assert any(line.startswith("PubMed: FAILED, so retractions that it knows may be missing") for line in summary.lines)
    assert len(workspace.events(Notice)) == 2


def test_a_paper_that_a_service_does_not_know_is_named(
    included: tuple[Workspace, list[str]], settings: Callable[..., Settings], brisk: Timing, tmp_path: Path
) -> None:
    """No answer about a paper is not an answer that it stands."""
    workspace, ids = included
    nothing = {"status": "ok", "message-type": "work-list", "message": {"total-results": 0, "items": []}}
    with serving(lambda asked: as_json(nothing)) as first, serving(pubmed) as second:
        chosen = settings({"crossref": first.url, "pubmed": second.url})
        summary = run(workspace, lambda words: Summary(), CHECK, settings=chosen, timing=brisk)
    assert f"Crossref does not know {ids[0]}, {ids[1]}, {ids[2]}." in summary.lines


CONCERN = {"DOI": "10.1234/n", "type": "Expression of concern"}


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({"title": ["RETRACTED ARTICLE: A paper"]}, (Told("retracted"),)),
        ({"update-to": [{"DOI": "10.1234/a", "type": "withdrawal"}]}, (Told("retracted"),)),
        ({"updated-by": [{"DOI": "10.1234/n", "type": "new_edition"}]}, ()),
        ({"updated-by": [CONCERN]}, (Told("concern", "10.1234/n"),)),
    ],
    ids=["title", "on the paper itself", "no harm", "concern"],
)
def test_shapes_of_crossref(item: dict[str, object], told: tuple[Told, ...]) -> None:
    """A title that says it, a notice entered on the paper, kinds that are no harm."""
    body = {
        "status": "ok",
        "message-type": "work-list",
        "message": {"total-results": 1, "items": [item | {"DOI": "10.1234/a"}]},
    }
    assert of_crossref(reply_of_bytes(json.dumps(body).encode()))["doi:10.1234/a"] == told


def test_shapes_of_pubmed() -> None:
    """A retraction in a notice without PMID is named by its source."""
    link = '<CommentsCorrections RefType="RetractionIn"><RefSource>Lancet. 2026;1:2</RefSource></CommentsCorrections>'
    body = f"<PubmedArticleSet>{article('5', 'Retracted Publication', link)}</PubmedArticleSet>"
    assert of_pubmed(reply_of_bytes(body.encode())) == {"pmid:5": (Told("retracted", "Lancet. 2026;1:2"),)}
