"""A search run: one way in which records were identified - a harvested search, a loaded file, a manual search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

# The boxes of PRISMA 2020's identification row. `database` and `register` form the first arm of the flow diagram,
# the others the second ("other methods").
ROUTES = ("database", "register", "website", "organisation", "citation", "other")
MAIN_ROUTES = ("database", "register")

COMPLETE, INCOMPLETE, FAILED = "complete", "incomplete", "failed"
# A search that has no file and was logged twice: its manifest stays, and it counts no more.
WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SearchRun:
    """One identification run, as PRISMA-S asks for it (Rethlefsen et al. 2021, 10.1186/s13643-020-01542-z).

    Counts: `starts` record starts seen = `loaded` + `known` (already there) + `rejected`; `hits` is what the source
    itself reported, None where nobody noted it. `files` are (name, sha256) of the bytes behind it. `state` is
    complete, incomplete or failed; a run that is not complete carries its `reason`, and `accepted` says who decided to
    go on with what it gave, when and why ("" where nobody did). `program` is the version of this program that searched,
    "" where a person did.
    """

    id: str
    source: str
    route: str
    via: str
    platform: str = ""
    strategy: str = ""
    translated: str = ""
    understood: str = ""
    limits: str = ""
    searched_on: str = ""
    searched_by: str = ""
    hits: int | None = None
    starts: int = 0
    loaded: int = 0
    known: int = 0
    rejected: int = 0
    rejections: tuple[tuple[int, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    format: str = ""
    encoding: str = ""
    state: str = COMPLETE
    reason: str = ""
    note: str = ""
    accepted: str = ""
    record_ids: tuple[str, ...] = ()
    program: str = ""


# `asdict` would copy each of the ids one by one.
_FIELDS = tuple(item.name for item in fields(SearchRun))


def run_to_dict(run: SearchRun) -> dict[str, Any]:
    """Return the JSON form of a run, as its `manifest.json` holds it."""
    return {name: getattr(run, name) for name in _FIELDS}


def run_from_dict(data: Mapping[str, Any]) -> SearchRun:
    """Return the run of its JSON form (the inverse of `run_to_dict`)."""
    values = dict(data)
    values["rejections"] = tuple((line, reason) for line, reason in values.get("rejections", ()))
    values["files"] = tuple((name, digest) for name, digest in values.get("files", ()))
    values["record_ids"] = tuple(values.get("record_ids", ()))
    return SearchRun(**values)
