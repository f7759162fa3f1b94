"""The documents whose citations are followed: records of the review, what it included, or a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from evidence_review import text
from evidence_review.errors import InputError, UsageError
from evidence_review.model.record import Record, short_reference
from evidence_review.sheets import read
from evidence_review.sources.citations import Seed
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import INCLUDED, stand


def of_records(snapshot: Snapshot, ids: Sequence[str]) -> tuple[Seed, ...]:
    """Return the records named as seeds.

    Raises:
        UsageError: the review has no such record.
    """
    missing = [identifier for identifier in ids if identifier not in snapshot.records]
    if missing:
        raise UsageError(f"No record {', '.join(missing)} in this review. Ids stand in the sheets, such as R-7K2M9QXD.")
    return tuple(_seed([snapshot.records[identifier]]) for identifier in ids)


def of_included(snapshot: Snapshot) -> tuple[Seed, ...]:
    """Return what the review has included so far; an identifier may come from any copy of a record."""
    standing = stand(snapshot)
    members = standing.clusters.members_of
    return tuple(
        _seed([snapshot.records[member] for member in members[keeper]]) for keeper in standing.having(INCLUDED)
    )


def of_file(path: Path) -> tuple[Seed, ...]:
    """Return the seeds of a sheet (columns doi, pmid, openalex, title) or of a text file (a DOI or PMID a line).

    Raises:
        InputError: the file names no document.
    """
    if path.suffix.lower() in (".csv", ".tsv", ".xlsx"):
        table = read(path, path.name, optional=("doi", "pmid", "openalex", "title"))
        rows = [{name: row.plain(name) for name in ("doi", "pmid", "openalex", "title")} for row in table.rows]
    else:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        rows = [{"doi": line, "pmid": "" if text.doi(line) else line, "openalex": "", "title": line} for line in lines]
    seeds = [
        Seed(
            label=row["title"] or row["doi"] or row["pmid"],
            doi=text.doi(row["doi"]),
            pmid=text.pmid(row["pmid"]),
            openalex=row["openalex"].rsplit("/", 1)[-1],
        )
        for row in rows
        if any(row.values())
    ]
    if not seeds:
        raise InputError(f"{path.name} names no document: write a DOI or PMID a line, or a sheet with these columns.")
    return tuple(seeds)


def _seed(records: Sequence[Record]) -> Seed:
    first = records[0]
    others = [dict(record.citation.other_ids).get("openalex", "") for record in records]
    return Seed(
        label=f"{first.id} ({short_reference(first.citation)})",
        doi=_any(record.citation.doi for record in records),
        pmid=_any(record.citation.pmid for record in records),
        openalex=_any(others),
        record=first.id,
    )


def _any(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")
