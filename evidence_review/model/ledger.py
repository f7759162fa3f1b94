"""The ledger: one line per run of a command that changed something, chained by hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What one run of a command read, wrote and counted.

    `seq` counts from 1; `command` is what was typed after `evidence-review` and its options, paths outside the folder
    cut to their names; `arguments` what the verb made of it; `inputs` and `outputs` map a path inside the review folder
    to the sha256 of its bytes (for a file that grows, of the whole file after the run); `previous` is the `hash` of the
    entry before; `hash` covers all other fields in canonical JSON.
    """

    seq: int
    verb: str
    when: str
    version: str
    command: Sequence[str]
    arguments: Mapping[str, Any]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    counts: Mapping[str, Any]
    previous: str
    hash: str = ""

    @property
    def run(self) -> str:
        """The name by which other files refer to this run: `0003-load`."""
        return run_name(self.seq, self.verb)


def run_name(seq: int, verb: str) -> str:
    """Return the name of the `seq`th run, a run of `verb`."""
    return f"{seq:04d}-{verb}"


def seal(entry: LedgerEntry) -> str:
    """Return the sha256 over every field but `hash`, in canonical JSON (sorted keys, no spaces, UTF-8)."""
    data = asdict(entry)
    del data["hash"]
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def chain_faults(entries: list[LedgerEntry]) -> list[tuple[int, str]]:
    """Return (seq, what is wrong) for each entry that does not follow from the one before."""
    faults = []
    previous = GENESIS
    for place, entry in enumerate(entries, start=1):
        if entry.seq != place:
            faults.append((entry.seq, f"stands at line {place}: an entry was taken out, added or moved"))
        if entry.previous != previous:
            faults.append((entry.seq, "does not follow the entry before it"))
        if seal(entry) != entry.hash:
            faults.append((entry.seq, "was changed after it was written"))
        previous = entry.hash
    return faults
