"""Records of a file that is taken back which another file or search brought, too: from now on they are that one's."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from evidence_review.errors import InputError
from evidence_review.formats.opening import open_file
from evidence_review.formats.readers import FORMATS
from evidence_review.model.record import Rejected
from evidence_review.model.search_run import SearchRun
from evidence_review.workspace.records import Head, prepare_of_file
from evidence_review.workspace.transaction import Transaction
from evidence_review.workspace.workspace import Workspace

Written = Mapping[str, tuple[Head, bytes]]


def heirs(written: Collection[str], staying: Iterable[SearchRun]) -> dict[str, SearchRun]:
    """Return, for each record that a run which stays brought as well, the first such run."""
    found: dict[str, SearchRun] = {}
    for run in staying:
        for record in run.record_ids:
            if record in written:
                found.setdefault(record, run)
    return found


def handed_on(
    workspace: Workspace, tx: Transaction, written: Written, heir_of: Mapping[str, SearchRun]
) -> dict[tuple[str, str], SearchRun]:
    """Write each such record as its other run gave it; return the accounts of these runs, which count it now.

    The file of that run is read again, for it may say something else of a document than the one that was taken back.
    Where that cannot be done, as for a search of a service, the record stays as it was, without its line.
    """
    changed: dict[tuple[str, str], SearchRun] = {}
    for heir in {(run.source, run.id): run for run in heir_of.values()}.values():
        wanted = [record for record, run in heir_of.items() if run is heir]
        left = _read_again(workspace, tx, heir, {written[record][0].key: record for record in wanted})
        place = {record: number for number, record in enumerate(heir.record_ids, start=1)}
        for record in sorted(left, key=place.__getitem__):
            tx.add_again(written[record][1], heir.id, place[record])
        number = len(wanted)
        changed[heir.source, heir.id] = replace(heir, loaded=heir.loaded + number, known=heir.known - number)
    return changed


def _read_again(workspace: Workspace, tx: Transaction, heir: SearchRun, wanted: dict[str, str]) -> Sequence[str]:
    """Add the records with these keys as the run's file has them; return the ids of those that it does not give."""
    path = _import_of(workspace, heir)
    if path is None:
        return list(wanted.values())
    name = heir.files[0][0]
    try:
        reading = open_file(path, format=heir.format.partition(" ")[0], columns=_columns(workspace, heir), name=name)
        form = FORMATS[reading.format].name
        for position, item in enumerate(reading.each(partial(prepare_of_file, heir.source, form)), start=1):
            if not isinstance(item, Rejected) and item[2][0] in wanted:
                tx.add_prepared(item[2], heir.source, heir.id, position)
                del wanted[item[2][0]]
    except InputError:
        pass  # a version that reads less than the one that loaded it: what is left stays as it was
    return list(wanted.values())


def _import_of(workspace: Workspace, run: SearchRun) -> Path | None:
    """Return the byte copy of the file that a run loaded."""
    if run.via == "api" or len(run.files) != 1:
        return None
    return next(iter(sorted(workspace.layout.imports.glob(f"{run.files[0][1]}.*"))), None)


def _columns(workspace: Workspace, run: SearchRun) -> dict[str, str]:
    """Return which heading was which field when the file was loaded: as typed then, else as the protocol has it."""
    made = next((entry for entry in workspace.ledger() if entry.run == run.id.partition(".")[0]), None)
    typed = str(made.arguments.get("columns", "")) if made else ""
    if typed:
        return dict(ast.literal_eval(typed))
    planned = workspace.protocol.source(run.source)
    return dict(planned.columns) if planned else {}
