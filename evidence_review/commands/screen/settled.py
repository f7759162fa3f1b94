"""What a new decision does to others: a word that settles a conflict and its screeners may pass each other by, and a
changed mind at title and abstract may take out what was judged at full text. Each is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evidence_review.commands.screen.review import StageView
from evidence_review.model.events import TITLE_ABSTRACT, Decision
from evidence_review.state.screening import CONFLICT, EXCLUDED, INCLUDED, SETTLING_ROLES, decide

_SHOWN = 10


def told(
    view: StageView, new: Sequence[Decision], repeated: Sequence[Decision], collected: Sequence[Decision]
) -> list[str]:
    """Return what to say of a file that was taken.

    Args:
        view: the stage as it was before.
        new: the decisions that the file brought.
        repeated: its settling words that were known already.
        collected: all decisions taken with it, from other files, too.
    """
    since: dict[str, list[Decision]] = {}
    for one in collected:
        since.setdefault(view.keeper(one.record), []).append(one)

    def made(one: Decision) -> list[Decision]:
        keeper = view.keeper(one.record)
        return [*view.decisions.get(keeper, ()), *since.get(keeper, ())]

    lines = [line for one in repeated for line in _taken_back(view, one, made(one))]
    for one in new:
        lines += (_behind if one.role in SETTLING_ROLES else _overruled)(view, one, made(one))
        lines += _taken_out(view, one, made(one))
    return lines[:_SHOWN] + ([f"… and {len(lines) - _SHOWN} more such rows"] if len(lines) > _SHOWN else [])


def _taken_back(view: StageView, one: Decision, made: Sequence[Decision]) -> Iterator[str]:
    if decide(view.plan, view.stage, view.keeper(one.record), made).state == CONFLICT:
        yield (
            f"row {one.row}, {one.record}: '{_words(one)}' was taken back by 'screen move' and settles nothing now; "
            "change it, or write a note beside it to say it again"
        )


def _behind(view: StageView, one: Decision, made: Sequence[Decision]) -> Iterator[str]:
    keeper = view.keeper(one.record)
    alone = decide(view.plan, view.stage, keeper, [other for other in made if other.role not in SETTLING_ROLES])
    after = decide(view.plan, view.stage, keeper, made)
    if alone.state in (INCLUDED, EXCLUDED) and alone.state != after.state:
        yield (
            f"row {one.row}, {one.record}: settled as {_words(one)}, though without it the record would be "
            f"{alone.state} by now, as its screeners judge it; {_way_back(view, one)}"
        )


def _overruled(view: StageView, one: Decision, made: Sequence[Decision]) -> Iterator[str]:
    if not any(other.role in SETTLING_ROLES for other in made):
        return
    after = decide(view.plan, view.stage, view.keeper(one.record), made)
    words = [other for other in after.decisions if other.role in SETTLING_ROLES]
    if words and words[-1].verdict != one.verdict:
        who = " and ".join(words[-1].screener.split("+"))
        yield (
            f"row {one.row}, {one.record}: '{_words(words[-1])}' was settled by {who} and stays; {_way_back(view, one)}"
        )


def _taken_out(view: StageView, one: Decision, made: Sequence[Decision]) -> Iterator[str]:
    keeper = view.keeper(one.record)
    later = view.standing.full_text.get(keeper)
    if view.stage != TITLE_ABSTRACT or later is None or not later.decisions:
        return
    if decide(view.plan, view.stage, keeper, made).state != INCLUDED:
        state = view.standing.state_of[keeper]
        yield (
            f"row {one.row}, {one.record}: it was judged at full text already ({state}), and is taken out by this; "
            f"'evidence-review screen move {one.record} --by ID' keeps it in"
        )


def _words(one: Decision) -> str:
    return " ".join(filter(None, (one.verdict, one.reason)))


def _way_back(view: StageView, one: Decision) -> str:
    return f"'evidence-review screen move {one.record} --back-to {view.stage} --by ID' takes that back"
