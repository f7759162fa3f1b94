"""What is new, changed or retracted since the last version, for the reader: `reports/<review>/update.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evidence_review.commands.update.check import WORDS
from evidence_review.model.record import Citation, short_reference
from evidence_review.state.counting import count
from evidence_review.state.flow import Flow
from evidence_review.state.names import source_name
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import WAITING, Standing, stand
from evidence_review.summary import counted

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|"})


def page(snapshot: Snapshot) -> str:
    """Return the summary in Markdown; it is folded from the review as it stands, and may be written again any time."""
    standing = stand(snapshot)
    flow = count(snapshot, standing)
    since = flow.since
    begun = f"since version {since.edition.number} ended on {since.edition.when[:10]}" if since else "in this version"
    old = since.old if since else frozenset[str]()
    lines = [
        f"# What is new: {_plain(snapshot.protocol.title)}",
        "",
        f"As of {snapshot.today.isoformat()}, {begun}.",
        "",
        "## Found",
        "",
        *_found(snapshot, flow),
        "",
        "## Included",
        "",
        *_included(snapshot, standing, flow),
        "",
        "## Retracted, corrected or doubted",
        "",
        *_notices(snapshot),
        "",
        "## Still to be decided",
        "",
        _waiting(standing, old),
        "",
    ]
    return "\n".join(lines)


def _found(snapshot: Snapshot, flow: Flow) -> Iterator[str]:
    new = len(flow.records or ())
    if not new:
        yield "No record was found."
        return
    known = flow.having("duplicates") + flow.having("other_duplicates")
    yield f"{counted(new, 'record')}, {known:,} of them copies of one another or of records that were known."
    yield ""
    for box in flow.counts.values():
        for source, part in box.parts.items():
            if box.key.endswith("_results") and part.n:
                dates = sorted(
                    {run.searched_on[:10] for run in snapshot.runs if run.id in part.runs and run.searched_on}
                )
                name = _plain(source_name(snapshot.protocol, source, snapshot.runs))
                yield f"- {name}: {counted(part.n, 'record')}" + (f" ({', '.join(dates)})" if dates else "")


def _included(snapshot: Snapshot, standing: Standing, flow: Flow) -> Iterator[str]:
    new = flow.counts["new_studies"].ids or ()
    studies = {study.id: study for study in standing.studies}
    yield f"{counted(len(new), 'new study', 'new studies')}." if new else "No new study."
    yield ""
    for identifier in new:
        yield f"- {_reference(snapshot.records[studies[identifier].reports[0]].citation)}"
    shown = set(new)
    reports = [report for report in flow.counts["new_reports"].ids or () if _study(standing, report) not in shown]
    for report in reports:
        yield f"- a further report of {_study(standing, report)}: {_reference(snapshot.records[report].citation)}"
    if flow.since:
        for words, ids in (("Included no longer", flow.since.withdrawn), ("Taken in after all", flow.since.added)):
            if ids["reports"]:
                yield ""
                yield f"{words}: " + ", ".join(
                    f"{_plain(short_reference(snapshot.records[one].citation))} ({one})" for one in ids["reports"]
                )
    total, previous = flow.get("total_studies"), flow.get("previous_studies")
    if total and previous:
        yield ""
        yield f"In all {counted(total.n, 'study', 'studies')}; the previous version had {previous.n:,}."


def _study(standing: Standing, report: str) -> str:
    return next((study.id for study in standing.studies if report in study.reports), "")


def _notices(snapshot: Snapshot) -> Iterable[str]:
    since = snapshot.editions[-1].when if snapshot.editions else ""
    notices = [notice for notice in snapshot.notices if notice.when >= since]
    if not notices:
        asked = any(entry.verb == "update" and "check" in entry.arguments for entry in snapshot.ledger)
        return ["Nothing is known." if asked or snapshot.notices else "No notice is on file."]
    return [
        f"- {_plain(short_reference(snapshot.records[notice.record].citation))} ({notice.record}): {WORDS[notice.kind]}"
        + (f", notice {_plain(notice.notice)}" if notice.notice else "")
        + (f", {notice.date}" if notice.date else "")
        + f" ({notice.service})"
        for notice in notices
    ]


def _waiting(standing: Standing, old: frozenset[str]) -> str:
    waiting = standing.having(*WAITING)
    if not waiting:
        return "Nothing waits."
    late = sum(keeper in old for keeper in waiting)
    return f"{counted(len(waiting), 'record waits', 'records wait')} for a decision" + (
        f", {late:,} of them from before." if late else "."
    )


def _reference(citation: Citation) -> str:
    where = f", {_plain(citation.container)}" if citation.container else ""
    doi = f" https://doi.org/{citation.doi}" if citation.doi else ""
    return f"{_plain(short_reference(citation))}. {_plain(citation.title)}{where}.{doi}"


def _plain(text: str) -> str:
    return text.translate(_MARKS)
