"""Indexes of citations, one module each: what a document cites, and what cites it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from evidence_review.errors import UsageError, suggest
from evidence_review.sources.citing.base import Index

# id → module; those that give the most of each document come first, imported only when asked for
INDEXES: Mapping[str, str] = {
    "openalex": "openalex",
    "semanticscholar": "semanticscholar",
    "europepmc": "europepmc",
    "opencitations": "opencitations",
}


def get(identifier: str) -> Index:
    """Return an index by id.

    Raises:
        UsageError: there is none of that name.
    """
    if identifier not in INDEXES:
        raise UsageError(f"No index of citations '{identifier}'. {suggest(identifier, INDEXES)}")
    index: Index = import_module(f"{__name__}.{INDEXES[identifier]}").INDEX
    return index
