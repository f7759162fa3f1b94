"""Sentences whose numbers are counts: the words have places for them, and nobody types a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from evidence_review.state.flow import Count


@dataclass(frozen=True, slots=True)
class Told:
    """Words with `{name}` where a number goes, and the count for each name."""

    words: str
    counts: Mapping[str, Count] = field(default_factory=dict)

    def text(self, show: Callable[[str, Count], str] = lambda name, count: f"{count.n:,}") -> str:
        """Return the sentence; `show` writes one number."""
        if not self.counts:
            return self.words
        return self.words.format(**{name: show(name, count) for name, count in self.counts.items()})

    def __str__(self) -> str:
        """The sentence with English numbers."""
        return self.text()


def some(key: str, ids: tuple[str, ...] | list[str], unit: str = "records") -> Count:
    """Return the count of `ids`."""
    return Count(key, unit, len(ids), tuple(ids))


def literal(text: str) -> str:
    """Return text for the words of a `Told`, its braces being braces."""
    return text.replace("{", "{{").replace("}", "}}")
