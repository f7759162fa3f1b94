"""What tables are made of: rows, headings, the facts that every study has, and the order of answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from evidence_review.model.form import Form, FormField
from evidence_review.model.record import Citation
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing, Study
from evidence_review.state.values import Values, fold, shown

NOT_SETTLED = "not settled"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `study` is the study's id, `group` the heading under which it stands ("" where rows are not grouped)."""

    study: str
    cells: tuple[str, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as readers see it. `columns` are headings, `keys` the protocol's names of them; `notes` go below it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    grouped_by: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What tables are made of, read once."""

    snapshot: Snapshot
    values: Values
    form: Form | None

    def citation(self, study: Study) -> Citation:
        return self.snapshot.records[study.reports[0]].citation


BUILT_IN: Mapping[str, tuple[str, Callable[[Source, Study], str]]] = MappingProxyType(
    {
        "study": ("Study", lambda source, study: study.label),
        "year": ("Year", lambda source, study: str(source.citation(study).year or "")),
        "title": ("Title", lambda source, study: source.citation(study).title),
        "journal": ("Published in", lambda source, study: _published_in(source.citation(study))),
        "type": ("Kind of document", lambda source, study: source.citation(study).type),
        "doi": ("DOI", lambda source, study: source.citation(study).doi),
        "reports": ("Reports", lambda source, study: str(len(study.reports))),
        "appraisal": ("Appraisal", lambda source, study: _appraisal(source, study)),
    }
)


def source_of(snapshot: Snapshot, standing: Standing) -> Source:
    """Return what tables are made of."""
    return Source(snapshot, fold(snapshot.values, standing), snapshot.protocol.extraction.form)


def label(form: Form | None, key: str, group: str = "") -> str:
    """Return the heading of a column: the field's label, else its name made readable."""
    if key in BUILT_IN and find_field(form, key, group) is None:
        return BUILT_IN[key][0]
    found = find_field(form, key, group)
    words = (found[1].label if found else "") or key.rpartition(".")[2].replace("_", " ").capitalize()
    return f"{words} ({found[1].unit})" if found and found[1].unit else words


def find_field(form: Form | None, key: str, group: str) -> tuple[str, FormField] | None:
    """Return (group, field) of a column's name: in its own group first, then at study level."""
    if form is None:
        return None
    named, dot, name = key.rpartition(".")
    for place, wanted in ((named, name),) if dot else ((group, key), ("", key)):
        for field in form.fields_of(place):
            if field.id == wanted:
                return place, field
    return None


def rank(text: str, order: Sequence[str]) -> tuple[int, int, list[tuple[int, float, str]]]:
    """Return a key that sorts answers as the form lists its options, then others by name, and the empty one last."""
    if not text:
        return 2, 0, []
    return (0, order.index(text), []) if text in order else (1, 0, natural(text))


def natural(text: str) -> list[tuple[int, float, str]]:
    """Return a key that sorts numbers by size and words by letter, empty cells last."""
    if not text:
        return [(2, 0.0, "")]
    parts = re.findall(r"\d+(?:\.\d+)?|\D+", text.casefold())
    return [(0, float(part), "") if part[0].isdigit() else (1, 0.0, part) for part in parts]


def _published_in(citation: Citation) -> str:
    return citation.container or citation.publisher


def _appraisal(source: Source, study: Study) -> str:
    """Return each tool's overall judgement; where it has none, how often each answer was given."""
    said = []
    for tool in dict.fromkeys(source.snapshot.protocol.appraisal.tools.values()):
        cells = [
            cell for cell in source.values.of_study(study.id, tool) if cell.place.field not in ("comments", "section")
        ]
        overall = next((cell for cell in cells if cell.place.field == "overall"), None)
        if overall is not None:
            said.append(f"{tool}: {shown(overall.final) or NOT_SETTLED}")
        elif cells:
            counts = Counter(shown(cell.final) or NOT_SETTLED for cell in cells)
            said.append(f"{tool}: " + ", ".join(f"{answer} {count}" for answer, count in counts.items()))
    return "; ".join(said)


class Spelling:
    """The answers of one field, each in one spelling: case and spaces make no second theme.

    That of an option counts, else the one that came first.
    """

    def __init__(self, options: Sequence[str] = ()) -> None:
        self._known = {self._folded(option): option for option in options}

    def __call__(self, answer: str) -> str:
        """Return the spelling under which an answer stands."""
        return self._known.setdefault(self._folded(answer), " ".join(answer.split()))

    @staticmethod
    def _folded(answer: str) -> str:
        return " ".join(answer.split()).casefold()
