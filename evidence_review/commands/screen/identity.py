"""Which sheet a file is: told by what stands in it and by its name, which must not contradict each other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evidence_review.commands.screen.columns import BATCH, OPTIONAL, REQUIRED, SCREENER
from evidence_review.errors import Problem, SheetError
from evidence_review.model.events import STAGES
from evidence_review.sheets import Table, is_lock_file, read
from evidence_review.workspace.issued import CONFLICTS, KINDS, SCREENING

_STAGE = "|".join(STAGES)
_KIND = "|".join(kind for kind in KINDS if kind != SCREENING)
_BATCH = re.compile(rf"(?P<stage>{_STAGE})(?:-(?P<kind>{_KIND}))?-(?P<number>\d+)")
_NAME = re.compile(rf"^(?:(?P<screener>[A-Za-z][\w-]*?)-)?(?P<batch>{_BATCH.pattern})(?!\d)")
# What can be read, and what people save instead: these are refused with a remedy rather than passed over.
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".numbers")


@dataclass(frozen=True, slots=True)
class Identity:
    """Which sheet a file is. `screener` is "" for a sheet that is everyone's (conflicts)."""

    stage: str
    kind: str
    batch: str
    screener: str


def batch_name(stage: str, kind: str, number: int) -> str:
    """Return the name of a batch: `title-abstract-2`, `full-text-conflicts-1`."""
    return f"{stage}-{number}" if kind == SCREENING else f"{stage}-{kind}-{number}"


def batch_number(batch: str) -> int:
    """Return the number at the end of a batch's name."""
    return int(batch.rpartition("-")[2])


def file_stem(batch: str, screener: str) -> str:
    """Return the name of a batch's file without its ending."""
    return f"{screener}-{batch}" if screener else batch


def sheet_files(folder: Path) -> list[Path]:
    """Return the files of a folder that may be screening sheets, by name."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and not is_lock_file(path.name) and path.is_file() and _may_be(path)
    )


def _may_be(path: Path) -> bool:
    return not path.name.startswith((".", "criteria", "retrieval"))


def read_sheet(path: Path, name: str, faults: list[Problem] | None = None) -> tuple[Table, Identity]:
    """Read a file and tell which sheet it is; `faults` as in `evidence_review.sheets.read`.

    Raises:
        SheetError: it cannot be read, or it cannot be known which sheet it is.
    """
    table = read(path, name, required=REQUIRED, optional=OPTIONAL, faults=faults)
    return table, identify(table, path.name)


def identify(table: Table, file_name: str) -> Identity:
    """Tell which sheet a table is.

    Raises:
        SheetError: its rows disagree, its name says something else, or nothing says it.
    """
    problems: list[Problem] = []
    batch = _only(table, BATCH, problems)
    screener = _only(table, SCREENER, problems)
    named = _NAME.match(Path(file_name).stem)
    if named and batch and named["batch"] != batch:
        problems.append(_contradiction(table, "batch", batch, named["batch"]))
    if named and screener and named["screener"] and named["screener"] != screener:
        problems.append(_contradiction(table, "screener", screener, named["screener"]))
    if problems:
        raise SheetError(f"{table.name} was refused; nothing of it was taken.", problems)
    found = _BATCH.fullmatch(batch) if batch else named
    if found is None:
        what = (
            f"'{batch}' is no batch" if batch else "neither its columns 'batch' and 'screener' nor its name say whose"
        )
        remedy = "Put the two columns back, or name the file as it was issued, such as reviewer-1-title-abstract-1.csv."
        raise SheetError(f"{table.name} was refused.", [Problem(table.name, what, remedy)])
    kind = found["kind"] or SCREENING
    who = "" if kind == CONFLICTS else screener or (named["screener"] if named else "") or ""
    if kind != CONFLICTS and not who:
        remedy = "Put the column 'screener' back, or name the file as it was issued."
        raise SheetError(f"{table.name} was refused.", [Problem(table.name, "it does not say whose it is", remedy)])
    return Identity(found["stage"], kind, batch or (named["batch"] if named else ""), who)


def _only(table: Table, column: str, problems: list[Problem]) -> str:
    """Return the one value of a column ("" where it is missing or blank)."""
    if column not in table.columns:
        return ""
    values: dict[str, int] = {}
    for row in table.rows:
        if value := row.plain(column):
            values.setdefault(value, row.number)
    if len(values) > 1:
        (one, _), (two, place), *_ = values.items()
        what = f"rows of '{one}' and of '{two}' stand in one file"
        problems.append(Problem(table.where(place, column), what, "Keep each batch of each screener in its own file."))
    return next(iter(values), "")


def _contradiction(table: Table, what: str, inside: str, outside: str) -> Problem:
    return Problem(
        table.name,
        f"its rows belong to {what} '{inside}' but its name says '{outside}'",
        "Name the file as it was issued, or collect the right one.",
    )


def numbers(batches: Iterable[str]) -> int:
    """Return the highest number among batches' names, 0 where there are none."""
    return max((batch_number(batch) for batch in batches), default=0)
