"""`screen sheet`: give each screener a sheet of the records that wait for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from evidence_review.commands.screen import columns
from evidence_review.commands.screen.chance import chance
from evidence_review.commands.screen.gate import gate, may_issue, way_out
from evidence_review.commands.screen.identity import SUFFIXES, batch_name, file_stem, numbers
from evidence_review.commands.screen.ranked import next_size, ranked, with_random_share
from evidence_review.commands.screen.recognise import recognise
from evidence_review.commands.screen.review import StageView
from evidence_review.errors import InputError, SheetError, UsageError, suggest
from evidence_review.model.events import TITLE_ABSTRACT
from evidence_review.sheets import write_csv
from evidence_review.sheets.xlsx_write import write_xlsx
from evidence_review.state.assignment import assign
from evidence_review.state.calibration import ANYWAY, ANYWAY_BY
from evidence_review.summary import Summary, counted
from evidence_review.workspace import issued as sheets
from evidence_review.workspace.issued import CONFLICTS, PILOT, SCREENING, VERIFY, Issued
from evidence_review.workspace.transaction import Transaction
from evidence_review.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for: whose sheets (all where blank), in which file format, how many rows at most.

    `sample` records that nobody has judged are drawn by chance, to bound what is left before screening stops.

    `ranked` puts the most promising records first, with a `random` share of each batch drawn by chance; `pilot` gives
    so many records, drawn by chance, to everyone. `anyway` is the reason of `by` to let one person screen alone though
    people do not agree as far as the protocol asks.
    """

    screener: str = ""
    format: str = "csv"
    size: int | None = None
    more: bool = False
    ranked: bool = False
    random: float = 0.0
    pilot: int = 0
    anyway: str = ""
    by: str = ""
    sample: int = 0


def run(workspace: Workspace, stage: str, wish: Wish | None = None) -> Summary:
    """Issue the sheets that are due at a stage; sheets that lie in the folder already are recognised, not touched.

    Raises:
        UsageError: the screener is not one of this stage's.
        InputError: the protocol names no screener.
        SheetError: a file of a sheet's name is there and is none of this review's.
    """
    wish = wish or Wish()
    view = StageView.read(workspace, stage)
    if not view.people:
        where = stage.replace("-", "_")
        raise InputError(f"The protocol names no screeners: write them under 'screening: {where}: screeners'.")
    if wish.screener and wish.screener not in view.people:
        raise UsageError(f"'{wish.screener}' does not screen at {stage}. {suggest(wish.screener, view.people)}")
    arguments = {"action": "sheet", "stage": stage, **_going_on(view, wish)}
    recognised, problems = recognise(view)
    if problems:
        raise SheetError("Files in the screening folder are not sheets of this review; nothing was issued.", problems)
    view = replace(view, issued=(*view.issued, *recognised))
    notes: list[str] = []
    why: dict[str, str] = {}
    due = _due(view, wish, notes, why)
    with workspace.transaction("screen", arguments) as tx:
        recognised = [replace(sheet, when=tx.when) for sheet in recognised]
        tx.saw(sheet.path for sheet in recognised)
        fresh = [replace(sheet, when=tx.when) for sheet in due]
        for sheet in fresh:
            write(tx, view, sheet, why if sheet.order == "ranked" or sheet.drawn else None)
        again = _again(tx, view, wish)
        if recognised or fresh:
            old = sheets.read(workspace.layout.issued)
            tx.write(workspace.layout.issued, sheets.encode((*old, *recognised, *fresh)))
            write_criteria(tx, view)
        tx.counts.update(
            {
                "recognised": len(recognised),
                "issued": len(fresh),
                "rows": sum(len(sheet.records) for sheet in fresh),
            }
        )
    lines = [f"{sheet.path}: {counted(len(sheet.records), 'record')} for {sheet.screener}" for sheet in fresh]
    lines += [f"{path}: was gone and is written again" for path in again]
    lines += [
        f"{sheet.path}: was there already, with {counted(len(sheet.records), 'record')}; left as it is"
        for sheet in recognised
    ]
    if not lines:
        lines.append(f"Nothing to issue at {stage}: {_why_nothing(view)}.")
    data = {
        "stage": stage,
        "issued": [_as_dict(sheet) for sheet in fresh],
        "recognised": [_as_dict(sheet) for sheet in recognised],
        "notes": notes,
    }
    flag = "" if stage == TITLE_ABSTRACT else f" --stage {stage}"
    then = f"fill in, then evidence-review screen collect{flag}" if fresh or recognised else ""
    return Summary(lines=(*lines, *notes), data=data, next=then)


def _going_on(view: StageView, wish: Wish) -> dict[str, str]:
    """Return what the ledger keeps of going on without the agreement asked for; nothing where nothing stands against.

    Raises:
        UsageError: nobody of the team says so, or no reason is given.
    """
    if not (wish.anyway or wish.by):
        return {}
    team = [member.id for member in view.protocol.team]
    if wish.by not in team:
        who = f"'{wish.by}' is not in the team" if wish.by else "nobody is named"
        raise UsageError(f"Who goes on? {who}: give an id by '--by'. {suggest(wish.by, team)}")
    if not wish.anyway.strip():
        raise UsageError("Say why you go on: '--anyway REASON'.")
    if not gate(view).shut:
        return {}
    return {ANYWAY: " ".join(wish.anyway.split()), ANYWAY_BY: wish.by}


