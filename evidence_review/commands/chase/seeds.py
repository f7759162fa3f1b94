"""The documents whose citations are followed: records of the review, what it included, or a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from evidence_review import text
from evidence_review.errors import InputError, UsageError
from evidence_review.model.record import Record, short_reference
from evidence_review.sheets import read
from evidence_review.sources.citing.base import Seed
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import INCLUDED, Standing

_COLUMNS = ("doi", "pmid", "openalex", "title")


def of_records(snapshot: Snapshot, standing: Standing, ids: Sequence[str]) -> tuple[Seed, ...]:
    """Return the records named as seeds; an identifier may come from any copy of a record.

    Raises:
        UsageError: the review has no such record.
    """
    missing = [identifier for identifier in ids if identifier not in snapshot.records]
    if missing:
        raise UsageError(f"No record {', '.join(missing)} in this review. Ids stand in the sheets, such as R-7K2M9QXD.")
    return tuple(_of_cluster(snapshot, standing, standing.clusters.keeper_of[identifier]) for identifier in ids)


def of_included(snapshot: Snapshot, standing: Standing) -> tuple[Seed, ...]:
    """Return what the review has included so far."""
    return tuple(_of_cluster(snapshot, standing, keeper) for keeper in standing.having(INCLUDED))


def of_file(path: Path, snapshot: Snapshot, standing: Standing) -> tuple[Seed, ...]:
    """Return the seeds of a sheet (columns doi, pmid, openalex, title) or of a text file (a DOI or PMID a line).

    A document that is a record of this review, by its DOI or PMID, stands for that record.

    Raises:
        InputError: the file names no document.
    """
    if path.suffix.lower() in (".csv", ".tsv", ".xlsx"):
        table = read(path, path.name, optional=_COLUMNS)
        rows = [{name: row.plain(name) for name in _COLUMNS} for row in table.rows]
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
    ours = {
        name: record.id
        for record in snapshot.records.values()
        for name in (f"doi:{record.citation.doi}", f"pmid:{record.citation.pmid}")
    }
    return tuple(_known(seed, ours, snapshot, standing) for seed in seeds)


def _known(seed: Seed, ours: dict[str, str], snapshot: Snapshot, standing: Standing) -> Seed:
    record = next((ours[name] for name in seed.names if name in ours), "")
    if not record:
        return seed
    cluster = _of_cluster(snapshot, standing, standing.clusters.keeper_of[record])
    return replace(cluster, doi=seed.doi or cluster.doi, pmid=seed.pmid or cluster.pmid)


def _of_cluster(snapshot: Snapshot, standing: Standing, keeper: str) -> Seed:
    records = [snapshot.records[member] for member in standing.clusters.members_of[keeper]]
    return Seed(
        label=f"{keeper} ({short_reference(records[0].citation)})",
        doi=_any(record.citation.doi for record in records),
        pmid=_any(record.citation.pmid for record in records),
        openalex=_any(_other(record, "openalex") for record in records),
        semanticscholar=_any(_other(record, "semanticscholar") for record in records),
        record=keeper,
    )


def _other(record: Record, scheme: str) -> str:
    return dict(record.citation.other_ids).get(scheme, "")


def _any(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")
