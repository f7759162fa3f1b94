"""How sure the review is of each result: GRADE-CERQual for findings, GRADE for outcomes, as people judged it.

CERQual: Lewin et al. 2018 (10.1186/s13012-017-0688-3). GRADE: Guyatt et al. 2011 (10.1016/j.jclinepi.2010.04.026).
Judgements are values of the form `cerqual` or `grade`: the id of the finding or outcome stands where a study's id
stands otherwise. Nothing is judged here; what does not hang together is listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from evidence_review.model.events import WITHDRAWN, Value
from evidence_review.model.form import FormField
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, Study
from evidence_review.state.table_parts import Row, Table
from evidence_review.state.values import form_id

LEVELS = ("high", "moderate", "low", "very low")


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way of judging. `subject` is the field that says what is judged; `facts` further fields beside it.

    `components` are (id, label, answers): the first answer is no reason to be less sure; `weights` has how many levels
    each of the others takes off, where the scheme counts them.
    """

    id: str
    version: str
    title: str
    subject: str
    level: str
    facts: tuple[tuple[str, str], ...]
    components: tuple[tuple[str, str, tuple[str, ...]], ...]
    weights: Mapping[str, int]

    @property
    def form(self) -> str:
        """The form of its values, with the version."""
        return f"{self.id}@{self.version}"

    @property
    def fields(self) -> tuple[FormField, ...]:
        """The columns of its sheet."""
        judged = [
            field
            for name, label, answers in self.components
            for field in (
                FormField(id=name, label=label, type="choice", options=answers),
                FormField(id=f"{name}_why", label=f"{label}: why"),
            )
        ]
        return (
            FormField(id=self.subject, label=self.subject.capitalize(), required=True),
            FormField(id="studies", label="Studies behind it", required=True),
            *(FormField(id=name, label=label) for name, label in self.facts),
            *judged,
            FormField(id=self.level, label=self.level.capitalize(), type="choice", options=LEVELS),
            FormField(id="explanation", label="Explanation"),
        )


_CONCERNS = ("no or very minor", "minor", "moderate", "serious")
_SERIOUS = ("not serious", "serious", "very serious")

CERQUAL = Scheme(
    "cerqual", "2018", "Confidence in the findings (GRADE-CERQual)", "finding", "confidence", (),
    (
        ("methods", "Methodological limitations", _CONCERNS), ("coherence", "Coherence", _CONCERNS),
        ("adequacy", "Adequacy of data", _CONCERNS), ("relevance", "Relevance", _CONCERNS),
    ),
    MappingProxyType({}),
)  # fmt: skip
GRADE = Scheme(
    "grade", "2011", "Summary of findings (GRADE)", "outcome", "certainty",
    (("participants", "Participants"), ("effect", "Effect with interval"), ("designs", "Starts at")),
    (
        ("bias", "Risk of bias", _SERIOUS), ("inconsistency", "Inconsistency", _SERIOUS),
        ("indirectness", "Indirectness", _SERIOUS), ("imprecision", "Imprecision", _SERIOUS),
        ("publication", "Publication bias", ("undetected", "strongly suspected")),
        ("upgraded", "Rated up", ("no", "one level", "two levels")),
    ),
    MappingProxyType({"serious": 1, "very serious": 2, "strongly suspected": 1, "one level": -1, "two levels": -2}),
)  # fmt: skip
SCHEMES: Mapping[str, Scheme] = MappingProxyType({scheme.id: scheme for scheme in (CERQUAL, GRADE)})


def judged(scheme: Scheme, values: Sequence[Value]) -> dict[str, dict[str, Value]]:
    """Return the latest values of each finding or outcome by field, in the order in which they were first written."""
    found: dict[str, dict[str, Value]] = {}
    for value in values:
        if form_id(value.form) != scheme.id:
            continue
        cells = found.setdefault(value.study, {})
        if value.status == WITHDRAWN:
            cells.pop(value.field, None)
        else:
            cells[value.field] = value
    return {name: cells for name, cells in found.items() if scheme.subject in cells}


def named_studies(text: str, standing: Standing) -> tuple[list[Study], list[str]]:
    """Return the studies that a cell names, by id or label with ';' between, and the names that are none."""
    by_name = {name.casefold(): study for study in standing.studies for name in (study.id, study.label)}
    names = [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]
    known = [by_name[name.casefold()] for name in names if name.casefold() in by_name]
    return list({study.id: study for study in known}.values()), [one for one in names if one.casefold() not in by_name]


