"""Known items: documents that a search must find. Which were found, where, and what can be told of the others.

Recall of known items is the usual check of a strategy (PRESS, McGowan et al. 2016, 10.1016/j.jclinepi.2016.01.021).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from evidence_review import text
from evidence_review.model.protocol import Limits
from evidence_review.model.record import Record


@dataclass(frozen=True, slots=True)
class KnownItem:
    """One document that the search must find. `row` is its row in the file (the header is row 1)."""

    row: int
    title: str = ""
    doi: str = ""
    pmid: str = ""
    year: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class KnownFound:
    """A known item with the records that are it. `by_source` maps a source's id to record ids; none means missed.

    `reason` says of a missed one what can be told.
    """

    item: KnownItem
    by_source: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reason: str = ""

    @property
    def found(self) -> bool:
        """Whether any source found it."""
        return bool(self.by_source)


@dataclass(frozen=True, slots=True)
class Recall:
    """The known items found and missed, in the order of the file; `by_source` counts those each source found."""

    found: tuple[KnownFound, ...]
    missed: tuple[KnownFound, ...]
    by_source: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many known items there are."""
        return len(self.found) + len(self.missed)

    @property
    def share(self) -> float | None:
        """The share found, None where there are no known items."""
        return len(self.found) / self.total if self.total else None


def items_of(rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[KnownItem, ...]:
    """Return the known items of numbered rows with the columns doi, pmid, title, year; empty rows are passed over."""
    items = []
    for number, row in rows:
        cells = {name.strip().lower(): value.strip() for name, value in row.items()}
        item = KnownItem(
            row=number,
            title=cells.get("title", ""),
            doi=text.doi(cells.get("doi", "")),
            pmid=text.pmid(cells.get("pmid", "")),
            year=text.year(cells.get("year", "")),
            note=cells.get("why", "") or cells.get("note", ""),
        )
        if item.title or item.doi or item.pmid:
            items.append(item)
    return tuple(items)


def recall(items: Iterable[KnownItem], records: Iterable[Record], limits: Limits | None = None) -> Recall:
    """Return which known items are among the records: by DOI or PMID, else by title (and year, where both know it)."""
    by_doi: dict[str, list[Record]] = {}
    by_pmid: dict[str, list[Record]] = {}
    by_title: dict[str, list[Record]] = {}
    sources: dict[str, int] = {}
    for record in records:
        sources.setdefault(record.source, 0)
        citation = record.citation
        for index, key in (
            (by_doi, citation.doi),
            (by_pmid, citation.pmid),
            (by_title, text.title_key(citation.title)),
        ):
            if key:
                index.setdefault(key, []).append(record)
    found, missed = [], []
    for item in items:
        matches = {record.id: record for record in (*by_doi.get(item.doi, ()), *by_pmid.get(item.pmid, ()))}
        for record in by_title.get(text.title_key(item.title), ()) if item.title else ():
            if not _contradicts(item, record):
                matches.setdefault(record.id, record)
        by_source: dict[str, tuple[str, ...]] = {}
        for record in matches.values():
            by_source[record.source] = (*by_source.get(record.source, ()), record.id)
        if by_source:
            found.append(KnownFound(item, by_source))
            for source in by_source:
                sources[source] += 1
        else:
            missed.append(KnownFound(item, reason=_reason(item, limits)))
    return Recall(tuple(found), tuple(missed), sources)


def _contradicts(item: KnownItem, record: Record) -> bool:
    """Whether an equal title belongs to another document: an erratum, a yearly report, a reply."""
    citation = record.citation
    if item.doi and citation.doi and item.doi != citation.doi:
        return True
    if item.pmid and citation.pmid and item.pmid != citation.pmid:
        return True
    return item.year is not None and citation.year is not None and abs(item.year - citation.year) > 1


def _reason(item: KnownItem, limits: Limits | None) -> str:
    if limits is not None and item.year is not None:
        if limits.published_from and item.year < int(limits.published_from[:4]):
            return f"published {item.year}, before the search's limit of {limits.published_from}"
        if limits.published_to and item.year > int(limits.published_to[:4]):
            return f"published {item.year}, after the search's limit of {limits.published_to}"
    return ""
