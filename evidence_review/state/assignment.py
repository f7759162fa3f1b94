"""Who screens what: the protocol's mode turned into each person's share of the records, without input or output."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evidence_review.model.events import TITLE_ABSTRACT, Decision
from evidence_review.model.protocol import Protocol, StagePlan
from evidence_review.state.screening import AUTOMATION, SETTLING_ROLES, people_needed

SCREENER, VERIFIER = "screener", "verifier"


@dataclass(frozen=True, slots=True)
class Assignment:
    """The records that each screener gets next: `first` to screen, `second` to verify, in the order given.

    `short` are records for which nobody is left to ask, though the mode wants one more person.
    """

    first: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    second: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    short: tuple[str, ...] = ()


def screeners(protocol: Protocol, stage: str) -> tuple[str, ...]:
    """Return the people who screen at a stage; where the protocol names none for full text, those of the first."""
    plan = protocol.stage(stage)
    return plan.screeners or protocol.stage(TITLE_ABSTRACT).screeners


def assign(
    plan: StagePlan,
    people: Sequence[str],
    awaiting: Sequence[str],
    decisions: Mapping[str, Sequence[Decision]],
    held: Mapping[str, set[str]],
    room: Mapping[str, int | None],
) -> Assignment:
    """Share out the records that wait.

    Args:
        people: those who may be asked.
        awaiting: records to share out, in order of preference.
        decisions: what was decided on each record's cluster at this stage.
        held: who already has the record in a sheet of theirs, decided or not. Only people who still screen count;
            what a person who left has not decided goes to another.
        room: how many records each person may get now; None for any number.

    A record that somebody already has comes before a new one, so that pairs finish together. Among those with the
    fewest records, chance that is the same in every run decides.
    """
    load = dict.fromkeys(people, 0)
    left = dict(room)
    first: dict[str, list[str]] = {person: [] for person in people}
    second: dict[str, list[str]] = {person: [] for person in people}
    short = []

    def begun(record: str) -> bool:
        return bool(held.get(record) or decisions.get(record))

    for record in sorted(awaiting, key=lambda record: not begun(record)):
        made = [one for one in decisions.get(record, ()) if one.role not in (AUTOMATION, *SETTLING_ROLES)]
        judged = {decision.screener for decision in made}
        having = judged | held.get(record, set()) & set(people)
        missing = people_needed(plan, record, [decision.verdict for decision in made]) - len(having)
        if missing <= 0:
            continue
        free = [person for person in people if person not in having]
        if len(free) < missing:
            short.append(record)
        able = [person for person in free if left.get(person) is None or left[person]]
        able.sort(key=lambda person: (load[person], _lot(plan.seed, record, person)))
        verifying = plan.mode == "verify-excludes" and bool(judged)
        for person in able[:missing]:
            (second if verifying else first)[person].append(record)
            load[person] += 1
            remaining = left.get(person)
            if remaining is not None:
                left[person] = remaining - 1
    place = {record: number for number, record in enumerate(awaiting)}

    def ordered(shares: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
        return {person: tuple(sorted(share, key=place.__getitem__)) for person, share in shares.items() if share}

    return Assignment(ordered(first), ordered(second), tuple(short))


def _lot(seed: int, record: str, person: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{record}\0{person}".encode()).digest()
