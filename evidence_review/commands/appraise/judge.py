"""Judgements that are incomplete, or unlike what the tool's own logic gives: pointed out, never overruled."""

from __future__ import annotations

from collections.abc import Mapping

from evidence_review.forms.desk import Desk
from evidence_review.forms.tools import OVERALL, SECTION, Tool, proposed
from evidence_review.state.values import Values, shown


def doubts(known: Mapping[str, Tool], values: Values, desk: Desk) -> list[str]:
    """Return a sentence for each judgement that someone should look at again."""
    found = []
    for identifier, tool in known.items():
        for one in desk.subjects[identifier]:
            cells = {cell.place.field: cell for cell in values.of_study(one.id, identifier)}
            answers = {name: shown(cell.final) for name, cell in cells.items() if cell.final is not None}
            if cells:
                found += _of_study(tool, f"{one.label} ({one.id})", answers)
    return found


def _of_study(tool: Tool, name: str, answers: Mapping[str, str]) -> list[str]:
    found = []
    wanted = [item.id for item in tool.items_for(answers.get(SECTION, ""))]
    missing = [item for item in wanted if item not in answers]
    if missing:
        found.append(f"{name}, {tool.id}: not judged yet: {', '.join(missing)}.")
    elsewhere = [item.id for item in tool.items if item.id in answers and item.id not in wanted]
    if elsewhere:
        section = answers.get(SECTION, "")
        found.append(f"{name}, {tool.id}: {', '.join(elsewhere)} are not for a study whose section is '{section}'.")
    logic, said = proposed(tool, answers), answers.get(OVERALL, "")
    if logic and said and logic != said:
        found.append(
            f"{name}, {tool.id}: overall is '{said}', the tool's logic gives '{logic}'; say why in the comments."
        )
    if logic and not said:
        found.append(f"{name}, {tool.id}: no overall judgement yet; the tool's logic gives '{logic}'.")
    return found
