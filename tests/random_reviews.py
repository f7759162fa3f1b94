"""Random reviews for Hypothesis: records from several routes, and every kind of event in any order."""

from __future__ import annotations

import datetime
from dataclasses import replace

from hypothesis import strategies as st

from evidence_review.model.events import (
    DISTINCT,
    DOUBTFUL,
    FULL_TEXT,
    LINKED,
    MERGED,
    OUTCOMES,
    STAGES,
    TITLE_ABSTRACT,
    UNDONE,
    VERDICTS,
    Decision,
    DuplicateEvent,
    Edition,
    Retrieval,
    StudyLink,
)
from evidence_review.model.protocol import MODES, Protocol
from evidence_review.model.record import Citation, Name, Record
from evidence_review.model.search_run import ROUTES, SearchRun
from evidence_review.state.screening import WITHDRAWN
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import BEFORE_SCREENING, Standing

TODAY = datetime.date(2026, 11, 23)
PEOPLE = ("reviewer-1", "reviewer-2")
CODES = ("E1", "E2", "E3")
AWAITED = "W1"


def protocol(routes: dict[str, str], modes: tuple[str, str] = ("dual", "dual"), cut_off: str = "", **more: object):  # type: ignore[no-untyped-def]
    """A protocol with one source for each id in `routes`."""
    return Protocol.model_validate(
        {
            "review": "random",
            "title": "A random review",
            "question": {"text": "What holds whatever happens?"},
            "eligibility": {
                "exclude": [
                    *({"code": code, "label": f"reason {code}"} for code in CODES),
                    {"code": AWAITED, "label": "authors asked", "stages": ["full-text"], "awaiting": True},
                ]
            },
            "sources": [{"id": name, "name": name.title(), "route": route} for name, route in routes.items()],
            "team": [{"id": person} for person in (*PEOPLE, "arbiter")],
            "screening": {
                "title_abstract": {"mode": modes[0], "screeners": list(PEOPLE), "arbiter": "arbiter"},
                "full_text": {"mode": modes[1], "screeners": list(PEOPLE), "arbiter": "arbiter"},
            },
            "full_text": {"cut_off": cut_off},
            **more,
        }
    )


def record(number: int, source: str) -> Record:
    """The record with this number, from this source."""
    citation = Citation(title=f"Title {number}", authors=(Name(family=f"Author{number % 4}"),), year=2000 + number % 3)
    return Record(f"R-{number:08d}", source, f"0001-load.{source}", number, citation)


@st.composite
def snapshots(draw: st.DrawFn, most: int = 14) -> Snapshot:
    """A review with anything in it that events can say."""
    names = [f"source{number}" for number in range(draw(st.integers(1, 5)))]
    routes = {name: draw(st.sampled_from((*ROUTES, "database", "database", "database"))) for name in names}
    sources = draw(st.lists(st.sampled_from(names), min_size=draw(st.sampled_from((0, 1, most // 2))), max_size=most))
    records = {item.id: item for number, source in enumerate(sources) for item in [record(number, source)]}
    modes = (draw(st.sampled_from(MODES)), draw(st.sampled_from(MODES)))
    cut_off = draw(st.sampled_from(("", "2026-11-01", "2026-12-31")))
    updates = draw(st.sampled_from((None, {"reference": "First version", "studies": 7, "reports": 9})))
    plan = protocol(routes, modes, cut_off, **({"updates": updates} if updates else {}))
    runs = tuple(
        SearchRun(
            f"0001-load.{name}", name, routes[name], "file", loaded=sources.count(name), starts=sources.count(name)
        )
        for name in names
    )
    if not records:
        return Snapshot(plan, runs=runs, today=TODAY)
    one = st.sampled_from(list(records))
    when = "2026-11-20T10:00:00Z"
    duplicate = st.builds(
        DuplicateEvent,
        event=st.sampled_from((MERGED, MERGED, MERGED, UNDONE, DISTINCT, LINKED, DOUBTFUL)),
        record=one, kept=one, rule=st.just("doi"), scores=st.just(""),
        by=st.sampled_from(("dedup", "dedup", "reviewer-1")), when=st.just(when),
    )  # fmt: skip
    decision = st.builds(
        Decision,
        record=one, stage=st.sampled_from((TITLE_ABSTRACT, TITLE_ABSTRACT, FULL_TEXT, FULL_TEXT, BEFORE_SCREENING)),
        screener=st.sampled_from(PEOPLE), verdict=st.sampled_from((*VERDICTS, "include", "exclude", "unscreened")),
        reason=st.sampled_from(("", *CODES, AWAITED)), note=st.just(""),
        role=st.sampled_from(("screener", "screener", "screener", "verifier", "arbiter", "consensus", "automation")),
        batch=st.just("1"), sheet=st.just("sheet.csv"), row=st.just("2"), when=st.just(when),
    )  # fmt: skip
    withdrawal = st.builds(lambda item: replace(item, verdict=WITHDRAWN, role="consensus"), decision)
    both = st.builds(lambda item: [item, *_second(item)], decision | decision | decision | withdrawal)
    retrieval = st.builds(
        Retrieval, record=one, outcome=st.sampled_from(OUTCOMES), where=st.just(""), note=st.just(""),
        by=st.sampled_from(PEOPLE), sheet=st.just(""), row=st.just(""), when=st.just(when),
    )  # fmt: skip
    link = st.builds(
        StudyLink, event=st.sampled_from(("linked", "linked", "undone")), record=one,
        study=st.sampled_from(("S-00000001", "S-00000002")), label=st.just(""), by=st.just("reviewer-1"),
        when=st.just(when),
    )  # fmt: skip
    return Snapshot(
        plan,
        records,
        runs,
        tuple(item for item in draw(st.lists(duplicate, max_size=most)) if item.record != item.kept),
        tuple(item for pair in draw(st.lists(both, min_size=len(records), max_size=3 * most)) for item in pair),
        tuple(draw(st.lists(retrieval, max_size=most))),
        tuple(draw(st.lists(link, max_size=4))),
        today=TODAY,
    )


def _second(decision: Decision) -> list[Decision]:
    """The other person agrees in most cases, so that records travel far enough."""
    if decision.role != "screener" or decision.stage not in STAGES or decision.row == "":
        return []
    other = PEOPLE[1] if decision.screener == PEOPLE[0] else PEOPLE[0]
    fields = {name: getattr(decision, name) for name in Decision.__dataclass_fields__}
    return [Decision(**{**fields, "screener": other})]


def first_version(ended: Standing, records: int) -> Edition:
    """Return the first version of a review, as it stood when it ended with so many records."""
    reports = [report for study in ended.studies for report in study.reports]
    return Edition(
        "1", str(records), " ".join(study.id for study in ended.studies), " ".join(reports), str(len(ended.studies)),
        str(len(reports)), "0002-update", "2026-11-21T10:00:00Z",
    )  # fmt: skip
