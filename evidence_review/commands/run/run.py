"""Drive the other verbs: each step is a command as a person would type it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from evidence_review.errors import InputError, ReviewError, SourceError
from evidence_review.model.protocol import Protocol
from evidence_review.state.standing import stand
from evidence_review.state.waiting import waiting
from evidence_review.summary import Summary
from evidence_review.workspace.workspace import Workspace

Call = Callable[[list[str]], Summary]

_FULL_TEXT = ("--stage", "full-text")


def identification(protocol: Protocol) -> Iterator[tuple[str, ...]]:
    """Yield the steps that bring records in."""
    if any(source.via == "api" for source in protocol.sources):
        yield ("search",)
    if any(source.via != "api" for source in protocol.sources):
        yield ("load",)


def work(protocol: Protocol) -> Iterator[tuple[str, ...]]:
    """Yield the steps from the records to the tables; each takes back what people filled in before it goes on."""
    yield ("dedup",)
    yield ("dedup", "collect")
    for stage in ((), _FULL_TEXT):
        if stage:
            yield ("fulltext", "sheet")
            yield ("fulltext", "collect")
        yield ("screen", "sheet", *stage)
        yield ("screen", "collect", "--all", *stage)
        yield ("screen", "conflicts", *stage)
        yield ("screen", "collect", "--all", *stage)
    if protocol.extraction.form is not None and protocol.extraction.extractors:
        yield ("extract", "sheet")
        yield ("extract", "collect")
        yield ("extract", "differences")
        yield ("extract", "collect")
    if protocol.appraisal.tools and protocol.appraisal.appraisers:
        yield ("appraise", "sheet")
        yield ("appraise", "collect")
    yield ("synthesise",)


def run(workspace: Workspace, call: Call) -> Summary:
    """Run every step; a source that failed does not stop the others and is told at the end.

    Raises:
        ReviewError: a step refused its input; what the steps before it did is kept.
    """
    protocol = workspace.protocol
    lines: list[str] = []
    done: list[dict[str, object]] = []
    failed: SourceError | None = None

    def step(arguments: tuple[str, ...]) -> Summary:
        name = " ".join(arguments)
        try:
            summary = call(list(arguments))
        except SourceError:
            raise
        except ReviewError as fault:
            fault.message = f"'evidence-review {name}' stopped the run. {fault.message}"
            raise
        if summary.lines:
            lines.append(f"{name}: {summary.lines[0]}")
            lines.extend(f"    {line}" for line in summary.lines[1:])
        done.append({"command": name, **summary.data})
        return summary

    exit_code = 0
    for arguments in identification(protocol):
        try:
            exit_code = max(exit_code, step(arguments).exit_code)
        except SourceError as fault:
            failed = fault
            lines.append(f"{' '.join(arguments)}: {fault}")
    if next(workspace.records(), None) is None:
        if failed is not None:
            raise failed
        raise InputError(
            "There are no records yet. Put export files beside the protocol and name them under 'sources', "
            "or give a source 'via: api' and a strategy; then run again."
        )
    for arguments in work(protocol):
        step(arguments)
    snapshot = workspace.snapshot()
    final = not waiting(snapshot, stand(snapshot))
    summary = step(("report",) if final else ("report", "--draft"))
    return Summary(
        lines=tuple(lines),
        data={"final": final, "steps": done},
        next=summary.next or ("" if final else "evidence-review status"),
        exit_code=failed.exit_code if failed is not None else exit_code,
    )
