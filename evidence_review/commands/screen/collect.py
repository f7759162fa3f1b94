"""`screen collect`: take back what people filled in - each file whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evidence_review.commands.screen.answers import Answer, Known, read_answers
from evidence_review.commands.screen.collected import told
from evidence_review.commands.screen.columns import RECORD
from evidence_review.commands.screen.identity import Identity, read_sheet, sheet_files
from evidence_review.commands.screen.recognise import recognise
from evidence_review.commands.screen.returned import Returned, Taken
from evidence_review.commands.screen.review import StageView
from evidence_review.commands.screen.words import Words
from evidence_review.errors import Problem, SheetError, UsageError
from evidence_review.model.events import MERGED, STAGES, Decision, DuplicateEvent
from evidence_review.model.ledger import LedgerEntry
from evidence_review.sheets.facts import facts
from evidence_review.state.assignment import SCREENER, VERIFIER
from evidence_review.state.names import reason_code
from evidence_review.state.renumbered import code_today
from evidence_review.state.screening import ARBITER, CONSENSUS, SETTLING_ROLES, WITHDRAWN
from evidence_review.summary import Summary, counted
from evidence_review.workspace import issued as sheets
from evidence_review.workspace.issued import CONFLICTS, VERIFY, Issued
from evidence_review.workspace.workspace import Workspace

RULE = "screening"


def run(workspace: Workspace, files: Sequence[Path] = (), stage: str = "") -> Summary:
    """Take the decisions of `files`, or of every sheet in the screening folder (of one stage, where named).

    Each file is taken whole or refused whole; the good ones are taken even where others are refused.

    Raises:
        SheetError: files were refused; every problem is in it, after what was taken.
    """
    views = {one: StageView.read(workspace, one) for one in ([stage] if stage else STAGES)}
    adopted: list[Issued] = []
    problems: list[Problem] = []
    for name, view in views.items():
        found, against = recognise(view)
        adopted += found
        problems += against if not files else []
        views[name] = replace(view, issued=(*view.issued, *found))
    refused = {_file(problem) for problem in problems}
    returned: list[Returned] = []
    names = Counter(path.name for path in files)
    for path in files or _in_folders(workspace, views):
        name = _name(workspace, path, alone=names[path.name] < 2)
        if name in refused:
            continue
        try:
            returned.append(_read(path, name, views))
        except SheetError as fault:
            problems += fault.problems or [Problem(name, fault.message)]
            refused.add(name)
    clashes = _clashes(returned, views)
    problems += clashes[0]
    refused |= clashes[1]
    returned = [one for one in returned if one.name not in refused]
    with workspace.transaction("screen", {"action": "collect", "stage": stage or "all"}) as tx:
        taken = []
        before = _collected(workspace.ledger())
        for one in returned:
            unchanged = before.get(one.name) == one.table.sha256
            got = _take(one, views[one.identity.stage], tx.when, unchanged=unchanged)
            taken.append((one, got))
            tx.add_events(got.merges)
            tx.add_events(got.decisions)
            tx.read_sheet(one.name, one.path, one.table.sha256)
        if adopted and any(got.decisions or got.merges for _, got in taken):
            tx.saw(one.path for one in adopted)
            old = sheets.read(workspace.layout.issued)
            tx.write(workspace.layout.issued, sheets.encode((*old, *(replace(one, when=tx.when) for one in adopted))))
        tx.counts.update(
            {
                "files": len(taken),
                "decisions": sum(len(got.decisions) for _, got in taken),
                "merges": sum(len(got.merges) for _, got in taken),
            }
        )
    summary = told(taken, stage, views)
    if problems:
        them = "it" if len(refused) == 1 else "them"
        message = f"{counted(len(refused), 'file')} refused; nothing of {them} was taken."
        if taken:
            others = (f"  {line}" for line in summary.lines)
            message = "\n".join([f"{message} The others were taken:", *others, "Refused:"])
        raise SheetError(message, problems)
    return summary


def _file(problem: Problem) -> str:
    """Return the file that a problem is about."""
    return problem.where.partition(", worksheet ")[0].partition(" row ")[0]


def _in_folders(workspace: Workspace, views: dict[str, StageView]) -> list[Path]:
    return [path for stage in views for path in sheet_files(workspace.layout.sheets / stage)]


def _name(workspace: Workspace, path: Path, *, alone: bool) -> str:
    """Return what a file is called here; two copies of one sheet, from two computers say, by their folders, too."""
    full = path.resolve()
    inside = full.is_relative_to(workspace.layout.folder)
    if inside:
        return workspace.layout.inside(full)
    return path.name if alone else f"{full.parent.name}/{path.name}"


def _read(path: Path, name: str, views: dict[str, StageView]) -> Returned:
    """Read one file and hold it against what was issued."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name the sheets, or use --all for the screening folder.")
    faults: list[Problem] = []
    table, identity = read_sheet(path, name, faults)
    if identity.stage not in views:
        what = f"this is a sheet of stage {identity.stage}"
        raise SheetError(what, [Problem(name, what, f"Collect it with '--stage {identity.stage}'.")])
    view = views[identity.stage]
    sheet = next((one for one in view.issued if (one.batch, one.screener) == (identity.batch, identity.screener)), None)
    if sheet is None:
        mine = [one.batch for one in view.issued if one.screener == identity.screener]
        what = f"batch '{identity.batch}' was never issued to {identity.screener or 'anyone'}"
        remedy = f"Theirs are: {', '.join(mine)}." if mine else "Run 'evidence-review screen sheet' first."
        raise SheetError(what, [Problem(name, what, remedy)])
    answers, problems = read_answers(table, identity, _known(view, sheet))
    if faults or problems:
        raise SheetError(f"{name} was refused", [*faults, *problems])
    gone = view.snapshot.gone
    rows = tuple(row.number for row in table.rows if gone.get(row.plain(RECORD).upper(), "-") == "")
    return Returned(path, name, table, identity, sheet, tuple(_of_staying(answers, gone)), rows)


