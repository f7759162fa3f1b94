"""A document's citation as readers see it."""

from __future__ import annotations

from dataclasses import replace

from evidence_review.model.events import RETRACTED
from evidence_review.model.record import Citation
from evidence_review.state.snapshot import Snapshot
from evidence_review.state.standing import Standing


def printed(snapshot: Snapshot, standing: Standing, keeper: str) -> Citation:
    """Return the citation of the record that stands for a document; where any copy of it is retracted, it is, too.

    One source may know of a retraction that another does not, and the record that stands for a document may change.
    """
    citation = snapshot.records[keeper].citation
    copies = standing.clusters.members_of[keeper]
    known = any(RETRACTED in snapshot.records[copy].citation.status for copy in copies)
    if not known or RETRACTED in citation.status:
        return citation
    return replace(citation, status=(*citation.status, RETRACTED))
