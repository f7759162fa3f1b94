"""The seeds of a run, kept beside its archive, so that the same question can be asked, or answered, again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from evidence_review.errors import StorageError
from evidence_review.model.search_run import SearchRun
from evidence_review.sources.citing.base import Seed
from evidence_review.workspace.layout import Layout
from evidence_review.workspace.transaction import Transaction, encode_json


def _path(layout: Layout, run: SearchRun) -> Path:
    return layout.searches / run.source / run.id / "seeds.json"


def write(tx: Transaction, layout: Layout, run: SearchRun, followed: Sequence[Seed], nameless: Sequence[Seed]) -> None:
    """Keep the seeds that a run follows, and those that it cannot follow for want of an identifier."""
    data = {"followed": [asdict(seed) for seed in followed], "nameless": [asdict(seed) for seed in nameless]}
    tx.write(_path(layout, run), encode_json(data))


def read(layout: Layout, run: SearchRun) -> tuple[tuple[Seed, ...], tuple[Seed, ...]]:
    """Return the seeds that a run follows, and those that it cannot follow.

    Raises:
        StorageError: the file is gone or damaged.
    """
    path = _path(layout, run)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        followed, nameless = (tuple(Seed(**seed) for seed in data[name]) for name in ("followed", "nameless"))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise StorageError(f"{path} is damaged or gone ({fault}): put it back from a backup.") from fault
    return followed, nameless
