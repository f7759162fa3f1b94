"""Sentences whose numbers are counts: the words have places for them, and nobody types a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence_review.state.flow import Count


class _Shown:
    """A written number, followed by its noun where the place asks for one: `{n:record|records}`."""

    def __init__(self, n: int) -> None:
        self._n = n

    def __format__(self, spec: str) -> str:
        return f"{self._n:,}\u00a0{noun(spec, self._n)}" if spec else f"{self._n:,}"


def noun(forms: str, n: int) -> str:
    """Return the right one of `record|records`."""
    one, _, many = forms.partition("|")
    return one if n == 1 else many or f"{one}s"


@dataclass(frozen=True, slots=True)
class Told:
    """Words with `{name}` or `{name:record|records}` where a number goes, and the count for each name."""

    words: str
    counts: Mapping[str, Count] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence with English numbers."""
        if not self.counts:
            return self.words
        return self.words.format(**{name: _Shown(count.n) for name, count in self.counts.items()})


def some(key: str, ids: tuple[str, ...] | list[str], unit: str = "records") -> Count:
    """Return the count of `ids`."""
    return Count(key, unit, len(ids), tuple(ids))


def literal(text: str) -> str:
    """Return text for the words of a `Told`, its braces being braces."""
    return text.replace("{", "{{").replace("}", "}}")
