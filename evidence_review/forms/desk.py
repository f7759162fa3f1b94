"""What a sheet is made for: which forms, which studies, which people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evidence_review.model.form import Form
from evidence_review.model.ids import study_id
from evidence_review.model.record import Record
from evidence_review.sheets import is_lock_file
from evidence_review.sheets.form_layout import Part, parts
from evidence_review.state.standing import Standing, Study

# What the columns of the CSV sheets mean lies beside them, and is no sheet; a workbook has a page of it.
FIELDS = "fields.csv"


@dataclass(frozen=True, slots=True)
class Subject:
    """An included study as a row shows it: `reports` are (record id, title), the main report first."""

    id: str
    label: str
    reports: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A row that a trial register filled in: `cells` by field, the words that they rest on, and the register's id."""

    cells: Mapping[str, str]
    quotes: Mapping[str, str]
    source: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The work of one verb (`extract` or `appraise`) on one review.

    `subjects` has, for each form, the studies that it is for; `team` are all ids that may write; `mode` is single,
    verified or dual; `folder` holds the sheets; `prefill` has rows that a register filled in, by study and group.
    """

    verb: str
    folder: Path
    forms: Mapping[str, Form]
    subjects: Mapping[str, tuple[Subject, ...]]
    people: tuple[str, ...]
    verifier: str
    team: tuple[str, ...]
    mode: str
    prefill: Mapping[tuple[str, str], Sequence[Filled]] = field(default_factory=dict)

    def parts(self) -> list[Part]:
        """Return every sheet that a person fills in."""
        return [part for form in self.forms.values() for part in parts(form)]

    def sheets(self) -> Iterator[Path]:
        """Yield the files in the folder that may be sheets, by name."""
        if self.folder.is_dir():
            for path in sorted(self.folder.iterdir()):
                if path.name == FIELDS or is_lock_file(path.name):
                    continue
                if path.suffix.lower() in (".csv", ".xlsx", ".tsv", ".txt"):
                    yield path


def subject(study: Study, records: Mapping[str, Record]) -> Subject:
    """Return a study as a row shows it."""
    return Subject(study.id, study.label, tuple((report, records[report].citation.title) for report in study.reports))


def lookup(standing: Standing, gone: Mapping[str, str]) -> dict[str, str]:
    """Return the study of each name that a sheet may give it: its own id, or the id of any record of its reports.

    The id of a study that has since been joined with another is found by its main report, and that of one whose record
    is `gone` by the copy that stays.
    """
    found = {}
    for study in standing.studies:
        for report in study.reports:
            for member in standing.clusters.members_of[report]:
                found[member.casefold()] = study.id
                found[f"S-{member.removeprefix('R-')}".casefold()] = study.id
        found[study.id.casefold()] = study.id
    for record, copy in gone.items():
        if copy.casefold() in found:
            for name in (record, study_id(record)):
                found.setdefault(name.casefold(), found[copy.casefold()])
    return found
