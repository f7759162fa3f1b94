"""Which runs a person means who wants to take a file back: by the run's name, the file's bytes, or the file's name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from evidence_review.errors import InputError, UsageError, suggest
from evidence_review.formats.inputs import members
from evidence_review.model.events import TakenBack
from evidence_review.model.search_run import SearchRun
from evidence_review.workspace.disk import sha256_file
from evidence_review.workspace.layout import Layout
from evidence_review.workspace.workspace import Workspace

API = "api"


def meant(workspace: Workspace, what: str, source: str) -> tuple[list[SearchRun], list[TakenBack]]:
    """Return the runs that `what` names and that stand, and, where none does, how those were taken back that it named.

    Raises:
        UsageError: it names no run, or several, or one that asked a service.
    """
    standing = workspace.runs()
    former = workspace.taken_back()
    hashes = _hashes(what)
    chosen = _chosen(standing, what, hashes, workspace.layout)
    before = _chosen([run for _, run in former], what, hashes, workspace.layout)
    if source:
        named = [*chosen, *before]
        chosen = [run for run in chosen if run.source == source]
        before = [run for run in before if run.source == source]
        if named and not (chosen or before):
            loaded = sorted({run.source for run in named})
            raise UsageError(f"'{what}' was not loaded for '{source}'. {suggest(source, loaded)}")
    if not chosen and not before:
        raise UsageError(f"No file or run '{what}' was loaded. {_there(standing)}")
    if asked := next((run for run in chosen if run.via == API), None):
        raise UsageError(
            f"Run {asked.id} asked {asked.source} itself: it is no file that was loaded by mistake. Where its strategy "
            "was wrong, amend the protocol and search again; its records stay, and the report says so."
        )
    if len(chosen) > 1 and not _one_archive(chosen, hashes):
        told = "; ".join(f"{run.id} for {run.source} ({_named(run)}, {run.starts} record starts)" for run in chosen)
        several = len({run.source for run in chosen}) == len(chosen)
        remedy = "Name the run" + (", or the source with --source." if several else ".")
        raise UsageError(f"'{what}' was loaded {len(chosen)} times: {told}. {remedy}")
    others = [run.source for run in before if run.source not in {one.source for one in chosen}]
    if chosen and others and not source:
        # Typed a second time, the command that took the wrong one back must not take the right one.
        raise UsageError(
            f"'{what}' was taken back for {others[-1]} already, and is loaded for {chosen[0].source} (run "
            f"{chosen[0].id}). If that is to be taken back, too, add --source {chosen[0].source}."
        )
    return chosen, [event for event, run in former if run in before] if not chosen else []


def _hashes(what: str) -> frozenset[str]:
    """Return the sha256 of the file, or of each file of the archive; none where there is no such file."""
    path = Path(what)
    if not path.is_file():
        return frozenset()
    found = {sha256_file(path)}
    try:
        for member in members([path]):
            if member.path is None:
                found.add(hashlib.sha256(member.read()).hexdigest())
    except InputError:
        pass  # no archive that can be read: the file's own bytes are known
    return frozenset(found)


def _chosen(runs: Sequence[SearchRun], what: str, hashes: frozenset[str], layout: Layout) -> list[SearchRun]:
    """Return the runs of that name; else those of these bytes; else those whose file had that name."""
    by_run = [run for run in runs if run.id == what]
    if by_run:
        return by_run
    by_bytes = [run for run in runs if any(digest in hashes for _, digest in run.files)]
    if by_bytes:
        return by_bytes
    full = Path(what).resolve()
    inside = layout.inside(full) if full.is_relative_to(layout.folder) else what
    whole = [run for run in runs if any(name in (what, inside) for name, _ in run.files) and run.via != API]
    wanted = what.replace("\\", "/")
    return whole or [
        run for run in runs if run.via != API and any(PurePosixPath(name).name == wanted for name, _ in run.files)
    ]


def _one_archive(runs: Sequence[SearchRun], hashes: frozenset[str]) -> bool:
    """Whether the runs are the several files of one archive, loaded once for one source."""
    digests = [digest for run in runs for _, digest in run.files]
    alone = len({run.source for run in runs}) == 1 and len(digests) == len(set(digests))
    return alone and len(hashes) > 1 and hashes.issuperset(digests)


def _named(run: SearchRun) -> str:
    return run.files[0][0] if run.files else "no file"


def _there(runs: Sequence[SearchRun]) -> str:
    """Say what there is to take back."""
    loaded = [run for run in runs if run.via != API]
    if not loaded:
        return "Nothing was loaded yet."
    shown = "; ".join(f"{_named(run)} ({run.id}, for {run.source})" for run in loaded[-8:])
    return f"There are: {shown}." if len(loaded) <= 8 else f"The last ones: {shown}."
