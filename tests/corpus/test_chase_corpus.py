"""Recorded lists of citations, served over a real socket: chase gives the documents that they list, all and only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_http import Answer, Asked, as_json, serving

from evidence_review.commands.chase.run import run
from evidence_review.model.events import CitationLink
from evidence_review.net.client import Timing
from evidence_review.net.pace import Rate
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

pytestmark = pytest.mark.corpus

PROTOCOL = """\
review: small
title: A small review
question: {text: Does it work?}
eligibility: {}
sources: [{id: pubmed, name: PubMed}]
"""
BRISK = Timing(ceiling=2.0, tries=2, first_backoff=0.01, timeout=(5.0, 5.0), rate=Rate(1_000, at_once=100))


@pytest.fixture
def review(tmp_path: Path) -> Workspace:
    """A review without records."""
    (tmp_path / "review" / "protocols").mkdir(parents=True)
    (tmp_path / "review" / "protocols" / "small.yml").write_text(PROTOCOL, encoding="utf-8")
    return Workspace.open(tmp_path / "review")


def chase(review: Workspace, service: str, way: str, seed: str, answer: Callable[[Asked], Answer]) -> None:
    """Follow one seed through one service."""
    seeds = review.layout.folder / "seeds.txt"
    seeds.write_text(seed + "\n", encoding="utf-8")
    with serving(answer) as server:
        settings = Settings(urls={service: server.url}, cache=review.layout.folder / "cache")
        run(review, file=seeds, direction=way, services=(service,), settings=settings, timing=BRISK)


def reconciled(review: Workspace, listed: int) -> None:
    """Every entry of the list is a record, a repetition or a rejection, and each record has its link."""
    (made,) = review.runs()
    records = list(review.records())
    assert made.state == "complete", made.reason
    assert made.starts == made.loaded + made.known + made.rejected
    assert made.starts >= len(records) == made.loaded
    assert made.hits == listed
    assert {link.record for link in review.events(CitationLink)} == {record.id for record in records}


def body_of(path: Path) -> Any:
    data = json.loads(path.read_text(encoding="utf-8"))
    return json.loads(data["response"]["body"]) if "response" in data else data


@pytest.mark.parametrize(
    ("way", "name"),
    [("forward", "biomcp_pmid20516115-citations"), ("backward", "biomcp_pmid20516115-references"),
     ("forward", "fast_semantic_citations"), ("backward", "fast_semantic_references")],
)  # fmt: skip
def test_semantic_scholar(corpus: Path, review: Workspace, way: str, name: str) -> None:
    """Each paper of the list once, under its id; `next` is followed to the end."""
    data = body_of(corpus / "payloads" / "semanticscholar" / f"{name}.json")
    entries = [entry.get("citingPaper") or entry["citedPaper"] for entry in data["data"]]

    def answer(asked: Asked) -> Answer:
        more = {"offset": int(asked.values["offset"]), "data": []}
        return as_json(data if asked.values["offset"] == "0" else more)

    chase(review, "semanticscholar", way, "20516115", answer)
    expected = {entry["paperId"] for entry in entries if entry["paperId"]}
    found = {record.native_id for record in review.records()}
    assert {native for native in found if not native.startswith("text-")} == expected
    reconciled(review, len(entries))


@pytest.mark.parametrize(("way", "name"), [("backward", "oc_coci_refs"), ("forward", "oc_coci_cites")])
def test_opencitations(corpus: Path, review: Workspace, way: str, name: str) -> None:
    """Each document of the pairs once, by its DOI; with its metadata where there is a recording."""
    pairs = body_of(corpus / "payloads" / "opencitations" / f"{name}.0.exchange.json")
    about = body_of(corpus / "payloads" / "opencitations" / "oc_coci_meta.0.exchange.json")
    side = "cited" if way == "backward" else "citing"

    def answer(asked: Asked) -> Answer:
        return as_json(about if "/metadata/" in asked.path else pairs)

    chase(review, "opencitations", way, "10.1108/jd-12-2013-0166", answer)
    expected = {pair[side].lower() for pair in pairs}
    assert {record.citation.doi for record in review.records()} == expected
    reconciled(review, len(expected))


def test_openalex(corpus: Path, review: Workspace) -> None:
    """What a work cites is fetched by id, and what is asked for and not delivered is named."""
    works = body_of(corpus / "payloads" / "openalex" / "fast_search.json")["results"]
    seed = next(work for work in works if work["referenced_works"])
    held = {work["id"].rpartition("/")[2]: work for work in works}
    cited = [work.rpartition("/")[2] for work in seed["referenced_works"]]
    # The recording holds the seed; two other recorded works stand where it cites them.
    others = [native for native, work in held.items() if work is not seed]
    seed = seed | {"referenced_works": [*seed["referenced_works"], *(f"https://openalex.org/{one}" for one in others)]}

    def answer(asked: Asked) -> Answer:
        scheme, _, values = asked.values["filter"].partition(":")
        results = [seed] if scheme == "doi" else [held[one] for one in values.split("|") if one in held]
        return as_json({"meta": {"count": len(results), "next_cursor": None}, "results": results})

    chase(review, "openalex", "backward", seed["doi"], answer)
    (made,) = review.runs()
    assert {record.native_id for record in review.records()} == set(others)
    assert (made.hits, made.loaded, made.state) == (len(cited) + len(others), len(others), "complete")
    gone = re.search(r"no longer in OpenAlex: (.*)", made.note)
    assert gone is not None and set(gone[1].split(", ")) == set(cited) - set(others)
