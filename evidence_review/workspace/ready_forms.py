"""Ready-made extraction forms: shipped as data, or a team's own beside the protocol."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from evidence_review.errors import Problem, suggest


def names(own: Path | None = None) -> list[str]:
    """Return the ids of all ready-made forms, those in the folder `own` too."""
    folder = resources.files("evidence_review") / "forms" / "data" / "forms"
    found = {entry.name.removesuffix(".yml") for entry in folder.iterdir() if entry.name.endswith(".yml")}
    if own is not None and own.is_dir():
        found |= {path.stem for path in own.glob("*.yml")}
    return sorted(found)


def load(identifier: str, own: Path | None = None) -> Any:
    """Return a form as the YAML of a protocol would have it.

    Raises:
        KeyError: there is no such form.
        ValueError: it is no valid YAML.
    """
    if identifier not in names(own):
        raise KeyError(identifier)
    if own is not None and (path := own / f"{identifier}.yml").is_file():
        text = path.read_text(encoding="utf-8-sig")
    else:
        file = resources.files("evidence_review") / "forms" / "data" / "forms" / f"{identifier}.yml"
        text = file.read_text(encoding="utf-8")
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as fault:
        raise ValueError(f"form '{identifier}' is not valid YAML: {str(fault).splitlines()[0]}") from None


def resolve(data: Any, own: Path, where: str) -> list[Problem]:
    """Put a ready-made form in the place of its id under `extraction.form`; return what is wrong with the id.

    `data` is the whole protocol as plain values and is changed in place.
    """
    extraction = data.get("extraction") if isinstance(data, dict) else None
    if not isinstance(extraction, dict) or not isinstance(extraction.get("form"), str):
        return []
    identifier = extraction["form"]
    try:
        extraction["form"] = load(identifier, own)
    except KeyError:
        del extraction["form"]
        known = names(own)
        return [Problem(where, f"there is no ready-made form '{identifier}'", suggest(identifier, known))]
    except ValueError as fault:
        del extraction["form"]
        return [Problem(where, str(fault), "Mend the file, or take another form.")]
    return []
