"""Corrections: what a source says of a record now, beside the record as it came."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import screening_reviews as reviews

from evidence_review.errors import StorageError
from evidence_review.model.events import Correction
from evidence_review.model.record import Citation, citation_to_dict


def test_the_last_correction_counts_and_the_record_as_it_came_stays(tmp_path: Path) -> None:
    """Reading gives the corrected citation; `records.jsonl` does not change."""
    workspace = reviews.make(tmp_path, records=2)
    first, second = workspace.records()
    came = workspace.layout.records.read_bytes()
    for title in ("Wrong", 'Right, with "quotes"\nand a second line'):
        text = json.dumps(citation_to_dict(Citation(title=title)))
        with workspace.transaction("zotero") as change:
            change.add_events([Correction(first.id, text, "edited", "zotero", change.when)])
    now = list(workspace.records())
    assert [record.citation.title for record in now] == [
        'Right, with "quotes"\nand a second line',
        second.citation.title,
    ]
    assert (now[0].raw, now[0].run) == (first.raw, first.run)
    assert workspace.snapshot().records[first.id] == now[0]
    assert workspace.layout.records.read_bytes() == came


def test_a_damaged_correction_is_named(tmp_path: Path) -> None:
    """With the record and the file."""
    workspace = reviews.make(tmp_path, records=1)
    (record,) = workspace.records()
    with workspace.transaction("zotero") as change:
        change.add_events([Correction(record.id, '{"titel": ', "", "zotero", change.when)])
    with pytest.raises(StorageError, match=rf"{record.id} in corrections.csv"):
        list(workspace.records())