def _of_staying(answers: Sequence[Answer], gone: Mapping[str, str]) -> Iterable[Answer]:
    """Yield the answers on records that stay; those on records that are gone as answers on the copies that stay."""
    own = {answer.record for answer in answers}
    for answer in answers:
        record, other = (gone.get(one, one) for one in (answer.record, answer.duplicate_of))
        other = "" if other == record else other
        if record == answer.record or (record and record not in own):
            yield replace(answer, record=record, duplicate_of=other)


def _known(view: StageView, sheet: Issued) -> Known:
    whose = {record: one.path for one in view.issued if one.screener == sheet.screener for record in one.records}
    people = tuple(dict.fromkeys([*view.people, *(member.id for member in view.protocol.team)]))
    earlier = [reason for reasons in view.snapshot.earlier_reasons.values() for reason in reasons]
    words = Words.of(view.protocol, view.stage, view.snapshot.former_reasons, earlier)
    voices = {}
    if sheet.kind == CONFLICTS:
        voices = {record: frozenset(view.judged_by(record)) for record in sheet.records}
    records = view.snapshot.records
    titles = {record: facts(records[record].citation)[0] for record in sheet.records if record in records}
    return Known(
        frozenset(records) | view.snapshot.gone.keys(),
        frozenset(sheet.records),
        words,
        people,
        whose,
        voices,
        frozenset(view.people),
        titles,
        _taken_codes(view, sheet, words.reasons.values()),
    )


def _taken_codes(view: StageView, sheet: Issued, allowed: Collection[str]) -> dict[str, frozenset[str]]:
    """Return the codes that were taken from a sheet and that are `allowed` no more, by record."""
    found: dict[str, frozenset[str]] = {}
    for decision in view.snapshot.decisions:
        mine = decision.stage == view.stage and decision.batch == sheet.batch
        if mine and decision.reason and decision.reason not in allowed:
            found[decision.record] = found.get(decision.record, frozenset()) | {decision.reason}
    return found


def _clashes(returned: Sequence[Returned], views: dict[str, StageView]) -> tuple[list[Problem], set[str]]:
    """Find records on which two files that came back together give one person two different answers."""
    said: dict[tuple[str, str, str, bool], tuple[Returned, Answer]] = {}
    problems: list[Problem] = []
    names: set[str] = set()
    for one in returned:
        for answer in one.answers:
            if not answer.verdict:
                continue
            settling = one.identity.kind == CONFLICTS
            key = (one.identity.stage, one.identity.screener, answer.record, settling)
            other, before = said.setdefault(key, (one, answer))
            if (before.verdict, before.reason, before.by) != (answer.verdict, answer.reason, answer.by):
                what = f"record {answer.record} is '{answer.verdict}' here and '{before.verdict}' in {other.name}"
                problems.append(
                    Problem(one.table.where(answer.row), what, "Collect only the file that holds the last word.")
                )
                names |= {one.name, other.name}
    return problems, names


