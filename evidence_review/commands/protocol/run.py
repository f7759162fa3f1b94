"""Check and show the protocol."""

from __future__ import annotations

from collections.abc import Iterator

from evidence_review.errors import Problem, ProtocolError, ReviewError
from evidence_review.forms import tools
from evidence_review.model.protocol import Protocol, StagePlan
from evidence_review.state import lost_codes, renumbered
from evidence_review.state.standing import stand
from evidence_review.summary import Summary, counted
from evidence_review.workspace.layout import Layout
from evidence_review.workspace.protocol_file import examine, text_of, to_fill_in, tree_of
from evidence_review.workspace.workspace import Workspace


def check(workspace: Workspace) -> Summary:
    """Examine the protocol.

    Raises:
        ProtocolError: it has problems; every one is named.
    """
    layout = workspace.layout
    protocol, found = examine(layout.protocol, layout.folder)
    problems = (*found, *(_tools(layout, protocol) if protocol else ()))
    if protocol is None or problems:
        raise ProtocolError(f"The protocol has {counted(len(problems), 'problem')}:", problems)
    open_places = to_fill_in(layout.protocol)
    place = layout.inside(layout.protocol)
    lines = [f"{place} is a valid protocol: {_in_short(protocol)}."]
    if open_places:
        lines.append(f"Still to fill in: {counted(len(open_places), 'place')}.")
        lines.extend(f"  {place} line {number}: {text}" for number, text in open_places)
    snapshot = workspace.snapshot()
    lines.extend(lost_codes.told(snapshot, stand(snapshot)))
    lines.extend(renumbered.told(snapshot, reworded=True))
    return Summary(
        lines=tuple(lines),
        data={"valid": True, "to_fill_in": [number for number, _ in open_places]},
        next="" if open_places else "evidence-review status",
    )


def _tools(layout: Layout, protocol: Protocol) -> Iterator[Problem]:
    """Yield what is wrong with the appraisal tools that are named: one that is not there, a team's own that is broken.

    They are no part of the protocol's own checks: a search must not fail for a tool that is needed months later.
    """
    for design, identifier in protocol.appraisal.tools.items():
        try:
            tools.load(identifier, layout.beside_protocol / "tools")
        except ReviewError as fault:
            line = tree_of(text_of(layout.protocol), layout.protocol.name)["appraisal"]["tools"].lc.key(design)[0] + 1
            where = f"{layout.inside(layout.protocol)} line {line} (appraisal.tools.{design})"
            what, _, remedy = fault.message.partition(". ")
            yield Problem(where, what[:1].lower() + what[1:], remedy)


def _in_short(protocol: Protocol) -> str:
    return ", ".join(
        (
            counted(len(protocol.sources), "source"),
            counted(len(protocol.team), "team member"),
            counted(len(protocol.eligibility.include), "inclusion criterion", "inclusion criteria"),
            counted(len(protocol.eligibility.exclude), "exclusion code"),
        )
    )


def show(workspace: Workspace) -> Summary:
    """Tell the plan in short."""
    protocol = workspace.protocol
    lines = [
        f"{protocol.title} ({protocol.kind}, version {protocol.version})",
        "",
        f"Question: {protocol.question.text}",
    ]
    for part, text in protocol.question.parts.items():
        lines.append(f"  {part}: {text if isinstance(text, str) else '; '.join(text)}")
    lines.extend(f"  {key}: {text}" for key, text in protocol.question.key_questions.items())
    lines += ["", "In:"]
    lines.extend(f"  {item.id}  {item.criterion}" for item in protocol.eligibility.include)
    lines.append("Out:")
    lines.extend(f"  {item.code}  {item.label}" for item in protocol.eligibility.exclude)
    lines += ["", "Sources:"]
    for source in protocol.sources:
        how = {"api": "searched by the program", "file": "from export files", "manual": "searched by hand"}[source.via]
        lines.append(f"  {source.id}  {source.name} ({source.route}), {how}")
    lines += [
        "",
        f"Title and abstract: {_stage(protocol.screening.title_abstract)}",
        f"Full text: {_stage(protocol.screening.full_text)}",
    ]
    if protocol.shortcuts:
        lines += ["", "Shortcuts declared:"]
        lines.extend(f"  {item.step}: {item.what}" for item in protocol.shortcuts)
    return Summary(lines=tuple(lines), data=protocol.model_dump(mode="json"))


def _stage(plan: StagePlan) -> str:
    words = {
        "single": "one screener",
        "dual": "two screeners, independently",
        "dual-share": f"two screeners for {plan.share:.0%}, then one",
        "verify-excludes": "one screener, a second checks every exclude",
    }[plan.mode]
    people = f" ({', '.join(plan.screeners)})" if plan.screeners else ""
    arbiter = f"; {plan.arbiter} settles disagreements" if plan.arbiter else ""
    return words + people + arbiter
