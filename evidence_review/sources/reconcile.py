"""Does what came account for what was reported? What cannot be explained makes a search incomplete, never complete."""

from __future__ import annotations

from dataclasses import dataclass

from evidence_review.model.search_run import COMPLETE, FAILED, INCOMPLETE
from evidence_review.sources.drive import Gathered


@dataclass(frozen=True, slots=True)
class Account:
    """How a search stands. `explained` are the differences between reported and fetched that have a reason."""

    state: str
    reason: str
    explained: tuple[str, ...]


def account(gathered: Gathered, starts: int, distinct: int, rejected: int) -> Account:
    """Return how a search stands, given the record starts seen, the different records among them, and the rejected."""
    explained = []
    twice = starts - distinct - rejected
    if twice:
        explained.append(f"{twice:,} delivered more than once")
    if rejected:
        explained.append(f"{rejected:,} could not be read as records")
    failure, found = gathered.failure, gathered.found
    if failure is not None:
        nothing = gathered.hits is None and not starts
        fetched = "" if nothing else f" after {starts:,} of {_shown(gathered.hits)} were fetched"
        return Account(
            FAILED if nothing else INCOMPLETE, f"{failure.kind}{fetched}: {failure.message}", tuple(explained)
        )
    if found is None:
        raise AssertionError("a search without a failure has an end")
    if found.hits_at_end != found.hits:
        explained.append(f"the source reported {found.hits:,} at first and {found.hits_at_end:,} at the end")
    if found.missing:
        return Account(INCOMPLETE, "; ".join(found.missing), tuple(explained))
    if found.planned is not None:
        explained.append(f"the first {starts:,} by rank, as planned, of {found.hits_at_end:,} reported")
    elif starts > found.hits_at_end:
        explained.append(f"{starts - found.hits_at_end:,} delivered beyond what was reported")
    elif starts < found.hits_at_end:
        # No source may end so without saying why; this is the last net under them all.
        short = f"{found.hits_at_end - starts:,} of {found.hits_at_end:,} reported were not delivered"
        return Account(INCOMPLETE, short, tuple(explained))
    return Account(COMPLETE, "", tuple(explained))


def _shown(hits: int | None) -> str:
    return "an unknown number" if hits is None else f"{hits:,}"
