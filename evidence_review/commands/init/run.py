"""Start a review folder: a protocol that explains itself, and a place for what belongs to it."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

from evidence_review.errors import InputError, UsageError
from evidence_review.summary import Summary
from evidence_review.workspace.layout import Layout
from evidence_review.workspace.workspace import Workspace

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
# Names of devices, which Windows gives to no file, whatever its ending:
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]", re.IGNORECASE)
_KNOWN_ITEMS = "title,doi,pmid,note\n"

# Own words for the parts of each framework. PICO: Richardson et al. 1995; SPICE: Booth 2006; SPIDER: Cooke et al. 2012.
_PARTS = {
    "PICO": (
        ("population", "who or what is studied"),
        ("intervention", "what is done, or what they are exposed to"),
        ("comparison", "with what it is compared; 'none' is an answer"),
        ("outcome", "what may change, and how it is measured"),
    ),
    "SPICE": (
        ("setting", "where: country, service, institution"),
        ("perspective", "for whom: patients, staff, partners, funders"),
        ("intervention", "what is done"),
        ("comparison", "with what it is compared; 'none' is an answer"),
        ("evaluation", "by what it is judged: effects, mechanisms, costs, experience"),
    ),
    "SPIDER": (
        ("sample", "whose experience is studied"),
        ("phenomenon", "what it is that they experience or do"),
        ("design", "how it is studied: interviews, survey, case study"),
        ("evaluation", "what is looked for: views, experience, outcomes"),
        ("research_type", "qualitative, quantitative or mixed"),
    ),
}


def run(folder: Path, name: str, title: str, framework: str) -> Summary:
    """Write `protocols/<name>.yml` and the folder beside it.

    Raises:
        UsageError: the name would not do as a file name everywhere.
        InputError: the review exists already.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"'{name}' cannot be a review's name: begin with a letter, then letters, digits, '-' and '_', at most 64."
        )
    if _DEVICES.fullmatch(name):
        raise UsageError(f"'{name}' cannot be a review's name: Windows has a device of that name. Take a longer one.")
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}. Make it first, or name another with '--folder'.")
    layout = Layout(folder.resolve(), name)
    if layout.protocol.exists():
        raise InputError(f"The review '{name}' exists already: {layout.protocol}. Nothing was changed.")
    text = template(name, title or "TO FILL IN: a title that says 'rapid review'", framework)
    command = ("init", name, "--framework", framework, *(("--title", title) if title else ()))
    with Workspace(layout, command).transaction("init", {"name": name, "framework": framework}) as change:
        change.write(layout.protocol, text.encode("utf-8"))
        change.write(layout.beside_protocol / "known-items.csv", _KNOWN_ITEMS.encode("utf-8"), keep_existing=True)
    place = layout.inside(layout.protocol)
    return Summary(
        lines=(
            f"Started the review '{name}'.",
            f"  {place}  the protocol: open it in an editor and fill it in, top to bottom",
            f"  {layout.inside(layout.beside_protocol)}/  put the export files of your databases here",
        ),
        data={"review": name, "protocol": place},
        next=f"fill in {place}, then 'evidence-review --review {name} protocol check'",
    )


def template(name: str, title: str, framework: str) -> str:
    """Return the commented protocol of a new review."""
    text = (resources.files(__package__) / "protocol.yml").read_text(encoding="utf-8")
    parts = "\n".join(f"    {key}: TO FILL IN  # {meaning}" for key, meaning in _PARTS[framework])
    return (
        text.replace("{review}", name)
        .replace("{title}", json.dumps(title, ensure_ascii=False))
        .replace("{framework}", framework)
        .replace("{parts}", parts)
    )
