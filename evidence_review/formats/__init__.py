"""Bibliographic files: what they are, what they hold, and how they are written.

`detect` says what a file is. `open_file` (or `open_bytes`) gives a `Reading`: iterate over it for `Parsed` and
`Rejected`, one for each record start; what is no record start is counted in its `asides`. `WRITERS` writes records.
"""

from __future__ import annotations

from evidence_review.formats.detect import Detection, detect
from evidence_review.formats.opening import open_bytes, open_file
from evidence_review.formats.readers import FORMATS
from evidence_review.formats.reading import Reading

__all__ = ["FORMATS", "Detection", "Reading", "detect", "open_bytes", "open_file"]
