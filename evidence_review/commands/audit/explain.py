"""One record's whole story, in order, with dates and names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evidence_review.errors import UsageError, suggest
from evidence_review.model.events import (
    ASKED,
    CONCERN,
    KEPT,
    LOCATED,
    RETRACTED,
    CitationLink,
    Copy,
    Decision,
    DuplicateEvent,
    Notice,
    Value,
)
from evidence_review.model.record import Record, citation_to_dict, short_reference
from evidence_review.sources.locate import LOCATORS
from evidence_review.state.names import reason_label
from evidence_review.state.renumbered import code_today, label_then
from evidence_review.state.screening import WITHDRAWN
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, Study, stand
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace


def explain(workspace: Workspace, identifier: str) -> Summary:
    """Tell what happened to the record (or to each report of the study) `identifier`.

    Raises:
        UsageError: there is no such record or study.
    """
    snapshot = workspace.snapshot()
    standing = stand(snapshot)
    wanted = identifier.strip().upper()
    study = next((study for study in standing.studies if study.id == wanted), None)
    ids = study.reports if study else (wanted,)
    if study is None and wanted in snapshot.gone:
        return _gone(workspace, snapshot, wanted)
    if study is None and wanted not in snapshot.records:
        raise UsageError(f"No record or study '{identifier}' in this review. {suggest(wanted, snapshot.records)}")
    lines: list[str] = []
    said = workspace.every_event(Decision)
    for record in ids:
        lines.extend(story(snapshot, standing, record, said))
    return Summary(
        lines=tuple(lines),
        data={
            "id": wanted,
            "records": [
                {
                    "id": record,
                    "kept_as": standing.clusters.keeper_of[record],
                    "state": standing.state_of[standing.clusters.keeper_of[record]],
                    "citation": citation_to_dict(snapshot.records[record].citation),
                    "story": list(story(snapshot, standing, record, said)),
                }
                for record in ids
            ],
        },
    )


def story(snapshot: Snapshot, standing: Standing, identifier: str, said: Sequence[Decision]) -> Iterator[str]:
    """Yield one record's story line by line; `said` is every decision, also on copies that were taken back."""
    record = snapshot.records[identifier]
    clusters = standing.clusters
    keeper = clusters.keeper_of[identifier]
    members = clusters.members_of[keeper]
    yield f"{identifier}  {short_reference(record.citation)}. {record.citation.title or '(no title)'}"
    yield f"  found    {_found(snapshot, record)}"
    for citation in snapshot.citations:
        if identifier in (citation.record, citation.seed):
            yield f"  {citation.when[:10]}  {_citation(snapshot, citation, identifier)}"
    for flag in record.flags:
        yield f"  doubt    {flag}"
    for event in snapshot.duplicates:
        if identifier in (event.record, event.kept):
            yield f"  {event.when[:10]}  {_pair(event, identifier)}"
    if keeper != identifier:
        yield f"  kept as  {keeper}; the decisions on all its {len(members)} copies count together"
    for decision in said:
        if snapshot.gone.get(decision.record, decision.record) in members:
            yield f"  {decision.when[:10]}  {_decision(snapshot, decision, identifier)}"
    for found in snapshot.copies:
        if found.record in members:
            yield f"  {found.when[:10]}  {_full_text_copy(found)}"
    for attempt in snapshot.retrievals:
        if attempt.record in members:
            told = ", ".join(part for part in (attempt.where, attempt.asked and f"asked {attempt.asked}") if part)
            where = f" ({told})" if told else ""
            yield f"  {attempt.when[:10]}  full text {attempt.outcome}{where}, noted by {attempt.by or 'the program'}"
    for link in snapshot.links:
        if link.record in members:
            yield f"  {link.when[:10]}  {link.event} to study {link.study} {link.label} by {link.by}"
    for notice in snapshot.notices:
        if notice.record in members:
            yield f"  {notice.when[:10]}  {_notice(notice)}"
    study = _study_of(standing, keeper)
    if study:
        values = [value for value in snapshot.values if value.study == study.id]
        people = sorted({value.by for value in values})
        yield f"  study    {study.id} {study.label}, {counted(len(study.reports), 'report')}"
        if values:
            yield f"  values   {len(values)} extracted or appraised by {', '.join(people)}"
    yield f"  now      {standing.state_of[keeper]} ({standing.arm_of[keeper]})"


