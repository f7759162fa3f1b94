"""Pages and quotes of a row: one entry for all its values, or one a field, addressed `design: p. 3; country: p. 4`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence


def read(text: str, fields: Iterable[str], separator: str = "\n") -> dict[str, str]:
    """Return the entry of each field of a `pages` or `quotes` cell; what names no field stands under "".

    An entry begins with a field's id and a colon, at the start of the cell, of a line, or after `separator`.
    """
    names = "|".join(re.escape(name) for name in sorted(fields, key=len, reverse=True))
    if not text.strip():
        return {}
    if not names:
        return {"": text.strip()}
    start = re.compile(rf"(?:^|[\n{re.escape(separator)}])\s*({names})\s*:\s*", re.IGNORECASE)
    found = list(start.finditer(text))
    own = {name.casefold(): name for name in fields}
    first = found[0].start() if found else len(text)
    entries = {"": text[:first].strip(" \n;")} if text[:first].strip(" \n;") else {}
    for place, match in enumerate(found):
        end = found[place + 1].start() if place + 1 < len(found) else len(text)
        entries[own[match[1].casefold()]] = text[match.end() : end].strip(" \n;" if separator == ";" else " \n")
    return entries


def write(entries: Mapping[str, str], filled: Sequence[str]) -> str:
    """Return a cell from each filled field's page or quote; one plain entry where all are the same."""
    said = [entries.get(name, "") for name in filled]
    if not any(said):
        return ""
    if len(set(said)) == 1:
        return said[0]
    return "\n".join(f"{name}: {entry}" for name, entry in zip(filled, said, strict=True) if entry)