def _due(view: StageView, wish: Wish, notes: list[str], why: dict[str, str]) -> list[Issued]:
    """Return the sheets to issue now; `why` gets the words on ranked records."""
    if wish.pilot:
        return _pilot(view, wish, notes)
    order, size = _order(view, wish, notes)
    records = _gated(view, order.records, wish, notes)
    room = _room(view, wish, size, notes)
    shares = assign(view.plan, view.people, records, view.decisions, view.held(), room)
    issued = {record for share in (shares.first, shares.second) for one in share.values() for record in one}
    why.update(dict.fromkeys(order.drawn & issued, columns.DRAWN))
    if order.why is not None:
        why.update({record: order.why(record) for record in issued - order.drawn})
    if shares.short:
        notes.append(
            f"One more person is needed for {counted(len(shares.short), 'record')}, and nobody is left to ask: name "
            "another screener in the protocol."
        )
    return [
        _told_order(_issue(view, kind, person, share[person], wish.format), order)
        for person in view.people
        for kind, share in ((SCREENING, shares.first), (VERIFY, shares.second))
        if person in share and wish.screener in ("", person)
    ]


@dataclass(frozen=True, slots=True)
class _Order:
    """The records that wait, in the order in which they are given out; `why` tells of a ranked one what it shares."""

    records: list[str]
    drawn: frozenset[str] = frozenset()
    drawn_from: int = 0
    why: Callable[[str], str] | None = None


def _told_order(sheet: Issued, order: _Order) -> Issued:
    """Note in a sheet how its records were ordered, and which of them chance drew from how many."""
    drawn = tuple(record for record in sheet.records if record in order.drawn)
    kind = "ranked" if order.why is not None else "given"
    return replace(sheet, order=kind, drawn=drawn, drawn_from=order.drawn_from if drawn else 0)


def _order(view: StageView, wish: Wish, notes: list[str]) -> tuple[_Order, int]:
    """Return the order of what waits, and how many rows a sheet may have (0 for any number)."""
    size = view.plan.batch if wish.size is None else wish.size
    if wish.sample:
        free = _untouched(view)
        chosen = chance(view.plan.seed, "sample", len(view.issued)).sample(free, min(wish.sample, len(free)))
        return _Order(chosen, frozenset(chosen), len(free)), 0
    if not wish.ranked or not view.awaiting:
        return _Order(view.awaiting), size
    found = ranked(view)
    if wish.size is None:
        size = next_size(numbers(sheet.batch for sheet in view.of_stage(SCREENING)), view.plan.batch)
    notes.append(
        f"Ranked by the protocol, {counted(found.seeds, 'known item')} and "
        f"{counted(found.learnt_from, 'judged record')}, {found.includes} of them includes."
    )
    order, drawn = list(found.order), list[str]()
    if wish.random and size:
        fresh = set(_untouched(view))
        begun = [record for record in order if record not in fresh]
        untouched = [record for record in order if record in fresh]
        mixed, drawn = with_random_share(untouched, size, wish.random, f"{view.plan.seed} {len(view.issued)}")
        order = [*begun, *mixed]
    return _Order(order, frozenset(drawn), len(_untouched(view)), found.why), size


def _gated(view: StageView, order: list[str], wish: Wish, notes: list[str]) -> list[str]:
    """Return what may be given out now: without the agreement asked for, what two people judge."""
    shut = gate(view)
    if not shut.shut or wish.anyway:
        return order
    allowed = may_issue(view, order)
    kept = len(set(order) - set(allowed) - set(view.held()))
    if kept:
        notes.append(f"Kept back: {counted(kept, 'record')} for one person alone. {shut.why} {way_out(view)}")
    return allowed


def _room(view: StageView, wish: Wish, size: int, notes: list[str]) -> dict[str, int | None]:
    """Return how many records each person may get now: none while a batch of theirs is open."""
    room: dict[str, int | None] = {}
    for person in view.people:
        room[person] = size or None
        if wish.screener and person != wish.screener:
            continue
        opened = [sheet for sheet in view.of_stage() if sheet.screener == person and view.open_rows(sheet)]
        if size and opened and not wish.more:
            room[person] = 0
            rows = sum(len(view.open_rows(sheet)) for sheet in opened)
            notes.append(f"{person} has {counted(rows, 'row')} open in {opened[-1].path}; --more issues another batch.")
    return room


def _untouched(view: StageView) -> list[str]:
    """Return the waiting records that nobody has judged or has in a sheet."""
    held = view.held()
    return [record for record in view.awaiting if not held.get(record) and not view.judged_by(record)]


