"""One citation made of all copies of a record, field by field, each field with the record it came from.

The copies themselves stay as they are; what is composed is for reading and for export, by these rules:

- the copy that stands for the others comes first, then published articles before abstracts and preprints;
- journal, date, volume, issue and pages come together, from the copy that knows most of them;
- the abstract is the longest, the authors are the fullest list;
- identifiers, keywords, terms, addresses and notes are those of all copies;
- any other field is that of the first copy that has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from evidence_review.model.record import Citation, Record

_PLACE = ("container", "container_abbrev", "year", "date", "volume", "issue", "pages", "article_number")
_ALL = ("other_ids", "issn", "isbn", "keywords", "terms", "urls", "notes")
_LESSER = ("preprint", "abstract", "protocol", "erratum", "retraction-notice")


@dataclass(frozen=True, slots=True)
class Composed:
    """A citation and, for each field that is not empty, the ids of the records that it was taken from."""

    citation: Citation
    taken: Mapping[str, tuple[str, ...]]


def compose(copies: Sequence[Record]) -> Composed:
    """Compose the citation of a cluster; the record that stands for it comes first in `copies`.

    The order of the other copies plays no part.
    """
    first, *rest = copies
    ordered = [first, *sorted(rest, key=lambda record: (_lesser(record), record.id))]
    ordered.sort(key=_lesser)
    place = max(ordered, key=lambda record: sum(bool(getattr(record.citation, name)) for name in _PLACE))
    abstract = max(ordered, key=lambda record: len(record.citation.abstract))
    people = max(ordered, key=_fullness)
    chosen = {**dict.fromkeys(_PLACE, place), "abstract": abstract, "authors": people, "authors_truncated": people}
    values: dict[str, Any] = {}
    taken: dict[str, tuple[str, ...]] = {}
    for item in fields(Citation):
        name = item.name
        if name in _ALL:
            values[name], sources = _together(ordered, name)
        else:
            record = chosen.get(name) or next((one for one in ordered if getattr(one.citation, name)), ordered[0])
            values[name], sources = getattr(record.citation, name), (record.id,)
        if values[name]:
            taken[name] = sources
    return Composed(replace(ordered[0].citation, **values), taken)


def composed_citation(copies: Sequence[Record]) -> Citation:
    """Return the citation of a cluster without where each field came from; of a single record its own."""
    citation = copies[0].citation
    if len(copies) == 1 and all(
        len(set(values)) == len(values) for values in (getattr(citation, name) for name in _ALL)
    ):
        return citation
    return compose(copies).citation


def _fullness(record: Record) -> tuple[int, bool, int]:
    """How full a list of authors is: how many, whether all, and how much of their given names."""
    citation = record.citation
    return len(citation.authors), not citation.authors_truncated, sum(len(name.given) for name in citation.authors)


def _lesser(record: Record) -> bool:
    return any(status in record.citation.status for status in _LESSER)


def _together(ordered: Sequence[Record], name: str) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """Return the values of all copies in order, each once, and the records that gave any."""
    values: dict[Any, None] = {}
    sources = []
    for record in ordered:
        own = getattr(record.citation, name)
        values.update(dict.fromkeys(own))
        if own:
            sources.append(record.id)
    return tuple(values), tuple(sources)
