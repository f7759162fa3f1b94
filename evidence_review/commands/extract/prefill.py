"""What a trial register says of a study, as rows of its form: to be checked by a person before any of it counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from evidence_review.commands.extract.proposals import trials
from evidence_review.forms.cells import read_cell
from evidence_review.forms.desk import Filled
from evidence_review.forms.fault import CellFault
from evidence_review.model.form import Form, FormField
from evidence_review.sources.registered import REGISTER, Registered, registered
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing


def prefill(form: Form, snapshot: Snapshot, standing: Standing) -> dict[tuple[str, str], Sequence[Filled]]:
    """Return rows by (study, group) for the fields whose `prefill` a registered trial of the study answers.

    The trial is one of the study's own reports, or any record of the review whose number the reports name. Where a
    study has several trials, only their arms and outcomes are filled in: nobody could say whose the other facts are.
    """
    wanted = {group: [one for one in form.fields_of(group) if one.prefill] for group in _groups(form)}
    if not any(wanted.values()):
        return {}
    known = {one.nct: one for record in snapshot.records.values() if (one := registered(record.raw)) is not None}
    rows: dict[tuple[str, str], Sequence[Filled]] = {}
    for study in standing.studies:
        members = [member for report in study.reports for member in standing.clusters.members_of[report]]
        named = set().union(*(trials(snapshot.records[member].citation) for member in members))
        found = [known[nct] for nct in sorted(named & known.keys())]
        for group, fields in wanted.items():
            made = [row for one in found for row in _rows(one, group, fields, len(found))]
            if made:
                rows[study.id, group] = made
    return rows


def _groups(form: Form) -> list[str]:
    return ["", *(group.id for group in form.groups)]


def _rows(trial: Registered, group: str, fields: Sequence[FormField], trials_: int) -> Iterator[Filled]:
    source = f"{REGISTER} {trial.nct}"
    entries: Iterable[tuple[Mapping[str, str], str]]
    if not group:
        entries = [(trial.study, "")] if trials_ == 1 else []
    elif any(one.prefill.startswith("outcome.") for one in fields):
        entries = trial.outcomes
    else:
        entries = [(arm, "") for arm in trial.arms]
    for facts, words in entries:
        cells = {one.id: text for one in fields if (text := _cell(one, facts.get(one.prefill, "")))}
        if cells:
            yield Filled(cells, {one.id: words for one in fields if one.id in cells and one.quoted and words}, source)


def _cell(field: FormField, text: str) -> str:
    """Return a fact where the field can take it: a register's country or date may be none that the form knows."""
    try:
        return text if text and read_cell(field, text) is not None else ""
    except CellFault:
        return ""