def _pilot(view: StageView, wish: Wish, notes: list[str]) -> list[Issued]:
    """Return a pilot round: the same records, drawn by chance, for every screener; say where it is short of records."""
    free = _untouched(view)
    rounds = numbers(sheet.batch for sheet in view.of_stage(PILOT))
    chosen = set(chance(view.plan.seed, "pilot", rounds).sample(free, min(wish.pilot, len(free))))
    records = [record for record in free if record in chosen]
    people = [person for person in view.people if wish.screener in ("", person)]
    if len(records) < wish.pilot:
        held = view.held()
        both = sum(len(held.get(record, set()) & set(view.people)) > 1 for record in view.awaiting)
        notes.append(
            f"A pilot round draws records that nobody has judged and that stand in no sheet: there are {len(records)}, "
            f"not the {wish.pilot} asked for."
        )
        if both:
            flag = "" if view.stage == TITLE_ABSTRACT else f" --stage {view.stage}"
            notes.append(
                f"Two people have the same {counted(both, 'record')} in sheets that are out: let each fill in some "
                f"rows, then 'evidence-review screen collect{flag}' and 'evidence-review screen agreement{flag}'."
            )
    return [_issue(view, PILOT, person, records, wish.format) for person in people] if records else []


def _issue(view: StageView, kind: str, person: str, records: Sequence[str], format: str) -> Issued:
    number = 1 + numbers(sheet.batch for sheet in view.of_stage(kind) if sheet.screener == person)
    batch = batch_name(view.stage, kind, number)
    path = view.workspace.layout.sheets / view.stage / f"{file_stem(batch, person)}.{format}"
    if path.exists():
        raise SheetError(
            f"{view.workspace.layout.inside(path)} is there, but was not issued for this review or cannot be read; "
            "nothing was issued. Move it away, or run 'evidence-review screen collect' to see what is wrong with it."
        )
    return Issued(batch, view.stage, person, kind, view.workspace.layout.inside(path), tuple(records), when="")


def write(tx: Transaction, view: StageView, sheet: Issued, why: dict[str, str] | None = None) -> None:
    """Write a screener's sheet in the format that its name ends in; a ranked one says `why` rows stand where.

    One that is written again has what was collected from it.
    """
    said = {
        one.record: one
        for one in view.snapshot.decisions
        if (one.stage, one.screener, one.batch) == (view.stage, sheet.screener, sheet.batch)
    }
    headings = columns.screening_columns(why is not None)
    gone = view.snapshot.gone
    said.update({record: said[copy] for record in sheet.records if (copy := gone.get(record)) in said})
    records = [shown for record in sheet.records if (shown := view.shown(record))]
    rows = columns.screening_rows(records, sheet.screener, sheet.batch, why, said)
    write_table(tx, view, sheet, headings, rows)


def write_table(
    tx: Transaction, view: StageView, sheet: Issued, headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """Write a sheet of any kind; one that exists is never touched."""
    path = view.workspace.layout.folder / sheet.path
    if path.suffix == ".xlsx":
        page = columns.worksheet("screening", headings, rows, view.protocol, view.stage)
        data = write_xlsx([page, columns.criteria_worksheet(view.protocol, view.stage)], tx.when)
    else:
        data = write_csv(headings, rows)
    tx.write(path, data, keep_existing=True)


def write_criteria(tx: Transaction, view: StageView) -> None:
    """Write the criteria beside the sheets, to have them at hand while screening."""
    headings, rows = columns.criteria(view.protocol, view.stage)
    tx.write(view.workspace.layout.sheets / view.stage / "criteria.csv", write_csv(headings, rows))


def _again(tx: Transaction, view: StageView, wish: Wish) -> list[str]:
    """Write again the open sheets whose files are gone under every ending."""
    written = []
    for sheet in view.of_stage():
        path = view.workspace.layout.folder / sheet.path
        if wish.screener not in ("", sheet.screener) or not view.open_rows(sheet):
            continue
        if sheet.kind == CONFLICTS or any(path.with_suffix(suffix).exists() for suffix in SUFFIXES):
            continue
        write(tx, view, sheet)
        written.append(sheet.path)
    return written


def _why_nothing(view: StageView) -> str:
    held = view.held()
    out = sum(bool(held.get(record)) for record in view.awaiting)
    if out:
        return f"{_waiting(out, 'record')} in sheets that are out"
    if view.awaiting:
        return f"{_waiting(len(view.awaiting), 'record')} for the agreement that the protocol asks for"
    if view.in_conflict:
        return f"{_waiting(len(view.in_conflict), 'conflict')}; run 'evidence-review screen conflicts'"
    return "no record waits"


def _waiting(count: int, noun: str) -> str:
    return f"{counted(count, noun)} {'waits' if count == 1 else 'wait'}"


def _as_dict(sheet: Issued) -> dict[str, object]:
    return {
        "path": sheet.path,
        "batch": sheet.batch,
        "screener": sheet.screener,
        "kind": sheet.kind,
        "records": len(sheet.records),
    }
