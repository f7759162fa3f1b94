"""`dedup`: look for duplicates in a review, append what is new, and write the sheet of doubtful pairs."""

from __future__ import annotations

import numpy as np

from evidence_review.commands.dedup import engines, judging, review, sheet, venues
from evidence_review.commands.dedup.columns import factorise
from evidence_review.commands.dedup.events import changes
from evidence_review.commands.dedup.find import Edges, Found, edges, find
from evidence_review.commands.dedup.review import Before, Review
from evidence_review.errors import UsageError, suggest
from evidence_review.model.events import DuplicateEvent
from evidence_review.summary import Summary, counted
from evidence_review.workspace.transaction import Transaction
from evidence_review.workspace.workspace import Workspace


def run(workspace: Workspace, engine: str = "embedded") -> Summary:
    """Find duplicates among all records; only records that are new since the last time are compared.

    Raises:
        UsageError: no such engine.
        SheetError: the sheet of doubtful pairs has answers that cannot be read, so it may not be written again.
    """
    if engine not in engines.ENGINES:
        raise UsageError(f"No engine '{engine}'. {suggest(engine, engines.ENGINES)}")
    with workspace.transaction("dedup", {"engine": engine} if engine != "embedded" else {}) as tx:
        now = review.read(workspace)
        pairs = judge(now, review.before(workspace, now.ids), engine)
        found, events = settle(workspace, tx, now, pairs)
        counts = tally(now, found)
        review.remember(workspace, tx, now.ids, pairs, counts)
        tx.counts.update({**counts, "events": len(events)})
    return told(workspace, now, found, pairs, counts)


def judge(now: Review, before: Before | None, engine: str) -> Edges:
    """Return every pair that matters: judged now where a record is new, else as judged before.

    A new record also changes how much an equal title says and what is known of journals, so all records with that
    title, and those of journals of which something else is known now, count as new. The outcome is that of judging
    everything.
    """
    journals = venues.facts(now.forms)
    earlier = venues.facts(now.forms[: before.seen]) if before else journals
    if before is None or engine != "embedded" or journals.loose != earlier.loose:
        return edges(engines.ENGINES[engine](now.forms), now.ids)
    fresh = np.zeros(len(now.forms), np.bool_)
    fresh[before.seen :] = True
    title = factorise([form.title for form in now.forms])
    fresh |= np.isin(title, title[before.seen :]) & (title > 0)
    named = journals.changed(earlier)
    if named:
        fresh |= np.fromiter((form.venue in named for form in now.forms), np.bool_, len(now.forms))
    old = before.pairs
    judged, holds = judging.again(now.forms, fresh, [(edge.one, edge.two) for edge in old.all()])
    new = edges(judged, now.ids)
    still = {edge for edge, kept in zip(old.all(), holds, strict=True) if kept}
    return Edges(
        (*(edge for edge in old.merged if edge in still), *new.merged),
        (*(edge for edge in old.linked if edge in still), *new.linked),
        (*(edge for edge in old.doubtful if edge in still), *new.doubtful),
        new.compared,
        new.capped,
    )


def settle(
    workspace: Workspace, tx: Transaction, now: Review, pairs: Edges
) -> tuple[Found, tuple[DuplicateEvent, ...]]:
    """Cluster judged pairs with what people said, and stage the events and the sheet."""
    same, distinct = now.words()
    found = find(now.forms, now.ids, pairs, same, distinct)
    events = tuple(changes(now, found, tx.when))
    tx.add_events(events)
    after = Review(now.records, now.forms, (*now.events, *events))
    sheet.write(workspace, tx, after)
    return found, events


def tally(now: Review, found: Found) -> dict[str, object]:
    """Count records, copies, links and doubtful pairs as they stand."""
    return {
        "records": len(now.records),
        "copies": len(found.merges),
        "unique": len(now.records) - len(found.merges),
        "linked": len(found.links),
        "doubtful": len(found.doubts),
    }


def told(workspace: Workspace, now: Review, found: Found, pairs: Edges, counts: dict[str, object]) -> Summary:
    """Say what was found."""
    lines = [
        f"{counted(len(now.records), 'record')}: {counted(len(found.merges), 'copy of another', 'copies of others')}, "
        f"{counted(len(now.records) - len(found.merges), 'unique record')}."
    ]
    if found.links:
        lines.append(
            f"{counted(len(found.links), 'pair')} linked as reports of one study "
            "(erratum, preprint, abstract and article); both stay."
        )
    step = ""
    if found.doubts:
        place = workspace.layout.inside(workspace.layout.doubtful)
        lines.append(f"{counted(len(found.doubts), 'doubtful pair')} to look at: {place}")
        step = "evidence-review dedup collect"
    for key, count in pairs.capped.left_out.items():
        lines.append(f"Not compared: at most {counted(count, 'pair')} that share only '{key}', with very many others.")
    rules: dict[str, int] = {}
    for merge in found.merges:
        rules[merge.edge.rule] = rules.get(merge.edge.rule, 0) + 1
    data = {
        **counts,
        "rules": dict(sorted(rules.items())),
        "compared": pairs.compared,
        "left_out": dict(pairs.capped.left_out),
    }
    return Summary(tuple(lines), data, step)
