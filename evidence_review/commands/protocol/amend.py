"""Amend the protocol: make a change, or log one made by hand, so that the report can tell it."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

from evidence_review.errors import InputError, ProtocolError, UsageError, suggest
from evidence_review.state.protocol_changes import NAMED, differences, flat
from evidence_review.state.snapshot import Amendment
from evidence_review.summary import Summary, counted
from evidence_review.workspace import protocol_file
from evidence_review.workspace.transaction import Transaction
from evidence_review.workspace.workspace import Workspace

_COLUMNS = tuple(Amendment.__dataclass_fields__)


def amend(workspace: Workspace, section: str, new: str | None, reason: str, stage: str) -> Summary:
    """Log an amendment, after making it when `new` is given.

    Raises:
        UsageError: the section does not exist.
        ProtocolError: the protocol would not be valid afterwards; nothing is changed.
        InputError: nothing was done under the protocol yet, or there is no reason.
    """
    if new is not None and not section:
        raise UsageError("'--to' needs '--section': which part of the protocol gets the new value?")
    if not reason.strip():
        raise InputError("An amendment needs a reason: the report prints it.")
    layout = workspace.layout
    name = layout.inside(layout.protocol)
    text = protocol_file.text_of(layout.protocol)
    tree = protocol_file.tree_of(text, name)
    with workspace.transaction("protocol", {"amend": section, "to": new, "reason": reason}) as change:
        if new is None:
            changed = _by_hand(workspace, tree, section)
        else:
            before = flat(protocol_file.plain(tree))
            _set(tree, section, new)
            text = _dump(tree)
            _must_be_valid(workspace, text)
            changed = differences(before, flat(protocol_file.plain(tree)))
            if changed:
                change.write(layout.protocol, text.encode("utf-8"))
        if not changed:
            return _nothing(section, new)
        data = layout.protocol.read_bytes() if new is None else text.encode("utf-8")
        digest = hashlib.sha256(data).hexdigest()
        change.write(layout.protocol_versions / f"{digest}.yml", data)
        rows = [
            Amendment(change.when[:10], part, before, after, reason.strip(), stage, digest)
            for part, before, after in changed
        ]
        _write(change, workspace, [*workspace.amendments(), *rows])
        change.counts["amendments"] = len(rows)
    lines = [f"Logged {counted(len(rows), 'amendment')} in {layout.inside(layout.amendments)}:"]
    lines.extend(f"  {row.section}: {row.old or '(nothing)'} → {row.new or '(nothing)'}" for row in rows)
    return Summary(lines=tuple(lines), data={"amendments": [_as_dict(row) for row in rows]})


def _as_dict(row: Amendment) -> dict[str, str]:
    return {name: getattr(row, name) for name in _COLUMNS}


def _write(change: Transaction, workspace: Workspace, rows: list[Amendment]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_as_dict(row) for row in rows)
    change.write(workspace.layout.amendments, text.getvalue().encode("utf-8"))


def _dump(tree: Any) -> str:
    text = io.StringIO()
    protocol_file.yaml().dump(tree, text)
    return text.getvalue()


def _must_be_valid(workspace: Workspace, text: str) -> None:
    layout = workspace.layout
    protocol, problems = protocol_file.examine_text(text, layout.protocol, layout.folder)
    if protocol is None or problems:
        raise ProtocolError("With this change the protocol would not be valid; nothing was changed.", problems)


def _step(node: Any, step: str, section: str) -> tuple[Any, Any]:
    """Return (container, key) for one step of a section, by key or by the id or code of a list's item."""
    if isinstance(node, dict):
        return node, step
    if isinstance(node, list):
        for place, item in enumerate(node):
            if isinstance(item, dict) and any(str(item.get(key)) == step for key in NAMED):
                return node, place
        names = [str(item.get(key)) for item in node if isinstance(item, dict) for key in NAMED if key in item]
        raise UsageError(f"No '{step}' in section '{section}'. {suggest(step, names)}")
    raise UsageError(f"Section '{section}' goes deeper than the protocol: '{step}' would stand below a single value.")


def _nothing(section: str, new: str | None) -> Summary:
    where = f" in section '{section}'" if section else ""
    said = "already says so" if new is not None else f"says{where} what was logged or used last"
    return Summary(lines=(f"The protocol {said}: nothing to log, nothing was changed.",), data={"amendments": []})


def _set(tree: Any, section: str, new: str) -> None:
    """Put `new` (read as YAML) where `section` points."""
    node = tree
    steps = section.split(".")
    for step in steps[:-1]:
        container, key = _step(node, step, section)
        if isinstance(container, dict) and key not in container:
            raise UsageError(f"The protocol has no section '{section}'. {suggest(step, map(str, container))}")
        node = container[key]
    container, key = _step(node, steps[-1], section)
    container[key] = protocol_file.tree_of(new, "--to") if new else None


def _by_hand(workspace: Workspace, tree: Any, section: str) -> list[tuple[str, str, str]]:
    """Return what differs within `section` from the protocol that was logged or used last.

    Where nothing does, return what was changed earlier and never logged: beside an amendment of another section, or
    before a command ran.
    """
    layout = workspace.layout
    name = layout.inside(layout.protocol)
    amendments = workspace.amendments()
    used = [entry.inputs[name] for entry in workspace.ledger() if name in entry.inputs]
    used += [row.sha256 for row in amendments]
    versions = [layout.protocol_versions / f"{digest}.yml" for digest in used]
    known = [path for path in versions if path.exists()]
    if not known:
        raise InputError("Nothing was done under this protocol yet: change it freely, there is nothing to log.")
    after = flat(protocol_file.plain(tree))
    first, last = _version(known[0]), _version(known[-1])
    logged = {**first, **{row.section: row.new for row in amendments}}
    for before in (last, logged):
        if found := [change for change in differences(before, after) if _within(change[0], section)]:
            return found
    return []


def _version(path: Path) -> dict[str, str]:
    return flat(protocol_file.plain(protocol_file.tree_of(protocol_file.text_of(path), path.name)))


def _within(part: str, section: str) -> bool:
    return not section or part == section or part.startswith(f"{section}.")
