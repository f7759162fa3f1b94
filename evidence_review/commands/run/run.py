"""Drive the other verbs: each step is a command as a person would type it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from evidence_review.errors import InputError, ReviewError, SourceError
from evidence_review.model.protocol import Protocol
from evidence_review.state.standing import stand
from evidence_review.state.waiting import waiting
from evidence_review.summary import Summary, counted
from evidence_review.workspace.workspace import Workspace

Call = Callable[[list[str]], Summary]

_FULL_TEXT = ("--stage", "full-text")
_MOST_LINES = 6


def identification(protocol: Protocol) -> Iterator[tuple[str, ...]]:
    """Yield the steps that bring records in."""
    if any(source.via == "api" for source in protocol.sources):
        yield ("search",)
    if any(source.via != "api" for source in protocol.sources):
        yield ("load",)


def work(protocol: Protocol) -> Iterator[tuple[str, ...]]:
    """Yield the steps from the records to the tables. What people filled in is taken back before more is written."""
    yield ("dedup",)
    yield ("dedup", "collect")
    for stage in ((), _FULL_TEXT):
        if stage:
            yield ("fulltext", "sheet")
            yield ("fulltext", "collect")
        yield ("screen", "sheet", *stage)
        yield ("screen", "collect", "--all", *stage)
        yield ("screen", "conflicts", *stage)
    if protocol.extraction.form is not None and protocol.extraction.extractors:
        yield ("extract", "sheet")
        yield ("extract", "collect")
        yield ("extract", "differences")
    if protocol.appraisal.tools and protocol.appraisal.appraisers:
        yield ("appraise", "sheet")
        yield ("appraise", "collect")
        yield ("appraise", "differences")
        yield ("appraise", "plot")
    yield ("synthesise",)


class Drive:
    """Runs commands one after the other and keeps what they said."""

    def __init__(self, workspace: Workspace, call: Call) -> None:
        self._workspace = workspace
        self._call = call
        self._entries = len(workspace.ledger())
        self.lines: list[str] = []
        self.done: list[dict[str, object]] = []

    def step(self, arguments: tuple[str, ...]) -> Summary:
        """Run one command; tell it where it changed something (the ledger grew)."""
        name = " ".join(arguments)
        try:
            summary = self._call(list(arguments))
        except SourceError:
            raise
        except ReviewError as fault:
            told = ["", "Done before that, and kept:", *self.lines] if self.lines else []
            fault.message = "\n".join([f"'evidence-review {name}' stopped the run. {fault.message}", *told])
            raise
        before, self._entries = self._entries, len(self._workspace.ledger())
        changed = self._entries > before
        if changed:
            self._tell(name, summary.lines)
        self.done.append({"command": name, "changed": changed, **summary.data})
        return summary

    def _tell(self, name: str, lines: tuple[str, ...]) -> None:
        self.lines.append(f"{name}: {lines[0]}" if lines else name)
        self.lines.extend(f"    {line}" for line in lines[1:_MOST_LINES])
        if len(lines) > _MOST_LINES:
            self.lines.append(f"    … and {counted(len(lines) - _MOST_LINES, 'line')} more")

    @property
    def changed(self) -> bool:
        """Whether any command changed the review."""
        return any(item["changed"] for item in self.done)


def run(workspace: Workspace, call: Call) -> Summary:
    """Run every step; a source that failed does not stop the others and is told at the end.

    Steps that changed nothing are not told, so that what is new stands out.

    Raises:
        ReviewError: a step refused its input; what the steps before it did is kept.
    """
    protocol = workspace.protocol
    drive = Drive(workspace, call)
    failed: SourceError | None = None
    exit_code = 0
    for arguments in identification(protocol):
        try:
            exit_code = max(exit_code, drive.step(arguments).exit_code)
        except SourceError as fault:
            failed, exit_code = fault, fault.exit_code
            drive.lines.append(f"{' '.join(arguments)}: {fault}")
    if next(workspace.records(), None) is None:
        if exit_code:
            raise failed or SourceError("\n".join(["No source gave a record.", *drive.lines]))
        raise InputError(
            "There are no records yet. Put export files beside the protocol and name them under 'sources', "
            "or give a source 'via: api' and a strategy; then run again."
        )
    for arguments in work(protocol):
        drive.step(arguments)
    snapshot = workspace.snapshot()
    final = not waiting(snapshot, stand(snapshot))
    report = drive.step(("report",) if final else ("report", "--draft"))
    if not drive.changed:
        drive.lines += ["Everything was done already: nothing changed.", *report.lines[:1]]
    return Summary(
        lines=tuple(drive.lines),
        data={"final": final, "steps": drive.done},
        next=report.next or ("" if final else "evidence-review status"),
        exit_code=exit_code,
    )
