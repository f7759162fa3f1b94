"""The words of the diagram and the headings, one catalogue a language; English fills what another lacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from evidence_review.errors import UsageError, suggest

_FOLDER = resources.files("evidence_review.commands.report") / "data" / "labels"
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Labels:
    """Words by key in one language. `code` is its BCP 47 code."""

    code: str
    words: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return the words of a key, with values filled in."""
        text = self.words[key]
        return text.format(**values) if values else text

    def number(self, value: int) -> str:
        """Return a whole number, its thousands parted as the language does; Spanish leaves four digits together."""
        if abs(value) < int(self.words["number.least"]):
            return str(value)
        return f"{value:,}".replace(",", self.words["number.group"])

    def n(self, value: int) -> str:
        """Return `(n = 1,001)`, which no line break parts."""
        return f"(n\u00a0=\u00a0{self.number(value)})"


def languages() -> list[str]:
    """Return the codes of the languages there are."""
    return sorted(item.name.removesuffix(".json") for item in _FOLDER.iterdir() if item.name.endswith(".json"))


@lru_cache(maxsize=16)
def labels(code: str = DEFAULT) -> Labels:
    """Return the words of a language (`pt-BR` is Portuguese).

    Raises:
        UsageError: there is no such catalogue.
    """
    short = code.strip().lower().split("-")[0].split("_")[0]
    if short not in languages():
        raise UsageError(f"There is no language '{code}' for reports. {suggest(short, languages())}")
    words = json.loads((_FOLDER / f"{DEFAULT}.json").read_text(encoding="utf-8"))
    words |= json.loads((_FOLDER / f"{short}.json").read_text(encoding="utf-8"))
    return Labels(short, words)
