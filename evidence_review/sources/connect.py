"""From a person's settings to a source: its address, its key, and a client at the right pace."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from evidence_review.errors import SourceError
from evidence_review.net.client import Client, Timing
from evidence_review.net.pace import Pace, pace_file
from evidence_review.net.talk import Talk
from evidence_review.sources.base import Access, Source
from evidence_review.workspace.settings import COMMON_KEYS, Settings


def access(source: Source, settings: Settings) -> Access:
    """Return how `source` is reached.

    Raises:
        SourceError: it needs a key and there is none; the message says where to put it.
    """
    key = settings.key(source.id)
    if source.needs_key and not key:
        name = (*COMMON_KEYS.get(source.id, ()), f"EVIDENCE_REVIEW_{source.id.upper()}_KEY")[0]
        raise SourceError(
            f"{source.name} answers only with a key. Put it into the environment as {name}, or into your settings file "
            f'under [keys] as {source.id} = "…"; never into the protocol.'
        )
    return unchecked_access(source, settings)


def unchecked_access(source: Source, settings: Settings) -> Access:
    """Return how `source` is reached, whether or not there is a key: enough to read its archive."""
    return Access(
        base=settings.url(source.id, source.home),
        key=settings.key(source.id),
        token=settings.key(f"{source.id}-token"),
        email=settings.email,
    )


def client(source: Source, settings: Settings, talk: Talk, timing: Timing | None = None) -> Client:
    """Return a client of `source` that shares its pace with every process of this machine."""
    key = settings.key(source.id)
    patience = timing or Timing()
    rate = patience.rate or (source.keyed_rate if key else source.rate)
    path = pace_file(_pace_folder(settings), source.id, settings.url(source.id, source.home), key)
    return Client(source.name, Pace(path, rate), rate, settings.secrets, talk, patience)


def _pace_folder(settings: Settings) -> Path:
    """Return the folder of the pace files, or one for passing files where the user's own cannot be written."""
    folder = settings.cache / "pace"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.gettempdir()) / "evidence-review-pace"
