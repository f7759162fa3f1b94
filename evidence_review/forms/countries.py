"""Countries and territories of ISO 3166-1, by name, code or usual other name, to one English short name."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from evidence_review.errors import suggest
from evidence_review.forms.fault import CellFault


@cache
def _names() -> Mapping[str, str]:
    """Return every known spelling, loosened, with the name it stands for. `data/countries.csv` holds them."""
    text = (resources.files("evidence_review.forms") / "data" / "countries.csv").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for row in csv.DictReader(text.splitlines()):
        for spelling in (row["name"], row["alpha2"], row["alpha3"], *row["also"].split("|")):
            if spelling:
                found[_loose(spelling)] = row["name"]
    return MappingProxyType(found)


def _loose(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(mark for mark in plain if not unicodedata.combining(mark)).casefold().replace("&", " and ")
    words = "".join(mark if mark.isalnum() else " " for mark in letters.replace("'", "").replace("\u2019", "")).split()
    return " ".join(words[1:] if words[:1] == ["the"] else words)


def find(text: str) -> str | None:
    """Return the name of a country, or None where it is not known."""
    return _names().get(_loose(text))


def name(text: str) -> str:
    """Return the name of a country.

    Raises:
        CellFault: no country is called so.
    """
    found = find(text)
    if found is None:
        raise CellFault(
            f"'{text}' is not a country of ISO 3166",
            suggest(text, _names().values()) or "Write its English name or its code; several with ';' between.",
        )
    return found
