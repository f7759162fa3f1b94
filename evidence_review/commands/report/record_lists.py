"""The records behind each box of the diagram, as the page's script lists them: what they are, and what was decided.

What was decided is a *story*. A review has few different ones, so that each is told once and records point to it: a
page with 20,000 records stays small and is written quickly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from evidence_review.commands.report.flow_boxes import BOXES
from evidence_review.commands.report.labels import Labels
from evidence_review.commands.report.material import Material
from evidence_review.model.events import FULL_TEXT, TITLE_ABSTRACT, Decision, Retrieval
from evidence_review.model.record import Record, short_reference
from evidence_review.state import standing as places
from evidence_review.state.flow import Flow
from evidence_review.state.names import reason_label, source_name
from evidence_review.state.screening import AUTOMATION, SETTLING_ROLES

_STATES = {
    places.REMOVED_AUTOMATION: "removed-automation",
    places.REMOVED_OTHER: "removed-other",
    places.AWAITING_SCREENING: "awaiting-screening",
    places.CONFLICT_SCREENING: "conflict-screening",
    places.UNSCREENED: "unscreened",
    places.EXCLUDED_SCREENING: "excluded-screening",
    places.AWAITING_RETRIEVAL: "awaiting-retrieval",
    places.NOT_OBTAINED: "not-obtained",
    places.AWAITING_ELIGIBILITY: "awaiting-eligibility",
    places.CONFLICT_ELIGIBILITY: "conflict-eligibility",
    places.EXCLUDED_ELIGIBILITY: "excluded-eligibility",
    places.AWAITING_CLASSIFICATION: "awaiting-classification",
    places.INCLUDED: "included",
}
_said = attrgetter("stage", "screener", "role", "verdict", "reason", "note", "when")
_WORDS = ("records", "filter", "close", "first", "choose", "filter-studies", "no-title")


def record_lists(material: Material, labels: Labels) -> dict[str, Any]:
    """Return what the page's script needs.

    `records` has [id, title, who, where, DOI, place in `sources`, place in `stories`] of each record once, `boxes` the
    places in it, `stories` lists of sentences, `words` the script's own in the report's language.
    """
    flow: Flow = material.flow
    reports = {study.id: study.reports for study in material.standing.studies}
    wanted = {
        key: [record for name in names for one in _ids(flow, name) for record in reports.get(one, (one,))]
        for key, names in BOXES.items()
    }
    order = {record: place for place, record in enumerate(dict.fromkeys(r for ids in wanted.values() for r in ids))}
    snapshot = material.snapshot
    sources = {source: place for place, source in enumerate({one.source: 0 for one in snapshot.records.values()})}
    stories = _Stories(material, labels)
    return {
        "words": {word: labels(f"page.{word}") for word in _WORDS},
        "sources": [source_name(snapshot.protocol, source, snapshot.runs) for source in sources],
        "records": [_told(snapshot.records[one], sources, stories) for one in order],
        "stories": stories.told,
        "boxes": {
            key: {"title": labels(f"list.{key}"), "records": [order[record] for record in ids]}
            for key, ids in wanted.items()
            if ids
        },
    }


def _ids(flow: Flow, name: str) -> tuple[str, ...]:
    number = flow.get(name)
    return number.ids or () if number is not None else ()


def _told(record: Record, sources: Mapping[str, int], stories: _Stories) -> list[str | int]:
    citation = record.citation
    year = str(citation.year or "")
    where = f"{citation.container} {year}" if citation.container and year else citation.container or year
    return [
        record.id, citation.title, short_reference(citation), where, citation.doi, sources[record.source],
        stories.of(record.id),
    ]  # fmt: skip


def in_order(decisions: Sequence[Decision]) -> list[Decision]:
    """Return decisions as they were made: of those taken in together, what settled a conflict comes last."""
    return sorted(decisions, key=lambda one: (one.when, one.role in SETTLING_ROLES))


class _Stories:
    """What was decided, each wording once. `told` fills as records are asked for."""

    def __init__(self, material: Material, labels: Labels) -> None:
        self.told: list[list[str]] = []
        self._places: dict[Any, int] = {}
        # The same by everything that was said, to the second: found again without looking into each decision.
        self._exact: dict[Any, int] = {}
        self._standing = material.standing
        self._snapshot = material.snapshot
        self._team = {member.id: member.name or member.id for member in self._snapshot.protocol.team}
        self._labels = labels

    def of(self, record: str) -> int:
        """Return the place of a record's story."""
        standing = self._standing
        keeper = standing.clusters.keeper_of[record]
        if keeper != record:
            return self._place(keeper, [self._labels("page.copy", id=keeper)])
        first, second = standing.title_abstract.get(record), standing.full_text.get(record)
        said = [_said(one) for outcome in (first, second) if outcome for one in outcome.decisions]
        retrieval = standing.retrieval.get(record)
        exact = (standing.state_of[record], retrieval, *said)
        place = self._exact.get(exact)
        if place is None:
            got = (retrieval.outcome, retrieval.where, retrieval.when[:10]) if retrieval else ()
            key = (standing.state_of[record], got, *((*words, when[:10]) for *words, when in said))
            place = self._exact[exact] = self._place(key, self._tell(record))
        return place

    def _place(self, key: Any, story: list[str]) -> int:
        place = self._places.setdefault(key, len(self.told))
        if place == len(self.told):
            self.told.append(story)
        return place

    def _tell(self, record: str) -> list[str]:
        standing, labels = self._standing, self._labels
        lines = [labels(f"state.{_STATES[standing.state_of[record]]}")]
        first, second = standing.title_abstract.get(record), standing.full_text.get(record)
        lines += [self._decision(one) for one in (in_order(first.decisions) if first else ())]
        if (retrieval := standing.retrieval.get(record)) is not None:
            lines.append(self._retrieval(retrieval))
        return lines + [self._decision(one) for one in (in_order(second.decisions) if second else ())]

    def _decision(self, one: Decision) -> str:
        """`Title and abstract: exclude (E1 no link), reviewer-1, 2026-11-20; too short to tell`."""
        labels = self._labels
        step = labels(f"step.{one.stage}") if one.stage in (TITLE_ABSTRACT, FULL_TEXT) else one.stage
        known = one.verdict in ("include", "exclude", "maybe", "unscreened")
        said = labels(f"verdict.{one.verdict}") if known else one.verdict
        if one.reason:
            label = reason_label(self._snapshot, one.reason)
            said += f" ({one.reason} {label})" if label != one.reason else f" ({one.reason})"
        who = labels("page.automation") if one.role == AUTOMATION else self._team.get(one.screener, one.screener)
        told = ", ".join(part for part in (said, who, one.when[:10]) if part)
        return f"{step}: {told}" + (f"; {one.note}" if one.note else "")

    def _retrieval(self, one: Retrieval) -> str:
        said = self._labels(f"retrieval.{one.outcome}")
        return ", ".join(
            part for part in (f"{self._labels('step.retrieval')}: {said}", one.where, one.when[:10]) if part
        )
