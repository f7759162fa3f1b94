"""Which appraisal tool is for which study: it follows from the study's design, as the protocol says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence_review.forms import tools
from evidence_review.forms.tools import Tool
from evidence_review.model.form import FormField
from evidence_review.model.protocol import Protocol
from evidence_review.sheets import fold
from evidence_review.state.standing import Standing
from evidence_review.state.values import Values, answers_of

ANY = "any"
DESIGN_FIELDS = ("design", "study_design")


@dataclass(frozen=True, slots=True)
class Assignment:
    """The tools of a review by id, the studies that each is for, and those without one, with the reason."""

    tools: dict[str, Tool]
    studies: dict[str, tuple[str, ...]]
    without: dict[str, str]


def design_field(protocol: Protocol) -> FormField | None:
    """Return the field of the extraction form that holds a study's design."""
    form = protocol.extraction.form
    return next((one for one in form.fields if one.id in DESIGN_FIELDS), None) if form else None


def assign(protocol: Protocol, standing: Standing, values: Values, own: Path | None = None) -> Assignment:
    """Give each included study its tool: by its extracted design, else the one for `any`.

    Raises:
        UsageError: the protocol names a tool that does not exist.
    """
    plan = {fold(design): tool for design, tool in protocol.appraisal.tools.items()}
    loaded = {identifier: tools.load(identifier, own) for identifier in dict.fromkeys(plan.values())}
    studies: dict[str, list[str]] = {identifier: [] for identifier in loaded}
    without: dict[str, str] = {}
    field = design_field(protocol)
    for study in standing.studies:
        designs = _designs(protocol, values, study.id, field)
        named = list(dict.fromkeys(plan[fold(design)] for design in designs if fold(design) in plan))
        if not named and ANY in plan and (designs or field is None or len(plan) == 1):
            named = [plan[ANY]]
        for identifier in named:
            studies[identifier].append(study.id)
        if not named:
            without[study.id] = (
                f"no tool for the design {'; '.join(designs)}" if designs else "its design is not extracted yet"
            )
    return Assignment(loaded, {identifier: tuple(found) for identifier, found in studies.items()}, without)


def _designs(protocol: Protocol, values: Values, study: str, field: FormField | None) -> tuple[str, ...]:
    form = protocol.extraction.form
    if form is None or field is None:
        return ()
    cell = values.cell(study, form.id, field.id)
    return answers_of(field.type, cell.final.value) if cell is not None and cell.final is not None else ()
