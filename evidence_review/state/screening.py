"""What was decided about each cluster of records at a stage, and what is still needed, under the protocol's mode."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from evidence_review.model.events import EXCLUDE, INCLUDE, MAYBE, TITLE_ABSTRACT, Decision
from evidence_review.model.protocol import StagePlan
from evidence_review.model.quick import maker
from evidence_review.state.clusters import Clusters

AWAITING, CONFLICT, INCLUDED, EXCLUDED, UNSCREENED = "awaiting", "conflict", "included", "excluded", "unscreened"

ARBITER, CONSENSUS = "arbiter", "consensus"
SETTLING_ROLES = (ARBITER, CONSENSUS)
# A person takes back every word that settled a record before: it stands again as its screeners judged it.
WITHDRAWN = "withdrawn"
AUTOMATION = "automation"
# Written for what nobody will read when screening stops; never by a person. The reason tells on what ground.
LEFT_UNSCREENED = "unscreened"
STOPPED_BY_RULE, STOPPED_ANYWAY = "stopping rule", "stopped without a rule"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where one cluster stands at one stage.

    `state` is awaiting, conflict, included, excluded or unscreened; `reason` the exclusion code ("" where none was
    asked for); `decisions` those that count (each person's latest on each member); `needed` how many people the mode
    asks for; `automation` whether no person took part; `readers` who judged on their own account, neither by settling a
    conflict nor by a rule; `settled` whether the word of an arbiter or a consensus made it.
    """

    state: str
    reason: str = ""
    decisions: tuple[Decision, ...] = ()
    needed: int = 1
    automation: bool = False
    note: str = ""
    readers: frozenset[str] = frozenset()
    settled: bool = False


_outcome = maker(Outcome)
# All of a decision that its outcome depends on, on one record.
_said = attrgetter("screener", "role", "verdict", "reason")


def drawn_for_two(record: str, share: float, seed: int) -> bool:
    """Whether a record falls into the share that two people screen.

    A hash of seed and record id decides, so that the draw is random, repeatable, and the same for a record whenever it
    is added: no record's lot depends on any other's.
    """
    digest = hashlib.sha256(f"{seed}\0{record}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def people_needed(plan: StagePlan, record: str, verdicts: Iterable[str] = ()) -> int:
    """Return how many people the mode asks for on this record, given the verdicts so far."""
    if plan.mode == "dual":
        return 2
    if plan.mode == "dual-share":
        return 2 if drawn_for_two(record, plan.share, plan.seed) else 1
    if plan.mode == "verify-excludes":
        return 2 if EXCLUDE in set(verdicts) else 1
    return 1


def _latest(decisions: Sequence[Decision]) -> list[Decision]:
    """Keep each person's last decision on each record, in the order in which they were made."""
    last: dict[tuple[str, str, str], Decision] = {}
    for decision in decisions:
        key = (decision.record, decision.screener, decision.role)
        last.pop(key, None)
        last[key] = decision
    return list(last.values())


def _withdraws(decision: Decision) -> bool:
    return decision.verdict == WITHDRAWN and decision.role in SETTLING_ROLES


def _holding(decisions: Sequence[Decision]) -> list[Decision]:
    """Leave out the settling words that were withdrawn, and their withdrawals."""
    last = max((place for place, one in enumerate(decisions) if _withdraws(one)), default=-1)
    return [one for place, one in enumerate(decisions) if place > last or one.role not in SETTLING_ROLES]


def decide(plan: StagePlan, stage: str, keeper: str, decisions: Sequence[Decision]) -> Outcome:
    """Fold the decisions on one cluster (all members', in order of time) into an outcome.

    A person who judged two copies differently makes a conflict, as two people who differ do. Between include and
    maybe at title and abstract there is no conflict: the full text will tell. At full text a maybe must be settled.
    """
    roles = {decision.role for decision in decisions}
    conferred = not roles.isdisjoint(SETTLING_ROLES)  # a few of many thousands
    current = _latest(_holding(decisions) if conferred else decisions)
    settled = [decision for decision in current if decision.role in SETTLING_ROLES] if conferred else []
    if settled:
        word = settled[-1]
        state = EXCLUDED if word.verdict == EXCLUDE else INCLUDED
        own = frozenset(one.screener for one in current if one.role not in (*SETTLING_ROLES, AUTOMATION))
        return _outcome(state, word.reason if state == EXCLUDED else "", tuple(current), 1, readers=own, settled=True)
    people = [one for one in current if one.role != AUTOMATION] if AUTOMATION in roles else current
    if not people:
        machine = [decision for decision in current if decision.role == AUTOMATION]
        if machine and machine[-1].verdict == LEFT_UNSCREENED:
            return _outcome(UNSCREENED, machine[-1].reason, tuple(machine), automation=True)
        if machine and machine[-1].verdict == EXCLUDE:
            return _outcome(EXCLUDED, machine[-1].reason, tuple(machine), automation=True)
        return _outcome(AWAITING, needed=people_needed(plan, keeper))
    verdicts = {decision.verdict for decision in people}
    readers = frozenset(decision.screener for decision in people)
    needed = people_needed(plan, keeper, verdicts)
    if len(verdicts) > 1 and EXCLUDE in verdicts and verdicts & {INCLUDE, MAYBE}:
        return _outcome(CONFLICT, decisions=tuple(people), needed=needed, note="include and exclude", readers=readers)
    if len(readers) < needed:
        return _outcome(AWAITING, decisions=tuple(people), needed=needed, readers=readers)
    if verdicts == {EXCLUDE}:
        reasons = list(dict.fromkeys(decision.reason for decision in people if decision.reason))
        if len(reasons) > 1 and stage != TITLE_ABSTRACT:
            return _outcome(CONFLICT, decisions=tuple(people), needed=needed, note="different reasons", readers=readers)
        return _outcome(EXCLUDED, reasons[0] if reasons else "", tuple(people), needed, readers=readers)
    if MAYBE in verdicts and stage != TITLE_ABSTRACT:
        return _outcome(CONFLICT, decisions=tuple(people), needed=needed, note="maybe", readers=readers)
    return _outcome(INCLUDED, decisions=tuple(people), needed=needed, readers=readers)


def outcomes(
    plan: StagePlan, stage: str, clusters: Clusters, decisions: Iterable[Decision], keepers: Iterable[str]
) -> Mapping[str, Outcome]:
    """Return the outcome at `stage` of each cluster in `keepers`, with the decisions of all its members."""
    by_keeper: dict[str, list[Decision]] = {}
    keeper_of = clusters.keeper_of
    for decision in decisions:
        if decision.stage == stage and (keeper := keeper_of.get(decision.record)) is not None:
            if (made := by_keeper.get(keeper)) is None:
                by_keeper[keeper] = [decision]
            else:
                made.append(decision)
    seen: dict[tuple[Any, ...], Outcome] = {}

    def outcome(keeper: str) -> Outcome:
        made = by_keeper.get(keeper, ())
        if plan.mode == "dual-share" or len(clusters.members_of.get(keeper, ())) > 1:
            return decide(plan, stage, keeper, made)
        # Of many thousand records few were judged in a way of their own: the others are as the first of their kind.
        key = tuple(map(_said, made))
        like = seen.get(key)
        if like is None or len(like.decisions) != len(made):
            like = seen[key] = decide(plan, stage, keeper, made)
            return like
        return _outcome(
            like.state, like.reason, tuple(made), like.needed, like.automation, like.note, like.readers, like.settled
        )

    return {keeper: outcome(keeper) for keeper in keepers}
