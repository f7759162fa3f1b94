"""Several names in one cell: taken apart by what parts them, in the styles that tables have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from evidence_review import text

# How lists of names end that go on, and what DBLP puts after names of several people: "Wei Wang 0001".
_CUT = re.compile(r"[,;\s]*(?:\.\.\.|\u2026)\s*$")
_COUNTED_NAME = re.compile(r"(?<=\w)\s\d{4}(?=\s*(?:[,;|]|\sand\s|$))")
_QUOTED = re.compile(r"""(['"])(.*?)\1(?=\s*[,\]])""")
_ONLY_INITIALS = re.compile(r"(?:[^\W\d_]\.?[ -]?){1,4}")


# The style of a table whose commas part people, not the names of each.
BY_COMMAS = "people by commas"
_FEWEST = 3


def style(cells: Iterable[str]) -> str:
    """Return how a table's cells write people: `BY_COMMAS`, or "" where that cannot be told.

    "Ivo Maran, Lena Stoll" may be two people or one of two family names; what the other cells say decides.
    """
    lists = names = 0
    for cell in cells:
        parts = _parted(cell)
        parted = any(separator in cell for separator in (";", "|", "\n", " and ", " & "))
        if len(parts) > 2 and not parted and all(" " in part and not _surname_initials(part) for part in parts):
            lists += 1
        elif len(parts) > 1 and (parted or (len(parts) == 2 and not all(" " in part for part in parts))):
            names += 1
    return BY_COMMAS if lists >= _FEWEST and lists > 10 * names else ""


def split_people(cell: str, dialect: str = "") -> list[str]:
    """Take a cell of names apart: by semicolons, pipes, line ends or " and "; by commas only where nothing else is."""
    cell = cell.strip().strip(";").strip()
    if cell.startswith("[") and (quoted := _QUOTED.findall(cell)):
        # A list as programs print it: ['Emma Kelly', 'Kei Ito'].
        return [name.strip() for _, name in quoted if name.strip()]
    if ("..." in cell or "\u2026" in cell) and _CUT.search(cell):
        return [*split_people(_CUT.sub("", cell), dialect), "et al."]
    cell = _COUNTED_NAME.sub("", cell)
    for separator in (";", "|", "\n"):
        if separator in cell:
            return [name.strip() for name in cell.split(separator) if name.strip()]
    if " & " in cell and "," in cell:
        cell = re.sub(r",?\s+&\s+", " and ", cell)
    if re.search(r"\s+and\s+", cell) and (
        dialect == "rayyan" or cell.count(",") > cell.count(" and ") or "," not in cell
    ):
        names = re.split(r"\s+and\s+", cell)
        # Among people with commas a group is one of them; alone it may have an "and" of its own.
        if all(map(_one_person, names)) or any("," in name and _one_person(name) for name in names):
            return [one for name in names if name.strip() for one in _in_turns(_parted(name)) or [name.strip()]]
    parts = _with_suffixes(_parted(cell))
    if len(parts) > 1 and all(_surname_initials(part) or _INITIALS_SURNAME.fullmatch(part) for part in parts):
        return parts
    groups = [part for part in parts if " " in part and text.person(part).literal]
    people = [part for part in parts if part not in groups]
    if groups and people and all(map(_surname_initials, people)):
        return parts
    if dialect == BY_COMMAS and len(parts) == 2 and all(" " in part for part in parts):
        return parts
    if len(parts) > 2 and all(" " in part for part in parts) and len(people) > 2 * len(groups):
        return parts
    return _in_turns(parts) or ([cell] if cell else [])


def _parted(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(",") if part.strip()]


_TWO_IN_TURNS = 4


def _in_turns(parts: Sequence[str]) -> list[str]:
    """Return the names of a list in which family and given name take turns: Kelly, E.M., Ito, K."""
    if len(parts) < _TWO_IN_TURNS:
        return []
    last = parts[-1:] if parts and text.is_et_al(parts[-1]) else []
    parts = parts[: len(parts) - len(last)]
    families, given = parts[::2], parts[1::2]
    if len(parts) < _TWO_IN_TURNS or len(parts) % 2 or text.person(", ".join(parts)).literal:
        return []
    # In full only where no family has two words: else these may be people, one between any two commas.
    if not all(map(_ONLY_INITIALS.fullmatch, given)) and any(" " in name for name in families):
        return []
    return [*(f"{family}, {first}" for family, first in zip(families, given, strict=True)), *last]


def _with_suffixes(parts: list[str]) -> list[str]:
    """Put a `Jr` that stands between commas back to its name: `Smith J, Jr, Doe A`."""
    found: list[str] = []
    for part in parts:
        if found and _SUFFIX.fullmatch(part) and " " in found[-1]:
            found[-1] += f" {part}"
        else:
            found.append(part)
    return found


_SUFFIX = re.compile(r"(?:Jr|Sr|I{2,3}|2nd|3rd)\.?", re.IGNORECASE)
_WITH_INITIALS = re.compile(r"\S.*\s(?:[A-Z]\.?-?){1,4}(?:,?\s?(?:Jr|Sr|I{2,3})\.?)?|\W*et al\.?", re.DOTALL)


_INITIALS_SURNAME = re.compile(r"(?:[A-Z]{1,3}[. -]\s?){1,3}[^\W\d_][\w'\u2019-]+(?: [^\W\d_][\w'-]+)?")


def _surname_initials(part: str) -> bool:
    return _WITH_INITIALS.fullmatch(part) is not None


def _one_person(name: str) -> bool:
    return (name.count(",") <= 2 and not text.person(name.strip()).literal) or " " not in name.strip()
