"""What to load: which file belongs to which source, and what is known about the search behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from evidence_review.errors import InputError, Problem, UsageError, suggest
from evidence_review.formats.inputs import Member, members
from evidence_review.model.protocol import Protocol, Source
from evidence_review.model.search_run import ROUTES
from evidence_review.workspace.layout import Layout
from evidence_review.workspace.workspace import Workspace

_SOURCE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line says about a search, over what the protocol says. `hits` None means not said.

    `instead_of` is the day that is noted wrongly for a search that was logged without a file.
    """

    source: str = ""
    route: str = ""
    platform: str = ""
    searched_on: str = ""
    instead_of: str = ""
    searched_by: str = ""
    strategy_file: Path | None = None
    hits: int | None = None
    limits: str = ""
    note: str = ""
    format: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Search:
    """What is known about the search behind a file, as PRISMA-S asks for it."""

    source: str
    route: str = "database"
    via: str = "file"
    platform: str = ""
    strategy: str = ""
    searched_on: str = ""
    searched_by: str = ""
    hits: int | None = None
    limits: str = ""
    note: str = ""
    format: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A search with its files; without files it is logged alone.

    Where files mix several databases, `databases` are the names of those whose records belong to this search; record
    starts that give no record belong to the job that `takes_rejected`.
    """

    search: Search
    files: tuple[Member, ...] = ()
    databases: frozenset[str] | None = None
    takes_rejected: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What to load, and what stands in the protocol without anything to load yet."""

    jobs: tuple[Job, ...]
    unassigned: tuple[Member, ...] = ()
    waiting: tuple[str, ...] = ()


def planned(workspace: Workspace, wish: Wish) -> Plan:
    """Return what the protocol lists, each source with its files.

    Raises:
        InputError: files that the protocol names are not there; all of them are told at once. Or the protocol itself
            has the wrong day that shall be put right: the next load would log it again.
    """
    protocol = workspace.protocol
    chosen = [_known(protocol, wish.source)] if wish.source else [s for s in protocol.sources if s.via != "api"]
    for source in chosen:
        if wish.instead_of and source.searched_on[:10] == wish.instead_of:
            raise InputError(
                f"The protocol says 'searched_on: {source.searched_on}' for source '{source.id}': write the right day "
                "there first, or the next load would log the wrong one again."
            )
    folder = workspace.layout.beside_protocol
    brought = {made.source for made in workspace.runs()}
    jobs: list[Job] = []
    waiting: list[str] = []
    problems: list[Problem] = []
    for source in chosen:
        search = described(protocol, source, wish)
        if source.files:
            found: list[Member] = []
            for name in source.files:
                try:
                    found.extend(members([folder / name], names=[workspace.layout.inside(folder / name)]))
                except InputError as fault:
                    problems.append(Problem(f"source '{source.id}'", fault.message))
            jobs.append(Job(search, tuple(found)))
        elif source.via == "manual" and (search.searched_on or search.hits is not None):
            jobs.append(Job(search))
        elif source.id in brought:
            continue
        elif source.in_zotero:
            waiting.append(f"{source.id}: nothing yet; 'evidence-review zotero pull --source {source.id}' reads it.")
        else:
            place = workspace.layout.inside(folder)
            waiting.append(f"{source.id}: nothing to load yet; put its export into {place}/ and name it under 'files'.")
    if problems:
        raise InputError("Files that the protocol names cannot be read; nothing was loaded.", problems)
    return Plan(tuple(jobs), (), tuple(waiting))


def called(layout: Layout, paths: Iterable[Path]) -> list[str]:
    """Return what files and folders are called in what is kept; one that is not there is named as it was typed."""
    return [layout.named(path) if path.exists() else str(path) for path in paths]


def given(workspace: Workspace, paths: Sequence[Path], wish: Wish) -> Plan:
    """Return what the command line names: for one source where it says so, else each file for the source it fits."""
    protocol = workspace.protocol
    found = tuple(members(paths, called(workspace.layout, paths)))
    if wish.source:
        return Plan((Job(_search(protocol, wish), found),))
    folder = workspace.layout.beside_protocol
    listed = {(folder / name).resolve(): source for source in protocol.sources for name in source.files}
    jobs: list[Job] = []
    rest: list[Member] = []
    for member in found:
        source = listed.get(member.path.resolve()) if member.path is not None else None
        if source is None:
            rest.append(member)
        else:
            jobs.append(Job(described(protocol, source, wish), (member,)))
    return Plan(tuple(jobs), tuple(rest))


def _search(protocol: Protocol, wish: Wish) -> Search:
    """Return the search that `--source` names: one of the protocol's, or, with `--route`, one that it does not list."""
    source = protocol.source(wish.source)
    if source is not None:
        return described(protocol, source, wish)
    if not wish.route:
        _known(protocol, wish.source)
    if not _SOURCE_ID.fullmatch(wish.source):
        raise UsageError(
            f"'{wish.source}' cannot be a source's id: begin with a letter; then letters, digits, '-', '_'."
        )
    return _over(Search(source=wish.source), wish)


def _known(protocol: Protocol, identifier: str) -> Source:
    source = protocol.source(identifier)
    if source is None:
        raise UsageError(
            f"The protocol has no source '{identifier}'. {suggest(identifier, (s.id for s in protocol.sources))} "
            f"Add it to the protocol under 'sources', or say its kind with --route ({', '.join(ROUTES)})."
        )
    return source


def described(protocol: Protocol, source: Source, wish: Wish) -> Search:
    """Return what protocol and command line together say about a source's search."""
    strategy = protocol.strategies.get(source.strategy, "") if source.strategy else source.terms
    return _over(
        Search(
            source=source.id,
            route=source.route,
            via="manual" if source.via == "manual" else "file",
            platform=source.platform or source.name,
            strategy=strategy,
            searched_on=source.searched_on,
            searched_by=source.searched_by,
            hits=source.hits,
            limits=source.limits,
            note=source.note,
            format=source.format,
            columns=source.columns,
        ),
        wish,
    )


def _over(search: Search, wish: Wish) -> Search:
    said = {
        name: value
        for name in ("route", "platform", "searched_on", "searched_by", "limits", "note", "format", "columns")
        if (value := getattr(wish, name))
    }
    if wish.hits is not None:
        said["hits"] = wish.hits
    if wish.strategy_file is not None:
        said["strategy"] = strategy_in(wish.strategy_file)
    return replace(search, **said)


def strategy_in(file: Path) -> str:
    """Return the strategy that a file holds.

    Raises:
        InputError: it cannot be read, or is no UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"The strategy in {file} cannot be read as UTF-8 text: {fault}.") from None


_WORDS = re.compile(r"[a-z0-9]+")


def fitting(sources: Sequence[Source], hints: Iterable[str]) -> Source | None:
    """Return the one source whose id or name says the same as a hint from a file (its database, its vendor)."""
    found = []
    for hint in hints:
        words = _squeezed(hint)
        if not words:
            continue
        found += [
            source for source in sources if any(_same(_squeezed(name), words) for name in (source.id, source.name))
        ]
        if found:
            break
    unique = {source.id: source for source in found}
    return next(iter(unique.values())) if len(unique) == 1 else None


def _squeezed(name: str) -> str:
    return "".join(_WORDS.findall(name.lower()))


def _same(name: str, hint: str) -> bool:
    return len(name) >= 3 and len(hint) >= 3 and (name in hint or hint in name)