def _gone(workspace: Workspace, snapshot: Snapshot, identifier: str) -> Summary:
    """Tell the story of a record that is in the review no more, since what brought it was taken back."""
    record = next(one for one in workspace.gone_records() if one.id == identifier)
    copy = snapshot.gone[identifier]
    told = [
        f"{identifier}  {short_reference(record.citation)}. {record.citation.title or '(no title)'}",
        f"  found    {_found(snapshot, record)}",
    ]
    for event, run in snapshot.taken_back:
        if identifier in run.record_ids:
            by = f" by {event.by}" if event.by else ""
            told.append(f"  {event.when[:10]}  run {run.id} taken back{by}: {event.why}")
    for decision in workspace.every_event(Decision):
        if decision.record == identifier:
            told.append(f"  {decision.when[:10]}  {_decision(snapshot, decision, identifier)}")
    values = sum(value.record == identifier for value in workspace.every_event(Value))
    if values:
        told.append(f"  values   {counted(values, 'value')} extracted or appraised from it")
    ends = f"what was said of it counts for its copy {copy}" if copy else "what was said of it stays on file"
    told.append(f"  now      not in the review; {ends}")
    citation = citation_to_dict(record.citation)
    story = {"id": identifier, "kept_as": copy, "state": "taken back", "citation": citation, "story": told}
    return Summary(tuple(told), {"id": identifier, "records": [story]})


def _found(snapshot: Snapshot, record: Record) -> str:
    every = (*snapshot.runs, *(run for _, run in snapshot.taken_back))
    run = next((run for run in every if (run.source, run.id) == (record.source, record.run)), None)
    source = snapshot.protocol.source(record.source)
    name = source.name if source else record.source
    if run is None:
        return f"{name}, run {record.run}"
    file = f", file {run.files[0][0]} (sha256 {run.files[0][1][:12]}…)" if run.files else ""
    line = f", line {record.line}" if record.line else ""
    when = f" on {run.searched_on}" if run.searched_on else ""
    return f"{name}{when}, run {run.id}{file}{line}, as number {record.position}"


def _pair(event: DuplicateEvent, identifier: str) -> str:
    other = event.kept if event.record == identifier else event.record
    words = {
        "merged": f"merged with {other}",
        "undone": f"merge with {other} undone",
        "distinct": f"told apart from {other}",
        "linked": f"linked to {other} as reports of one study",
        "doubtful": f"perhaps a copy of {other}: a person must look",
    }[event.event]
    scores = f", {event.scores}" if event.scores else ""
    rule = f" ({event.rule}{scores})" if event.rule else ""
    return f"{words}{rule} by {event.by}"


def _citation(snapshot: Snapshot, link: CitationLink, identifier: str) -> str:
    back = link.direction == "backward"
    if identifier == link.record:
        return f"{'cited by' if back else 'cites'} {link.label}, says {link.service} (round {link.round})"
    other = f"{link.record} ({short_reference(snapshot.records[link.record].citation)})"
    return f"{'cites' if back else 'cited by'} {other}, says {link.service}"


def _full_text_copy(copy: Copy) -> str:
    by = LOCATORS[copy.by].name if copy.by in LOCATORS else copy.by
    about = ", ".join(part for part in (copy.licence, copy.version) if part)
    if copy.event == ASKED:
        return f"{by} asked for open copies"
    if copy.event == LOCATED:
        return f"open copy named by {by}: {copy.address} ({', '.join(part for part in (copy.kind, about) if part)})"
    if copy.event == KEPT:
        origin = f"from {copy.address}" if copy.address else f"brought by {by or 'hand'}"
        licence = f", {about}" if about else ""
        return f"copy kept as {copy.file} (sha256 {copy.sha256[:12]}…{licence}), {origin}; {copy.check}"
    return f"copy not taken from {copy.address}: {copy.check}"


def _notice(notice: Notice) -> str:
    kind = {RETRACTED: "RETRACTED", CONCERN: "under an expression of concern"}.get(notice.kind, notice.kind)
    about = " of ".join(part for part in (notice.notice and f"notice {notice.notice}", notice.date) if part)
    return f"{kind}, says {notice.service}" + (f" ({about})" if about else "")


def _decision(snapshot: Snapshot, decision: Decision, identifier: str) -> str:
    today = code_today(snapshot, decision)
    label = label_then(snapshot, decision) or reason_label(snapshot, decision.reason)
    reason = " ".join(dict.fromkeys((f", {decision.reason}", label))) if label != decision.reason else f", {label}"
    reason += f" ({today} today)" if today != decision.reason else ""
    reason = reason if decision.reason else ""
    away = ", which was taken back" if decision.record in snapshot.gone else ""
    copy = f" (on its copy {decision.record}{away})" if decision.record != identifier else ""
    place = f" [{decision.sheet} row {decision.row}]" if decision.sheet else ""
    role = "" if decision.role == "screener" else f" as {decision.role}"
    note = f": {decision.note}" if decision.note else ""
    if decision.verdict == WITHDRAWN:
        return f"{decision.stage}: {decision.screener} took back what was settled{copy}{note}"
    return f"{decision.stage}: {decision.screener}{role} {decision.verdict}{reason}{copy}{note}{place}"


def _study_of(standing: Standing, keeper: str) -> Study | None:
    return next((study for study in standing.studies if keeper in study.reports), None)
