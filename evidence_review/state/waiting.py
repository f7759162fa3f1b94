"""What a review still waits for: each item stops a report from being final, and names the command that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evidence_review.model.protocol import Protocol
from evidence_review.model.search_run import COMPLETE, SearchRun
from evidence_review.state import standing as places
from evidence_review.state import values
from evidence_review.state.asked import since_of, still_asked
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing
from evidence_review.state.told import noun
from evidence_review.state.versions import place_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something unfinished: `count` things of `ids` (record ids where there are any), and what to do about it.

    `state` is the records' own, of `standing.WAITING`; "" where something else waits.
    """

    what: str
    count: int
    ids: tuple[str, ...]
    todo: str
    state: str = ""


_SERVICE = "api"
_TODO = {
    places.AWAITING_SCREENING: "evidence-review screen sheet, then collect",
    places.CONFLICT_SCREENING: "evidence-review screen conflicts, then collect",
    places.AWAITING_RETRIEVAL: "evidence-review fulltext locate, then fetch, sheet and collect",
    places.AWAITING_ELIGIBILITY: "evidence-review screen sheet --stage full-text, then collect",
    places.CONFLICT_ELIGIBILITY: "evidence-review screen conflicts --stage full-text, then collect",
}
_CONFLICTS = (places.CONFLICT_SCREENING, places.CONFLICT_ELIGIBILITY)


def unfinished_forms(snapshot: Snapshot, standing: Standing) -> tuple[Waiting, ...]:
    """Return the studies that a planned form or appraisal says nothing about, and those whose values nobody checked
    although that is planned.

    They stop no report: it says by itself what was left out.
    """
    protocol, studies = snapshot.protocol, [study.id for study in standing.studies]
    folded = values.fold(snapshot.values, standing)
    form = protocol.extraction.form
    forms, tools = [form.id] if form is not None else [], list(protocol.appraisal.tools.values())
    found = []
    for planned, mode, verb, done in (
        (forms, protocol.extraction.mode, "extract", "extracted"),
        (tools, protocol.appraisal.mode, "appraise", "appraised"),
    ):
        empty = folded.without(studies, planned) if planned else []
        alone = folded.unchecked(studies, planned) if mode == "verified" else []
        for ids, words, sheet in ((empty, f"not {done}", "sheet"), (alone, f"{done} and not checked", "verify")):
            if ids:
                what = f"{noun('study|studies', len(ids))} {words}"
                found.append(Waiting(what, len(ids), tuple(ids), f"evidence-review {verb} {sheet}, then collect"))
    return tuple(found)


def never_deduplicated(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the records that came after the last time duplicates were looked for.

    After something was taken back all are looked at anew: two copies may have been held together by a third alone.
    """
    seen = 0
    since = max((place_of(event.made) for event, _ in snapshot.taken_back), default=0)
    for entry in snapshot.ledger:
        if entry.verb == "dedup" and entry.seq > since:
            seen = max(seen, int(entry.counts.get("records", 0)))
    return tuple(list(snapshot.records)[seen:])


def made_again(run: SearchRun, runs: Sequence[SearchRun]) -> bool:
    """Whether the same question was put to the same service again later, and answered completely.

    A file answers no question anew: whether a search has all its files is kept with the run that has its hits.
    """
    asked = (run.source, run.via, run.strategy, run.translated, run.limits)
    later = runs[runs.index(run) + 1 :]
    return run.via == _SERVICE and any(
        other.state == COMPLETE and (other.source, other.via, other.strategy, other.translated, other.limits) == asked
        for other in later
    )


def unsettled(runs: Sequence[SearchRun]) -> tuple[SearchRun, ...]:
    """Return the searches that are not complete, that nobody accepted as they stand and that were not made again."""
    return tuple(run for run in runs if run.state != COMPLETE and not run.accepted and not made_again(run, runs))


def _way_on(run: SearchRun, protocol: Protocol) -> str:
    """Return what completes a search; where nothing can, because its question is no longer asked, how to go on."""
    accept = f"evidence-review search accept {run.source} --by ID --reason WHY"
    if run.via != _SERVICE:
        return (
            f"evidence-review load FILE --source {run.source}, with what is missing, or with a loaded file and the "
            f"right --hits; else {accept}"
        )
    if run.format == "zotero":
        return f"evidence-review zotero pull --source {run.source}"
    if run.route == "citation":
        return f"evidence-review chase, as before; else {accept}"
    if not still_asked(run, protocol):
        return f"{accept} (the protocol no longer asks this)"
    since = since_of(run)
    return f"evidence-review search --source {run.source} --since {since}" if since else "evidence-review search"


def waiting(snapshot: Snapshot, standing: Standing) -> tuple[Waiting, ...]:
    """Return everything unfinished, in the order of the work."""
    found = []
    for run in unsettled(snapshot.runs):
        what = f"search {run.id} of {run.source} is {run.state}: {run.reason}"
        found.append(Waiting(what, 1, (), _way_on(run, snapshot.protocol)))
    fresh = never_deduplicated(snapshot)
    if fresh:
        found.append(
            Waiting(
                f"{noun('record', len(fresh))} not looked at for duplicates", len(fresh), fresh, "evidence-review dedup"
            )
        )
    doubtful = standing.clusters.doubtful
    if doubtful:
        ids = tuple(event.record for event in doubtful)
        todo = f"answer screening/{snapshot.protocol.review}/duplicates.csv, then evidence-review dedup collect"
        found.append(Waiting(f"doubtful {noun('pair', len(doubtful))} of duplicates", len(doubtful), ids, todo))
    for state in places.WAITING:
        ids = tuple(standing.having(state))
        if ids:
            told = f"with a {state}" if state in _CONFLICTS else state
            found.append(Waiting(f"{noun('record', len(ids))} {told}", len(ids), ids, _TODO[state], state))
    return tuple(found)
