"""What people say about pairs: collected from the sheet, or said one by one. It outranks every rule, for ever."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evidence_review.commands.dedup import review, sheet
from evidence_review.commands.dedup.find import rank
from evidence_review.commands.dedup.review import Review
from evidence_review.commands.dedup.run import judge, settle, tally
from evidence_review.errors import InputError, UsageError, suggest
from evidence_review.model.events import DISTINCT, LINKED, MERGED, UNDONE, DuplicateEvent
from evidence_review.state.clusters import ENGINE, cluster
from evidence_review.state.taken_back import gone_rows
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace

SHEET, BY_HAND = "sheet", "by hand"


def _team(workspace: Workspace) -> list[str]:
    return [member.id for member in workspace.protocol.team]


def _person(workspace: Workspace, by: str) -> str:
    team = _team(workspace)
    if not by or by == ENGINE or (team and by not in team):
        raise UsageError(f"'{by}' is not in the protocol's team. {suggest(by, team)}".strip())
    return by


def _said(now: Review, event: str, one: str, two: str, rule: str, by: str, when: str, note: str) -> DuplicateEvent:
    """Return the event; of two copies the lesser record is merged into the better one."""
    places = now.place_of
    kept, record = sorted((one, two), key=lambda identifier: rank(now.forms[places[identifier]], identifier))
    return DuplicateEvent(event, record, kept, rule, "", by, when, note)


def _append(
    workspace: Workspace,
    action: str,
    said: Sequence[tuple[str, str, str, str, str]],
    rule: str,
    source: Path | None = None,
    sha256: str = "",
) -> tuple[int, dict[str, object]]:
    """Append what people said - (event, record, record, person, note) - and let clusters follow.

    Nothing is compared again: the pairs judged by the last run are clustered anew.
    """
    with workspace.transaction("dedup", {"action": action}) as tx:
        now = review.read(workspace)
        standing = now.said()
        words = []
        for event, one, two, by, note in said:
            word = standing.get(frozenset((one, two)))
            if word is None or (word.event, word.by, word.note) != (event, by, note):
                words.append(_said(now, event, one, two, rule, by, tx.when, note))
        if source is not None and words:
            tx.read_sheet(workspace.layout.named(source), source, sha256)
        tx.add_events(words)
        now = Review(now.records, now.forms, (*now.events, *words))
        counts: dict[str, object] = {}
        if words and workspace.layout.compared.exists():
            before = review.before(workspace, now.ids)
            pairs = before.pairs if before else judge(now, None, "embedded")
            found, _ = settle(workspace, tx, now, pairs)
            counts = tally(now, found)
            if before is None:
                review.remember(workspace, tx, now.ids, pairs, counts)
            else:
                del counts["records"]  # those that came after the last run were not looked at
        if words:
            tx.counts.update({"decided": len(words), **counts})
    return len(words), counts


def collect(workspace: Workspace, path: Path | None = None, by: str = "") -> Summary:
    """Take back the sheet of doubtful pairs. Collecting it twice changes nothing.

    Raises:
        SheetError: a row is wrong; every problem is named and nothing is taken.
        InputError: the named sheet does not exist.
    """
    source = path or workspace.layout.doubtful
    if not source.exists():
        if path is not None:
            raise InputError(f"There is no sheet {path}.")
        return Summary(("No doubtful pairs to collect.",), {"decided": 0, "waiting": 0})
    now = review.read(workspace)
    found, table = sheet.answers(source, now, _team(workspace), by)
    said = [(answer.event, answer.one, answer.two, answer.by, answer.note) for answer in found]
    name = workspace.layout.named(source)
    count, counts = _append(workspace, "collect", said, SHEET, source, table.sha256)
    after = review.read(workspace)
    waiting = len(cluster(after.ids, after.events).doubtful)
    lines = [f"{counted(count, 'decision')} taken from {name}; {counted(waiting, 'pair')} still to decide."]
    lines += table.notes
    if rows := [row.number for row in table.rows if now.gone & set(sheet.pair(row))]:
        lines.append(f"{name}: {gone_rows(rows)}")
    return Summary(tuple(lines), {"decided": count, "waiting": waiting, **counts})


_DONE = {
    MERGED: "{one} and {two} are one record now.",
    DISTINCT: "{one} and {two} are kept apart for ever.",
    LINKED: "{one} and {two} are linked as reports of one study.",
}


def say(workspace: Workspace, event: str, one: str, two: str, by: str, note: str = "") -> Summary:
    """Say that two records are one (merged), two (distinct), or reports of one study (linked)."""
    now = review.read(workspace)
    first, second = now.record(one).id, now.record(two).id
    if first == second:
        raise UsageError(f"{first} is named twice: name two records.")
    person = _person(workspace, by)
    count, counts = _append(workspace, event, [(event, first, second, person, note)], BY_HAND)
    line = _DONE[event].format(one=first, two=second) if count else "That is said already; nothing changed."
    return Summary((line,), {"decided": count, **counts})


def undo(workspace: Workspace, record: str, by: str, note: str = "") -> Summary:
    """Take back what people merged a record with; else take it out of its cluster, or take a link of it back.

    A merge that people made is taken back as such: each of the two has the copies again that it had before.

    Raises:
        UsageError: the record was not merged into another, nor linked with one.
    """
    now = review.read(workspace)
    one = now.record(record).id
    person = _person(workspace, by)
    clusters = cluster(now.ids, now.events)
    keeper = clusters.keeper_of[one]
    by_hand = [
        other for pair, said in now.said().items() if one in pair and said.event == MERGED for other in pair - {one}
    ]
    if by_hand:
        said = [(UNDONE, one, other, person, note) for other in by_hand]
        line = f"{one} is no longer one record with {', '.join(by_hand)}."
    elif keeper != one:
        # From every copy, not only from the keeper: else its nearest copy would leave with it.
        mates = [other for other in clusters.members_of[keeper] if other != one]
        said = [(UNDONE, one, other, person, note) for other in mates]
        line = f"{one} stands for itself again; it was merged into {keeper}."
    else:
        others = [other for pair in clusters.linked if one in pair for other in pair if other != one]
        if not others:
            copies = clusters.members_of[one][1:]
            if copies:
                what = f"{one} stands for its cluster: name the copy to take out of it ({', '.join(copies)})."
            else:
                what = f"{one} was not merged into another record: nothing to undo."
            raise UsageError(what)
        said = [(UNDONE, one, other, person, note) for other in others]
        line = f"{one} is no longer linked with {', '.join(others)}."
    count, counts = _append(workspace, "undo", said, BY_HAND)
    after = review.read(workspace)
    members = next(members for members in cluster(after.ids, after.events).members_of.values() if one in members)
    if len(members) > 1:
        line += f" It is one with {', '.join(member for member in members if member != one)}, as before."
    return Summary((line,), {"decided": count, **counts})
