"""Outside services, one module each: how they are searched, and how their stored replies are read.

`get` gives a source by id: one of `SOURCES` or one that another package offers under the entry
point `evidence_review.sources` (an object that fits `evidence_review.sources.base.Source`). `reader` gives whatever
reads the replies of a service: a source, or one of `READERS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from evidence_review.errors import UsageError, suggest

if TYPE_CHECKING:
    from evidence_review.sources.base import Reads, Source

# id → module and name of the source; imported only when asked for
SOURCES: Mapping[str, str] = {
    "pubmed": "pubmed:SOURCE",
    "europepmc": "europepmc:SOURCE",
    "openalex": "openalex:SOURCE",
    "ctgov": "ctgov:SOURCE",
    "crossref": "crossref:SOURCE",
    "semanticscholar": "semanticscholar:SOURCE",
    "doaj": "doaj:SOURCE",
    "arxiv": "arxiv:SOURCE",
    "eric": "eric:SOURCE",
    "core": "core:SOURCE",
    "datacite": "datacite:SOURCE",
    "medrxiv": "rxiv:MEDRXIV",
    "biorxiv": "rxiv:BIORXIV",
    "medrxiv-api": "rxiv:MEDRXIV_API",
    "biorxiv-api": "rxiv:BIORXIV_API",
    "scopus": "scopus:SOURCE",
    "ieee": "ieee:SOURCE",
}
# id → module and name of what reads the replies of a service that nothing here asks
READERS: Mapping[str, str] = {
    "opencitations": "opencitations:READER",
    "dblp": "dblp:READER",
    "hal": "hal:READER",
    "zenodo": "zenodo:READER",
    "fatcat": "fatcat:READER",
    "any": "anyone:READER",
}
# Names that people use for them, too
ALIASES: Mapping[str, str] = {
    "medline": "pubmed", "pmc": "pubmed", "epmc": "europepmc", "europe-pmc": "europepmc", "europe_pmc": "europepmc",
    "s2": "semanticscholar", "semantic-scholar": "semanticscholar", "semantic_scholar": "semanticscholar",
    "ieeexplore": "ieee", "ieee-xplore": "ieee", "other": "any", "coci": "opencitations",
    "clinicaltrials": "ctgov", "clinicaltrials-gov": "ctgov", "clinicaltrials.gov": "ctgov",
}  # fmt: skip


def names() -> list[str]:
    """Return the ids of every source, ours first."""
    return [
        *SOURCES,
        *(entry.name for entry in entry_points(group="evidence_review.sources") if entry.name not in SOURCES),
    ]


def get(identifier: str) -> Source:
    """Return a source by id or by a name that people use for it.

    Raises:
        UsageError: there is none of that name.
    """
    found = find(identifier)
    if found is None:
        raise UsageError(f"No source '{identifier}'. {suggest(identifier, names())}")
    return found


def find(identifier: str) -> Source | None:
    """Return a source by id or by a name that people use for it, None where there is none."""
    key = _key(identifier)
    if key in SOURCES:
        source: Source = _imported(SOURCES[key])
        return source
    for entry in entry_points(group="evidence_review.sources"):
        if entry.name == key:
            outside: Source = entry.load()
            return outside
    return None


def reader(identifier: str) -> Reads:
    """Return what reads the stored replies of a service.

    Raises:
        UsageError: there is none of that name.
    """
    key = _key(identifier)
    found: Reads | None = _imported(READERS[key]) if key in READERS else find(identifier)
    if found is None:
        raise UsageError(f"No replies of '{identifier}' can be read. {suggest(identifier, [*names(), *READERS])}")
    return found


def _key(identifier: str) -> str:
    key = identifier.lower()
    return ALIASES.get(key, key)


def _imported(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(f"{__name__}.{module}"), name)
