"""How a record notes the files that are attached to its Zotero item: `Zotero attachment ABCD2345: paper.pdf`."""

from __future__ import annotations

import re

_NOTE = re.compile(r"Zotero attachment ([23456789A-Z]{8}): (.+)")


def note(key: str, name: str) -> str:
    """Return the note for an attachment with this key and file name."""
    return f"Zotero attachment {key}: {name}"


def read(text: str) -> tuple[str, str] | None:
    """Return the key and file name that a note tells of, None where it is about something else."""
    found = _NOTE.fullmatch(text.strip())
    return (found[1], found[2]) if found else None