def _collected(ledger: Sequence[LedgerEntry]) -> dict[str, str]:
    """Return the sha256 that each file had when its answers were last taken."""
    return {
        name: sha256
        for entry in ledger
        if entry.verb == "screen" and entry.arguments.get("action") == "collect"
        for name, sha256 in entry.inputs.items()
    }


def _take(one: Returned, view: StageView, when: str, *, unchanged: bool) -> Taken:
    """Turn answers into events, leaving out what is known already."""
    kind = one.identity.kind
    last: dict[tuple[str, frozenset[str], str], Decision] = {}
    for decision in view.snapshot.decisions:
        # A settling word that was withdrawn still stands in its sheet, and is no new one.
        if decision.stage == view.stage and decision.verdict != WITHDRAWN:
            last[(decision.record, frozenset(decision.screener.split("+")), decision.role)] = decision
    decisions = []
    changed: list[tuple[Decision, Decision]] = []
    repeated: list[Decision] = []
    same = older = 0
    answered = set()
    for answer in one.answers:
        answered.add(answer.record)
        if not answer.verdict:
            continue
        screener, role = _who(one.identity, answer, view)
        before = last.get((answer.record, frozenset(screener.split("+")), role))
        now = (answer.verdict, answer.reason, answer.note)
        decision = Decision(
            answer.record, view.stage, screener, *now, role, one.identity.batch, one.name, str(answer.row), when
        )
        if before is not None and _says_again(view, before, answer):
            same += 1
            repeated += [decision] if role in SETTLING_ROLES else []
            continue
        if before is not None and unchanged:
            older += 1
            continue
        decisions.append(decision)
        if before is not None and (before.verdict, before.reason) != now[:2]:
            changed.append((before, decision))
    present = {row.plain(RECORD).upper() for row in one.table.rows}
    gone = view.snapshot.gone
    heard_of = {*answered, ""}
    waiting = [record for record in one.issued.records if gone.get(record, record) not in heard_of]
    if kind == CONFLICTS:
        open_conflicts = set(view.in_conflict)
        waiting = [record for record in waiting if view.keeper(record) in open_conflicts]
        blanked = 0
    else:
        screener = one.identity.screener
        blanked = sum(
            (gone.get(record, record), frozenset([screener]), role) in last
            for record in waiting
            if record in present
            for role in (SCREENER, VERIFIER)
        )
        clusters = {view.keeper(record) for record in answered}
        waiting = [
            record
            for record in waiting
            if view.keeper(record) not in clusters and screener not in view.judged_by(record)
        ]
    return Taken(
        tuple(decisions),
        tuple(_merges(one, view, when)),
        same,
        tuple(changed),
        tuple(repeated),
        len(waiting),
        blanked,
        older,
    )


def _says_again(view: StageView, before: Decision, answer: Answer) -> bool:
    """Whether an answer is the decision that was taken before.

    What was written before its code was renamed or given to another reason still stands in the sheet, and is no new
    word: a code alone is taken as it was, words for the code that they have today.
    """
    if (before.verdict, before.note) != (answer.verdict, answer.note):
        return False
    if not answer.worded and answer.reason == before.reason:
        return True
    return code_today(view.snapshot, before) in (answer.reason, reason_code(view.snapshot, answer.reason))


def _who(identity: Identity, answer: Answer, view: StageView) -> tuple[str, str]:
    """Return whose decision an answer is, and in which role."""
    if identity.kind != CONFLICTS:
        return identity.screener, VERIFIER if identity.kind == VERIFY else SCREENER
    if len(answer.by) > 1:
        return "+".join(answer.by), CONSENSUS
    alone = answer.by[0]
    return alone, CONSENSUS if alone in view.judged_by(answer.record) else ARBITER


def _merges(one: Returned, view: StageView, when: str) -> Iterable[DuplicateEvent]:
    """Yield a person's merge for each duplicate marked in a sheet, once for ever: undoing it is not undone."""
    said = {
        frozenset((event.record, event.kept))
        for event in view.snapshot.duplicates
        if event.event == MERGED and event.rule == RULE
    }
    for answer in one.answers:
        if not answer.duplicate_of:
            continue
        pair = frozenset((answer.record, answer.duplicate_of))
        if pair in said or view.keeper(answer.record) == view.keeper(answer.duplicate_of):
            continue
        said.add(pair)
        by = "+".join(answer.by) or one.identity.screener or "screening"
        note = f"{one.name} row {answer.row}"
        yield DuplicateEvent(MERGED, answer.record, answer.duplicate_of, RULE, "", by, when, note)
