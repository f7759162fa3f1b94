"""Review findings of qualitative evidence and the confidence in each, by GRADE-CERQual.

Components and levels: Lewin et al. 2018 (10.1186/s13012-017-0688-3). Findings are values of the form `cerqual`: the
finding's id stands where a study's id stands otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evidence_review.model.events import WITHDRAWN, Value
from evidence_review.model.protocol import FormField
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, Study
from evidence_review.state.table_parts import Row, Table
from evidence_review.state.values import form_id

FORM = "cerqual"
VERSION = f"{FORM}@2018"
CONCERNS = ("no or very minor", "minor", "moderate", "serious")
LEVELS = ("high", "moderate", "low", "very low")
COMPONENTS: Mapping[str, str] = {
    "methods": "Methodological limitations",
    "coherence": "Coherence",
    "adequacy": "Adequacy of data",
    "relevance": "Relevance",
}

FIELDS = (
    FormField(id="finding", label="Finding", required=True),
    FormField(id="studies", label="Studies behind it", required=True),
    *(
        field
        for name, label in COMPONENTS.items()
        for field in (
            FormField(id=name, label=label, type="choice", options=CONCERNS),
            FormField(id=f"{name}_why", label=f"{label}: why"),
        )
    ),
    FormField(id="confidence", label="Confidence", type="choice", options=LEVELS),
    FormField(id="explanation", label="Explanation"),
)


def findings(values: Sequence[Value]) -> dict[str, dict[str, Value]]:
    """Return each finding's latest values by field, findings in the order in which they were first written."""
    found: dict[str, dict[str, Value]] = {}
    for value in values:
        if form_id(value.form) != FORM:
            continue
        cells = found.setdefault(value.study, {})
        if value.status == WITHDRAWN:
            cells.pop(value.field, None)
        else:
            cells[value.field] = value
    return {name: cells for name, cells in found.items() if "finding" in cells}


def named_studies(text: str, standing: Standing) -> tuple[list[Study], list[str]]:
    """Return the studies that a cell names, by id or label with ';' between, and the names that are none."""
    by_name = {name.casefold(): study for study in standing.studies for name in (study.id, study.label)}
    names = [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]
    known = [by_name[name.casefold()] for name in names if name.casefold() in by_name]
    return list({study.id: study for study in known}.values()), [one for one in names if one.casefold() not in by_name]


def table(snapshot: Snapshot, standing: Standing) -> Table | None:
    """Return the CERQual table, None where no finding was written."""
    found = findings(snapshot.values)
    if not found:
        return None
    rows = tuple(Row("", _cells(name, cells, standing)) for name, cells in found.items())
    columns = ("Finding", "Studies", *COMPONENTS.values(), "Confidence", "Explanation")
    title = "Confidence in the findings (GRADE-CERQual)"
    return Table(title, columns, rows, tuple(loose_ends(snapshot, standing)))


def _cells(name: str, cells: Mapping[str, Value], standing: Standing) -> tuple[str, ...]:
    def said(field: str) -> str:
        return cells[field].value if field in cells else ""

    studies, _ = named_studies(said("studies"), standing)
    concerns = [
        f"{said(part)} concerns" + (f": {said(f'{part}_why')}" if said(f"{part}_why") else "") if said(part) else ""
        for part in COMPONENTS
    ]
    named = f"{len(studies)}: {', '.join(study.label for study in studies)}" if studies else "none"
    return f"{name}. {said('finding')}", named, *concerns, said("confidence"), said("explanation")


def loose_ends(snapshot: Snapshot, standing: Standing) -> list[str]:
    """Return what does not hang together: findings without studies or quotes, downgrades without reasons."""
    ends: list[str] = []
    found = findings(snapshot.values)
    quoted = {
        value.study
        for value in snapshot.values
        if (value.quote or value.page) and value.status != WITHDRAWN and form_id(value.form) != FORM
    }
    used: set[str] = set()
    for name, cells in found.items():
        said = {field: value.value for field, value in cells.items()}
        studies, _ = named_studies(said.get("studies", ""), standing)
        used.update(study.id for study in studies)
        ends += _ends(name, said, studies)
        bare = [study.label for study in studies if study.id not in quoted]
        if bare:
            ends.append(f"{name}: no page or quote was extracted from {', '.join(bare)}.")
    rest = [study.label for study in standing.studies if study.id not in used]
    if rest and found:
        ends.append(f"Included studies in no finding: {', '.join(rest)}.")
    return ends


def _ends(name: str, said: Mapping[str, str], studies: Sequence[Study]) -> list[str]:
    ends = []
    if not studies:
        ends.append(f"{name}: rests on no included study.")
    for part, label in COMPONENTS.items():
        concern = said.get(part, "")
        if concern and concern != CONCERNS[0] and not said.get(f"{part}_why"):
            ends.append(f"{name}: {concern} concerns about {label.lower()}, without a reason.")
    missing = [label.lower() for part, label in COMPONENTS.items() if not said.get(part)]
    confidence = said.get("confidence", "")
    if confidence and missing:
        ends.append(f"{name}: confidence is given, but {', '.join(missing)} not judged.")
    grave = [part for part in COMPONENTS if said.get(part) in CONCERNS[2:]]
    if confidence == "high" and grave:
        ends.append(f"{name}: high confidence beside {said[grave[0]]} concerns about {COMPONENTS[grave[0]].lower()}.")
    if confidence in LEVELS[1:] and not missing and all(said.get(part) == CONCERNS[0] for part in COMPONENTS):
        ends.append(f"{name}: {confidence} confidence, but no concern explains it.")
    if confidence in LEVELS[1:] and not said.get("explanation"):
        ends.append(f"{name}: {confidence} confidence without an explanation.")
    return ends
