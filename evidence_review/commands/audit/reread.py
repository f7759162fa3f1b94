"""Reading the archived replies again: the records of each search and each list of citations must come out the same.

It happens in a copy of the whole review from which those records were taken, under the protocol that held at the time
of the run. Afterwards the same records must be there again, and no account of a run may have changed.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from evidence_review.commands.audit.run_again import run_again
from evidence_review.errors import IdentityError
from evidence_review.model.ledger import LedgerEntry
from evidence_review.model.search_run import SearchRun
from evidence_review.workspace.disk import sha256_file
from evidence_review.workspace.layout import Layout
from evidence_review.workspace.records import heads
from evidence_review.workspace.workspace import Workspace

_ZOTERO = "zotero"
_SINCE = re.compile(r"added since (\d{4}-\d\d-\d\d)")


def reread(original: Workspace, folder: Path) -> int:
    """Make the records of every archived run again in the empty `folder`; return how many runs there are.

    Raises:
        IdentityError: another record or count comes out; the file is named.
    """
    # A library that people keep is no archive: what was read of it is taken as it was written.
    archived = [run for run in original.runs() if run.via == "api" and run.format != _ZOTERO]
    if not archived:
        return 0
    layout = Layout(folder, original.layout.review)
    for part in ("protocols", "library"):
        shutil.copytree(original.layout.folder / part, folder / part, dirs_exist_ok=True)
    entries = original.ledger()
    expected = _taken_out(layout, {run.id for run in archived})
    accounts = _accounts(layout)
    for protocol, words in _readings(original, archived, entries):
        if protocol is not None:
            shutil.copyfile(protocol, layout.protocol)
        run_again(layout, words, entries[-1].when)
    name = layout.inside(layout.records)
    handed_on = _handed_on(original)
    for identifier, digest in _lines(layout, {run.id for run in archived}).items():
        before = expected.pop(identifier, "")
        if before != digest and not (before and identifier in handed_on):
            raise IdentityError(f"Read again, the archived replies give another record {identifier} in {name}.")
    if expected:
        raise IdentityError(f"Read again, the archived replies do not give record {next(iter(expected))} in {name}.")
    for name, digest in _accounts(layout).items():
        if accounts.get(name) != digest:
            raise IdentityError(f"Read again, the archived replies give another {name}.")
    return len(archived)


def _handed_on(original: Workspace) -> set[str]:
    """Return the records that a file which was taken back brought: a search that found them has them as it did."""
    taken = original.gone().runs
    return {head.id for head, _ in heads(original.layout.records) if (head.source, head.run) in taken}


def _lines(layout: Layout, runs: Collection[str]) -> dict[str, str]:
    """Return the sha256 of each record's line, by record id, of those that these runs brought."""
    found = {}
    if layout.records.exists():
        with layout.records.open("rb") as stream:
            for line in stream:
                record = json.loads(line)
                if record["run"] in runs:
                    found[str(record["id"])] = hashlib.sha256(line).hexdigest()
    return found


def _taken_out(layout: Layout, runs: Collection[str]) -> dict[str, str]:
    """Take the records of these runs out of the copy; return what `_lines` said of them."""
    expected = _lines(layout, runs)
    if expected:
        kept = [
            line
            for line in layout.records.read_bytes().splitlines(keepends=True)
            if json.loads(line)["run"] not in runs
        ]
        layout.records.write_bytes(b"".join(kept))
    return expected


def _readings(
    original: Workspace, archived: Sequence[SearchRun], entries: Sequence[LedgerEntry]
) -> Iterator[tuple[Path | None, list[str]]]:
    """Yield (protocol, command) so that every archived run is read once."""
    name = original.layout.inside(original.layout.protocol)
    done = set()
    for run in archived:
        if run.route == "citation" and run.source.startswith("citation-"):
            continue
        entry = next((entry for entry in entries if entry.run == run.id.split(".")[0]), None)
        digest = entry.inputs.get(name, "") if entry else ""
        protocol = original.layout.protocol_versions / f"{digest}.yml"
        since = _SINCE.search(run.limits)
        words = ["search", "--offline", "--source", run.source, *(("--since", since[1]) if since else ())]
        if (digest, *words) not in done:
            done.add((digest, *words))
            yield (protocol if protocol.is_file() else None), words
    if any(run.source.startswith("citation-") for run in archived):
        yield None, ["chase", "--offline"]


def _accounts(layout: Layout) -> dict[str, str]:
    """Return the sha256 of each run's account, and of the links between documents."""
    paths = [*layout.searches.glob("*/*/manifest.json"), *([layout.citations] if layout.citations.exists() else ())]
    return {layout.inside(path): sha256_file(path) for path in paths}
