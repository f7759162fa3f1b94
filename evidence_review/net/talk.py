"""What a person sees while a source is asked: progress and waits. Commands pass one in; the default is silent."""

from __future__ import annotations

from typing import Protocol


class Talk(Protocol):
    """Somebody who is told what happens."""

    def say(self, text: str) -> None:
        """Take a sentence that a person should see now."""

    def progress(self, source: str, done: int, total: int | None) -> None:
        """Take note that `done` of `total` records of a source have been fetched."""


class Quiet:
    """Tells nobody."""

    def say(self, text: str) -> None:
        """Do nothing."""

    def progress(self, source: str, done: int, total: int | None) -> None:
        """Do nothing."""
