"""What is noted about searches made elsewhere: which files belong to one, whether they hold all its hits, corrections.

The number of hits belongs to a search, not to each of its files: it is kept with one run, and the files that come after
it belong to the same search until a run brings a number and a day of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evidence_review.commands.load.plan import Search, Wish, strategy_in
from evidence_review.errors import InputError
from evidence_review.model.search_run import COMPLETE, INCOMPLETE, WITHDRAWN, SearchRun
from evidence_review.summary import counted

_CORRECTED = ("searched_on", "searched_by", "platform", "limits")


def of_source(runs: Sequence[SearchRun], source: str) -> list[SearchRun]:
    """Return the runs of a source that were not made by asking its service."""
    return [run for run in runs if run.source == source and run.via != "api"]


def holder(runs: Sequence[SearchRun]) -> SearchRun | None:
    """Return the latest of a source's runs that has a number of hits."""
    return next((run for run in reversed(runs) if run.hits is not None), None)


def is_another(search: Search, noted: SearchRun) -> bool:
    """Whether a search has a number of hits and a day of its own, so that it is not the one on record."""
    return search.hits is not None and search.hits != noted.hits and search.searched_on != noted.searched_on


def together(runs: Sequence[SearchRun], noted: SearchRun) -> Sequence[SearchRun]:
    """Return the runs of the search whose hits `noted` has: the first search has those before it, too."""
    places = [place for place, run in enumerate(runs) if run.hits is not None]
    place = runs.index(noted)
    after = next((other for other in places if other > place), len(runs))
    return runs[0 if place == places[0] else place : after]


def with_hits(runs: Sequence[SearchRun], run: SearchRun) -> SearchRun | None:
    """Return the run that has the hits of the search to which `run` belongs, or None where nobody noted them."""
    return next((noted for noted in runs if noted.hits is not None and run in together(runs, noted)), None)


def held(runs: Sequence[SearchRun]) -> int:
    """Return how many record starts the files of a search hold; a record that two of them hold counts once."""
    ids = {identifier for run in runs for identifier in run.record_ids}
    return len(ids) + sum(run.starts - len(run.record_ids) for run in runs)


def judged(run: SearchRun, seen: int) -> SearchRun:
    """Return the run that has a search's hits, incomplete where its files hold fewer record starts than that."""
    if run.hits is None or not run.files:
        return run
    if seen >= run.hits:
        return replace(run, state=COMPLETE, reason="")
    gone = run.hits - seen
    reason = (
        f"the source reported {counted(run.hits, 'hit')}, its files hold {counted(seen, 'record start')}: "
        f"{gone:,} {'is' if gone == 1 else 'are'} missing"
    )
    return replace(run, state=INCOMPLETE, reason=reason)


def corrected(run: SearchRun, wish: Wish, day: str) -> SearchRun:
    """Return the run with what the command line says of it now; its note keeps what stood there before."""
    said = {name: getattr(wish, name) for name in _CORRECTED if getattr(wish, name)}
    if wish.hits is not None:
        said["hits"] = wish.hits
    if wish.strategy_file is not None:
        said["strategy"] = strategy_in(wish.strategy_file)
    changed = {name: value for name, value in said.items() if getattr(run, name) != value}
    if not changed:
        return run
    told = ", ".join(
        "strategy" if name == "strategy" else f"{name.replace('_', ' ')} was {_shown(getattr(run, name))}"
        for name in changed
    )
    return replace(run, **changed, note="; ".join(filter(None, (run.note, f"corrected on {day[:10]}: {told}"))))


def redated(runs: Sequence[SearchRun], search: Search, wrong: str, when: str) -> tuple[SearchRun, ...]:
    """Return the runs that change where a search logged without a file was made on another day than is noted.

    Where it was logged again with the right day, the first one is withdrawn and its day kept in the other's note.

    Raises:
        InputError: no such search is on record with the wrong day, or nothing says the right one.
    """
    own = [run for run in of_source(runs, search.source) if not run.files]
    run = next((run for run in reversed(own) if run.searched_on[:10] == wrong), None)
    right = search.searched_on[:10]
    if run is None:
        days = ", ".join(run.searched_on or "no day" for run in own) or "none"
        raise InputError(
            f"No search of {search.source} that has no file is noted for {wrong}; those on record: {days}."
        )
    if right in ("", wrong):
        raise InputError(
            f"On which day {search.source} was searched instead is not said: add --searched-on DATE, or write "
            "'searched_on' into the protocol."
        )
    again = next((other for other in own if other.searched_on[:10] == right), None)
    if again is None:
        return (corrected(run, Wish(searched_on=right), when),)
    note = f"corrected on {when[:10]}: logged before with the day {wrong} (run {run.id})"
    return (
        replace(run, state=WITHDRAWN, reason=f"logged again with the right day, {right}, as run {again.id}"),
        replace(again, note="; ".join(filter(None, (again.note, note)))),
    )


def other_days(runs: Sequence[SearchRun], made: SearchRun) -> str:
    """Say how to put right the day of a search that was logged beside an earlier one; "" where there is none."""
    before = [run for run in of_source(runs, made.source) if not run.files and run.id != made.id and run.searched_on]
    if not before or not made.searched_on:
        return ""
    wrong = before[-1].searched_on[:10]
    return (
        f"    beside the search of {wrong}. If it is the same and that day was wrong: evidence-review load --source "
        f"{made.source} --searched-on {made.searched_on[:10]} --instead-of {wrong}"
    )


def _shown(value: object) -> str:
    return "not noted" if value is None or value == "" else str(value)


def how_to_correct(source: str) -> str:
    """Say how a wrong number or day is put right."""
    return f"To correct them load that file again: evidence-review load FILE --source {source} --hits NUMBER"
