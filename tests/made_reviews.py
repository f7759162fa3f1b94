"""Whole review folders for tests: records, decisions and values written the way the verbs write them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from evidence_review.model.events import Decision, DuplicateEvent, Retrieval, StudyLink, Value
from evidence_review.model.record import Citation, Name, Parsed
from evidence_review.model.search_run import SearchRun
from evidence_review.workspace.workspace import Workspace

PROTOCOL = """\
review: links
title: "Do hospital links work? A rapid evidence review"
question:
  text: Do links between hospitals help those who work in them?
  framework: PICO
  parts:
    population: hospital staff
    outcome: [skills, retention]
eligibility:
  include:
    - id: I1
      criterion: a link between two hospitals
  exclude:
    - code: E1
      label: no link between hospitals
    - code: E2
      label: no outcome, only {{7*7}} and <b>opinion</b>
sources:
  - id: pubmed
    name: PubMed
    route: database
    platform: NLM
    searched_on: 2026-10-01
  - id: web
    name: Hospital web pages
    route: website
    via: manual
    searched_on: 2026-10-02
    terms: hospital link
team:
  - id: reviewer-1
    credit: [Investigation]
  - id: reviewer-2
  - id: arbiter
screening:
  title_abstract:
    mode: dual
    screeners: [reviewer-1, reviewer-2]
    arbiter: arbiter
  full_text:
    mode: dual
    screeners: [reviewer-1, reviewer-2]
    arbiter: arbiter
extraction:
  mode: single
  extractors: [reviewer-1]
  form:
    id: facts
    fields:
      - id: design
      - id: finding
synthesis:
  approach: Narrative.
shortcuts:
  - step: search
    what: One database
    reason: two weeks
    effect: studies elsewhere are missed
report:
  authors: [reviewer-1, reviewer-2]
  corresponding: reviewer-1
  disclaimer: Made up for a test.
"""

NASTY = (
    "<img src=x onerror=alert(1)> & <script>alert(2)</script>",
    "{{7*7}} {% raw %} ${7*7}",
    "\u202eright to left\u202c שלום עולם",
    '=HYPERLINK("http://x") | a *b* _c_ `d` [e](javascript:alert(3))',
    "Emoji 🏥 and a NUL \0 in it, then ]]> and </script></style>",
    "word " * 400,
    '#let x = "1"; $a^2$ \\textbf{b} @nobody <label> %c ~d /* e */ #eval("f") \\input{g} ^h^ ::: {.i}',
)


def make(
    folder: Path,
    records: int = 24,
    *,
    finished: bool = True,
    protocol: str = PROTOCOL,
    rare: bool = False,
    hostile: bool = False,
) -> Workspace:
    """Make a review in which every fourth record is a duplicate, and two thirds of the others go to the full text.

    `rare` sends one in thirty-three there, as in a large review; `hostile` gives every record a title that would act.
    """
    (folder / "protocols").mkdir(parents=True)
    (folder / "protocols" / "links.yml").write_text(protocol, encoding="utf-8", newline="\n")
    workspace = Workspace.open(folder, "links")
    ids = _load(workspace, records, hostile=hostile)
    kept = [record for place, record in enumerate(ids) if place % 4 != 3]
    with workspace.transaction("dedup") as tx:
        tx.add_events(
            DuplicateEvent("merged", record, ids[place - 1], "doi", "", "dedup", tx.when)
            for place, record in enumerate(ids)
            if place % 4 == 3
        )
        tx.write(workspace.layout.library / "dedup.json", b"{}\n")
        tx.counts = {"records": len(ids)}

    def passes(place: int) -> bool:
        return place % 33 == 1 if rare else place % 3 != 0

    with workspace.transaction("screen") as tx:
        for place, record in enumerate(kept):
            if place == len(kept) - 1 and not finished:
                break
            for person in ("reviewer-1", "reviewer-2"):
                said, reason = ("include", "") if passes(place) else ("exclude", "E1")
                tx.add_events([_decision(record, "title-abstract", person, said, reason, tx.when)])
    with workspace.transaction("fulltext") as tx:
        sought = [record for place, record in enumerate(kept) if passes(place)]
        if not finished:
            sought = sought[:-1]
        tx.add_events(
            Retrieval(
                record, "not-retrieved" if place % 9 == 8 else "retrieved", "library", "", "reviewer-1", "", "", tx.when
            )
            for place, record in enumerate(sought)
        )
    with workspace.transaction("screen") as tx:
        for place, record in enumerate(sought):
            if place % 9 == 8:
                continue
            for person in ("reviewer-1", "reviewer-2"):
                said = "include" if place % 2 == 0 else "exclude"
                tx.add_events([_decision(record, "full-text", person, said, "" if place % 2 == 0 else "E2", tx.when)])
    included = [record for place, record in enumerate(sought) if place % 9 != 8 and place % 2 == 0]
    with workspace.transaction("extract") as tx:
        for record in included:
            study = "S-" + record.removeprefix("R-")
            for name, value in (("design", "survey"), ("finding", NASTY[0])):
                tx.add_events([_value(study, record, name, value, tx.when)])
        if len(included) > 3:
            first = included[0]
            tx.add_events(
                [StudyLink("linked", included[1], "S-" + first.removeprefix("R-"), "", "reviewer-1", tx.when)]
            )
    return workspace


def _load(workspace: Workspace, records: int, *, hostile: bool) -> list[str]:
    ids = []
    with workspace.transaction("load") as tx:
        for source, route, share in (("pubmed", "database", range(records - records // 4)),
                                     ("web", "website", range(records - records // 4, records))):  # fmt: skip
            new = []
            for number in share:
                nasty = NASTY[number % len(NASTY)] if hostile or number < len(NASTY) else ""
                citation = Citation(
                    type="article-journal",
                    title=nasty or f"Title number {number}",
                    authors=(Name("Author" + chr(65 + number % 26), "Ann B"), Name(literal="The <b>Group</b>")),
                    container="Journal of Links", year=2010 + number % 15, volume="7", issue="2", pages="1-9",
                    doi=f"10.1000/links.{number}",
                )  # fmt: skip
                record, _ = tx.add_record(
                    Parsed(citation, f"raw {number}", native_id=f"n{number}"), source, tx.run, number + 1, "ris"
                )
                new.append(record)
            ids += new
            digest = hashlib.sha256(source.encode()).hexdigest()
            tx.add_run(
                SearchRun(
                    f"{tx.run}.{source}", source, route, "file", platform="NLM", strategy="link* AND <hospital>",
                    searched_on="2026-10-01", searched_by="reviewer-1", hits=len(new), starts=len(new), loaded=len(new),
                    files=((f"{source}.ris", digest),), record_ids=tuple(new),
                )
            )  # fmt: skip
    return ids


def _decision(record: str, stage: str, person: str, verdict: str, reason: str, when: str) -> Decision:
    return Decision(record, stage, person, verdict, reason, "", "screener", "1", "sheet.csv", "2", when)


def _value(study: str, record: str, name: str, value: str, when: str) -> Value:
    fields: dict[str, Any] = dict.fromkeys(Value.__dataclass_fields__, "")
    fields |= {"study": study, "record": record, "form": "facts@1", "field": name, "value": value, "status": "reported",
               "by": "reviewer-1", "role": "extractor", "when": when}  # fmt: skip
    return Value(**fields)
