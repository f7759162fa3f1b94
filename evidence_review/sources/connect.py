"""From a person's settings to a source: its address, its key, and a client at the right pace."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Protocol

from evidence_review.errors import SourceError
from evidence_review.net.client import Client, Timing
from evidence_review.net.pace import Pace, Rate, pace_file
from evidence_review.net.talk import Talk
from evidence_review.sources.base import Access
from evidence_review.workspace.settings import COMMON_KEYS, Settings


class Reached(Protocol):
    """What is needed to reach a service: the part of a source that has nothing to do with searching."""

    @property
    def id(self) -> str:
        """Its id in the settings."""

    @property
    def name(self) -> str:
        """Its name for people."""

    @property
    def home(self) -> str:
        """Its usual base address."""

    @property
    def rate(self) -> Rate:
        """How often it may be asked without a key."""

    @property
    def keyed_rate(self) -> Rate:
        """How often it may be asked with one."""

    @property
    def needs_key(self) -> bool:
        """Whether it answers nobody without a key."""


def access(source: Reached, settings: Settings) -> Access:
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


def unchecked_access(source: Reached, settings: Settings) -> Access:
    """Return how `source` is reached, whether or not there is a key: enough to read its archive."""
    return Access(
        base=settings.url(source.id, source.home),
        key=settings.key(source.id),
        token=settings.key(f"{source.id}-token"),
        email=settings.email,
    )


def client(source: Reached, settings: Settings, talk: Talk, timing: Timing | None = None) -> Client:
    """Return a client of `source` that shares its pace with every process of this machine."""
    key = settings.key(source.id)
    patience = timing or Timing()
    rate = patience.rate or (source.keyed_rate if key else source.rate)
    path = pace_file(_pace_folder(settings), source.id, settings.url(source.id, source.home), key)
    return Client(source.name, Pace(path, rate), rate, settings.secrets, talk, patience)


def visitor(host: str, settings: Settings, talk: Talk, timing: Timing | None = None) -> Client:
    """Return a client for a web server that is nobody's source: one request a second, and no secret goes along."""
    patience = timing or Timing()
    rate = patience.rate or Rate(1, 1.0, at_once=1)
    path = pace_file(_pace_folder(settings), "full-text", host, "")
    return Client(host, Pace(path, rate), rate, (), talk, patience)


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
