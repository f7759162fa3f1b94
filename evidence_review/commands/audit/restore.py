"""Putting back what a run wrote that asked a service, for nobody can be sure that it would answer the same again.

A file of the library that only grows is put back as long as it was then: its beginning has the hash that the ledger
holds. What a later run wrote over is left to that run.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from evidence_review.commands.audit.codes import Codes
from evidence_review.errors import IdentityError
from evidence_review.model.ledger import GENESIS, LedgerEntry, seal
from evidence_review.workspace.disk import sha256_file
from evidence_review.workspace.layout import Layout

# Commands whose answers come from services, or whose input is a copy that no bundle holds.
ASKING = (
    ("search",), ("chase",), ("zotero",), ("update",), ("fulltext", "locate"), ("fulltext", "fetch"),
    ("fulltext", "add"),
)  # fmt: skip

_WORDS = (".csv", ".json", ".jsonl", ".md", ".yml")


def asks(entry: LedgerEntry) -> bool:
    """Whether a run asked a service, or wrote into the account of one that did."""
    asked = any(tuple(entry.command[: len(words)]) == words for words in ASKING)
    return asked or bool(entry.counts.get("handed to services"))


def restore(
    original: Layout,
    layout: Layout,
    entry: LedgerEntry,
    copies: Mapping[str, Path],
    later: Collection[str],
    codes: Codes | None = None,
) -> None:
    """Put back what `entry` wrote, and its line in the ledger. `later` are the files that later runs write again.

    Raises:
        IdentityError: a file is not in the bundle as the run left it.
    """
    if codes:
        entry = _coded(original, layout, entry, copies, codes)
    for name, digest in entry.outputs.items():
        target, kept = layout.folder / name, original.folder / name
        if original.fulltext in kept.parents:
            continue
        if target.exists() and sha256_file(target) == digest:
            continue
        source = copies.get(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source is not None:
            shutil.copyfile(source, target)
        elif (size := _beginning(kept, digest)) is not None:
            with kept.open("rb") as stream:
                target.write_bytes(stream.read(size))
        elif name not in later:
            raise IdentityError(f"What run {entry.run} wrote into {name} is not in the bundle.")
    line = json.dumps({name: getattr(entry, name) for name in LedgerEntry.__dataclass_fields__}, ensure_ascii=False)
    with layout.ledger.open("ab") as out:
        out.write((line + "\n").encode("utf-8"))


def _coded(
    original: Layout, layout: Layout, entry: LedgerEntry, copies: Mapping[str, Path], codes: Codes
) -> LedgerEntry:
    """Return a run with codes for names, sealed anew behind the runs before it; write what it left that named
    people: its version of the protocol, and who brought a copy or accepted a search as it stood.
    """
    outputs = dict(entry.outputs)
    for name, digest in entry.outputs.items():
        kept = _kept(original.folder / name, digest, copies) if _may_name_people(original, name) else b""
        if kept and codes.found_in(kept):
            data = codes.data(kept)
            fresh = hashlib.sha256(data).hexdigest()
            target = layout.folder / name
            if target.parent == layout.protocol_versions:
                del outputs[name]
                target = target.with_name(f"{fresh}.yml")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            outputs[layout.inside(target)] = fresh
    before = layout.ledger.read_text(encoding="utf-8").splitlines() if layout.ledger.exists() else []
    changed = replace(
        entry,
        command=codes.value(list(entry.command)),
        arguments=codes.value(dict(entry.arguments)),
        outputs=outputs,
        previous=json.loads(before[-1])["hash"] if before else GENESIS,
    )
    return replace(changed, hash=seal(changed))


def _may_name_people(original: Layout, name: str) -> bool:
    """Whether a file may have people in it, and may be changed: what came from elsewhere stays as it came."""
    path = original.folder / name
    as_it_came = original.searches in path.parents and path.name != "manifest.json"
    return path.suffix in _WORDS and path.parent != original.imports and path != original.records and not as_it_came


def _kept(path: Path, digest: str, copies: Mapping[str, Path]) -> bytes:
    """Return a file as it was when it had this sha256, nothing where it is not to be had."""
    if digest in copies:
        return copies[digest].read_bytes()
    size = _beginning(path, digest)
    return path.read_bytes()[:size] if size is not None else b""


def _beginning(path: Path, digest: str) -> int | None:
    """Return how many bytes of a file, in whole lines, have this sha256."""
    if not path.is_file():
        return None
    running, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        for line in stream:
            running.update(line)
            size += len(line)
            if running.hexdigest() == digest:
                return size
    return None
