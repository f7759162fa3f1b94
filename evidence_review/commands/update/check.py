"""Has anything that the review included been retracted, corrected or doubted since? Crossref and PubMed are asked anew.

Their replies are archived. What they say is kept as notices, and a retraction also corrects the record, so that
references and lists say it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from evidence_review.errors import SourceError
from evidence_review.model.events import CONCERN, CORRECTED, RETRACTED, Correction, Notice
from evidence_review.model.record import citation_to_dict, short_reference
from evidence_review.net.client import Timing
from evidence_review.net.failures import Failure
from evidence_review.net.talk import Quiet, Talk
from evidence_review.sources import connect
from evidence_review.sources.notices import WATCHES, Fates, Told, Watch
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import INCLUDED, stand
from evidence_review.summary import counted
from evidence_review.workspace.archive import opened
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

WORDS = {RETRACTED: "RETRACTED", CONCERN: "under an expression of concern", CORRECTED: "corrected"}


@dataclass
class Answer:
    """What one service said: `asked` papers (name to report), what happened to each, and what went wrong."""

    watch: Watch
    asked: dict[str, str]
    fates: dict[str, tuple[Told, ...]] = field(default_factory=dict)
    failure: str = ""

    @property
    def unknown(self) -> list[str]:
        """The reports whose paper it does not know."""
        return [] if self.failure else [report for name, report in self.asked.items() if name not in self.fates]


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check came to: the notices that are new, what to say, and whether a service failed."""

    notices: tuple[Notice, ...]
    lines: tuple[str, ...]
    failed: bool
    papers: int


def check(
    workspace: Workspace,
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Checked:
    """Ask about every included report; keep what is new."""
    snapshot = workspace.snapshot()
    papers = _papers(snapshot)
    chosen = Settings.load() if settings is None else settings
    answers = [_ask(workspace, watch, papers, chosen, talk or Quiet(), timing) for watch in WATCHES.values()]
    notices = _keep(workspace, snapshot, answers)
    lines = [*_said(snapshot, notices), *_services(answers)]
    nameless = [report for report, names in papers.items() if not names]
    if nameless:
        lines.append(f"Not checked, for want of a DOI or PMID: {', '.join(nameless)}.")
    return Checked(tuple(notices), tuple(lines), any(answer.failure for answer in answers), len(papers))


def _papers(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Return the identifiers (scheme to value) of each included report, from any copy of it."""
    standing = stand(snapshot)
    found: dict[str, dict[str, str]] = {}
    for keeper in standing.having(INCLUDED):
        names = found.setdefault(keeper, {})
        for member in standing.clusters.members_of[keeper]:
            citation = snapshot.records[member].citation
            for scheme, value in (("doi", citation.doi), ("pmid", citation.pmid)):
                if value and "," not in value:
                    names.setdefault(scheme, value)
    return found


def _ask(
    workspace: Workspace, watch: Watch, papers: Mapping[str, Mapping[str, str]], settings: Settings, talk: Talk,
    timing: Timing | None,
) -> Answer:  # fmt: skip
    asked = {
        f"{watch.scheme}:{names[watch.scheme]}": report for report, names in papers.items() if watch.scheme in names
    }
    answer = Answer(watch, asked)
    if not asked:
        return answer
    client = connect.client(watch, settings, talk, timing)
    try:
        access = connect.access(watch, settings)
        with opened(workspace.layout.asked_for_notices / watch.id, "update") as archive:
            archive.start_over()
            names = list(asked)
            for start in range(0, len(names), watch.batch):
                for ask in watch.asks:
                    request = ask(access, names[start : start + watch.batch])
                    _merge(answer.fates, client.ask(request, archive, watch.read), asked)
                talk.progress(watch.name, min(start + watch.batch, len(names)), len(names))
    except (Failure, SourceError) as fault:
        answer.failure = fault.message
    finally:
        client.close()
    return answer


def _merge(fates: dict[str, tuple[Told, ...]], found: Fates, asked: Mapping[str, str]) -> None:
    for name, told in found.items():
        if name in asked:
            fates[name] = tuple(dict.fromkeys((*fates.get(name, ()), *told)))


def _keep(workspace: Workspace, snapshot: Snapshot, answers: Sequence[Answer]) -> list[Notice]:
    # What stands for a document may have changed since a notice was kept.
    keeper_of = stand(snapshot).clusters.keeper_of
    known = {(keeper_of[notice.record], notice.kind, notice.notice) for notice in snapshot.notices}
    retracted = {keeper_of[notice.record] for notice in snapshot.notices if notice.kind == RETRACTED}
    new: list[Notice] = []
    with workspace.transaction("update", {"check": [answer.watch.id for answer in answers]}) as tx:
        corrections = []
        for answer in answers:
            for name, told in answer.fates.items():
                report = answer.asked[name]
                for one in told:
                    # That a paper is retracted need not be said again by a service that names no notice.
                    if (report, one.kind, one.notice) in known or (not one.notice and report in retracted):
                        continue
                    known.add((report, one.kind, one.notice))
                    new.append(Notice(report, one.kind, one.notice, one.date, answer.watch.id, tx.when))
                    if one.kind == RETRACTED and report not in retracted:
                        retracted.add(report)
                        corrections += _corrected(snapshot, report, answer.watch, one, tx.when)
        tx.add_events(new)
        tx.add_events(corrections)
        tx.counts.update({"notices": len(new)} if new else {})
    return new


def _corrected(snapshot: Snapshot, report: str, watch: Watch, told: Told, when: str) -> list[Correction]:
    citation = snapshot.records[report].citation
    if "retracted" in citation.status:
        return []
    changed = replace(citation, status=(*citation.status, "retracted"))
    text = json.dumps(citation_to_dict(changed), ensure_ascii=False, separators=(",", ":"))
    why = f"retracted, says {watch.name}" + (f" (notice {told.notice})" if told.notice else "")
    return [Correction(report, text, why, watch.id, when)]


def _said(snapshot: Snapshot, notices: Sequence[Notice]) -> list[str]:
    lines = []
    for notice in sorted(notices, key=lambda one: list(WORDS).index(one.kind)):
        about = f", notice {notice.notice}" if notice.notice else ""
        on = f" of {notice.date}" if notice.date else ""
        reference = short_reference(snapshot.records[notice.record].citation)
        name = WATCHES[notice.service].name
        lines.append(f"{notice.record}  {reference} is {WORDS[notice.kind]}, says {name}{about}{on}.")
    return lines


def _services(answers: Sequence[Answer]) -> list[str]:
    lines = []
    for answer in answers:
        name = answer.watch.name
        if answer.failure:
            lines.append(f"{name}: FAILED, so retractions that it knows may be missing. {answer.failure}")
            continue
        hit = sum(bool(told) for told in answer.fates.values())
        lines.append(f"{name}: asked about {counted(len(answer.asked), 'included report')}, has notices about {hit}.")
        if answer.unknown:
            lines.append(f"{name} does not know {', '.join(answer.unknown)}.")
    return lines
