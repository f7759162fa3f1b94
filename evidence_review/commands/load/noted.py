"""What is noted about searches made elsewhere: which files belong to one, whether they hold all its hits, corrections.

The number of hits belongs to a search, not to each of its files: it is kept with one run, and the files that come after
it belong to the same search until a run brings a number and a day of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evidence_review.commands.load.plan import Search, Wish, strategy_in
from evidence_review.model.search_run import COMPLETE, INCOMPLETE, SearchRun

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
    reason = f"the source reported {run.hits} hits, its files hold {seen} record starts: {run.hits - seen} are missing"
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


def _shown(value: object) -> str:
    return "not noted" if value is None or value == "" else str(value)


def how_to_correct(source: str) -> str:
    """Say how a wrong number or day is put right."""
    return f"To correct them load that file again: evidence-review load FILE --source {source} --hits NUMBER"
