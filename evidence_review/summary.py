"""What a command says when it is done: words for people on stderr or stdout, data for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of one run of a verb.

    `lines` are for people, most important first; `data` is what `--json` prints; `next` the command that would go on
    from here; `exit_code` is 0 unless the verb did its work and still has bad news (3: a source is incomplete).
    """

    lines: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    next: str = ""
    exit_code: int = 0


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun in the right number: `1 study`, `1,204 records`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
