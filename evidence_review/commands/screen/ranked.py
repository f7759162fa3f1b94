"""A review's own ranking: learnt from its decisions, its protocol and its known items; and batches that grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evidence_review.commands.screen.chance import chance
from evidence_review.commands.screen.features import features
from evidence_review.commands.screen.progress import labels_of
from evidence_review.commands.screen.rank import rank
from evidence_review.commands.screen.review import StageView
from evidence_review.errors import SheetError
from evidence_review.model.protocol import Protocol
from evidence_review.sheets import read
from evidence_review.state.known_items import items_of, recall

FIRST_BATCH, LARGEST_BATCH = 25, 200


@dataclass(frozen=True, slots=True)
class Ranked:
    """The records that wait, the most promising first; `why` gives a few words on one of them.

    `seeds` is the number of known items; sheets do not name them, so that nobody is swayed.
    """

    order: tuple[str, ...]
    why: Callable[[str], str]
    learnt_from: int
    includes: int
    seeds: int


def protocol_text(protocol: Protocol) -> str:
    """Return what the protocol says of the evidence wanted: question, its parts, inclusion criteria."""
    parts = [text for part in protocol.question.parts.values() for text in ([part] if isinstance(part, str) else part)]
    return " ".join(
        [
            protocol.title,
            protocol.question.text,
            *parts,
            *protocol.question.key_questions.values(),
            *(criterion.criterion for criterion in protocol.eligibility.include),
        ]
    )


def ranked(view: StageView) -> Ranked:
    """Rank the records that wait at a stage.

    Known items that were found, and the records that were judged, are what is learnt from; known items come first.
    """
    records = [record for record in view.outcomes if record in view.snapshot.records]
    index = {record: place for place, record in enumerate(records)}
    citations = [view.snapshot.records[record].citation for record in records]
    known = features(
        [one.title or one.title_original for one in citations],
        [" ".join([one.abstract, *one.keywords]) for one in citations],
        protocol_text(view.protocol),
    )
    label_of = labels_of(view)
    seeds = [index[record] for record in _known_items(view) if record in index and record not in label_of]
    judged = [index[record] for record in label_of if record in index]
    labels = [label for record, label in label_of.items() if record in index]
    shuffled = list(range(len(records)))
    chance(view.plan.seed).shuffle(shuffled)
    ranking = rank(known, judged, labels, shuffled, seeds)
    order = [records[place] for place in ranking.order]
    waiting = set(view.awaiting)
    # Records that one person has judged and another has not keep their place before the unseen ones.
    half = [record for record in view.awaiting if record in label_of]
    return Ranked(
        tuple(dict.fromkeys(record for record in (*half, *order) if record in waiting)),
        lambda record: ranking.why(index[record]),
        len(labels),
        sum(labels),
        len(seeds),
    )


def _known_items(view: StageView) -> list[str]:
    """Return the records that are known items of the protocol."""
    name = view.protocol.known_items
    if not name:
        return []
    try:
        table = read(view.workspace.layout.beside_protocol / name)
    except SheetError:
        return []  # the protocol's check names it
    found = recall(items_of((row.number, row.cells) for row in table.rows), view.snapshot.records.values()).found
    return list(dict.fromkeys(view.keeper(record) for one in found for ids in one.by_source.values() for record in ids))


def next_size(batches: int, largest: int) -> int:
    """Return the rows of the next batch after so many: 25, 50, 100, 200; small first, as the ranking learns most then.

    `largest` is the protocol's batch size (0 for none).
    """
    return int(min(FIRST_BATCH * 2**batches, largest or LARGEST_BATCH))


def with_random_share(order: Sequence[str], size: int, share: float, seed: str) -> tuple[list[str], list[str]]:
    """Mix records drawn at random into a batch, so that prevalence among all that waits can be estimated.

    Returns the new order, whose first `size` are the batch, and the records drawn.
    """
    wanted = min(round(size * share), len(order))
    drawn = chance(seed).sample(sorted(order), wanted)
    batch = [record for record in order if record not in set(drawn)][: max(size - wanted, 0)]
    mixed = [*batch, *drawn]
    chance(seed).shuffle(mixed)
    rest = [record for record in order if record not in set(mixed)]
    return [*mixed, *rest], drawn
