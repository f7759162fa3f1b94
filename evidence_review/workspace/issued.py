"""Which sheet was given to whom with which records: `library/<review>/sheets.json`.

A sheet is known by its batch and its screener. The file keeps what the program issued, so that a sheet that comes back
is told from any other, and nobody is given a record twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evidence_review.errors import StorageError

SCREENING, VERIFY, PILOT, CONFLICTS, RETRIEVAL = "screening", "verify", "pilot", "conflicts", "retrieval"
KINDS = (SCREENING, VERIFY, PILOT, CONFLICTS, RETRIEVAL)


@dataclass(frozen=True, slots=True)
class Issued:
    """A sheet that was issued.

    `batch` is unique in its stage together with `screener` ("" where a sheet is for everyone); `kind` is one of KINDS;
    `path` lies in the review folder; `records` are the ids in the order of the sheet; `order` says how they were
    ordered ("given", "ranked"); `drawn` those of them that chance put there, from which prevalence is estimated, and
    `drawn_from` the number of records from which it drew (0 where that is not known).
    """

    batch: str
    stage: str
    screener: str
    kind: str
    path: str
    records: tuple[str, ...]
    when: str
    order: str = "given"
    drawn: tuple[str, ...] = ()
    drawn_from: int = 0


def _from_dict(sheet: dict[str, Any]) -> Issued:
    return Issued(**{**sheet, "records": tuple(sheet["records"]), "drawn": tuple(sheet.get("drawn", ()))})


def read(path: Path) -> tuple[Issued, ...]:
    """Return every sheet issued, first to last.

    Raises:
        StorageError: the file is damaged.
    """
    if not path.exists():
        return ()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_from_dict(sheet) for sheet in data["sheets"])
    except (ValueError, KeyError, TypeError) as fault:
        raise StorageError(
            f"{path} is damaged ({fault}): put it back from a backup. Without it, move it away and run "
            "'evidence-review screen sheet', which recognises the sheets that lie in the screening folder."
        ) from fault


def encode(sheets: Iterable[Issued]) -> bytes:
    """Return the file's bytes: one line a sheet, so that a difference is seen."""
    lines = [json.dumps(asdict(sheet), ensure_ascii=False) for sheet in sheets]
    return ('{"sheets": [\n' + ",\n".join(lines) + "\n]}\n").encode("utf-8")
