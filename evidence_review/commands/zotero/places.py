"""Which source of the protocol, and which collection of the library, are meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evidence_review.commands.zotero.address import is_zotero
from evidence_review.commands.zotero.wanted import root_key
from evidence_review.errors import UsageError, suggest
from evidence_review.model.protocol import Protocol, Source

_DEEPEST = 100


def source_of(protocol: Protocol, name: str | None) -> Source:
    """Return the source named, or the only one that is a Zotero library.

    Raises:
        UsageError: there is none of that name, or none or several are Zotero libraries.
    """
    if name is not None:
        found = protocol.source(name)
        if found is None:
            names = [source.id for source in protocol.sources]
            raise UsageError(f"The protocol has no source '{name}'. {suggest(name, names)}".strip())
        return found
    candidates = [source for source in protocol.sources if is_zotero(source)]
    if len(candidates) != 1:
        raise UsageError(
            "Which source of the protocol do these records belong to? Name it with --source, or give one source "
            "'platform: Zotero' and 'url: https://www.zotero.org/groups/NUMBER'."
        )
    return candidates[0]


def collection_key(tree: Sequence[Mapping[str, Any]], name: str, review: str) -> str:
    """Return the key of the collection with this key, path of names, or name; what the review pushed goes by path.

    Raises:
        UsageError: there is none, or there are several of that name.
    """
    by_key = {str(each["key"]): each["data"] for each in tree}
    if name in by_key:
        return name
    paths = {key: _path(by_key, key) for key in by_key}
    found = [key for key, path in paths.items() if path.casefold() == name.casefold()]
    named = [key for key in by_key if str(by_key[key]["name"]).casefold() == name.casefold()]
    found = found or [key for key in named if root_key(review) not in _line(by_key, key)]
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(f"{paths[key]} ({key})" for key in found)
        raise UsageError(f"Several collections are called '{name}': {several}. Name the one by its path or key.")
    raise UsageError(f"The library has no collection '{name}'. {suggest(name, paths.values())}".strip())


def search_key(searches: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the key of the saved search with this key or name.

    Raises:
        UsageError: there is none, or there are several of that name.
    """
    names = {str(each["key"]): str(each["data"]["name"]) for each in searches}
    found = [key for key, title in names.items() if name in (key, title)]
    if len(found) != 1:
        problem = "several saved searches" if found else "no saved search"
        raise UsageError(f"The library has {problem} '{name}'. {suggest(name, names.values())}".strip())
    return found[0]


def _line(by_key: Mapping[str, Mapping[str, Any]], key: str) -> list[str]:
    """Return the keys of a collection and of those that it lies in, inner first."""
    line: list[str] = []
    while key in by_key and len(line) < _DEEPEST:
        line.append(key)
        key = str(by_key[key].get("parentCollection") or "")
    return line


def _path(by_key: Mapping[str, Mapping[str, Any]], key: str) -> str:
    return "/".join(str(by_key[each]["name"]) for each in reversed(_line(by_key, key)))


def by_collections(protocol: Protocol, tree: Sequence[Mapping[str, Any]], top: str) -> list[tuple[Source, str]]:
    """Return (source, collection) for each collection called like a source; below `top`, where one is named.

    The collections of this review's own push are called like sources too, and are not meant.

    Raises:
        UsageError: no collection is called like a source, or several like the same.
    """
    by_key = {str(each["key"]): each["data"] for each in tree}
    root = root_key(protocol.review)
    by_name = {name.casefold(): source for source in protocol.sources for name in (source.name, source.id)}
    found: dict[str, list[str]] = {}
    for each in tree:
        parent = each["data"].get("parentCollection") or ""
        source = by_name.get(str(each["data"]["name"]).casefold())
        if source is not None and (parent == top or not top) and root not in _line(by_key, str(each["key"])):
            found.setdefault(source.id, []).append(str(each["key"]))
    if not found:
        raise UsageError("No collection is called like a source of the protocol (its name or id).")
    for name, keys in found.items():
        if len(keys) > 1:
            several = ", ".join(f"{_path(by_key, key)} ({key})" for key in keys)
            raise UsageError(
                f"Several collections are called like the source '{name}': {several}. Name the collection that the "
                "right one lies in with --collection."
            )
    return [(source, found[source.id][0]) for source in protocol.sources if source.id in found]
