"""What people said of records that leave the review, and what would count no more with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evidence_review.model.events import Decision, Retrieval, StudyLink, Value
from evidence_review.model.search_run import SearchRun
from evidence_review.state.screening import AUTOMATION
from evidence_review.state.taken_back import Gone
from evidence_review.summary import counted
from evidence_review.workspace.workspace import Workspace

WITH_DECISIONS = "--with-decisions"
_DECISION, _RETRIEVAL, _LINK, _VALUE = "decisions", "retrievals", "links", "values"
_NOUNS = {
    _DECISION: ("screening decision", ""),
    _RETRIEVAL: ("outcome of a retrieval", "outcomes of retrievals"),
    _LINK: ("link to a study", "links to studies"),
    _VALUE: ("extracted or appraised value", ""),
}


@dataclass(frozen=True, slots=True)
class Lost:
    """What people said of records that go, and what counts no more: how much of each kind, by whom, on which."""

    kinds: Counter[str]
    people: tuple[str, ...]
    records: frozenset[str]

    def __str__(self) -> str:
        """`3 screening decisions and 12 extracted or appraised values on 2 records, by ann and ben`."""
        told = [counted(count, *_NOUNS[kind]) for kind, count in self.kinds.items()]
        return f"{listed(told)} on {counted(len(self.records), 'record')}, by {listed(self.people)}"


def lost(workspace: Workspace, after: Gone) -> Lost:
    """Return what people said that counts now and would count no more; of a changed mind the last word alone."""
    said = [
        (_DECISION, event.record, event.screener, event.stage)
        for event in workspace.events(Decision)
        if event.role not in (AUTOMATION, "source")
    ]
    said += [(_RETRIEVAL, event.record, event.by, "") for event in workspace.events(Retrieval)]
    said += [(_LINK, event.record, event.by, event.study) for event in workspace.events(StudyLink)]
    said += [
        (_VALUE, event.record, event.by, "/".join((event.form, event.group, event.item, event.field)))
        for event in workspace.events(Value)
    ]
    gone = [one for one in dict.fromkeys(said) if one[2] and not after.copy_of.get(one[1], one[1])]
    people = dict.fromkeys(one[2] for one in gone)
    return Lost(Counter(one[0] for one in gone), tuple(people), frozenset(one[1] for one in gone))


def refused(chosen: Sequence[SearchRun], lost: Lost) -> str:
    runs = ", ".join(f"{name_of(one)} (run {one.id})" for one in chosen)
    return (
        f"Nothing was taken back: {lost} would count no more, for nothing but {runs} brought "
        f"{'it' if len(lost.records) == 1 else 'them'}. If the file is right and only its source is wrong, load it for "
        f"the right one first and run 'evidence-review dedup': what was decided on a record counts for the copies of "
        f"it that stay. Otherwise repeat the command with {WITH_DECISIONS}; the decisions stay on file."
    )


def name_of(run: SearchRun) -> str:
    """Return how people call what a run brought."""
    return run.files[0][0] if run.files else "a search logged by hand"


def listed(words: Sequence[str]) -> str:
    """Return words as a sentence lists them."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
