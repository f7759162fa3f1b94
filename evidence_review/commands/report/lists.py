"""The lists of a report: studies included, reports excluded with their reason, reports not obtained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evidence_review.commands.report.references import STYLES, Style, letters, link, parted
from evidence_review.model.record import Citation, short_reference
from evidence_review.state import standing as places
from evidence_review.state.names import reason_code, reason_label, source_name
from evidence_review.state.printed import printed
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing
from evidence_review.text.running import title_key

VANCOUVER = STYLES["vancouver"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A document in the list of references. `number` is its place there, `key` the record's id, `cite` what stands for
    it in the text, `address` how the end of the reference, which leads to `link`, is printed.
    """

    key: str
    number: int
    cite: str
    text: str
    address: str
    link: str


@dataclass(frozen=True, slots=True)
class IncludedStudy:
    """A study with the references of its reports, the main one first, and the sources that found it."""

    id: str
    label: str
    title: str
    year: str
    where: str
    references: tuple[Reference, ...]
    sources: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A report that was sought or read and is not included: which, why, with whose words."""

    id: str
    label: str
    text: str
    address: str
    link: str
    code: str
    reason: str
    note: str


def included(snapshot: Snapshot, standing: Standing, style: Style = VANCOUVER) -> tuple[IncludedStudy, ...]:
    """Return the included studies in the order of their labels."""
    studies = sorted(standing.studies, key=lambda study: (title_key(study.label), study.id))
    number = 0
    found = []
    # The main reports come first, so that the letter of a study in tables and that of its citation are the same.
    first = [*(study.reports[0] for study in studies), *(report for study in studies for report in study.reports[1:])]
    told_apart = letters({report: snapshot.records[report].citation for report in first})
    for study in studies:
        references = []
        for report in study.reports:
            number += 1
            citation = printed(snapshot, standing, report)
            letter = told_apart[report]
            shown = str(number) if style.cite is None else style.cite(citation, letter)
            references.append(
                Reference(report, number, shown, *parted(style.entry(citation, letter), citation), link(citation))
            )
        main = snapshot.records[study.reports[0]].citation
        members = [member for report in study.reports for member in standing.clusters.members_of[report]]
        sources = dict.fromkeys(
            source_name(snapshot.protocol, snapshot.records[member].source, snapshot.runs) for member in members
        )
        found.append(
            IncludedStudy(
                study.id, study.label, main.title, str(main.year or ""), main.container or main.publisher,
                tuple(references), tuple(sources), _flags(snapshot, standing, study.reports),
            )
        )  # fmt: skip
    return tuple(found)


_FLAG_WORDS = {"preprint": "preprint", "abstract": "conference abstract", "retracted": "retracted"}


def _flags(snapshot: Snapshot, standing: Standing, reports: tuple[str, ...]) -> tuple[str, ...]:
    found = dict.fromkeys(status for report in reports for status in printed(snapshot, standing, report).status)
    return tuple(_FLAG_WORDS[status] for status in found if status in _FLAG_WORDS)


def excluded(
    snapshot: Snapshot, standing: Standing, style: Style = VANCOUVER, state: str = places.EXCLUDED_ELIGIBILITY
) -> tuple[LeftOut, ...]:
    """Return the reports excluded at full text, or of another `state` with a reason, by reason in the protocol's
    order, then by name.
    """
    order = [reason.code for reason in snapshot.protocol.eligibility.exclude]
    found = []
    for keeper in standing.having(state):
        outcome = standing.full_text[keeper]
        notes = dict.fromkeys(item.note for item in outcome.decisions if item.note)
        code = reason_code(snapshot, outcome.reason)
        reason = reason_label(snapshot, code) if outcome.reason else ""
        found.append(_left_out(style, keeper, printed(snapshot, standing, keeper), code, reason, "; ".join(notes)))
    return tuple(sorted(found, key=lambda item: (_place(order, item.code), title_key(item.label), item.id)))


def not_retrieved(snapshot: Snapshot, standing: Standing, style: Style = VANCOUVER) -> tuple[LeftOut, ...]:
    """Return the reports whose full text was not obtained, with where it was sought."""
    found = []
    for keeper in standing.having(places.NOT_OBTAINED):
        event = standing.retrieval.get(keeper)
        sought = " ".join(part for part in (event.where, event.note) if part) if event else ""
        note = sought or f"still missing on {snapshot.protocol.full_text.cut_off}"
        found.append(_left_out(style, keeper, printed(snapshot, standing, keeper), "", "", note))
    return tuple(sorted(found, key=lambda item: (title_key(item.label), item.id)))


def _left_out(style: Style, keeper: str, citation: Citation, code: str, reason: str, note: str) -> LeftOut:
    return LeftOut(
        keeper,
        short_reference(citation),
        *parted(style.entry(citation, ""), citation),
        link(citation),
        code,
        reason,
        note,
    )


def _place(order: list[str], code: str) -> int:
    return order.index(code) if code in order else len(order)


def references(studies: tuple[IncludedStudy, ...]) -> Iterator[Reference]:
    """Yield the list of references."""
    for study in studies:
        yield from study.references
