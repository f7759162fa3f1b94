"""Records and reviews to look for duplicates in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from evidence_review.model.record import Citation, Name, Parsed
from evidence_review.workspace.workspace import Workspace

PROTOCOL = """\
review: small
title: A small review
question: {text: Does it work?}
eligibility:
  include: [{id: I1, criterion: everything}]
  exclude: [{code: E1, label: nothing}]
team: [{id: reviewer-1}, {id: reviewer-2}]
screening:
  title_abstract: {mode: single, screeners: [reviewer-1]}
  full_text: {mode: single, screeners: [reviewer-1]}
sources:
  - {id: pubmed, name: PubMed}
"""

TRIAL = Citation(
    type="article-journal",
    title="Community health workers and the early detection of hypertension: a cluster randomised trial",
    container="Journal of Rural Health Research",
    authors=(Name("Kelly", "Erin"), Name("Müller", "Anna"), Name("Okafor", "Ifeoma")),
    year=2015,
    volume="12",
    issue="3",
    pages="288-297",
    doi="10.1000/jrhr.2015.288",
)
# The same paper as another database has it.
ABROAD = replace(
    TRIAL,
    title="Community health workers and the early detection of hypertension: A Cluster Randomized Trial.",
    container="J Rural Health Res",
    authors=(Name("Kelly", "E."), Name("Muller", "A."), Name("Okafor", "I.")),
    pages="288-97",
    doi="",
)
# Another paper of the same people.
SECOND = replace(
    TRIAL,
    title="Costs of home visits by lay health workers in two districts",
    volume="13",
    pages="11-19",
    year=2016,
    doi="10.1000/jrhr.2016.11",
)
# The same work as it was presented before it was published: neither one record nor two studies.
TALK = replace(
    TRIAL, container="Archives of Hypertension", volume="33", issue="S1", pages="e97", year=2014, doi="10.1000/ah.97"
)
# What a person must look at: the same title and author, and a volume that contradicts.
UNSURE = replace(TRIAL, volume="14", issue="", pages="", year=2015, doi="")


Add = Callable[..., list[str]]


def add_to(workspace: Workspace, citations: Iterable[Citation], source: str = "pubmed") -> list[str]:
    """Add citations to a review as records of one source."""
    ids = []
    before = sum(1 for _ in workspace.records())
    with workspace.transaction("load") as tx:
        for position, citation in enumerate(citations, start=before + 1):
            parsed = Parsed(citation, raw=f"{position} {citation!r}")
            ids.append(tx.add_record(parsed, source, f"{source}.1", position, "ris")[0])
    return ids


def files_of(workspace: Workspace) -> dict[str, bytes]:
    """Return every file of a review with its bytes, locks aside."""
    folder = workspace.layout.folder
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock")
    }
