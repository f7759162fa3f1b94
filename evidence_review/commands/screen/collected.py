"""What was collected from screening sheets, in words and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evidence_review.commands.screen import settled
from evidence_review.commands.screen.columns import NOTE, RECORD
from evidence_review.commands.screen.returned import Returned, Taken
from evidence_review.commands.screen.review import StageView
from evidence_review.model.events import Decision
from evidence_review.state.taken_back import gone_rows
from evidence_review.summary import Summary, counted

_MINDS_SHOWN = 10


def told(taken: Sequence[tuple[Returned, Taken]], stage: str, views: Mapping[str, StageView]) -> Summary:
    """Return what became of each file, `stage` being the one asked for, "" for all."""
    lines = []
    collected = {
        name: [decision for one, got in taken if one.identity.stage == name for decision in got.decisions]
        for name in views
    }
    for one, got in taken:
        parts = [counted(len(got.decisions), "new decision")]
        if got.changed:
            parts.append(f"{len(got.changed)} of them a changed mind")
        if got.same:
            parts.append(f"{got.same} known already")
        if got.older:
            parts.append(f"{got.older} older than what was decided since in another file; they change nothing")
        if got.merges:
            parts.append(counted(len(got.merges), "duplicate"))
        if got.waiting:
            parts.append(f"{got.waiting} not yet")
        if got.blanked:
            parts.append(f"{got.blanked} blank now, where the decision taken before stays")
        lines.append(f"{one.name}: {', '.join(parts)}")
        # Two copies of one sheet that say different things look like this, too: only the person can tell.
        lines += [f"  {_mind(*change)}" for change in got.changed[:_MINDS_SHOWN]]
        lines += [f"  … and {len(got.changed) - _MINDS_SHOWN} more"] if len(got.changed) > _MINDS_SHOWN else []
        at = one.identity.stage
        lines += [f"  {note}" for note in settled.told(views[at], got.decisions, got.repeated, collected[at])]
        lines += [f"  {note}" for note in _notes(one)]
    total = sum(len(got.decisions) for _, got in taken)
    if not taken:
        lines.append("No sheets to collect" + (f" at {stage}." if stage else "."))
    data = {
        "decisions": total,
        "files": [
            {
                "file": one.name,
                "screener": one.identity.screener,
                "batch": one.identity.batch,
                "decisions": len(got.decisions),
                "changed": len(got.changed),
                "same": got.same,
                "waiting": got.waiting,
                "blanked": got.blanked,
                "older": got.older,
                "merges": len(got.merges),
            }
            for one, got in taken
        ],
    }
    return Summary(lines=tuple(lines), data=data, next="evidence-review screen status" if total else "")


def _mind(before: Decision, now: Decision) -> str:
    """Say from what to what somebody changed a decision, and where the two stand."""
    was, is_now = (" ".join(filter(None, (one.verdict, one.reason))) for one in (before, now))
    return f"row {now.row}, {now.record}: {is_now}, before {was} ({before.sheet} row {before.row}, {before.when[:10]})"


def _notes(one: Returned) -> list[str]:
    notes = list(one.table.notes)
    missing = len(set(one.issued.records) - {row.plain(RECORD).upper() for row in one.table.rows})
    if missing:
        verb = "is" if missing == 1 else "are"
        notes.append(f"{counted(missing, 'row')} of the sheet as issued {verb} not in this file; nothing changes there")
    if one.gone:
        notes.append(gone_rows(one.gone))
    doubtful = [row.number for row in one.table.rows if one.table.guessed and not row.get(NOTE).isascii()]
    if doubtful:
        notes.append(f"the encoding was guessed: check the accents in the notes of rows {doubtful}")
    return notes