def tables(snapshot: Snapshot, standing: Standing) -> Iterator[Table]:
    """Yield the table of each scheme in which anything was judged."""
    for scheme in SCHEMES.values():
        found = judged(scheme, snapshot.values)
        if found:
            rows = tuple(Row("", _cells(scheme, name, cells, standing)) for name, cells in found.items())
            facts = [label for _, label in scheme.facts]
            labels = [label for _, label, _ in scheme.components]
            columns = (
                scheme.subject.capitalize(),
                "Studies",
                *facts,
                *labels,
                scheme.level.capitalize(),
                "Explanation",
            )
            yield Table(scheme.title, columns, rows, tuple(loose_ends(scheme, snapshot, standing)))


def _cells(scheme: Scheme, name: str, cells: Mapping[str, Value], standing: Standing) -> tuple[str, ...]:
    said = {field: value.value for field, value in cells.items()}
    studies, _ = named_studies(said.get("studies", ""), standing)
    reasons = [
        said.get(part, "") + (f": {said[f'{part}_why']}" if said.get(f"{part}_why") else "")
        for part, _, _ in scheme.components
    ]
    named = f"{len(studies)}: {', '.join(study.label for study in studies)}" if studies else "none"
    facts = [said.get(fact, "") for fact, _ in scheme.facts]
    last = said.get(scheme.level, ""), said.get("explanation", "")
    return f"{name}. {said.get(scheme.subject, '')}", named, *facts, *reasons, *last


def loose_ends(scheme: Scheme, snapshot: Snapshot, standing: Standing) -> list[str]:
    """Return what does not hang together: no studies, no quotes, reasons missing, a level that they do not explain."""
    ends: list[str] = []
    found = judged(scheme, snapshot.values)
    quoted = {
        value.study
        for value in snapshot.values
        if (value.quote or value.page) and value.status != WITHDRAWN and form_id(value.form) not in SCHEMES
    }
    used: set[str] = set()
    for name, cells in found.items():
        said = {field: value.value for field, value in cells.items()}
        studies, _ = named_studies(said.get("studies", ""), standing)
        used.update(study.id for study in studies)
        ends += [f"{name}: {end}" for end in _ends(scheme, said, studies)]
        bare = [study.label for study in studies if study.id not in quoted]
        if bare and scheme is CERQUAL:
            ends.append(f"{name}: no page or quote was extracted from {', '.join(bare)}.")
    rest = [study.label for study in standing.studies if study.id not in used]
    if rest and found:
        ends.append(f"Included studies in no {scheme.subject}: {', '.join(rest)}.")
    return ends


def _ends(scheme: Scheme, said: Mapping[str, str], studies: Sequence[Study]) -> Iterator[str]:
    if not studies:
        yield "rests on no included study."
    unsure = []
    for part, label, answers in scheme.components:
        given = said.get(part, "")
        if given and given != answers[0]:
            unsure.append(part)
            if not said.get(f"{part}_why"):
                yield f"{label.lower()} is '{given}', without a reason."
    missing = [label.lower() for part, label, _ in scheme.components if not said.get(part) and part != "upgraded"]
    level = said.get(scheme.level, "")
    if not level:
        return
    if missing:
        yield f"{scheme.level} is given, but {', '.join(missing)} not judged."
    if scheme.weights:
        yield from _counted(scheme, said, level)
    else:
        grave = [label for part, label, answers in scheme.components if said.get(part) in answers[2:]]
        if level == "high" and grave:
            yield f"high {scheme.level} beside grave concerns about {', '.join(grave).lower()}."
        if level != "high" and not missing and not unsure:
            yield f"{level} {scheme.level}, but no concern explains it."
    if level != "high" and not said.get("explanation"):
        yield f"{level} {scheme.level} without an explanation."


def _counted(scheme: Scheme, said: Mapping[str, str], level: str) -> Iterator[str]:
    """Compare a level with its start less what the components take off, where the start is one of the levels."""
    start = said.get("designs", "").casefold()
    if start not in LEVELS:
        yield f"'Starts at' names no level; write {' or '.join(LEVELS[:3:2])}, by the designs."
        return
    down = sum(scheme.weights.get(said.get(part, ""), 0) for part, _, _ in scheme.components)
    expected = LEVELS[min(max(LEVELS.index(start) + down, 0), len(LEVELS) - 1)]
    if expected != level:
        yield f"{scheme.level} is '{level}', but from '{start}' the judgements lead to '{expected}'."
